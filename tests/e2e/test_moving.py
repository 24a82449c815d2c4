"""Users of the older system: their variables, their files, and a cut-over.

The server posts to the fake Telegram, whose journal tells what really was
posted, and how often.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from broadcastd_process import (
    Broadcastd,
    all_entries,
    eventually,
    reason_of,
    run_broadcastd,
)
from default_feed import (
    OldUser,
    chats_of,
    feed_of,
    finish,
    publish,
    write,
)
from fake_telegram_process import FakeTelegram

from broadcast.v1 import admin_service_pb2 as admin
from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import channel_pb2, content_pb2, post_pb2
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import feed_service_pb2 as feeds
from broadcast.v1 import feed_service_pb2_grpc as feeds_grpc

FIRST, SECOND, THIRD = -1001000000001, -1001000000002, -1001000000003
NEW = -1001000000009


@pytest.fixture
def telegram(tmp_path: Path) -> Iterator[FakeTelegram]:
    """A Telegram with limits that keep nobody waiting."""
    with FakeTelegram(tmp_path, "--auto_chats") as telegram:
        telegram.limits(enabled=False)
        yield telegram


@pytest.fixture
def user(location: str, tmp_path: Path, telegram: FakeTelegram) -> OldUser:
    """Return a user of that database."""
    return OldUser(location, tmp_path, telegram)


def sync(server: Broadcastd) -> broadcast.SyncResponse:
    answer = server.broadcast.Sync(
        broadcast.SyncRequest(feed_id=feed_of(server))
    )
    if answer.HasField("operation"):
        finish(server, answer.operation.operation_id)
    return answer


def posted(telegram: FakeTelegram) -> list[str]:
    """Return the methods that posted something, in order."""
    return [
        entry["method"]
        for entry in telegram.journal()
        if entry["method"] in ("sendMessage", "copyMessage")
    ]


def test_variables_set_up_a_feed_that_stays_empty_until_sync(
    user: OldUser, telegram: FakeTelegram
) -> None:
    with user.server() as server:
        assert chats_of(server) == {}
        publish(server, "a", "b")
        assert server.stop() == 0
    variables = {
        "AGGREGATOR_CHANNEL_IDS": f'[{FIRST}, "{SECOND}"]',
        "AGGREGATOR_CHANNEL_ID": str(THIRD),
        "BROADCAST_AUTO_INTERVAL": "1.5",
        "BROADCAST_MANUAL_INTERVAL": "0.0833",
    }
    with user.server("--default_interval=2h", **variables) as server:
        assert set(chats_of(server)) == {str(FIRST), str(SECOND)}
        ready = user.events(server, "default_feed.ready")
        assert [event["channels_added"] for event in ready] == [2]
        outranked = {
            (event["variable"], event["by"])
            for event in user.events(server, "settings.outranked")
        }
        assert outranked == {
            ("AGGREGATOR_CHANNEL_ID", "AGGREGATOR_CHANNEL_IDS"),
            ("BROADCAST_AUTO_INTERVAL", "--default_interval"),
        }
        assert posted(telegram) == []
        answer = sync(server)
        assert answer.plan.post_count == 4
        for chat in (FIRST, SECOND):
            assert telegram.texts(chat) == ["post a", "post b"]
        assert server.stop() == 0
    # The same start again changes nothing.
    with user.server(**variables) as server:
        ready = user.events(server, "default_feed.ready")
        assert [event["channels_added"] for event in ready] == [0]
        assert not sync(server).HasField("operation")
        assert len(posted(telegram)) == 4


def test_sync_on_startup_posts_what_is_missing_once(
    user: OldUser, telegram: FakeTelegram
) -> None:
    with user.server() as server:
        publish(server, "a", "b", "c")
        server.stop()
    variables = {
        "AGGREGATOR_CHANNEL_ID": str(FIRST),
        "BROADCAST_SYNC_ON_STARTUP": "true",
    }
    for _ in range(2):
        with user.server(**variables) as server:
            started = eventually(
                lambda: user.events(server, "sync_on_startup.started")
            )
            finish(server, started[0]["operation_id"])
            assert telegram.texts(FIRST) == ["post a", "post b", "post c"]
            server.stop()
    assert len(posted(telegram)) == 3
    with user.server(ENABLE_BROADCAST_TRACKING="false", **variables) as server:
        refused = eventually(
            lambda: user.events(server, "sync_on_startup.refused")
        )
        assert refused[0]["reason"] == "TRACKING_DISABLED"
        with pytest.raises(grpc.RpcError) as failure:
            sync(server)
        assert reason_of(failure.value) == "TRACKING_DISABLED"


def test_a_migrated_chat_stands_for_its_successor(
    user: OldUser, telegram: FakeTelegram
) -> None:
    variables = {"AGGREGATOR_CHANNEL_IDS": f"[{FIRST}]"}
    with user.server(**variables) as server:
        publish(server, "a")
        answer = server.broadcast.Migrate(
            broadcast.MigrateRequest(
                channel_id=chats_of(server)[str(FIRST)],
                target_channel=channel_pb2.ChannelSpec(
                    platform=channel_pb2.PLATFORM_TELEGRAM,
                    address=str(NEW),
                    account="group_bot",
                ),
            )
        )
        finish(server, answer.operation.operation_id)
        assert set(chats_of(server)) == {str(NEW)}
        server.stop()
    with user.server(**variables, BROADCAST_SYNC_ON_STARTUP="1") as server:
        warnings = user.events(server, "default_feed.chat_migrated")
        assert [(w["chat"], w["successor"]) for w in warnings] == [
            (str(FIRST), str(NEW))
        ]
        assert set(chats_of(server)) == {str(NEW)}
        publish(server, "b")
        sync_started = eventually(
            lambda: user.events(server, "sync_on_startup.started")
        )
        finish(server, sync_started[0]["operation_id"])
        assert telegram.texts(NEW) == ["post a", "post b"]
        assert telegram.texts(FIRST) == ["post a"]
        server.stop()


def test_a_cut_over_posts_nothing_twice(
    user: OldUser, telegram: FakeTelegram
) -> None:
    # What the older system has posted: all but one.
    old = {
        (chat, post): telegram.send(chat, f"post {post}")
        for chat in (FIRST, SECOND)
        for post in ("a", "b", "c")
        if (chat, post) != (SECOND, "c")
    }
    before = len(posted(telegram))
    with user.server() as server:
        publish(server, "a", "b", "c")
        server.stop()
    messages = write(
        user.folder / "messages.csv",
        "chat_id,message_id,external_id",
        *(f"{chat},{id},{post}" for (chat, post), id in old.items()),
    )
    pairs = write(
        user.folder / "pairs.csv",
        "open_chat_id,closed_chat_id,next_send_time,last_trigger_time,active,"
        "broadcast_count,failure_count",
        f"{FIRST},{SECOND},2099-01-01T00:00:00Z,2026-01-01T00:00:00Z,true,7,2",
        f"{FIRST},{THIRD},,,false,,",
    )
    files = (f"--messages={messages}", f"--pairs={pairs}")

    tried = user.run_import(*files, "--dry_run")
    assert tried.returncode == 0, tried.stderr
    assert "messages: 5 would be imported, 0 are" in tried.stdout
    for expected in (
        "messages: 5 imported, 0 were there already\n"
        "pairs: 2 imported, 0 were there already\n",
        "messages: 0 imported, 5 were there already\n"
        "pairs: 0 imported, 2 were there already\n",
    ):
        done = user.run_import(*files)
        assert done.returncode == 0, done.stderr
        assert done.stdout == expected

    variables = {"AGGREGATOR_CHANNEL_IDS": f"[{FIRST},{SECOND}]"}
    with user.server(**variables) as server:
        assert len(posted(telegram)) == before
        plan = sync(server).plan
        assert (plan.post_count, plan.edit_count, plan.delete_count) == (
            1,
            0,
            0,
        )
        assert len(posted(telegram)) == before + 1
        for chat in (FIRST, SECOND):
            assert sorted(telegram.texts(chat)) == [
                "post a",
                "post b",
                "post c",
            ]
        assert not sync(server).HasField("operation")

        entries = [
            server.broadcast.GetEntry(
                broadcast.GetEntryRequest(entry_id=entry_id)
            ).entry
            for entry_id in all_entries(server)
        ]
        active = [e for e in entries if e.broadcast_count == 7]
        assert len(entries) == 2
        assert len(active) == 1
        assert active[0].failure_count == 2
        assert active[0].next_send_time.ToJsonString() == "2099-01-01T00:00:00Z"
        check = server.admin.CheckIntegrity(admin.CheckIntegrityRequest())
        assert check.clean, check

        # What was imported is changed and taken back as if it were ours.
        feed_id = feed_of(server)
        stub = feeds_grpc.FeedServiceStub(server.channel)
        changed = stub.UpsertPost(
            feeds.UpsertPostRequest(
                feed_id=feed_id,
                post=post_pb2.PostSpec(
                    external_id="a",
                    content=content_pb2.Content(text="post a, changed"),
                ),
            )
        )
        finish(server, changed.operation.operation_id)
        assert "post a, changed" in telegram.texts(FIRST)
        assert len(posted(telegram)) == before + 1
        server.stop()


def test_bad_lines_are_named_and_nothing_is_imported(user: OldUser) -> None:
    with user.server() as server:
        publish(server, "a")
        server.stop()
    messages = write(
        user.folder / "messages.csv",
        "chat_id,message_id,external_id",
        f"{FIRST},1,a",
        f"{FIRST},2,unknown",
    )
    refused = user.run_import(f"--messages={messages}")
    assert refused.returncode == 2
    assert f"{messages}:3: external_id: is no post" in refused.stderr
    assert "nothing was imported" in refused.stderr
    messages = write(messages, "chat_id,message_id,external_id", "news,x,a")
    refused = user.run_import(f"--messages={messages}")
    assert refused.returncode == 2
    assert f"{messages}:2: chat_id: " in refused.stderr
    assert f"{messages}:2: message_id: " in refused.stderr
    with user.server() as server:
        stub = channels_grpc.ChannelServiceStub(server.channel)
        assert not stub.ListChannels(channels.ListChannelsRequest()).channels
        server.stop()


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        ({"AGGREGATOR_CHANNEL_IDS": "-1001"}, "JSON array"),
        ({"AGGREGATOR_CHANNEL_ID": "news"}, "id of a Telegram chat"),
        ({"AGGREGATOR_CHANNEL_ID": "-1001"}, "set GROUP_BOT_TOKEN too"),
        ({"ENABLE_BROADCAST_TRACKING": "maybe"}, "true or false"),
        ({"BROADCAST_AUTO_INTERVAL": "daily"}, "number of hours"),
        ({"BROADCAST_MANUAL_INTERVAL": "-1"}, "number of hours"),
    ],
)
def test_bad_values_are_refused_by_name(
    variables: dict[str, str], part: str
) -> None:
    refused = run_broadcastd("--listen=127.0.0.1:0", environment=variables)
    assert refused.returncode == 2
    assert next(iter(variables)) in refused.stderr
    assert part in refused.stderr
