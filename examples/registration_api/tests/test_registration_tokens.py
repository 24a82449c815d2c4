"""How the API proves who it is: its tokens, over HTTP and to the server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import httpx
import pytest
from broadcastd import AsyncClient, errors
from broadcastd import messages as m
from fake_broadcastd import Failure, FakeBroadcastd
from registration_api.app import Backend, app, check_server, connect
from registration_api.settings import Settings, TokenEndpoint
from registration_stack import NotReady, RegistrationApi
from token_endpoint import FakeTokenEndpoint

SECRET = "hush: 100%+"
URL = "/users/0d7a4d0a-2d0e-4c58-9f5f-5a1d3c0f6c11/pairs"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBroadcastd]:
    with FakeBroadcastd() as server:
        server.answer("ListChannelPairs", m.ListChannelPairsResponse())
        server.answer(
            "GetServerInfo", m.GetServerInfoResponse(capabilities=["entries"])
        )
        server.answer(
            "ListAccounts",
            m.ListAccountsResponse(accounts=[m.Account(name="main")]),
        )
        monkeypatch.setenv("BROADCAST_ADDRESS", server.address)
        yield server


@pytest.fixture
def endpoint() -> Iterator[FakeTokenEndpoint]:
    with FakeTokenEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def settings(endpoint: FakeTokenEndpoint, tmp_path: Path) -> Settings:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    return Settings(
        m.Platform.PLATFORM_TELEGRAM,
        "main",
        5,
        TokenEndpoint(endpoint.url, "registration", file),
    )


def in_api(
    settings: Settings, do: Callable[[httpx.AsyncClient], Awaitable[None]]
) -> None:
    """Do something as users of an API with these settings."""

    async def run() -> None:
        async with (
            connect(settings) as client,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://api"
            ) as users,
        ):
            app.state.backend = Backend(client, settings)
            await do(users)

    asyncio.run(run())


def answer_of(settings: Settings) -> httpx.Response:
    answers = []

    async def get(users: httpx.AsyncClient) -> None:
        answers.append(await users.get(URL))

    in_api(settings, get)
    return answers[0]


def test_many_users_need_one_token(
    server: FakeBroadcastd, endpoint: FakeTokenEndpoint, settings: Settings
) -> None:
    server.accept("token-1")
    endpoint.delay = 0.2

    async def get(users: httpx.AsyncClient) -> None:
        answers = await asyncio.gather(*(users.get(URL) for _ in range(20)))
        assert [answer.status_code for answer in answers] == [200] * 20
        assert (await users.get(URL)).status_code == 200

    in_api(settings, get)

    (asked,) = endpoint.asked
    assert asked.client_id == "registration"
    assert asked.secret == SECRET
    assert asked.form == {"grant_type": "client_credentials"}


def test_a_token_is_replaced_before_it_expires(
    server: FakeBroadcastd, endpoint: FakeTokenEndpoint, settings: Settings
) -> None:
    # It is used for four fifths of that, but for a second at least.
    endpoint.lifetime = 1.5

    async def get(users: httpx.AsyncClient) -> None:
        await users.get(URL)
        await users.get(URL)
        await asyncio.sleep(1.3)
        await asyncio.gather(*(users.get(URL) for _ in range(10)))

    in_api(settings, get)

    assert server.tokens()[:2] == ["token-1"] * 2
    assert "token-2" in server.tokens()
    assert len(endpoint.asked) == 2


def test_a_refused_token_is_replaced_once(
    server: FakeBroadcastd, endpoint: FakeTokenEndpoint, settings: Settings
) -> None:
    server.accept("token-2")

    assert answer_of(settings).status_code == 200

    assert server.tokens() == ["token-1", "token-2"]
    assert len(endpoint.asked) == 2


def test_the_endpoint_is_asked_for_the_scope_that_is_set(
    endpoint: FakeTokenEndpoint, server: FakeBroadcastd, settings: Settings
) -> None:
    assert settings.token_endpoint is not None
    scoped = replace(settings.token_endpoint, scope="entries:write")

    answer_of(replace(settings, token_endpoint=scoped))

    assert endpoint.asked[0].form["scope"] == "entries:write"


def test_credentials_that_are_refused_are_our_fault(
    server: FakeBroadcastd,
    endpoint: FakeTokenEndpoint,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.accept()

    answer = answer_of(settings)

    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert server.tokens() == ["token-1", "token-2"]
    assert "own credentials" in caplog.text
    assert "TOKEN_INVALID" in caplog.text
    for secret in ("token-1", "token-2", SECRET):
        assert secret not in caplog.text + answer.text


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b'{"error": "invalid_client"}', "status 401: invalid_client"),
        (400, b'{"error": "hush: 100%+"}', "status 400"),
        (500, b"hush: 100%+", "status 500"),
        (302, b"", "status 302"),
        (200, b"", "without a token"),
        (200, b"[]", "without a token"),
        (200, b'{"access_token": "t", "token_type": "mac"}', "no Bearer token"),
        (
            200,
            b'{"access_token": "a b", "token_type": "bearer"}',
            "malformed token",
        ),
        (
            200,
            b'{"access_token": "t", "token_type": "bearer", "expires_in": []}',
            "malformed token or lifetime",
        ),
    ],
)
def test_an_endpoint_that_gives_no_token(
    server: FakeBroadcastd,
    endpoint: FakeTokenEndpoint,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: bytes,
    words: str,
) -> None:
    endpoint.status, endpoint.answer = status, body

    answer = answer_of(settings)

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert words in caplog.text
    assert SECRET not in caplog.text + answer.text
    assert len(endpoint.asked) == 1
    assert not server.received


def test_an_endpoint_that_is_late_or_away(
    server: FakeBroadcastd,
    endpoint: FakeTokenEndpoint,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    endpoint.delay = 1
    assert answer_of(replace(settings, timeout=0.3)).status_code == 503
    assert settings.token_endpoint is not None
    away = replace(settings.token_endpoint, url="http://127.0.0.1:1/token")
    assert answer_of(replace(settings, token_endpoint=away)).status_code == 503
    assert "does not answer (ConnectError)" in caplog.text
    gone = replace(settings.token_endpoint, secret_file=Path("nowhere"))
    assert answer_of(replace(settings, token_endpoint=gone)).status_code == 503
    assert "REGISTRATION_CLIENT_SECRET_FILE" in caplog.text
    assert not server.received


def test_a_missing_scope_is_told_to_us_only(
    server: FakeBroadcastd,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failure = Failure(
        grpc.StatusCode.PERMISSION_DENIED,
        "SCOPE_MISSING",
        metadata={"scope": "channels:read"},
    )
    server.answer("ListChannelPairs", failure)

    answer = answer_of(settings)

    assert answer.status_code == 500
    assert answer.json() == {
        "code": "not_available",
        "detail": "Registration is not available.",
    }
    assert "lacks the scope channels:read" in caplog.text


def test_a_token_file_serves_as_well(
    server: FakeBroadcastd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file")
    monkeypatch.setenv("BROADCAST_TOKEN_FILE", str(file))
    server.accept("from-a-file")

    settings = Settings(m.Platform.PLATFORM_TELEGRAM, "main", 5)

    assert answer_of(settings).status_code == 200


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("TOKEN_MISSING", "own credentials"),
        ("SCOPE_MISSING", "lacks the scope channels:read"),
    ],
)
def test_it_does_not_start_when_it_may_not_call(
    server: FakeBroadcastd, reason: str, words: str
) -> None:
    codes = {
        "TOKEN_MISSING": grpc.StatusCode.UNAUTHENTICATED,
        "SCOPE_MISSING": grpc.StatusCode.PERMISSION_DENIED,
    }
    scope = {"scope": "channels:read"} if reason == "SCOPE_MISSING" else {}
    server.answer(
        "ListAccounts", Failure(codes[reason], reason, metadata=scope)
    )

    async def run() -> None:
        async with AsyncClient(server.address) as client:
            settings = Settings(m.Platform.PLATFORM_TELEGRAM, "main", 5)
            await check_server(client, settings)

    with pytest.raises(RuntimeError, match=words) as caught:
        asyncio.run(run())
    assert isinstance(caught.value.__cause__, errors.BroadcastError)


def test_a_running_api_fetches_its_token(
    server: FakeBroadcastd,
    endpoint: FakeTokenEndpoint,
    settings: Settings,
    tmp_path: Path,
) -> None:
    assert settings.token_endpoint is not None
    environment = {
        "REGISTRATION_TOKEN_URL": endpoint.url,
        "REGISTRATION_CLIENT_ID": "registration",
        "REGISTRATION_CLIENT_SECRET_FILE": str(
            settings.token_endpoint.secret_file
        ),
    }
    log = tmp_path / "log"
    server.accept("token-1")

    with RegistrationApi(server.address, log, environment) as api:
        assert httpx.get(f"{api.url}{URL}").status_code == 200
    endpoint.status = 503
    with pytest.raises(NotReady, match="token endpoint answers with status"):
        RegistrationApi(server.address, log, environment).start()

    assert set(server.tokens()) == {"token-1"}
    assert "token-1" not in log.read_text()
    assert SECRET not in log.read_text()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"TOKEN_URL": "https://issuer/t"}, "need each other"),
        ({"TOKEN_URL": "http://issuer.example/t"}, "must be https"),
        ({"TOKEN_URL": "https://me:hush@issuer.example/t"}, "password"),
        ({"TOKEN_URL": "ftp://localhost/t"}, "must be https"),
    ],
)
def test_settings_that_do_not_suit_are_refused(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str
) -> None:
    others = {"CLIENT_ID": "a", "CLIENT_SECRET_FILE": "b"}
    if words != "need each other":
        environment = {**others, **environment}
    for name, value in environment.items():
        monkeypatch.setenv(f"REGISTRATION_{name}", value)

    with pytest.raises(ValueError, match=words) as caught:
        Settings.from_environment()

    assert "hush" not in str(caught.value)


def test_one_source_of_tokens_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET_FILE"):
        monkeypatch.setenv(f"REGISTRATION_{name}", "https://issuer/t")
    monkeypatch.setenv("BROADCAST_TOKEN", "hush")

    with pytest.raises(ValueError, match="BROADCAST_TOKEN contradicts"):
        Settings.from_environment()
