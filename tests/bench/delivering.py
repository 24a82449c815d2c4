"""Deliveries a second, on both backends, to the log and over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from backlog import (
    Database,
    ask,
    move_to_telegram,
    seed_waiting,
)
from figures import Figure, Goal, Run, median
from measuring import Bench, listed
from processes import (
    SLOW_FSYNC,
    MeasurementError,
    PostgresDatabase,
    Sink,
    SqliteFile,
    free_port,
    run,
    tool,
)

LOG = ("--account=log=log",)
# What is to be sent waits, as it does for Telegram, whose pace is far below
# that of calls and firings.
PACED_LOG = """
[accounts.log]
platform = "log"
rate = "1/m"
"""
# Telegram's own limits are not what is measured.
UNLIMITED = """
[accounts.bot]
platform = "telegram"
token_environment = "BENCH_BOT_TOKEN"
rate = "100000/s"
chat_rate = "100000/s"
group_rate = "100000/s"
"""
OUTSTANDING = 64


def _seed(bench: Bench, database: Database, telegram: bool) -> None:
    entries = bench.plan.waiting_entries
    tool("seed", database=database.location, entries=entries)
    seed_waiting(database, entries, lane="bot" if telegram else "log")
    if telegram:
        move_to_telegram(database)


def paced_log(bench: Bench) -> tuple[str, ...]:
    file = bench.folder / "paced.toml"
    file.write_text(PACED_LOG)
    return (f"--config={file}",)


@contextmanager
def sqlite_waiting(
    bench: Bench, telegram: bool = False
) -> Iterator[SqliteFile]:
    """A file of which much waits to be sent; made once, then copied."""
    key = "telegram" if telegram else "log"
    if key not in bench.made:
        made = SqliteFile(bench.folder / f"waiting_{key}.db").migrate()
        bench.say(f"  seeding {2 * bench.plan.waiting_entries:,} deliveries")
        _seed(bench, made, telegram)
        bench.made[key] = made
    with bench.sqlite() as file:
        yield file.copy_of(bench.made[key])


@contextmanager
def postgres_waiting(
    bench: Bench, telegram: bool = False, slow: bool = False
) -> Iterator[PostgresDatabase]:
    cluster = bench.slow_postgres if slow else bench.postgres
    with cluster.database() as database:
        _seed(bench, database, telegram)
        yield database


def deliver(
    bench: Bench, database: Database, *options: str, preload: str = ""
) -> Run:
    """Lets a server send what waits; what it did by what it recorded."""
    plan = bench.plan
    with bench.serve(database, *options, preload=preload):
        begun = time.time()
        time.sleep(plan.warmup + plan.seconds)
        ended = time.time()
    begin = int((begun + plan.warmup) * 1e6)
    end = int(ended * 1e6)
    [(sent, outcomes, intents, waiting)] = ask(
        database,
        "SELECT count(*), count(DISTINCT finish_time), "
        "count(DISTINCT intent_time), (SELECT count(*) FROM ready) "
        f"FROM results WHERE state = 'sent' AND finish_time >= {begin} "
        f"AND finish_time < {end}",
    )
    [(all_results, all_sent)] = ask(
        database,
        "SELECT count(*), count(CASE state WHEN 'sent' THEN 1 END) "
        "FROM results",
    )
    if sent == 0 or all_sent != all_results:
        raise MeasurementError(
            f"of {all_results} deliveries that ended, {all_sent} were sent"
        )
    if waiting == 0:
        raise MeasurementError("it had nothing left to send")
    return {
        "value": sent / (ended - begun - plan.warmup),
        "batch": sent / outcomes,
        "intent_batch": sent / intents,
        "all_sent": all_sent,
    }


class LastGroups:
    """Has a floor group as our last run did."""

    def __init__(self) -> None:
        self.outcomes = 64.0
        self.intents = 64.0

    def of(self, result: Run) -> Run:
        self.outcomes = result["batch"]
        self.intents = result["intent_batch"]
        return result


def _raw_loop(
    bench: Bench, intents: float, outcomes: float, preload: str = ""
) -> Run:
    with sqlite_waiting(bench) as file:
        result = tool(
            "delivery-floor",
            database=file.path,
            intents=max(1, round(intents)),
            outcomes=max(1, round(outcomes)),
            seconds=bench.plan.seconds,
            warmup=bench.plan.warmup,
            preload=preload,
        )
        [(results,)] = ask(file, "SELECT count(*) FROM results")
    if results != result["sent_total"] or result["synchronous"] != "2":
        raise MeasurementError(f"the floor lies: {result}, {results} results")
    return result | {"value": result["rate"], "batch": result["outcomes"]}


def delivery_sqlite_log(bench: Bench) -> list[Figure]:
    groups = LastGroups()

    def ours() -> Run:
        with sqlite_waiting(bench) as file:
            return groups.of(deliver(bench, file, *LOG))

    floor = "raw loop, same groups"
    results = bench.interleaved(
        {
            "ours": ours,
            floor: lambda: _raw_loop(bench, groups.intents, groups.outcomes),
        }
    )
    size = median(results["ours"], "batch") or 0
    return [
        Figure(
            name="delivery_sqlite_log",
            unit="deliveries/s",
            ours=median(results["ours"]),
            floor=median(results[floor]),
            floor_name=f"{floor} ({size:.0f})",
            goal=Goal("ratio", ">=", 0.5),
            runs=listed(results, "ours", floor),
        )
    ]


def delivery_sqlite_slow_disk(bench: Bench) -> list[Figure]:
    shim = str(SLOW_FSYNC)

    def ours() -> Run:
        with sqlite_waiting(bench) as file:
            return deliver(bench, file, *LOG, preload=shim)

    alone = "raw loop, one commit an intent and an outcome"
    results = bench.interleaved(
        {"ours": ours, alone: lambda: _raw_loop(bench, 1, 1, preload=shim)}
    )
    return [
        Figure(
            name="delivery_sqlite_slow_disk",
            unit="deliveries/s",
            ours=median(results["ours"]),
            floor=median(results[alone]),
            floor_name=alone,
            goal=Goal("ratio", ">=", 10),
            runs=listed(results, "ours", alone),
        )
    ]


INSERT = r"""
\set number random(1, 1000000000000000)
INSERT INTO single_rows (id, operation, channel, state, time)
VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'sent',
  :number);
"""


def _pgbench_insert(bench: Bench, slow: bool) -> Run:
    script = bench.folder / "single_row.pgbench"
    script.write_text(INSERT)
    cluster = bench.slow_postgres if slow else bench.postgres
    with cluster.database() as database:
        database.query(
            "CREATE TABLE single_rows (id UUID PRIMARY KEY, "
            "operation UUID NOT NULL, channel UUID NOT NULL, "
            "state TEXT NOT NULL, time BIGINT NOT NULL)"
        )
        flags = ["-n", "-M", "prepared", "-f", script, "-c", 1, "-j", 1]
        run("pgbench", *flags, "-T", 1, database.location)
        seconds = max(1, round(bench.plan.seconds))
        said = run("pgbench", *flags, "-T", seconds, database.location)
    rate = re.search(r"^tps = ([0-9.]+)", said, re.MULTILINE)
    if rate is None:
        raise MeasurementError(f"pgbench said: {said[-1000:]}")
    return {"value": float(rate[1])}


def delivery_postgres_log(bench: Bench) -> list[Figure]:
    return _against_pgbench(bench, "delivery_postgres_log", slow=False)


def delivery_postgres_slow_disk(bench: Bench) -> list[Figure]:
    return _against_pgbench(bench, "delivery_postgres_slow_disk", slow=True)


def _against_pgbench(bench: Bench, name: str, slow: bool) -> list[Figure]:
    def ours() -> Run:
        with postgres_waiting(bench, slow=slow) as database:
            return deliver(bench, database, *LOG)

    floor = "pgbench, one row a transaction, one connection"
    results = bench.interleaved(
        {"ours": ours, floor: lambda: _pgbench_insert(bench, slow)}
    )
    return [
        Figure(
            name=name,
            unit="deliveries/s",
            ours=median(results["ours"]),
            floor=median(results[floor]),
            floor_name=floor,
            goal=Goal("ratio", ">=", 1.5),
            runs=listed(results, "ours", floor),
        )
    ]


def telegram_options(bench: Bench, sink: Sink, config: str) -> tuple[str, ...]:
    """Has a server send to the sink as if it were Telegram."""
    file = bench.folder / "accounts.toml"
    file.write_text(config)
    return (f"--config={file}", f"--telegram_base_url={sink.url}")


def delivery_http(bench: Bench) -> list[Figure]:
    def serve(stack: ExitStack) -> Sink:
        return stack.enter_context(Sink(free_port()))

    def ours(postgres: bool) -> Run:
        with ExitStack() as stack:
            sink = serve(stack)
            options = telegram_options(bench, sink, UNLIMITED)
            waiting = postgres_waiting if postgres else sqlite_waiting
            database = stack.enter_context(waiting(bench, telegram=True))
            result = deliver(bench, database, *options)
        if sink.messages != result["all_sent"]:
            raise MeasurementError(
                f"{sink.messages} arrived, {result['all_sent']} were sent"
            )
        return result

    def bare() -> Run:
        with ExitStack() as stack:
            sink = serve(stack)
            result = tool(
                "http-floor",
                url=f"{sink.url}/bot1:token/sendMessage",
                outstanding=OUTSTANDING,
                seconds=bench.plan.seconds,
                warmup=bench.plan.warmup,
            )
        if result["errors"] > 0:
            raise MeasurementError(f"the bare loop failed: {result}")
        return result | {"value": result["rate"]}

    floor = "bare loop of the same client"
    results = bench.interleaved(
        {
            "ours": lambda: ours(postgres=False),
            "on PostgreSQL": lambda: ours(postgres=True),
            floor: bare,
        }
    )
    return [
        Figure(
            name="delivery_http" + ("" if side == "ours" else "/postgres"),
            unit="deliveries/s",
            ours=median(results[side]),
            floor=median(results[floor]),
            floor_name=floor,
            goal=Goal("ratio", ">=", 0.6) if side == "ours" else None,
            runs=listed(results, side, floor),
        )
        for side in ("ours", "on PostgreSQL")
    ]
