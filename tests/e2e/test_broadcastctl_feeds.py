"""sync and migrate of broadcastctl against a real server and its feeds."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from broadcastctl_process import DONE, NOT_FOUND, PRECONDITION, Broadcastctl
from broadcastd_process import Broadcastd, eventually, new_entry

from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import content_pb2, feed_pb2
from broadcast.v1 import feed_service_pb2 as feeds
from broadcast.v1 import feed_service_pb2_grpc as feeds_grpc
from broadcast.v1.message_pb2 import Message

NOBODY = "00000000-0000-4000-8000-000000000000"
POSTS = 3


class World:
    """A client with two channels, and a feed that is published to one."""

    def __init__(self, server: Broadcastd) -> None:
        """Register it, and wait until its posts are in the first channel."""
        self.ctl = Broadcastctl(server.address)
        self.feeds = feeds_grpc.FeedServiceStub(server.channel)
        self.client = str(uuid.uuid4())
        model = new_entry(self.client, 1)
        pair = channels_grpc.ChannelServiceStub(
            server.channel
        ).CreateChannelPair(
            channels.CreateChannelPairRequest(
                client_id=self.client,
                open_channel=model.open_channel,
                closed_channel=model.closed_channel,
            ),
            timeout=30,
        )
        self.first = pair.channel_pair.open_channel
        self.second = pair.channel_pair.closed_channel
        self.feed_id = self.feeds.CreateFeed(
            feeds.CreateFeedRequest(
                feed=feed_pb2.Feed(
                    client_id=self.client, name="news", tracking=True
                )
            ),
            timeout=30,
        ).feed.feed_id
        self.publish(self.first.channel_id)
        for number in range(POSTS):
            request = feeds.UpsertPostRequest(feed_id=self.feed_id)
            request.post.external_id = f"post-{number}"
            request.post.content.CopyFrom(
                content_pb2.Content(text=f"text {number}")
            )
            self.feeds.UpsertPost(request, timeout=30)
        self.wait_until_live(self.first.channel_id, POSTS)

    def publish(self, channel_id: str) -> None:
        self.feeds.AddFeedChannel(
            feeds.AddFeedChannelRequest(
                feed_id=self.feed_id, channel_id=channel_id, fill=False
            ),
            timeout=30,
        )

    def live(self, channel_id: str) -> int:
        listed = self.feeds.ListMessages(
            feeds.ListMessagesRequest(channel_id=channel_id, page_size=100),
            timeout=30,
        )
        return sum(m.state == Message.STATE_LIVE for m in listed.messages)

    def wait_until_live(self, channel_id: str, count: int) -> None:
        eventually(lambda: self.live(channel_id) == count)


@pytest.fixture(scope="module")
def ours(
    own_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broadcastd]:
    folder = tmp_path_factory.mktemp("feeds")
    with Broadcastd(own_database, folder) as server:
        yield server


@pytest.fixture
def world(ours: Broadcastd) -> World:
    return World(ours)


def counts_of(text: str) -> dict[str, int]:
    return {
        name: int(count)
        for name, count in re.findall(r"^([a-z ]+): +(\d+)$", text, re.M)
        if int(count) > 0
    }


def test_what_is_missing_is_posted(world: World) -> None:
    ctl, channel = world.ctl, f"--channel-id={world.second.channel_id}"
    world.publish(world.second.channel_id)
    dry = ctl.run("sync", channel, "--dry-run").expect(DONE)
    assert counts_of(dry.out) == {"open posts": POSTS, "will post": POSTS}
    for number in range(POSTS):
        assert f"post-{number}" in dry.out
    assert world.live(world.second.channel_id) == 0

    half = ctl.run("sync", channel, "--delete-only", "--yes").expect(DONE)
    assert "Nothing is to be done." in half.out

    done = ctl.run("sync", channel, "--yes").expect(DONE)
    assert f"FINISHED {POSTS} of {POSTS}: {POSTS} sent" in done.out
    assert f"Messages: {POSTS} posted." in done.out
    world.wait_until_live(world.second.channel_id, POSTS)
    again = ctl.run("sync", f"--feed-id={world.feed_id}").expect(DONE)
    assert "Nothing is to be done." in again.out


def test_what_is_orphaned_is_deleted(world: World) -> None:
    ctl, chat = world.ctl, f"--chat-id={world.first.address}"
    world.feeds.DeleteFeed(
        feeds.DeleteFeedRequest(feed_id=world.feed_id, force=True), timeout=30
    )
    dry = ctl.run("sync", chat, "--dry-run", "-o", "json").expect(DONE)
    assert dry.json["plan"]["delete_count"] == str(POSTS)
    ctl.run("sync", chat, "--yes", f"--max-deletes={POSTS - 1}").expect(
        PRECONDITION, "[TOO_MANY_DELETES]", "raise --max-deletes"
    )
    done = ctl.run(
        "sync", chat, "--yes", f"--max-deletes={POSTS}", "-o", "json"
    ).expect(DONE)
    result = done.json["operation"]["sync_result"]
    assert result["deleted_count"] == str(POSTS)
    assert world.live(world.first.channel_id) == 0


def test_a_feed_moves_to_a_new_chat(world: World) -> None:
    ctl, fresh = world.ctl, f"fresh-{world.client}"
    arguments = (
        "migrate",
        f"--old-chat={world.first.address}",
        f"--new-chat={fresh}",
        "--delete-old",
    )
    dry = ctl.run(*arguments, "--dry-run").expect(DONE)
    assert f"to LOG {fresh}, which would be registered" in dry.out
    assert counts_of(dry.out)["will post"] == POSTS

    done = ctl.run(*arguments, "--yes", "-o", "json").expect(DONE)
    assert done.json["operation"]["kind"] == "KIND_MIGRATE"
    new_channel = done.json["target_channel"]["channel_id"]
    world.wait_until_live(new_channel, POSTS)
    eventually(lambda: world.live(world.first.channel_id) == 0)
    settled = ctl.run("sync", f"--channel-id={new_channel}").expect(DONE)
    assert "Nothing is to be done." in settled.out


def test_what_is_not_there(world: World) -> None:
    ctl = world.ctl
    ctl.run("sync", f"--channel-id={NOBODY}", "--yes").expect(
        NOT_FOUND, "[CHANNEL_NOT_FOUND]"
    )
    ctl.run("sync", f"--feed-id={NOBODY}", "--yes").expect(
        NOT_FOUND, "[FEED_NOT_FOUND]"
    )
    ctl.run("migrate", f"--from={NOBODY}", "--new-chat=x", "--yes").expect(
        NOT_FOUND, "[CHANNEL_NOT_FOUND]"
    )
    source = f"--from={world.first.channel_id}"
    ctl.run("migrate", source, f"--to={NOBODY}", "--yes").expect(
        NOT_FOUND, "[CHANNEL_NOT_FOUND]"
    )
