"""Pages of ListEntries, from the first to the last."""

from __future__ import annotations

from functools import partial

from figures import Figure, Goal, Run, median
from measuring import (
    Bench,
)
from processes import (
    MeasurementError,
    Process,
    tool,
)

# As seed.cc: this client owns every tenth entry.
LARGE_CLIENT = "01970001-0000-7000-8000-000000000000"


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
