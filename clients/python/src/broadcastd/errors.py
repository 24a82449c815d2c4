"""What a call raises: one class for each reason, below one for each code.

    BroadcastError
      NotFound                      <- catch what a status code says,
        ClientNotFound, ...         <- or exactly what happened

An error whose reason is not known here is of its code's class. The metadata
that comes with each reason is described in error_reason.proto. All classes are
in one file, long as it is, because it is read as the list of what can happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, NamedTuple

import grpc


class FieldViolation(NamedTuple):
    """One field of a request that was refused."""

    field: str
    """Its path, such as `open_channel.address`."""
    description: str
    """What is wrong with it, for people."""


class BroadcastError(Exception):
    """A call failed.

    It has changed nothing, unless it is OutcomeUnknown, StorageFailed or
    Internal, or DeadlineExceeded or Cancelled without a reason. After those,
    repeat a mutation with the same `request_id` to learn what became of it.
    """

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN
    """The status of gRPC."""
    reason: str = ""
    """The name of an ErrorReason without its prefix; empty if gRPC failed."""

    _by_code: ClassVar[dict[grpc.StatusCode, type[BroadcastError]]] = {}
    _by_reason: ClassVar[dict[str, type[BroadcastError]]] = {}

    def __init_subclass__(
        cls, *, code: grpc.StatusCode | None = None, reason: str | None = None
    ) -> None:
        super().__init_subclass__()
        if code is not None:
            cls.code = code
            cls._by_code[code] = cls
        if reason is not None:
            cls.reason = reason
            cls._by_reason[reason] = cls

    def __init__(
        self,
        message: str = "",
        *,
        code: grpc.StatusCode | None = None,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
        field_violations: Sequence[FieldViolation] = (),
        retry_after: timedelta | None = None,
        request_id: str = "",
    ) -> None:
        """Describe a failure; code and reason default to those of the class."""
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if reason is not None:
            self.reason = reason
        self.metadata = dict(metadata or {})
        self.field_violations = tuple(field_violations)
        self.retry_after = retry_after
        """When to repeat the same call; None: repeating it does not help, or
        the server cannot say when it would."""
        self.request_id = request_id
        """What the mutation was sent with; empty for a read."""

    def __str__(self) -> str:
        text = f"{self.reason or self.code.name}: {self.message}"
        if self.field_violations:
            fields = "; ".join(
                ": ".join(item) for item in self.field_violations
            )
            text += f" ({fields})"
        return text

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may succeed later."""
        return self.retry_after is not None or isinstance(self, Unavailable)


# By status code.


class Cancelled(BroadcastError, code=grpc.StatusCode.CANCELLED):
    """The call was cancelled."""


class InvalidArgument(BroadcastError, code=grpc.StatusCode.INVALID_ARGUMENT):
    """The request can never succeed as it is."""


class DeadlineExceeded(BroadcastError, code=grpc.StatusCode.DEADLINE_EXCEEDED):
    """There was no answer in time."""


class NotFound(BroadcastError, code=grpc.StatusCode.NOT_FOUND):
    """There is no such thing, or the caller may not see it."""


class AlreadyExists(BroadcastError, code=grpc.StatusCode.ALREADY_EXISTS):
    """What was to be created is there already."""


class PermissionDenied(BroadcastError, code=grpc.StatusCode.PERMISSION_DENIED):
    """The caller may not do this."""


class ResourceExhausted(
    BroadcastError, code=grpc.StatusCode.RESOURCE_EXHAUSTED
):
    """A limit was reached."""


class FailedPrecondition(
    BroadcastError, code=grpc.StatusCode.FAILED_PRECONDITION
):
    """The state of things does not allow the call."""


class Aborted(BroadcastError, code=grpc.StatusCode.ABORTED):
    """Someone else was faster: read again and decide again."""


class OutOfRange(BroadcastError, code=grpc.StatusCode.OUT_OF_RANGE):
    """What was asked for is no longer, or not yet, there."""


class Unimplemented(BroadcastError, code=grpc.StatusCode.UNIMPLEMENTED):
    """The server does not know the method: it is older than this client."""


class Internal(
    BroadcastError, code=grpc.StatusCode.INTERNAL, reason="INTERNAL"
):
    """A defect of the server, which its log describes."""


class Unavailable(BroadcastError, code=grpc.StatusCode.UNAVAILABLE):
    """The server could not be reached, or cannot work at the moment."""


class Unauthenticated(BroadcastError, code=grpc.StatusCode.UNAUTHENTICATED):
    """The token is missing or not valid."""


# By reason: who calls.


class TokenMissing(Unauthenticated, reason="TOKEN_MISSING"):
    """The server asks for a token, and none was sent."""


class TokenInvalid(Unauthenticated, reason="TOKEN_INVALID"):
    """The server refused the token."""

    @property
    def problem(self) -> str:
        """What is wrong with it, such as `expired` or `signature`."""
        return self.metadata.get("problem", "")


class TokenUnavailable(Unauthenticated):
    """There was no token to send, as its provider or file gave none.

    Made by this library, so without a reason: nothing was changed. A provider
    may raise it itself, with a text that holds no secret.
    """


class ScopeMissing(PermissionDenied, reason="SCOPE_MISSING"):
    """The caller is known, but lacks a scope."""

    @property
    def scope(self) -> str:
        """The scope that the method requires, such as `entries:write`."""
        return self.metadata.get("scope", "")


class RateLimited(ResourceExhausted, reason="RATE_LIMITED"):
    """Too many calls a second: repeat it after `retry_after`."""


# By reason: the request.


class InvalidFields(InvalidArgument, reason="INVALID_FIELDS"):
    """Fields are missing, malformed or out of range: see field_violations."""


class InvalidFilter(InvalidArgument, reason="INVALID_FILTER"):
    """The filter is malformed, or names an unknown field or value."""


class InvalidOrderBy(InvalidArgument, reason="INVALID_ORDER_BY"):
    """The method has no such order."""


class InvalidPageToken(InvalidArgument, reason="INVALID_PAGE_TOKEN"):
    """The page token is not of this list."""


class RequestIdReused(InvalidArgument, reason="REQUEST_ID_REUSED"):
    """The request id was used for a different request."""


# By reason: clients.


class ClientNotFound(NotFound, reason="CLIENT_NOT_FOUND"):
    """There is no such client."""


class ClientExists(AlreadyExists, reason="CLIENT_EXISTS"):
    """A client with this id exists."""


class ClientUnknown(FailedPrecondition, reason="CLIENT_UNKNOWN"):
    """The client is not registered, and the server registers none itself."""


class ClientBeingDeleted(FailedPrecondition, reason="CLIENT_BEING_DELETED"):
    """The client was deleted, and its data is still being purged."""


# By reason: channels.


class ChannelNotFound(NotFound, reason="CHANNEL_NOT_FOUND"):
    """There is no such channel."""


class ChannelTaken(AlreadyExists, reason="CHANNEL_TAKEN"):
    """Another client has registered this destination."""


class ChannelAccountUnknown(
    FailedPrecondition, reason="CHANNEL_ACCOUNT_UNKNOWN"
):
    """The server has no such account for this platform."""


class ChannelAccountMismatch(
    FailedPrecondition, reason="CHANNEL_ACCOUNT_MISMATCH"
):
    """The client has this channel with another account."""


class ChannelPlatformUnsupported(
    FailedPrecondition, reason="CHANNEL_PLATFORM_UNSUPPORTED"
):
    """The server cannot send to this platform yet."""


class ChannelNotActive(FailedPrecondition, reason="CHANNEL_NOT_ACTIVE"):
    """The channel is disabled already."""


class ChannelAlreadyActive(FailedPrecondition, reason="CHANNEL_ALREADY_ACTIVE"):
    """The channel is active already."""


# By reason: channel pairs.


class ChannelPairNotFound(NotFound, reason="CHANNEL_PAIR_NOT_FOUND"):
    """There is no such channel pair."""


class ChannelPairExists(AlreadyExists, reason="CHANNEL_PAIR_EXISTS"):
    """The client has this pair: metadata has its id, and its entry's."""


class QuotaExceeded(ResourceExhausted, reason="CHANNEL_PAIR_LIMIT"):
    """The client has as many channel pairs as it may."""


# By reason: entries.


class EntryNotFound(NotFound, reason="ENTRY_NOT_FOUND"):
    """There is no such entry, or the pair has none."""


class EntryNotActive(FailedPrecondition, reason="ENTRY_NOT_ACTIVE"):
    """The entry is paused or disabled."""


class EntryAlreadyActive(FailedPrecondition, reason="ENTRY_ALREADY_ACTIVE"):
    """The entry is active already."""


class TriggerCooldown(ResourceExhausted, reason="TRIGGER_COOLDOWN"):
    """The entry was triggered a short while ago: again after `retry_after`."""


class EntryBroadcastRunning(Aborted, reason="ENTRY_BROADCAST_RUNNING"):
    """A broadcast of the entry still runs: metadata has its operation_id."""


class EntryContentMissing(FailedPrecondition, reason="ENTRY_CONTENT_MISSING"):
    """No level has content for what was to be sent."""


class EtagMismatch(Aborted, reason="ETAG_MISMATCH"):
    """The resource has changed since it was read."""


# By reason: delivery.


class OperationNotFound(NotFound, reason="OPERATION_NOT_FOUND"):
    """There is no such operation, or not any more."""


class OperationFinished(FailedPrecondition, reason="OPERATION_FINISHED"):
    """The operation has finished, so there is nothing to cancel."""


class DeliveryNotFound(NotFound, reason="DELIVERY_NOT_FOUND"):
    """There is no such delivery, or not any more."""


class DeliveryNotUnknown(FailedPrecondition, reason="DELIVERY_NOT_UNKNOWN"):
    """What became of the delivery is known already."""


class WatchExpired(OutOfRange, reason="WATCH_EXPIRED"):
    """Events behind the resume token are not kept any more: begin anew."""


class InvalidResumeToken(InvalidArgument, reason="INVALID_RESUME_TOKEN"):
    """The resume token is not of this watch."""


class AccountUnavailable(FailedPrecondition, reason="ACCOUNT_UNAVAILABLE"):
    """The server cannot send with the channel's account."""


class ProbeFailed(Unavailable, reason="PROBE_FAILED"):
    """The platform could not be asked."""


# By reason: feeds.


class FeedNotFound(NotFound, reason="FEED_NOT_FOUND"):
    """There is no such feed, or it may not be seen."""


class FeedExists(AlreadyExists, reason="FEED_EXISTS"):
    """The client has a feed of this name."""


class FeedClosed(FailedPrecondition, reason="FEED_CLOSED"):
    """The feed takes no posts."""


class FeedNotEmpty(FailedPrecondition, reason="FEED_NOT_EMPTY"):
    """The feed has open posts or channels, and the call has no `force`."""


class FeedChannelNotFound(NotFound, reason="FEED_CHANNEL_NOT_FOUND"):
    """The feed is not published to the channel."""


class FeedChannelExists(AlreadyExists, reason="FEED_CHANNEL_EXISTS"):
    """The feed is published to the channel already."""


class FeedChannelLimit(ResourceExhausted, reason="FEED_CHANNEL_LIMIT"):
    """The feed has as many channels as a feed can have."""


class PostNotFound(NotFound, reason="POST_NOT_FOUND"):
    """There is no such post, or it may not be seen."""


class PostClosed(FailedPrecondition, reason="POST_CLOSED"):
    """The post is closed already."""


class TrackingDisabled(FailedPrecondition, reason="TRACKING_DISABLED"):
    """The feed does not remember its messages, so they cannot be changed."""


class SyncRunning(Aborted, reason="SYNC_RUNNING"):
    """Another operation brings the channel in line; `metadata` names it."""


class PlanChanged(FailedPrecondition, reason="PLAN_CHANGED"):
    """The expected plan is not what would be done now."""


class PlanExpired(FailedPrecondition, reason="PLAN_EXPIRED"):
    """The expected plan is too old."""


class TooManyDeletes(FailedPrecondition, reason="TOO_MANY_DELETES"):
    """More messages would be deleted than `max_deletes` allows."""


class BotRightsMissing(FailedPrecondition, reason="BOT_RIGHTS_MISSING"):
    """The account lacks rights in the channel; `metadata` names them."""


class ImportNotFound(NotFound, reason="IMPORT_NOT_FOUND"):
    """The feed has no such import, or it may not be seen."""


class ImportRunning(Aborted, reason="IMPORT_RUNNING"):
    """An import of the feed has not ended; `metadata` names it."""


class ImportEnded(FailedPrecondition, reason="IMPORT_ENDED"):
    """The import takes no more posts."""


class ImportIncomplete(FailedPrecondition, reason="IMPORT_INCOMPLETE"):
    """Other posts came than were said to; nothing was closed."""


class TooManyCloses(FailedPrecondition, reason="TOO_MANY_CLOSES"):
    """More posts would be closed than `max_closes` allows; none was."""


# By reason: the server.


class QueueFull(ResourceExhausted, reason="QUEUE_FULL"):
    """More calls wait than the server queues; repeat it later."""


class DeadlineBeforeStart(DeadlineExceeded, reason="DEADLINE_BEFORE_START"):
    """The deadline passed before the server began."""


class CancelledBeforeStart(Cancelled, reason="CANCELLED_BEFORE_START"):
    """The call was cancelled before the server began."""


class ShuttingDown(Unavailable, reason="SHUTTING_DOWN"):
    """The server is shutting down; another replica will answer."""


class StorageUnavailable(Unavailable, reason="STORAGE_UNAVAILABLE"):
    """The server cannot reach its database."""


class StorageBusy(Unavailable, reason="STORAGE_BUSY"):
    """Another process holds the server's database locked."""


class StorageFull(ResourceExhausted, reason="STORAGE_FULL"):
    """The server's database has no space left."""


class StorageReadOnly(Unavailable, reason="STORAGE_READ_ONLY"):
    """The server's database accepts no writes."""


class StorageTimeout(DeadlineExceeded, reason="STORAGE_TIMEOUT"):
    """The server's database took too long; the change was undone."""


class StorageFailed(Internal, reason="STORAGE_FAILED"):
    """The server's database failed; the change may have been made or not."""


class OutcomeUnknown(Unavailable, reason="OUTCOME_UNKNOWN"):
    """The change may have been made or not: repeat it with its request_id."""
