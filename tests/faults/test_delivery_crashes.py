"""The server dies at each point of a delivery's life, again and again.

BROADCASTD_DELIVERY_ROUNDS says how often; `make test-crash` asks for 200. What
a fake Telegram was sent is compared with what the server tells afterwards.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from broadcastd_process import Broadcastd, Postgres, eventually
from delivery_world import (
    Ask,
    Entry,
    Verdict,
    all_finished,
    check_counts,
    check_integrity,
    compare,
    entry_request,
    is_transient,
    posts_of,
    repeated,
    token_of,
    told_entry,
    told_of,
    trigger_all,
)
from fake_telegram_process import FakeTelegram
from mortal_server import A_DELIVERY, ONCE
from tcp_proxy import TcpProxy

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import broadcast_service_pb2_grpc as broadcast_grpc

ROUNDS = int(os.environ.get("BROADCASTD_DELIVERY_ROUNDS", "20"))

# As server/base/fail_points.h lists them, but for what only the network can
# bring about.
POINTS = (*ONCE, "after_enqueue", *A_DELIVERY)
# Passed only if nothing listens at the other end, or nothing is answered.
AFTER_CONNECT_ERROR = "after_connect_error"
AFTER_REQUEST = "after_request"
# None of the server's own: at any moment.
KILLED = "killed"
ALL = (*POINTS, AFTER_CONNECT_ERROR, AFTER_REQUEST, KILLED)

LEASE = 3.0
DEFAULT_LEASE = 15.0
PAIRS = 3  # a round


@dataclass
class Sums:
    """What all rounds come to."""

    rounds: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    in_flight: int = 0
    unanswered: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def __str__(self) -> str:
        points = ", ".join(f"{point} {self.reached[point]}" for point in ALL)
        return (
            f"{self.rounds} rounds, {self.verdict}, {self.in_flight} in "
            f"flight at a crash, {self.unanswered} not answered, sending "
            f"again after at most {self.slowest:.2f} s; reached: {points}"
        )


class Crashes:
    """One server after another, each dying where it is told to."""

    def __init__(
        self,
        database: str,
        folder: Path,
        fake: FakeTelegram,
        postgres: Postgres | None,
    ) -> None:
        self.fake = fake
        self.postgres = postgres
        self.ask = Ask(database, postgres)
        self.folder = folder
        self.lease = LEASE
        self.last_lease = LEASE  # of the round before
        self.server = Broadcastd(
            database,
            folder,
            environment={
                "BROADCASTD_ACCOUNT_BOT_TOKEN": token_of(1),
                "BROADCASTD_FAIL_POINTS": "1",
            },
        )
        self.lock = threading.Lock()
        self.restarts = 0  # of this round, by callers
        self.sums = Sums()

    def options(self, url: str) -> tuple[str, ...]:
        return (
            "--account=bot=telegram",
            f"--telegram_base_url={url}",
            f"--lane_lease={self.lease:g}s",
        )

    def start(self, point: str = "", url: str = "") -> None:
        self.server.options = self.options(url or self.fake.url)
        if point:
            self.server.options += (f"--fail_point={point}",)
        self.server.start()

    def restart_if_dead(self, error: grpc.RpcError) -> bool:
        """After a failed call: whether to make it again, to whom it may be."""
        with self.lock:
            process = self.server.process
            if process is not None and process.poll() is not None:
                self.server.kill()
                self.note_in_flight()
                self.start()
                self.restarts += 1
                return True
        return is_transient(error)

    def note_in_flight(self) -> None:
        """Count what the dead server had under way."""
        sql = "SELECT count(*) FROM inflight"
        if self.postgres is not None:
            self.sums.in_flight += self.ask.number(sql)
            return
        # A copy: to open the file would already mend it.
        path = Path(self.ask.database.removeprefix("sqlite:"))
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for one in path.parent.glob(path.name + "*"):
                if not one.name.endswith(("-shm", ".lock")):
                    shutil.copy(one, folder)
            copy = Ask(f"sqlite:{Path(folder) / path.name}", None)
            self.sums.in_flight += copy.number(sql)

    def calls(self) -> broadcast_grpc.BroadcastServiceStub:
        """Return the calls of the server that runs, or has just died."""
        with self.lock:
            return self.server.broadcast

    def register(self, count: int) -> list[Entry]:
        entries = []
        for _ in range(count):
            request = entry_request("bot")
            made = repeated(
                lambda request=request: self.calls().CreateEntry(
                    request, timeout=20
                ),
                self.restart_if_dead,
            )
            entries.append(told_entry(made.entry, "bot"))
        return entries

    def trigger(self, request: broadcast.TriggerRequest) -> None:
        repeated(
            lambda: self.calls().Trigger(request, timeout=20),
            self.restart_if_dead,
        )

    def has_died(self) -> bool:
        """Whether it has in this round."""
        process = self.server.process
        ended = process is not None and process.poll() is not None
        return ended or self.restarts > 0

    def settled(self, entries: list[Entry]) -> bool:
        """Whether the server has died, or has nothing left to do."""
        if self.has_died():
            return True
        try:
            all_finished(self.server, entries, seconds=0.0)
        except (grpc.RpcError, AssertionError):
            return False
        return True

    def round(self, point: str, nth: int) -> None:
        self.sums.rounds += 1
        self.restarts = 0
        with TcpProxy("127.0.0.1", self.fake.port) as proxy:
            refused = point == AFTER_CONNECT_ERROR
            url = f"http://127.0.0.1:{proxy.port}" if refused else ""
            if refused:
                proxy.refuse()
            if point == AFTER_REQUEST:
                how = random.choice(("drop_before", "drop_after"))
                self.fake.fault(how, method="sendMessage", count=nth)
                self.sums.unanswered += nth
            self.start("" if point == KILLED else f"{point}:{nth}", url)
            entries = self.register(PAIRS)
            trigger_all(self.trigger, entries)
            if refused:
                eventually(self.has_died)
                proxy.listen()
            if point == KILLED:
                time.sleep(random.uniform(0, 0.06))
                self.sums.reached[point] += 1
            else:
                eventually(lambda: self.settled(entries), 60, every=0.02)
        self.fake.heal()
        with self.lock:
            if self.has_died():
                self.sums.reached[point] += 1
            self.server.kill()
            self.note_in_flight()
        self.recover(entries)

    def recover(self, entries: list[Entry]) -> None:
        """Start again, without a point, and see how all has ended."""
        begun = time.time()
        self.start()
        # There may be nothing left to send: one more pair.
        more = self.register(1)
        trigger_all(self.trigger, more)
        entries += more
        all_finished(self.server, entries)
        posts = posts_of(self.fake)
        ours = {chat for entry in entries for chat in entry.chats.values()}
        posts = [post for post in posts if post.chat in ours]
        first = min(post.time for post in posts if post.time >= begun)
        self.sums.slowest = max(self.sums.slowest, first - begun)
        lease = max(self.lease, self.last_lease)
        allowed = 2.0 if self.postgres is None else lease + 5.0
        assert first - begun <= allowed
        told = told_of(self.server, entries)
        check_counts(told)
        verdict = compare(told, posts, entries)
        assert len(told.operations) == len(entries), "a trigger had two effects"
        self.sums.verdict += verdict
        verdict.check()
        check_integrity(self.server)
        self.server.kill()
        self.last_lease = self.lease


@pytest.fixture
def crashes(
    own_backend: tuple[str, Postgres | None], tmp_path: Path
) -> Iterator[Crashes]:
    database, postgres = own_backend
    with FakeTelegram(
        tmp_path, "--auto_chats", "--limits=off", "--latency=fixed:20", bots=()
    ) as fake:
        crashes = Crashes(database, tmp_path, fake, postgres)
        try:
            yield crashes
        finally:
            crashes.server.kill()


def points_of(rounds: int) -> list[str]:
    """Return a random order in which every point comes about as often."""
    points: list[str] = []
    while len(points) < rounds:
        points += random.sample(ALL, len(ALL))
    return points[:rounds]


def test_it_dies_at_every_point_of_a_delivery(crashes: Crashes) -> None:
    points = points_of(ROUNDS)
    for number, point in enumerate(points):
        crashes.lease = DEFAULT_LEASE if number == 1 else LEASE
        # Several of a transaction pass a point at once: it may come but once.
        often = points[:number].count(point)
        crashes.round(point, random.randint(1, 4) if often else 1)
    sums = crashes.sums
    print(f"\n{sums}")
    # Of all that was posted in all rounds, nothing was posted by nobody.
    accounted = sums.verdict.sent + sums.verdict.unknown
    assert sums.verdict.sent <= len(posts_of(crashes.fake)) <= accounted
    assert sums.verdict.unknown <= sums.in_flight + sums.unanswered
    for point in set(points):
        assert sums.reached[point] > 0, f"{point} was never reached"
