"""The processes that are measured: servers, floors and a PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import machine

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
BROADCASTD = BUILD / "bin" / "broadcastd"
TOOL = BUILD / "bin" / "broadcastd_bench"
SLOW_FSYNC = BUILD / "bench" / "slow_fsync.so"
# Of the account that sends to a sink instead of Telegram.
BOT_TOKEN = "700000001:AAExampleTokenOfABotThatIsNotThere0"
# The allocator that our server is linked with, for a floor that has it too.
ALLOCATOR = "libjemalloc.so.2"
MIGRATIONS = ROOT / "storage" / "migrations"
POSTGRES_SCRIPT = ROOT / "tests" / "support" / "postgres_server.sh"
TABLES = (
    "clients",
    "channels",
    "channel_pairs",
    "entries",
    "request_ids",
    "audit_events",
)


class MeasurementError(Exception):
    """Something could not be measured, or was not what it seemed."""


def _environment(**extra: str) -> dict[str, str]:
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BROADCASTD_", "PG", "GRPC_"))
    }
    return ours | {"BENCH_BOT_TOKEN": BOT_TOKEN} | extra


def run(*command: object, text: str | None = None, preload: str = "") -> str:
    """Runs a command that must succeed; its standard output."""
    words = [str(word) for word in command]
    env = _environment(LD_PRELOAD=preload) if preload else _environment()
    done = subprocess.run(
        words, input=text, env=env, capture_output=True, text=True
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise MeasurementError(
            f"{Path(words[0]).name} {' '.join(words[1:3])} ended with status "
            f"{done.returncode}: {said}"
        )
    return done.stdout


def tool(command: str, *, preload: str = "", **flags: Any) -> dict[str, Any]:
    """Runs a command of broadcastd_bench that prints JSON."""
    words = [f"--{name}={value}" for name, value in flags.items()]
    return json.loads(run(TOOL, command, *words, preload=preload))


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Process:
    """A server that listens on loopback until the `with` ends."""

    def __init__(self, words: list[str], target: str, log: Path, preload: str):
        self.target = target
        self._words = words
        self._log = log
        self._preload = preload
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        env = (
            _environment(LD_PRELOAD=self._preload)
            if self._preload
            else _environment()
        )
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words, stdout=log, stderr=log, env=env
            )
        try:
            run(TOOL, "wait", f"--target={self.target}", "--seconds=30")
        except BaseException as error:
            self._process.kill()
            self._process.wait()
            raise MeasurementError(
                f"{Path(self._words[0]).name} does not serve: {self._tail()}"
            ) from error
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if kind is None and status != 0:
            raise MeasurementError(
                f"the server ended with status {status}: {self._tail()}"
            )

    def _tail(self) -> str:
        text = self._log.read_text(errors="replace")
        return "\n".join(text.splitlines()[-5:])

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def load(self, method: str, **flags: Any) -> dict[str, Any]:
        """Calls the server; adds what a call cost it. No call may fail."""
        before = machine.cpu_seconds(self.pid)
        result = tool("load", target=self.target, method=method, **flags)
        if result["errors"] > 0:
            raise MeasurementError(
                f"{result['errors']} calls of {method} failed, the first with: "
                f"{result['first_error']}"
            )
        if result["ok"] == 0:
            raise MeasurementError(f"no call of {method} was answered in time")
        used = machine.cpu_seconds(self.pid) - before
        result["server_cpu_us"] = used * 1e6 / result["ok_total"]
        return result


class Broadcastd(Process):
    """Our server."""

    def __init__(
        self, database: str, log: Path, *options: str, preload: str = ""
    ):
        target = f"127.0.0.1:{free_port()}"
        self._metrics = f"127.0.0.1:{free_port()}"
        words = [
            str(BROADCASTD),
            f"--listen={target}",
            f"--metrics_listen={self._metrics}",
            f"--database={database}",
            *options,
        ]
        super().__init__(words, target, log, preload)

    def metrics(self) -> Metrics:
        url = f"http://{self._metrics}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return Metrics(answer.read().decode())


class EmptyServer(Process):
    """A handler of the same signature that does nothing."""

    def __init__(self, log: Path, answer: str, preload: str = ""):
        target = f"127.0.0.1:{free_port()}"
        words = [
            str(TOOL),
            "empty-server",
            f"--listen={target}",
            f"--answer={answer}",
        ]
        super().__init__(words, target, log, preload)


class Metrics:
    """One scrape."""

    def __init__(self, text: str):
        self._values: dict[str, float] = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                self._values[name] = float(value)

    def total(self, name: str) -> float:
        """Of all series of that name."""
        return sum(
            value
            for series, value in self._values.items()
            if series.split("{")[0] == name
        )

    def mean_since(self, before: Metrics, histogram: str) -> float:
        def gained(part: str) -> float:
            name = f"{histogram}_{part}"
            return self._values[name] - before._values[name]

        return gained("sum") / max(gained("count"), 1)

    def percentile_since(
        self, before: Metrics, histogram: str, share: float
    ) -> float:
        """As Prometheus does: on a straight line within the bucket."""
        pattern = re.compile(re.escape(histogram) + r'_bucket\{le="([^"]+)"\}')
        buckets = sorted(
            (float(found[1]), count - before._values[name])
            for name, count in self._values.items()
            if (found := pattern.fullmatch(name))
        )
        if not buckets:
            raise MeasurementError(f"the server has no metric {histogram}")
        rank = share * buckets[-1][1]
        below, lower = 0.0, 0.0
        for upper, count in buckets:
            if count >= rank:
                if upper == float("inf") or count == below:
                    return lower
                return lower + (upper - lower) * (rank - below) / (
                    count - below
                )
            below, lower = count, upper
        return lower


class SqliteFile:
    """A database file of ours, from outside."""

    def __init__(self, path: Path):
        self.path = path
        self.location = f"sqlite:{path}"

    @property
    def wal(self) -> Path:
        return self.path.with_name(self.path.name + "-wal")

    def migrate(self) -> SqliteFile:
        run(BROADCASTD, "migrate", f"--database={self.location}")
        return self

    def copy_of(self, other: SqliteFile) -> SqliteFile:
        shutil.copy(other.path, self.path)
        self.sync()
        return self

    def sync(self) -> None:
        """A synced write of the server's would wait for what the kernel had
        still to write of the file."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())

    def counts(self) -> dict[str, int]:
        with closing(sqlite3.connect(self.path)) as database:
            return {
                table: database.execute(
                    f"SELECT count(*) FROM {table}"
                ).fetchone()[0]
                for table in TABLES
            }

    def journal_mode(self) -> str:
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute("PRAGMA journal_mode").fetchone()[0]

    def remove(self) -> None:
        for path in self.path.parent.glob(self.path.name + "*"):
            path.unlink()


class PostgresDatabase:
    """One database of the cluster."""

    def __init__(self, location: str):
        self.location = location

    def query(self, sql: str) -> str:
        return run(
            *("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
            *("-d", self.location),
            text=sql,
        ).strip()

    def migrate(self) -> PostgresDatabase:
        run(BROADCASTD, "migrate", f"--database={self.location}")
        return self

    def counts(self) -> dict[str, int]:
        counts = self.query(
            "".join(f"SELECT count(*) FROM {table};\n" for table in TABLES)
        )
        return dict(zip(TABLES, map(int, counts.split()), strict=True))


class Postgres:
    """A private cluster that syncs as a real one does."""

    def __init__(self, folder: Path, preload: str = ""):
        self._folder = folder
        self._preload = preload
        self._made = 0

    def __enter__(self) -> Self:
        for program in ("psql", "pgbench"):
            if shutil.which(program) is None:
                raise MeasurementError(
                    f"there is no {program}: run tools/setup.sh apt"
                )
        try:
            run(POSTGRES_SCRIPT, "start", self._folder, preload=self._preload)
        except BaseException:
            self.__exit__()
            raise
        self._url = (self._folder / "url").read_text().strip()
        self.admin = PostgresDatabase(self._url)
        return self

    def __exit__(self, *_: object) -> None:
        run(POSTGRES_SCRIPT, "stop", self._folder)

    def settings(self) -> dict[str, str]:
        return {
            name: self.admin.query(f"SHOW {name}")
            for name in ("server_version", "fsync", "synchronous_commit")
        }

    @contextmanager
    def database(self) -> Iterator[PostgresDatabase]:
        """A new one, migrated, for as long as the `with` lasts."""
        self._made += 1
        name = f"bench{self._made}"
        self.admin.query(f"CREATE DATABASE {name}; CHECKPOINT")
        try:
            location = self._url.replace("/postgres?", f"/{name}?")
            yield PostgresDatabase(location).migrate()
        finally:
            self.admin.query(f"DROP DATABASE {name} WITH (FORCE)")


class Sink:
    """A Telegram that answers at once, until the `with` ends."""

    def __init__(self, port: int, journal: Path | None = None):
        self.url = f"http://127.0.0.1:{port}"
        self.messages = 0  # once it has ended
        self._port = port
        self._words = [str(TOOL), "sink", f"--port={port}"]
        if journal is not None:
            self._words.append(f"--journal={journal}")
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._words, stdout=subprocess.PIPE, text=True, env=_environment()
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port)).close()
                return self
            except OSError:
                if time.monotonic() > deadline:
                    self._process.kill()
                    raise MeasurementError("the sink does not listen") from None
            time.sleep(0.01)

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        said, _ = self._process.communicate(timeout=10)
        self.messages = json.loads(said)["messages"]
