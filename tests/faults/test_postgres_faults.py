"""What befalls PostgreSQL, and the way to it, while the server runs."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from broadcastd_process import (
    Broadcastd,
    Load,
    Postgres,
    all_entries,
    eventually,
    new_entry,
    reason_of,
)


@pytest.fixture
def server(victim: Postgres, tmp_path: Path) -> Iterator[Broadcastd]:
    # Whatever became of it in a test before.
    victim.script("resume")
    with Broadcastd(victim.new_database(), tmp_path) as server:
        yield server


def test_the_database_is_halted_and_resumed(
    victim: Postgres, server: Broadcastd
) -> None:
    with Load(server) as load:
        eventually(lambda: len(load.acknowledged) >= 200)
        victim.script("halt")
        eventually(lambda: load.failed and not server.healthy())
        eventually(lambda: "STORAGE_UNAVAILABLE" in load.reasons())
        with pytest.raises(grpc.RpcError) as failed:
            all_entries(server)
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
        acknowledged = len(load.acknowledged)
        victim.script("resume")
        eventually(lambda: len(load.acknowledged) > acknowledged)
        # Without a read that would find the database again.
        eventually(server.healthy)
    assert load.reasons() <= {
        "STORAGE_UNAVAILABLE",
        "OUTCOME_UNKNOWN",
        "QUEUE_FULL",
    }
    load.check()
    assert server.stop() == 0


@pytest.mark.parametrize("repeatable", [True, False])
def test_connections_are_killed_at_a_steady_rate(
    victim: Postgres, server: Broadcastd, repeatable: bool
) -> None:
    name = server.database.split("?")[0].rpartition("/")[2]
    others = (
        f"FROM pg_stat_activity WHERE datname = '{name}' "
        "AND pid <> pg_backend_pid()"
    )
    killed = 0
    with Load(server, repeatable=repeatable) as load:
        eventually(lambda: len(load.acknowledged) >= 50)
        until = time.monotonic() + 4
        # Each takes two psql: a slow machine needs longer for enough of them.
        while killed < 10 or time.monotonic() < until:
            assert time.monotonic() < until + 60, f"only {killed} killed"
            pids = victim.run(f"SELECT pid {others}").split()
            if pids:
                pid = random.choice(pids)
                victim.run(f"SELECT pg_terminate_backend({pid})")
                killed += 1
        acknowledged = len(load.acknowledged)
        eventually(lambda: len(load.acknowledged) > acknowledged + 50)
    print(
        f"{killed} connections killed, {len(load.acknowledged)} entries "
        f"acknowledged, {len(load.failed)} calls failed: {load.reasons()}"
    )
    assert load.reasons() <= {"STORAGE_UNAVAILABLE", "OUTCOME_UNKNOWN"}
    eventually(server.healthy)
    load.check()


# As after a fail-over that left the server on a standby.
def test_a_database_that_accepts_no_writes(
    victim: Postgres, server: Broadcastd
) -> None:
    request = new_entry(str(uuid.uuid4()), 1)
    made = server.broadcast.CreateEntry(request)
    victim.run(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'read only' USING ERRCODE = '25006'; END$$;
        CREATE TRIGGER refuse BEFORE INSERT ON entries
          FOR EACH STATEMENT EXECUTE FUNCTION refuse();
        """,
        server.database,
    )
    other = new_entry(str(uuid.uuid4()), 1, str(uuid.uuid4()))
    for _ in range(3):
        with pytest.raises(grpc.RpcError) as failed:
            server.broadcast.CreateEntry(other, timeout=30)
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason_of(failed.value) == "STORAGE_READ_ONLY"
    assert set(all_entries(server)) == {made.entry.entry_id}
    victim.run("DROP FUNCTION refuse() CASCADE", server.database)
    assert not server.broadcast.CreateEntry(other).replayed
    eventually(server.healthy)
