import datetime

from broadcast.v1 import channel_pair_pb2 as _channel_pair_pb2
from broadcast.v1 import content_pb2 as _content_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Entry(_message.Message):
    __slots__ = ("entry_id", "client_id", "channel_pair", "state", "state_reason", "last_outcome", "current_operation_id", "interval", "next_send_time", "last_send_time", "last_trigger_time", "next_trigger_time", "broadcast_count", "success_count", "partial_count", "failure_count", "consecutive_failure_count", "manual_trigger_count", "last_error", "last_error_time", "open_content", "closed_content", "open_content_source", "closed_content_source", "labels", "create_time", "update_time", "etag", "occurrence_count", "replace_previous", "success_rate")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Entry.State]
        STATE_ACTIVE: _ClassVar[Entry.State]
        STATE_PAUSED: _ClassVar[Entry.State]
        STATE_DISABLED: _ClassVar[Entry.State]
    STATE_UNSPECIFIED: Entry.State
    STATE_ACTIVE: Entry.State
    STATE_PAUSED: Entry.State
    STATE_DISABLED: Entry.State
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[Entry.Outcome]
        OUTCOME_PENDING: _ClassVar[Entry.Outcome]
        OUTCOME_SENDING: _ClassVar[Entry.Outcome]
        OUTCOME_SENT: _ClassVar[Entry.Outcome]
        OUTCOME_PARTIAL: _ClassVar[Entry.Outcome]
        OUTCOME_FAILED: _ClassVar[Entry.Outcome]
    OUTCOME_UNSPECIFIED: Entry.Outcome
    OUTCOME_PENDING: Entry.Outcome
    OUTCOME_SENDING: Entry.Outcome
    OUTCOME_SENT: Entry.Outcome
    OUTCOME_PARTIAL: Entry.Outcome
    OUTCOME_FAILED: Entry.Outcome
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PAIR_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_REASON_FIELD_NUMBER: _ClassVar[int]
    LAST_OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CURRENT_OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    NEXT_SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_TRIGGER_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_TRIGGER_TIME_FIELD_NUMBER: _ClassVar[int]
    BROADCAST_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONSECUTIVE_FAILURE_COUNT_FIELD_NUMBER: _ClassVar[int]
    MANUAL_TRIGGER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_TIME_FIELD_NUMBER: _ClassVar[int]
    OPEN_CONTENT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    OPEN_CONTENT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CONTENT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    OCCURRENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLACE_PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_RATE_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    client_id: str
    channel_pair: _channel_pair_pb2.ChannelPair
    state: Entry.State
    state_reason: str
    last_outcome: Entry.Outcome
    current_operation_id: str
    interval: _duration_pb2.Duration
    next_send_time: _timestamp_pb2.Timestamp
    last_send_time: _timestamp_pb2.Timestamp
    last_trigger_time: _timestamp_pb2.Timestamp
    next_trigger_time: _timestamp_pb2.Timestamp
    broadcast_count: int
    success_count: int
    partial_count: int
    failure_count: int
    consecutive_failure_count: int
    manual_trigger_count: int
    last_error: str
    last_error_time: _timestamp_pb2.Timestamp
    open_content: _content_pb2.Content
    closed_content: _content_pb2.Content
    open_content_source: _content_pb2.ContentSource
    closed_content_source: _content_pb2.ContentSource
    labels: _containers.ScalarMap[str, str]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    occurrence_count: int
    replace_previous: bool
    success_rate: float
    def __init__(self, entry_id: _Optional[str] = ..., client_id: _Optional[str] = ..., channel_pair: _Optional[_Union[_channel_pair_pb2.ChannelPair, _Mapping]] = ..., state: _Optional[_Union[Entry.State, str]] = ..., state_reason: _Optional[str] = ..., last_outcome: _Optional[_Union[Entry.Outcome, str]] = ..., current_operation_id: _Optional[str] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., next_send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_trigger_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_trigger_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., broadcast_count: _Optional[int] = ..., success_count: _Optional[int] = ..., partial_count: _Optional[int] = ..., failure_count: _Optional[int] = ..., consecutive_failure_count: _Optional[int] = ..., manual_trigger_count: _Optional[int] = ..., last_error: _Optional[str] = ..., last_error_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., open_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., closed_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., open_content_source: _Optional[_Union[_content_pb2.ContentSource, str]] = ..., closed_content_source: _Optional[_Union[_content_pb2.ContentSource, str]] = ..., labels: _Optional[_Mapping[str, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., occurrence_count: _Optional[int] = ..., replace_previous: _Optional[bool] = ..., success_rate: _Optional[float] = ...) -> None: ...
