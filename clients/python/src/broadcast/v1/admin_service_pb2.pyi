import datetime

from broadcast.v1 import audit_event_pb2 as _audit_event_pb2
from broadcast.v1 import authorization_pb2 as _authorization_pb2
from broadcast.v1 import channel_pb2 as _channel_pb2
from broadcast.v1 import content_pb2 as _content_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StorageBackend(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STORAGE_BACKEND_UNSPECIFIED: _ClassVar[StorageBackend]
    STORAGE_BACKEND_SQLITE: _ClassVar[StorageBackend]
    STORAGE_BACKEND_POSTGRESQL: _ClassVar[StorageBackend]
STORAGE_BACKEND_UNSPECIFIED: StorageBackend
STORAGE_BACKEND_SQLITE: StorageBackend
STORAGE_BACKEND_POSTGRESQL: StorageBackend

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("version", "commit", "schema_version", "oldest_compatible_version", "storage_backend", "start_time", "server_time", "capabilities", "limits", "auto_register_clients", "default_open_content", "default_closed_content", "scheduler_state", "default_tracking")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    OLDEST_COMPATIBLE_VERSION_FIELD_NUMBER: _ClassVar[int]
    STORAGE_BACKEND_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    AUTO_REGISTER_CLIENTS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_OPEN_CONTENT_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_CLOSED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    SCHEDULER_STATE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_TRACKING_FIELD_NUMBER: _ClassVar[int]
    version: str
    commit: str
    schema_version: int
    oldest_compatible_version: int
    storage_backend: StorageBackend
    start_time: _timestamp_pb2.Timestamp
    server_time: _timestamp_pb2.Timestamp
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    limits: ServerLimits
    auto_register_clients: bool
    default_open_content: _content_pb2.Content
    default_closed_content: _content_pb2.Content
    scheduler_state: SchedulerState
    default_tracking: bool
    def __init__(self, version: _Optional[str] = ..., commit: _Optional[str] = ..., schema_version: _Optional[int] = ..., oldest_compatible_version: _Optional[int] = ..., storage_backend: _Optional[_Union[StorageBackend, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., capabilities: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[ServerLimits, _Mapping]] = ..., auto_register_clients: _Optional[bool] = ..., default_open_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., default_closed_content: _Optional[_Union[_content_pb2.Content, _Mapping]] = ..., scheduler_state: _Optional[_Union[SchedulerState, _Mapping]] = ..., default_tracking: _Optional[bool] = ...) -> None: ...

class SchedulerState(_message.Message):
    __slots__ = ("paused", "pause_time", "pause_reason", "mode")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MODE_UNSPECIFIED: _ClassVar[SchedulerState.Mode]
        MODE_AUTO: _ClassVar[SchedulerState.Mode]
        MODE_EXTERNAL: _ClassVar[SchedulerState.Mode]
    MODE_UNSPECIFIED: SchedulerState.Mode
    MODE_AUTO: SchedulerState.Mode
    MODE_EXTERNAL: SchedulerState.Mode
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    PAUSE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAUSE_REASON_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    paused: bool
    pause_time: _timestamp_pb2.Timestamp
    pause_reason: str
    mode: SchedulerState.Mode
    def __init__(self, paused: _Optional[bool] = ..., pause_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., pause_reason: _Optional[str] = ..., mode: _Optional[_Union[SchedulerState.Mode, str]] = ...) -> None: ...

class ServerLimits(_message.Message):
    __slots__ = ("default_pair_quota", "max_pair_quota", "default_page_size", "max_page_size", "max_page_rows_examined", "max_batch_size", "default_interval", "min_interval", "max_interval", "request_id_retention", "max_request_bytes", "max_filter_bytes", "max_filter_conditions", "max_text_length", "max_button_count", "max_row_button_count", "max_label_count", "trigger_cooldown", "disable_threshold", "results_retention", "operations_retention", "events_retention", "max_firing_count", "max_watch_count", "max_feed_channel_count", "max_batch_post_count", "max_batch_message_count")
    DEFAULT_PAIR_QUOTA_FIELD_NUMBER: _ClassVar[int]
    MAX_PAIR_QUOTA_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_PAGE_ROWS_EXAMINED_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    MIN_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    MAX_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_RETENTION_FIELD_NUMBER: _ClassVar[int]
    MAX_REQUEST_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_FILTER_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_FILTER_CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_TEXT_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MAX_BUTTON_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_ROW_BUTTON_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_LABEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_COOLDOWN_FIELD_NUMBER: _ClassVar[int]
    DISABLE_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    RESULTS_RETENTION_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_RETENTION_FIELD_NUMBER: _ClassVar[int]
    EVENTS_RETENTION_FIELD_NUMBER: _ClassVar[int]
    MAX_FIRING_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_WATCH_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_FEED_CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_POST_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    default_pair_quota: int
    max_pair_quota: int
    default_page_size: int
    max_page_size: int
    max_page_rows_examined: int
    max_batch_size: int
    default_interval: _duration_pb2.Duration
    min_interval: _duration_pb2.Duration
    max_interval: _duration_pb2.Duration
    request_id_retention: _duration_pb2.Duration
    max_request_bytes: int
    max_filter_bytes: int
    max_filter_conditions: int
    max_text_length: int
    max_button_count: int
    max_row_button_count: int
    max_label_count: int
    trigger_cooldown: _duration_pb2.Duration
    disable_threshold: int
    results_retention: _duration_pb2.Duration
    operations_retention: _duration_pb2.Duration
    events_retention: _duration_pb2.Duration
    max_firing_count: int
    max_watch_count: int
    max_feed_channel_count: int
    max_batch_post_count: int
    max_batch_message_count: int
    def __init__(self, default_pair_quota: _Optional[int] = ..., max_pair_quota: _Optional[int] = ..., default_page_size: _Optional[int] = ..., max_page_size: _Optional[int] = ..., max_page_rows_examined: _Optional[int] = ..., max_batch_size: _Optional[int] = ..., default_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., min_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., request_id_retention: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_request_bytes: _Optional[int] = ..., max_filter_bytes: _Optional[int] = ..., max_filter_conditions: _Optional[int] = ..., max_text_length: _Optional[int] = ..., max_button_count: _Optional[int] = ..., max_row_button_count: _Optional[int] = ..., max_label_count: _Optional[int] = ..., trigger_cooldown: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., disable_threshold: _Optional[int] = ..., results_retention: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., operations_retention: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., events_retention: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_firing_count: _Optional[int] = ..., max_watch_count: _Optional[int] = ..., max_feed_channel_count: _Optional[int] = ..., max_batch_post_count: _Optional[int] = ..., max_batch_message_count: _Optional[int] = ...) -> None: ...

class Account(_message.Message):
    __slots__ = ("name", "platform")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    name: str
    platform: _channel_pb2.Platform
    def __init__(self, name: _Optional[str] = ..., platform: _Optional[_Union[_channel_pb2.Platform, str]] = ...) -> None: ...

class ListAccountsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "platform")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    platform: _channel_pb2.Platform
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., platform: _Optional[_Union[_channel_pb2.Platform, str]] = ...) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ("accounts", "next_page_token")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[Account]
    next_page_token: str
    def __init__(self, accounts: _Optional[_Iterable[_Union[Account, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CheckIntegrityRequest(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...

class CheckIntegrityResponse(_message.Message):
    __slots__ = ("clean", "findings", "check_time", "client_count", "channel_count", "channel_pair_count", "entry_count", "operation_count", "delivery_count")
    CLEAN_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PAIR_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_COUNT_FIELD_NUMBER: _ClassVar[int]
    clean: bool
    findings: _containers.RepeatedCompositeFieldContainer[IntegrityFinding]
    check_time: _timestamp_pb2.Timestamp
    client_count: int
    channel_count: int
    channel_pair_count: int
    entry_count: int
    operation_count: int
    delivery_count: int
    def __init__(self, clean: _Optional[bool] = ..., findings: _Optional[_Iterable[_Union[IntegrityFinding, _Mapping]]] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., client_count: _Optional[int] = ..., channel_count: _Optional[int] = ..., channel_pair_count: _Optional[int] = ..., entry_count: _Optional[int] = ..., operation_count: _Optional[int] = ..., delivery_count: _Optional[int] = ...) -> None: ...

class IntegrityFinding(_message.Message):
    __slots__ = ("kind", "count", "sample_ids")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[IntegrityFinding.Kind]
        KIND_CHANNEL_PAIR_WITHOUT_ENTRY: _ClassVar[IntegrityFinding.Kind]
        KIND_ENTRY_WITHOUT_CHANNEL_PAIR: _ClassVar[IntegrityFinding.Kind]
        KIND_CLIENT_WITHOUT_ENTRY: _ClassVar[IntegrityFinding.Kind]
        KIND_CLIENT_COUNTER_MISMATCH: _ClassVar[IntegrityFinding.Kind]
        KIND_ENTRY_COUNTER_MISMATCH: _ClassVar[IntegrityFinding.Kind]
        KIND_OPERATION_COUNT_MISMATCH: _ClassVar[IntegrityFinding.Kind]
        KIND_DELIVERY_STATE_MISMATCH: _ClassVar[IntegrityFinding.Kind]
        KIND_CHANNEL_QUEUE_MISMATCH: _ClassVar[IntegrityFinding.Kind]
        KIND_ENTRY_OPERATION_MISMATCH: _ClassVar[IntegrityFinding.Kind]
        KIND_MESSAGE_STATE_MISMATCH: _ClassVar[IntegrityFinding.Kind]
    KIND_UNSPECIFIED: IntegrityFinding.Kind
    KIND_CHANNEL_PAIR_WITHOUT_ENTRY: IntegrityFinding.Kind
    KIND_ENTRY_WITHOUT_CHANNEL_PAIR: IntegrityFinding.Kind
    KIND_CLIENT_WITHOUT_ENTRY: IntegrityFinding.Kind
    KIND_CLIENT_COUNTER_MISMATCH: IntegrityFinding.Kind
    KIND_ENTRY_COUNTER_MISMATCH: IntegrityFinding.Kind
    KIND_OPERATION_COUNT_MISMATCH: IntegrityFinding.Kind
    KIND_DELIVERY_STATE_MISMATCH: IntegrityFinding.Kind
    KIND_CHANNEL_QUEUE_MISMATCH: IntegrityFinding.Kind
    KIND_ENTRY_OPERATION_MISMATCH: IntegrityFinding.Kind
    KIND_MESSAGE_STATE_MISMATCH: IntegrityFinding.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_IDS_FIELD_NUMBER: _ClassVar[int]
    kind: IntegrityFinding.Kind
    count: int
    sample_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kind: _Optional[_Union[IntegrityFinding.Kind, str]] = ..., count: _Optional[int] = ..., sample_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BackfillEntriesRequest(_message.Message):
    __slots__ = ("all", "client_id", "channel_pair_id", "interval", "spread", "request_id", "validate_only")
    class All(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    ALL_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SPREAD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    all: BackfillEntriesRequest.All
    client_id: str
    channel_pair_id: str
    interval: _duration_pb2.Duration
    spread: _duration_pb2.Duration
    request_id: str
    validate_only: bool
    def __init__(self, all: _Optional[_Union[BackfillEntriesRequest.All, _Mapping]] = ..., client_id: _Optional[str] = ..., channel_pair_id: _Optional[str] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., spread: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BackfillEntriesResponse(_message.Message):
    __slots__ = ("found_count", "created_count", "skipped_count", "failed_count", "entry_ids", "sample_failures", "replayed")
    FOUND_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENTRY_IDS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FAILURES_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    found_count: int
    created_count: int
    skipped_count: int
    failed_count: int
    entry_ids: _containers.RepeatedScalarFieldContainer[str]
    sample_failures: _containers.RepeatedCompositeFieldContainer[BackfillFailure]
    replayed: bool
    def __init__(self, found_count: _Optional[int] = ..., created_count: _Optional[int] = ..., skipped_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., entry_ids: _Optional[_Iterable[str]] = ..., sample_failures: _Optional[_Iterable[_Union[BackfillFailure, _Mapping]]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class BackfillFailure(_message.Message):
    __slots__ = ("channel_pair_id", "reason", "message")
    CHANNEL_PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    channel_pair_id: str
    reason: str
    message: str
    def __init__(self, channel_pair_id: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ListAuditEventsRequest(_message.Message):
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

class ListAuditEventsResponse(_message.Message):
    __slots__ = ("audit_events", "next_page_token")
    AUDIT_EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    audit_events: _containers.RepeatedCompositeFieldContainer[_audit_event_pb2.AuditEvent]
    next_page_token: str
    def __init__(self, audit_events: _Optional[_Iterable[_Union[_audit_event_pb2.AuditEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExecuteDueRequest(_message.Message):
    __slots__ = ("max_firing_count",)
    MAX_FIRING_COUNT_FIELD_NUMBER: _ClassVar[int]
    max_firing_count: int
    def __init__(self, max_firing_count: _Optional[int] = ...) -> None: ...

class ExecuteDueResponse(_message.Message):
    __slots__ = ("fired_count", "skipped_count", "more_due")
    FIRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MORE_DUE_FIELD_NUMBER: _ClassVar[int]
    fired_count: int
    skipped_count: int
    more_due: bool
    def __init__(self, fired_count: _Optional[int] = ..., skipped_count: _Optional[int] = ..., more_due: _Optional[bool] = ...) -> None: ...

class PauseSchedulerRequest(_message.Message):
    __slots__ = ("reason", "request_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    request_id: str
    def __init__(self, reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class PauseSchedulerResponse(_message.Message):
    __slots__ = ("scheduler_state", "replayed")
    SCHEDULER_STATE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    scheduler_state: SchedulerState
    replayed: bool
    def __init__(self, scheduler_state: _Optional[_Union[SchedulerState, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ResumeSchedulerRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class ResumeSchedulerResponse(_message.Message):
    __slots__ = ("scheduler_state", "replayed")
    SCHEDULER_STATE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    scheduler_state: SchedulerState
    replayed: bool
    def __init__(self, scheduler_state: _Optional[_Union[SchedulerState, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetStatisticsRequest(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...

class GetStatisticsResponse(_message.Message):
    __slots__ = ("entry_count", "active_entry_count", "paused_entry_count", "disabled_entry_count", "unconfigured_pair_count", "broadcast_count", "success_count", "partial_count", "failure_count", "success_rate", "manual_trigger_count", "waiting_delivery_count", "sending_delivery_count", "unknown_delivery_count", "count_time")
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAUSED_ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    DISABLED_ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCONFIGURED_PAIR_COUNT_FIELD_NUMBER: _ClassVar[int]
    BROADCAST_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_RATE_FIELD_NUMBER: _ClassVar[int]
    MANUAL_TRIGGER_COUNT_FIELD_NUMBER: _ClassVar[int]
    WAITING_DELIVERY_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENDING_DELIVERY_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_DELIVERY_COUNT_FIELD_NUMBER: _ClassVar[int]
    COUNT_TIME_FIELD_NUMBER: _ClassVar[int]
    entry_count: int
    active_entry_count: int
    paused_entry_count: int
    disabled_entry_count: int
    unconfigured_pair_count: int
    broadcast_count: int
    success_count: int
    partial_count: int
    failure_count: int
    success_rate: float
    manual_trigger_count: int
    waiting_delivery_count: int
    sending_delivery_count: int
    unknown_delivery_count: int
    count_time: _timestamp_pb2.Timestamp
    def __init__(self, entry_count: _Optional[int] = ..., active_entry_count: _Optional[int] = ..., paused_entry_count: _Optional[int] = ..., disabled_entry_count: _Optional[int] = ..., unconfigured_pair_count: _Optional[int] = ..., broadcast_count: _Optional[int] = ..., success_count: _Optional[int] = ..., partial_count: _Optional[int] = ..., failure_count: _Optional[int] = ..., success_rate: _Optional[float] = ..., manual_trigger_count: _Optional[int] = ..., waiting_delivery_count: _Optional[int] = ..., sending_delivery_count: _Optional[int] = ..., unknown_delivery_count: _Optional[int] = ..., count_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
