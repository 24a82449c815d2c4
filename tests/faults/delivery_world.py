"""Servers that deliver to a fake Telegram, and what both say of it.

The fake's journal is the truth: what it accepted was posted. Everything here
compares it with what the servers tell.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
import urllib.request
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import grpc
from broadcastd_process import Broadcastd, Postgres, eventually, reason_of
from fake_telegram_process import FakeTelegram
from google.protobuf import duration_pb2, timestamp_pb2

from broadcast.v1 import admin_service_pb2 as admin
from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import channel_pb2, content_pb2
from broadcast.v1 import operation_service_pb2 as operations
from broadcast.v1 import operation_service_pb2_grpc as operations_grpc
from broadcast.v1.delivery_pb2 import Delivery
from broadcast.v1.operation_pb2 import Operation

DAY = 86_400
T = TypeVar("T")

_chats = itertools.count(1)


def new_chat() -> str:
    """Return the id of a channel that no test has used."""
    return str(-1_001_000_000_000 - next(_chats))


def token_of(number: int) -> str:
    """Return the token of a bot, as Telegram makes them."""
    return f"{700_000_000 + number}:AAExampleTokenOfBotNumber{number:010d}"


@dataclass
class Post:
    """One message that the fake accepted."""

    time: float  # the wall time, in seconds, at which it was accepted
    bot: str
    chat: str
    message_id: str


def posts_of(fake: FakeTelegram) -> list[Post]:
    """Return what was posted, whatever its sender was told."""
    return [
        Post(
            time=row["t_accept"] / 1e6,
            bot=str(row["bot"]),
            chat=str(row["chat"]),
            message_id=str(row["message_id"]),
        )
        for row in fake.journal()
        if row["method"].lower() == "sendmessage" and row["effect"]
    ]


@dataclass
class Entry:
    """An entry of ours, and where it posts."""

    entry_id: str
    chats: dict[str, str]  # by channel id
    account: str


@dataclass
class Told:
    """What the servers tell of some operations' deliveries."""

    operations: list[Operation] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def count(self, state: Delivery.State) -> int:
        """Return how many deliveries are in that state."""
        return sum(one.state == state for one in self.deliveries)


def entry_request(
    account: str,
    start: float | None = None,
    interval: int = DAY,
    client_id: str = "",
) -> broadcast.CreateEntryRequest:
    """Return a registration of two new chats; by default due in a day."""
    request_id = str(uuid.uuid4())

    def spec() -> channel_pb2.ChannelSpec:
        return channel_pb2.ChannelSpec(
            platform=channel_pb2.PLATFORM_TELEGRAM,
            address=new_chat(),
            account=account,
        )

    begin = timestamp_pb2.Timestamp()
    begin.FromMicroseconds(int((start or time.time() + DAY) * 1e6))
    return broadcast.CreateEntryRequest(
        client_id=client_id or str(uuid.uuid4()),
        open_channel=spec(),
        closed_channel=spec(),
        open_content=content_pb2.Content(text=f"open {request_id}"),
        closed_content=content_pb2.Content(text=f"closed {request_id}"),
        interval=duration_pb2.Duration(seconds=interval),
        start_time=begin,
        request_id=request_id,
    )


def told_entry(made: object, account: str) -> Entry:
    """Return the entry that an answer of the server holds."""
    pair = made.channel_pair  # type: ignore[attr-defined]
    return Entry(
        entry_id=made.entry_id,  # type: ignore[attr-defined]
        chats={
            channel.channel_id: channel.address
            for channel in (pair.open_channel, pair.closed_channel)
        },
        account=account,
    )


def operation_calls(
    server: Broadcastd,
) -> operations_grpc.OperationServiceStub:
    """Return the calls about operations."""
    return operations_grpc.OperationServiceStub(server.channel)


def register(
    server: Broadcastd, requests: list[broadcast.CreateEntryRequest]
) -> list[Entry]:
    """Register many entries, a hundred a call."""
    entries: list[Entry] = []
    for begin in range(0, len(requests), 100):
        part = requests[begin : begin + 100]
        for request in part:
            request.ClearField("request_id")
        made = server.broadcast.BatchCreateEntries(
            broadcast.BatchCreateEntriesRequest(
                requests=part, request_id=str(uuid.uuid4())
            ),
            timeout=30,
        )
        entries += [
            told_entry(entry, request.open_channel.account)
            for entry, request in zip(made.entries, part, strict=True)
        ]
    return entries


def trigger_all(
    call: Callable[[broadcast.TriggerRequest], object],
    entries: Iterable[Entry],
    at_once: int = 8,
) -> None:
    """Trigger each, several at once."""
    requests = [
        broadcast.TriggerRequest(
            entry_id=entry.entry_id, request_id=str(uuid.uuid4())
        )
        for entry in entries
    ]
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(call, requests))


def operations_of(
    server: Broadcastd, entries: Iterable[Entry]
) -> list[Operation]:
    """Return all operations of those entries."""
    wanted = {entry.entry_id for entry in entries}
    found: list[Operation] = []
    token = ""
    while True:
        page = operation_calls(server).ListOperations(
            operations.ListOperationsRequest(page_size=1000, page_token=token),
            timeout=30,
        )
        found += [one for one in page.operations if one.entry_id in wanted]
        token = page.next_page_token
        if not token:
            return found


def told_of(server: Broadcastd, entries: Iterable[Entry]) -> Told:
    """Return the operations of those entries, with all their deliveries."""
    told = Told(operations_of(server, entries))
    stub = operation_calls(server)

    def deliveries(operation: Operation) -> list[Delivery]:
        page = stub.ListDeliveries(
            operations.ListDeliveriesRequest(
                operation_id=operation.operation_id,
                page_size=1000,
                with_attempts=True,
            ),
            timeout=30,
        )
        assert not page.next_page_token
        return list(page.deliveries)

    with ThreadPoolExecutor(8) as pool:
        for some in pool.map(deliveries, told.operations):
            told.deliveries += some
    return told


def all_finished(
    server: Broadcastd, entries: list[Entry], seconds: float = 60
) -> list[Operation]:
    """Wait until every operation of those entries has finished."""

    def finished() -> list[Operation] | None:
        found = operations_of(server, entries)
        running = [o for o in found if o.state != Operation.STATE_FINISHED]
        return None if running or not found else found

    return eventually(finished, seconds, every=0.05)


@dataclass
class Verdict:
    """What came of comparing a journal with what the servers tell."""

    sent: int = 0
    unknown: int = 0
    lost: int = 0
    twice: int = 0
    foreign: int = 0  # posted, and no delivery accounts for it
    wrong_id: int = 0

    def __iadd__(self, other: Verdict) -> Verdict:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def check(self) -> None:
        """Nothing may be lost, posted twice, or posted by nobody."""
        assert self.lost == 0, self
        assert self.twice == 0, self
        assert self.foreign == 0, self
        assert self.wrong_id == 0, self


ENDED_WITHOUT_POST = {
    Delivery.STATE_FAILED,
    Delivery.STATE_EXPIRED,
    Delivery.STATE_CANCELLED,
}


def compare(told: Told, posts: list[Post], entries: list[Entry]) -> Verdict:
    """Compare; all deliveries must have ended, and all must have been sent."""
    address = {
        channel: chat
        for entry in entries
        for channel, chat in entry.chats.items()
    }
    posted: dict[str, list[str]] = defaultdict(list)
    for post in posts:
        posted[post.chat].append(post.message_id)
    verdict = Verdict()
    may_have: Counter[str] = Counter()
    for delivery in told.deliveries:
        chat = address[delivery.channel_id]
        if delivery.state == Delivery.STATE_SENT:
            verdict.sent += 1
            times = posted[chat].count(delivery.platform_message_id)
            if times == 0:
                verdict.wrong_id += 1
            else:
                posted[chat].remove(delivery.platform_message_id)
        elif delivery.state == Delivery.STATE_UNKNOWN:
            verdict.unknown += 1
            may_have[chat] += 1
        else:
            verdict.lost += 1
    for chat in address.values():
        rest = len(posted[chat])
        if rest > may_have[chat]:
            verdict.twice += rest - may_have[chat]
    ours = set(address.values())
    verdict.foreign = sum(
        len(rest) for chat, rest in posted.items() if chat not in ours
    )
    planned = sum(o.progress.planned_count for o in told.operations)
    verdict.lost += planned - len(told.deliveries)
    return verdict


def check_counts(told: Told) -> None:
    """Every operation's counts must be those of its deliveries."""
    by_operation: dict[str, Counter[int]] = defaultdict(Counter)
    for delivery in told.deliveries:
        by_operation[delivery.operation_id][delivery.state] += 1
    for operation in told.operations:
        counts = by_operation[operation.operation_id]
        progress = operation.progress
        assert progress.planned_count == sum(counts.values())
        assert progress.sent_count == counts[Delivery.STATE_SENT]
        assert progress.unknown_count == counts[Delivery.STATE_UNKNOWN]
        assert progress.failed_count == counts[Delivery.STATE_FAILED]
        assert progress.expired_count == counts[Delivery.STATE_EXPIRED]


def check_integrity(server: Broadcastd) -> None:
    """The database must agree with itself."""
    check = server.admin.CheckIntegrity(
        admin.CheckIntegrityRequest(), timeout=60
    )
    assert check.clean, check


def most_in_window(times: list[float], seconds: float) -> int:
    """Return how many of them lie in the fullest window of that length."""
    ordered = sorted(times)
    most, begin = 0, 0
    for end, now in enumerate(ordered):
        while now - ordered[begin] >= seconds:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def longest_gap(times: list[float]) -> float:
    """Return the longest time between one and the next."""
    ordered = sorted(times)
    return max(
        (after - before for before, after in itertools.pairwise(ordered)),
        default=0.0,
    )


def repeated(
    call: Callable[[], T],
    again: Callable[[grpc.RpcError], bool],
    seconds: float = 30,
) -> T:
    """Return what the call does, which is made again while `again` says so."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            if time.monotonic() > deadline or not again(error):
                raise
        except ValueError:
            # The channel was closed: the server has been restarted.
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def is_transient(error: grpc.RpcError) -> bool:
    """Whether the same call may be made again."""
    return (
        error.code()
        in (
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.ABORTED,
            grpc.StatusCode.CANCELLED,
        )
        and reason_of(error) != "ENTRY_BROADCAST_RUNNING"
    )


class Ask:
    """Questions to a database past its server."""

    def __init__(self, database: str, postgres: Postgres | None) -> None:
        """Remember where it is."""
        self.database = database
        self.postgres = postgres

    def number(self, sql: str) -> int:
        """Return the one number that the question has for an answer."""
        if self.postgres is not None:
            return int(self.postgres.run(sql, self.database) or 0)
        path = Path(self.database.removeprefix("sqlite:"))
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            return connection.execute(sql).fetchone()[0] or 0


def metric(server: Broadcastd, name: str) -> float:
    """Return what all series of that name add up to."""
    with urllib.request.urlopen(
        f"http://{server.metrics}/metrics", timeout=10
    ) as answer:
        lines = answer.read().decode().splitlines()
    return sum(
        float(line.rpartition(" ")[2])
        for line in lines
        if re.match(rf"{re.escape(name)}[ {{]", line)
    )


def anonymous_mib(pid: int) -> float:
    """Return how much memory a process has for itself, mapped files aside."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("it has no memory")
