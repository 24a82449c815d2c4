"""What a failed call raises."""

from __future__ import annotations

import pickle
import threading
from datetime import timedelta
from typing import Any

import grpc
import pytest
from broadcastd import BroadcastError, Client, errors
from broadcastd import messages as m
from fake_broadcastd import Failure, FakeBroadcastd
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

Code = grpc.StatusCode

# Of every reason of the contract, the code that it comes with.
REASONS = {
    "INVALID_FIELDS": Code.INVALID_ARGUMENT,
    "INVALID_FILTER": Code.INVALID_ARGUMENT,
    "INVALID_ORDER_BY": Code.INVALID_ARGUMENT,
    "INVALID_PAGE_TOKEN": Code.INVALID_ARGUMENT,
    "REQUEST_ID_REUSED": Code.INVALID_ARGUMENT,
    "CLIENT_NOT_FOUND": Code.NOT_FOUND,
    "CLIENT_EXISTS": Code.ALREADY_EXISTS,
    "CLIENT_UNKNOWN": Code.FAILED_PRECONDITION,
    "CLIENT_BEING_DELETED": Code.FAILED_PRECONDITION,
    "CHANNEL_NOT_FOUND": Code.NOT_FOUND,
    "CHANNEL_TAKEN": Code.ALREADY_EXISTS,
    "CHANNEL_ACCOUNT_UNKNOWN": Code.FAILED_PRECONDITION,
    "CHANNEL_ACCOUNT_MISMATCH": Code.FAILED_PRECONDITION,
    "CHANNEL_PLATFORM_UNSUPPORTED": Code.FAILED_PRECONDITION,
    "CHANNEL_NOT_ACTIVE": Code.FAILED_PRECONDITION,
    "CHANNEL_ALREADY_ACTIVE": Code.FAILED_PRECONDITION,
    "CHANNEL_PAIR_NOT_FOUND": Code.NOT_FOUND,
    "CHANNEL_PAIR_EXISTS": Code.ALREADY_EXISTS,
    "CHANNEL_PAIR_LIMIT": Code.RESOURCE_EXHAUSTED,
    "ENTRY_NOT_FOUND": Code.NOT_FOUND,
    "ENTRY_NOT_ACTIVE": Code.FAILED_PRECONDITION,
    "ENTRY_ALREADY_ACTIVE": Code.FAILED_PRECONDITION,
    "ETAG_MISMATCH": Code.ABORTED,
    "QUEUE_FULL": Code.RESOURCE_EXHAUSTED,
    "DEADLINE_BEFORE_START": Code.DEADLINE_EXCEEDED,
    "CANCELLED_BEFORE_START": Code.CANCELLED,
    "SHUTTING_DOWN": Code.UNAVAILABLE,
    "STORAGE_UNAVAILABLE": Code.UNAVAILABLE,
    "STORAGE_BUSY": Code.UNAVAILABLE,
    "STORAGE_FULL": Code.RESOURCE_EXHAUSTED,
    "STORAGE_READ_ONLY": Code.UNAVAILABLE,
    "STORAGE_TIMEOUT": Code.DEADLINE_EXCEEDED,
    "STORAGE_FAILED": Code.INTERNAL,
    "OUTCOME_UNKNOWN": Code.UNAVAILABLE,
    "INTERNAL": Code.INTERNAL,
    "TOKEN_MISSING": Code.UNAUTHENTICATED,
    "TOKEN_INVALID": Code.UNAUTHENTICATED,
    "SCOPE_MISSING": Code.PERMISSION_DENIED,
    "RATE_LIMITED": Code.RESOURCE_EXHAUSTED,
    "TRIGGER_COOLDOWN": Code.RESOURCE_EXHAUSTED,
    "ENTRY_BROADCAST_RUNNING": Code.ABORTED,
    "ENTRY_CONTENT_MISSING": Code.FAILED_PRECONDITION,
    "OPERATION_NOT_FOUND": Code.NOT_FOUND,
    "OPERATION_FINISHED": Code.FAILED_PRECONDITION,
    "DELIVERY_NOT_FOUND": Code.NOT_FOUND,
    "DELIVERY_NOT_UNKNOWN": Code.FAILED_PRECONDITION,
    "WATCH_EXPIRED": Code.OUT_OF_RANGE,
    "INVALID_RESUME_TOKEN": Code.INVALID_ARGUMENT,
    "ACCOUNT_UNAVAILABLE": Code.FAILED_PRECONDITION,
    "PROBE_FAILED": Code.UNAVAILABLE,
    "FEED_NOT_FOUND": Code.NOT_FOUND,
    "FEED_EXISTS": Code.ALREADY_EXISTS,
    "FEED_CLOSED": Code.FAILED_PRECONDITION,
    "FEED_NOT_EMPTY": Code.FAILED_PRECONDITION,
    "FEED_CHANNEL_NOT_FOUND": Code.NOT_FOUND,
    "FEED_CHANNEL_EXISTS": Code.ALREADY_EXISTS,
    "FEED_CHANNEL_LIMIT": Code.RESOURCE_EXHAUSTED,
    "POST_NOT_FOUND": Code.NOT_FOUND,
    "POST_CLOSED": Code.FAILED_PRECONDITION,
    "TRACKING_DISABLED": Code.FAILED_PRECONDITION,
    "SYNC_RUNNING": Code.ABORTED,
    "PLAN_CHANGED": Code.FAILED_PRECONDITION,
    "PLAN_EXPIRED": Code.FAILED_PRECONDITION,
    "TOO_MANY_DELETES": Code.FAILED_PRECONDITION,
    "BOT_RIGHTS_MISSING": Code.FAILED_PRECONDITION,
    "IMPORT_NOT_FOUND": Code.NOT_FOUND,
    "IMPORT_RUNNING": Code.ABORTED,
    "IMPORT_ENDED": Code.FAILED_PRECONDITION,
    "IMPORT_INCOMPLETE": Code.FAILED_PRECONDITION,
    "TOO_MANY_CLOSES": Code.FAILED_PRECONDITION,
}


def raised_by(server: FakeBroadcastd, failure: Failure) -> BroadcastError:
    server.answer("CreateEntry", failure)
    with Client(server.address) as client:
        with pytest.raises(BroadcastError) as caught:
            client.create_entry(m.CreateEntryRequest())
        return caught.value


def test_every_reason_has_a_class() -> None:
    prefix = "ERROR_REASON_"
    names = {name.removeprefix(prefix) for name in m.ErrorReason.keys()}  # noqa: SIM118

    assert names - {"UNSPECIFIED"} == set(REASONS)
    assert set(BroadcastError._by_reason) == set(REASONS)
    for reason, code in REASONS.items():
        kind = BroadcastError._by_reason[reason]
        assert kind.code == code
        assert kind.reason == reason
        assert issubclass(kind, BroadcastError._by_code[code])


def test_metadata_and_message_are_those_of_the_server(
    server: FakeBroadcastd,
) -> None:
    error = raised_by(
        server,
        Failure(
            Code.ALREADY_EXISTS,
            "CHANNEL_PAIR_EXISTS",
            "The client has this pair: ünïcode.",
            {"channel_pair_id": "p", "entry_id": "e"},
        ),
    )

    assert type(error) is errors.ChannelPairExists
    assert error.code == Code.ALREADY_EXISTS
    assert error.reason == "CHANNEL_PAIR_EXISTS"
    assert error.metadata == {"channel_pair_id": "p", "entry_id": "e"}
    assert error.message == "The client has this pair: ünïcode."
    assert error.request_id == server.received[0].request.request_id
    assert error.retry_after is None
    assert not error.is_retryable


def test_all_field_violations_are_told(server: FakeBroadcastd) -> None:
    violations = [
        errors.FieldViolation("open_channel.address", "is empty"),
        errors.FieldViolation("interval", "is too short"),
    ]
    bad_request = error_details_pb2.BadRequest(
        field_violations=[item._asdict() for item in violations]
    )
    error = raised_by(
        server,
        Failure(
            Code.INVALID_ARGUMENT,
            "INVALID_FIELDS",
            "Two fields are not valid.",
            details=[bad_request],
        ),
    )

    assert type(error) is errors.InvalidFields
    assert error.field_violations == tuple(violations)
    assert str(error) == (
        "INVALID_FIELDS: Two fields are not valid. "
        "(open_channel.address: is empty; interval: is too short)"
    )


def test_the_server_says_when_to_repeat(server: FakeBroadcastd) -> None:
    delay = duration_pb2.Duration(seconds=2, nanos=500_000_000)
    error = raised_by(
        server,
        Failure(
            Code.RESOURCE_EXHAUSTED,
            "QUEUE_FULL",
            details=[error_details_pb2.RetryInfo(retry_delay=delay)],
        ),
    )

    assert type(error) is errors.QueueFull
    assert error.retry_after == timedelta(seconds=2.5)
    assert error.is_retryable


def test_a_refusal_says_what_is_wrong_or_lacking(
    server: FakeBroadcastd,
) -> None:
    refused = raised_by(
        server,
        Failure(
            Code.UNAUTHENTICATED,
            "TOKEN_INVALID",
            metadata={"problem": "audience"},
        ),
    )
    forbidden = raised_by(
        server,
        Failure(
            Code.PERMISSION_DENIED,
            "SCOPE_MISSING",
            metadata={"scope": "entries:write"},
        ),
    )

    assert isinstance(refused, errors.TokenInvalid)
    assert refused.problem == "audience"
    assert isinstance(forbidden, errors.ScopeMissing)
    assert forbidden.scope == "entries:write"
    assert not refused.is_retryable
    assert not forbidden.is_retryable


def test_a_limited_caller_knows_when_to_come_back(
    server: FakeBroadcastd,
) -> None:
    delay = duration_pb2.Duration(nanos=250_000_000)
    error = raised_by(
        server,
        Failure(
            Code.RESOURCE_EXHAUSTED,
            "RATE_LIMITED",
            metadata={"of": "principal", "limit": "1000"},
            details=[error_details_pb2.RetryInfo(retry_delay=delay)],
        ),
    )

    assert type(error) is errors.RateLimited
    assert error.retry_after == timedelta(seconds=0.25)
    assert error.is_retryable


def test_an_unknown_reason_is_known_by_its_code(server: FakeBroadcastd) -> None:
    error = raised_by(
        server, Failure(Code.FAILED_PRECONDITION, "WRONG_PHASE_OF_THE_MOON")
    )

    assert type(error) is errors.FailedPrecondition
    assert error.reason == "WRONG_PHASE_OF_THE_MOON"


def test_the_reason_of_another_domain_is_not_ours(
    server: FakeBroadcastd,
) -> None:
    foreign = error_details_pb2.ErrorInfo(
        reason="CHANNEL_TAKEN", domain="example.com"
    )
    error = raised_by(server, Failure(Code.ALREADY_EXISTS, details=[foreign]))

    assert type(error) is errors.AlreadyExists
    assert error.reason == ""


def test_an_unknown_code_is_an_error_too(server: FakeBroadcastd) -> None:
    error = raised_by(server, Failure(Code.DATA_LOSS))

    assert type(error) is BroadcastError
    assert error.code == Code.DATA_LOSS


def test_no_answer_in_time(client: Client, server: FakeBroadcastd) -> None:
    over = threading.Event()

    def answer_late(_: Any) -> m.CreateEntryResponse:
        over.wait(30)
        return m.CreateEntryResponse()

    server.answer("CreateEntry", answer_late)
    with pytest.raises(errors.DeadlineExceeded) as caught:
        client.create_entry(m.CreateEntryRequest(), timeout=0.1)
    over.set()

    assert caught.value.reason == ""
    assert caught.value.request_id


def test_errors_survive_a_process_pool() -> None:
    error = errors.ChannelTaken("Taken.", metadata={"field": "open_channel"})

    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is errors.ChannelTaken
    assert str(copy) == "CHANNEL_TAKEN: Taken."
    assert copy.metadata == {"field": "open_channel"}
