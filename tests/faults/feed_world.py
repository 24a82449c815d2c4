"""A client's feeds and channels: what its chats ought to show, and what is.

What is meant is kept here: which posts are open and where. What is there is
what the fake Telegram holds, and its journal tells how that came to be. The
server's word is only asked for what it alone can say. One file, long as it is:
all of it looks at the same posts and the same journal.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from broadcastd_process import Broadcastd, eventually
from delivery_world import (
    entry_request,
    new_chat,
    operation_calls,
    repeated,
    token_of,
)
from fake_telegram_process import FakeTelegram
from google.protobuf import timestamp_pb2
from mortal_server import MortalServer

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import channel_pb2, content_pb2, feed_pb2, sync_pb2
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import feed_service_pb2 as feeds
from broadcast.v1 import feed_service_pb2_grpc as feeds_grpc
from broadcast.v1 import operation_service_pb2 as operations
from broadcast.v1.delivery_pb2 import Delivery
from broadcast.v1.message_pb2 import Message
from broadcast.v1.operation_pb2 import Operation
from broadcast.v1.post_pb2 import Post, PostSpec

OURS = token_of(1)
OUR_BOT = OURS.split(":")[0]
SOMEBODY = token_of(2)  # who deletes messages by hand
TOMBSTONE = "This message has been removed."
BATCH = 200

Answer = TypeVar("Answer")
Method = Callable[[Broadcastd], Callable[..., Answer]]


def text_of(name: str, version: int = 1) -> str:
    """Return what the post of that name says; its name is its marker."""
    return f"[[{name}]] version {version}"


def name_in(text: str) -> str:
    """Return the name of the post that says so."""
    return text.removeprefix("[[").partition("]]")[0]


def feed_calls(server: Broadcastd) -> feeds_grpc.FeedServiceStub:
    """Return the calls about feeds."""
    return feeds_grpc.FeedServiceStub(server.channel)


def channel_calls(server: Broadcastd) -> channels_grpc.ChannelServiceStub:
    """Return the calls about channels."""
    return channels_grpc.ChannelServiceStub(server.channel)


class Journal:
    """What the fake has written down, a part at a time."""

    def __init__(self, fake: FakeTelegram) -> None:
        self.file: Path = fake.journal_file
        self.read_to = 0
        self.rows: list[dict[str, Any]] = []

    def begin(self) -> None:
        """Forget what was before."""
        self.read_to = self.file.stat().st_size if self.file.exists() else 0
        self.rows = []

    def read(self) -> list[dict[str, Any]]:
        """Return all since the begin."""
        with self.file.open("rb") as file:
            file.seek(self.read_to)
            added = file.read()
            self.read_to = file.tell()
        self.rows += [json.loads(line) for line in added.splitlines()]
        return self.rows

    def done(self, *methods: str) -> Iterator[dict[str, Any]]:
        """Yield what our server's bot has really done by those methods."""
        for row in self.read():
            if (
                row["effect"]
                and row["method"].lower() in methods
                and str(row["bot"]) == OUR_BOT
            ):
                yield row

    def posted(self, chat: str) -> list[dict[str, Any]]:
        """Return what was sent or copied to a chat, in order."""
        return [
            row
            for row in self.done("sendmessage", "copymessage")
            if str(row["chat"]) == chat
        ]

    def deleted(self, chat: str) -> list[dict[str, Any]]:
        """Return what our server has deleted in a chat, in order."""
        return [
            row
            for row in self.done("deletemessage")
            if str(row["chat"]) == chat
        ]


@dataclass
class Feed:
    """A feed of ours, with what it has open: texts by the names of posts."""

    feed_id: str
    name: str
    posts: dict[str, str] = field(default_factory=dict)


class FeedWorld:
    """One client. Its calls are made again when the server has died."""

    def __init__(self, server: MortalServer, fake: FakeTelegram) -> None:
        """Register it, with a pair of channels and an entry that is not due."""
        self.server = server
        self.fake = fake
        self.client_id = str(uuid.uuid4())
        self.feeds: dict[str, Feed] = {}  # by id
        self.on: set[tuple[str, str]] = set()  # feed and channel ids
        made = self.call(
            lambda server: server.broadcast.CreateEntry,
            entry_request("bot", client_id=self.client_id),
        )
        self.entry_id = made.entry.entry_id
        pair = made.entry.channel_pair
        self.first = pair.open_channel.channel_id
        self.second = pair.closed_channel.channel_id
        self.chats = {
            channel.channel_id: channel.address
            for channel in (pair.open_channel, pair.closed_channel)
        }
        for chat in self.chats.values():
            fake.call("getChat", token=SOMEBODY, chat_id=int(chat))  # is made

    def call(self, method: Method[Answer], request: object) -> Answer:
        """Make a call, whatever becomes of the server meanwhile."""
        fields = request.DESCRIPTOR.fields_by_name  # type: ignore[attr-defined]
        if "request_id" in fields:
            request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]

        def attempt() -> Answer:
            with self.server.lock:  # it may be started again right now
                bound = method(self.server.process)
            return bound(request, timeout=30)

        return repeated(attempt, self.server.again)

    # What its owner does.

    def make_feed(self, name: str) -> Feed:
        made = self.call(
            lambda server: feed_calls(server).CreateFeed,
            feeds.CreateFeedRequest(
                feed=feed_pb2.Feed(
                    client_id=self.client_id, name=name, tracking=True
                )
            ),
        )
        feed = Feed(made.feed.feed_id, name)
        self.feeds[feed.feed_id] = feed
        return feed

    def publish(self, feed: Feed, channel_id: str, fill: bool = False) -> None:
        self.call(
            lambda server: feed_calls(server).AddFeedChannel,
            feeds.AddFeedChannelRequest(
                feed_id=feed.feed_id, channel_id=channel_id, fill=fill
            ),
        )
        self.on.add((feed.feed_id, channel_id))

    def unpublish(self, feed: Feed, channel_id: str, clear: bool) -> None:
        self.call(
            lambda server: feed_calls(server).RemoveFeedChannel,
            feeds.RemoveFeedChannelRequest(
                feed_id=feed.feed_id, channel_id=channel_id, clear=clear
            ),
        )
        self.on.discard((feed.feed_id, channel_id))

    def upsert(
        self,
        feed: Feed,
        posts: dict[str, str],
        expire: float | None = None,
    ) -> None:
        """Create posts, or change them, or open them again."""
        expire_time = None
        if expire is not None:
            expire_time = timestamp_pb2.Timestamp()
            expire_time.FromMicroseconds(int(expire * 1e6))
        specs = [
            PostSpec(
                external_id=name,
                content=content_pb2.Content(text=text),
                expire_time=expire_time,
            )
            for name, text in posts.items()
        ]
        for begin in range(0, len(specs), BATCH):
            self.call(
                lambda server: feed_calls(server).BatchUpsertPosts,
                feeds.BatchUpsertPostsRequest(
                    feed_id=feed.feed_id, posts=specs[begin : begin + BATCH]
                ),
            )
        feed.posts.update(posts)

    def fill(self, feed: Feed, count: int) -> list[str]:
        """Open so many new posts; return their names."""
        first = len(feed.posts) + 1
        names = [
            f"{feed.name}-{uuid.uuid4().hex[:4]}-{number}"
            for number in range(first, first + count)
        ]
        self.upsert(feed, {name: text_of(name) for name in names})
        return names

    def close(self, feed: Feed, name: str) -> None:
        self.call(
            lambda server: feed_calls(server).ClosePost,
            feeds.ClosePostRequest(
                post_name=feeds.PostName(feed_id=feed.feed_id, external_id=name)
            ),
        )
        del feed.posts[name]

    def delete_post(self, feed: Feed, name: str) -> None:
        self.call(
            lambda server: feed_calls(server).DeletePost,
            feeds.DeletePostRequest(
                post_name=feeds.PostName(feed_id=feed.feed_id, external_id=name)
            ),
        )
        feed.posts.pop(name, None)

    def delete_feed(self, feed: Feed) -> None:
        self.call(
            lambda server: feed_calls(server).DeleteFeed,
            feeds.DeleteFeedRequest(feed_id=feed.feed_id, force=True),
        )
        del self.feeds[feed.feed_id]
        self.on = {pair for pair in self.on if pair[0] != feed.feed_id}

    def disable(self, channel_id: str) -> None:
        self.call(
            lambda server: channel_calls(server).DisableChannel,
            channels.DisableChannelRequest(channel_id=channel_id),
        )

    def enable(self, channel_id: str) -> None:
        self.call(
            lambda server: channel_calls(server).EnableChannel,
            channels.EnableChannelRequest(channel_id=channel_id),
        )

    def sync(
        self,
        channel_id: str,
        mode: sync_pb2.SyncMode = sync_pb2.SYNC_MODE_FULL,
        validate_only: bool = False,
    ) -> broadcast.SyncResponse:
        return self.call(
            lambda server: server.broadcast.Sync,
            broadcast.SyncRequest(
                channel_id=channel_id, mode=mode, validate_only=validate_only
            ),
        )

    def migrate(
        self, request: broadcast.MigrateRequest
    ) -> broadcast.MigrateResponse:
        answer = self.call(lambda server: server.broadcast.Migrate, request)
        target = answer.target_channel
        if not request.validate_only:
            self.chats[target.channel_id] = target.address
        return answer

    def new_spec(self) -> channel_pb2.ChannelSpec:
        """Describe a chat that no channel is of."""
        return channel_pb2.ChannelSpec(
            platform=channel_pb2.PLATFORM_TELEGRAM,
            address=new_chat(),
            account="bot",
        )

    def delete_by_hand(self, channel_id: str, message_id: int) -> bool:
        """Somebody deletes a message, if it is not too old for that."""
        return self.fake.call(
            "deleteMessage",
            token=SOMEBODY,
            chat_id=int(self.chats[channel_id]),
            message_id=message_id,
        )["ok"]

    # What the server tells.

    def _pages(
        self, method: Method[Any], request: Any, name: str
    ) -> Iterator[Any]:
        request.page_size = 1000
        while True:
            page = self.call(method, request)
            yield from getattr(page, name)
            request.page_token = page.next_page_token
            if not request.page_token:
                return

    def messages(self, channel_id: str) -> list[Message]:
        return list(
            self._pages(
                lambda server: feed_calls(server).ListMessages,
                feeds.ListMessagesRequest(channel_id=channel_id),
                "messages",
            )
        )

    def in_state(self, channel_id: str, state: Message.State) -> list[Message]:
        return [m for m in self.messages(channel_id) if m.state == state]

    def open_posts(self, feed: Feed) -> dict[str, Post]:
        """Return the posts that are open, by id."""
        found = self._pages(
            lambda server: feed_calls(server).ListPosts,
            feeds.ListPostsRequest(feed_id=feed.feed_id, filter="state = OPEN"),
            "posts",
        )
        return {post.post_id: post for post in found}

    def told_on(self) -> set[tuple[str, str]]:
        """Return which feed is published to which channel."""
        told = set()
        for feed_id in self.feeds:
            answer = self.call(
                lambda server: feed_calls(server).GetFeed,
                feeds.GetFeedRequest(feed_id=feed_id),
            )
            told |= {
                (feed_id, one.channel.channel_id)
                for one in answer.feed_channels
            }
        return told

    def operation(self, operation_id: str) -> Operation:
        request = operations.GetOperationRequest(operation_id=operation_id)
        return self.call(
            lambda server: operation_calls(server).GetOperation, request
        ).operation

    def operations(self, state: str = "") -> list[Operation]:
        wanted = f" AND state = {state}" if state else ""
        return list(
            self._pages(
                lambda server: operation_calls(server).ListOperations,
                operations.ListOperationsRequest(
                    filter=f'client_id = "{self.client_id}"{wanted}'
                ),
                "operations",
            )
        )

    def deliveries(self, operation_id: str, state: str = "") -> list[Delivery]:
        return list(
            self._pages(
                lambda server: operation_calls(server).ListDeliveries,
                operations.ListDeliveriesRequest(
                    operation_id=operation_id,
                    filter=f"state = {state}" if state else "",
                ),
                "deliveries",
            )
        )

    def settle(self, seconds: float = 60) -> None:
        """Wait until nothing of this client is under way."""
        # In the order in which an operation comes through them.
        eventually(
            lambda: (
                not any(
                    self.operations(state) for state in ("PLANNING", "RUNNING")
                )
            ),
            seconds,
            every=0.05,
        )

    def resolve_unknown(self) -> tuple[int, int]:
        """Look into the chats, and tell the server what became of each.

        Return how many had arrived, and how many had not.
        """
        arrived = missing = 0
        for operation in self.operations():
            if operation.progress.unknown_count == 0:
                continue
            for delivery in self.deliveries(operation.operation_id, "UNKNOWN"):
                request = self._resolution(delivery)
                if request.platform_message_id:
                    arrived += 1
                else:
                    missing += 1
                self.call(
                    lambda server: operation_calls(server).ResolveDelivery,
                    request,
                )
        return arrived, missing

    def _resolution(
        self, delivery: Delivery
    ) -> operations.ResolveDeliveryRequest:
        told = self.messages(delivery.channel_id)
        (mine,) = (m for m in told if m.message_id == delivery.message_id)
        if delivery.action not in (Delivery.ACTION_SEND, Delivery.ACTION_COPY):
            return self._resolution_of_change(delivery, mine)
        others = {m.platform_message_id for m in told}
        name = name_in(mine.content.text)
        here = [
            str(shown["message_id"])
            for shown in self.shown(delivery.channel_id)
            if name_in(shown["text"]) == name
            and str(shown["message_id"]) not in others
        ]
        request = operations.ResolveDeliveryRequest(
            delivery_id=delivery.delivery_id,
            resolution=operations.DELIVERY_RESOLUTION_NOT_SENT,
        )
        if here:
            request.resolution = operations.DELIVERY_RESOLUTION_SENT
            request.platform_message_id = here[0]
        return request

    def _resolution_of_change(
        self, delivery: Delivery, target: Message
    ) -> operations.ResolveDeliveryRequest:
        shown = {
            str(message["message_id"])
            for message in self.shown(delivery.channel_id)
        }
        gone = target.platform_message_id not in shown
        return operations.ResolveDeliveryRequest(
            delivery_id=delivery.delivery_id,
            resolution=operations.DELIVERY_RESOLUTION_SENT
            if gone and delivery.action == Delivery.ACTION_DELETE
            else operations.DELIVERY_RESOLUTION_ABANDONED,
        )

    # What ought to be, and what is.

    def shown(self, channel_id: str) -> list[dict[str, Any]]:
        """Return the messages that its chat holds."""
        return self.fake.messages(self.chats[channel_id])

    def texts(self, channel_id: str) -> Counter[str]:
        """Return the texts that its chat holds."""
        return Counter(message["text"] for message in self.shown(channel_id))

    def wanted(self, channel_id: str) -> Counter[str]:
        """Return the texts that it ought to show."""
        return Counter(
            text
            for feed_id, channel in self.on
            if channel == channel_id
            for text in self.feeds[feed_id].posts.values()
        )


def check_sums(operation: Operation) -> None:
    """At every moment what was planned is the sum of what became of it."""
    progress = operation.progress
    assert progress.planned_count == (
        progress.sent_count
        + progress.failed_count
        + progress.unknown_count
        + progress.expired_count
        + progress.cancelled_count
        + progress.abandoned_count
        + progress.waiting_count
    ), operation


def check_result(operation: Operation, deliveries: list[Delivery]) -> None:
    """What a finished operation tells must be what its deliveries tell."""
    check_sums(operation)
    states = Counter(delivery.state for delivery in deliveries)
    progress = operation.progress
    assert operation.state == Operation.STATE_FINISHED, operation
    assert progress.planned_count == len(deliveries), operation
    assert progress.sent_count == states[Delivery.STATE_SENT], operation
    assert progress.unknown_count == states[Delivery.STATE_UNKNOWN], operation
    sent: dict[int, int] = defaultdict(int)
    for delivery in deliveries:
        sent[delivery.action] += delivery.state == Delivery.STATE_SENT
    result = operation.sync_result
    posted = sent[Delivery.ACTION_SEND] + sent[Delivery.ACTION_COPY]
    assert result.posted_count == posted, operation
    assert result.edited_count == sent[Delivery.ACTION_EDIT], operation
    assert result.deleted_count == sent[Delivery.ACTION_DELETE], operation
    tombstoned = sent[Delivery.ACTION_TOMBSTONE]
    assert result.tombstoned_count == tombstoned, operation
    assert result.unknown_count == progress.unknown_count, operation
    assert result.failed_count == progress.failed_count, operation


def planned_by(plan: sync_pb2.SyncPlan) -> int:
    """Return how many deliveries a plan comes to."""
    return (
        plan.post_count
        + plan.edit_count
        + plan.delete_count
        + plan.tombstone_count
    )


def repeated_names(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return what was posted more than once."""
    counts = Counter(row["marker"] for row in rows)
    return [name for name, count in counts.items() if count > 1]
