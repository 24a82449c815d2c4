"""The real broadcastctl, by itself and on a terminal, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import subprocess
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from broadcastd_process import (
    BINARY,
    Broadcastd,
    clean_environment,
    new_entry,
)
from google.protobuf import timestamp_pb2

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import content_pb2

PROGRAM = BINARY.with_name("broadcastctl")
SECONDS = 60.0

DONE, FAILED, USAGE, CONNECTION, DENIED, NOT_FOUND = range(6)
PRECONDITION, TOO_SOON, PARTIAL, INTERRUPTED = 6, 7, 8, 130

NOBODY = "00000000-0000-4000-8000-000000000000"
FAR = timestamp_pb2.Timestamp(seconds=4_000_000_000)


class Result:
    """What came of one run."""

    def __init__(self, status: int, out: str, err: str) -> None:
        """Only keep it."""
        self.status = status
        self.out = out
        self.err = err

    def __str__(self) -> str:
        """Return what to look at when a test fails."""
        return f"exit {self.status}\n--- out\n{self.out}--- err\n{self.err}"

    @property
    def json(self) -> Any:
        """The one JSON value of its output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON values of its output, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def expect(self, status: int, *words: str) -> Self:
        """Check the exit status, and what standard error says."""
        assert self.status == status, str(self)
        for word in words:
            assert word in self.err, f"{word!r} is missing\n{self}"
        return self


class Broadcastctl:
    """Runs the program against one address."""

    def __init__(
        self, address: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """Only remember how to run it."""
        self.environment = clean_environment(
            {"BROADCAST_ADDRESS": address, **(environment or {})}
        )
        self.environment.pop("NO_COLOR", None)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Begin a run with nobody at the keyboard."""
        return subprocess.Popen(
            [PROGRAM, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str | Path) -> Result:
        """Run it to its end, with nobody at the keyboard."""
        return finish(self.start(*arguments))

    def on_terminal(self, *arguments: str, answer: str = "") -> Terminal:
        """Begin a run with somebody at the keyboard, who types `answer`."""
        return Terminal(self, arguments, answer)


def finish(process: subprocess.Popen[str]) -> Result:
    """Return what came of a run."""
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"it does not end\n{out}\n{err}") from None
    return Result(process.returncode, out, err)


class Terminal:
    """One run on a terminal of its own; `out` and `err` come as one text."""

    def __init__(
        self, program: Broadcastctl, arguments: tuple[str, ...], answer: str
    ) -> None:
        """Begin."""
        self.answer = answer
        self.text = ""
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            # So that Ctrl-C is a signal. Not preexec_fn: in a copy of this
            # process, gRPC's own threads are missing, and it may abort.
            ["setsid", "--ctty", PROGRAM, *arguments],
            env=program.environment | {"TERM": "xterm"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)

    def read_until(self, word: str) -> None:
        """Wait until it has shown `word`."""
        deadline = time.monotonic() + SECONDS
        while word not in self.text:
            assert time.monotonic() < deadline, self.text
            assert self._read(), f"{word!r} was not shown\n{self.text}"

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self.master, text.encode())

    def finish(self) -> Result:
        """Answer its question, and return what came of it."""
        if self.answer:
            self.read_until("[y/N]")
            self.type(self.answer)
        while self._read():
            pass
        os.close(self.master)
        return Result(self.process.wait(SECONDS), self.text, "")

    def _read(self) -> bool:
        """Add what it has shown; return whether there can be more."""
        ready, _, _ = select.select([self.master], [], [], SECONDS)
        assert ready, f"it shows nothing more\n{self.text}"
        with contextlib.suppress(OSError):  # what the other end's close means
            data = os.read(self.master, 65_536)
            self.text += data.decode(errors="replace")
            return bool(data)
        return False


def make_entry(
    server: Broadcastd, text: str = "hello", client: str = "", pair: int = 1
) -> broadcast.CreateEntryResponse:
    """Register an entry that does not fire by itself."""
    request = new_entry(client or str(uuid.uuid4()), pair)
    request.start_time.CopyFrom(FAR)
    if text:
        request.open_content.CopyFrom(content_pb2.Content(text=text))
        request.closed_content.CopyFrom(content_pb2.Content(text=text))
    return server.broadcast.CreateEntry(request, timeout=30)
