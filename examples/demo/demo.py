"""A broadcast from its registration to its arrival, on this machine alone.

Starts a fake Telegram and a broadcastd beside each other, plays what a user of
the service does, and prints what arrived in the channels. `make demo` runs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
from google.protobuf import duration_pb2, timestamp_pb2
from google.rpc import error_details_pb2, status_pb2

from broadcast.v1 import (
    broadcast_service_pb2,
    broadcast_service_pb2_grpc,
    channel_pb2,
    content_pb2,
    operation_pb2,
    operation_service_pb2,
    operation_service_pb2_grpc,
)

TOKEN = "123456:token-of-the-demo"
OPEN_CHAT = -1001000000000001
CLOSED_CHAT = -1001000000000002
SECONDS_TO_SCHEDULE = 5


def say(text: str) -> None:
    """Print a line, at once."""
    print(text, flush=True)


def until(condition: Callable[[], object], seconds: float) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("demo: it took too long; what the programs said is above")
        time.sleep(0.05)


@contextlib.contextmanager
def process(
    *command: str | Path, **more: str
) -> Iterator[subprocess.Popen[str]]:
    """Run a program for as long as the block runs.

    If that fails, what the program said is printed.
    """
    running = subprocess.Popen(
        command,
        env=os.environ | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    failed = True
    try:
        yield running
        failed = False
    finally:
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=30)
        if failed:
            sys.stderr.write(said)


def port_of_telegram(telegram: subprocess.Popen[str]) -> int:
    """Return where it listens."""
    assert telegram.stdout is not None
    return int(telegram.stdout.readline().split()[-1])


def port_of_server(server: subprocess.Popen[str]) -> int:
    """Return where it serves, once it does."""
    assert server.stderr is not None
    said = ""
    for line in server.stderr:
        said += line
        if '"server.serving"' in line:
            return int(json.loads(line)["port"])
    sys.exit(f"demo: broadcastd did not start\n{said}")


def registration(start: float) -> broadcast_service_pb2.CreateEntryRequest:
    """Return a pair of channels, what to send there, and when first."""

    def channel(chat: int, title: str) -> channel_pb2.ChannelSpec:
        return channel_pb2.ChannelSpec(
            platform=channel_pb2.PLATFORM_TELEGRAM,
            address=str(chat),
            account="telegram",
            title=title,
        )

    return broadcast_service_pb2.CreateEntryRequest(
        client_id=str(uuid.uuid4()),
        open_channel=channel(OPEN_CHAT, "News"),
        closed_channel=channel(CLOSED_CHAT, "News for members"),
        open_content=content_pb2.Content(
            text="<b>Good morning</b>, everybody",
            parse_mode=content_pb2.Content.PARSE_MODE_HTML,
        ),
        closed_content=content_pb2.Content(text="Good morning, members"),
        interval=duration_pb2.Duration(seconds=24 * 3600),
        start_time=timestamp_pb2.Timestamp(seconds=int(start)),
        request_id=str(uuid.uuid4()),
    )


def retry_delay(error: grpc.RpcError) -> float:
    """Return how long the server asks to wait, in seconds."""
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.RetryInfo()
                if detail.Unpack(info):
                    return info.retry_delay.ToTimedelta().total_seconds()
    raise error


def arrived(port: int) -> list[str]:
    """Return a line for each message that the channels hold."""
    lines = []
    for name, chat in ("open", OPEN_CHAT), ("closed", CLOSED_CHAT):
        url = f"http://127.0.0.1:{port}/admin/chats/{chat}/messages"
        with urllib.request.urlopen(url, timeout=10) as answer:
            for message in json.load(answer):
                text = message["text"]
                lines.append(f"{name:6} #{message['message_id']}: {text}")
    return lines


def play(channel: grpc.Channel, telegram_port: int) -> None:
    """Register, trigger twice, wait for the schedule."""
    entries = broadcast_service_pb2_grpc.BroadcastServiceStub(channel)
    operations = operation_service_pb2_grpc.OperationServiceStub(channel)

    start = time.time() + SECONDS_TO_SCHEDULE
    made = entries.CreateEntry(registration(start))
    entry_id = made.entry.entry_id
    say(f"registered: entry {entry_id}, first due in {SECONDS_TO_SCHEDULE} s")

    trigger = broadcast_service_pb2.TriggerRequest(
        entry_id=entry_id, reason="demo", request_id=str(uuid.uuid4())
    )
    operation_id = entries.Trigger(trigger).operation.operation_id
    watch = operation_service_pb2.WatchOperationRequest(
        operation_id=operation_id
    )
    for change in operations.WatchOperation(watch, timeout=60):
        seen = change.operation
        say(
            f"triggered: {seen.progress.sent_count} of "
            f"{seen.progress.planned_count} sent"
        )
        if seen.state == operation_pb2.Operation.STATE_FINISHED:
            break

    try:
        trigger.request_id = str(uuid.uuid4())
        entries.Trigger(trigger)
        sys.exit("demo: the second trigger was not refused")
    except grpc.RpcError as error:
        wait = retry_delay(error)
        say(f"triggered again: refused, possible again in {wait:.0f} s")

    def broadcasts() -> int:
        found = entries.GetEntry(
            broadcast_service_pb2.GetEntryRequest(entry_id=entry_id)
        )
        return found.entry.success_count

    until(lambda: broadcasts() == 2, 60)
    say("scheduled: sent when it was due; the next one follows in 24 h")
    say("what arrived:")
    for line in arrived(telegram_port):
        say(f"  {line}")


def main() -> None:
    """Run the demo with the programs of the folder that is named."""
    programs = Path(sys.argv[1]).resolve()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        telegram = stack.enter_context(
            process(
                programs / "fake_telegram",
                "--listen=127.0.0.1:0",
                "--auto_chats",
                f"--bot={TOKEN}",
            )
        )
        telegram_port = port_of_telegram(telegram)
        server = stack.enter_context(
            process(
                programs / "broadcastd",
                "--listen=127.0.0.1:0",
                "--metrics_listen=",
                f"--database=sqlite:{folder}/demo.db",
                f"--telegram_base_url=http://127.0.0.1:{telegram_port}",
                BROADCASTD_TELEGRAM_BOT_TOKEN=TOKEN,
            )
        )
        address = f"127.0.0.1:{port_of_server(server)}"
        say(f"a fake Telegram on port {telegram_port}, broadcastd on {address}")
        with grpc.insecure_channel(address) as channel:
            play(channel, telegram_port)


if __name__ == "__main__":
    main()
