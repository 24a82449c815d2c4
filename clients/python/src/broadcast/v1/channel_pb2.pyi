import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Platform(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLATFORM_UNSPECIFIED: _ClassVar[Platform]
    PLATFORM_TELEGRAM: _ClassVar[Platform]
    PLATFORM_EMAIL: _ClassVar[Platform]
    PLATFORM_WEBHOOK: _ClassVar[Platform]
    PLATFORM_LOG: _ClassVar[Platform]
PLATFORM_UNSPECIFIED: Platform
PLATFORM_TELEGRAM: Platform
PLATFORM_EMAIL: Platform
PLATFORM_WEBHOOK: Platform
PLATFORM_LOG: Platform

class Channel(_message.Message):
    __slots__ = ("channel_id", "client_id", "platform", "address", "account", "title", "state", "state_reason", "create_time", "update_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Channel.State]
        STATE_ACTIVE: _ClassVar[Channel.State]
        STATE_DISABLED: _ClassVar[Channel.State]
    STATE_UNSPECIFIED: Channel.State
    STATE_ACTIVE: Channel.State
    STATE_DISABLED: Channel.State
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_REASON_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    client_id: str
    platform: Platform
    address: str
    account: str
    title: str
    state: Channel.State
    state_reason: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, channel_id: _Optional[str] = ..., client_id: _Optional[str] = ..., platform: _Optional[_Union[Platform, str]] = ..., address: _Optional[str] = ..., account: _Optional[str] = ..., title: _Optional[str] = ..., state: _Optional[_Union[Channel.State, str]] = ..., state_reason: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class ChannelSpec(_message.Message):
    __slots__ = ("platform", "address", "account", "title")
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    platform: Platform
    address: str
    account: str
    title: str
    def __init__(self, platform: _Optional[_Union[Platform, str]] = ..., address: _Optional[str] = ..., account: _Optional[str] = ..., title: _Optional[str] = ...) -> None: ...

class ChannelAddress(_message.Message):
    __slots__ = ("platform", "address")
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    platform: Platform
    address: str
    def __init__(self, platform: _Optional[_Union[Platform, str]] = ..., address: _Optional[str] = ...) -> None: ...
