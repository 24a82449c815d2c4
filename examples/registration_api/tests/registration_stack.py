"""The real processes that the tests run against."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import httpx
import pytest
from broadcastd import Client
from broadcastd.errors import BroadcastError

EXAMPLE = Path(__file__).resolve().parents[1]
ROOT = EXAMPLE.parents[1]

START_SECONDS = 30
STOP_SECONDS = 30


class NotReady(Exception):
    """A program did not start; with its log."""


class Process:
    """A program that is started, found ready, and stopped by its id."""

    def __init__(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        """Only remember what to run."""
        self._command = command
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Run it until it is ready."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._process = process
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            late = time.monotonic() > deadline
            if process.poll() is not None or late:
                self.kill()
                state = "is not ready" if late else "has ended"
                raise NotReady(
                    f"{self._command[0]} {state}:\n{self._log.read_text()}"
                )
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether it serves."""
        raise NotImplementedError

    def stop(self) -> int:
        """End it gently, and return its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def kill(self) -> None:
        """End it as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()


class Broadcastd(Process):
    """The server, with one account for Telegram, always on the same port."""

    def __init__(self, database: str, log: Path) -> None:
        """Serve from this database."""
        folder = os.environ.get("BROADCASTD_BIN", ROOT / "build/test/bin")
        binary = Path(folder).resolve() / "broadcastd"
        if not binary.exists():
            pytest.fail(f"there is no {binary}: run tools/test.sh cpp first")
        self.address = f"127.0.0.1:{free_port()}"
        super().__init__(
            [
                binary,
                f"--listen={self.address}",
                f"--database={database}",
                "--metrics_listen=",
                "--account=main=telegram",
                "--scheduler=external",  # nothing is sent behind a test's back
            ],
            environment_without("BROADCASTD_")
            | {"BROADCASTD_ACCOUNT_MAIN_TOKEN": "1:token-of-tests"},
            log,
        )

    def is_ready(self) -> bool:
        """Whether it answers."""
        with Client(self.address) as client:
            try:
                client.get_server_info()
            except BroadcastError:
                return False
        return True


class RegistrationApi(Process):
    """The example, run by uvicorn."""

    def __init__(
        self,
        server: str,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Use the server at this address."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            [
                sys.executable,
                *("-m", "uvicorn", "registration_api.app:app"),
                *("--host", "127.0.0.1", "--port", str(port)),
            ],
            {
                **environment_without("BROADCAST_"),
                "PYTHONPATH": f"{EXAMPLE}:{ROOT / 'clients/python/src'}",
                "BROADCAST_ADDRESS": server,
                "REGISTRATION_PLATFORM": "telegram",
                "REGISTRATION_ACCOUNT": "main",
                **(environment or {}),
            },
            log,
        )

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return httpx.get(f"{self.url}/openapi.json").is_success
        except httpx.TransportError:
            return False


def environment_without(prefix: str) -> dict[str, str]:
    """Return the environment without what would configure the program."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(prefix)
    }


def free_port() -> int:
    """Return a port that is free now, and that no outgoing connection gets."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
