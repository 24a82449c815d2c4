"""What operators do with feeds, in the sizes they have: with broadcastctl.

A channel is changed for another, a second one is added, and one is cleaned up
after down time. The server posts to a fake Telegram, whose journal and chats
tell what was really done. What broadcastctl prints is printed here too
(`pytest -rP`), and docs/broadcastctl.md shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from broadcastctl_process import DONE, Broadcastctl
from broadcastd_process import Broadcastd
from default_feed import OldUser, feed_of, publish, write
from fake_telegram_process import FakeTelegram, JsonObject

from broadcast.v1 import feed_service_pb2 as feeds
from broadcast.v1 import feed_service_pb2_grpc as feeds_grpc

OLD, NEW = -1001000000001, -1001000000002
TOMBSTONE = "This message has been removed."

# The platform's own pace would take minutes.
ACCOUNT = """
[accounts.group_bot]
platform = "telegram"
token_environment = "GROUP_BOT_TOKEN"
rate = "1000/s"
chat_rate = "1000/s"
group_rate = "1000/s"
"""


@pytest.fixture
def telegram(tmp_path: Path) -> Iterator[FakeTelegram]:
    with FakeTelegram(tmp_path, "--auto_chats", "--limits=off") as telegram:
        yield telegram


class Example:
    """A user with servers that keep nobody waiting."""

    def __init__(
        self, location: str, folder: Path, telegram: FakeTelegram
    ) -> None:
        """Only remember what to run."""
        self.user = OldUser(location, folder, telegram)
        self.config = write(folder / "broadcastd.toml", ACCOUNT)
        self.telegram = telegram

    def server(self, *chats: int) -> Broadcastd:
        """Return a server that is still to be started, with a feed for them."""
        return self.user.server(
            f"--config={self.config}",
            AGGREGATOR_CHANNEL_IDS=str(list(chats)),
        )

    def calls(self, method: str) -> list[JsonObject]:
        """Return the calls of that method that had an effect, in order."""
        return [
            entry
            for entry in self.telegram.journal()
            if entry["method"] == method and entry["t_accept"] > 0
        ]


@pytest.fixture
def example(location: str, tmp_path: Path, telegram: FakeTelegram) -> Example:
    return Example(location, tmp_path, telegram)


def names(count: int) -> list[str]:
    return [f"{number:03}" for number in range(count)]


def texts(count: int) -> list[str]:
    return [f"post {name}" for name in names(count)]


def run(server: Broadcastd, *arguments: str) -> str:
    """Run broadcastctl, which must do all of it; print what it says."""
    done = Broadcastctl(server.address).run(*arguments).expect(DONE)
    print("$ broadcastctl", *arguments)
    print(re.sub(r"\nACTION .*?(?=\n…|\Z)", "", done.out, flags=re.S))
    return done.out


def counts(out: str) -> dict[str, int]:
    """Return the counts of a plan that are not zero."""
    return {
        name: int(count)
        for name, count in re.findall(r"^([a-z ]+): +(\d+)$", out, re.M)
        if int(count) > 0
    }


def test_145_open_posts_switch_to_a_new_channel(
    example: Example, telegram: FakeTelegram
) -> None:
    with example.server(OLD) as server:
        publish(server, *names(145))
        assert telegram.texts(OLD) == texts(145)
        migrate = (
            "migrate",
            f"--old-chat={OLD}",
            f"--new-chat={NEW}",
            "--delete-old",
        )
        plan = counts(run(server, *migrate, "--dry-run"))
        assert plan["open posts"] == plan["will post"] == 145
        assert plan["will delete"] == 145
        assert telegram.texts(OLD) == texts(145)

        out = run(server, *migrate, "--yes")
        assert "FINISHED 290 of 290: 290 sent" in out
        assert telegram.texts(NEW) == texts(145)
        assert telegram.texts(OLD) == []
        copied = example.calls("copyMessage")
        deleted = example.calls("deleteMessage")
        assert (len(copied), len(deleted)) == (145, 145)
        assert max(call["t_done"] for call in copied) < min(
            call["t_recv"] for call in deleted
        )

        assert "FINISHED 0 of 0" in run(server, *migrate, "--yes")
        run(server, "sync", f"--chat-id={NEW}", "--yes")
        assert telegram.texts(NEW) == texts(145)
        assert telegram.texts(OLD) == []
        assert len(example.calls("copyMessage")) == 145
        assert len(example.calls("deleteMessage")) == 145
        assert len(example.calls("sendMessage")) == 145


def test_old_messages_that_were_left_go_in_a_second_run(
    example: Example, telegram: FakeTelegram
) -> None:
    with example.server(OLD) as server:
        publish(server, *names(145))
        migrate = ("migrate", f"--old-chat={OLD}", f"--new-chat={NEW}", "--yes")
        out = run(server, *migrate)
        assert "FINISHED 145 of 145: 145 sent" in out
        for chat in (OLD, NEW):
            assert telegram.texts(chat) == texts(145)

        out = run(server, *migrate, "--delete-old")
        assert "FINISHED 145 of 145: 145 sent" in out
        assert "Messages: 145 deleted." in out
        assert telegram.texts(NEW) == texts(145)
        assert telegram.texts(OLD) == []
        assert len(example.calls("copyMessage")) == 145
        assert len(example.calls("sendMessage")) == 145


def test_a_second_channel_is_added_to_a_feed_of_150(
    example: Example, telegram: FakeTelegram
) -> None:
    with example.server(OLD) as server:
        publish(server, *names(150))
        assert server.stop() == 0
    with example.server(OLD, NEW) as server:
        sync = ("sync", f"--chat-id={NEW}")
        plan = counts(run(server, *sync, "--dry-run"))
        assert plan == {"open posts": 150, "will post": 150}
        assert len(example.calls("sendMessage")) == 150

        out = run(server, *sync, "--yes")
        assert "FINISHED 150 of 150: 150 sent" in out
        assert "Messages: 150 posted." in out
        assert "Nothing is to be done." in run(server, *sync, "--yes")
        for chat in (OLD, NEW):
            assert telegram.texts(chat) == texts(150)
        assert len(example.calls("sendMessage")) == 300


def come_back(example: Example, age: timedelta) -> Broadcastd:
    """Take over 200 messages that old, whose first 25 posts are closed.

    They were posted by another system, whose down time ends now.
    """
    ids = [
        example.telegram.message(OLD, text, age_seconds=age.total_seconds())
        for text in texts(200)
    ]
    with example.server() as server:
        publish(server, *names(200))
        stub = feeds_grpc.FeedServiceStub(server.channel)
        for name in names(25):
            stub.ClosePost(
                feeds.ClosePostRequest(
                    post_name=feeds.PostName(
                        feed_id=feed_of(server), external_id=name
                    )
                )
            )
        assert server.stop() == 0
    posted = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    done = example.user.run_import(
        "--messages",
        write(
            example.user.folder / "messages.csv",
            "chat_id,message_id,external_id,post_time",
            *(
                f"{OLD},{id},{name},{posted}"
                for id, name in zip(ids, names(200), strict=True)
            ),
        ),
    )
    assert done.returncode == 0, done.stderr
    return example.server(OLD)


def clean_up(
    server: Broadcastd, telegram: FakeTelegram, will: str, done: str
) -> None:
    """Take 25 orphans back, as the plan says before, and no more after."""
    sync = ("sync", f"--chat-id={OLD}", "--delete-only")
    plan = counts(run(server, *sync, "--dry-run"))
    assert plan == {
        "open posts": 175,
        "tracked messages": 200,
        will: 25,
        "kept as they are": 175,
    }
    assert telegram.texts(OLD) == texts(200)
    out = run(server, *sync, "--yes")
    assert "FINISHED 25 of 25: 25 sent" in out
    assert f"Messages: 25 {done}." in out
    assert "Nothing is to be done." in run(server, *sync, "--yes")


def test_25_orphans_among_200_messages_are_deleted(
    example: Example, telegram: FakeTelegram
) -> None:
    with come_back(example, timedelta(hours=20)) as server:
        clean_up(server, telegram, "will delete", "deleted")
        assert telegram.texts(OLD) == texts(200)[25:]
        assert len(example.calls("deleteMessage")) == 25
        assert example.calls("sendMessage") == []


def test_25_orphans_that_are_too_old_become_tombstones(
    example: Example, telegram: FakeTelegram
) -> None:
    with come_back(example, timedelta(hours=49)) as server:
        clean_up(server, telegram, "tombstones", "edited to a tombstone")
        assert telegram.texts(OLD) == [TOMBSTONE] * 25 + texts(200)[25:]
        assert len(example.calls("editMessageText")) == 25
        assert example.calls("deleteMessage") == []
        assert example.calls("sendMessage") == []
