"""All channels are synced each interval, once for all servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from broadcastd_process import Broadcastd, eventually
from default_feed import OldUser, finish, publish
from fake_telegram_process import FakeTelegram

from broadcast.v1 import operation_service_pb2 as operations
from broadcast.v1 import operation_service_pb2_grpc as operations_grpc
from broadcast.v1.operation_pb2 import Operation

CHAT = -1001000000001


@pytest.fixture
def telegram(tmp_path: Path) -> Iterator[FakeTelegram]:
    with FakeTelegram(tmp_path, "--auto_chats", "--limits=off") as telegram:
        yield telegram


def syncs(server: Broadcastd) -> list[Operation]:
    stub = operations_grpc.OperationServiceStub(server.channel)
    listed = stub.ListOperations(
        operations.ListOperationsRequest(filter="kind = SYNC")
    )
    return list(listed.operations)


def test_what_is_missing_is_posted_by_the_schedule(
    location: str, tmp_path: Path, telegram: FakeTelegram
) -> None:
    posts = ("a", "b", "c")
    user = OldUser(location, tmp_path, telegram)
    with user.server() as server:
        publish(server, *posts)
        assert server.stop() == 0
    variables = {"AGGREGATOR_CHANNEL_ID": str(CHAT)}
    with user.server(**variables) as server:
        assert server.stop() == 0

    # One process has a file of SQLite.
    replicas = 1 if location.startswith("sqlite:") else 3
    folders = [tmp_path / f"replica-{number}" for number in range(replicas)]
    with ExitStack() as stack:
        servers = []
        for folder in folders:
            folder.mkdir()
            replica = OldUser(location, folder, telegram)
            servers.append(
                stack.enter_context(
                    replica.server(
                        "--sync_interval=1s", "--log_level=debug", **variables
                    )
                )
            )
        server = servers[0]

        def looked(times: int) -> bool:
            """Whether the schedule has come up that often since."""
            events = [
                event["event"]
                for each in servers
                for event in each.events()
                if event["event"].startswith("sync_on_schedule.")
            ]
            assert events.count("sync_on_schedule.started") <= 1
            assert "sync_on_schedule.failed" not in events
            return (
                events.count("sync_on_schedule.nothing_to_do") >= times
                and "sync_on_schedule.started" in events
            )

        (operation,) = eventually(lambda: syncs(server))
        assert finish(server, operation.operation_id).progress.sent_count == 3
        assert telegram.texts(CHAT) == [f"post {post}" for post in posts]
        eventually(lambda: looked(3))
        assert len(syncs(server)) == 1
        assert telegram.stats()["created"] == 3
