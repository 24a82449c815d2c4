import datetime

from broadcast.v1 import channel_pair_pb2 as _channel_pair_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Delivery(_message.Message):
    __slots__ = ("delivery_id", "operation_id", "client_id", "channel_id", "entry_id", "side", "action", "state", "attempt_count", "reason", "detail", "http_status", "platform_message_id", "next_attempt_time", "expire_time", "create_time", "finish_time", "attempts", "message_id")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Delivery.State]
        STATE_PENDING: _ClassVar[Delivery.State]
        STATE_SENDING: _ClassVar[Delivery.State]
        STATE_RETRY: _ClassVar[Delivery.State]
        STATE_SENT: _ClassVar[Delivery.State]
        STATE_FAILED: _ClassVar[Delivery.State]
        STATE_UNKNOWN: _ClassVar[Delivery.State]
        STATE_EXPIRED: _ClassVar[Delivery.State]
        STATE_CANCELLED: _ClassVar[Delivery.State]
        STATE_ABANDONED: _ClassVar[Delivery.State]
    STATE_UNSPECIFIED: Delivery.State
    STATE_PENDING: Delivery.State
    STATE_SENDING: Delivery.State
    STATE_RETRY: Delivery.State
    STATE_SENT: Delivery.State
    STATE_FAILED: Delivery.State
    STATE_UNKNOWN: Delivery.State
    STATE_EXPIRED: Delivery.State
    STATE_CANCELLED: Delivery.State
    STATE_ABANDONED: Delivery.State
    class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACTION_UNSPECIFIED: _ClassVar[Delivery.Action]
        ACTION_SEND: _ClassVar[Delivery.Action]
        ACTION_EDIT: _ClassVar[Delivery.Action]
        ACTION_DELETE: _ClassVar[Delivery.Action]
        ACTION_COPY: _ClassVar[Delivery.Action]
        ACTION_TOMBSTONE: _ClassVar[Delivery.Action]
        ACTION_PROBE: _ClassVar[Delivery.Action]
    ACTION_UNSPECIFIED: Delivery.Action
    ACTION_SEND: Delivery.Action
    ACTION_EDIT: Delivery.Action
    ACTION_DELETE: Delivery.Action
    ACTION_COPY: Delivery.Action
    ACTION_TOMBSTONE: Delivery.Action
    ACTION_PROBE: Delivery.Action
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    HTTP_STATUS_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    NEXT_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    operation_id: str
    client_id: str
    channel_id: str
    entry_id: str
    side: _channel_pair_pb2.Side
    action: Delivery.Action
    state: Delivery.State
    attempt_count: int
    reason: str
    detail: str
    http_status: int
    platform_message_id: str
    next_attempt_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    attempts: _containers.RepeatedCompositeFieldContainer[DeliveryAttempt]
    message_id: str
    def __init__(self, delivery_id: _Optional[str] = ..., operation_id: _Optional[str] = ..., client_id: _Optional[str] = ..., channel_id: _Optional[str] = ..., entry_id: _Optional[str] = ..., side: _Optional[_Union[_channel_pair_pb2.Side, str]] = ..., action: _Optional[_Union[Delivery.Action, str]] = ..., state: _Optional[_Union[Delivery.State, str]] = ..., attempt_count: _Optional[int] = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ..., http_status: _Optional[int] = ..., platform_message_id: _Optional[str] = ..., next_attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempts: _Optional[_Iterable[_Union[DeliveryAttempt, _Mapping]]] = ..., message_id: _Optional[str] = ...) -> None: ...

class DeliveryAttempt(_message.Message):
    __slots__ = ("attempt", "start_time", "finish_time", "reason", "detail", "http_status")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    HTTP_STATUS_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    start_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    reason: str
    detail: str
    http_status: int
    def __init__(self, attempt: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ..., http_status: _Optional[int] = ...) -> None: ...
