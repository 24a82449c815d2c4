"""The server in operation: its log, its metrics, and how it ends."""

from __future__ import annotations

import json
import re
import time
import urllib.request
import uuid
from pathlib import Path

import grpc
import pytest
from broadcastd_process import (
    Broadcastd,
    Load,
    MeteredServer,
    Postgres,
    eventually,
    new_entry,
)

from broadcast.v1 import (
    admin_service_pb2,
    admin_service_pb2_grpc,
    channel_pb2,
    client_service_pb2,
    content_pb2,
)
from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import client_service_pb2_grpc as clients_grpc

# Nothing of what clients register may be found in a log.
MARK = "mArK-iN-dAtA"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

EVENTS = {
    "call.failed",
    "channel.disabled",
    "channel.enabled",
    "channel.updated",
    "channel_pair.created",
    "channel_pair.deleted",
    "client.created",
    "client.deleted",
    "client.updated",
    "database.migrated",
    "delivery.lane_taken",
    "entries.backfilled",
    "entries.created",
    "entry.created",
    "entry.deleted",
    "entry.paused",
    "entry.resumed",
    "entry.updated",
    "message.sent",
    "server.draining",
    "server.serving",
    "server.stopped",
    "upkeep.audit_events_expired",
    "upkeep.contents_collected",
    "upkeep.purged",
    "upkeep.request_ids_expired",
}


def marked_entry(client_id: str, request_id: str) -> object:
    request = new_entry(client_id, 1, request_id)
    request.open_channel.address = f"open-{MARK}-{client_id}"
    request.open_channel.title = MARK
    request.closed_channel.CopyFrom(
        channel_pb2.ChannelSpec(
            platform=channel_pb2.PLATFORM_WEBHOOK,
            address=f"https://{MARK}.example/{client_id}",
            account="hooks",
        )
    )
    request.open_content.CopyFrom(content_pb2.Content(text=MARK))
    request.labels["label"] = MARK
    return request


def test_the_log_tells_ids_and_no_data(server: MeteredServer) -> None:
    client_id = str(uuid.uuid4())
    request_id = str(uuid.uuid4())
    request = marked_entry(client_id, request_id)
    trace = [("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01")]
    made = server.broadcast.CreateEntry(request, metadata=trace)
    again = server.broadcast.CreateEntry(request)
    assert again.replayed
    request.request_id = ""
    with pytest.raises(grpc.RpcError):
        server.broadcast.CreateEntry(request)
    request.open_channel.address = f"{MARK} {MARK}"
    with pytest.raises(grpc.RpcError):
        server.broadcast.CreateEntry(request)
    request.request_id = MARK * 100
    with pytest.raises(grpc.RpcError):
        server.broadcast.CreateEntry(request)
    # Bytes that are no request.
    create = server.channel.unary_unary(
        "/broadcast.v1.BroadcastService/CreateEntry"
    )
    with pytest.raises(grpc.RpcError):
        create(b"\x0a\x04\xff\xfe\xff\xff")
    server.broadcast.PauseEntry(
        broadcast.PauseEntryRequest(entry_id=made.entry.entry_id, reason=MARK)
    )
    channel = made.channel_pair.open_channel
    channels_grpc.ChannelServiceStub(server.channel).UpdateChannel(
        channels.UpdateChannelRequest(
            channel=channel_pb2.Channel(
                channel_id=channel.channel_id, title=MARK + MARK
            )
        )
    )
    clients_grpc.ClientServiceStub(server.channel).DeleteClient(
        client_service_pb2.DeleteClientRequest(client_id=client_id)
    )

    # The log is written behind the calls.
    def mine() -> list[dict[str, object]]:
        return [e for e in server.events() if e.get("client_id") == client_id]

    eventually(lambda: any(e["event"] == "client.deleted" for e in mine()))
    events = mine()
    assert [event["event"] for event in events] == [
        "client.created",
        "entry.created",
        "entry.created",
        "entry.paused",
        "channel.updated",
        "channel_pair.deleted",
        "client.deleted",
    ]
    assert events[0]["method"] == "CreateEntry"
    created = events[1]
    assert created["entry_id"] == made.entry.entry_id
    assert created["channel_pair_id"] == made.channel_pair.channel_pair_id
    assert created["request_id"] == request_id
    assert created["trace_id"] == TRACE
    assert created["method"] == "CreateEntry"
    assert not created["replayed"]
    assert events[2]["replayed"]
    assert events[3]["entry_id"] == made.entry.entry_id
    assert events[4]["channel_id"] == channel.channel_id
    gone = events[5]
    assert gone["method"] == "DeleteClient"
    for key in (
        "entry_id",
        "channel_pair_id",
        "open_channel_id",
        "closed_channel_id",
    ):
        assert gone[key] == created[key]
    assert events[6]["rows"] == 5
    failed = [e for e in server.events() if e["event"] == "call.failed"]
    assert {e["reason"] for e in failed} >= {
        "CHANNEL_PAIR_EXISTS",
        "INVALID_FIELDS",
    }


def test_the_log_tells_every_entry_that_is_made(server: MeteredServer) -> None:
    client_id = str(uuid.uuid4())
    made = server.broadcast.BatchCreateEntries(
        broadcast.BatchCreateEntriesRequest(
            requests=[new_entry(client_id, pair) for pair in range(3)]
        )
    )
    ids = [entry.entry_id for entry in made.entries]
    server.broadcast.DeleteEntry(broadcast.DeleteEntryRequest(entry_id=ids[0]))
    admin = admin_service_pb2_grpc.AdminServiceStub(server.channel)
    filled = admin.BackfillEntries(
        admin_service_pb2.BackfillEntriesRequest(client_id=client_id)
    )
    pair = made.entries[0].channel_pair
    channels_grpc.ChannelServiceStub(server.channel).DeleteChannelPair(
        channels.DeleteChannelPairRequest(channel_pair_id=pair.channel_pair_id)
    )

    def mine() -> list[dict[str, object]]:
        return [e for e in server.events() if e.get("client_id") == client_id]

    eventually(lambda: mine()[-1]["event"] == "channel_pair.deleted")
    assert [(e["method"], e["event"], e.get("entry_id")) for e in mine()] == [
        ("BatchCreateEntries", "client.created", None),
        *(("BatchCreateEntries", "entry.created", id) for id in ids),
        ("DeleteEntry", "entry.deleted", ids[0]),
        ("BackfillEntries", "entry.created", filled.entry_ids[0]),
        ("BackfillEntries", "entries.backfilled", None),
        ("DeleteChannelPair", "channel_pair.deleted", filled.entry_ids[0]),
    ]
    for event in [mine()[1], *mine()[4:6], mine()[7]]:
        assert event["channel_pair_id"] == pair.channel_pair_id
        assert event["open_channel_id"] == pair.open_channel.channel_id
        assert event["closed_channel_id"] == pair.closed_channel.channel_id


def test_metrics(server: MeteredServer) -> None:
    def scrape() -> dict[str, float]:
        url = f"http://{server.metrics}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        assert MARK not in text
        return {
            name: float(value)
            for name, value in re.findall(
                r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE
            )
        }

    def calls(samples: dict[str, float], method: str, code: str) -> float:
        return sum(
            value
            for name, value in samples.items()
            if name.startswith("broadcastd_rpc_calls_total{")
            and f'method="{method}"' in name
            and f'code="{code}"' in name
        )

    before = scrape()
    client_id = str(uuid.uuid4())
    for pair in range(10):
        server.broadcast.CreateEntry(new_entry(client_id, pair))
    with pytest.raises(grpc.RpcError):
        server.broadcast.CreateEntry(new_entry(client_id, 10))
    after = scrape()

    def grown(name: str) -> float:
        return after[name] - before[name]

    def created(code: str) -> float:
        return calls(after, "CreateEntry", code) - calls(
            before, "CreateEntry", code
        )

    assert created("OK") == 10
    assert created("RESOURCE_EXHAUSTED") == 1
    assert grown("broadcastd_storage_wait_seconds_count") >= 11
    assert grown("broadcastd_storage_batch_size_sum") >= 10
    assert grown("broadcastd_storage_commit_seconds_count") >= 10
    assert 0 < grown("broadcastd_storage_commit_seconds_sum") < 60
    # The server has writes of its own, such as what tells of the refusal.
    queues = [
        f"broadcastd_storage_{kind}_queue_depth" for kind in ("write", "read")
    ]
    eventually(lambda: all(scrape()[queue] == 0 for queue in queues))
    assert after["broadcastd_storage_sessions"] > 0
    for name in (
        "broadcastd_storage_reruns_total",
        "broadcastd_storage_reconnects_total",
        "broadcastd_storage_checkpoints_total",
        "broadcastd_storage_wal_bytes",
        "broadcastd_storage_busy_sessions",
        "broadcastd_log_lines_dropped_total",
    ):
        assert after[name] >= 0
    info = [n for n in after if n.startswith("broadcastd_build_info{")]
    assert len(info) == 1
    backend = server.database.split(":")[0]
    assert f'backend="{backend}"' in info[0]
    seconds = [n for n in after if n.startswith("broadcastd_rpc_seconds_count")]
    assert any('method="CreateEntry"' in name for name in seconds)


def test_the_log_is_json_under_known_names(server: MeteredServer) -> None:
    text = server.log.read_text()
    for secret in (MARK, "sEcReT", "example.com", "example/"):
        assert secret not in text
    for line in text.splitlines():
        event = json.loads(line)
        assert set(event) >= {"time", "severity", "event"}
        assert event["event"] in EVENTS
        assert event["severity"] in {"debug", "info", "warning", "error"}
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["time"]
        )
        assert event["severity"] != "error", line
        if event.get("reason") == "CHANNEL_PAIR_LIMIT":
            assert event["severity"] == "debug", line


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_sigterm_under_load_loses_nothing(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = f"sqlite:{tmp_path / 'b.db'}"
    if backend == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        database = postgres.new_database()
    server = Broadcastd(database, tmp_path, "--drain_grace=5s")
    with server, Load(server, patient=False) as load:
        eventually(lambda: len(load.acknowledged) >= 300)
        began = time.monotonic()
        assert server.process is not None
        server.process.terminate()
        status = server.process.wait(30)
        took = time.monotonic() - began
    assert status == 0
    assert took < 6
    # What was under way was answered; what came later was turned away.
    # A call that comes while its connection is told to go away is ended by
    # gRPC itself; it has not begun.
    assert {error.code() for _, error in load.failed} <= {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.CANCELLED,
    }
    events = [event["event"] for event in server.events()]
    assert "server.draining" in events
    assert events[-1] == "server.stopped"
    with server:
        load.check()
