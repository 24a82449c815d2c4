"""Where a token comes from, how long it is used, and who never sees it.

One file, long as it is: every way to get a token is held to the same by the
same issuer and clock.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from broadcastd import AsyncClient, Client, Token, errors
from broadcastd import messages as m
from broadcastd._token_cache import AsyncTokenCache, TokenCache
from broadcastd.tokens import expiry_of
from fake_broadcastd import FakeBroadcastd


def jwt(**claims: Any) -> str:
    def part(content: dict[str, Any]) -> str:
        text = base64.urlsafe_b64encode(json.dumps(content).encode())
        return text.decode().rstrip("=")

    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2lnbmF0dXJl"


class Issuer:
    """A provider that numbers its tokens; what was put in front comes first."""

    def __init__(self, *first: Token | str | Exception) -> None:
        self.first = list(first)
        self.asked = 0

    def __call__(self) -> Token | str:
        self.asked += 1
        if not self.first:
            return f"token-{self.asked}"
        given = self.first.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    async def later(self) -> Token | str:
        await asyncio.sleep(0)
        return self()


class Clock:
    """A clock that stands."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Waited:
    """An AsyncTokenCache as threads would see it."""

    def __init__(self, issuer: Issuer, clock: Clock) -> None:
        self._cache = AsyncTokenCache(issuer.later, clock)
        self._loop = asyncio.new_event_loop()

    def get(self, timeout: float) -> Token:
        return self._loop.run_until_complete(self._cache.get(timeout))

    def renew(self, refused: Token | None, timeout: float) -> Token | None:
        renewing = self._cache.renew(refused, timeout)
        return self._loop.run_until_complete(renewing)


Cache = TokenCache | Waited


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[TokenCache, Waited])
def make(request: pytest.FixtureRequest, clock: Clock) -> Any:
    """Make a cache of either kind, for a provider."""
    return lambda issuer: request.param(issuer, clock)


Make = Callable[[Issuer], Cache]


def test_a_token_is_kept_until_shortly_before_it_expires(
    make: Make, clock: Clock
) -> None:
    issuer = Issuer(Token("first", clock.now + 3600))
    cache = make(issuer)

    assert cache.get(1).value == "first"
    clock.now += 3600 - 61
    assert cache.get(1).value == "first"
    clock.now += 2
    assert cache.get(1).value == "token-2"
    assert issuer.asked == 2


def test_a_short_life_leaves_a_token_its_time(make: Make, clock: Clock) -> None:
    issuer = Issuer(Token("short", clock.now + 10))
    cache = make(issuer)

    cache.get(1)
    clock.now += 7
    assert cache.get(1).value == "short"
    clock.now += 2
    assert cache.get(1).value == "token-2"


def test_a_token_without_expiry_is_kept(make: Make, clock: Clock) -> None:
    issuer = Issuer()
    cache = make(issuer)

    for _ in range(3):
        assert cache.get(1).value == "token-1"
        clock.now += 1e6


def test_a_clock_that_is_ahead_does_not_ask_for_every_call(
    make: Make, clock: Clock
) -> None:
    issuer = Issuer(*(Token(f"old-{i}", clock.now - 3600) for i in range(9)))
    cache = make(issuer)

    assert {cache.get(1).value for _ in range(5)} == {"old-0"}
    clock.now += 2
    assert cache.get(1).value == "old-1"


def test_the_token_in_hand_bridges_a_failure(make: Make, clock: Clock) -> None:
    issuer = Issuer(Token("first", clock.now + 3600), OSError("down"))
    cache = make(issuer)

    cache.get(1)
    clock.now += 3600 - 30
    assert [cache.get(1).value for _ in range(5)] == ["first"] * 5
    assert issuer.asked == 2
    clock.now += 11
    assert cache.get(1).value == "token-3"


def test_an_expired_token_bridges_nothing(make: Make, clock: Clock) -> None:
    issuer = Issuer(Token("first", clock.now + 3600), OSError("down"))
    cache = make(issuer)

    cache.get(1)
    clock.now += 3601
    with pytest.raises(errors.TokenUnavailable):
        cache.get(1)
    assert cache.get(1).value == "token-3"


def test_a_refused_renewal_leaves_the_provider_in_peace(
    make: Make, clock: Clock
) -> None:
    issuer = Issuer()
    cache = make(issuer)

    first = cache.get(1)
    second = cache.renew(first, 1)
    assert second is not None
    assert second.value == "token-2"
    assert cache.renew(first, 1) == second
    assert cache.renew(second, 1) is None
    assert issuer.asked == 2
    clock.now += 11
    assert cache.renew(second, 1) == Token("token-3")


def test_the_same_token_again_is_no_other_token(make: Make) -> None:
    cache = make(Issuer("same", "same"))

    assert cache.renew(cache.get(1), 1) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (OSError("secret-in-its-text"), "(OSError)"),
        ("", "(ValueError)"),
        ("two\nlines", "(ValueError)"),
        ("Bearer secret-in-its-text", "(ValueError)"),
        (b"secret-in-its-text", "(TypeError)"),
        (errors.TokenUnavailable("The issuer is ill."), "The issuer is ill."),
    ],
)
def test_a_provider_that_fails_is_a_typed_error(
    make: Make, given: Any, words: str
) -> None:
    with pytest.raises(errors.TokenUnavailable) as caught:
        make(Issuer(given)).get(1)

    assert words in str(caught.value)
    assert "secret-in-its-text" not in str(caught.value)
    assert isinstance(caught.value, errors.Unauthenticated)


def test_the_expiry_of_a_jwt_is_its_own() -> None:
    assert expiry_of(jwt(exp=1_700_000_000)) == 1_700_000_000
    assert Token(jwt(exp=1.5)).expires_at == 1.5
    assert Token(jwt(exp=1), expires_at=2).expires_at == 2


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "a.b.c",
        "....",
        "a.\xff.c",
        jwt(),
        jwt(exp="tomorrow"),
        jwt(exp=True),
        jwt(exp=float("nan")),
        jwt(exp=10**400),
        f"a.{base64.urlsafe_b64encode(b'[1]').decode()}.c",
        f"a.{base64.urlsafe_b64encode(b'[' * 99_999).decode()}.c",
    ],
)
def test_what_says_no_expiry_has_none(token: str) -> None:
    assert expiry_of(token) is None


# Through both clients.


def test_many_threads_ask_once(server: FakeBroadcastd) -> None:
    server.answer("GetServerInfo", m.GetServerInfoResponse())
    all_wait = threading.Barrier(9)
    issuer = Issuer()

    def provider() -> Token | str:
        time.sleep(0.2)
        return issuer()

    def call(client: Client) -> None:
        all_wait.wait(10)
        client.get_server_info()

    with (
        Client(server.address, token_provider=provider) as client,
        ThreadPoolExecutor(9) as pool,
    ):
        for done in [pool.submit(call, client) for _ in range(9)]:
            done.result()

    assert issuer.asked == 1
    assert server.tokens() == ["token-1"] * 9


def test_many_tasks_ask_once_and_one_that_leaves_harms_no_other(
    server: FakeBroadcastd,
) -> None:
    server.answer("GetServerInfo", m.GetServerInfoResponse())
    issuer = Issuer()

    async def provider() -> Token | str:
        await asyncio.sleep(0.2)
        return issuer()

    async def run() -> None:
        async with AsyncClient(
            server.address, token_provider=provider
        ) as client:
            first = asyncio.ensure_future(client.get_server_info())
            others = [
                asyncio.ensure_future(client.get_server_info())
                for _ in range(20)
            ]
            await asyncio.sleep(0.05)
            first.cancel()
            await asyncio.gather(*others)

    asyncio.run(run())

    assert issuer.asked == 1
    assert server.tokens() == ["token-1"] * 20


def test_many_refused_calls_renew_once(server: FakeBroadcastd) -> None:
    server.answer("CreateEntry", m.CreateEntryResponse())
    server.accept("token-2")
    issuer = Issuer()

    async def run() -> None:
        async with AsyncClient(
            server.address, token_provider=issuer.later
        ) as client:
            calls = (
                client.create_entry(m.CreateEntryRequest()) for _ in range(10)
            )
            await asyncio.gather(*calls)

    asyncio.run(run())

    assert issuer.asked == 2
    assert server.tokens().count("token-2") == 10


def test_a_refused_call_is_repeated_once_as_the_same_call(
    server: FakeBroadcastd,
) -> None:
    server.answer("CreateEntry", m.CreateEntryResponse())
    server.accept("token-2")

    with Client(server.address, token_provider=Issuer()) as client:
        client.create_entry(m.CreateEntryRequest())

    assert server.tokens() == ["token-1", "token-2"]
    first, second = (call.request.request_id for call in server.received)
    assert first == second != ""


def call_both_ways(server: FakeBroadcastd, issuer: Issuer) -> None:
    with (
        Client(server.address, token_provider=issuer) as client,
        pytest.raises(errors.TokenInvalid) as caught,
    ):
        client.create_entry(m.CreateEntryRequest())
    assert caught.value.problem == "expired"

    async def run() -> None:
        async with AsyncClient(server.address, token_provider=issuer) as other:
            with pytest.raises(errors.TokenInvalid):
                await other.create_entry(m.CreateEntryRequest())

    asyncio.run(run())


def test_a_call_is_never_repeated_twice(server: FakeBroadcastd) -> None:
    server.accept()
    issuer = Issuer()

    call_both_ways(server, issuer)

    assert server.tokens() == ["token-1", "token-2", "token-3", "token-4"]
    assert issuer.asked == 4


def test_a_call_is_not_repeated_with_the_same_token(
    server: FakeBroadcastd,
) -> None:
    server.accept()

    call_both_ways(server, Issuer("same", "same", "same", "same"))

    assert server.tokens() == ["same", "same"]


def test_other_refusals_are_not_repeated(server: FakeBroadcastd) -> None:
    server.accept("another")

    with (
        Client(server.address) as client,
        pytest.raises(errors.TokenMissing),
    ):
        client.get_server_info()
    with (
        Client(server.address, token="fixed") as client,
        pytest.raises(errors.TokenInvalid),
    ):
        client.get_server_info()

    assert server.tokens() == [None, "fixed"]


def test_a_provider_has_the_time_of_the_call(server: FakeBroadcastd) -> None:
    async def provider() -> str:
        await asyncio.sleep(30)
        return "late"

    async def run() -> None:
        async with AsyncClient(
            server.address, token_provider=provider
        ) as client:
            with pytest.raises(errors.TokenUnavailable, match="in time"):
                await client.get_server_info(timeout=0.1)
            waiting = asyncio.ensure_future(client.get_server_info())
            await asyncio.sleep(0.05)
        with pytest.raises(errors.TokenUnavailable, match="closed"):
            await waiting

    start = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - start < 10
    assert not server.received


def test_a_provider_without_async_does_not_block_the_loop(
    server: FakeBroadcastd,
) -> None:
    server.answer("GetServerInfo", m.GetServerInfoResponse())
    loops_thread = threading.get_ident()
    asked_in: list[int] = []

    def provider() -> Awaitable[str]:
        asked_in.append(threading.get_ident())

        async def token() -> str:
            asked_in.append(threading.get_ident())
            return "token"

        return token()

    async def run() -> None:
        async with AsyncClient(
            server.address, token_provider=provider
        ) as client:
            await client.get_server_info()

    asyncio.run(run())

    assert asked_in[0] != loops_thread
    assert asked_in[1] == loops_thread


# Files.


def test_a_token_file_is_read_again_when_it_is_replaced(
    server: FakeBroadcastd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Kubernetes does: a link to a folder is replaced."""
    server.answer("GetServerInfo", m.GetServerInfoResponse())
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "token").write_text(f"{name}-token\n")
    (tmp_path / "data").symlink_to("old")
    monkeypatch.setenv("BROADCAST_TOKEN_FILE", str(tmp_path / "data/token"))

    with Client(server.address) as client:
        client.get_server_info()
        client.get_server_info()
        (tmp_path / "next").symlink_to("new")
        (tmp_path / "next").replace(tmp_path / "data")
        client.get_server_info()

    assert server.tokens() == ["old-token", "old-token", "new-token"]


def test_a_token_file_is_read_again_after_a_refusal(
    server: FakeBroadcastd, tmp_path: Path
) -> None:
    server.answer("GetServerInfo", m.GetServerInfoResponse())
    server.accept("new-token")
    file = tmp_path / "token"
    file.write_text("old-token")
    status = file.stat()

    async def run() -> None:
        async with AsyncClient(server.address, token_file=file) as client:
            with pytest.raises(errors.TokenInvalid):
                await client.get_server_info()
            assert server.tokens() == ["old-token"]
            # In place, with the same size and times.
            file.write_text("new-token")
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
            await client.get_server_info()

    asyncio.run(run())

    assert server.tokens()[-1] == "new-token"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"hush hush"])
def test_a_token_file_without_a_token_is_a_typed_error(
    server: FakeBroadcastd, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)

    with (
        Client(server.address, token_file=file) as client,
        pytest.raises(errors.TokenUnavailable) as caught,
    ):
        client.get_server_info()

    assert str(file) in str(caught.value)
    assert "hush" not in "".join(traceback.format_exception(caught.value))
    assert not server.received


# Secrecy.


def test_nothing_shows_a_token(
    server: FakeBroadcastd,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.accept()
    file = tmp_path / "token"
    file.write_text("hush")
    sources: list[dict[str, Any]] = [
        {"token": "hush"},
        {"token_file": file},
        {"token_provider": lambda: "hush"},
        {"token_provider": lambda: Token("hush", time.time() + 99)},
    ]
    shown = [repr(Token("hush", 1)), str(Token("hush"))]
    for source in sources:
        with (
            Client(server.address, **source) as client,
            pytest.raises(errors.TokenInvalid) as caught,
        ):
            client.get_server_info()
        told = traceback.TracebackException.from_exception(
            caught.value, capture_locals=True
        )
        shown += [*told.format(), repr(client), repr(vars(client))]
        shown.append(repr(vars(client._connection)))

    # Even with the variables of all frames, but for those of this test.
    own = [line for line in shown if __file__ not in line]
    assert "hush" not in "".join(own)
    assert "hush" not in caplog.text


def test_a_token_that_cannot_be_sent_is_refused_unseen(
    server: FakeBroadcastd,
) -> None:
    with pytest.raises(ValueError, match="visible ASCII") as caught:
        Client(server.address, token="hush\nhush")

    assert "hush" not in str(caught.value)
