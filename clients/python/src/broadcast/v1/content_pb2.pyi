from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ContentSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTENT_SOURCE_UNSPECIFIED: _ClassVar[ContentSource]
    CONTENT_SOURCE_ENTRY: _ClassVar[ContentSource]
    CONTENT_SOURCE_CLIENT: _ClassVar[ContentSource]
    CONTENT_SOURCE_SERVER: _ClassVar[ContentSource]
CONTENT_SOURCE_UNSPECIFIED: ContentSource
CONTENT_SOURCE_ENTRY: ContentSource
CONTENT_SOURCE_CLIENT: ContentSource
CONTENT_SOURCE_SERVER: ContentSource

class Content(_message.Message):
    __slots__ = ("text", "parse_mode", "button_rows", "disable_notification", "protect_content", "disable_link_preview")
    class ParseMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PARSE_MODE_UNSPECIFIED: _ClassVar[Content.ParseMode]
        PARSE_MODE_NONE: _ClassVar[Content.ParseMode]
        PARSE_MODE_HTML: _ClassVar[Content.ParseMode]
        PARSE_MODE_MARKDOWN_V2: _ClassVar[Content.ParseMode]
    PARSE_MODE_UNSPECIFIED: Content.ParseMode
    PARSE_MODE_NONE: Content.ParseMode
    PARSE_MODE_HTML: Content.ParseMode
    PARSE_MODE_MARKDOWN_V2: Content.ParseMode
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PARSE_MODE_FIELD_NUMBER: _ClassVar[int]
    BUTTON_ROWS_FIELD_NUMBER: _ClassVar[int]
    DISABLE_NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    PROTECT_CONTENT_FIELD_NUMBER: _ClassVar[int]
    DISABLE_LINK_PREVIEW_FIELD_NUMBER: _ClassVar[int]
    text: str
    parse_mode: Content.ParseMode
    button_rows: _containers.RepeatedCompositeFieldContainer[ButtonRow]
    disable_notification: bool
    protect_content: bool
    disable_link_preview: bool
    def __init__(self, text: _Optional[str] = ..., parse_mode: _Optional[_Union[Content.ParseMode, str]] = ..., button_rows: _Optional[_Iterable[_Union[ButtonRow, _Mapping]]] = ..., disable_notification: _Optional[bool] = ..., protect_content: _Optional[bool] = ..., disable_link_preview: _Optional[bool] = ...) -> None: ...

class ButtonRow(_message.Message):
    __slots__ = ("buttons",)
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    buttons: _containers.RepeatedCompositeFieldContainer[Button]
    def __init__(self, buttons: _Optional[_Iterable[_Union[Button, _Mapping]]] = ...) -> None: ...

class Button(_message.Message):
    __slots__ = ("text", "url")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    text: str
    url: str
    def __init__(self, text: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...
