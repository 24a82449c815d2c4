"""Tokens that the libraries of other languages make are good here.

What mints them is in tests/interop; tools/setup.sh makes it ready.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from broadcastd_process import ROOT, Broadcastd
from callers import Caller
from issuers import claims_of

MINTERS = {
    "PyJWT": [sys.executable, ROOT / "tests/interop/python/mint.py"],
    "jose": [
        ROOT / ".tools/bin/node",
        ROOT / "tests/interop/node/mint.mjs",
        ROOT / ".tools/node",
    ],
    "golang-jwt": [ROOT / ".tools/bin/mint_go"],
}
ALGORITHMS = ["HS256", "RS256", "PS256", "ES256", "EdDSA"]
SECRET = "a secret of at least thirty-two bytes"
CLIENT, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
ISSUER, AUDIENCE = "https://issuer.example/of tests", "broadcastd"
CLAIMS = claims_of(
    sub="someone \u20ac",
    iss=ISSUER,
    aud=["others", AUDIENCE],
    client_id=CLIENT,
    scope="openid clients:write clients:read",
)


def mint(library: str, claims: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        MINTERS[library],
        input=json.dumps({"secret": SECRET, "claims": claims}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=list(MINTERS))
def minted(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a library makes."""
    program = Path(MINTERS[request.param][0])
    assert program.exists(), f"there is no {program}: run tools/setup.sh"
    return mint(request.param, CLAIMS)


@pytest.fixture(scope="module", params=["jwks", "pem"])
def issued(
    request: pytest.FixtureRequest,
    minted: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Broadcastd, dict[str, Any]]]:
    """A server that has the keys of a library, and what the library made."""
    folder = tmp_path_factory.mktemp("foreign")
    keys, secret = folder / "keys", folder / "secret"
    options = [f"--jwt_keys={keys}"]
    if request.param == "jwks":
        keys.write_text(json.dumps(minted["jwks"]))
    else:
        keys.write_text(minted["pem"])
        secret.write_text(SECRET + "\n")
        options.append(f"--jwt_secret_file={secret}")
    with Broadcastd(
        f"sqlite:{folder / 'b.db'}",
        folder,
        *options,
        f"--jwt_issuer={ISSUER}",
        f"--jwt_audience={AUDIENCE}",
    ) as server:
        Caller(server.channel, minted["tokens"]["ES256"]["named"]).call(
            "ClientService.CreateClient", {"client_id": CLIENT}
        )
        yield server, minted["tokens"]


@pytest.mark.parametrize("form", ["named", "unnamed"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_is_known_with_all_that_it_says(
    issued: tuple[Broadcastd, dict[str, Any]], algorithm: str, form: str
) -> None:
    server, tokens = issued
    caller = Caller(server.channel, tokens[algorithm][form])
    get = "ClientService.GetClient"
    assert caller.call(get, {"client_id": CLIENT}).client.client_id == CLIENT
    assert caller.refused(get, {"client_id": OTHER}).reason == (
        "CLIENT_NOT_FOUND"
    )
    failure = caller.refused("ChannelService.ListChannels", {})
    assert failure.reason == "SCOPE_MISSING"
    assert failure.metadata == {"scope": "channels:read"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_that_was_changed_is_refused(
    issued: tuple[Broadcastd, dict[str, Any]], algorithm: str
) -> None:
    server, tokens = issued
    header, payload, signature = tokens[algorithm]["named"].split(".")
    other = tokens[algorithm]["unnamed"].split(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    for changed in (
        [header, payload, flipped],
        [header, payload, other[2]],
        [other[0], payload, signature],
    ):
        caller = Caller(server.channel, ".".join(changed))
        failure = caller.refused("AdminService.GetServerInfo", {})
        assert failure.reason == "TOKEN_INVALID"
        assert failure.metadata == {"problem": "signature"}


def test_a_token_of_another_issuer_with_the_same_key_names_is_refused(
    issued: tuple[Broadcastd, dict[str, Any]],
    request: pytest.FixtureRequest,
) -> None:
    server, _ = issued
    library = request.node.callspec.params["minted"]
    others = mint(library, CLAIMS)["tokens"]
    for algorithm in ALGORITHMS[1:]:
        for token in others[algorithm].values():
            caller = Caller(server.channel, token)
            failure = caller.refused("AdminService.GetServerInfo", {})
            assert failure.metadata == {"problem": "signature"}


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"exp": CLAIMS["iat"] - 3600}, "expired"),
        ({"nbf": CLAIMS["iat"] + 3600}, "not_yet_valid"),
        ({"iss": "https://elsewhere.example"}, "issuer"),
        ({"aud": "others"}, "audience"),
        ({"client_id": "nobody"}, "claims"),
    ],
)
@pytest.mark.parametrize("library", MINTERS)
def test_claims_are_looked_at(
    library: str,
    claims: dict[str, Any],
    problem: str,
    one_server: Broadcastd,
) -> None:
    token = mint(library, CLAIMS | claims)["tokens"]["HS256"]["unnamed"]
    failure = Caller(one_server.channel, token).refused(
        "AdminService.GetServerInfo", {}
    )
    assert failure.reason == "TOKEN_INVALID"
    assert failure.metadata == {"problem": problem}


@pytest.fixture(scope="module")
def one_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Broadcastd]:
    """A server that knows the secret alone."""
    folder = tmp_path_factory.mktemp("claims")
    (folder / "secret").write_text(SECRET)
    with Broadcastd(
        f"sqlite:{folder / 'b.db'}",
        folder,
        f"--jwt_secret_file={folder / 'secret'}",
        f"--jwt_issuer={ISSUER}",
        f"--jwt_audience={AUDIENCE}",
    ) as server:
        yield server
