"""Replicas on one PostgreSQL, of which one fails while all of them deliver.

Whatever befalls them: nothing fires twice, nothing is posted twice, no bot and
no chat is sent more than its limit, and what the failed one had to do is done
by the others within its lease and five seconds.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import grpc
import pytest
from broadcastd_process import Broadcastd, Postgres, eventually, free_port
from delivery_world import (
    Ask,
    Entry,
    Post,
    Told,
    Verdict,
    all_finished,
    check_counts,
    check_integrity,
    compare,
    entry_request,
    is_transient,
    longest_gap,
    metric,
    most_in_window,
    posts_of,
    register,
    repeated,
    token_of,
    told_of,
    trigger_all,
)
from fake_telegram_process import FakeTelegram
from tcp_proxy import TcpProxy

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1.operation_pb2 import Operation

BOTS = 4
BOT_LIMIT = 30  # messages in any second
CHAT_LIMIT = 1
# What a busy machine may hold one request up more than another between the
# sender, which keeps the limit, and the fake, which writes down the time.
JITTER = 0.05
WINDOW = 1.0 - JITTER
LEASE = 3.0
PATIENCE = LEASE + 5.0
PAUSE = float(os.environ.get("BROADCASTD_PAUSE_SECONDS", 4 * LEASE))
SCHEDULED = 560
TRIGGERED = 40
LATENCY_MS = 200
# What one lane may have under way at this latency.
IN_FLIGHT = 64


class Cluster:
    """Replicas, each with a way to the database that can be cut."""

    def __init__(
        self,
        postgres: Postgres,
        folder: Path,
        fake: FakeTelegram,
        replicas: int,
    ) -> None:
        self.postgres = postgres
        self.fake = fake
        self.database = postgres.new_database()
        self.ask = Ask(self.database, postgres)
        name = self.database.split("?")[0].rpartition("/")[2]
        port = int((postgres.folder / "port").read_text())
        self.proxies = [TcpProxy("127.0.0.1", port) for _ in range(replicas)]
        self.replicas = []
        for number, proxy in enumerate(self.proxies):
            own = folder / f"replica{number}"
            own.mkdir()
            url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}"
            self.replicas.append(
                Broadcastd(
                    url,
                    own,
                    *(f"--account=bot{n}=telegram" for n in range(BOTS)),
                    f"--telegram_base_url={fake.url}",
                    f"--lane_lease={LEASE:g}s",
                    "--default_pair_quota=1000000",
                    environment={
                        f"BROADCASTD_ACCOUNT_BOT{n}_TOKEN": token_of(n)
                        for n in range(BOTS)
                    },
                    metrics=f"127.0.0.1:{free_port()}",
                )
            )
        self.entries: list[Entry] = []
        self.first_owner = ""  # how the first one calls itself

    def __enter__(self) -> Self:
        # The first one has all lanes before there is another.
        self.replicas[0].start()
        eventually(lambda: self.owned_lanes() == BOTS)
        self.first_owner = self.postgres.run(
            "SELECT min(owner) FROM lanes", self.database
        )
        for replica in self.replicas[1:]:
            replica.start()
        return self

    def __exit__(self, *_: object) -> None:
        for replica in self.replicas:
            if replica.process is not None:
                replica.process.send_signal(signal.SIGCONT)
            replica.kill()
        for proxy in self.proxies:
            proxy.__exit__()

    def owned_lanes(self) -> int:
        return self.ask.number(
            "SELECT count(*) FROM lanes WHERE owner IS NOT NULL"
        )

    def alive(self) -> list[Broadcastd]:
        return [one for one in self.replicas[1:] if one.channel is not None]

    def trigger(self, request: broadcast.TriggerRequest) -> None:
        """Through any replica, and through another if that fails."""
        repeated(
            lambda: random.choice(self.alive()).broadcast.Trigger(
                request, timeout=10
            ),
            lambda error: (
                is_transient(error)
                or error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            ),
            seconds=60,
        )

    def load(self) -> None:
        """Give every bot some hundred messages to send, from now on."""
        bots = itertools.cycle(f"bot{n}" for n in range(BOTS))
        start = time.time() + 2
        self.entries = register(
            self.replicas[-1],
            [
                entry_request(next(bots), start if n < SCHEDULED else None)
                for n in range(SCHEDULED + TRIGGERED)
            ],
        )
        eventually(lambda: len(self.posts()) > 20)

    def posts(self) -> list[Post]:
        return posts_of(self.fake)

    def finish(self) -> Told:
        """Trigger what has no schedule, and wait until all is done."""
        trigger_all(self.trigger, self.entries[SCHEDULED:])
        server = self.alive()[0]
        eventually(
            lambda: (
                len(all_finished(server, self.entries)) >= len(self.entries)
            ),
            90,
            every=0.5,
        )
        return told_of(server, self.entries)

    def check(self, allowed_over: int = 0) -> Verdict:
        """Compare all that was posted with all that is told."""
        told = self.finish()
        posts = self.posts()
        fired: dict[str, int] = defaultdict(int)
        for operation in told.operations:
            fired[operation.entry_id] += 1
            assert operation.kind in (
                Operation.KIND_BROADCAST,
                Operation.KIND_TRIGGER,
            )
        assert set(fired.values()) == {1}, "something fired twice"
        check_counts(told)
        verdict = compare(told, posts, self.entries)
        by_bot: dict[str, list[float]] = defaultdict(list)
        by_chat: dict[str, list[float]] = defaultdict(list)
        for post in posts:
            by_bot[post.bot].append(post.time)
            by_chat[post.chat].append(post.time)
        assert len(by_bot) == BOTS
        fullest = max(most_in_window(times, 1.0) for times in by_bot.values())
        held = max(most_in_window(times, WINDOW) for times in by_bot.values())
        gap = max(longest_gap(times) for times in by_bot.values())
        print(
            f"\n{len(self.replicas)} replicas, {len(posts)} posts, {verdict}, "
            f"fullest second {fullest}, longest silence {gap:.2f} s"
        )
        verdict.check()
        assert held <= BOT_LIMIT + allowed_over
        for times in by_chat.values():
            assert most_in_window(times, WINDOW) <= CHAT_LIMIT
        check_integrity(self.alive()[0])
        return verdict


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTelegram]:
    with FakeTelegram(
        tmp_path,
        "--auto_chats",
        "--limits=off",
        f"--latency=fixed:{LATENCY_MS}",
        bots=(),
    ) as fake:
        yield fake


@pytest.fixture(params=[2, 3])
def cluster(
    request: pytest.FixtureRequest,
    victim: Postgres,
    fake: FakeTelegram,
    tmp_path: Path,
) -> Iterator[Cluster]:
    victim.script("resume")
    with Cluster(victim, tmp_path, fake, request.param) as cluster:
        yield cluster


def silence_after(
    cluster: Cluster, when: float, until: float = math.inf
) -> float:
    """Return how long the bot that was silent longest was so, from then on."""
    by_bot: dict[str, list[float]] = defaultdict(lambda: [when])
    for post in cluster.posts():
        if when <= post.time < until:
            by_bot[post.bot].append(post.time)
    return max(longest_gap(times) for times in by_bot.values())


def test_one_is_killed(cluster: Cluster) -> None:
    cluster.load()
    killed = time.time()
    cluster.replicas[0].kill()
    verdict = cluster.check()
    assert verdict.unknown <= BOTS * IN_FLIGHT
    assert silence_after(cluster, killed) <= PATIENCE


def test_one_is_paused_beyond_its_lease(cluster: Cluster) -> None:
    first = cluster.replicas[0]
    cluster.load()
    process = first.process
    assert process is not None
    owner = cluster.first_owner
    paused = 0.0

    def paused_in_flight() -> int:
        """Stop it, and go on only with something under way."""
        nonlocal paused
        paused = time.time()
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        sql = f"SELECT count(*) FROM inflight WHERE owner = '{owner}'"
        under_way = cluster.ask.number(sql)
        if under_way == 0:
            process.send_signal(signal.SIGCONT)
        return under_way

    assert eventually(paused_in_flight, every=0.13) > 0
    time.sleep(PAUSE)
    process.send_signal(signal.SIGCONT)
    resumed = time.time()
    verdict = cluster.check(allowed_over=IN_FLIGHT)
    # Away from that moment there is no excuse.
    by_bot: dict[str, list[float]] = defaultdict(list)
    for post in cluster.posts():
        if not resumed - 1 <= post.time <= resumed + 1:
            by_bot[post.bot].append(post.time)
    for times in by_bot.values():
        assert most_in_window(times, WINDOW) <= BOT_LIMIT
    assert verdict.unknown <= BOTS * IN_FLIGHT
    # The others had all of its work long done, if the pause was long.
    assert silence_after(cluster, paused, until=resumed) <= PATIENCE
    # What it had under way came back to it, and met a fence.
    late = metric(first, "broadcastd_late_outcomes_total")
    stale = metric(first, "broadcastd_stale_outcomes_total")
    print(f"late {late:.0f}, stale {stale:.0f}")
    assert late + stale + verdict.unknown > 0
    eventually(first.healthy)


def test_one_is_cut_off_from_the_database(cluster: Cluster) -> None:
    first = cluster.replicas[0]
    cluster.load()
    cut = time.time()
    cluster.proxies[0].cut()
    eventually(lambda: silence_ended(cluster, cut), 30)
    verdict = cluster.check()
    assert verdict.unknown <= BOTS * IN_FLIGHT
    assert silence_after(cluster, cut) <= PATIENCE
    cluster.proxies[0].mend()
    eventually(first.healthy)


def silence_ended(cluster: Cluster, since: float) -> bool:
    """Whether every bot sends, long after its owner can have sent."""
    bots = {post.bot for post in cluster.posts() if post.time > since + LEASE}
    return len(bots) == BOTS


@pytest.mark.parametrize("verb", ["halt", "crash"])
@pytest.mark.parametrize("cluster", [2], indirect=True)
def test_the_database_is_restarted(cluster: Cluster, verb: str) -> None:
    cluster.load()
    cluster.postgres.script(verb)
    time.sleep(1)
    cluster.postgres.script("resume")
    resumed = time.time()
    verdict = cluster.check()
    assert verdict.unknown <= BOTS * IN_FLIGHT
    assert silence_after(cluster, resumed) <= PATIENCE
    for replica in cluster.replicas:
        eventually(replica.healthy)


@pytest.mark.parametrize("cluster", [2], indirect=True)
def test_its_connections_are_killed(cluster: Cluster) -> None:
    cluster.load()
    name = cluster.database.split("?")[0].rpartition("/")[2]
    others = (
        f"FROM pg_stat_activity WHERE datname = '{name}' "
        "AND pid <> pg_backend_pid()"
    )
    killed = 0
    begun = time.time()
    until = time.monotonic() + 6
    while time.monotonic() < until:
        pids = cluster.postgres.run(f"SELECT pid {others}").split()
        if pids:
            cluster.postgres.run(
                f"SELECT pg_terminate_backend({random.choice(pids)})"
            )
            killed += 1
        time.sleep(0.4)
    cluster.check()
    print(f"{killed} connections killed")
    assert silence_after(cluster, begun) <= PATIENCE
