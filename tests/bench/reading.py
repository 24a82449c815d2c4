"""GetEntry beside a handler that does nothing."""

from __future__ import annotations

from figures import Figure, Goal, Run, median
from measuring import (
    Bench,
    listed,
)
from processes import (
    ALLOCATOR,
    EmptyServer,
    Process,
)


def called(
    bench: Bench,
    server: Process,
    method: str,
    concurrency: int | None = None,
    token: str = "",
) -> Run:
    result = server.load(
        method,
        token=token,
        entries=bench.plan.known_entries,
        **bench.window(concurrency),
    )
    return result | {"value": result["rate"]}


def get_on_sqlite(bench: Bench, method: str, concurrency: int | None) -> Run:
    known = bench.seeded(bench.plan.known_entries)
    with bench.serve(known) as server:
        return called(bench, server, method, concurrency)


def get_from_empty(
    bench: Bench, answer: str, concurrency: int | None, preload: str = ""
) -> Run:
    with EmptyServer(bench.log, answer, preload) as server:
        return called(bench, server, "GetEntry", concurrency)


def get_sqlite(bench: Bench) -> list[Figure]:
    results = bench.interleaved(
        {
            "ours": lambda: get_on_sqlite(bench, "GetEntry", None),
            "empty handler": lambda: get_from_empty(bench, "empty", None),
            "fixed answer": lambda: get_from_empty(bench, "fixed", None),
            "our allocator": lambda: get_from_empty(
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
            runs=listed(results, "ours", "empty handler"),
        ),
        Figure(
            name="get_sqlite/fixed_answer",
            unit="calls/s",
            ours=ours,
            floor=median(results["fixed answer"]),
            floor_name="handler that answers one entry",
            runs=listed(results, "ours", "fixed answer"),
        ),
        Figure(
            name="get_sqlite/our_allocator",
            unit="calls/s",
            ours=ours,
            floor=median(results["our allocator"]),
            floor_name="empty handler with jemalloc",
            runs=listed(results, "ours", "our allocator"),
        ),
    ]
