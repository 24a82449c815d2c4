"""import of broadcastctl against a real server: posts of files into feeds."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from broadcastctl_process import (
    DONE,
    FAILED,
    INTERRUPTED,
    NOBODY,
    NOT_FOUND,
    PARTIAL,
    PRECONDITION,
    PROGRAM,
    USAGE,
    Broadcastctl,
    Result,
    finish,
)
from broadcastd_process import Broadcastd, eventually, new_entry

from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import feed_pb2
from broadcast.v1 import feed_service_pb2 as feeds
from broadcast.v1 import feed_service_pb2_grpc as feeds_grpc
from broadcast.v1.message_pb2 import Message

POSTS = 2500


def line_of(number: int, text: str = "") -> str:
    """Return one post as a line of a file."""
    content = {"text": text or f"text {number}"}
    return json.dumps({"external_id": f"post-{number}", "content": content})


def write(path: Path, *lines: str) -> Path:
    """Write a file of these lines."""
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def counts_of(result: Result) -> dict[str, int]:
    """Return what a summary says, without what it says is 0."""
    return {
        name: int(count)
        for name, count in re.findall(
            r"^([a-z ]+): +(\d+)\r?$", result.out, re.M
        )
        if int(count) > 0
    }


class Feed:
    """A feed of a client of its own, published nowhere."""

    def __init__(self, server: Broadcastd) -> None:
        """Make it."""
        self.server = server
        self.ctl = Broadcastctl(server.address)
        model = new_entry(str(uuid.uuid4()), 1)
        self.pair = channels_grpc.ChannelServiceStub(
            server.channel
        ).CreateChannelPair(
            channels.CreateChannelPairRequest(
                client_id=model.client_id,
                open_channel=model.open_channel,
                closed_channel=model.closed_channel,
            ),
            timeout=30,
        )
        feed = feed_pb2.Feed(
            client_id=model.client_id, name="news", tracking=True
        )
        self.feed_id = self.stub.CreateFeed(
            feeds.CreateFeedRequest(feed=feed), timeout=30
        ).feed.feed_id
        self.arguments = ("import", f"--feed-id={self.feed_id}")

    @property
    def stub(self) -> feeds_grpc.FeedServiceStub:
        return feeds_grpc.FeedServiceStub(self.server.channel)

    def run(self, *more: str | Path) -> Result:
        """Import."""
        return self.ctl.run(*self.arguments, *more)

    def start(self, *more: str | Path) -> subprocess.Popen[str]:
        """Begin an import that reads what is written to it."""
        return subprocess.Popen(
            [PROGRAM, *self.arguments, *more],
            env=self.ctl.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def open_posts(self) -> dict[str, str]:
        """Return the text of each post that is open."""
        found = {}
        request = feeds.ListPostsRequest(
            feed_id=self.feed_id, filter="state = OPEN", page_size=1000
        )
        while True:
            page = self.stub.ListPosts(request, timeout=30)
            for post in page.posts:
                found[post.external_id] = post.content.text
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


@pytest.fixture(scope="module")
def ours(
    own_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broadcastd]:
    folder = tmp_path_factory.mktemp("imports")
    with Broadcastd(own_database, folder) as server:
        server.listen = server.address
        yield server


@pytest.fixture
def feed(ours: Broadcastd) -> Feed:
    return Feed(ours)


def test_a_file_is_imported_and_again_without_effect(
    feed: Feed, tmp_path: Path
) -> None:
    lines = [line_of(number) for number in range(POSTS)]
    path = write(tmp_path / "posts.jsonl", *lines)
    dry = feed.run("--dry-run", path).expect(DONE)
    assert "Nothing was changed." in dry.out
    assert counts_of(dry) == {"posts": POSTS, "created": POSTS}
    assert feed.open_posts() == {}

    done = feed.run(path).expect(DONE)
    assert counts_of(done) == {"posts": POSTS, "created": POSTS}
    posts = feed.open_posts()
    assert len(posts) == POSTS
    assert posts["post-7"] == "text 7"

    lines[7] = line_of(7, "another")
    lines.append("")
    write(path, *lines)
    again = feed.run(path, "-o", "json").expect(DONE)
    assert again.json["state"] == "STATE_COMPLETE"
    assert again.json["received_count"] == str(POSTS)
    assert again.json["unchanged_count"] == str(POSTS - 1)
    assert again.json["updated_count"] == "1"
    assert feed.open_posts()["post-7"] == "another"


def test_an_imported_post_arrives_in_the_channels(
    feed: Feed, tmp_path: Path
) -> None:
    channel = feed.pair.channel_pair.open_channel.channel_id
    feed.stub.AddFeedChannel(
        feeds.AddFeedChannelRequest(feed_id=feed.feed_id, channel_id=channel),
        timeout=30,
    )
    path = write(tmp_path / "posts.jsonl", *map(line_of, range(3)))
    feed.run(path).expect(DONE)

    def live() -> int:
        listed = feed.stub.ListMessages(
            feeds.ListMessagesRequest(channel_id=channel), timeout=30
        )
        return sum(m.state == Message.STATE_LIVE for m in listed.messages)

    assert eventually(lambda: live() == 3)


def test_all_of_a_post_is_imported(feed: Feed, tmp_path: Path) -> None:
    post = {
        "externalId": "full",
        "content": {
            "text": "<b>hello</b>",
            "parse_mode": "PARSE_MODE_HTML",
            "button_rows": [
                {"buttons": [{"text": "go", "url": "https://a.example/"}]}
            ],
        },
        "expire_time": "2100-01-01T00:00:00Z",
        "labels": {"team": "ops"},
    }
    path = write(tmp_path / "posts.jsonl", json.dumps(post))
    feed.run(path).expect(DONE)
    name = feeds.PostName(feed_id=feed.feed_id, external_id="full")
    found = feed.stub.GetPost(
        feeds.GetPostRequest(post_name=name), timeout=30
    ).post
    assert found.content.button_rows[0].buttons[0].url == "https://a.example/"
    assert found.expire_time.seconds == 4_102_444_800
    assert dict(found.labels) == {"team": "ops"}


def test_a_snapshot_closes_what_it_lacks_after_the_question(
    feed: Feed, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl", *map(line_of, range(20)))
    feed.run(path).expect(DONE)
    write(path, *map(line_of, range(5, 25)))
    snapshot = (*feed.arguments, "--mode=snapshot", str(path))

    feed.ctl.run(*snapshot).expect(
        USAGE,
        "Import 20 posts, and close 5 that are not among them?",
        "give --yes",
    )
    feed.ctl.run(*snapshot, "--yes", "--max-closes=4").expect(
        PRECONDITION, "[TOO_MANY_CLOSES]", "if these 5 are meant"
    )
    assert "post-0" in feed.open_posts()
    running = feed.ctl.run(*snapshot, "--yes").expect(
        PRECONDITION, "[IMPORT_RUNNING]", "--replace-running"
    )
    found = re.search(r"import_id = (\S+)", running.err)
    assert found is not None
    feed.ctl.run(*snapshot, "--yes", f"--import-id={found[1]}").expect(DONE)
    assert len(feed.open_posts()) == 20

    write(path, *map(line_of, range(8, 25)))
    asked = feed.ctl.on_terminal(*snapshot, answer="n\n").finish()
    assert "nothing was done" in asked.expect(FAILED).out
    assert len(feed.open_posts()) == 20
    asked = feed.ctl.on_terminal(*snapshot, answer="y\n").finish()
    assert "and close 3 that are not" in asked.expect(DONE).out
    assert set(feed.open_posts()) == {f"post-{n}" for n in range(8, 25)}


def test_lines_that_fail_are_named(feed: Feed, tmp_path: Path) -> None:
    path = write(
        tmp_path / "posts.jsonl",
        line_of(0),
        "",
        "{",
        json.dumps({"external_id": "a", "text": "b"}),
        line_of(1, " "),
        json.dumps({"content": {"text": "nameless"}}),
        line_of(2),
    )
    places = [f"posts.jsonl:{number}: " for number in (3, 4, 5, 6)]
    dry = feed.run("--dry-run", path).expect(USAGE, *places)
    assert counts_of(dry) == {"posts": 2, "created": 2, "failed lines": 4}
    for snapshot in (["--mode=snapshot"], ["--mode=snapshot", "--dry-run"]):
        feed.run(path, *snapshot).expect(USAGE, *places)
    assert feed.open_posts() == {}

    done = feed.run(path).expect(PARTIAL, *places, "content.text: ")
    assert "external_id: " in done.err
    assert counts_of(done) == {"posts": 2, "created": 2, "failed lines": 4}
    assert set(feed.open_posts()) == {"post-0", "post-2"}

    write(path, line_of(0), "{")
    failed = feed.run(path, "--mode=snapshot", "--yes").expect(
        USAGE, "no post was closed", "with --replace-running"
    )
    assert "--import-id" not in failed.err
    assert set(feed.open_posts()) == {"post-0", "post-2"}
    write(path, line_of(0))
    feed.run(path, "--mode=snapshot", "--yes", "--replace-running").expect(DONE)
    assert set(feed.open_posts()) == {"post-0"}


def test_it_gives_up_on_what_is_no_file_of_posts(
    feed: Feed, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", *["external_id,text"] * 300)
    feed.run(path).expect(USAGE, "a.csv:100: ", "100 lines failed")
    path.write_text("x" * (5 << 20))
    feed.run(path, "--replace-running").expect(USAGE, "a.csv:1: is longer")
    feed.run(tmp_path).expect(USAGE, "cannot be read")
    feed.run(tmp_path / "none").expect(USAGE, "cannot be read")
    feed.run(write(path), "--replace-running").expect(DONE)


def test_of_a_post_that_comes_twice_the_last_one_holds(
    feed: Feed, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "posts.jsonl", line_of(0), line_of(1), line_of(0, "later")
    )
    done = feed.run(path).expect(DONE)
    assert counts_of(done) == {"posts": 3, "created": 2, "changed": 1}
    assert feed.open_posts()["post-0"] == "later"


def test_what_cannot_be_imported(feed: Feed, tmp_path: Path) -> None:
    path = write(tmp_path / "posts.jsonl", line_of(0))
    feed.ctl.run("import", path).expect(USAGE, "give --feed-id")
    feed.run().expect(USAGE, "FILE is missing")
    feed.run(path, "--mode=all").expect(USAGE, "is none of merge, snapshot")
    feed.run(path, f"--import-id={NOBODY}").expect(
        NOT_FOUND, "[IMPORT_NOT_FOUND]"
    )
    feed.run(path, f"--import-id={NOBODY}", "--dry-run").expect(
        USAGE, "only one of"
    )
    feed.ctl.run("import", f"--feed-id={NOBODY}", path).expect(
        NOT_FOUND, "[FEED_NOT_FOUND]"
    )
    feed.run("-", "--mode=snapshot", "--yes").expect(USAGE, "--max-closes")


def wait_until_received(process: subprocess.Popen[str], count: int) -> Any:
    """Read the answers until so many posts are durable; return the last one."""
    assert process.stdout is not None
    while True:
        answer = json.loads(process.stdout.readline())
        if int(answer["received_count"]) >= count:
            return answer


def test_it_goes_on_when_the_server_is_back(
    feed: Feed, ours: Broadcastd
) -> None:
    lines = [line_of(number) + "\n" for number in range(POSTS)]
    process = feed.start(
        "-", "--mode=snapshot", "--yes", "--max-closes=0", "-o", "jsonl"
    )
    assert process.stdin is not None
    process.stdin.writelines(lines[:1500])
    process.stdin.flush()
    wait_until_received(process, 1)
    ours.kill()
    process.stdin.writelines(lines[1500:])
    process.stdin.flush()
    ours.start()
    done = finish(process).expect(DONE)
    assert done.lines[-1]["state"] == "STATE_COMPLETE"
    assert done.lines[-1]["received_count"] == str(POSTS)
    assert done.lines[-1]["created_count"] == str(POSTS)
    assert len(feed.open_posts()) == POSTS


def test_who_is_interrupted_is_told_how_to_go_on(
    feed: Feed, ours: Broadcastd, tmp_path: Path
) -> None:
    lines = [line_of(number) for number in range(POSTS)]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = feed.ctl.start(*feed.arguments, pipe, "-o", "jsonl")
    with pipe.open("w") as written:
        written.writelines(f"{line}\n" for line in lines[:1500])
        written.flush()
        answer = wait_until_received(process, 1)
        ours.kill()
        written.writelines(f"{line}\n" for line in lines[1500:])
    process.send_signal(signal.SIGINT)
    stopped = finish(process).expect(INTERRUPTED, "interrupted")
    ours.start()
    path = write(tmp_path / "posts.jsonl", *lines)
    hint = re.search(r"broadcastctl (import .*) \S+$", stopped.err, re.M)
    assert hint is not None, str(stopped)
    assert f"--import-id={answer['import_id']}" in hint[1]
    done = feed.ctl.run(*hint[1].split(), path).expect(DONE)
    assert counts_of(done) == {"posts": POSTS, "created": POSTS}
    assert len(feed.open_posts()) == POSTS


def test_a_terminal_shows_how_far_it_is(feed: Feed, tmp_path: Path) -> None:
    path = write(tmp_path / "posts.jsonl", *map(line_of, range(10)))
    shown = feed.ctl.on_terminal(*feed.arguments, str(path)).finish()
    shown.expect(DONE)
    assert re.search(r"10 posts \(\d+/s\): 10 created", shown.out)
