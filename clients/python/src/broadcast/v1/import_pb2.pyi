import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMPORT_MODE_UNSPECIFIED: _ClassVar[ImportMode]
    IMPORT_MODE_MERGE: _ClassVar[ImportMode]
    IMPORT_MODE_SNAPSHOT: _ClassVar[ImportMode]
IMPORT_MODE_UNSPECIFIED: ImportMode
IMPORT_MODE_MERGE: ImportMode
IMPORT_MODE_SNAPSHOT: ImportMode

class Import(_message.Message):
    __slots__ = ("import_id", "feed_id", "client_id", "mode", "validate_only", "state", "received_count", "created_count", "updated_count", "unchanged_count", "reopened_count", "closed_count", "create_time", "update_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Import.State]
        STATE_RUNNING: _ClassVar[Import.State]
        STATE_CLOSING: _ClassVar[Import.State]
        STATE_COMPLETE: _ClassVar[Import.State]
        STATE_ABANDONED: _ClassVar[Import.State]
    STATE_UNSPECIFIED: Import.State
    STATE_RUNNING: Import.State
    STATE_CLOSING: Import.State
    STATE_COMPLETE: Import.State
    STATE_ABANDONED: Import.State
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REOPENED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    feed_id: str
    client_id: str
    mode: ImportMode
    validate_only: bool
    state: Import.State
    received_count: int
    created_count: int
    updated_count: int
    unchanged_count: int
    reopened_count: int
    closed_count: int
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, import_id: _Optional[str] = ..., feed_id: _Optional[str] = ..., client_id: _Optional[str] = ..., mode: _Optional[_Union[ImportMode, str]] = ..., validate_only: _Optional[bool] = ..., state: _Optional[_Union[Import.State, str]] = ..., received_count: _Optional[int] = ..., created_count: _Optional[int] = ..., updated_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., reopened_count: _Optional[int] = ..., closed_count: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
