"""A server of plans that answers by a script, and what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import broadcast_service_pb2_grpc as broadcast_grpc
from broadcast.v1 import channel_pb2, sync_pb2
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import operation_service_pb2 as operations
from broadcast.v1 import operation_service_pb2_grpc as operations_grpc
from broadcast.v1.operation_pb2 import Operation

CHANNEL = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
CLIENT = "33333333-3333-4333-8333-333333333333"
FEED = "44444444-4444-4444-8444-444444444444"
OPERATION = "55555555-5555-4555-8555-555555555555"


def a_plan() -> sync_pb2.SyncPlan:
    return sync_pb2.SyncPlan(
        open_post_count=40,
        tracked_message_count=33,
        post_count=12,
        edit_count=3,
        delete_count=4,
        tombstone_count=1,
        undeletable_count=2,
        unknown_count=5,
        kept_count=20,
        plan_fingerprint="the-plan",
        sample_actions=[
            sync_pb2.SyncAction(
                kind=sync_pb2.SyncAction.KIND_POST,
                channel_id=CHANNEL,
                feed_id=FEED,
                external_id=f"post-{number}",
            )
            for number in range(20)
        ],
    )


def an_operation(state: int, sent: int, failed: int = 0) -> Operation:
    operation = Operation(
        operation_id=OPERATION, kind=Operation.KIND_SYNC, state=state
    )
    operation.progress.planned_count = 20
    operation.progress.sent_count = sent
    operation.progress.failed_count = failed
    operation.progress.waiting_count = 20 - sent - failed
    operation.sync_result.posted_count = sent
    return operation


class Script(
    broadcast_grpc.BroadcastServiceServicer,
    channels_grpc.ChannelServiceServicer,
    operations_grpc.OperationServiceServicer,
):
    """Answers what it was told to, and keeps what it was asked."""

    def __init__(self) -> None:
        """Begin with a plan that works."""
        self.asked: list[Any] = []
        self.plan = a_plan()
        self.refusal: tuple[grpc.StatusCode, str, dict[str, str]] | None = None
        self.breaks = 0  # how many calls that change something are cut off
        self.failed = 0
        self.watch_ends_with = grpc.StatusCode.UNAVAILABLE
        self.endless = False
        self.nothing = threading.Event()  # never comes
        self.channels = [
            channel_pb2.Channel(
                channel_id=CHANNEL,
                client_id=CLIENT,
                platform=channel_pb2.PLATFORM_TELEGRAM,
                address="@news",
                account="bot",
            )
        ]

    def keep(self, request: Any, context: Any) -> None:
        self.asked.append(request)
        if getattr(request, "validate_only", True):
            return
        if self.breaks > 0:
            self.breaks -= 1
            context.abort(grpc.StatusCode.UNAVAILABLE, "cut off")
        if self.refusal:
            code, reason, metadata = self.refusal
            detail = any_pb2.Any()
            detail.Pack(
                error_details_pb2.ErrorInfo(
                    reason=reason, domain="broadcastd", metadata=metadata
                )
            )
            status = status_pb2.Status(
                code=code.value[0], message="no", details=[detail]
            )
            context.set_trailing_metadata(
                (("grpc-status-details-bin", status.SerializeToString()),)
            )
            context.abort(code, "no")

    def Sync(self, request: Any, context: Any) -> broadcast.SyncResponse:
        self.keep(request, context)
        answer = broadcast.SyncResponse(plan=self.plan)
        if not request.validate_only:
            answer.operation.CopyFrom(an_operation(Operation.STATE_PLANNING, 0))
        return answer

    def Migrate(self, request: Any, context: Any) -> broadcast.MigrateResponse:
        self.keep(request, context)
        answer = broadcast.MigrateResponse(
            plan=self.plan, target_channel=self.channels[0]
        )
        answer.target_channel.channel_id = request.target_channel_id
        answer.target_channel.address = request.target_channel.address or "@to"
        if not request.validate_only:
            answer.operation.CopyFrom(an_operation(Operation.STATE_PLANNING, 0))
        return answer

    def ListChannels(
        self, request: Any, context: Any
    ) -> channels.ListChannelsResponse:
        self.keep(request, context)
        return channels.ListChannelsResponse(channels=self.channels)

    def GetChannel(
        self, request: Any, context: Any
    ) -> channels.GetChannelResponse:
        self.keep(request, context)
        return channels.GetChannelResponse(channel=self.channels[0])

    def WatchOperation(
        self, request: Any, context: Any
    ) -> Iterator[operations.WatchOperationResponse]:
        self.asked.append(request)
        yield operations.WatchOperationResponse(
            operation=an_operation(Operation.STATE_RUNNING, 5),
            resume_token="five",
        )
        if request.resume_token == "":
            context.abort(self.watch_ends_with, "the connection is old")
        while self.endless and context.is_active():
            self.nothing.wait(0.05)
        yield operations.WatchOperationResponse(
            operation=an_operation(
                Operation.STATE_FINISHED, 20 - self.failed, self.failed
            ),
            resume_token="end",
        )

    def ListDeliveries(
        self, request: Any, context: Any
    ) -> operations.ListDeliveriesResponse:
        self.asked.append(request)
        return operations.ListDeliveriesResponse(
            deliveries=[
                {
                    "delivery_id": OTHER,
                    "state": "STATE_FAILED",
                    "reason": "chat_not_found",
                }
            ]
        )

    def made(self) -> list[Any]:
        """Return the Sync and Migrate that were asked for."""
        kinds = (broadcast.SyncRequest, broadcast.MigrateRequest)
        return [one for one in self.asked if isinstance(one, kinds)]
