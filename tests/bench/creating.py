"""CreateEntry, on both backends and on a slow disk, beside its floors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from figures import Figure, Goal, Run, median
from measuring import (
    BATCH_SIZE,
    COMMIT_SECONDS,
    Bench,
    LastBatch,
    check_written,
    listed,
)
from processes import (
    MIGRATIONS,
    SLOW_FSYNC,
    TOOL,
    MeasurementError,
    PostgresDatabase,
    SqliteFile,
    run,
    tool,
)


def create(
    bench: Bench,
    database: SqliteFile | PostgresDatabase,
    *options: str,
    preload: str = "",
    concurrency: int | None = None,
    token: str = "",
    audited: bool = True,
) -> Run:
    """CreateEntry on an empty database; then counts what was written."""
    with bench.serve(database, *options, preload=preload) as server:
        before = server.metrics()
        result = server.load(
            "CreateEntry", token=token, **bench.window(concurrency)
        )
        after = server.metrics()
        result["batch"] = after.mean_since(before, BATCH_SIZE)
        result["batch_p99_ms"] = 1000 * after.percentile_since(
            before, COMMIT_SECONDS, 0.99
        )
    check_written(database.counts(), result["ok_total"], audited)
    return result | {"value": result["rate"]}


def create_on_sqlite(bench: Bench, *options: str, **more: Any) -> Run:
    with bench.sqlite() as file:
        result = create(bench, file, *options, **more)
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
        check_written(file.counts(), result["ok_total"])
    return result | {"value": result["rate"], "batch": result["group"]}


def create_sqlite(bench: Bench) -> list[Figure]:
    batch = LastBatch()
    results = bench.interleaved(
        {
            "ours": lambda: batch.of(create_on_sqlite(bench)),
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
            runs=listed(results, "ours", side),
        )
        for side, goal in goals.items()
    ]


# What waits while a slow disk syncs: enough to fill a group.
MANY = 256


def create_sqlite_slow_disk(bench: Bench) -> list[Figure]:
    shim = str(SLOW_FSYNC)
    batch = LastBatch()
    alone = "one commit a call"
    results = bench.interleaved(
        {
            "ours": lambda: batch.of(
                create_on_sqlite(bench, preload=shim, concurrency=MANY)
            ),
            alone: lambda: create_on_sqlite(
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
            runs=listed(results, "ours", alone),
        ),
        Figure(
            name="create_sqlite_slow_disk/raw_loop",
            unit="entries/s",
            ours=ours,
            floor=median(results["raw loop"]),
            floor_name="raw loop, same groups",
            runs=listed(results, "ours", "raw loop"),
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
    check_written(written, int(done[1]))
    return {
        "value": float(rate[1]),
        "rate": float(rate[1]),
        "ok_total": int(done[1]),
        "connections": connections,
    }


def create_on_postgres(bench: Bench, *options: str, **more: Any) -> Run:
    with bench.postgres.database() as database:
        return create(bench, database, *options, **more)


def create_postgres(bench: Bench) -> list[Figure]:
    script = bench.folder / "create_entry.pgbench"
    script.write_text(run(TOOL, "postgres-floor"))
    results = bench.interleaved(
        {
            "ours": lambda: create_on_postgres(bench),
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
            runs=listed(results, *results),
        )
    ]
