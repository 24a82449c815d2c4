"""Every method, called by everybody who must not and by who may.

Methods and scopes come from the contract, what each caller must be told from
the rules below: a method that is added is tested without a change here.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from broadcastd_process import HOOKS_SECRET, Broadcastd
from callers import ALL_SCOPES, METHODS, Caller, required_scope, scopes
from example_requests import (
    EXAMPLES,
    OF_ALL_CLIENTS,
    REFUSED_TO_ALL,
    Owner,
)
from google.protobuf.message import Message
from issuers import Issuer, jwks

ISSUER = Issuer("good")
STRANGER = Issuer("good")  # the same name, another key
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def server(
    own_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broadcastd]:
    """A server that knows the tokens of one issuer."""
    folder = tmp_path_factory.mktemp("matrix")
    keys = folder / "keys.json"
    keys.write_text(jwks(ISSUER))
    options = (f"--jwt_keys={keys}", "--principal_rate=0", "--address_rate=0")
    with Broadcastd(
        own_database,
        folder,
        *options,
        "--account=log=log",
        "--account=hooks=webhook",
        environment={"BROADCASTD_ACCOUNT_HOOKS_SECRET": HOOKS_SECRET},
    ) as server:
        yield server


def caller(server: Broadcastd, **claims: Any) -> Caller:
    return Caller(server.channel, ISSUER.token(**claims))


@pytest.fixture
def owner(server: Broadcastd) -> Owner:
    """A client of its own for each test."""
    return Owner(caller(server, scope=ALL_SCOPES))


def example(method: str, owner: Owner) -> dict[str, Any]:
    assert method in EXAMPLES, (
        f"nobody knows how to call {method}: add a request that succeeds to "
        "EXAMPLES in tests/e2e/example_requests.py"
    )
    return EXAMPLES[method](owner)


def right_scope(method: str) -> str:
    """Return what a token needs for a method, and nothing more."""
    scope = required_scope(method)
    assert scope, f"{method} declares no required_scope"
    return "" if scope == "any" else scope


def expect_served(caller: Caller, method: str, request: Any) -> None:
    """Make a call that nothing of its caller forbids."""
    if method in REFUSED_TO_ALL:
        assert caller.refused(method, request).reason == REFUSED_TO_ALL[method]
    else:
        caller.call(method, request)


def expect_served_as_bound(caller: Caller, method: str, request: Any) -> None:
    """Make a call as one who is bound to the client that it is about."""
    if method in OF_ALL_CLIENTS:
        assert caller.refused(method, request).reason == "SCOPE_MISSING"
    else:
        expect_served(caller, method, request)


def ids_of(owner: Owner) -> set[str]:
    """Return all that must not be told to others."""
    pair = owner.entry.channel_pair
    return {
        owner.client_id,
        owner.mark,
        owner.entry.entry_id,
        pair.channel_pair_id,
        pair.open_channel.channel_id,
        pair.closed_channel.channel_id,
    }


def bad_tokens() -> dict[str, tuple[str, str]]:
    """Return tokens, each with what is wrong with it."""
    good = {"scope": ALL_SCOPES}
    header, payload, _ = ISSUER.token(**good).split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"  # {"alg":"none","typ":"JWT"}
    expired = ISSUER.token(**good, exp=1_700_000_000)
    early = ISSUER.token(**good, nbf=4_000_000_000)
    nobody = ISSUER.token(**good, client_id="")
    return {
        "garbage": ("not-a-token", "malformed"),
        "unsigned": (f"{none}.{payload}.", "algorithm"),
        "another's signature": (STRANGER.token(**good), "signature"),
        "no signature": (f"{header}.{payload}.AAAA", "signature"),
        "an unknown key": (Issuer("other").token(**good), "key"),
        "expired": (expired, "expired"),
        "of tomorrow": (early, "not_yet_valid"),
        "of no client": (nobody, "claims"),
    }


@pytest.mark.parametrize("method", METHODS)
def test_who_is_not_known_is_told_nothing(
    server: Broadcastd, owner: Owner, method: str
) -> None:
    request = example(method, owner)
    failure = Caller(server.channel).refused(method, request)
    assert failure.code is grpc.StatusCode.UNAUTHENTICATED
    assert failure.reason == "TOKEN_MISSING"
    for what, (token, problem) in bad_tokens().items():
        failure = Caller(server.channel, token).refused(method, request)
        assert failure.code is grpc.StatusCode.UNAUTHENTICATED, what
        assert failure.reason == "TOKEN_INVALID", what
        assert failure.metadata == {"problem": problem}, what
        assert token not in str(failure), what
    expect_served(caller(server, scope=right_scope(method)), method, request)


@pytest.mark.parametrize("method", METHODS)
def test_only_the_declared_scope_opens_a_method(
    server: Broadcastd, owner: Owner, method: str
) -> None:
    request = example(method, owner)
    required = right_scope(method)
    wrong = {
        "all others": " ".join(scopes() - {required}),
        "others as a list": sorted(scopes() - {required}),
        "none": "",
        "in capitals": required.upper(),
        "with more behind it": f"{required}:all",
    }
    for what, scope in wrong.items() if required else ():
        for owned in ({}, {"client_id": owner.client_id}):
            failure = caller(server, scope=scope, **owned).refused(
                method, request
            )
            assert failure.code is grpc.StatusCode.PERMISSION_DENIED, what
            assert failure.reason == "SCOPE_MISSING", what
            assert failure.metadata == {"scope": required}, what
            assert not failure.metadata.keys() - {"scope"}
    if required:
        claimless = caller(server, client_id=owner.client_id)
        assert claimless.refused(method, request).reason == "SCOPE_MISSING"
    own = caller(server, scope=required, client_id=owner.client_id)
    expect_served_as_bound(own, method, request)


@pytest.mark.parametrize("method", METHODS)
def test_another_client_finds_nothing(
    server: Broadcastd, owner: Owner, method: str
) -> None:
    request = example(method, owner)
    named = UUID.findall(str(request))
    secrets = ids_of(owner)
    other = caller(server, scope=ALL_SCOPES, client_id=str(uuid.uuid4()))
    if named:
        # What there is must look like what there is not.
        failure = other.refused(method, request)
        assert failure.code is grpc.StatusCode.NOT_FOUND, failure
        assert failure.reason.endswith("_NOT_FOUND")
        told = set(UUID.findall(failure.details + failure.message))
        assert told <= set(named)
        assert owner.mark not in failure.details
    elif method in OF_ALL_CLIENTS:
        assert other.refused(method, request).reason == "SCOPE_MISSING"
    else:
        answer = other.call(method, request)
        assert isinstance(answer, Message)
        for secret in secrets:
            assert secret not in str(answer)
    # The one whose it is does find it, and nothing was changed.
    own = caller(server, scope=right_scope(method), client_id=owner.client_id)
    expect_served_as_bound(own, method, request)


def test_every_method_declares_a_scope() -> None:
    assert len(METHODS) >= 40
    for method in METHODS:
        right_scope(method)


def test_whoever_adds_a_method_is_told_what_to_add() -> None:
    assert set(EXAMPLES) <= set(METHODS), "an example of a method that is gone"
    with pytest.raises(AssertionError, match=r"to EXAMPLES in tests/e2e/"):
        example("BroadcastService.NewMethod", Owner.__new__(Owner))


def test_health_asks_for_no_token_and_reflection_is_off(
    server: Broadcastd, tmp_path: Path
) -> None:
    assert server.healthy()
    assert server.channel is not None
    for version in ("v1", "v1alpha"):
        reflect = server.channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        )
        with pytest.raises(grpc.RpcError) as refused:
            list(reflect(iter([b""]), timeout=10))
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
