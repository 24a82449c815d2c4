"""The fake Telegram as a process: how it ends, and what outlives it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from broadcastd_process import eventually
from fake_telegram_process import FakeTelegram

USER, CHANNEL = 42, -1001000000001


def test_what_was_answered_is_in_the_journal_after_a_kill(
    tmp_path: Path,
) -> None:
    with FakeTelegram(tmp_path, "--auto_chats", "--limits=off") as telegram:
        port = telegram.port
        sent = [telegram.send(USER, f"[[{i}]]") for i in range(20)]
        telegram.kill()
        telegram.start()
        assert telegram.port == port
        assert telegram.journal() == []
        entries = telegram.journal_of_file()
        assert [entry["message_id"] for entry in entries] == sent
        assert [entry["marker"] for entry in entries] == [
            str(i) for i in range(20)
        ]
        telegram.send(USER, "again")
        assert len(telegram.journal_of_file()) == 21


def test_it_ends_at_once_though_requests_are_held(tmp_path: Path) -> None:
    with FakeTelegram(tmp_path, "--auto_chats") as telegram:
        for i in range(3):
            telegram.send(USER, f"burst {i}")
        telegram.admin("clock", frozen=True)

        def held() -> None:
            with pytest.raises(OSError):
                telegram.call("sendMessage", chat_id=USER, text="held")

        caller = threading.Thread(target=held)
        caller.start()
        eventually(lambda: telegram.stats()["in_flight"] == 1)
        began = time.monotonic()
        assert telegram.stop() == 0
        assert time.monotonic() - began < 5
        caller.join()


def test_many_callers_at_once_stay_within_the_limits(tmp_path: Path) -> None:
    with FakeTelegram(
        tmp_path, "--auto_chats", "--latency=fixed:5"
    ) as telegram:

        def send(first: int) -> None:
            for user in range(first, first + 10):
                telegram.send(user, f"[[{user}]]")

        callers = [
            threading.Thread(target=send, args=(1 + 10 * i,)) for i in range(9)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        stats = telegram.stats()
        assert stats["created"] == stats["distinct_markers"] == 90
        assert stats["duplicates"] == stats["violations"] == 0
        assert stats["max_per_second_of_bot"] == 30
        assert stats["codes"] == {"200": 90}


def test_it_refuses_options_that_there_are_not(tmp_path: Path) -> None:
    telegram = FakeTelegram(tmp_path, "--colour=red")
    with pytest.raises(AssertionError):
        telegram.start()
    assert telegram.stop() == 64
