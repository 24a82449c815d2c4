"""The real server process, and the databases it serves from, for tests."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import grpc
from google.rpc import error_details_pb2, status_pb2

from broadcast.v1 import admin_service_pb2 as admin
from broadcast.v1 import admin_service_pb2_grpc as admin_grpc
from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import broadcast_service_pb2_grpc as broadcast_grpc
from broadcast.v1 import channel_pb2

ROOT = Path(__file__).resolve().parents[2]
BINARY = (
    Path(os.environ.get("BROADCASTD_BIN", ROOT / "build/test/bin")).resolve()
    / "broadcastd"
)
START_SECONDS = 30.0
# Of webhooks that nobody receives.
HOOKS_SECRET = "whsec_aE9vSy1TZUNyRXQtb2YtdGVzdHMsIDMyIGJ5dGVzISE="
STOP_SECONDS = 30.0
# What variables that configure the server begin with.
CONFIGURING = (
    "AGGREGATOR_",
    "BROADCAST",
    "ENABLE_BROADCAST_TRACKING",
    "GROUP_BOT_TOKEN",
    "JWT_SECRET_KEY",
    "PG",
)


def eventually(
    condition: Callable[[], Any], seconds: float = 30.0, every: float = 0.02
) -> Any:
    """Return what `condition` returns once it is true; fail if it never is."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(every)


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without what would configure the server."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(CONFIGURING)
    }
    return environment | dict(more or {})


def run_broadcastd(
    *arguments: str | Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end; it must have one."""
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [BINARY, *arguments],
            cwd=folder,
            env=clean_environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )


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


class Broadcastd:
    """One server process after another, on one database."""

    def __init__(
        self,
        database: str,
        folder: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        metrics: str = "",
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Only remember what to run; `credentials` are those of its callers."""
        self.database = database
        self.credentials = credentials
        self.metrics = metrics
        self.log = folder / "broadcastd.log"
        self.options = options
        self.environment = clean_environment(environment)
        self.listen = "127.0.0.1:0"
        self.address = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.channel: grpc.Channel | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Run it until it says that it serves."""
        with self.log.open("ab") as log:
            seen = log.tell()
            self.process = subprocess.Popen(
                [
                    BINARY,
                    f"--listen={self.listen}",
                    f"--database={self.database}",
                    f"--metrics_listen={self.metrics}",
                    *self.options,
                ],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

        def serving() -> dict[str, Any] | None:
            lines = self.log.read_bytes()[seen:].decode()
            ended = self.process is None or self.process.poll() is not None
            assert not ended, f"it has ended:\n{lines}"
            for line in lines.splitlines():
                if '"server.serving"' in line and line.endswith("}"):
                    return json.loads(line)
            return None

        try:
            event = eventually(serving, START_SECONDS)
        except BaseException:
            self.kill()
            raise
        self.address = f"127.0.0.1:{event['port']}"
        self.channel = self.dial()

    def dial(self) -> grpc.Channel:
        """Return a connection of its own, on which no call is made twice."""
        options = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_retries", 0),
        ]
        if self.credentials is None:
            return grpc.insecure_channel(self.address, options)
        return grpc.secure_channel(self.address, self.credentials, options)

    @property
    def pid(self) -> int:
        """The process that runs."""
        assert self.process is not None
        return self.process.pid

    def stop(self) -> int:
        """End it as a supervisor would, and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it as a crash would."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def events(self) -> list[dict[str, Any]]:
        """Return its log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    @property
    def broadcast(self) -> broadcast_grpc.BroadcastServiceStub:
        """The calls about entries."""
        return broadcast_grpc.BroadcastServiceStub(self.channel)

    @property
    def admin(self) -> admin_grpc.AdminServiceStub:
        """The calls of operators."""
        return admin_grpc.AdminServiceStub(self.channel)

    def healthy(self) -> bool:
        """Whether it says SERVING."""
        assert self.channel is not None
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        try:
            return check(b"", timeout=5) == b"\x08\x01"
        except grpc.RpcError:
            return False


class MeteredServer(Broadcastd):
    """A server with metrics, which logs all there is to log."""

    def __init__(self, database: str, folder: Path) -> None:
        """Only remember what to run."""
        super().__init__(
            database,
            folder,
            "--log_level=debug",
            "--account=log=log",
            "--account=hooks=webhook",
            environment={"BROADCASTD_ACCOUNT_HOOKS_SECRET": HOOKS_SECRET},
            metrics=f"127.0.0.1:{free_port()}",
        )


class Postgres:
    """A PostgreSQL of one's own, which a test may halt and resume."""

    SCRIPT = ROOT / "tests" / "support" / "postgres_server.sh"

    def __init__(self, folder: Path) -> None:
        """Only remember where it keeps its data."""
        self.folder = folder / "postgres"
        self.databases = 0

    def __enter__(self) -> Self:
        self.script("start")
        return self

    def __exit__(self, *_: object) -> None:
        self.script("stop")

    def script(self, verb: str) -> None:
        """Let the script do what `verb` says."""
        subprocess.run(
            [self.SCRIPT, verb, self.folder],
            env={**os.environ, "POSTGRES_FSYNC": "off"},
            check=True,
        )

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        url = (self.folder / "url").read_text().strip()
        return url.replace("/postgres?", f"/{database}?")

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self.databases += 1
        name = f"test_{self.databases}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def run(self, sql: str, url: str | None = None) -> str:
        """Run SQL past the server and return what it prints."""
        return subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-d", url or self.url()],
            input=sql,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()


def reason_of(error: grpc.RpcError) -> str:
    """Return the reason that an error carries, or its code's name."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason
    return error.code().name


def new_entry(
    client_id: str, pair: int, request_id: str = ""
) -> broadcast.CreateEntryRequest:
    """Return the registration of a client's pair of that number."""

    def spec(side: str) -> channel_pb2.ChannelSpec:
        return channel_pb2.ChannelSpec(
            platform=channel_pb2.PLATFORM_LOG,
            address=f"{side}-{client_id}-{pair}",
            account="log",
        )

    return broadcast.CreateEntryRequest(
        client_id=client_id,
        open_channel=spec("open"),
        closed_channel=spec("closed"),
        request_id=request_id,
    )


class Load:
    """Callers that register entries until they are told to stop.

    Each call has a request id if `repeatable`. A caller goes on after an error
    unless `patient` is false.
    """

    def __init__(
        self,
        server: Broadcastd,
        callers: int = 8,
        repeatable: bool = True,
        patient: bool = True,
    ) -> None:
        """Begin."""
        self.server = server
        self.repeatable = repeatable
        self.patient = patient
        self.acknowledged: list[tuple[broadcast.CreateEntryRequest, str]] = []
        self.failed: list[
            tuple[broadcast.CreateEntryRequest, grpc.RpcError]
        ] = []
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._call) for _ in range(callers)
        ]
        for thread in self.threads:
            thread.start()

    def _call(self) -> None:
        stub = self.server.broadcast
        while not self.stopping.is_set():
            request_id = str(uuid.uuid4()) if self.repeatable else ""
            request = new_entry(str(uuid.uuid4()), 1, request_id)
            try:
                made = stub.CreateEntry(request, timeout=30)
            except grpc.RpcError as error:
                self.failed.append((request, error))
                if not self.patient:
                    return
                self.stopping.wait(0.01)
            else:
                self.acknowledged.append((request, made.entry.entry_id))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End all callers."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def reasons(self) -> set[str]:
        """Return why calls failed."""
        return {reason_of(error) for _, error in self.failed}

    def check(self) -> None:
        """Nothing acknowledged is lost, and every request has one effect."""
        entries = all_entries(self.server)
        for request, entry_id in self.acknowledged:
            assert entries[entry_id] == request.client_id
        owners = list(entries.values())
        assert len(set(owners)) == len(owners), "a request had two effects"
        for request, error in self.failed:
            if reason_of(error) in CHANGED_NOTHING:
                assert request.client_id not in owners, reason_of(error)
        check = self.server.admin.CheckIntegrity(admin.CheckIntegrityRequest())
        assert check.clean, check
        assert check.entry_count == check.channel_pair_count == len(entries)
        if not self.repeatable:
            return
        stub = self.server.broadcast
        for request, entry_id in self.acknowledged[-200:]:
            again = stub.CreateEntry(request, timeout=30)
            assert again.replayed
            assert again.entry.entry_id == entry_id
        for request, _ in self.failed[-200:]:
            first = stub.CreateEntry(request, timeout=30)
            again = stub.CreateEntry(request, timeout=30)
            assert again.replayed
            assert again.entry.entry_id == first.entry.entry_id


# Reasons that say that the call has left no trace.
CHANGED_NOTHING = {
    "CANCELLED",
    "QUEUE_FULL",
    "SHUTTING_DOWN",
    "STORAGE_BUSY",
    "STORAGE_FULL",
    "STORAGE_READ_ONLY",
    "STORAGE_TIMEOUT",
    "STORAGE_UNAVAILABLE",
}


def all_entries(server: Broadcastd) -> dict[str, str]:
    """Return the owner of every entry, by the entry's id."""
    entries: dict[str, str] = {}
    token = ""
    while True:
        page = server.broadcast.ListEntries(
            broadcast.ListEntriesRequest(page_size=1000, page_token=token)
        )
        entries.update((e.entry_id, e.client_id) for e in page.entries)
        token = page.next_page_token
        if not token:
            return entries
