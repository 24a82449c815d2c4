"""Where the time goes: each step does what the one before it does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from creating import create_on_postgres, create_on_sqlite
from figures import Figure, Run, median
from measuring import (
    Bench,
)
from processes import (
    tool,
)
from reading import called, get_from_empty, get_on_sqlite


def ladder(bench: Bench) -> list[Figure]:
    """Where the time goes: each step does what the one before it does not."""

    def get_postgres(concurrency: int) -> Run:
        with bench.serve(seeded) as server:
            return called(bench, server, "GetEntry", concurrency)

    steps: dict[str, Callable[[int], Run]] = {
        "empty_handler": lambda at: get_from_empty(bench, "empty", at),
        "wrapper": lambda at: get_on_sqlite(bench, "GetServerInfo", at),
        "get_sqlite": lambda at: get_on_sqlite(bench, "GetEntry", at),
        "create_sqlite": lambda at: create_on_sqlite(bench, concurrency=at),
        "create_sqlite_one_commit_a_call": lambda at: create_on_sqlite(
            bench, "--group_commit=false", concurrency=at
        ),
        "get_postgres": get_postgres,
        "create_postgres": lambda at: create_on_postgres(bench, concurrency=at),
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
