"""Whatever has happened, Sync makes a chat show what is open, and no more.

Random histories through the real server: posts come, change, close, expire and
are deleted; people delete messages by hand; Telegram refuses, answers nothing
or half; messages grow too old to be deleted; the server is killed. After a
Sync each chat of the fake Telegram is exactly what the server can answer for,
and a second Sync plans nothing.

BROADCASTD_HISTORIES says how many there are for each backend. Each has a seed,
the first of which is BROADCASTD_HISTORY_SEED; what fails tells its own. When
deliveries and deaths meet is up to the machine.

One file, long as it is: what is played and what is expected of it follow the
same words.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from broadcastd_process import eventually, reason_of
from delivery_world import check_integrity
from fake_telegram_process import FakeTelegram
from feed_world import (
    OUR_BOT,
    TOMBSTONE,
    Feed,
    FeedWorld,
    Journal,
    name_in,
    planned_by,
    text_of,
)
from mortal_server import A_DELIVERY, A_STEP, ONCE, MortalServer

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1.delivery_pb2 import Delivery
from broadcast.v1.message_pb2 import Message
from broadcast.v1.operation_pb2 import Operation
from broadcast.v1.post_pb2 import Post

HISTORIES = int(os.environ.get("BROADCASTD_HISTORIES", "2"))
SEED = int(os.environ.get("BROADCASTD_HISTORY_SEED", time.time_ns() % 10**6))
STEPS = 70
NAMES = 9  # of posts of a feed
AGE = 50 * 3600  # seconds: more than Telegram lets bots delete

PRESENT = {
    Message.STATE_LIVE,
    Message.STATE_UNKNOWN,
    Message.STATE_UNDELETABLE,
}
GONE = {Message.STATE_DELETED, Message.STATE_LOST}


def refusal(description: str) -> dict[str, Any]:
    return {
        "action": "error",
        "code": 400,
        "description": f"Bad Request: {description}",
    }


# What goes wrong once. Nothing that lies: neither "done" for what was not done
# nor "refused" for what was.
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("sendMessage", {"action": "drop_after"}),
    ("sendMessage", {"action": "drop_after"}),
    ("sendMessage", {"action": "drop_before"}),
    ("sendMessage", {"action": "restart_after"}),
    ("sendMessage", {"action": "cut_off", "processed": True}),
    ("sendMessage", {"action": "bad_gateway", "processed": True}),
    ("sendMessage", {"action": "bad_gateway"}),
    ("sendMessage", refusal("message is too long")),
    ("sendMessage", refusal("message is too long")),
    (
        "sendMessage",
        {"action": "flood", "retry_after": 1, "pause": "none"},
    ),
    ("copyMessage", {"action": "drop_after"}),
    ("copyMessage", refusal("the message can't be copied")),
    ("editMessageText", {"action": "drop_after"}),
    ("editMessageText", refusal("message can't be edited")),
    ("deleteMessage", {"action": "drop_after"}),
    ("deleteMessage", {"action": "bad_gateway", "processed": True}),
    ("deleteMessage", refusal("message can't be deleted for everyone")),
    ("deleteMessage", refusal("message can't be deleted for everyone")),
)


@dataclass
class Sums:
    """What all histories come to."""

    histories: int = 0
    steps: int = 0
    deaths: int = 0
    by_hand: int = 0
    shown: int = 0
    missing: int = 0  # by hand, and nobody could know
    lost: int = 0
    tombstones: int = 0
    undeletable: int = 0
    unknown: int = 0
    syncs: Counter[int] = field(default_factory=Counter)  # until all was right

    def __str__(self) -> str:
        return (
            f"{self.histories} histories of {self.steps} steps, {self.deaths} "
            f"deaths, {self.by_hand} messages deleted by hand: {self.shown} "
            f"messages shown, {self.tombstones} of them tombstones, "
            f"{self.undeletable} undeletable; {self.unknown} unknown, "
            f"{self.lost} found lost, {self.missing} missing unnoticed; "
            f"syncs until right: {dict(sorted(self.syncs.items()))}"
        )


class History:
    """One client, from a seed."""

    def __init__(
        self,
        server: MortalServer,
        fake: FakeTelegram,
        seed: int,
        sums: Sums,
    ) -> None:
        self.server = server
        self.fake = fake
        self.random = random.Random(seed)
        self.sums = sums
        self.journal = Journal(fake)
        self.journal.begin()
        fake.heal()
        server.start()
        self.deaths = server.deaths
        self.world = FeedWorld(server, fake)
        self.feeds = [self.world.make_feed(name) for name in ("a", "b")]
        self.channels = [self.world.first, self.world.second]
        self.disabled: set[str] = set()
        self.expires: dict[tuple[str, str], float] = {}
        self.by_hand: dict[tuple[str, str], int] = {}  # when, as the fake tells
        self.aged = False
        for feed in self.feeds:
            for channel_id in self.channels:
                if self.random.random() < 0.75:
                    self.world.publish(feed, channel_id)
            for number in range(0, NAMES, 2):
                self.upsert(feed, f"{feed.name}-{number}")

    # What happens.

    def play(self) -> None:
        steps = {
            self.post: 8,
            self.edit: 5,
            self.close: 5,
            self.delete_post: 1,
            self.expire: 2,
            self.delete_by_hand: 4,
            self.fault: 5,
            self.die: 2,
            self.move: 2,
            self.switch: 1,
            self.age: 1,
            self.sync: 2,
            self.migrate: 1,
            self.rest: 5,
        }
        for _ in range(STEPS):
            (step,) = self.random.choices(
                list(steps), weights=list(steps.values())
            )
            step()
        self.calm()
        for channel_id in self.channels:
            self.put_right(channel_id)
            self.check(channel_id)
        self.count()
        self.world.resolve_unknown()
        self.world.settle()
        for channel_id in self.channels:
            self.put_right(channel_id)
            self.check(channel_id)
            assert not self.world.in_state(channel_id, Message.STATE_UNKNOWN)
        check_integrity(self.server.process)
        self.sums.deaths += self.server.deaths - self.deaths
        self.server.kill()

    def any_feed(self) -> Feed:
        return self.random.choice(self.feeds)

    def any_name(self, feed: Feed) -> str:
        return f"{feed.name}-{self.random.randrange(NAMES)}"

    def any_open(self, feed: Feed) -> str:
        """Return the name of a post that is meant to be open, or nothing."""
        return self.random.choice([*feed.posts, ""])

    def upsert(
        self, feed: Feed, name: str, expire: float | None = None
    ) -> None:
        version = self.random.randrange(4)
        self.world.upsert(feed, {name: text_of(name, version)}, expire)
        self.expires.pop((feed.feed_id, name), None)
        if expire is not None:
            self.expires[feed.feed_id, name] = expire

    def post(self) -> None:
        """One that is new, or is open or closed already."""
        feed = self.any_feed()
        self.upsert(feed, self.any_name(feed))

    def edit(self) -> None:
        feed = self.any_feed()
        if name := self.any_open(feed):
            self.upsert(feed, name)

    def expire(self) -> None:
        feed = self.any_feed()
        self.world.open_posts(feed)  # the server may still have to come back
        soon = time.time() + self.random.uniform(0.6, 1.6)
        try:
            self.upsert(feed, self.any_name(feed), soon)
        except grpc.RpcError as error:
            # The server has died, and is back too late for it.
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert time.time() > soon

    def close(self) -> None:
        feed = self.any_feed()
        name = self.any_open(feed)
        if not name:
            return
        try:
            self.world.close(feed, name)
        except grpc.RpcError as error:
            # It has expired by now.
            assert reason_of(error) == "POST_CLOSED"
            assert (feed.feed_id, name) in self.expires
            del feed.posts[name]
        self.expires.pop((feed.feed_id, name), None)

    def delete_post(self) -> None:
        feed = self.any_feed()
        if name := self.any_open(feed):
            self.world.delete_post(feed, name)
            self.expires.pop((feed.feed_id, name), None)

    def delete_by_hand(self) -> None:
        channel_id = self.random.choice(self.channels)
        shown = self.world.shown(channel_id)
        if not shown:
            return
        message_id = self.random.choice(shown)["message_id"]
        if self.world.delete_by_hand(channel_id, message_id):
            self.by_hand[channel_id, str(message_id)] = self.now()
            self.sums.by_hand += 1

    def now(self) -> int:
        """Return the time of the platform, as its journal tells it."""
        return self.journal.read()[-1]["t_done"]

    def fault(self) -> None:
        method, rule = self.random.choice(FAULTS)
        self.fake.fault(method=method, bot=int(OUR_BOT), **rule)

    def die(self) -> None:
        points = []
        if self.random.random() < 0.5:  # and once more, at a known place
            point = self.random.choice((*ONCE, *A_STEP, *A_DELIVERY))
            points.append(f"{point}:{self.random.randint(1, 3)}")
        self.server.shoot("killed", *points)

    def rest(self) -> None:
        """Let deliveries go on."""
        time.sleep(self.random.uniform(0, 0.06))

    def move(self) -> None:
        feed = self.any_feed()
        channel_id = self.random.choice(self.channels)
        how = self.random.random() < 0.5 and channel_id not in self.disabled
        if (feed.feed_id, channel_id) in self.world.on:
            self.world.unpublish(feed, channel_id, clear=how)
        else:
            self.world.publish(feed, channel_id, fill=how)

    def switch(self) -> None:
        channel_id = self.random.choice(self.channels)
        if channel_id in self.disabled:
            self.world.enable(channel_id)
            self.disabled.discard(channel_id)
        else:
            self.world.disable(channel_id)
            self.disabled.add(channel_id)

    def sync(self) -> None:
        channel_id = self.random.choice(self.channels)
        if channel_id not in self.disabled:
            self.world.sync(channel_id)

    def migrate(self) -> None:
        """Move what one channel shows to the other, as far as that goes."""
        if self.disabled:
            return
        source, target = self.random.sample(self.channels, 2)
        answer = self.world.migrate(
            broadcast.MigrateRequest(
                channel_id=source,
                target_channel_id=target,
                delete_old=self.random.random() < 0.5,
            )
        )
        if self.random.random() < 0.3:
            self.die()
        operation_id = answer.operation.operation_id
        eventually(
            lambda: (
                self.world.operation(operation_id).state
                != Operation.STATE_PLANNING
            )
        )
        self.world.on = self.world.told_on()

    def age(self) -> None:
        """Two days pass, for what is posted by now."""
        if self.aged:
            return
        self.aged = True
        self.server.kill()
        sql = f"UPDATE messages SET post_time = post_time - {AGE * 10**6}"
        database = self.server.process.database
        if self.server.postgres is not None:
            self.server.postgres.run(sql, database)
        else:
            path = database.removeprefix("sqlite:")
            with closing(sqlite3.connect(path)) as connection:
                connection.execute(sql)
                connection.commit()
        self.fake.advance(AGE)
        self.server.start()

    # How it ends.

    def calm(self) -> None:
        """Nothing goes wrong any more, and what was begun comes to its end."""
        self.fake.heal()
        self.server.kill()
        self.server.start()
        for channel_id in self.disabled:
            self.world.enable(channel_id)
        for (feed_id, name), expire in self.expires.items():
            time.sleep(max(0.0, expire - time.time()))
            self.world.feeds[feed_id].posts.pop(name, None)
        self.expires.clear()
        eventually(self.as_meant)
        self.world.settle()

    def as_meant(self) -> bool:
        """Whether the server has open what it ought to."""
        return all(
            sorted(
                (post.external_id, post.content.text)
                for post in self.world.open_posts(feed).values()
            )
            == sorted(feed.posts.items())
            for feed in self.feeds
        )

    def put_right(self, channel_id: str) -> None:
        """Sync; again if that has shown that something had been lost."""
        syncs = 0
        found_lost = True
        lost = len(self.world.in_state(channel_id, Message.STATE_LOST))
        while (answer := self.world.sync(channel_id)).operation.operation_id:
            assert found_lost, ("a Sync left something to do", answer.plan)
            syncs += 1
            self.world.settle()
            by_now = len(self.world.in_state(channel_id, Message.STATE_LOST))
            found_lost = by_now > lost
            lost = by_now
        self.sums.syncs[syncs] += 1
        self.check_plan(channel_id)

    def wanted(self, channel_id: str) -> dict[str, Post]:
        """Return the posts that the channel ought to show, by id."""
        return {
            post_id: post
            for feed in self.feeds
            if (feed.feed_id, channel_id) in self.world.on
            for post_id, post in self.world.open_posts(feed).items()
        }

    def check_plan(self, channel_id: str) -> None:
        """A Sync plans nothing, and counts what it leaves."""
        plan = self.world.sync(channel_id, validate_only=True).plan
        assert planned_by(plan) == 0, plan
        wanted = self.wanted(channel_id)
        present = [
            m for m in self.world.messages(channel_id) if m.state in PRESENT
        ]
        unknown = [m for m in present if m.state == Message.STATE_UNKNOWN]
        stuck = [
            m
            for m in present
            if m.state == Message.STATE_UNDELETABLE and m.post_id not in wanted
        ]
        assert plan.open_post_count == len(wanted), plan
        assert plan.tracked_message_count == len(present), plan
        assert plan.unknown_count == len(unknown), plan
        assert plan.undeletable_count == len(stuck), plan
        assert plan.kept_count == len(present) - len(unknown) - len(stuck), plan

    def check(self, channel_id: str) -> None:
        """The chat is what the server answers for, exactly."""
        world = self.world
        shown = {
            str(message["message_id"]): message["text"]
            for message in world.shown(channel_id)
        }
        wanted = self.wanted(channel_id)
        unknown: Counter[str] = Counter()  # names of what may be there
        accounted: set[str] = set()  # messages that are there
        posts: Counter[str] = Counter()  # of present messages
        for message in world.messages(channel_id):
            assert message.state != Message.STATE_PENDING, message
            place = message.platform_message_id
            if message.state in PRESENT:
                posts[message.post_id] += 1
            if message.state == Message.STATE_UNKNOWN:
                unknown[name_in(message.content.text)] += 1
            elif message.state in GONE:
                assert place not in shown, message
            else:
                text = TOMBSTONE
                if message.state != Message.STATE_TOMBSTONED:
                    text = message.content.text
                    if message.post_id in wanted:
                        assert text == wanted[message.post_id].content.text
                    else:
                        assert message.state == Message.STATE_UNDELETABLE
                if place in shown:
                    assert shown[place] == text, message
                    accounted.add(place)
                else:
                    self.check_missing(channel_id, message)
        assert all(count == 1 for count in posts.values())
        assert posts.keys() >= wanted.keys()
        rest = Counter(
            name_in(text)
            for place, text in shown.items()
            if place not in accounted
        )
        assert rest <= unknown, "a message that nobody answers for"

    def check_missing(self, channel_id: str, message: Message) -> None:
        """Nobody can know what was deleted by hand, unless told since."""
        key = (channel_id, message.platform_message_id)
        chat = self.world.chats[channel_id]
        if message.state == Message.STATE_UNDELETABLE and any(
            str(row["message_id"]) == message.platform_message_id
            for row in self.journal.deleted(chat)
        ):
            # The answer was lost, or its receiver, and the next try refused:
            # a lie that comes of two faults in a row.
            return
        assert key in self.by_hand, message
        if message.state == Message.STATE_TOMBSTONED:
            return  # nobody has looked at it since
        name = name_in(message.content.text)
        for row in self.journal.read():
            told = (
                str(row["chat"]) == chat
                and row["marker"] == name
                and "message to edit not found" in row.get("description", "")
                and row["t_recv"] > self.by_hand[key]
            )
            assert not told, message

    def told(self) -> str:
        """Describe all channels, for whoever looks for what went wrong."""
        world = self.world
        lines = [f"open: {[feed.posts for feed in self.feeds]}"]
        for channel_id in self.channels:
            lines.append(f"channel {channel_id}")
            lines += [
                f"  shown {message['message_id']} {message['text']}"
                for message in world.shown(channel_id)
            ]
            lines += [
                f"  {m.message_id} {Message.State.Name(m.state)} "
                f"{m.platform_message_id} {m.content.text}"
                for m in world.messages(channel_id)
            ]
        for operation in world.operations():
            kind = Operation.Kind.Name(operation.kind)
            lines.append(f"{kind} {operation.operation_id}")
            lines += [
                f"  {Delivery.Action.Name(d.action)} in {d.channel_id} "
                f"{Delivery.State.Name(d.state)} {d.reason} {d.message_id} "
                f"{d.platform_message_id}"
                for d in world.deliveries(operation.operation_id)
            ]
        lines += [
            " ".join(
                str(row.get(key, ""))
                for key in (
                    "t_recv",
                    "bot",
                    "chat",
                    "method",
                    "message_id",
                    "marker",
                    "effect",
                    "outcome",
                    "description",
                    "fault",
                )
            )
            for row in self.journal.read()
            if row["method"].lower() not in ("getchat", "getchatmember")
        ]
        return "\n".join(lines)

    def count(self) -> None:
        sums = self.sums
        sums.histories += 1
        sums.steps += STEPS
        for channel_id in self.channels:
            told = self.world.messages(channel_id)
            shown = {
                str(message["message_id"])
                for message in self.world.shown(channel_id)
            }
            states = Counter(message.state for message in told)
            sums.shown += len(shown)
            sums.tombstones += states[Message.STATE_TOMBSTONED]
            sums.undeletable += states[Message.STATE_UNDELETABLE]
            sums.unknown += states[Message.STATE_UNKNOWN]
            sums.lost += states[Message.STATE_LOST]
            sums.missing += sum(
                message.state == Message.STATE_LIVE
                and message.platform_message_id not in shown
                for message in told
            )


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTelegram]:
    with FakeTelegram(
        tmp_path, "--auto_chats", "--limits=off", "--latency=fixed:3", bots=()
    ) as fake:
        yield fake


def test_after_any_history_sync_puts_it_right(
    mortal: MortalServer, fake: FakeTelegram
) -> None:
    sums = Sums()
    for seed in range(SEED, SEED + HISTORIES):
        history = History(mortal, fake, seed, sums)
        try:
            history.play()
        except BaseException as error:
            error.add_note(f"BROADCASTD_HISTORY_SEED={seed}")
            error.add_note(history.told())
            raise
    print(f"\nseeds from {SEED}: {sums}")
