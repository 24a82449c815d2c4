"""sync --verify of broadcastctl, against a chat that people delete from."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from broadcastctl_process import DONE, PARTIAL, USAGE, Broadcastctl
from broadcastd_process import Broadcastd, eventually
from fake_telegram_process import TOKEN, FakeTelegram

from broadcast.v1 import channel_pb2, content_pb2, feed_pb2
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import feed_service_pb2 as feeds
from broadcast.v1 import feed_service_pb2_grpc as feeds_grpc

CHAT, PUBLIC = -1001000000001, -1001000000003
POSTS = 10
SETTINGS = """
[accounts.bot]
platform = "telegram"
token_file = "{secret}"
chat_rate = "100/s"
group_rate = "100/s"
"""


@pytest.fixture
def telegram(tmp_path: Path) -> Iterator[FakeTelegram]:
    """A Telegram with limits that keep nobody waiting."""
    with FakeTelegram(tmp_path, "--auto_chats") as telegram:
        telegram.limits(enabled=False)
        yield telegram


@pytest.fixture
def server(
    own_database: str, tmp_path: Path, telegram: FakeTelegram
) -> Iterator[Broadcastd]:
    """A server that posts there as fast as it can."""
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o600)
    config = tmp_path / "broadcastd.toml"
    config.write_text(SETTINGS.format(secret=secret))
    with Broadcastd(
        own_database,
        tmp_path,
        f"--config={config}",
        f"--telegram_base_url={telegram.url}",
    ) as server:
        yield server


def fill(server: Broadcastd, chat: int) -> str:
    """Publish a feed to the chat; return the id of its channel."""

    def spec(address: int) -> channel_pb2.ChannelSpec:
        return channel_pb2.ChannelSpec(
            platform=channel_pb2.PLATFORM_TELEGRAM,
            address=str(address),
            account="bot",
        )

    client = str(uuid.uuid4())
    pair = channels_grpc.ChannelServiceStub(server.channel).CreateChannelPair(
        channels.CreateChannelPairRequest(
            client_id=client,
            open_channel=spec(chat),
            closed_channel=spec(chat - 1),
        ),
        timeout=30,
    )
    channel_id = pair.channel_pair.open_channel.channel_id
    stub = feeds_grpc.FeedServiceStub(server.channel)
    feed_id = stub.CreateFeed(
        feeds.CreateFeedRequest(
            feed=feed_pb2.Feed(client_id=client, name="news")
        ),
        timeout=30,
    ).feed.feed_id
    stub.AddFeedChannel(
        feeds.AddFeedChannelRequest(feed_id=feed_id, channel_id=channel_id),
        timeout=30,
    )
    for number in range(POSTS):
        request = feeds.UpsertPostRequest(feed_id=feed_id)
        request.post.external_id = f"post-{number}"
        request.post.content.CopyFrom(
            content_pb2.Content(text=f"text {number}")
        )
        stub.UpsertPost(request, timeout=30)

    def live() -> int:
        listed = stub.ListMessages(
            feeds.ListMessagesRequest(feed_id=feed_id, filter="state = LIVE"),
            timeout=30,
        )
        return len(listed.messages)

    eventually(lambda: live() == POSTS)
    return channel_id


def test_what_people_deleted_is_posted_again(
    server: Broadcastd, telegram: FakeTelegram
) -> None:
    channel = f"--channel-id={fill(server, CHAT)}"
    ctl = Broadcastctl(server.address)
    before = telegram.messages(CHAT)
    for gone in (before[3], before[7]):
        answer = telegram.call(
            "deleteMessage", chat_id=CHAT, message_id=gone["message_id"]
        )
        assert answer["ok"], answer
    left = telegram.messages(CHAT)
    blind = ctl.run("sync", channel, "--yes").expect(DONE)
    assert "Nothing is to be done." in blind.out

    dry = ctl.run("sync", channel, "--verify", "--dry-run").expect(DONE)
    assert f"to ask about first: {POSTS}" in " ".join(dry.out.split())
    ctl.run("sync", channel, "--verify").expect(
        USAGE, f"ask about {POSTS}", "what follows of the answers?"
    )
    assert telegram.messages(CHAT) == left

    done = ctl.run("sync", channel, "--verify", "--yes").expect(
        DONE, "more may be posted than shown"
    )
    assert f"{POSTS + 2} of {POSTS + 2}" in done.out
    assert f"Messages: 2 posted, {POSTS} asked about, 2 lost." in done.out
    after = telegram.messages(CHAT)
    assert after[: len(left)] == left
    assert [message["text"] for message in after[len(left) :]] == [
        "text 3",
        "text 7",
    ]
    methods = [one["method"] for one in telegram.journal()]
    assert methods.count("setMessageReaction") == POSTS
    assert methods.count("sendMessage") == POSTS + 2
    assert "editMessageText" not in methods

    again = ctl.run("sync", channel, "--yes").expect(DONE)
    assert "Nothing is to be done." in again.out
    still = ctl.run("sync", channel, "--verify", "--yes", "-o", "json")
    result = still.expect(DONE).json["operation"]["sync_result"]
    assert result["probed_count"] == str(POSTS)
    assert result.get("lost_count", "0") == "0"
    assert telegram.messages(CHAT) == after


def test_who_was_thrown_out_of_a_public_chat_loses_nothing(
    server: Broadcastd, telegram: FakeTelegram
) -> None:
    channel = f"--channel-id={fill(server, PUBLIC)}"
    ctl = Broadcastctl(server.address)
    telegram.chat(PUBLIC, username="news")
    telegram.member(PUBLIC, status="left")
    before = telegram.messages(PUBLIC)
    run = ctl.run("sync", channel, "--verify", "--delete-only", "--yes")
    run.expect(PARTIAL)
    assert f"{POSTS} failed" in run.out
    assert "not_a_member" in str(run)
    telegram.member(PUBLIC, status="administrator")
    again = ctl.run("sync", channel, "--yes").expect(DONE)
    assert "Nothing is to be done." in again.out
    assert telegram.messages(PUBLIC) == before
