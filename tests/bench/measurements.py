"""What is measured, by name: README.md says how each figure is to be read."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import machine
from figures import Figure, Goal, Run, interleaved, median
from processes import (
    ALLOCATOR,
    BROADCASTD,
    MIGRATIONS,
    SLOW_FSYNC,
    TOOL,
    Broadcastd,
    EmptyServer,
    MeasurementError,
    Postgres,
    PostgresDatabase,
    Process,
    SqliteFile,
    free_port,
    run,
    tool,
)

BATCH_SIZE = "broadcastd_storage_batch_size"
COMMIT_SECONDS = "broadcastd_storage_commit_seconds"
# As seed.cc: this client owns every tenth entry.
LARGE_CLIENT = "01970001-0000-7000-8000-000000000000"


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
        )


class Bench:
    """The plan, a folder to work in, and what measurements share."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None]):
        self.plan = plan
        self.folder = folder
        self.say = say
        self._stack = ExitStack()
        self._postgres: Postgres | None = None
        self._seeded: dict[int, SqliteFile] = {}
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
        if self._postgres is None:
            cluster = Postgres(self.folder / "postgres")
            self._postgres = self._stack.enter_context(cluster)
            settings = self._postgres.settings()
            self.say(
                "PostgreSQL: "
                + ", ".join(f"{name} {is_}" for name, is_ in settings.items())
            )
            if "off" in settings.values():
                raise MeasurementError("the cluster does not sync")
        return self._postgres

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


def _check_written(counts: dict[str, int], ok: int) -> None:
    """Every OK answer is there, and nothing else: one client, one pair each."""
    wanted = {
        "clients": ok,
        "channels": 2 * ok,
        "channel_pairs": ok,
        "entries": ok,
        "request_ids": ok,
        "audit_events": ok,
    }
    if counts != wanted:
        raise MeasurementError(f"{ok} OK answers, but written: {counts}")


def _create(
    bench: Bench,
    database: SqliteFile | PostgresDatabase,
    *options: str,
    preload: str = "",
    concurrency: int | None = None,
) -> Run:
    """CreateEntry on an empty database; then counts what was written."""
    with bench.serve(database, *options, preload=preload) as server:
        before = server.metrics()
        result = server.load("CreateEntry", **bench.window(concurrency))
        after = server.metrics()
        result["batch"] = after.mean_since(before, BATCH_SIZE)
        result["batch_p99_ms"] = 1000 * after.percentile_since(
            before, COMMIT_SECONDS, 0.99
        )
    _check_written(database.counts(), result["ok_total"])
    return result | {"value": result["rate"]}


def _create_sqlite(bench: Bench, *options: str, **more: Any) -> Run:
    with bench.sqlite() as file:
        result = _create(bench, file, *options, **more)
        mode = file.journal_mode()
        if mode != "wal":
            raise MeasurementError(f"the server's journal mode is {mode}")
    return result


def _sqlite_floor(bench: Bench, group: float, preload: str = "") -> Run:
    with bench.sqlite() as file:
        result = tool(
            "sqlite-floor",
            database=file.path,
            schema=MIGRATIONS,
            group=max(1, round(group)),
            seconds=bench.plan.seconds,
            warmup=bench.plan.warmup,
            preload=preload,
        )
        if result["journal_mode"] != "wal" or result["synchronous"] != "2":
            raise MeasurementError(f"the floor is not durable: {result}")
        _check_written(file.counts(), result["ok_total"])
    return result | {"value": result["rate"], "batch": result["group"]}


class _LastBatch:
    """Has a floor group as our last run did."""

    def __init__(self) -> None:
        self.size = 64.0

    def of(self, result: Run) -> Run:
        self.size = result["batch"]
        return result


def _listed(results: dict[str, list[Run]], *sides: str) -> list[Run]:
    return [one for side in sides for one in results[side]]


def create_sqlite(bench: Bench) -> list[Figure]:
    batch = _LastBatch()
    results = bench.interleaved(
        {
            "ours": lambda: batch.of(_create_sqlite(bench)),
            "raw loop, same groups": lambda: _sqlite_floor(bench, batch.size),
            "raw loop, groups of 64": lambda: _sqlite_floor(bench, 64),
        }
    )
    ours = median(results["ours"])
    size = median(results["ours"], "batch") or 0
    goals = {
        "raw loop, same groups": Goal("ratio", ">=", 0.6),
        "raw loop, groups of 64": None,
    }
    return [
        Figure(
            name="create_sqlite" + ("" if goal else "/groups_of_64"),
            unit="entries/s",
            ours=ours,
            floor=median(results[side]),
            floor_name=f"{side} ({size:.0f})" if goal else side,
            goal=goal,
            runs=_listed(results, "ours", side),
        )
        for side, goal in goals.items()
    ]


# What waits while a slow disk syncs: enough to fill a group.
MANY = 256


def create_sqlite_slow_disk(bench: Bench) -> list[Figure]:
    shim = str(SLOW_FSYNC)
    batch = _LastBatch()
    alone = "one commit a call"
    results = bench.interleaved(
        {
            "ours": lambda: batch.of(
                _create_sqlite(bench, preload=shim, concurrency=MANY)
            ),
            alone: lambda: _create_sqlite(
                bench, "--group_commit=false", preload=shim, concurrency=MANY
            ),
            "raw loop": lambda: _sqlite_floor(bench, batch.size, preload=shim),
        }
    )
    ours = median(results["ours"])
    return [
        Figure(
            name="create_sqlite_slow_disk",
            unit="entries/s",
            ours=ours,
            floor=median(results[alone]),
            floor_name="our server, one commit a call",
            goal=Goal("ratio", ">=", 10),
            runs=_listed(results, "ours", alone),
        ),
        Figure(
            name="create_sqlite_slow_disk/raw_loop",
            unit="entries/s",
            ours=ours,
            floor=median(results["raw loop"]),
            floor_name="raw loop, same groups",
            runs=_listed(results, "ours", "raw loop"),
        ),
    ]


def _pgbench(bench: Bench, script: Path, connections: int) -> Run:
    seconds = max(1, round(bench.plan.seconds))
    with bench.postgres.database() as database:
        flags = ["-n", "-M", "prepared", "-f", script]
        flags += ["-c", connections, "-j", min(connections, 2)]
        run("pgbench", *flags, "-T", 1, database.location)
        before = database.counts()
        said = run("pgbench", *flags, "-T", seconds, database.location)
        rate = re.search(r"^tps = ([0-9.]+)", said, re.MULTILINE)
        done = re.search(r"actually processed: (\d+)", said)
        failed = re.search(r"failed transactions: (\d+)", said)
        if rate is None or done is None or (failed and failed[1] != "0"):
            raise MeasurementError(f"pgbench said: {said[-1000:]}")
        after = database.counts()
    written = {table: after[table] - before[table] for table in after}
    _check_written(written, int(done[1]))
    return {
        "value": float(rate[1]),
        "rate": float(rate[1]),
        "ok_total": int(done[1]),
        "connections": connections,
    }


def _create_postgres(bench: Bench, *options: str, **more: Any) -> Run:
    with bench.postgres.database() as database:
        return _create(bench, database, *options, **more)


def create_postgres(bench: Bench) -> list[Figure]:
    script = bench.folder / "create_entry.pgbench"
    script.write_text(run(TOOL, "postgres-floor"))
    results = bench.interleaved(
        {
            "ours": lambda: _create_postgres(bench),
            "pgbench 4": lambda: _pgbench(bench, script, 4),
            "pgbench 8": lambda: _pgbench(bench, script, 8),
        }
    )
    floors = {side: median(results[side]) for side in list(results)[1:]}
    best = max(floors, key=lambda side: floors[side] or 0)
    return [
        Figure(
            name="create_postgres",
            unit="entries/s",
            ours=median(results["ours"]),
            floor=floors[best],
            floor_name=f"{best}: one CTE",
            goal=Goal("ratio", ">=", 0.6),
            runs=_listed(results, *results),
        )
    ]


def _called(
    bench: Bench, server: Process, method: str, concurrency: int | None = None
) -> Run:
    result = server.load(
        method, entries=bench.plan.known_entries, **bench.window(concurrency)
    )
    return result | {"value": result["rate"]}


def _get_sqlite(bench: Bench, method: str, concurrency: int | None) -> Run:
    known = bench.seeded(bench.plan.known_entries)
    with bench.serve(known) as server:
        return _called(bench, server, method, concurrency)


def _get_empty(
    bench: Bench, answer: str, concurrency: int | None, preload: str = ""
) -> Run:
    with EmptyServer(bench.log, answer, preload) as server:
        return _called(bench, server, "GetEntry", concurrency)


def get_sqlite(bench: Bench) -> list[Figure]:
    results = bench.interleaved(
        {
            "ours": lambda: _get_sqlite(bench, "GetEntry", None),
            "empty handler": lambda: _get_empty(bench, "empty", None),
            "fixed answer": lambda: _get_empty(bench, "fixed", None),
            "our allocator": lambda: _get_empty(
                bench, "empty", None, ALLOCATOR
            ),
        }
    )
    ours = median(results["ours"])
    return [
        Figure(
            name="get_sqlite",
            unit="calls/s",
            ours=ours,
            floor=median(results["empty handler"]),
            floor_name="empty handler",
            goal=Goal("ratio", ">=", 0.75),
            runs=_listed(results, "ours", "empty handler"),
        ),
        Figure(
            name="get_sqlite/fixed_answer",
            unit="calls/s",
            ours=ours,
            floor=median(results["fixed answer"]),
            floor_name="handler that answers one entry",
            runs=_listed(results, "ours", "fixed answer"),
        ),
        Figure(
            name="get_sqlite/our_allocator",
            unit="calls/s",
            ours=ours,
            floor=median(results["our allocator"]),
            floor_name="empty handler with jemalloc",
            runs=_listed(results, "ours", "our allocator"),
        ),
    ]


def idle_latency(bench: Bench) -> list[Figure]:
    """Three idle servers at once: a call a second costs the others nothing."""
    kinds = {
        "idle_latency": ("GetEntry", 1.0),
        # Slips through the phases of the library's own timers.
        "idle_latency/every_1060_ms": ("GetEntry", 1.06),
        "idle_latency/create": ("CreateEntry", 1.0),
    }
    known = bench.seeded(bench.plan.known_entries)

    def call(kind: str) -> Run:
        method, interval = kinds[kind]
        with ExitStack() as stack:
            file = stack.enter_context(bench.sqlite())
            shutil.copy(known.path, file.path)
            server = stack.enter_context(bench.serve(file))
            return server.load(
                method,
                interval=interval,
                seconds=bench.plan.idle_seconds,
                entries=bench.plan.known_entries,
            )

    def together() -> Run:
        with ThreadPoolExecutor(len(kinds)) as pool:
            parts = dict(zip(kinds, pool.map(call, kinds), strict=True))
        worst = max(part["p99_us"] for part in parts.values())
        return {"value": worst / 1000, "parts": parts}

    runs = bench.interleaved({"idle": together})["idle"]
    figures = []
    for kind in kinds:
        own = [
            one
            | {"value": one["parts"][kind]["p99_us"] / 1000}
            | one["parts"][kind]
            for one in runs
        ]
        for one in own:
            del one["parts"]
        figures.append(
            Figure(
                name=kind,
                unit="ms, p99",
                ours=median(own),
                goal=Goal("ours", "<", 5),
                runs=own,
            )
        )
    return figures


def startup(bench: Bench) -> list[Figure]:
    file = bench.seeded(bench.plan.many_entries)

    def start(**flags: object) -> Run:
        target = f"127.0.0.1:{free_port()}"
        words = [f"--{name}={value}" for name, value in flags.items()]
        said = run(
            *(TOOL, "startup", f"--target={target}", f"--log={bench.log}"),
            *words,
            "--",
            *(BROADCASTD, f"--listen={target}", "--metrics_listen="),
            f"--database={file.location}",
        )
        found = re.search(r'"ms":([0-9.]+),"exit_status":(-?\d+)', said)
        if found is None or found[2] != "0":
            raise MeasurementError(f"the start said: {said}")
        return {"value": float(found[1])}

    results = bench.interleaved(
        {"warm": lambda: start(), "cold": lambda: start(cold=file.path)}
    )
    return [
        Figure(
            name="startup" if side == "warm" else f"startup/{side}",
            unit="ms",
            ours=median(runs),
            goal=Goal("ours", "<", 300),
            runs=runs,
        )
        for side, runs in results.items()
    ]


def list_flat(bench: Bench) -> list[Figure]:
    figures = []
    many = bench.plan.many_entries
    with bench.serve(bench.seeded(many)) as server:
        figures += _list_figures(bench, "sqlite", server)
    with bench.postgres.database() as database:
        bench.say(f"  seeding {many:,} entries in PostgreSQL")
        tool("seed", database=database.location, entries=many)
        with bench.serve(database) as server:
            figures += _list_figures(bench, "postgres", server)
    return figures


def _list_figures(bench: Bench, backend: str, server: Process) -> list[Figure]:
    lists: dict[str, dict[str, str]] = {}
    for column in ("create_time", "next_send_time"):
        for order in (column, f"{column} desc"):
            name = order.replace(" ", "_")
            lists[name] = {"order_by": order}
            lists[f"{name}_of_client"] = {
                "order_by": order,
                "filter": f"client_id = {LARGE_CLIENT}",
            }
    pages: dict[str, dict[str, str]] = {}
    for name, flags in lists.items():
        bench.say(f"  {backend}: walking the list by {name}")
        walked = tool("list-walk", target=server.target, **flags)
        whole = bench.plan.many_entries
        wanted = whole // 10 if "filter" in flags else whole
        if walked["entries"] != wanted:
            raise MeasurementError(
                f"by {name} the list has {walked['entries']} entries, "
                f"not {wanted}"
            )
        pages[name] = flags | {
            "middle": walked["middle"],
            "last": walked["last"],
        }

    def page(name: str) -> Run:
        result = tool(
            "list-pages",
            target=server.target,
            calls=bench.plan.list_calls,
            **pages[name],
        )
        return result | {"value": result["last_us"]}

    results = bench.interleaved({name: partial(page, name) for name in pages})
    return [
        Figure(
            name=f"list_flat/{backend}/{name}",
            unit="us a page",
            ours=median(runs),
            floor=median(runs, "first_us"),
            floor_name="first page",
            goal=Goal("ratio", "<=", 1.5),
            runs=runs,
        )
        for name, runs in results.items()
    ]


class _Largest:
    """Watches how large a file gets."""

    def __init__(self, path: Path):
        self._path = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.bytes = 0

    def __enter__(self) -> _Largest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            if self._path.exists():
                self.bytes = max(self.bytes, self._path.stat().st_size)


def wal(bench: Bench) -> list[Figure]:
    def saturate() -> Run:
        with bench.sqlite() as file:
            with bench.serve(file) as server, _Largest(file.wal) as largest:
                before = server.metrics()
                window = bench.window()
                window["seconds"] = bench.plan.saturation_seconds
                result = server.load("CreateEntry", **window)
                after = server.metrics()
            _check_written(file.counts(), result["ok_total"])
        result["batch"] = after.mean_since(before, BATCH_SIZE)
        result["batch_p99_ms"] = 1000 * after.percentile_since(
            before, COMMIT_SECONDS, 0.99
        )
        return result | {"value": largest.bytes / 1e6}

    runs = bench.interleaved({"saturated": saturate})["saturated"]
    return [
        Figure(
            name="wal",
            unit="MB, largest",
            ours=median(runs),
            goal=Goal("ours", "<", 100),
            runs=runs,
        ),
        Figure(
            name="wal/batch",
            unit="ms, p99",
            ours=median(runs, "batch_p99_ms"),
            goal=Goal("ours", "<", 20),
            runs=[one | {"value": one["batch_p99_ms"]} for one in runs],
        ),
    ]


def idle_memory(bench: Bench) -> list[Figure]:
    def idle(database: SqliteFile | PostgresDatabase) -> Run:
        with bench.serve(database) as server:
            time.sleep(bench.plan.settle_seconds)
            return {"value": machine.resident_mib(server.pid)}

    def sqlite() -> Run:
        with bench.sqlite() as file:
            return idle(file)

    def postgres() -> Run:
        with bench.postgres.database() as database:
            return idle(database)

    results = bench.interleaved({"sqlite": sqlite, "postgres": postgres})
    return [
        Figure(
            name="idle_memory" if side == "sqlite" else f"idle_memory/{side}",
            unit="MiB",
            ours=median(runs),
            goal=Goal("ours", "<", 40) if side == "sqlite" else None,
            runs=runs,
        )
        for side, runs in results.items()
    ]


def ladder(bench: Bench) -> list[Figure]:
    """Where the time goes: each step does what the one before it does not."""

    def get_postgres(concurrency: int) -> Run:
        with bench.serve(seeded) as server:
            return _called(bench, server, "GetEntry", concurrency)

    steps: dict[str, Callable[[int], Run]] = {
        "empty_handler": lambda at: _get_empty(bench, "empty", at),
        "wrapper": lambda at: _get_sqlite(bench, "GetServerInfo", at),
        "get_sqlite": lambda at: _get_sqlite(bench, "GetEntry", at),
        "create_sqlite": lambda at: _create_sqlite(bench, concurrency=at),
        "create_sqlite_one_commit_a_call": lambda at: _create_sqlite(
            bench, "--group_commit=false", concurrency=at
        ),
        "get_postgres": get_postgres,
        "create_postgres": lambda at: _create_postgres(bench, concurrency=at),
    }
    figures = []
    with bench.postgres.database() as seeded:
        tool(
            "seed",
            database=seeded.location,
            entries=bench.plan.known_entries,
        )
        for at in bench.plan.ladder_concurrency:
            bench.say(f"  {at} calls at a time")
            results = bench.interleaved(
                {step: partial(call, at) for step, call in steps.items()}
            )
            top = median(results["empty_handler"])
            figures += [
                Figure(
                    name=f"ladder/{at}/{step}",
                    unit="calls/s",
                    ours=median(runs),
                    floor=top,
                    floor_name="empty handler",
                    runs=runs,
                )
                for step, runs in results.items()
            ]
    return figures


def ladder_costs(figures: list[Figure]) -> str:
    """What a call takes, of its time and of both processes' CPU."""
    lines = [
        f"{'step':<44}{'p50 us':>9}{'p99 us':>9}{'server CPU us':>15}"
        f"{'client CPU us':>15}{'batch':>7}"
    ]
    for figure in figures:
        if not figure.name.startswith("ladder/"):
            continue
        costs = [
            median(figure.runs, key) or 0
            for key in ("p50_us", "p99_us", "server_cpu_us", "client_cpu_us")
        ]
        batch = ""
        if all("batch" in one for one in figure.runs):
            batch = f"{median(figure.runs, 'batch') or 0:.0f}"
        lines.append(
            f"{figure.name:<44}{costs[0]:>9.0f}{costs[1]:>9.0f}"
            f"{costs[2]:>15.1f}{costs[3]:>15.1f}{batch:>7}"
        )
    return "\n".join(lines) if len(lines) > 1 else ""


MEASUREMENTS: dict[str, Callable[[Bench], list[Figure]]] = {
    "create_sqlite": create_sqlite,
    "create_sqlite_slow_disk": create_sqlite_slow_disk,
    "create_postgres": create_postgres,
    "get_sqlite": get_sqlite,
    "idle_latency": idle_latency,
    "startup": startup,
    "list_flat": list_flat,
    "wal": wal,
    "idle_memory": idle_memory,
    "ladder": ladder,
}
