from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from broadcastd import Client
from fake_broadcastd import FakeBroadcastd


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("BROADCAST_"):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[FakeBroadcastd]:
    with FakeBroadcastd() as server:
        yield server


@pytest.fixture
def client(server: FakeBroadcastd) -> Iterator[Client]:
    with Client(server.address) as client:
        yield client
