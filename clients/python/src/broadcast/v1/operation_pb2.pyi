import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Operation(_message.Message):
    __slots__ = ("operation_id", "client_id", "entry_id", "occurrence", "kind", "state", "progress", "reason", "last_error", "cancel_time", "create_time", "update_time", "finish_time", "feed_id", "sync_result")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Operation.Kind]
        KIND_BROADCAST: _ClassVar[Operation.Kind]
        KIND_TRIGGER: _ClassVar[Operation.Kind]
        KIND_TEST: _ClassVar[Operation.Kind]
        KIND_POST: _ClassVar[Operation.Kind]
        KIND_FILL: _ClassVar[Operation.Kind]
        KIND_CLEAR: _ClassVar[Operation.Kind]
        KIND_SYNC: _ClassVar[Operation.Kind]
        KIND_MIGRATE: _ClassVar[Operation.Kind]
        KIND_IMPORT: _ClassVar[Operation.Kind]
    KIND_UNSPECIFIED: Operation.Kind
    KIND_BROADCAST: Operation.Kind
    KIND_TRIGGER: Operation.Kind
    KIND_TEST: Operation.Kind
    KIND_POST: Operation.Kind
    KIND_FILL: Operation.Kind
    KIND_CLEAR: Operation.Kind
    KIND_SYNC: Operation.Kind
    KIND_MIGRATE: Operation.Kind
    KIND_IMPORT: Operation.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Operation.State]
        STATE_PLANNING: _ClassVar[Operation.State]
        STATE_RUNNING: _ClassVar[Operation.State]
        STATE_FINISHED: _ClassVar[Operation.State]
    STATE_UNSPECIFIED: Operation.State
    STATE_PLANNING: Operation.State
    STATE_RUNNING: Operation.State
    STATE_FINISHED: Operation.State
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    OCCURRENCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    CANCEL_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    SYNC_RESULT_FIELD_NUMBER: _ClassVar[int]
    operation_id: str
    client_id: str
    entry_id: str
    occurrence: int
    kind: Operation.Kind
    state: Operation.State
    progress: OperationProgress
    reason: str
    last_error: str
    cancel_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    feed_id: str
    sync_result: SyncResult
    def __init__(self, operation_id: _Optional[str] = ..., client_id: _Optional[str] = ..., entry_id: _Optional[str] = ..., occurrence: _Optional[int] = ..., kind: _Optional[_Union[Operation.Kind, str]] = ..., state: _Optional[_Union[Operation.State, str]] = ..., progress: _Optional[_Union[OperationProgress, _Mapping]] = ..., reason: _Optional[str] = ..., last_error: _Optional[str] = ..., cancel_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., feed_id: _Optional[str] = ..., sync_result: _Optional[_Union[SyncResult, _Mapping]] = ...) -> None: ...

class SyncResult(_message.Message):
    __slots__ = ("posted_count", "edited_count", "deleted_count", "tombstoned_count", "undeletable_count", "unknown_count", "failed_count", "probed_count", "lost_count")
    POSTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    EDITED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOMBSTONED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNDELETABLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    PROBED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOST_COUNT_FIELD_NUMBER: _ClassVar[int]
    posted_count: int
    edited_count: int
    deleted_count: int
    tombstoned_count: int
    undeletable_count: int
    unknown_count: int
    failed_count: int
    probed_count: int
    lost_count: int
    def __init__(self, posted_count: _Optional[int] = ..., edited_count: _Optional[int] = ..., deleted_count: _Optional[int] = ..., tombstoned_count: _Optional[int] = ..., undeletable_count: _Optional[int] = ..., unknown_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., probed_count: _Optional[int] = ..., lost_count: _Optional[int] = ...) -> None: ...

class OperationProgress(_message.Message):
    __slots__ = ("planned_count", "sent_count", "failed_count", "unknown_count", "expired_count", "cancelled_count", "abandoned_count", "waiting_count")
    PLANNED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ABANDONED_COUNT_FIELD_NUMBER: _ClassVar[int]
    WAITING_COUNT_FIELD_NUMBER: _ClassVar[int]
    planned_count: int
    sent_count: int
    failed_count: int
    unknown_count: int
    expired_count: int
    cancelled_count: int
    abandoned_count: int
    waiting_count: int
    def __init__(self, planned_count: _Optional[int] = ..., sent_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., unknown_count: _Optional[int] = ..., expired_count: _Optional[int] = ..., cancelled_count: _Optional[int] = ..., abandoned_count: _Optional[int] = ..., waiting_count: _Optional[int] = ...) -> None: ...
