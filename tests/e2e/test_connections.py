"""More connections than the server may have, and than it has files for."""

from __future__ import annotations

import re
import resource
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from broadcastd_process import Broadcastd, eventually, free_port

MOST = 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Broadcastd]:
    """A server that takes few connections."""
    with Broadcastd(
        f"sqlite:{tmp_path}/broadcastd.db",
        tmp_path,
        f"--max_connections={MOST}",
        metrics=f"127.0.0.1:{free_port()}",
    ) as server:
        yield server


def crowd(server: Broadcastd, people: int) -> list[socket.socket]:
    """Return connections that say nothing."""
    host, _, port = server.address.rpartition(":")
    return [
        socket.create_connection((host, int(port)), timeout=10)
        for _ in range(people)
    ]


def metric(server: Broadcastd, name: str) -> float:
    with urllib.request.urlopen(f"http://{server.metrics}/metrics") as page:
        found = re.search(rf"^{name} (\S+)$", page.read().decode(), re.M)
    assert found is not None
    return float(found.group(1))


def test_a_crowd_is_kept_small_and_forgotten(server: Broadcastd) -> None:
    assert server.healthy()  # over the first connection, which stays
    people = crowd(server, MOST * 3)
    refused = "broadcastd_connections_refused_total"
    assert eventually(lambda: metric(server, refused) >= MOST * 2)
    assert metric(server, "broadcastd_connections") <= MOST
    assert server.healthy(), "who is in is served"
    outside = server.dial().unary_unary("/grpc.health.v1.Health/Check")
    for person in people:
        person.close()
    # A caller who was refused comes again by itself.
    assert outside(b"", timeout=30, wait_for_ready=True) == b"\x08\x01"


def test_the_want_of_files_passes(server: Broadcastd) -> None:
    before = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    assert before[0] == before[1], "it takes all the files that it may have"
    # All it has open now, and not one more.
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (3, before[1]))
    waiting = crowd(server, 3)
    eventually(
        lambda: any(
            event["event"] == "server.cannot_accept"
            for event in server.events()
        )
    )
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, before)
    fresh = server.dial().unary_unary("/grpc.health.v1.Health/Check")
    assert fresh(b"", timeout=30, wait_for_ready=True) == b"\x08\x01"
    for person in waiting:
        person.close()
