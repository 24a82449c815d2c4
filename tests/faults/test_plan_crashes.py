"""The server dies while it syncs and migrates, again and again.

Whatever it dies of, the finished operation must come to what it would have come
to. BROADCASTD_PLAN_ROUNDS says how often; `make test-crash` asks for 100. The
numbers that the rounds are made of come from BROADCASTD_PLAN_SEED.

One file, long as it is: a round is one story, from what is planned to what is
there.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from broadcastd_process import eventually
from delivery_world import check_integrity
from fake_telegram_process import FakeTelegram
from feed_world import (
    Feed,
    FeedWorld,
    Journal,
    check_result,
    check_sums,
    name_in,
    planned_by,
    repeated_names,
    text_of,
)
from mortal_server import A_DELIVERY, A_STEP, ONCE, MortalServer

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import sync_pb2
from broadcast.v1.delivery_pb2 import Delivery
from broadcast.v1.message_pb2 import Message
from broadcast.v1.operation_pb2 import Operation

ROUNDS = int(os.environ.get("BROADCASTD_PLAN_ROUNDS", "6"))
SEED = int(os.environ.get("BROADCASTD_PLAN_SEED", time.time_ns() % 10**6))

# None of the server's own: at any moment.
KILLED = "killed"
ALL = (*ONCE, *A_STEP, *A_DELIVERY, KILLED)

CHATS = 3  # of a client, at most

MODES = (
    sync_pb2.SYNC_MODE_FULL,
    sync_pb2.SYNC_MODE_FULL,
    sync_pb2.SYNC_MODE_POST_ONLY,
    sync_pb2.SYNC_MODE_DELETE_ONLY,
)


@dataclass
class Case:
    """What a round is about."""

    point: str
    migrates: bool
    large: bool  # planning takes several steps of 200 rows
    busy: bool  # posts change meanwhile
    mode: sync_pb2.SyncMode = sync_pb2.SYNC_MODE_FULL
    delete_old: bool = False
    one_feed: bool = False
    target: str = "new"  # or "shown": it has a part already; or "pair"


@dataclass
class Sums:
    """What all rounds come to."""

    rounds: int = 0
    syncs: int = 0
    migrations: int = 0
    large: int = 0
    busy: int = 0
    deaths: int = 0
    planned: int = 0
    sent: int = 0
    unknown_arrived: int = 0
    unknown_missing: int = 0
    taken_back: int = 0  # originals, by migrations
    twice: int = 0
    reached: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        points = ", ".join(f"{point} {self.reached[point]}" for point in ALL)
        return (
            f"seed {SEED}: {self.rounds} rounds ({self.syncs} syncs, "
            f"{self.migrations} migrations; {self.large} large, {self.busy} "
            f"busy), {self.deaths} deaths; {self.planned} deliveries planned, "
            f"{self.sent} sent, unknown {self.unknown_arrived} that had "
            f"arrived and {self.unknown_missing} that had not; "
            f"{self.taken_back} originals taken back, {self.twice} messages "
            f"twice; died at: {points}"
        )


def moment(numbers: random.Random, case: Case, deliveries: int) -> str:
    """Return the point of the case, and which time it is passed is the last."""
    if case.point in ONCE:
        most = 1
    elif case.point in A_STEP:
        most = 3 if case.large else 1
        if case.migrates and case.point != "after_enqueue":
            most += 3 if case.delete_old else 1
    elif case.point == "after_peek":
        most = max(1, deliveries // 8)
    else:
        most = max(1, deliveries)
    return f"{case.point}:{numbers.randint(1, most)}"


class Busy:
    """Somebody who changes posts until told to stop."""

    def __init__(self, world: FeedWorld, numbers: random.Random) -> None:
        self.world = world
        self.random = numbers
        self.stopping = threading.Event()
        self.failed: list[BaseException] = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        try:
            for _ in range(12):
                if self.stopping.wait(0.02):
                    return
                self.change(self.random.choice(list(self.world.feeds.values())))
        except BaseException as error:  # told by stop()
            self.failed.append(error)

    def change(self, feed: Feed) -> None:
        what = self.random.randrange(3)
        if what == 0 or not feed.posts:
            self.world.fill(feed, 1)
            return
        name = self.random.choice(list(feed.posts))
        if what == 1:
            version = self.random.randint(10, 10**6)
            self.world.upsert(feed, {name: text_of(name, version)})
        else:
            self.world.close(feed, name)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()
        if self.failed:
            raise self.failed[0]


class Round:
    """One client, one operation, and at least one death."""

    def __init__(
        self,
        server: MortalServer,
        fake: FakeTelegram,
        numbers: random.Random,
        case: Case,
        sums: Sums,
    ) -> None:
        self.server = server
        self.random = numbers
        self.case = case
        self.sums = sums
        self.journal = Journal(fake)
        self.journal.begin()
        server.start()
        self.world = FeedWorld(server, fake)
        self.first = self.world.first
        # Of a migration.
        self.target = ""
        self.deletes_old = case.delete_old
        self.looked_up: set[str] = set()  # by people: their copies are there
        self.taken_back = 0

    def play(self) -> None:
        self.prepare()
        before = self.world.texts(self.first)
        request = self.migration() if self.case.migrates else None
        points = self.points(request)
        self.server.kill()
        self.server.start(*points)
        deaths = self.server.deaths
        if request is not None:
            self.migrate(request, before)
        else:
            self.sync(before)
        self.agree()
        self.sums.deaths += self.server.deaths - deaths
        self.server.kill()

    def points(self, request: broadcast.MigrateRequest | None) -> list[str]:
        """Return where each process dies."""
        points = []
        if self.case.point != KILLED:
            if request is not None:
                request.validate_only = True
                plan = self.world.migrate(request).plan
                request.validate_only = False
            else:
                plan = self.world.sync(self.first, self.case.mode, True).plan
            points.append(moment(self.random, self.case, planned_by(plan)))
        if self.random.random() < 0.3:  # and once more
            again = self.random.choice((*A_STEP, *A_DELIVERY))
            points.append(f"{again}:{self.random.randint(1, 5)}")
        return points

    # What was before.

    def prepare(self) -> None:
        """Let the first channel show something of all that can be."""
        world, first, large = self.world, self.first, self.case.large
        feed, gone = world.make_feed("a"), world.make_feed("gone")
        other = world.make_feed("b")
        world.publish(feed, first)
        world.publish(gone, first)
        # Copies ask for originals, syncs for gaps.
        copies = self.case.migrates
        world.fill(feed, (220 if large else 12) if copies else 12)
        world.fill(gone, 4)
        if copies:
            world.publish(other, first)
            world.fill(other, 5)
        world.settle()
        world.delete_feed(gone)
        world.disable(first)
        for name in self.random.sample(list(feed.posts), 4):
            world.upsert(feed, {name: text_of(name, 2)})
        for name in self.random.sample(list(feed.posts), 3):
            world.close(feed, name)
        world.fill(feed, 3 if copies or not large else 230)
        if not copies:
            world.fill(other, self.random.choice((20, 180)) if large else 5)
            world.publish(other, first)
        world.enable(first)
        if self.case.target == "shown":
            world.publish(other, world.second, fill=True)
        world.settle()

    # What is asked for, and what comes of it.

    def finish(self, operation: Operation) -> Operation:
        """See it through to its end, whoever dies."""
        killer = None
        if self.case.point == KILLED:
            most = 1.5 if self.case.large or self.case.delete_old else 0.2
            killer = threading.Timer(
                self.random.uniform(0, most), self.server.shoot, (KILLED,)
            )
            killer.start()
        busy = Busy(self.world, self.random) if self.case.busy else None
        planned = 0

        def finished() -> Operation | None:
            nonlocal planned
            now = self.world.operation(operation.operation_id)
            check_sums(now)
            assert now.progress.planned_count >= planned
            planned = now.progress.planned_count
            return now if now.state == Operation.STATE_FINISHED else None

        try:
            done = eventually(finished, 120, every=0.04)
        finally:
            if killer is not None:
                killer.cancel()
                killer.join()
            if busy is not None:
                busy.stop()
        self.world.settle()
        deliveries = self.world.deliveries(done.operation_id)
        check_result(done, deliveries)
        failed = [d for d in deliveries if d.state == Delivery.STATE_FAILED]
        # Of a post that was closed before its copy's turn.
        assert self.case.busy or not failed
        assert {d.reason for d in failed} <= {"message_not_found"}
        assert {d.action for d in failed} <= {Delivery.ACTION_COPY}
        self.sums.planned += done.progress.planned_count
        self.sums.sent += done.progress.sent_count
        return done

    def unknown(self, channel_id: str) -> set[str]:
        """Return the names of posts of whose messages nobody knows."""
        return {
            name_in(message.content.text)
            for message in self.world.in_state(
                channel_id, Message.STATE_UNKNOWN
            )
        }

    def check_shown(self, channel_id: str, expected: Counter[str]) -> None:
        """All but what is unknown is as expected, and nothing is twice."""
        unknown = self.unknown(channel_id)
        shown = self.world.texts(channel_id)
        assert {
            text: n for text, n in shown.items() if name_in(text) not in unknown
        } == {
            text: n
            for text, n in expected.items()
            if name_in(text) not in unknown
        }
        names = Counter(name_in(text) for text in shown.elements())
        assert all(names[name] <= 1 for name in unknown)
        self.check_posted_once(channel_id)

    def check_posted_once(self, channel_id: str) -> None:
        twice = repeated_names(
            self.journal.posted(self.world.chats[channel_id])
        )
        self.sums.twice += len(twice)
        assert not twice

    def sync(self, before: Counter[str]) -> None:
        self.sums.syncs += 1
        mode = self.case.mode
        answer = self.world.sync(self.first, mode)
        done = self.finish(answer.operation)
        if self.case.busy:
            self.check_posted_once(self.first)
            return
        assert done.progress.planned_count == planned_by(answer.plan)
        wanted = {name_in(text): text for text in self.world.wanted(self.first)}
        after: Counter[str] = Counter()
        posts = mode != sync_pb2.SYNC_MODE_DELETE_ONLY
        deletes = mode != sync_pb2.SYNC_MODE_POST_ONLY
        for text in before:
            name = name_in(text)
            if name in wanted:
                after[wanted[name] if posts else text] += 1
            elif not deletes:
                after[text] += 1
        if posts:
            shown = {name_in(text) for text in before}
            after.update(
                text for name, text in wanted.items() if name not in shown
            )
        self.check_shown(self.first, after)

    def migration(self) -> broadcast.MigrateRequest:
        request = broadcast.MigrateRequest(
            channel_id=self.first, delete_old=self.case.delete_old
        )
        if self.case.one_feed:
            request.feed_id = self.random.choice(list(self.world.feeds))
        if self.case.target == "new":
            request.target_channel.CopyFrom(self.world.new_spec())
        else:
            request.target_channel_id = self.world.second
        return request

    def migrate(
        self, request: broadcast.MigrateRequest, before: Counter[str]
    ) -> None:
        self.sums.migrations += 1
        world = self.world
        moving = [
            feed
            for feed in world.feeds.values()
            if request.feed_id in ("", feed.feed_id)
        ]
        answer = world.migrate(request)
        self.target = answer.target_channel.channel_id
        before_there = world.texts(self.target)
        for feed in moving:
            world.on.discard((feed.feed_id, self.first))
            world.on.add((feed.feed_id, self.target))
        done = self.finish(answer.operation)
        self.check_moved()
        self.check_deletions()
        if self.case.busy:
            self.check_posted_once(self.target)
        else:
            left = self.check_quiet_migration(before, before_there, moving)
            kept = left if self.case.delete_old else 0
            assert done.progress.planned_count == (
                planned_by(answer.plan) - kept
            )
        self.migrate_again(request)
        self.sums.taken_back += self.taken_back

    def check_quiet_migration(
        self, before: Counter[str], before_there: Counter[str], moving: list
    ) -> int:
        """Return how many originals stay because of unknown copies."""
        world = self.world
        assert not before_there - world.texts(self.target)
        there = Counter(text for feed in moving for text in feed.posts.values())
        self.check_shown(self.target, there | before_there)
        self.check_order(moving)
        unknown = self.unknown(self.target)
        moved = {name for feed in moving for name in feed.posts} - unknown
        here = Counter(
            text
            for text in before
            if not (self.case.delete_old and name_in(text) in moved)
        )
        self.check_shown(self.first, here)
        names = {name_in(text) for text in before}
        all_moving = {name for feed in moving for name in feed.posts}
        return len(names & all_moving & unknown)

    def check_order(self, moving: list) -> None:
        """What was posted anew stands in the order of its feed."""
        rows = self.journal.posted(self.world.chats[self.target])
        posted = [row["marker"] for row in rows]
        for feed in moving:
            names = [name for name in posted if name in feed.posts]
            order = list(feed.posts)
            assert names == sorted(names, key=order.index)

    def check_moved(self) -> None:
        """Feeds and entry are where they belong."""
        world = self.world
        assert world.told_on() == world.on
        entry = world.call(
            lambda server: server.broadcast.GetEntry,
            broadcast.GetEntryRequest(entry_id=world.entry_id),
        ).entry
        stays = self.case.one_feed or self.target == world.second
        assert entry.channel_pair.open_channel.channel_id == (
            self.first if stays else self.target
        )

    def check_deletions(self) -> None:
        """Nothing went before the platform had confirmed its copy."""
        confirmed = {
            row["marker"]: row["t_done"]
            for row in self.journal.posted(self.world.chats[self.target])
            if row["outcome"] == "ok"
        }
        unknown = self.unknown(self.target)
        deleted = self.journal.deleted(self.world.chats[self.first])
        if self.case.busy:  # those of closed posts needed no copy
            names = {
                name
                for feed in self.world.feeds.values()
                for name in feed.posts
            }
            deleted = [row for row in deleted if row["marker"] in names]
        assert self.deletes_old or not deleted
        for row in deleted:
            name = row["marker"]
            assert name not in unknown
            assert name in self.looked_up or confirmed[name] <= row["t_recv"]
        self.taken_back = len(deleted)

    def resolve(self) -> None:
        if self.target:
            self.looked_up |= self.unknown(self.target)
        arrived, missing = self.world.resolve_unknown()
        self.sums.unknown_arrived += arrived
        self.sums.unknown_missing += missing
        self.world.settle()

    def migrate_again(self, request: broadcast.MigrateRequest) -> None:
        """A second run copies nothing, and deletes what is confirmed by now."""
        self.resolve()
        world = self.world
        request.target_channel_id = self.target
        request.delete_old = self.deletes_old = True
        posted = len(self.journal.posted(world.chats[self.target]))
        answer = world.migrate(request)
        assert answer.plan.post_count == 0, answer.plan
        world.settle()
        assert len(self.journal.posted(world.chats[self.target])) == posted
        moved = {
            name
            for feed in world.feeds.values()
            if request.feed_id in ("", feed.feed_id)
            for name in feed.posts
        }
        left = {name_in(text) for text in world.texts(self.first)}
        assert not left & moved
        self.check_deletions()

    def agree(self) -> None:
        """In the end every chat shows what is open, once; nothing is left."""
        self.resolve()
        world = self.world
        for channel_id in world.chats:
            world.sync(channel_id)
            world.settle()
        self.resolve()
        for channel_id in world.chats:
            assert world.texts(channel_id) == world.wanted(channel_id)
            live = world.in_state(channel_id, Message.STATE_LIVE)
            assert {m.platform_message_id for m in live} == {
                str(shown["message_id"]) for shown in world.shown(channel_id)
            }
            again = world.sync(channel_id)
            assert not again.operation.operation_id
            assert planned_by(again.plan) == 0, again.plan
            assert again.plan.unknown_count == 0, again.plan
            self.check_posted_once(channel_id)
        check_integrity(self.server.process)


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTelegram]:
    with FakeTelegram(
        tmp_path, "--auto_chats", "--limits=off", "--latency=fixed:1", bots=()
    ) as fake:
        yield fake


def cases_of(rounds: int, numbers: random.Random) -> list[Case]:
    """Return rounds in which every point comes about as often."""
    points: list[str] = []
    while len(points) < rounds:
        some = [*ALL, *A_STEP[1:], KILLED]
        numbers.shuffle(some)
        points += some
    cases = []
    for number, point in enumerate(points[:rounds]):
        case = Case(
            point=point,
            migrates=number % 2 == 1,
            large=number % 16 in (2, 3),
            busy=numbers.random() < 0.3,
            mode=numbers.choice(MODES),
        )
        if case.migrates:
            # The planner waits the longer the more copies there are.
            often = 0.7 if not case.large else 0.3 if rounds > 20 else 0
            case.delete_old = numbers.random() < often
            case.one_feed = numbers.random() < 0.2
            case.target = numbers.choice(("new", "new", "shown", "pair"))
        cases.append(case)
    return cases


def test_it_dies_while_it_plans(
    mortal: MortalServer, fake: FakeTelegram
) -> None:
    sums = Sums(reached=mortal.reached)
    numbers = random.Random(SEED)
    cases = cases_of(ROUNDS, numbers)
    for number, case in enumerate(cases):
        sums.rounds += 1
        sums.large += case.large
        sums.busy += case.busy
        try:
            Round(mortal, fake, numbers, case, sums).play()
        except BaseException as error:
            error.add_note(f"round {number} of seed {SEED}: {case}")
            raise
    print(f"\n{sums}")
    assert sums.deaths >= ROUNDS // 2
    if ROUNDS >= 100:
        assert all(sums.reached[point] for point in ALL), sums
    # A chat has one request under way at a time.
    unknown = sums.unknown_arrived + sums.unknown_missing
    assert unknown <= CHATS * sums.deaths
