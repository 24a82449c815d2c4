"""The fake Telegram as a process, and its admin API, for tests.

tests/support/telegram/README.md says what each request of that API does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
BINARY = (
    Path(os.environ.get("BROADCASTD_BIN", ROOT / "build/test/bin")).resolve()
    / "fake_telegram"
)
TOKEN = "123456:token-of-tests"
CALL_SECONDS = 60.0
STOP_SECONDS = 10.0

JsonObject = dict[str, Any]


class FakeTelegram:
    """One process; it can be killed and started again on the same port."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        bots: tuple[str, ...] = (TOKEN,),
    ) -> None:
        """Only remember what to run."""
        self.journal_file = folder / "telegram.journal"
        self.bots = bots
        self.options = options
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """The root that clients take in place of https://api.telegram.org."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Run it until it listens; on the port it had, if it had one."""
        self.process = subprocess.Popen(
            [
                BINARY,
                f"--listen=127.0.0.1:{self.port}",
                f"--journal={self.journal_file}",
                *(f"--bot={token}" for token in self.bots),
                *self.options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), f"it has not started: {line}"
        self.port = int(line.split()[-1])

    def kill(self) -> None:
        """End it without warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; return its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(how)
        status = process.wait(STOP_SECONDS)
        if process.stdout is not None:
            process.stdout.close()
        return status

    # What bots do.

    def call(self, method: str, *, token: str = TOKEN, **fields: Any) -> Any:
        """Return the whole answer to a bot's call, an error's too."""
        return self._request("POST", f"/bot{token}/{method}", fields)

    def send(self, chat: int | str, text: str, **fields: Any) -> int:
        """Post a message, which must work; return its id."""
        answer = self.call("sendMessage", chat_id=chat, text=text, **fields)
        assert answer["ok"], answer
        return answer["result"]["message_id"]

    # What happens behind their backs.

    def admin(self, path: str, **fields: Any) -> Any:
        """POST to /admin/PATH; it must work."""
        answer = self._request("POST", f"/admin/{path}", fields)
        assert "error" not in answer, answer
        return answer

    def get(self, path: str) -> Any:
        """GET /admin/PATH; it must be there."""
        answer = self._request("GET", f"/admin/{path}", None)
        assert "error" not in answer, answer
        return answer

    def chat(self, id: int, **fields: Any) -> None:
        """Make a chat, or change it."""
        self.admin("chat", id=id, **fields)

    def member(self, chat: int, **fields: Any) -> None:
        """Say what the bots, or one `bot`, are and may do in a chat."""
        self.admin("member", chat=chat, **fields)

    def message(self, chat: int, text: str, **fields: Any) -> int:
        """Put a message into a chat; `bot` has written it, and may see it."""
        fields.setdefault("bot", int(self.bots[0].split(":")[0]))
        return self.admin("message", chat=chat, text=text, **fields)[
            "message_id"
        ]

    def fault(self, action: str, **fields: Any) -> None:
        """Let something go wrong once, or `count` times (-1: always)."""
        self.admin("rules", action=action, **fields)

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._request("DELETE", "/admin/rules", None)

    def limits(self, **fields: Any) -> None:
        """Change the limits: of all, or of one `bot` or `chat`."""
        self.admin("limits", **fields)

    def advance(self, seconds: float) -> None:
        """Move the clock of the platform."""
        self.admin("clock", advance_seconds=seconds)

    def reset(self, *, keep_chats: bool = False) -> None:
        """Forget messages, journal, rules and what was sent; chats, too."""
        self.admin("reset", keep_chats=keep_chats)

    # What came of it.

    def messages(self, chat: int | str) -> list[JsonObject]:
        """Return what a chat holds now."""
        return self.get(f"chats/{chat}/messages")

    def texts(self, chat: int | str) -> list[str]:
        """Return the texts that a chat holds now."""
        return [message["text"] for message in self.messages(chat)]

    def stats(self) -> JsonObject:
        """Return what the journal adds up to."""
        return self.get("stats")

    def journal(self, since: int = 0) -> list[JsonObject]:
        """Return the requests of this process that were answered."""
        with urllib.request.urlopen(
            f"{self.url}/admin/journal?since={since}", timeout=CALL_SECONDS
        ) as answer:
            return [json.loads(line) for line in answer]

    def journal_of_file(self) -> list[JsonObject]:
        """Return the requests of all processes, even after a kill."""
        lines = self.journal_file.read_text().splitlines()
        return [json.loads(line) for line in lines]

    def _request(self, verb: str, path: str, fields: Any) -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=verb,
            data=None if fields is None else json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(
                request, timeout=CALL_SECONDS
            ) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)
