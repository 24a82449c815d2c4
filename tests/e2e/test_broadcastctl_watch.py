"""broadcastctl and operations that go on: watched, interrupted, cancelled."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from broadcastctl_process import (
    DONE,
    FAILED,
    FAR,
    INTERRUPTED,
    PARTIAL,
    USAGE,
    Broadcastctl,
    finish,
)
from broadcastd_process import Broadcastd, free_port, new_entry
from fake_telegram_process import TOKEN, FakeTelegram

from broadcast.v1 import channel_pb2, content_pb2


class Waiting:
    """A server whose Telegram is down: what it sends has to wait."""

    def __init__(self, folder: Path) -> None:
        """Start it, and trigger an entry of it."""
        self.telegram = FakeTelegram(folder, "--auto_chats", "--limits=off")
        self.telegram.port = free_port()
        self.server = Broadcastd(
            f"sqlite:{folder / 'b.db'}",
            folder,
            "--account=news=telegram",
            f"--telegram_base_url={self.telegram.url}",
            environment={"BROADCASTD_ACCOUNT_NEWS_TOKEN": TOKEN},
        )
        self.server.start()
        # The same one after a restart.
        self.server.listen = self.server.address
        self.ctl = Broadcastctl(self.server.address)
        request = new_entry(str(uuid.uuid4()), 1)
        for number, spec in enumerate(
            (request.open_channel, request.closed_channel)
        ):
            spec.platform = channel_pb2.PLATFORM_TELEGRAM
            spec.account = "news"
            spec.address = str(-1_001_000_000_001 - number)
        request.open_content.CopyFrom(content_pb2.Content(text="hello"))
        request.closed_content.CopyFrom(content_pb2.Content(text="hello"))
        request.start_time.CopyFrom(FAR)
        entry = self.server.broadcast.CreateEntry(request, timeout=30).entry
        answer = self.ctl.run("trigger", entry.entry_id, "-o", "json")
        answer.expect(DONE)
        self.operation_id = answer.json["operation"]["operation_id"]


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    waiting = Waiting(tmp_path)
    try:
        yield waiting
    finally:
        waiting.server.kill()
        waiting.telegram.kill()


def test_a_watch_outlives_the_server(waiting: Waiting) -> None:
    watch = waiting.ctl.start("operations", "watch", waiting.operation_id)
    assert watch.stdout is not None
    assert "RUNNING 0 of 2: 2 waiting" in watch.stdout.readline()
    assert waiting.server.stop() == 0
    waiting.server.start()
    waiting.telegram.start()
    result = finish(watch).expect(DONE)
    assert "FINISHED 2 of 2: 2 sent" in result.out


def test_interrupted_watching_lets_the_operation_go_on(
    waiting: Waiting,
) -> None:
    watch = waiting.ctl.start("operations", "watch", waiting.operation_id)
    assert watch.stdout is not None
    watch.stdout.readline()
    watch.send_signal(signal.SIGINT)
    finish(watch).expect(
        INTERRUPTED,
        f"broadcastctl operations watch {waiting.operation_id}",
    )
    shown = waiting.ctl.run(
        "operations", "get", waiting.operation_id, "-o", "json"
    )
    assert shown.json["operation"]["state"] == "STATE_RUNNING"


def test_a_terminal_shows_one_line(waiting: Waiting) -> None:
    terminal = waiting.ctl.on_terminal(
        "operations", "watch", waiting.operation_id
    )
    terminal.read_until("\rRUNNING 0 of 2: 2 waiting\x1b[K")
    terminal.type("\x03")
    result = terminal.finish().expect(INTERRUPTED)
    assert "the operation goes on" in result.out


def test_cancel_asks_first(waiting: Waiting) -> None:
    ctl, cancel = waiting.ctl, ("operations", "cancel", waiting.operation_id)
    ctl.run(*cancel).expect(USAGE, "nothing was done; give --yes")
    ctl.run(*cancel, "-o", "json").expect(USAGE)
    denied = ctl.on_terminal(*cancel, answer="n\n").finish().expect(FAILED)
    assert "nothing was done" in denied.out
    allowed = ctl.on_terminal(*cancel, answer="y\n").finish().expect(DONE)
    assert "Stopped: " in allowed.out
    watched = ctl.run("operations", "watch", waiting.operation_id)
    watched.expect(PARTIAL)
    assert "cancelled" in watched.out


def test_a_watch_of_a_server_that_dies_ends(waiting: Waiting) -> None:
    """Until it is interrupted it says that it tries again."""
    terminal = waiting.ctl.on_terminal(
        "operations", "watch", waiting.operation_id
    )
    terminal.read_until("2 waiting")
    waiting.server.kill()
    terminal.read_until("the connection broke; trying again")
    terminal.type("\x03")
    terminal.finish().expect(INTERRUPTED)
