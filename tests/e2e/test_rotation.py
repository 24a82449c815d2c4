"""Certificates, keys and secrets change while calls go on: none fails."""

from __future__ import annotations

import itertools
import os
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
from callers import Caller, Failure
from certificates import Authority, Certificate
from cryptography import x509
from issuers import Issuer, jwks

INFO = "AdminService.GetServerInfo"


class Calls:
    """Callers that call until the test ends, and what failed of it."""

    def __init__(self, *calls: Callable[[], Failure | None]) -> None:
        """Begin: one thread for each call."""
        self.stopping = threading.Event()
        self.failed: list[Failure] = []
        self.made = [0] * len(calls)
        self.threads = [
            threading.Thread(target=self._repeat, args=[number, call])
            for number, call in enumerate(calls)
        ]
        for thread in self.threads:
            thread.start()

    def _repeat(self, number: int, call: Callable[[], Failure | None]) -> None:
        while not self.stopping.is_set():
            failure = call()
            if failure is not None:
                self.failed.append(failure)
            self.made[number] += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def go_on(self, calls: int = 30) -> None:
        """Wait until each caller has made some calls more."""
        made = list(self.made)
        eventually(
            lambda: all(
                now >= then + calls
                for now, then in zip(self.made, made, strict=True)
            )
        )

    def check(self) -> None:
        """No call failed until now."""
        assert not self.failed, (len(self.failed), str(self.failed[0]))


def attempt(channel: grpc.Channel | None, token: str = "") -> Failure | None:
    done = Caller(channel, token).attempt(INFO, {})
    return done if isinstance(done, Failure) else None


def point(link: Path, folder: Path) -> None:
    """Let a link point elsewhere, in one step, as mounted secrets do."""
    fresh = link.with_name("fresh")
    fresh.symlink_to(folder, target_is_directory=True)
    fresh.rename(link)


def replace(file: Path, text: str) -> None:
    """Replace a file in one step."""
    fresh = file.with_name(f".{file.name}.fresh")
    fresh.write_text(text)
    fresh.rename(file)


def serial_served(server: Broadcastd, authority: Authority) -> int:
    """Return the serial number of the certificate that is served."""
    context = ssl.create_default_context(cadata=authority.pem.decode())
    context.set_alpn_protocols(["h2"])
    host, _, port = server.address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        der = wrapped.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der).serial_number


class Rotating:
    """A server whose certificate and key are behind a link."""

    def __init__(self, folder: Path) -> None:
        """Put the first pair there, and start none."""
        self.folder = folder
        self.link = folder / "now"
        self.authority = Authority()
        self.pairs = 0
        self.put(self.authority.server())
        self.server = Broadcastd(
            f"sqlite:{folder / 'b.db'}",
            folder,
            f"--tls_certificate={self.link / 'tls.crt'}",
            f"--tls_key={self.link / 'tls.key'}",
            "--reload_interval=1s",
            credentials=grpc.ssl_channel_credentials(self.authority.pem),
        )

    def put(self, pair: Certificate) -> None:
        """Let the link point at a pair."""
        self.pairs += 1
        folder = self.folder / str(self.pairs)
        pair.write(folder)
        point(self.link, folder)

    def renew(self) -> None:
        """Put a new pair there, and wait until it is served."""
        pair = self.authority.server()
        self.put(pair)
        eventually(lambda: self.serial() == pair.serial, 10)

    def serial(self) -> int:
        """Return the number of the certificate served; 0 if there is none."""
        try:
            return serial_served(self.server, self.authority)
        except OSError:
            return 0

    def call_anew(self) -> Failure | None:
        """Call over a connection of its own."""
        with self.server.dial() as channel:
            return attempt(channel)


@pytest.fixture
def rotating(tmp_path: Path) -> Iterator[Rotating]:
    rotating = Rotating(tmp_path)
    with rotating.server:
        yield rotating


def test_a_certificate_and_its_key_are_replaced_under_load(
    rotating: Rotating,
) -> None:
    kept = rotating.server.channel
    with Calls(
        lambda: attempt(kept), rotating.call_anew, rotating.call_anew
    ) as calls:
        for _ in range(4):
            rotating.renew()
            calls.go_on()
            calls.check()
    calls.check()


@pytest.fixture(params=["file", "folder"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The option jwt_keys, and the file in it."""
    if request.param == "folder":
        (tmp_path / "keys").mkdir()
        yield tmp_path / "keys" / "keys.json"
    else:
        yield tmp_path / "keys.json"


def test_the_key_of_tokens_is_rotated_under_load(
    keys: Path, tmp_path: Path
) -> None:
    signers = [Issuer(f"key {number}") for number in range(4)]
    keys.write_text(jwks(signers[0]))
    option = keys.parent if keys.parent != tmp_path else keys
    signer = [signers[0]]
    with Broadcastd(
        f"sqlite:{tmp_path / 'b.db'}",
        tmp_path,
        f"--jwt_keys={option}",
        "--reload_interval=1s",
        "--jwt_key_overlap=0s",
        "--principal_rate=0",
        "--address_rate=0",
    ) as server:

        def knows(issuer: Issuer) -> bool:
            return attempt(server.channel, issuer.token()) is None

        long_lived = signers[0].token()
        using_it = [True]

        def with_an_old_token() -> Failure | None:
            if not using_it[0]:
                time.sleep(0.001)
                return None
            return attempt(server.channel, long_lived)

        with Calls(
            lambda: attempt(server.channel, signer[0].token()),
            lambda: attempt(
                server.channel, signer[0].token(jti=os.urandom(4).hex())
            ),
            with_an_old_token,
        ) as calls:
            for old, new in itertools.pairwise(signers):
                replace(keys, jwks(old, new))
                eventually(lambda new=new: knows(new), 10)
                signer[0] = new
                calls.go_on()
                # Until here, the old token was good too.
                using_it[0] = False
                calls.go_on(3)
                replace(keys, jwks(new))
                eventually(lambda old=old: not knows(old), 10)
                calls.go_on()
                long_lived = new.token()
                using_it[0] = True
                calls.check()
            replace(keys, "{}")
            failed = "auth.keys_not_loaded"
            eventually(lambda: failed in server.log.read_text(), 10)
            calls.go_on()
        calls.check()


def test_the_shared_secret_is_replaced_under_load(tmp_path: Path) -> None:
    signers = [Issuer(secret=f"secret {n} " + "s" * 32) for n in range(4)]
    file = tmp_path / "jwt_secret"
    file.write_text(signers[0].key.decode())
    signer, newest = [signers[0]], [signers[0]]
    with Broadcastd(
        f"sqlite:{tmp_path / 'b.db'}",
        tmp_path,
        f"--secrets_directory={tmp_path}",
        "--reload_interval=1s",
        "--jwt_key_overlap=6s",
        "--principal_rate=0",
        "--address_rate=0",
    ) as server:

        def knows(issuer: Issuer) -> bool:
            return attempt(server.channel, issuer.token()) is None

        first = signers[0].token()
        with Calls(
            lambda: attempt(server.channel, signer[0].token()),
            lambda: attempt(server.channel, newest[0].token()),
        ) as calls:
            for new in signers[1:]:
                replace(file, new.key.decode() + "\n")
                eventually(lambda new=new: knows(new), 10)
                # One signer is there at once, the other late.
                newest[0] = new
                calls.go_on()
                signer[0] = new
                calls.go_on()
                calls.check()
            # The overlap ends for what was signed before, cached or not.
            eventually(
                lambda: (
                    attempt(server.channel, first) is not None
                    and not knows(signers[2])
                ),
                15,
            )
            calls.go_on()
            replace(file, "short")
            failed = "auth.keys_not_loaded"
            eventually(lambda: failed in server.log.read_text(), 10)
            calls.go_on()
        calls.check()
