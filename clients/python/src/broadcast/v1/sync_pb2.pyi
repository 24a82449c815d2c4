from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SyncMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SYNC_MODE_UNSPECIFIED: _ClassVar[SyncMode]
    SYNC_MODE_FULL: _ClassVar[SyncMode]
    SYNC_MODE_POST_ONLY: _ClassVar[SyncMode]
    SYNC_MODE_DELETE_ONLY: _ClassVar[SyncMode]
SYNC_MODE_UNSPECIFIED: SyncMode
SYNC_MODE_FULL: SyncMode
SYNC_MODE_POST_ONLY: SyncMode
SYNC_MODE_DELETE_ONLY: SyncMode

class SyncPlan(_message.Message):
    __slots__ = ("open_post_count", "tracked_message_count", "post_count", "edit_count", "delete_count", "tombstone_count", "undeletable_count", "unknown_count", "kept_count", "sample_actions", "plan_fingerprint", "probe_count")
    OPEN_POST_COUNT_FIELD_NUMBER: _ClassVar[int]
    TRACKED_MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    POST_COUNT_FIELD_NUMBER: _ClassVar[int]
    EDIT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELETE_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOMBSTONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNDELETABLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    KEPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    PLAN_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    PROBE_COUNT_FIELD_NUMBER: _ClassVar[int]
    open_post_count: int
    tracked_message_count: int
    post_count: int
    edit_count: int
    delete_count: int
    tombstone_count: int
    undeletable_count: int
    unknown_count: int
    kept_count: int
    sample_actions: _containers.RepeatedCompositeFieldContainer[SyncAction]
    plan_fingerprint: str
    probe_count: int
    def __init__(self, open_post_count: _Optional[int] = ..., tracked_message_count: _Optional[int] = ..., post_count: _Optional[int] = ..., edit_count: _Optional[int] = ..., delete_count: _Optional[int] = ..., tombstone_count: _Optional[int] = ..., undeletable_count: _Optional[int] = ..., unknown_count: _Optional[int] = ..., kept_count: _Optional[int] = ..., sample_actions: _Optional[_Iterable[_Union[SyncAction, _Mapping]]] = ..., plan_fingerprint: _Optional[str] = ..., probe_count: _Optional[int] = ...) -> None: ...

class SyncAction(_message.Message):
    __slots__ = ("kind", "channel_id", "feed_id", "post_id", "external_id", "message_id")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[SyncAction.Kind]
        KIND_POST: _ClassVar[SyncAction.Kind]
        KIND_EDIT: _ClassVar[SyncAction.Kind]
        KIND_DELETE: _ClassVar[SyncAction.Kind]
        KIND_TOMBSTONE: _ClassVar[SyncAction.Kind]
        KIND_COPY: _ClassVar[SyncAction.Kind]
    KIND_UNSPECIFIED: SyncAction.Kind
    KIND_POST: SyncAction.Kind
    KIND_EDIT: SyncAction.Kind
    KIND_DELETE: SyncAction.Kind
    KIND_TOMBSTONE: SyncAction.Kind
    KIND_COPY: SyncAction.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    POST_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    kind: SyncAction.Kind
    channel_id: str
    feed_id: str
    post_id: str
    external_id: str
    message_id: str
    def __init__(self, kind: _Optional[_Union[SyncAction.Kind, str]] = ..., channel_id: _Optional[str] = ..., feed_id: _Optional[str] = ..., post_id: _Optional[str] = ..., external_id: _Optional[str] = ..., message_id: _Optional[str] = ...) -> None: ...
