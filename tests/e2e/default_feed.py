"""The default feed, and who has it set up by the variables of an older system.

The server posts to a fake Telegram.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from broadcastd_process import Broadcastd, eventually, run_broadcastd
from fake_telegram_process import TOKEN, FakeTelegram

from broadcast.v1 import content_pb2, post_pb2
from broadcast.v1 import feed_service_pb2 as feeds
from broadcast.v1 import feed_service_pb2_grpc as feeds_grpc
from broadcast.v1 import operation_service_pb2 as operations
from broadcast.v1 import operation_service_pb2_grpc as operations_grpc
from broadcast.v1.operation_pb2 import Operation

CLIENT = "00000000-0000-4000-8000-000000000001"


class OldUser:
    """Who runs the server with the variables they have."""

    def __init__(
        self, location: str, folder: Path, telegram: FakeTelegram
    ) -> None:
        """Only remember what to run."""
        self.location = location
        self.folder = folder
        self.telegram = telegram
        self.seen = 0  # of the log's lines

    def server(self, *options: str, **variables: str) -> Broadcastd:
        """Return a server that is still to be started."""
        log = self.folder / "broadcastd.log"
        if log.exists():
            self.seen = len(log.read_text().splitlines())
        return Broadcastd(
            self.location,
            self.folder,
            f"--telegram_base_url={self.telegram.url}",
            *options,
            environment={"GROUP_BOT_TOKEN": TOKEN} | variables,
        )

    def events(self, server: Broadcastd, name: str) -> list[dict[str, Any]]:
        """Return what the server of the last start has logged."""
        return [
            event
            for event in server.events()[self.seen :]
            if event["event"] == name
        ]

    def run_import(self, *options: str | Path) -> Any:
        """Run `broadcastd import` to its end."""
        return run_broadcastd("import", f"--database={self.location}", *options)


def feed_of(server: Broadcastd) -> str:
    stub = feeds_grpc.FeedServiceStub(server.channel)
    found = stub.ListFeeds(feeds.ListFeedsRequest()).feeds
    assert [(feed.client_id, feed.name) for feed in found] == [
        (CLIENT, "default")
    ]
    return found[0].feed_id


def chats_of(server: Broadcastd) -> dict[str, str]:
    """Return the channels of the default feed, by their chats."""
    stub = feeds_grpc.FeedServiceStub(server.channel)
    answer = stub.GetFeed(feeds.GetFeedRequest(feed_id=feed_of(server)))
    return {
        each.channel.address: each.channel.channel_id
        for each in answer.feed_channels
    }


def publish(server: Broadcastd, *external_ids: str) -> None:
    stub = feeds_grpc.FeedServiceStub(server.channel)
    answer = stub.BatchUpsertPosts(
        feeds.BatchUpsertPostsRequest(
            feed_id=feed_of(server),
            posts=[
                post_pb2.PostSpec(
                    external_id=external_id,
                    content=content_pb2.Content(text=f"post {external_id}"),
                )
                for external_id in external_ids
            ],
        )
    )
    if answer.HasField("operation"):
        finish(server, answer.operation.operation_id)


def finish(server: Broadcastd, operation_id: str) -> Operation:
    stub = operations_grpc.OperationServiceStub(server.channel)

    def finished() -> Operation | None:
        operation = stub.GetOperation(
            operations.GetOperationRequest(operation_id=operation_id)
        ).operation
        if operation.state == Operation.STATE_FINISHED:
            return operation
        return None

    return eventually(finished)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path
