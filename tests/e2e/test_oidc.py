"""Keys that an OpenID provider publishes, rotates and fails to publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from broadcastd_process import Broadcastd, eventually, free_port
from callers import Caller, Failure
from issuers import Issuer, jwks
from openid_provider import OpenIdProvider

AUDIENCE = "broadcastd"
FIRST, SECOND = Issuer("first", "RS256"), Issuer("second")


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with OpenIdProvider(free_port(), FIRST) as provider:
        yield provider


def server_of(
    provider: OpenIdProvider, folder: Path, *options: str
) -> Broadcastd:
    return Broadcastd(
        f"sqlite:{folder / 'b.db'}",
        folder,
        f"--oidc_issuer={provider.url}",
        f"--jwt_audience={AUDIENCE}",
        "--reload_interval=1s",
        *options,
    )


def ask(
    server: Broadcastd, provider: OpenIdProvider, issuer: Issuer, **more: Any
) -> str:
    """Return the problem with a token; empty if there is none."""
    claims = {"iss": provider.url, "aud": AUDIENCE} | more
    caller = Caller(server.channel, issuer.token(**claims))
    done = caller.attempt("AdminService.GetServerInfo", {})
    if not isinstance(done, Failure):
        return ""
    assert done.code is grpc.StatusCode.UNAUTHENTICATED, done
    return done.metadata["problem"]


def test_keys_are_found_rotated_and_kept_when_the_provider_goes_away(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    with server_of(provider, tmp_path, "--jwt_key_overlap=0s") as server:
        assert ask(server, provider, FIRST) == ""
        assert ask(server, provider, SECOND) == "key"
        assert ask(server, provider, FIRST, aud="others") == "audience"
        assert ask(server, provider, FIRST, iss=provider.url + "/") == "issuer"

        provider.keys = jwks(FIRST, SECOND)
        eventually(lambda: ask(server, provider, SECOND) == "", 5)
        assert ask(server, provider, FIRST) == ""
        provider.keys = jwks(SECOND)
        eventually(lambda: ask(server, provider, FIRST) == "key", 5)
        assert ask(server, provider, SECOND) == ""

        provider.stop()
        failed = "auth.keys_not_loaded"
        eventually(lambda: failed in server.log.read_text(), 10)
        assert ask(server, provider, SECOND) == ""
        assert ask(server, provider, FIRST) == "key"
        assert server.healthy()

        # Back with what is no key set: still the last good one.
        asked = provider.asked
        provider.keys = '{"keys": "none"}'
        provider.start()
        eventually(lambda: provider.asked >= asked + 2, 10)
        assert ask(server, provider, SECOND) == ""
        provider.keys = jwks(FIRST)
        eventually(lambda: ask(server, provider, FIRST) == "", 5)
        told = [e for e in server.events() if e.get("event") == failed]
        assert len(told) == 1, told  # once, not each second


def test_a_provider_that_is_away_at_the_start_is_found_later(
    tmp_path: Path,
) -> None:
    provider = OpenIdProvider(free_port(), FIRST)
    with server_of(provider, tmp_path) as server:
        assert ask(server, provider, FIRST) == "key"
        with provider:
            eventually(lambda: ask(server, provider, FIRST) == "", 10)
        assert ask(server, provider, FIRST) == ""


def test_tokens_with_unknown_keys_do_not_flood_the_provider(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    options = ("--reload_interval=1h", "--principal_rate=0", "--address_rate=0")
    server = server_of(provider, tmp_path)
    server.options = (*server.options[:2], *options)
    with server:
        asked = provider.asked
        for number in range(300):
            stranger = Issuer(f"stranger {number}", secret="s" * 40)
            assert ask(server, provider, stranger) == "key"
        assert provider.asked - asked <= 4
        # But they make it look again, long before the interval ends.
        provider.keys = jwks(FIRST, SECOND)
        eventually(lambda: ask(server, provider, SECOND) == "", 20)


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "http://127.0.0.1/realms/others"},
        {"jwks_uri": None},
        {"jwks_uri": "http://id.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_configuration_that_cannot_be_trusted_gives_no_keys(
    provider: OpenIdProvider, tmp_path: Path, configuration: dict[str, Any]
) -> None:
    good = dict(provider.configuration)
    with server_of(provider, tmp_path, "--jwt_key_overlap=0s") as server:
        assert ask(server, provider, FIRST) == ""
        provider.configuration |= configuration
        failed = "auth.keys_not_loaded"
        eventually(lambda: failed in server.log.read_text(), 10)
        assert ask(server, provider, FIRST) == ""
        provider.configuration = good
        provider.keys = jwks(SECOND)
        eventually(lambda: ask(server, provider, SECOND) == "", 5)


def test_a_published_secret_is_no_key(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    # Who reads a published HS256 "key" could sign as anybody.
    provider.keys = (
        '{"keys": [{"kty": "oct", "kid": "first", "k": "'
        'c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA"}]}'
    )
    with server_of(provider, tmp_path) as server:
        secret = Issuer("first", secret="secret secret secret secret secret")
        assert ask(server, provider, secret) in ("key", "algorithm")
