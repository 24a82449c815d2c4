import datetime

from broadcast.v1 import content_pb2 as _content_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Message(_message.Message):
    __slots__ = ("message_id", "client_id", "channel_id", "feed_id", "post_id", "entry_id", "operation_id", "platform_message_id", "content", "state", "post_time", "update_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Message.State]
        STATE_PENDING: _ClassVar[Message.State]
        STATE_LIVE: _ClassVar[Message.State]
        STATE_UNKNOWN: _ClassVar[Message.State]
        STATE_UNDELETABLE: _ClassVar[Message.State]
        STATE_TOMBSTONED: _ClassVar[Message.State]
        STATE_DELETED: _ClassVar[Message.State]
        STATE_LOST: _ClassVar[Message.State]
    STATE_UNSPECIFIED: Message.State
    STATE_PENDING: Message.State
    STATE_LIVE: Message.State
    STATE_UNKNOWN: Message.State
    STATE_UNDELETABLE: Message.State
    STATE_TOMBSTONED: Message.State
    STATE_DELETED: Message.State
    STATE_LOST: Message.State
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    POST_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    POST_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    client_id: str
    channel_id: str
    feed_id: str
    post_id: str
    entry_id: str
    operation_id: str
    platform_message_id: str
    content: _content_pb2.Content
    state: Message.State
    post_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., client_id: _Optional[str] = ..., channel_id: _Optional[str] = ..., feed_id: _Optional[str] = ..., post_id: _Optional[str] = ..., entry_id: _Optional[str] = ..., operation_id: _Optional[str] = ..., platform_message_id: _Optional[str] = ..., content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., state: _Optional[_Union[Message.State, str]] = ..., post_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
