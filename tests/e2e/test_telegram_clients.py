"""The fake Telegram is one to clients that others wrote for the true one.

They are programs in tests/interop; tools/setup.sh makes them ready.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_telegram_process import ROOT, TOKEN, FakeTelegram

BOT = int(TOKEN.split(":")[0])
USER, BLOCKED, GROUP = 42, 43, -500
CHANNEL, SUPERGROUP = -1001000000001, -1002000000002
BUTTONS = [[{"text": "Open", "url": "https://example.com/"}]]

NODE = ROOT / ".tools/bin/node"
PYTHON = ROOT / "tests/interop/python"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup "
    "are exactly the same as a current content and reply markup of the message"
)


@dataclass(frozen=True)
class Library:
    """How to run a client, and its names for what a bot is told."""

    command: list[str | Path]
    flood: str
    forbidden: str
    bad_request: str
    migrated: str
    unauthorized: str
    lost: str


def of_node(program: str, error: str, lost: str) -> Library:
    script = ROOT / "tests/interop/node" / program
    command: list[str | Path] = [NODE, script, ROOT / ".tools/node"]
    return Library(command, error, error, error, error, error, lost)


LIBRARIES = {
    "grammY": of_node("telegram_grammy.mjs", "GrammyError", "HttpError"),
    "telegraf": of_node("telegram_telegraf.mjs", "TelegramError", "FetchError"),
    "python-telegram-bot": Library(
        [sys.executable, PYTHON / "telegram_ptb.py"],
        flood="RetryAfter",
        forbidden="Forbidden",
        bad_request="BadRequest",
        migrated="ChatMigrated",
        unauthorized="InvalidToken",
        lost="NetworkError",
    ),
    "aiogram": Library(
        [sys.executable, PYTHON / "telegram_aiogram.py"],
        flood="TelegramRetryAfter",
        forbidden="TelegramForbiddenError",
        bad_request="TelegramBadRequest",
        migrated="TelegramMigrateToChat",
        unauthorized="TelegramUnauthorizedError",
        lost="TelegramNetworkError",
    ),
    "go-telegram": Library(
        [ROOT / ".tools/bin/telegram_go"],
        flood="TooManyRequestsError",
        forbidden="ErrorForbidden",
        bad_request="ErrorBadRequest",
        migrated="MigrateError",
        unauthorized="ErrorUnauthorized",
        lost="error",
    ),
}


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FakeTelegram]:
    """One platform for all libraries."""
    folder = tmp_path_factory.mktemp("telegram")
    with FakeTelegram(folder, "--limits=off") as telegram:
        yield telegram


@pytest.fixture
def telegram(platform: FakeTelegram) -> FakeTelegram:
    """That platform, with its chats as they were at first."""
    platform.reset()
    platform.chat(USER, title="Ada")
    platform.chat(BLOCKED, everyone={"status": "blocked"})
    platform.chat(GROUP, migrated_to=SUPERGROUP)
    platform.chat(SUPERGROUP, type="supergroup")
    platform.chat(CHANNEL, username="news", title="News")
    return platform


@pytest.fixture(params=list(LIBRARIES))
def library(request: pytest.FixtureRequest) -> Library:
    """A client."""
    library = LIBRARIES[request.param]
    program = Path(library.command[0])
    assert program.exists(), f"there is no {program}: run tools/setup.sh"
    return library


def run(
    library: Library,
    telegram: FakeTelegram,
    *steps: dict[str, Any],
    token: str = TOKEN,
) -> list[dict[str, Any]]:
    done = subprocess.run(
        library.command,
        input=json.dumps({"url": telegram.url, "token": token, "steps": steps}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert len(outcomes) == len(steps)
    return outcomes


def send(chat: int | str, text: str, **more: Any) -> dict[str, Any]:
    return {"do": "send", "chat": chat, "text": text, **more}


def result_id(outcome: dict[str, Any]) -> int:
    assert "result" in outcome, outcome
    return outcome["result"]["message_id"]


def test_it_sends_what_it_was_told(
    library: Library, telegram: FakeTelegram
) -> None:
    html, markdown, plain = run(
        library,
        telegram,
        send(CHANNEL, "<b>a</b> &amp; b", parse_mode="HTML", buttons=BUTTONS),
        send("@news", "*a*\\. \U0001f3df", parse_mode="MarkdownV2"),
        send(USER, "c + d & \u20ac"),
    )
    assert html["result"]["text"] == "a & b"
    assert html["result"]["chat"]["type"] == "channel"
    assert html["result"]["date"]
    first, second = telegram.messages(CHANNEL)
    assert first["message_id"] == result_id(html)
    assert first["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert first["reply_markup"] == {"inline_keyboard": BUTTONS}
    assert second["message_id"] == result_id(markdown)
    assert second["text"] == "a. \U0001f3df"
    (private,) = telegram.messages(USER)
    assert private["text"] == "c + d & \u20ac"
    assert private["message_id"] == result_id(plain)


def test_it_edits_copies_pins_and_deletes(
    library: Library, telegram: FakeTelegram
) -> None:
    first = telegram.send(CHANNEL, "first")
    second = telegram.send(CHANNEL, "second")
    third = telegram.send(CHANNEL, "third")
    edited, copied, copies, pinned, deleted, rest = run(
        library,
        telegram,
        {"do": "edit", "chat": CHANNEL, "message": first, "text": "1st"},
        {"do": "copy", "chat": USER, "from": CHANNEL, "message": first},
        {
            "do": "copy_many",
            "chat": SUPERGROUP,
            "from": CHANNEL,
            "messages": [second, third],
        },
        {"do": "pin", "chat": CHANNEL, "message": first},
        {"do": "delete", "chat": CHANNEL, "message": second},
        {"do": "delete_many", "chat": CHANNEL, "messages": [third, 999]},
    )
    assert edited["result"]["text"] == "1st"
    assert telegram.texts(USER) == ["1st"]
    assert result_id(copied) == telegram.messages(USER)[0]["message_id"]
    assert [copy["message_id"] for copy in copies["result"]] == [
        message["message_id"] for message in telegram.messages(SUPERGROUP)
    ]
    assert [pinned, deleted, rest] == [{"result": True}] * 3
    assert telegram.texts(CHANNEL) == ["1st"]
    assert telegram.messages(CHANNEL)[0]["pinned"]


def test_it_understands_who_and_where_it_is(
    library: Library, telegram: FakeTelegram
) -> None:
    telegram.member(SUPERGROUP, bot=BOT, status="restricted", can_send=False)
    me, channel, user, admin, restricted = run(
        library,
        telegram,
        {"do": "me"},
        {"do": "chat", "chat": "@news"},
        {"do": "chat", "chat": USER},
        {"do": "member", "chat": CHANNEL, "user": BOT},
        {"do": "member", "chat": SUPERGROUP, "user": BOT},
    )
    assert me["result"]["id"] == BOT
    assert channel["result"]["id"] == CHANNEL
    assert channel["result"]["title"] == "News"
    assert user["result"]["first_name"] == "Ada"
    assert "error" not in admin
    assert "error" not in restricted


def test_what_is_refused_is_its_own_error(
    library: Library, telegram: FakeTelegram
) -> None:
    posted = telegram.send(CHANNEL, "posted")
    old = telegram.message(CHANNEL, "old", age_seconds=48 * 3600)
    telegram.fault("flood", retry_after=7, text="too much")
    blocked, migrated, same, gone, late, tags, flood = run(
        library,
        telegram,
        send(BLOCKED, "x"),
        send(GROUP, "x"),
        {"do": "edit", "chat": CHANNEL, "message": posted, "text": "posted"},
        {"do": "delete", "chat": CHANNEL, "message": 999},
        {"do": "delete", "chat": CHANNEL, "message": old},
        send(CHANNEL, "<b>", parse_mode="HTML"),
        send(CHANNEL, "too much"),
    )
    assert blocked["error"] == library.forbidden
    assert "bot was blocked by the user" in blocked["description"]
    assert migrated["error"] == library.migrated
    assert migrated["migrate_to"] == SUPERGROUP
    for outcome, words in (
        (same, NOT_MODIFIED),
        (gone, "message to delete not found"),
        (late, "message can't be deleted"),
        (tags, "can't parse entities: Can't find end tag"),
    ):
        assert outcome["error"] == library.bad_request
        # One of them begins what it tells with a capital letter.
        assert words.lower() in outcome["description"].lower()
    assert flood["error"] == library.flood
    assert flood["retry_after"] == 7
    assert telegram.texts(CHANNEL) == ["posted", "old"]


def test_a_wrong_token_is_its_own_error(
    library: Library, telegram: FakeTelegram
) -> None:
    (refused,) = run(library, telegram, {"do": "me"}, token="999:wrong-token")
    assert refused["error"] == library.unauthorized


def test_the_limits_are_its_own_error(
    library: Library, telegram: FakeTelegram
) -> None:
    telegram.limits(chat=USER, enabled=True, hold_seconds=0)
    outcomes = run(library, telegram, *[send(USER, f"{i}") for i in range(5)])
    errors = [outcome for outcome in outcomes if "error" in outcome]
    assert errors
    assert {error["error"] for error in errors} == {library.flood}
    assert all(error["retry_after"] >= 1 for error in errors)
    assert len(telegram.texts(USER)) == 5 - len(errors)


def lose(library: Library, telegram: FakeTelegram, action: str) -> None:
    telegram.fault(action, processed=True, text="lost")
    before, lost, after = run(
        library, telegram, send(USER, "a"), send(USER, "lost"), send(USER, "c")
    )
    assert "error" not in before
    assert lost["error"] == library.lost
    assert "error" not in after
    assert telegram.texts(USER) == ["a", "lost", "c"]
    assert telegram.stats()["effective_but_not_told"] == 1


def test_a_lost_answer_is_an_error_but_the_message_is_there(
    library: Library, telegram: FakeTelegram
) -> None:
    lose(library, telegram, "drop_after")


# The HTTP client of both libraries for Node.js waits for the other half until
# its own time-out, which is longer than a test may take.
@pytest.mark.parametrize(
    "library",
    ["python-telegram-bot", "aiogram", "go-telegram"],
    indirect=True,
)
def test_half_an_answer_is_an_error_but_the_message_is_there(
    library: Library, telegram: FakeTelegram
) -> None:
    lose(library, telegram, "cut_off")
