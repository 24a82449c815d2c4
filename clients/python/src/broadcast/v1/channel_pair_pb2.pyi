import datetime

from broadcast.v1 import channel_pb2 as _channel_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIDE_UNSPECIFIED: _ClassVar[Side]
    SIDE_OPEN: _ClassVar[Side]
    SIDE_CLOSED: _ClassVar[Side]
SIDE_UNSPECIFIED: Side
SIDE_OPEN: Side
SIDE_CLOSED: Side

class ChannelPair(_message.Message):
    __slots__ = ("channel_pair_id", "client_id", "open_channel", "closed_channel", "create_time")
    CHANNEL_PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    channel_pair_id: str
    client_id: str
    open_channel: _channel_pb2.Channel
    closed_channel: _channel_pb2.Channel
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, channel_pair_id: _Optional[str] = ..., client_id: _Optional[str] = ..., open_channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., closed_channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ChannelPairAddresses(_message.Message):
    __slots__ = ("client_id", "open_channel", "closed_channel")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    open_channel: _channel_pb2.ChannelAddress
    closed_channel: _channel_pb2.ChannelAddress
    def __init__(self, client_id: _Optional[str] = ..., open_channel: _Optional[_Union[_channel_pb2.ChannelAddress, _Mapping]] = ..., closed_channel: _Optional[_Union[_channel_pb2.ChannelAddress, _Mapping]] = ...) -> None: ...
