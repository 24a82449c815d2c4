"""Watches: they go on over connections that end."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from broadcastd import AsyncClient, Client, errors
from broadcastd import messages as m
from fake_broadcastd import Failure, FakeBroadcastd

AGE = Failure(grpc.StatusCode.UNAVAILABLE, message="The connection is old.")
EXPIRED = Failure(grpc.StatusCode.OUT_OF_RANGE, "WATCH_EXPIRED")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcastd._resuming._FIRST_PAUSE", 0.0)


def events(*tokens: str) -> list[m.WatchEventsResponse]:
    return [m.WatchEventsResponse(resume_token=token) for token in tokens]


def tokens_sent(server: FakeBroadcastd) -> list[str]:
    return [call.request.resume_token for call in server.received]


def test_a_watch_goes_on_behind_what_it_has_received(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer(
        "WatchEvents", [*events("a", "b"), AGE], [AGE], [*events("c"), EXPIRED]
    )
    request = m.WatchEventsRequest(kinds=["operation.finished"])

    watch = client.watch_events(request)
    received = [next(watch).resume_token for _ in range(3)]
    with pytest.raises(errors.WatchExpired):
        next(watch)

    assert received == ["a", "b", "c"]
    # gRPC itself repeats a stream that has sent nothing.
    assert tokens_sent(server)[0] == ""
    assert set(tokens_sent(server)[1:]) == {"b"}
    assert request == m.WatchEventsRequest(kinds=["operation.finished"])
    assert all(
        list(call.request.kinds) == ["operation.finished"]
        for call in server.received
    )


def test_a_watch_ends_when_the_server_says_so(
    client: Client, server: FakeBroadcastd
) -> None:
    running = m.WatchOperationResponse(resume_token="1")
    finished = m.WatchOperationResponse(
        operation=m.Operation(state=m.Operation.STATE_FINISHED),
        resume_token="2",
    )
    server.answer("WatchOperation", [running, AGE], [finished])

    request = m.WatchOperationRequest(operation_id="o")
    assert list(client.watch_operation(request)) == [running, finished]


def test_a_server_that_stays_away_is_told_in_the_end(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("WatchEvents", AGE)

    with pytest.raises(errors.Unavailable):
        next(client.watch_events())


def test_a_watch_without_a_timeout_has_no_deadline(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("WatchEvents", events("a"))

    assert [item.resume_token for item in client.watch_events()] == ["a"]
    list(client.watch_events(timeout=100))

    endless, limited = (call.time_remaining for call in server.received)
    assert endless is None or endless > 1_000_000
    assert 50 < limited < 102


def test_a_refused_token_is_renewed_once(server: FakeBroadcastd) -> None:
    server.answer("WatchEvents", events("a"))
    server.accept("second")
    fetched = iter(["first", "second", "third"])
    with Client(server.address, token_provider=lambda: next(fetched)) as client:
        assert len(list(client.watch_events())) == 1
    server.accept("fourth")
    with (
        Client(server.address, token="first") as client,
        pytest.raises(errors.TokenInvalid),
    ):
        list(client.watch_events())


def test_the_asynchronous_client_watches_too(server: FakeBroadcastd) -> None:
    server.answer("WatchEvents", [*events("a"), AGE], events("b"))

    async def run() -> list[str]:
        async with AsyncClient(server.address) as client:
            return [item.resume_token async for item in client.watch_events()]

    assert asyncio.run(run()) == ["a", "b"]
    assert tokens_sent(server) == ["", "a"]


def test_a_trigger_within_the_cool_down_says_when(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer(
        "Trigger",
        Failure(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "TRIGGER_COOLDOWN",
            metadata={"next_trigger_time": "2030-01-01T00:00:00Z"},
        ),
    )

    with pytest.raises(errors.TriggerCooldown) as caught:
        client.trigger(m.TriggerRequest(entry_id="e"))

    assert caught.value.metadata["next_trigger_time"] == "2030-01-01T00:00:00Z"
    assert len(server.received) == 1
