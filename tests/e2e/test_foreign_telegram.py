"""The server delivers to a Telegram that others wrote, and that answers oddly.

It is telegram-test-api, from npm; tools/setup.sh makes it ready. It knows no
chats, answers errors with HTTP 200, gives what is deleted as a null result,
cannot delete where a chat has a name, and has no getChat.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import grpc
import pytest
from broadcastd_process import ROOT, Broadcastd, eventually, reason_of

from broadcast.v1 import (
    admin_service_pb2,
    channel_pb2,
    content_pb2,
    delivery_pb2,
    entry_pb2,
    operation_pb2,
)
from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import operation_service_pb2 as operations
from broadcast.v1 import operation_service_pb2_grpc as operations_grpc

NODE = ROOT / ".tools/bin/node"
PROGRAM = ROOT / "tests/interop/node/foreign_telegram.mjs"
TOKEN = "123456:token-of-tests"

NUMBERED, NAMED = "-1001000000001", "@foreign_news"
OPEN_TEXT, CLOSED_TEXT = "<b>Open</b> &amp; read \U0001f3df", "<i>Members</i>"
BUTTON = {"text": "Tickets", "url": "https://example.com/?a=1&b=2"}

Delivery = delivery_pb2.Delivery
SEND, DELETE = Delivery.ACTION_SEND, Delivery.ACTION_DELETE
SENT, FAILED = Delivery.STATE_SENT, Delivery.STATE_FAILED


class ForeignTelegram:
    """One process after another, on one port."""

    def __init__(self) -> None:
        """Start it."""
        self.port = ""
        self.start()

    def start(self) -> None:
        """Run it until it listens; it remembers nothing."""
        modules = ROOT / ".tools/node"
        assert (modules / "node_modules/telegram-test-api").exists(), (
            "there is no telegram-test-api: run tools/setup.sh"
        )
        self.process = subprocess.Popen(
            [NODE, PROGRAM, modules, *([self.port] if self.port else [])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), f"it has not started: {line}"
        self.port = line.split()[-1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()

    def post(self, path: str, **fields: Any) -> Any:
        """Return its answer."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            data=json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def holds(self, chat: str) -> dict[str, Any]:
        """Return the requests that it holds as messages, by their ids."""
        history = self.post("getUpdatesHistory", token=TOKEN)["result"]
        return {
            str(item["messageId"]): item["message"]
            for item in history
            if str(item["message"]["chat_id"]) == chat
        }

    def forget(self, chat: str, message: str) -> None:
        """Delete a message behind our back."""
        answer = self.post(
            f"bot{TOKEN}/deleteMessage", chat_id=chat, message_id=message
        )
        assert answer["ok"], answer


class Bot:
    """A server that delivers there, and an entry with a pair of channels."""

    def __init__(self, server: Broadcastd, telegram: ForeignTelegram) -> None:
        """Register the entry."""
        self.server = server
        self.telegram = telegram
        self.channels = channels_grpc.ChannelServiceStub(server.channel)
        self.operations = operations_grpc.OperationServiceStub(server.channel)
        request = broadcast.CreateEntryRequest(
            client_id=str(uuid.uuid4()),
            open_channel=channel(NUMBERED),
            closed_channel=channel(NAMED),
            open_content=html(OPEN_TEXT),
            closed_content=html(CLOSED_TEXT),
            replace_previous=True,
        )
        # No broadcast but those that are triggered.
        request.start_time.seconds = int(time.time()) + 86_400
        made = server.broadcast.CreateEntry(request)
        self.entry_id = made.entry.entry_id
        self.numbered = made.channel_pair.open_channel.channel_id
        self.named = made.channel_pair.closed_channel.channel_id

    def broadcast(self, planned: int) -> dict[tuple[str, int], Delivery]:
        """Trigger; return what was done, by channel and action."""
        triggered = self.server.broadcast.Trigger(
            broadcast.TriggerRequest(entry_id=self.entry_id)
        )
        return self.finished(triggered.operation.operation_id, planned)

    def finished(
        self, operation_id: str, planned: int
    ) -> dict[tuple[str, int], Delivery]:
        """Wait for an operation, whose counts must be of what was done."""

        def ended() -> operation_pb2.Operation | None:
            operation = self.operations.GetOperation(
                operations.GetOperationRequest(operation_id=operation_id)
            ).operation
            assert not operation.progress.unknown_count, operation
            finished = operation_pb2.Operation.STATE_FINISHED
            return operation if operation.state == finished else None

        progress = eventually(ended).progress
        deliveries = self.operations.ListDeliveries(
            operations.ListDeliveriesRequest(
                operation_id=operation_id, with_attempts=True
            )
        ).deliveries
        states = [delivery.state for delivery in deliveries]
        assert progress == operation_pb2.OperationProgress(
            planned_count=planned,
            sent_count=states.count(SENT),
            failed_count=states.count(FAILED),
        )
        assert progress.sent_count + progress.failed_count == planned
        for delivery in deliveries:
            assert delivery.http_status == 200, delivery
            assert delivery.attempt_count == len(delivery.attempts) == 1
            assert TOKEN.split(":")[1] not in delivery.detail
        done = {(item.channel_id, item.action): item for item in deliveries}
        assert len(done) == len(deliveries)
        return done

    def entry(self) -> entry_pb2.Entry:
        """Return the entry as it is now."""
        return self.server.broadcast.GetEntry(
            broadcast.GetEntryRequest(entry_id=self.entry_id)
        ).entry


def channel(address: str) -> channel_pb2.ChannelSpec:
    return channel_pb2.ChannelSpec(
        platform=channel_pb2.PLATFORM_TELEGRAM,
        address=address,
        account="telegram",
    )


def html(text: str) -> content_pb2.Content:
    row = content_pb2.ButtonRow(buttons=[content_pb2.Button(**BUTTON)])
    return content_pb2.Content(
        text=text,
        parse_mode=content_pb2.Content.PARSE_MODE_HTML,
        button_rows=[row],
    )


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    """One that must still be well when the test has ended."""
    with (
        ForeignTelegram() as telegram,
        Broadcastd(
            f"sqlite:{tmp_path / 'broadcastd.db'}",
            tmp_path,
            "--trigger_cooldown=0s",
            f"--telegram_base_url={telegram.url}",
            environment={"BROADCASTD_TELEGRAM_BOT_TOKEN": TOKEN},
        ) as server,
    ):
        yield Bot(server, telegram)
        check = server.admin.CheckIntegrity(
            admin_service_pb2.CheckIntegrityRequest()
        )
        assert check.clean, check
        assert server.healthy()
        assert server.stop() == 0
        assert TOKEN.split(":")[1] not in server.log.read_text()


def test_a_broadcast_arrives_and_replaces_the_one_before(bot: Bot) -> None:
    first = bot.broadcast(planned=2)
    assert {item.state for item in first.values()} == {SENT}
    for channel_id, chat, text in (
        (bot.numbered, NUMBERED, OPEN_TEXT),
        (bot.named, NAMED, CLOSED_TEXT),
    ):
        message_id = first[channel_id, SEND].platform_message_id
        held = bot.telegram.holds(chat)
        assert held.keys() == {message_id}
        assert held[message_id]["text"] == text
        assert held[message_id]["parse_mode"] == "HTML"
        assert held[message_id]["reply_markup"] == {
            "inline_keyboard": [[BUTTON]]
        }

    second = bot.broadcast(planned=4)
    assert second[bot.numbered, SEND].state == SENT
    assert second[bot.numbered, DELETE].state == SENT
    new = second[bot.numbered, SEND].platform_message_id
    assert bot.telegram.holds(NUMBERED).keys() == {new}
    assert new != first[bot.numbered, SEND].platform_message_id

    # It does not know names where it deletes.
    assert second[bot.named, SEND].state == SENT
    refused = second[bot.named, DELETE]
    assert refused.state == FAILED
    assert refused.reason == "bad_request"
    assert "please specify `chat_id`" in refused.detail
    assert bot.telegram.holds(NAMED).keys() == {
        first[bot.named, SEND].platform_message_id,
        second[bot.named, SEND].platform_message_id,
    }

    entry = bot.entry()
    # A broadcast is what arrives, whatever becomes of the one before.
    assert entry.broadcast_count == entry.success_count == 2
    assert entry.last_outcome == entry_pb2.Entry.OUTCOME_SENT
    assert entry.state == entry_pb2.Entry.STATE_ACTIVE


def test_what_it_has_forgotten_is_not_deleted_for_ever(bot: Bot) -> None:
    first = bot.broadcast(planned=2)
    bot.telegram.forget(NUMBERED, first[bot.numbered, SEND].platform_message_id)
    second = bot.broadcast(planned=4)
    refused = second[bot.numbered, DELETE]
    assert refused.state == FAILED
    assert refused.reason == "bad_request"
    assert "wasn't found" in refused.detail
    # The next one has only its predecessor to delete.
    third = bot.broadcast(planned=4)
    assert third[bot.numbered, DELETE].state == SENT
    assert bot.telegram.holds(NUMBERED).keys() == {
        third[bot.numbered, SEND].platform_message_id
    }


def test_a_message_whose_id_is_given_again_does_not_replace_itself(
    bot: Bot,
) -> None:
    only_open = broadcast.UpdateEntryRequest(
        entry=entry_pb2.Entry(entry_id=bot.entry_id)
    )
    only_open.update_mask.paths.append("closed_content")
    bot.server.broadcast.UpdateEntry(only_open)
    first = bot.broadcast(planned=1)
    bot.telegram.kill()
    bot.telegram.start()
    again = bot.broadcast(planned=1)
    message_id = first[bot.numbered, SEND].platform_message_id
    assert again[bot.numbered, SEND].platform_message_id == message_id
    assert bot.telegram.holds(NUMBERED).keys() == {message_id}
    # The next one replaces it, as ever.
    bot.broadcast(planned=2)
    assert bot.telegram.holds(NUMBERED).keys() == {"2"}


def test_what_it_cannot_be_asked_is_said_at_once(bot: Bot) -> None:
    for channel_id in (bot.numbered, bot.named):
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as failure:
            bot.channels.CheckChannel(
                channels.CheckChannelRequest(channel_id=channel_id), timeout=10
            )
        assert time.monotonic() - began < 5
        assert failure.value.code() == grpc.StatusCode.UNAVAILABLE
        assert reason_of(failure.value) == "PROBE_FAILED"
        assert "server_error" in failure.value.details()
        state = bot.channels.GetChannel(
            channels.GetChannelRequest(channel_id=channel_id)
        ).channel.state
        assert state == channel_pb2.Channel.STATE_ACTIVE
