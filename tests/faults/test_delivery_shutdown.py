"""Ends and beginnings: SIGTERM under load, a long outage, clocks that jump."""

from __future__ import annotations

import struct
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from broadcastd_process import (
    BINARY,
    Broadcastd,
    Postgres,
    eventually,
    run_broadcastd,
)
from delivery_world import (
    DAY,
    Ask,
    all_finished,
    anonymous_mib,
    check_counts,
    check_integrity,
    compare,
    entry_request,
    operations_of,
    posts_of,
    register,
    token_of,
    told_of,
    trigger_all,
)
from fake_telegram_process import FakeTelegram
from overdue import seed_overdue
from tcp_proxy import TcpProxy

HOUR = 3600
SHIFTED_CLOCK = BINARY.parent.parent / "tests" / "shifted_clock.so"

OVERDUE = 100_000
# The database's caches, and what may be held: nothing that grows with what is
# overdue.
MOST_MIB = 192.0
GRACE = 10


def telegram_options(url: str, grace: int = GRACE) -> tuple[str, ...]:
    return (
        "--account=bot=telegram",
        f"--telegram_base_url={url}",
        "--default_pair_quota=1000000",
        f"--drain_grace={grace}s",
        "--lane_lease=3s",
        "--trigger_cooldown=0s",
    )


TOKEN = {"BROADCASTD_ACCOUNT_BOT_TOKEN": token_of(1)}


@pytest.fixture
def slow_fake(tmp_path: Path) -> Iterator[FakeTelegram]:
    with FakeTelegram(
        tmp_path, "--auto_chats", "--limits=off", "--latency=fixed:300", bots=()
    ) as fake:
        yield fake


def test_sigterm_under_load(
    own_backend: tuple[str, Postgres | None],
    slow_fake: FakeTelegram,
    tmp_path: Path,
) -> None:
    database, _ = own_backend
    with Broadcastd(
        database, tmp_path, *telegram_options(slow_fake.url), environment=TOKEN
    ) as server:
        start = time.time() + 1
        entries = register(
            server, [entry_request("bot", start) for _ in range(120)]
        )
        for _ in range(3):
            count = len(posts_of(slow_fake))
            eventually(lambda c=count: len(posts_of(slow_fake)) > c + 15)
            begun = time.monotonic()
            assert server.stop() == 0
            took = time.monotonic() - begun
            print(f"ended after {took:.2f} s")
            assert took < GRACE
            server.start()
        eventually(
            lambda: len(all_finished(server, entries)) == len(entries), 60
        )
        told = told_of(server, entries)
        check_counts(told)
        verdict = compare(told, posts_of(slow_fake), entries)
        verdict.check()
        assert verdict.unknown == 0, "what was under way had time to end"
        tries = Counter(one.attempt_count for one in told.deliveries)
        assert set(tries) == {1}, f"attempts were burnt: {tries}"
        check_integrity(server)


def test_sigterm_while_nobody_answers(
    own_backend: tuple[str, Postgres | None], tmp_path: Path
) -> None:
    """What is not answered within the grace is unknown, and not sent again."""
    database, _ = own_backend
    with (
        FakeTelegram(
            tmp_path,
            "--auto_chats",
            "--limits=off",
            "--latency=fixed:600000",
            bots=(),
        ) as fake,
        Broadcastd(
            database,
            tmp_path,
            *telegram_options(fake.url, grace=2),
            environment=TOKEN,
        ) as server,
    ):
        entries = register(server, [entry_request("bot") for _ in range(3)])
        trigger_all(lambda one: server.broadcast.Trigger(one), entries)
        eventually(lambda: fake.stats()["in_flight"] == 6)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < GRACE
        fake.admin("latency", spec="none")
        server.start()
        finished = all_finished(server, entries)
        assert sum(o.progress.unknown_count for o in finished) == 6
        told = told_of(server, entries)
        verdict = compare(told, posts_of(fake), entries)
        verdict.check()
        check_integrity(server)


class ShiftedClock:
    """The wall clock of one server."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.shift(0)

    def shift(self, seconds: float) -> None:
        """Let it be that far from the machine's."""
        with self.file.open("r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("<q", int(seconds * 1e6)))

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(SHIFTED_CLOCK),
            "SHIFTED_CLOCK": str(self.file),
        }


def test_the_clock_jumps_an_hour(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path)
    with (
        FakeTelegram(tmp_path, "--auto_chats", "--limits=off", bots=()) as fake,
        TcpProxy("127.0.0.1", fake.port) as way,
        Broadcastd(
            f"sqlite:{tmp_path / 'b.db'}",
            tmp_path,
            *telegram_options(f"http://127.0.0.1:{way.port}"),
            environment=TOKEN | clock.environment,
        ) as server,
    ):
        start = time.time() + 1
        hourly = register(
            server, [entry_request("bot", start, HOUR) for _ in range(10)]
        )
        daily = register(server, [entry_request("bot") for _ in range(5)])

        def trigger_and_wait(seconds: float) -> None:
            before = len(posts_of(fake))
            trigger_all(lambda one: server.broadcast.Trigger(one), daily)
            eventually(
                lambda: len(posts_of(fake)) == before + 2 * len(daily), seconds
            )

        def fired(times: int) -> bool:
            all_finished(server, hourly)
            return len(operations_of(server, hourly)) == times * len(hourly)

        eventually(lambda: fired(1))
        trigger_and_wait(5)
        clock.shift(HOUR)
        eventually(lambda: fired(2), 10)
        trigger_and_wait(5)
        clock.shift(0)
        # What is tried again waits a second, not an hour.
        way.refuse()
        trigger_all(lambda one: server.broadcast.Trigger(one), daily)
        time.sleep(1)
        before = len(posts_of(fake))
        way.listen()
        eventually(lambda: len(posts_of(fake)) == before + 2 * len(daily), 10)
        all_finished(server, daily)
        trigger_and_wait(5)
        clock.shift(-HOUR)
        trigger_and_wait(5)
        time.sleep(2)
        assert fired(2), "an occurrence fired twice"
        told = told_of(server, hourly + daily)
        check_counts(told)
        compare(told, posts_of(fake), hourly + daily).check()
        check_integrity(server)
        # A restart, by a clock that stands where the data is of the future.
        assert server.stop() == 0
        server.start()
        trigger_and_wait(5)
        assert fired(2)
        check_integrity(server)


def test_a_day_of_outage(tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    database = f"sqlite:{path}"
    assert run_broadcastd(f"--database={database}", "migrate").returncode == 0
    seed_overdue(path, OVERDUE)
    ask = Ask(database, None)
    begun = time.monotonic()
    with Broadcastd(database, tmp_path, "--account=log=log") as server:
        pid = server.pid
        most = 0.0

        def all_sent() -> bool:
            nonlocal most
            most = max(most, anonymous_mib(pid))
            return (
                ask.number("SELECT count(*) FROM results WHERE state = 'sent'")
                == 2 * OVERDUE
            )

        eventually(all_sent, 600, every=0.5)
        took = time.monotonic() - begun
        print(f"{OVERDUE} entries in {took:.0f} s, {most:.0f} MiB")
        assert ask.number("SELECT count(*) FROM operations") == OVERDUE
        assert ask.number("SELECT max(occurrence) FROM operations") == 1
        assert (
            ask.number("SELECT count(*) FROM entries WHERE success_count = 1")
            == OVERDUE
        )
        late = (time.time_ns() // 1000) + DAY * 1_000_000
        assert (
            ask.number(
                "SELECT count(*) FROM entries WHERE next_send_time > "
                f"{time.time_ns() // 1000} AND next_send_time < {late}"
            )
            == OVERDUE
        )
        assert most < MOST_MIB
        check_integrity(server)
        assert server.stop() == 0
