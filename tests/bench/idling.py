"""A server that has little or nothing to do: latency, start, memory."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import machine
from figures import Figure, Goal, Run, median
from measuring import (
    Bench,
)
from processes import (
    BROADCASTD,
    TOOL,
    MeasurementError,
    PostgresDatabase,
    SqliteFile,
    free_port,
    run,
)


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
            file.copy_of(known)
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
