"""Feeds: plans of Sync, UpsertPost and ImportPosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import machine
from backlog import Database, ask, run_sql
from creating import create
from delivering import paced_log
from figures import Figure, Goal, Run, median
from measuring import Bench, listed
from processes import (
    MeasurementError,
    SqliteFile,
    tool,
)

# A transaction of ImportPosts takes that many: limits::kImportStep.
IMPORT_GROUP = 200


def _paced(bench: Bench) -> tuple[str, ...]:
    """CreateEntry is measured with the same."""
    return (*paced_log(bench), "--scheduler=external")


def _seed(database: Database, posts: int, published: bool) -> None:
    tool(
        "seed",
        database=database.location,
        posts=posts,
        published=int(published),
    )


@contextmanager
def _empty_feed(
    bench: Bench, postgres: bool, published: bool
) -> Iterator[Database]:
    """A database with a feed that has no posts yet."""
    if postgres:
        with bench.postgres.database() as database:
            _seed(database, 0, published)
            yield database
    else:
        with bench.sqlite() as file:
            _seed(file.migrate(), 0, published)
            yield file


def _check(database: Database, wanted: dict[str, int]) -> None:
    """That is there, and nothing else."""
    [counted] = ask(
        database,
        "SELECT "
        + ", ".join(f"(SELECT count(*) FROM {table})" for table in wanted),
    )
    found = dict(zip(wanted, counted, strict=True))
    if found != wanted:
        raise MeasurementError(f"wanted {wanted}, but written: {found}")


def _plan(bench: Bench, database: Database, changed: bool) -> Run:
    """One plan of Sync, and what it costs the server in memory."""
    posts = bench.plan.planned_posts
    with (
        bench.serve(database, *_paced(bench)) as server,
        machine.Growth(server.pid) as growth,
    ):
        result = tool("sync-plan", target=server.target)
    same, edits = (1, posts - 1) if changed else (posts, 0)
    if (result["rows"], result["kept"], result["edits"]) != (
        2 * posts,
        same,
        edits,
    ):
        raise MeasurementError(f"that is another plan: {result}")
    return result | {
        "value": result["rate"],
        "grown_mib": growth.of("RssAnon"),
        "grown_with_files_mib": growth.of("VmRSS"),
    }


def _raw_reads(bench: Bench, database: Database) -> Run:
    result = tool("plan-floor", database=database.location)
    if result["rows"] != 2 * bench.plan.planned_posts:
        raise MeasurementError(f"the floor lies: {result}")
    return result | {"value": result["rate"]}


def _plan_figures(
    bench: Bench, name: str, database: Database, changed: bool = False
) -> list[Figure]:
    floor = "the two ordered reads"
    _raw_reads(bench, database)  # the file is in memory from here on
    results = bench.interleaved(
        {
            "ours": lambda: _plan(bench, database, changed),
            floor: lambda: _raw_reads(bench, database),
        }
    )
    ours = results["ours"]
    figures = [
        Figure(
            name=name,
            unit="rows/s",
            ours=median(ours),
            floor=median(results[floor]),
            floor_name=floor,
            goal=Goal("ratio", ">=", 0.5),
            runs=listed(results, "ours", floor),
        )
    ]
    memory = name.replace("plan_1m", "plan_memory")
    for key, figure, goal in (
        ("grown_mib", memory, Goal("ours", "<", 64)),
        ("grown_with_files_mib", f"{memory}/mapped", None),
    ):
        figures.append(
            Figure(
                name=figure,
                unit="MiB",
                ours=median(ours, key),
                goal=goal,
                runs=[one | {"value": one[key]} for one in ours],
            )
        )
    return figures


# Every message but the first says something else than its post.
CHANGE_ALL = "UPDATE messages SET content_id = '" + 64 * "0" + "'"


def plan_1m(bench: Bench) -> list[Figure]:
    posts = bench.plan.planned_posts
    with bench.sqlite() as file:
        bench.say(f"  seeding {posts:,} posts and their messages")
        _seed(file.migrate(), posts, published=True)
        figures = _plan_figures(bench, "plan_1m", file)
        run_sql(file, [CHANGE_ALL])
        figures += _plan_figures(bench, "plan_1m/changed", file, changed=True)
    return figures


def plan_1m_postgres(bench: Bench) -> list[Figure]:
    posts = bench.plan.planned_posts
    with bench.postgres.database() as database:
        bench.say(f"  seeding {posts:,} posts and their messages")
        _seed(database, posts, published=True)
        return _plan_figures(bench, "plan_1m_postgres", database)


def _upsert(bench: Bench, postgres: bool) -> Run:
    with _empty_feed(bench, postgres, published=True) as database:
        with bench.serve(database, *_paced(bench)) as server:
            result = server.load("UpsertPost", **bench.window())
        posts = result["ok_total"]
        _check(
            database,
            {
                "posts": posts,
                "contents": posts,
                "messages": posts,
                "operations": posts,
                "deliveries": posts,
                "request_ids": posts,
                "audit_events": posts,
            },
        )
    return result | {"value": result["rate"]}


def _create(bench: Bench, postgres: bool) -> Run:
    if postgres:
        with bench.postgres.database() as database:
            return create(bench, database, *_paced(bench))
    with bench.sqlite() as file:
        return create(bench, file, *_paced(bench))


def _upsert_figure(bench: Bench, name: str, postgres: bool) -> list[Figure]:
    floor = "our CreateEntry"
    results = bench.interleaved(
        {
            "ours": lambda: _upsert(bench, postgres),
            floor: lambda: _create(bench, postgres),
        }
    )
    return [
        Figure(
            name=name,
            unit="posts/s",
            ours=median(results["ours"]),
            floor=median(results[floor]),
            floor_name=floor,
            goal=Goal("ratio", ">=", 0.8),
            runs=listed(results, "ours", floor),
        )
    ]


def upsert_post(bench: Bench) -> list[Figure]:
    return _upsert_figure(bench, "upsert_post", postgres=False)


def upsert_post_postgres(bench: Bench) -> list[Figure]:
    return _upsert_figure(bench, "upsert_post_postgres", postgres=True)


def _import_window(bench: Bench) -> dict[str, float]:
    return {"seconds": bench.plan.seconds, "warmup": bench.plan.warmup}


def _written(posts: int, published: bool) -> dict[str, int]:
    sent = posts if published else 0
    return {
        "posts": posts,
        "contents": posts,
        "messages": sent,
        "deliveries": sent,
        "operations": sent // IMPORT_GROUP,
        "imports": 1,
    }


def _import(bench: Bench, published: bool) -> Run:
    with _empty_feed(bench, postgres=False, published=published) as database:
        with bench.serve(database, *_paced(bench)) as server:
            result = tool(
                "import", target=server.target, **_import_window(bench)
            )
        _check(database, _written(result["posts"], published))
    return result | {"value": result["rate"]}


def _import_floor(bench: Bench, published: bool) -> Run:
    with _empty_feed(bench, postgres=False, published=published) as database:
        assert isinstance(database, SqliteFile)
        result = tool(
            "import-floor",
            database=database.path,
            published=int(published),
            group=IMPORT_GROUP,
            **_import_window(bench),
        )
        _check(database, _written(result["posts"], published))
        if result["synchronous"] != "2":
            raise MeasurementError(f"the floor is not durable: {result}")
    return result | {"value": result["rate"]}


def _import_figure(bench: Bench, name: str, published: bool) -> Figure:
    floor = "raw loop, same groups"
    results = bench.interleaved(
        {
            "ours": lambda: _import(bench, published),
            floor: lambda: _import_floor(bench, published),
        }
    )
    return Figure(
        name=name,
        unit="posts/s",
        ours=median(results["ours"]),
        floor=median(results[floor]),
        floor_name=f"{floor} ({IMPORT_GROUP})",
        goal=Goal("ratio", ">=", 0.6),
        runs=listed(results, "ours", floor),
    )


def import_posts(bench: Bench) -> list[Figure]:
    return [
        _import_figure(bench, "import_posts", published=False),
        _import_figure(bench, "import_posts/one_channel", published=True),
    ]
