"""The scheduler with many entries: at rest, on time, and after an outage."""

from __future__ import annotations

import time
from collections.abc import Callable

import machine
from backlog import Database, ask, give_content, make_due, run_sql
from delivering import LOG, paced_log
from figures import Figure, Goal, Run, median
from measuring import Bench
from processes import MeasurementError, SqliteFile, tool

DUE_EVERY_US = 20_000
ON_TIME_SECONDS = 30

Measure = Callable[[Bench, Database], Run]


def _number(database: Database, column: str) -> str:
    text = column if isinstance(database, SqliteFile) else f"{column}::text"
    return f"CAST(substr({text}, 25) AS BIGINT)"


def _prepare(bench: Bench, database: Database) -> None:
    """Entries with content, due in a day and later."""
    entries = bench.plan.scheduled_entries
    tool("seed", database=database.location, entries=entries)
    give_content(database)


def _idle(bench: Bench, database: Database) -> Run:
    _prepare(bench, database)
    with bench.serve(database, *LOG) as server:
        time.sleep(bench.plan.settle_seconds)
        before = machine.cpu_seconds(server.pid)
        begun = time.monotonic()
        time.sleep(bench.plan.idle_seconds)
        used = machine.cpu_seconds(server.pid) - before
        return {"value": 100 * used / (time.monotonic() - begun)}


def _on_time(bench: Bench, database: Database) -> Run:
    """One entry is due each 20 ms; how late its firing is decided."""
    _prepare(bench, database)
    count = ON_TIME_SECONDS * 1_000_000 // DUE_EVERY_US
    base = time.time_ns() // 1000 + 5_000_000
    number = _number(database, "entry_id")
    run_sql(
        database,
        [
            f"UPDATE entries SET next_send_time = {base} + {number} * "
            f"{DUE_EVERY_US} WHERE {number} < {count}"
        ],
    )
    with bench.serve(database, *LOG):
        time.sleep(max(0.0, base / 1e6 - time.time()) + ON_TIME_SECONDS + 3)
    late = sorted(
        row[0] / 1000
        for row in ask(
            database,
            f"SELECT create_time - ({base} + {number} * {DUE_EVERY_US}) "
            "FROM operations",
        )
    )
    if len(late) != count or late[0] < 0:
        raise MeasurementError(
            f"{len(late)} of {count} fired, the first {late[:1]} ms late"
        )
    return {
        "value": late[len(late) * 99 // 100],
        "p50_ms": late[len(late) // 2],
        "max_ms": late[-1],
    }


def _overdue(bench: Bench, database: Database) -> Run:
    """Every entry was due yesterday; what it fires waits for its account."""
    return _catch_up(bench, database, *paced_log(bench))


def _overdue_sending(bench: Bench, database: Database) -> Run:
    """The same, while all that was fired is sent beside it."""
    return _catch_up(bench, database, *LOG)


def _catch_up(bench: Bench, database: Database, *options: str) -> Run:
    _prepare(bench, database)
    entries = bench.plan.scheduled_entries
    number = _number(database, "entry_id")
    now = time.time_ns() // 1000
    make_due(database, f"{now} - 3600000000 - {number}")
    with bench.serve(database, *options) as server:
        deadline = time.monotonic() + 300
        fired = 0
        while fired < entries:
            if time.monotonic() > deadline:
                raise MeasurementError(f"{fired} of {entries} fired")
            time.sleep(0.5)
            [(fired,)] = ask(database, "SELECT count(*) FROM operations")
        resident = machine.resident_mib(server.pid)
    [(operations, fired_entries, first, last)] = ask(
        database,
        "SELECT count(*), count(DISTINCT entry_id), min(create_time), "
        "max(create_time) FROM operations",
    )
    if operations != entries or fired_entries != entries:
        raise MeasurementError(f"{operations} firings of {entries} entries")
    return {
        "value": operations / ((last - first) / 1e6),
        "resident_mib": resident,
    }


def scheduler(bench: Bench) -> list[Figure]:
    def on_sqlite(measure: Measure) -> Run:
        with bench.sqlite() as file:
            return measure(bench, file.migrate())

    def on_postgres(measure: Measure) -> Run:
        with bench.postgres.database() as database:
            return measure(bench, database)

    goals = {
        "idle": (_idle, "% of a core", Goal("ours", "<", 0.5)),
        "lateness": (_on_time, "ms, p99", Goal("ours", "<", 250)),
        "overdue": (_overdue, "firings/s", Goal("ours", ">=", 5000)),
        "overdue_sending": (_overdue_sending, "firings/s", None),
    }
    results = bench.interleaved(
        {
            name: lambda measure=measure: on_sqlite(measure)
            for name, (measure, _, _) in goals.items()
        }
        | {
            f"{name}/postgres": lambda measure=measure: on_postgres(measure)
            for name, (measure, _, _) in goals.items()
        },
        runs=min(bench.plan.runs, 3),
    )
    return [
        Figure(
            name=f"scheduler_{name}",
            unit=goals[name.split("/")[0]][1],
            ours=median(runs),
            goal=goals[name.split("/")[0]][2],
            runs=runs,
        )
        for name, runs in results.items()
    ]
