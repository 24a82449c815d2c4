"""A certificate or key that is no good replaces none that is served."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import grpc
import pytest
from broadcastd_process import Broadcastd, eventually
from callers import ALL_SCOPES, Caller, Failure
from certificates import Authority, Certificate
from issuers import Issuer, jwks

AUTHORITY = Authority()
RELOAD = "--reload_interval=1s"
UNLIMITED = ("--principal_rate=0", "--address_rate=0")
LIST = "ClientService.ListClients"


class Mount:
    """A folder as mounted secrets are: files behind a link that is renamed."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, which is empty still."""
        self.folder = folder
        self.folder.mkdir()
        self.versions = itertools.count()

    def put(self, files: dict[str, bytes]) -> None:
        """Replace all files at once."""
        version = self.folder / f"..version_{next(self.versions)}"
        version.mkdir()
        for name, data in files.items():
            (version / name).write_bytes(data)
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(Path("..data") / name)
        link = self.folder / "..data_new"
        link.symlink_to(version.name)
        link.rename(self.folder / "..data")

    def put_certificate(self, given: Certificate) -> None:
        """Replace certificate and key."""
        self.put({"tls.crt": given.pem, "tls.key": given.key_pem})


class Load:
    """Callers that never stop, each with a connection that it keeps or not."""

    def __init__(self, server: Broadcastd, token: Callable[[], str]) -> None:
        """Begin."""
        self.server = server
        self.token = token
        self.failures: list[str] = []
        self.calls = 0
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._call, args=(keeps,))
            for keeps in (True, True, False, False)
        ]
        for thread in self.threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _call(self, keeps: bool) -> None:
        kept = self.server.dial()
        while not self.stopping.is_set():
            channel = kept if keeps else self.server.dial()
            done = Caller(channel, self.token()).attempt(LIST, {})
            self.calls += 1
            if isinstance(done, Failure):
                self.failures.append(f"keeps={keeps}: {done}")
            if not keeps:
                channel.close()
            self.stopping.wait(0.005)
        kept.close()

    def check(self, at_least: int) -> None:
        """No call failed."""
        assert not self.failures, self.failures[:5]
        assert self.calls > at_least


def served_certificate(address: str) -> bytes:
    """Return the certificate that a new connection is shown."""
    context = ssl.create_default_context(cadata=AUTHORITY.pem.decode())
    context.set_alpn_protocols(["h2"])
    host, port = address.split(":")
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    assert shown is not None
    return shown


@pytest.fixture
def mount(tmp_path: Path) -> Mount:
    """A mounted certificate."""
    mount = Mount(tmp_path / "tls")
    mount.put_certificate(AUTHORITY.server())
    return mount


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the database and the keys are."""
    return tmp_path


@pytest.fixture
def issuer() -> Issuer:
    """Who signs at first."""
    return Issuer("first")


@pytest.fixture
def server(folder: Path, mount: Mount, issuer: Issuer) -> Iterator[Broadcastd]:
    """A server over TLS that knows one issuer."""
    keys = folder / "keys.json"
    keys.write_text(jwks(issuer))
    with Broadcastd(
        f"sqlite:{folder / 'b.db'}",
        folder,
        f"--tls_certificate={mount.folder / 'tls.crt'}",
        f"--tls_key={mount.folder / 'tls.key'}",
        f"--jwt_keys={keys}",
        "--jwt_key_overlap=0s",
        RELOAD,
        *UNLIMITED,
        credentials=grpc.ssl_channel_credentials(AUTHORITY.pem),
    ) as server:
        yield server


def test_a_pair_that_does_not_match_or_is_gone_leaves_the_last_one(
    server: Broadcastd, mount: Mount, issuer: Issuer
) -> None:
    last = served_certificate(server.address)
    token = issuer.token(scope=ALL_SCOPES)
    one, other = AUTHORITY.server(), AUTHORITY.server()
    with Load(server, lambda: token) as load:
        for certificate, key in [
            (one.pem, other.key_pem),
            (one.pem, b""),  # which ends a process that hands it to gRPC
            (b"nothing", one.key_pem),
            (one.pem + one.pem[:200] + one.pem[-40:], one.key_pem),
        ]:
            mount.put({"tls.crt": certificate, "tls.key": key})
            time.sleep(1.5)
            assert served_certificate(server.address) == last
        (mount.folder / "..data").unlink()
        time.sleep(1.5)
        assert served_certificate(server.address) == last
        mount.put_certificate(one)
        eventually(lambda: served_certificate(server.address) == one.der, 10)
    load.check(200)
    # It is told once, not at each look.
    names = [event["event"] for event in server.events()]
    assert names.count("tls.files_not_loaded") == 1
    assert names.count("tls.files_changed") == 1


def test_the_process_keeps_no_file_open(
    server: Broadcastd, folder: Path, mount: Mount
) -> None:
    time.sleep(2.5)
    kept = (str(mount.folder), str(folder / "keys.json"))
    for number in Path(f"/proc/{server.pid}/fd").iterdir():
        assert not str(number.readlink()).startswith(kept)
