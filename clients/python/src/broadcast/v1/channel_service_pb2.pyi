import datetime

from broadcast.v1 import authorization_pb2 as _authorization_pb2
from broadcast.v1 import channel_pb2 as _channel_pb2
from broadcast.v1 import channel_pair_pb2 as _channel_pair_pb2
from broadcast.v1 import client_pb2 as _client_pb2
from broadcast.v1 import entry_pb2 as _entry_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChannelPairItem(_message.Message):
    __slots__ = ("channel_pair", "entry")
    CHANNEL_PAIR_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    channel_pair: _channel_pair_pb2.ChannelPair
    entry: _entry_pb2.Entry
    def __init__(self, channel_pair: _Optional[_Union[_channel_pair_pb2.ChannelPair, _Mapping]] = ..., entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ...) -> None: ...

class CreateChannelPairRequest(_message.Message):
    __slots__ = ("client_id", "open_channel", "closed_channel", "request_id", "validate_only")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    open_channel: _channel_pb2.ChannelSpec
    closed_channel: _channel_pb2.ChannelSpec
    request_id: str
    validate_only: bool
    def __init__(self, client_id: _Optional[str] = ..., open_channel: _Optional[_Union[_channel_pb2.ChannelSpec, _Mapping]] = ..., closed_channel: _Optional[_Union[_channel_pb2.ChannelSpec, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateChannelPairResponse(_message.Message):
    __slots__ = ("client", "channel_pair", "replayed")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PAIR_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    channel_pair: _channel_pair_pb2.ChannelPair
    replayed: bool
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., channel_pair: _Optional[_Union[_channel_pair_pb2.ChannelPair, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetChannelPairRequest(_message.Message):
    __slots__ = ("channel_pair_id",)
    CHANNEL_PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    channel_pair_id: str
    def __init__(self, channel_pair_id: _Optional[str] = ...) -> None: ...

class GetChannelPairResponse(_message.Message):
    __slots__ = ("channel_pair", "entry")
    CHANNEL_PAIR_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    channel_pair: _channel_pair_pb2.ChannelPair
    entry: _entry_pb2.Entry
    def __init__(self, channel_pair: _Optional[_Union[_channel_pair_pb2.ChannelPair, _Mapping]] = ..., entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ...) -> None: ...

class ListChannelPairsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "filter", "order_by")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    filter: str
    order_by: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListChannelPairsResponse(_message.Message):
    __slots__ = ("items", "next_page_token")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ChannelPairItem]
    next_page_token: str
    def __init__(self, items: _Optional[_Iterable[_Union[ChannelPairItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteChannelPairRequest(_message.Message):
    __slots__ = ("channel_pair_id", "request_id", "validate_only", "allow_missing")
    CHANNEL_PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    channel_pair_id: str
    request_id: str
    validate_only: bool
    allow_missing: bool
    def __init__(self, channel_pair_id: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., allow_missing: _Optional[bool] = ...) -> None: ...

class DeleteChannelPairResponse(_message.Message):
    __slots__ = ("channel_pair_count", "channel_count", "entry_count", "replayed")
    CHANNEL_PAIR_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    channel_pair_count: int
    channel_count: int
    entry_count: int
    replayed: bool
    def __init__(self, channel_pair_count: _Optional[int] = ..., channel_count: _Optional[int] = ..., entry_count: _Optional[int] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetChannelRequest(_message.Message):
    __slots__ = ("channel_id",)
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    def __init__(self, channel_id: _Optional[str] = ...) -> None: ...

class GetChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ...) -> None: ...

class ListChannelsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "filter", "order_by")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    filter: str
    order_by: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListChannelsResponse(_message.Message):
    __slots__ = ("channels", "next_page_token")
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedCompositeFieldContainer[_channel_pb2.Channel]
    next_page_token: str
    def __init__(self, channels: _Optional[_Iterable[_Union[_channel_pb2.Channel, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateChannelRequest(_message.Message):
    __slots__ = ("channel", "update_mask", "request_id", "validate_only")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateChannelResponse(_message.Message):
    __slots__ = ("channel", "replayed")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    replayed: bool
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class EnableChannelRequest(_message.Message):
    __slots__ = ("channel_id", "etag", "request_id")
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    etag: str
    request_id: str
    def __init__(self, channel_id: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class EnableChannelResponse(_message.Message):
    __slots__ = ("channel", "replayed")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    replayed: bool
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class DisableChannelRequest(_message.Message):
    __slots__ = ("channel_id", "etag", "reason", "request_id")
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    etag: str
    reason: str
    request_id: str
    def __init__(self, channel_id: _Optional[str] = ..., etag: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DisableChannelResponse(_message.Message):
    __slots__ = ("channel", "replayed")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    replayed: bool
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class CheckChannelRequest(_message.Message):
    __slots__ = ("channel_id",)
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    def __init__(self, channel_id: _Optional[str] = ...) -> None: ...

class CheckChannelResponse(_message.Message):
    __slots__ = ("present", "may_post", "may_edit", "may_delete", "title", "type", "problem", "check_time")
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    MAY_POST_FIELD_NUMBER: _ClassVar[int]
    MAY_EDIT_FIELD_NUMBER: _ClassVar[int]
    MAY_DELETE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    present: bool
    may_post: bool
    may_edit: bool
    may_delete: bool
    title: str
    type: str
    problem: str
    check_time: _timestamp_pb2.Timestamp
    def __init__(self, present: _Optional[bool] = ..., may_post: _Optional[bool] = ..., may_edit: _Optional[bool] = ..., may_delete: _Optional[bool] = ..., title: _Optional[str] = ..., type: _Optional[str] = ..., problem: _Optional[str] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
