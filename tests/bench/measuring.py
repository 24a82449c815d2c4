"""What every measurement works with: how long, where, and how it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures import Run, interleaved
from processes import (
    SLOW_FSYNC,
    Broadcastd,
    MeasurementError,
    Postgres,
    PostgresDatabase,
    SqliteFile,
    tool,
)

BATCH_SIZE = "broadcastd_storage_batch_size"
COMMIT_SECONDS = "broadcastd_storage_commit_seconds"


@dataclass
class Plan:
    """How long and how often; `quick` shows only that everything works."""

    runs: int = 5
    seconds: float = 8
    warmup: float = 1.5
    concurrency: int = 64
    channels: int = 2
    known_entries: int = 100_000
    many_entries: int = 1_000_000
    idle_seconds: float = 30
    saturation_seconds: float = 60
    settle_seconds: float = 5
    list_calls: int = 100
    ladder_concurrency: tuple[int, ...] = (1, 64)
    waiting_entries: int = 150_000
    pacing_seconds: float = 60
    trigger_calls: int = 400
    backlog_entries: int = 500_000
    scheduled_entries: int = 100_000
    planned_posts: int = 1_000_000

    @classmethod
    def quick(cls) -> Plan:
        return cls(
            runs=1,
            seconds=1,
            warmup=0.3,
            known_entries=10_000,
            many_entries=20_000,
            idle_seconds=3,
            saturation_seconds=3,
            settle_seconds=1,
            list_calls=20,
            waiting_entries=20_000,
            pacing_seconds=5,
            trigger_calls=40,
            backlog_entries=10_000,
            scheduled_entries=10_000,
            planned_posts=20_000,
        )


class Bench:
    """The plan, a folder to work in, and what measurements share."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None]):
        self.plan = plan
        self.folder = folder
        self.say = say
        self._stack = ExitStack()
        self._clusters: dict[str, Postgres] = {}
        self._seeded: dict[int, SqliteFile] = {}
        self.made: dict[str, SqliteFile] = {}  # by whoever made them
        self._made = 0

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def postgres(self) -> Postgres:
        return self._cluster("postgres")

    @property
    def slow_postgres(self) -> Postgres:
        """One whose disk takes longer to sync."""
        return self._cluster("slow_postgres", preload=str(SLOW_FSYNC))

    def _cluster(self, name: str, preload: str = "") -> Postgres:
        if name not in self._clusters:
            cluster = Postgres(self.folder / name, preload)
            self._clusters[name] = self._stack.enter_context(cluster)
            settings = self._clusters[name].settings()
            self.say(
                "PostgreSQL: "
                + ", ".join(f"{name} {is_}" for name, is_ in settings.items())
            )
            if "off" in settings.values():
                raise MeasurementError("the cluster does not sync")
        return self._clusters[name]

    @contextmanager
    def sqlite(self) -> Iterator[SqliteFile]:
        """A file that nobody has made yet."""
        self._made += 1
        file = SqliteFile(self.folder / f"bench{self._made}.db")
        try:
            yield file
        finally:
            file.remove()

    def seeded(self, entries: int) -> SqliteFile:
        """A file with so many entries; made once, not to be written to."""
        if entries not in self._seeded:
            file = SqliteFile(self.folder / f"seeded{entries}.db").migrate()
            self.say(f"  seeding {entries:,} entries")
            tool("seed", database=file.location, entries=entries)
            self._seeded[entries] = file
        return self._seeded[entries]

    def window(self, concurrency: int | None = None) -> dict[str, Any]:
        """Flags of a closed loop."""
        return {
            "seconds": self.plan.seconds,
            "warmup": self.plan.warmup,
            "concurrency": concurrency or self.plan.concurrency,
            "channels": self.plan.channels,
        }

    def serve(
        self,
        database: SqliteFile | PostgresDatabase,
        *options: str,
        preload: str = "",
    ) -> Broadcastd:
        return Broadcastd(
            database.location, self.log, *options, preload=preload
        )

    def interleaved(
        self, sides: dict[str, Callable[[], Run]], runs: int | None = None
    ) -> dict[str, list[Run]]:
        return interleaved(runs or self.plan.runs, sides, self.say)


def check_written(
    counts: dict[str, int], ok: int, audited: bool = True
) -> None:
    """Every OK answer is there, and nothing else: one client, one pair each."""
    wanted = {
        "clients": ok,
        "channels": 2 * ok,
        "channel_pairs": ok,
        "entries": ok,
        "request_ids": ok,
        "audit_events": ok if audited else 0,
    }
    if counts != wanted:
        raise MeasurementError(f"{ok} OK answers, but written: {counts}")


class LastBatch:
    """Has a floor group as our last run did."""

    def __init__(self) -> None:
        self.size = 64.0

    def of(self, result: Run) -> Run:
        self.size = result["batch"]
        return result


def listed(results: dict[str, list[Run]], *sides: str) -> list[Run]:
    return [one for side in sides for one in results[side]]
