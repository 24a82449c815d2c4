"""What broadcastctl says of a server and its schedule, and changes there."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from broadcastctl_process import (
    DONE,
    FAILED,
    NOBODY,
    NOT_FOUND,
    PARTIAL,
    PRECONDITION,
    USAGE,
    Broadcastctl,
    make_entry,
)
from broadcastd_process import Broadcastd, new_entry

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc


@pytest.fixture(scope="module")
def ours(
    own_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broadcastd]:
    """A server that this module has for itself."""
    folder = tmp_path_factory.mktemp("broadcastctl")
    with Broadcastd(own_database, folder) as server:
        yield server


@pytest.fixture
def ctl(ours: Broadcastd) -> Broadcastctl:
    return Broadcastctl(ours.address)


def entry_of(server: Broadcastd, entry_id: str) -> broadcast.GetEntryResponse:
    return server.broadcast.GetEntry(
        broadcast.GetEntryRequest(entry_id=entry_id), timeout=30
    )


# Pause and resume.


def test_an_entry_is_paused_and_resumed(
    ours: Broadcastd, ctl: Broadcastctl
) -> None:
    entry = make_entry(ours).entry
    one = f"--entry={entry.entry_id}"
    ctl.run("pause", one, "--etag=stale").expect(
        PRECONDITION, "[ETAG_MISMATCH]"
    )
    paused = ctl.run("pause", one, "--reason=a rest", f"--etag={entry.etag}")
    assert "is paused" in paused.expect(DONE).out
    assert entry_of(ours, entry.entry_id).entry.state_reason == "a rest"
    ctl.run("pause", one).expect(
        PRECONDITION,
        "[ENTRY_NOT_ACTIVE]",
        f"broadcastctl resume --entry {entry.entry_id}",
    )
    resumed = ctl.run("resume", one, "-o", "json").expect(DONE)
    assert resumed.json["entry"]["state"] == "STATE_ACTIVE"
    ctl.run("resume", one).expect(PRECONDITION, "[ENTRY_ALREADY_ACTIVE]")


def test_the_scheduler_is_paused_and_resumed(ctl: Broadcastctl) -> None:
    paused = ctl.run("pause", "--scheduler", "--reason=night").expect(DONE)
    assert re.search(r"Scheduler: paused since .*: night", paused.out)
    assert "paused since" in ctl.run("server").expect(DONE).out
    resumed = ctl.run("resume", "--scheduler").expect(DONE)
    assert resumed.out == "Scheduler: running.\n"


# The server, its data.


def test_the_server_is_shown(ours: Broadcastd, ctl: Broadcastctl) -> None:
    text = ctl.run("server").expect(DONE).out
    assert re.search(r"^version: +\d+\.\d+\.\d+", text, re.M)
    assert re.search(r"^trigger_cooldown: +5m$", text, re.M)
    info = ctl.run("server", "-o", "json").expect(DONE).json
    assert "operations" in info["capabilities"]
    assert info["limits"]["max_page_size"] == 1000


def test_verify_finds_and_backfill_mends(tmp_path: Path) -> None:
    with Broadcastd(f"sqlite:{tmp_path / 'b.db'}", tmp_path) as server:
        ctl = Broadcastctl(server.address)
        clean = ctl.run("verify").expect(DONE)
        assert "Nothing was found in 0 clients" in clean.out

        client = str(uuid.uuid4())
        model = new_entry(client, 1)
        pair = channels_grpc.ChannelServiceStub(
            server.channel
        ).CreateChannelPair(
            channels.CreateChannelPairRequest(
                client_id=client,
                open_channel=model.open_channel,
                closed_channel=model.closed_channel,
            ),
            timeout=30,
        )
        pair_id = pair.channel_pair.channel_pair_id
        found = ctl.run("verify")
        found.expect(PARTIAL, "broadcastctl backfill --all")
        assert re.search(
            rf"CHANNEL_PAIR_WITHOUT_ENTRY +1 +{pair_id}", found.out
        )
        assert not ctl.run("verify", "-o", "json").json["clean"]
        ctl.run("verify", f"--client-id={NOBODY}").expect(NOT_FOUND)

        dry = ctl.run("backfill", "--all", "--dry-run", "-o", "json")
        assert dry.expect(DONE).json["created_count"] == "1"
        ctl.run("backfill", "--all").expect(USAGE, "Create 1 entries?")
        ctl.on_terminal("backfill", "--all", answer="n\n").finish().expect(
            FAILED
        )
        ctl.run("verify").expect(PARTIAL)
        done = ctl.run(
            "backfill",
            f"--channel-pair-id={pair_id}",
            "--interval=7d",
            "--spread=1h",
            "--yes",
        ).expect(DONE)
        assert "1 entries created" in done.out
        assert ctl.run("backfill", "--all").expect(DONE).out.startswith("0 ")
        ctl.run("verify").expect(DONE)
        listed = ctl.run("entries", "list", "-o", "jsonl").lines
        assert [entry["interval"] for entry in listed] == ["604800s"]
