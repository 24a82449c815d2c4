"""What users are told, where a real server would seldom fail so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import grpc
import httpx
import pytest
from broadcastd import AsyncClient, BroadcastError, errors
from broadcastd import messages as m
from registration_api.app import Backend, app, check_server
from registration_api.settings import Settings
from registration_stack import NotReady, RegistrationApi, free_port

SETTINGS = Settings(m.Platform.PLATFORM_TELEGRAM, "main", 5)
PAIR = {"open": {"address": "-1"}, "closed": {"address": "-2"}}


class FakeClient:
    """Fails to create entries; else a server that has little to say."""

    def __init__(
        self,
        error: BroadcastError | None = None,
        accounts: tuple[str, ...] = ("main",),
        capabilities: tuple[str, ...] = ("entries",),
    ) -> None:
        self._error = error or BroadcastError()
        self._accounts = accounts
        self._capabilities = capabilities

    async def create_entry(self, _: Any) -> Any:
        raise self._error

    async def get_server_info(self) -> Any:
        return m.GetServerInfoResponse(
            version="0.0.1", capabilities=self._capabilities
        )

    async def list_accounts(self, _: Any) -> AsyncIterator[Any]:
        for name in self._accounts:
            yield m.Account(name=name)


def told(error: BroadcastError) -> httpx.Response:
    async def register() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport) as api:
            url = "http://api/users/0d7a4d0a-2d0e-4c58-9f5f-5a1d3c0f6c11/pairs"
            return await api.post(url, json=PAIR)

    client = cast(AsyncClient, FakeClient(error))
    app.state.backend = Backend(client, SETTINGS)
    return asyncio.run(register())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ClientUnknown(), 403),
        (errors.ClientBeingDeleted(), 409),
        (errors.ResourceExhausted(), 413),
        (errors.ChannelAccountUnknown(), 500),
        (errors.Internal("Row 7 is broken."), 500),
        (errors.PermissionDenied(), 500),
        (errors.ScopeMissing(metadata={"scope": "Row 7"}), 500),
        (BroadcastError(code=grpc.StatusCode.DATA_LOSS), 500),
        (errors.Unavailable(), 503),
        (errors.OutcomeUnknown(), 503),
        (errors.DeadlineExceeded(), 503),
        (errors.QueueFull(), 503),
        (errors.StorageFull(), 503),
        (errors.RateLimited(), 503),
        (errors.Unauthenticated(), 503),
        (errors.TokenMissing(), 503),
        (errors.TokenInvalid(metadata={"problem": "Row 7"}), 503),
        (errors.TokenUnavailable("Row 7"), 503),
        (errors.ClientNotFound(), 404),
        (errors.ChannelPairNotFound(), 404),
    ],
)
def test_every_failure_has_its_status(
    error: BroadcastError, status: int
) -> None:
    response = told(error)

    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)
    assert "Row 7" not in response.text


@pytest.mark.parametrize("kind", [errors.QueueFull, errors.RateLimited])
def test_users_come_back_when_the_server_says(
    kind: type[BroadcastError],
) -> None:
    error = kind(retry_after=timedelta(seconds=1.5))

    assert told(error).headers["Retry-After"] == "2"


def test_a_field_that_users_do_not_know_is_our_mistake() -> None:
    violation = errors.FieldViolation("open_channel.account", "is unknown")

    response = told(errors.InvalidFields(field_violations=[violation]))

    assert response.status_code == 500
    assert "account" not in response.text


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (FakeClient(accounts=("log", "news")), "one of: log, news"),
        (FakeClient(accounts=()), "one of: (none)"),
        (FakeClient(capabilities=("backfill",)), "registers no entries"),
    ],
)
def test_a_server_that_does_not_suit_is_refused(
    client: FakeClient, words: str
) -> None:
    with pytest.raises(RuntimeError) as caught:
        asyncio.run(check_server(cast(AsyncClient, client), SETTINGS))

    assert words in str(caught.value)


def test_a_server_that_suits_is_accepted() -> None:
    asyncio.run(check_server(cast(AsyncClient, FakeClient()), SETTINGS))


def test_it_does_not_start_without_a_server(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"

    with pytest.raises(NotReady) as caught:
        RegistrationApi(nobody, tmp_path / "log").start()

    assert "broadcastd does not answer: UNAVAILABLE" in str(caught.value)
