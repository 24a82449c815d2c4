import datetime

from broadcast.v1 import authorization_pb2 as _authorization_pb2
from broadcast.v1 import channel_pb2 as _channel_pb2
from broadcast.v1 import channel_pair_pb2 as _channel_pair_pb2
from broadcast.v1 import client_pb2 as _client_pb2
from broadcast.v1 import content_pb2 as _content_pb2
from broadcast.v1 import entry_pb2 as _entry_pb2
from broadcast.v1 import operation_pb2 as _operation_pb2
from broadcast.v1 import sync_pb2 as _sync_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateEntryRequest(_message.Message):
    __slots__ = ("client_id", "open_channel", "closed_channel", "interval", "open_content", "closed_content", "start_time", "labels", "request_id", "validate_only", "replace_previous")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    OPEN_CONTENT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REPLACE_PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    open_channel: _channel_pb2.ChannelSpec
    closed_channel: _channel_pb2.ChannelSpec
    interval: _duration_pb2.Duration
    open_content: _content_pb2.Content
    closed_content: _content_pb2.Content
    start_time: _timestamp_pb2.Timestamp
    labels: _containers.ScalarMap[str, str]
    request_id: str
    validate_only: bool
    replace_previous: bool
    def __init__(self, client_id: _Optional[str] = ..., open_channel: _Optional[_Union[_channel_pb2.ChannelSpec, _Mapping]] = ..., closed_channel: _Optional[_Union[_channel_pb2.ChannelSpec, _Mapping]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., open_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., closed_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., replace_previous: _Optional[bool] = ...) -> None: ...

class CreateEntryResponse(_message.Message):
    __slots__ = ("client", "channel_pair", "entry", "replayed")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PAIR_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    channel_pair: _channel_pair_pb2.ChannelPair
    entry: _entry_pb2.Entry
    replayed: bool
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., channel_pair: _Optional[_Union[_channel_pair_pb2.ChannelPair, _Mapping]] = ..., entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class BatchCreateEntriesRequest(_message.Message):
    __slots__ = ("requests", "request_id", "validate_only")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[CreateEntryRequest]
    request_id: str
    validate_only: bool
    def __init__(self, requests: _Optional[_Iterable[_Union[CreateEntryRequest, _Mapping]]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchCreateEntriesResponse(_message.Message):
    __slots__ = ("entries", "replayed")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_entry_pb2.Entry]
    replayed: bool
    def __init__(self, entries: _Optional[_Iterable[_Union[_entry_pb2.Entry, _Mapping]]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetEntryRequest(_message.Message):
    __slots__ = ("entry_id", "channel_pair_addresses")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PAIR_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    channel_pair_addresses: _channel_pair_pb2.ChannelPairAddresses
    def __init__(self, entry_id: _Optional[str] = ..., channel_pair_addresses: _Optional[_Union[_channel_pair_pb2.ChannelPairAddresses, _Mapping]] = ...) -> None: ...

class GetEntryResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: _entry_pb2.Entry
    def __init__(self, entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ...) -> None: ...

class ListEntriesRequest(_message.Message):
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

class ListEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_entry_pb2.Entry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[_entry_pb2.Entry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateEntryRequest(_message.Message):
    __slots__ = ("entry", "update_mask", "request_id", "validate_only")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    entry: _entry_pb2.Entry
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateEntryResponse(_message.Message):
    __slots__ = ("entry", "replayed")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    entry: _entry_pb2.Entry
    replayed: bool
    def __init__(self, entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class PauseEntryRequest(_message.Message):
    __slots__ = ("entry_id", "etag", "reason", "request_id")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    etag: str
    reason: str
    request_id: str
    def __init__(self, entry_id: _Optional[str] = ..., etag: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class PauseEntryResponse(_message.Message):
    __slots__ = ("entry", "replayed")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    entry: _entry_pb2.Entry
    replayed: bool
    def __init__(self, entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ResumeEntryRequest(_message.Message):
    __slots__ = ("entry_id", "etag", "request_id")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    etag: str
    request_id: str
    def __init__(self, entry_id: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ResumeEntryResponse(_message.Message):
    __slots__ = ("entry", "replayed")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    entry: _entry_pb2.Entry
    replayed: bool
    def __init__(self, entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class DeleteEntryRequest(_message.Message):
    __slots__ = ("entry_id", "etag", "request_id", "validate_only", "allow_missing")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    etag: str
    request_id: str
    validate_only: bool
    allow_missing: bool
    def __init__(self, entry_id: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., allow_missing: _Optional[bool] = ...) -> None: ...

class DeleteEntryResponse(_message.Message):
    __slots__ = ("channel_pair", "entry_count", "replayed")
    CHANNEL_PAIR_FIELD_NUMBER: _ClassVar[int]
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    channel_pair: _channel_pair_pb2.ChannelPair
    entry_count: int
    replayed: bool
    def __init__(self, channel_pair: _Optional[_Union[_channel_pair_pb2.ChannelPair, _Mapping]] = ..., entry_count: _Optional[int] = ..., replayed: _Optional[bool] = ...) -> None: ...

class TriggerRequest(_message.Message):
    __slots__ = ("entry_id", "reason", "request_id", "validate_only")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    reason: str
    request_id: str
    validate_only: bool
    def __init__(self, entry_id: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class TriggerResponse(_message.Message):
    __slots__ = ("operation", "entry", "next_trigger_time", "previews", "replayed")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    NEXT_TRIGGER_TIME_FIELD_NUMBER: _ClassVar[int]
    PREVIEWS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    operation: _operation_pb2.Operation
    entry: _entry_pb2.Entry
    next_trigger_time: _timestamp_pb2.Timestamp
    previews: _containers.RepeatedCompositeFieldContainer[BroadcastPreview]
    replayed: bool
    def __init__(self, operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., entry: _Optional[_Union[_entry_pb2.Entry, _Mapping]] = ..., next_trigger_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., previews: _Optional[_Iterable[_Union[BroadcastPreview, _Mapping]]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class BroadcastPreview(_message.Message):
    __slots__ = ("side", "channel", "content", "content_source")
    SIDE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    side: _channel_pair_pb2.Side
    channel: _channel_pb2.Channel
    content: _content_pb2.Content
    content_source: _content_pb2.ContentSource
    def __init__(self, side: _Optional[_Union[_channel_pair_pb2.Side, str]] = ..., channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., content_source: _Optional[_Union[_content_pb2.ContentSource, str]] = ...) -> None: ...

class SendTestRequest(_message.Message):
    __slots__ = ("entry_id", "side", "address", "request_id")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    side: _channel_pair_pb2.Side
    address: str
    request_id: str
    def __init__(self, entry_id: _Optional[str] = ..., side: _Optional[_Union[_channel_pair_pb2.Side, str]] = ..., address: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SendTestResponse(_message.Message):
    __slots__ = ("operation", "replayed")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    operation: _operation_pb2.Operation
    replayed: bool
    def __init__(self, operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class SyncRequest(_message.Message):
    __slots__ = ("channel_id", "feed_id", "all", "mode", "validate_only", "expected_plan", "max_deletes", "request_id", "verify")
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_PLAN_FIELD_NUMBER: _ClassVar[int]
    MAX_DELETES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VERIFY_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    feed_id: str
    all: bool
    mode: _sync_pb2.SyncMode
    validate_only: bool
    expected_plan: str
    max_deletes: int
    request_id: str
    verify: bool
    def __init__(self, channel_id: _Optional[str] = ..., feed_id: _Optional[str] = ..., all: _Optional[bool] = ..., mode: _Optional[_Union[_sync_pb2.SyncMode, str]] = ..., validate_only: _Optional[bool] = ..., expected_plan: _Optional[str] = ..., max_deletes: _Optional[int] = ..., request_id: _Optional[str] = ..., verify: _Optional[bool] = ...) -> None: ...

class SyncResponse(_message.Message):
    __slots__ = ("operation", "plan", "replayed")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    operation: _operation_pb2.Operation
    plan: _sync_pb2.SyncPlan
    replayed: bool
    def __init__(self, operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., plan: _Optional[_Union[_sync_pb2.SyncPlan, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class MigrateRequest(_message.Message):
    __slots__ = ("channel_id", "target_channel_id", "target_channel", "feed_id", "delete_old", "validate_only", "expected_plan", "request_id")
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    DELETE_OLD_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_PLAN_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    target_channel_id: str
    target_channel: _channel_pb2.ChannelSpec
    feed_id: str
    delete_old: bool
    validate_only: bool
    expected_plan: str
    request_id: str
    def __init__(self, channel_id: _Optional[str] = ..., target_channel_id: _Optional[str] = ..., target_channel: _Optional[_Union[_channel_pb2.ChannelSpec, _Mapping]] = ..., feed_id: _Optional[str] = ..., delete_old: _Optional[bool] = ..., validate_only: _Optional[bool] = ..., expected_plan: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class MigrateResponse(_message.Message):
    __slots__ = ("operation", "plan", "target_channel", "replayed")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    TARGET_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    operation: _operation_pb2.Operation
    plan: _sync_pb2.SyncPlan
    target_channel: _channel_pb2.Channel
    replayed: bool
    def __init__(self, operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., plan: _Optional[_Union[_sync_pb2.SyncPlan, _Mapping]] = ..., target_channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...
