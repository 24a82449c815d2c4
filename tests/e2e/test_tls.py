"""TLS and who is known by it: certificates, healthcheck, tokens by hand."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from broadcastd_process import ROOT, Broadcastd, run_broadcastd
from callers import Caller
from certificates import DAY, Authority, Certificate

USAGE, UNHEALTHY = 2, 7
GRPCURL = Path(
    os.environ.get("BROADCASTD_GRPCURL", ROOT / ".tools/bin/grpcurl")
)
SECRET = "a secret of at least thirty-two bytes"
CLIENT = str(uuid.uuid4())
WEB = "spiffe://example/web"
IDENTITIES = f"""
[identities.web]
certificate = "{WEB}"
scopes = "entries:read clients:read clients:write"
client_id = "{CLIENT}"

[identities.robot]
certificate = "robot.example"
scopes = "clients:read"

[identities.person]
certificate = "Some Person"
scopes = ""
"""


@dataclasses.dataclass
class Estate:
    """Authorities, the files that a server needs, and the server."""

    folder: Path
    servers: Authority
    callers: Authority
    pair: tuple[str, str]  # options
    server: Broadcastd

    def connect(self, shown: Certificate | None) -> grpc.Channel:
        """Return a connection that shows this certificate."""
        credentials = grpc.ssl_channel_credentials(
            self.servers.pem,
            shown.key_pem if shown else None,
            shown.pem if shown else None,
        )
        return grpc.secure_channel(
            self.server.address,
            credentials,
            [("grpc.use_local_subchannel_pool", 1)],
        )

    def caller(self, shown: Certificate | None, token: str = "") -> Caller:
        return Caller(self.connect(shown), token)


@pytest.fixture(scope="module", params=["required", "optional"])
def estate(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Estate]:
    """A server that wants certificates, or takes them."""
    folder = tmp_path_factory.mktemp("tls")
    servers, callers = Authority("Servers"), Authority("Callers")
    certificate, key = servers.server().write(folder)
    (folder / "ca.crt").write_bytes(callers.pem)
    (folder / "secret").write_text(SECRET)
    config = folder / "broadcastd.toml"
    config.write_text(IDENTITIES)
    pair = (f"--tls_certificate={certificate}", f"--tls_key={key}")
    shown = callers.give("monitor", dns="monitor.example")
    shown.write(folder / "probe")
    with Broadcastd(
        f"sqlite:{folder / 'b.db'}",
        folder,
        *pair,
        f"--tls_client_ca={folder / 'ca.crt'}",
        f"--tls_client_certificates={request.param}",
        f"--config={config}",
        f"--jwt_secret_file={folder / 'secret'}",
        "--reflection=true",
        credentials=grpc.ssl_channel_credentials(
            servers.pem, shown.key_pem, shown.pem
        ),
    ) as server:
        yield Estate(folder, servers, callers, pair, server)


def token_of(estate: Estate, *options: str) -> str:
    """Return what `broadcastd token` prints."""
    done = run_broadcastd(
        "token", f"--jwt_secret_file={estate.folder / 'secret'}", *options
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.removesuffix("\n")


def is_required(estate: Estate) -> bool:
    return "--tls_client_certificates=required" in estate.server.options


def test_a_certificate_is_the_identity_that_names_it(estate: Estate) -> None:
    web = estate.caller(estate.callers.give("anything", uri=WEB))
    named = {"client_id": CLIENT}
    web.attempt("ClientService.DeleteClient", named)
    assert web.call("ClientService.CreateClient", named)
    assert web.call("ClientService.GetClient", named).client.client_id == CLIENT
    other = {"client_id": str(uuid.uuid4())}
    failure = web.refused("ClientService.GetClient", other)
    assert failure.reason == "CLIENT_NOT_FOUND"
    failure = web.refused("ChannelService.ListChannels", {})
    assert failure.reason == "SCOPE_MISSING"

    robot = estate.caller(
        estate.callers.give("Some Person", dns="robot.example")
    )
    found = robot.call("ClientService.ListClients", {}).clients
    assert [client.client_id for client in found] == [CLIENT]
    failure = robot.refused("ClientService.CreateClient", other)
    assert failure.metadata == {"scope": "clients:write"}

    person = estate.caller(estate.callers.give("Some Person"))
    assert person.call("AdminService.GetServerInfo", {}).version
    failure = person.refused("ClientService.ListClients", {})
    assert failure.reason == "SCOPE_MISSING"


def test_a_certificate_that_no_identity_names_is_nobody(estate: Estate) -> None:
    for stranger in (
        estate.callers.give("stranger", dns="web", uri=WEB + "/more"),
        estate.callers.give("stranger", dns="ROBOT.example.com"),
        estate.callers.give(f"{WEB},robot.example"),
        estate.callers.give("web"),
    ):
        caller = estate.caller(stranger)
        failure = caller.refused("AdminService.GetServerInfo", {})
        assert failure.reason == "TOKEN_MISSING", failure


def test_a_token_outranks_the_certificate(estate: Estate) -> None:
    shown = estate.callers.give("anything", uri=WEB)
    caller = estate.caller(shown, token_of(estate, "--scopes=channels:read"))
    assert caller.call("ChannelService.ListChannels", {}) is not None
    failure = caller.refused("ClientService.ListClients", {})
    assert failure.reason == "SCOPE_MISSING"
    caller = estate.caller(shown, "not-a-token")
    failure = caller.refused("ClientService.ListClients", {})
    assert failure.reason == "TOKEN_INVALID"


def test_only_certificates_of_the_authority_connect(estate: Estate) -> None:
    for bad in (
        Authority("Callers").give("anything", uri=WEB),
        estate.servers.give("anything", uri=WEB),
        estate.callers.give("anything", uri=WEB, ends=-DAY),
    ):
        failure = estate.caller(bad).refused("AdminService.GetServerInfo", {})
        assert failure.code is grpc.StatusCode.UNAVAILABLE, failure
    caller = estate.caller(None, token_of(estate))
    if is_required(estate):
        failure = caller.refused("AdminService.GetServerInfo", {})
        assert failure.code is grpc.StatusCode.UNAVAILABLE
    else:
        assert caller.call("AdminService.GetServerInfo", {}).version
        failure = estate.caller(None).refused("AdminService.GetServerInfo", {})
        assert failure.reason == "TOKEN_MISSING"
    assert estate.server.healthy()


def test_nothing_is_served_in_the_clear_or_by_old_versions(
    estate: Estate,
) -> None:
    with grpc.insecure_channel(estate.server.address) as channel:
        failure = Caller(channel).refused("AdminService.GetServerInfo", {})
        assert failure.code is grpc.StatusCode.UNAVAILABLE
    for version, good in (("-tls1_1", False), ("-tls1_2", True)):
        done = subprocess.run(
            [
                *("openssl", "s_client", version, "-alpn", "h2"),
                *("-cipher", "DEFAULT:@SECLEVEL=0"),
                *("-CAfile", write_authority(estate), "-verify_return_error"),
                *("-connect", estate.server.address),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
        )
        met = b"Cipher is (NONE)" not in done.stdout
        assert met is good, done.stdout + done.stderr


def write_authority(estate: Estate) -> Path:
    file = estate.folder / "servers.crt"
    file.write_bytes(estate.servers.pem)
    return file


def test_healthcheck_shows_a_certificate_if_one_is_wanted(
    estate: Estate,
) -> None:
    probe = estate.folder / "probe"
    trust = f"--tls_ca={write_authority(estate)}"
    at = f"--address={estate.server.address}"

    def status(*options: str) -> int:
        done = run_broadcastd("healthcheck", at, *options)
        assert SECRET not in done.stdout + done.stderr
        return done.returncode

    shown = (
        f"--tls_certificate={probe / 'tls.crt'}",
        f"--tls_key={probe / 'tls.key'}",
    )
    assert status(trust, *shown) == 0
    assert status() == UNHEALTHY
    without = UNHEALTHY if is_required(estate) else 0
    assert status(trust) == without
    # Of another authority than the server's, so that it is not trusted.
    assert status(*shown) == UNHEALTHY
    assert status(f"--tls_ca={estate.folder / 'ca.crt'}", *shown) == UNHEALTHY
    assert status(f"--tls_ca={estate.folder / 'none'}") == USAGE


def grpcurl(
    estate: Estate, token: str, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    probe = estate.folder / "probe"
    return subprocess.run(
        [
            *(GRPCURL, "-cacert", write_authority(estate)),
            *("-cert", probe / "tls.crt", "-key", probe / "tls.key"),
            *("-H", f"authorization: Bearer {token}"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_token_by_hand_works_with_grpcurl(
    estate: Estate, tmp_path: Path
) -> None:
    token = token_of(estate, f"--client_id={CLIENT}", "--ttl=5m")
    assert token.count(".") == 2
    at, create = estate.server.address, "broadcast.v1.ClientService/{}Client"
    named = json.dumps({"client_id": CLIENT})
    grpcurl(estate, token, "-d", named, at, create.format("Delete"))
    done = grpcurl(estate, token, "-d", named, at, create.format("Create"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["client"]["client_id"] == CLIENT

    protoset = tmp_path / "broadcast.protoset"
    subprocess.run(
        [ROOT / "tools/proto.sh", tmp_path / "stubs", protoset], check=True
    )
    given: tuple[Any, ...] = ("-protoset", protoset, "-d", named, at)
    done = grpcurl(estate, token, *given, create.format("Get"))
    assert done.returncode == 0, done.stderr
    little = token_of(estate, "--scopes=entries:read")
    done = grpcurl(estate, little, *given, create.format("Get"))
    assert done.returncode == 64 + grpc.StatusCode.PERMISSION_DENIED.value[0]
    assert '"reason": "SCOPE_MISSING"' in done.stderr
    done = grpcurl(estate, token[:-4] + "AAAA", *given, create.format("Get"))
    assert done.returncode == 64 + grpc.StatusCode.UNAUTHENTICATED.value[0]
    assert '"problem": "signature"' in done.stderr


def test_bad_files_are_refused_at_the_start(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.server().write(tmp_path / "one")
    _, other_key = authority.server().write(tmp_path / "two")
    expired, expired_key = authority.server(ends=-DAY).write(tmp_path / "old")
    none, empty = tmp_path / "none", tmp_path / "empty"
    empty.touch()

    def refuses(*files: Path, words: str, **options: str) -> None:
        names = ("tls_certificate", "tls_key", "tls_client_ca")
        given = dict(zip(names, map(str, files), strict=False)) | options
        arguments = [f"--{name}={value}" for name, value in given.items()]
        listen = [] if "listen" in given else ["--listen=127.0.0.1:0"]
        done = run_broadcastd(
            *(f"--database=sqlite:{tmp_path / 'b.db'}", "--metrics_listen="),
            *arguments,
            *listen,
        )
        assert done.returncode == USAGE, done.stderr
        assert words in done.stderr
        assert done.stderr.count("\n") <= len(done.stderr.split(": ")) // 2
        assert "PRIVATE KEY" not in done.stderr

    refuses(certificate, other_key, words="matches tls_certificate")
    refuses(certificate, certificate, words="tls_key")
    refuses(none, key, words=f"tls_certificate: {none}")
    refuses(certificate, none, words=f"tls_key: {none}")
    refuses(empty, key, words="tls_certificate")
    refuses(expired, expired_key, words="has expired")
    refuses(certificate, key, none, words=f"tls_client_ca: {none}")
    refuses(certificate, key, empty, words="tls_client_ca")
    refuses(certificate, words="give --tls_key too")

    public = {"listen": "0.0.0.0:0"}
    refuses(words="neither TLS nor authentication", **public)
    refuses(certificate, key, words="no authentication", **public)
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secured = public | {"jwt_secret_file": str(secret)}
    refuses(words="no TLS", **secured)
    pair = (f"--tls_certificate={certificate}", f"--tls_key={key}")
    listening = [f"--{name}={value}" for name, value in secured.items()]
    done = run_broadcastd("--print-config", *pair, *listening)
    assert done.returncode == 0, done.stderr
