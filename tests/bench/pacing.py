"""How much of a limit is used, and what a delivery waits that need not wait."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import machine
from backlog import (
    Database,
    give_content,
    move_to_telegram,
    seed_waiting,
    spread_over_accounts,
)
from delivering import UNLIMITED, telegram_options
from figures import Figure, Goal, Run, interleaved, median
from measuring import Bench, listed
from processes import (
    MeasurementError,
    Sink,
    SqliteFile,
    free_port,
    tool,
)

RATE = 30  # messages of an account in any second
PACED = f"""
[accounts.bot]
platform = "telegram"
token_environment = "BENCH_BOT_TOKEN"
rate = "{RATE}/s"
chat_rate = "1/s"
"""
FIRST_CHAT = 1_001_000_000_000


def read_journal(path: Path) -> list[tuple[int, int]]:
    """When what arrived, in steady nanoseconds, and at which channel."""
    arrivals = []
    for line in path.read_text().splitlines():
        when, chat, *_ = line.split(" ")
        arrivals.append((int(when), -int(chat) - FIRST_CHAT))
    return arrivals


def most_within(times: list[int], length: int) -> int:
    """The fullest window of that length: from one arrival to before the end."""
    most, begin = 0, 0
    for end, now in enumerate(times):
        while now - times[begin] >= length:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def _paced(bench: Bench, database: Database, replicas: int) -> Run:
    seconds = bench.plan.pacing_seconds
    entries = int(RATE * (seconds + 30) / 2) // 10 * 10
    tool("seed", database=database.location, entries=entries)
    move_to_telegram(database)
    seed_waiting(database, entries, lane="bot")
    journal = bench.folder / "sink.journal"
    with ExitStack() as stack:
        sink = stack.enter_context(Sink(free_port(), journal))
        options = telegram_options(bench, sink, PACED)
        for _ in range(replicas):
            stack.enter_context(bench.serve(database, *options))
        time.sleep(3)
        begin = time.monotonic_ns()
        time.sleep(seconds)
        end = time.monotonic_ns()
    arrivals = read_journal(journal)
    times = [when for when, _ in arrivals]
    chats: dict[int, list[int]] = defaultdict(list)
    for when, chat in arrivals:
        chats[chat].append(when)
    over = max(0, most_within(times, 10**9) - RATE)
    twice = sum(len(of_chat) > 1 for of_chat in chats.values())
    if twice:
        raise MeasurementError(f"{twice} deliveries arrived twice")
    sent = sum(begin <= when < end for when in times)
    return {
        "value": sent / ((end - begin) / 1e9),
        "violations": over,
        "fullest_second": most_within(times, 10**9),
    }


def pacing(bench: Bench) -> list[Figure]:
    def sqlite() -> Run:
        with bench.sqlite() as file:
            return _paced(bench, file.migrate(), 1)

    def postgres(replicas: int) -> Run:
        with bench.postgres.database() as database:
            return _paced(bench, database, replicas)

    sides: dict[str, Callable[[], Run]] = {
        "sqlite": sqlite,
        "postgres": lambda: postgres(1),
        "three_replicas": lambda: postgres(3),
    }
    results = interleaved(1, sides, bench.say)
    figures = []
    for side, runs in results.items():
        name = "pacing" if side == "sqlite" else f"pacing/{side}"
        figures.append(
            Figure(
                name=name,
                unit="deliveries/s",
                ours=median(runs),
                floor=float(RATE),
                floor_name="what the limit allows",
                goal=Goal("ratio", ">=", 0.98),
                runs=runs,
            )
        )
        figures.append(
            Figure(
                name=f"{name}/violations",
                unit="over, in a second",
                ours=median(runs, "violations"),
                goal=Goal("ours", "<=", 0),
                runs=[one | {"value": one["violations"]} for one in runs],
            )
        )
    return figures


def _first_bytes(
    bench: Bench, file: SqliteFile, first: int, interval: float
) -> Run:
    """From the begin of each Trigger until each of its messages arrives."""
    journal = bench.folder / "sink.journal"
    begun = bench.folder / "triggers"
    with ExitStack() as stack:
        sink = stack.enter_context(Sink(free_port(), journal))
        options = telegram_options(bench, sink, UNLIMITED)
        server = stack.enter_context(bench.serve(file, *options))
        time.sleep(bench.plan.settle_seconds)
        calls = server.load(
            "Trigger",
            interval=interval,
            seconds=interval * bench.plan.trigger_calls,
            first_entry=first,
            journal=begun,
        )
        time.sleep(1)
    starts = {}
    for line in begun.read_text().splitlines():
        when, entry = line.split()
        starts[int(entry)] = int(when)
    # The first call of all pays for the connection.
    del starts[first]
    waits = sorted(
        (when - starts[channel // 2]) / 1e6
        for when, channel in read_journal(journal)
        if channel // 2 in starts
    )
    if len(waits) != 2 * len(starts):
        raise MeasurementError(
            f"{len(starts)} triggers, but {len(waits)} messages"
        )
    return {
        "value": waits[len(waits) * 99 // 100],
        "p50_ms": waits[len(waits) // 2],
        "max_ms": waits[-1],
        "trigger_p50_ms": calls["p50_us"] / 1000,
    }


def first_byte(bench: Bench) -> list[Figure]:
    """With nothing to do, and with a million rows that wait for their time."""
    plan = bench.plan
    calls = plan.trigger_calls + 10

    def prepared(waiting: int) -> SqliteFile:
        key = f"first_byte_{waiting}"
        if key not in bench.made:
            file = SqliteFile(bench.folder / f"{key}.db").migrate()
            entries = waiting + calls
            tool("seed", database=file.location, entries=entries)
            give_content(file)
            move_to_telegram(file)
            if waiting:
                bench.say(f"  seeding {2 * waiting:,} deliveries")
                seed_waiting(
                    file,
                    waiting,
                    first=calls,
                    delay_us=6 * 3600 * 1_000_000,
                    lane="bot",
                )
            bench.made[key] = file
        return bench.made[key]

    def side(waiting: int) -> Run:
        with bench.sqlite() as file:
            copied = file.copy_of(prepared(waiting))
            return _first_bytes(bench, copied, 0, 0.1)

    many = f"{2 * plan.backlog_entries:,} waiting"
    results = bench.interleaved(
        {"idle": lambda: side(0), many: lambda: side(plan.backlog_entries)},
        runs=min(plan.runs, 3),
    )
    idle = results["idle"]
    return [
        Figure(
            name="first_byte",
            unit="ms, p50",
            ours=median(idle, "p50_ms"),
            goal=Goal("ours", "<", 5),
            runs=[one | {"value": one["p50_ms"]} for one in idle],
        ),
        Figure(
            name="first_byte/p99",
            unit="ms, p99",
            ours=median(idle),
            goal=Goal("ours", "<", 20),
            runs=idle,
        ),
        Figure(
            name="first_byte/backlog",
            unit="ms, p99",
            ours=median(results[many]),
            floor=median(idle),
            floor_name="nothing waiting",
            goal=Goal("ratio", "<=", 1.5),
            runs=listed(results, many, "idle"),
        ),
    ]


# So many hold far more between them than a server takes to begin with.
HOLDING_ACCOUNTS = 24


def _slow_accounts() -> str:
    """Each sends one message and then holds what else it has read."""
    return "".join(
        f"""
[accounts.bot{number}]
platform = "telegram"
token_environment = "BENCH_BOT_TOKEN"
rate = "1/m"
"""
        for number in range(HOLDING_ACCOUNTS)
    )


def held_memory(bench: Bench) -> list[Figure]:
    """What lanes hold that have far more to send than they may.

    Held against the same server on the same registry with nothing to send; the
    pages of the database file that it has mapped, which the kernel takes back
    as it likes, are told apart.
    """
    entries = bench.plan.waiting_entries
    kinds = {"RssAnon": "own", "VmRSS": "with_files"}

    def resident(waiting: int) -> tuple[dict[str, float], float]:
        with ExitStack() as stack:
            file = stack.enter_context(bench.sqlite()).migrate()
            tool("seed", database=file.location, entries=entries)
            move_to_telegram(file)
            if waiting:
                seed_waiting(file, waiting, lane="bot")
            spread_over_accounts(file, HOLDING_ACCOUNTS)
            sink = stack.enter_context(Sink(free_port()))
            options = telegram_options(bench, sink, _slow_accounts())
            server = stack.enter_context(bench.serve(file, *options))
            time.sleep(bench.plan.settle_seconds)
            held = server.metrics().total("broadcastd_delivery_held")
            mib = {
                name: machine.resident_mib(server.pid, kind)
                for kind, name in kinds.items()
            }
            return mib, held

    def side() -> Run:
        empty, _ = resident(0)
        full, held = resident(entries)
        if held == 0:
            raise MeasurementError("it holds no delivery in memory")
        run: Run = {"held": held}
        for name in kinds.values():
            run |= {
                f"{name}_kib": (full[name] - empty[name]) * 1024 / held,
                f"{name}_empty_mib": empty[name],
                f"{name}_full_mib": full[name],
            }
        return run | {"value": run["own_kib"]}

    runs = bench.interleaved({"held": side}, runs=min(bench.plan.runs, 3))
    held = runs["held"]
    return [
        Figure(
            name="held_memory",
            unit="KiB a delivery",
            ours=median(held),
            goal=Goal("ours", "<=", 1),
            runs=held,
        ),
        Figure(
            name="held_memory/mapped",
            unit="KiB a delivery",
            ours=median(held, "with_files_kib"),
            runs=[one | {"value": one["with_files_kib"]} for one in held],
        ),
    ]
