from broadcast.v1 import authorization_pb2 as _authorization_pb2
from broadcast.v1 import client_pb2 as _client_pb2
from broadcast.v1 import content_pb2 as _content_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateClientRequest(_message.Message):
    __slots__ = ("client_id", "display_name", "pair_quota", "default_open_content", "default_closed_content", "labels", "request_id", "validate_only")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PAIR_QUOTA_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_OPEN_CONTENT_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_CLOSED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    display_name: str
    pair_quota: int
    default_open_content: _content_pb2.Content
    default_closed_content: _content_pb2.Content
    labels: _containers.ScalarMap[str, str]
    request_id: str
    validate_only: bool
    def __init__(self, client_id: _Optional[str] = ..., display_name: _Optional[str] = ..., pair_quota: _Optional[int] = ..., default_open_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., default_closed_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateClientResponse(_message.Message):
    __slots__ = ("client", "replayed")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    replayed: bool
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetClientRequest(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...

class GetClientResponse(_message.Message):
    __slots__ = ("client",)
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ...) -> None: ...

class ListClientsRequest(_message.Message):
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

class ListClientsResponse(_message.Message):
    __slots__ = ("clients", "next_page_token")
    CLIENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    clients: _containers.RepeatedCompositeFieldContainer[_client_pb2.Client]
    next_page_token: str
    def __init__(self, clients: _Optional[_Iterable[_Union[_client_pb2.Client, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateClientRequest(_message.Message):
    __slots__ = ("client", "update_mask", "request_id", "validate_only")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateClientResponse(_message.Message):
    __slots__ = ("client", "replayed")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    replayed: bool
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class DeleteClientRequest(_message.Message):
    __slots__ = ("client_id", "etag", "request_id", "validate_only", "allow_missing")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    etag: str
    request_id: str
    validate_only: bool
    allow_missing: bool
    def __init__(self, client_id: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., allow_missing: _Optional[bool] = ...) -> None: ...

class DeleteClientResponse(_message.Message):
    __slots__ = ("client_count", "channel_count", "channel_pair_count", "entry_count", "purging", "replayed")
    CLIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PAIR_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    PURGING_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    client_count: int
    channel_count: int
    channel_pair_count: int
    entry_count: int
    purging: bool
    replayed: bool
    def __init__(self, client_count: _Optional[int] = ..., channel_count: _Optional[int] = ..., channel_pair_count: _Optional[int] = ..., entry_count: _Optional[int] = ..., purging: _Optional[bool] = ..., replayed: _Optional[bool] = ...) -> None: ...
