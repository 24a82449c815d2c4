"""What both clients do alike: open a channel, and prepare a call."""

from __future__ import annotations

import time
import uuid
from typing import Any, NamedTuple

import grpc

from broadcast.v1.admin_service_pb2_grpc import AdminServiceStub
from broadcast.v1.broadcast_service_pb2_grpc import BroadcastServiceStub
from broadcast.v1.channel_service_pb2_grpc import ChannelServiceStub
from broadcast.v1.client_service_pb2_grpc import ClientServiceStub
from broadcast.v1.event_service_pb2_grpc import EventServiceStub
from broadcast.v1.feed_service_pb2_grpc import FeedServiceStub
from broadcast.v1.operation_service_pb2_grpc import OperationServiceStub
from broadcastd.options import Options


class Call(NamedTuple):
    """One call, for all its attempts. It holds no token."""

    request: Any
    deadline: float

    @property
    def request_id(self) -> str:
        """The key by which the server knows a repetition; empty for a read."""
        return getattr(self.request, "request_id", "")

    def remaining(self) -> float:
        """Return how many seconds are left."""
        return max(0.0, self.deadline - time.monotonic())


class Connection:
    """A channel with the stubs of all services on it."""

    def __init__(self, options: Options, library: Any) -> None:
        """Open a channel of `library`: `grpc` or `grpc.aio`."""
        self._options = options
        if options.tls:
            self.channel = library.secure_channel(
                options.address,
                grpc.ssl_channel_credentials(
                    options.root_certificates, options.key, options.certificate
                ),
                options=options.channel_options,
            )
        else:
            self.channel = library.insecure_channel(
                options.address, options=options.channel_options
            )
        self.admin = AdminServiceStub(self.channel)
        self.broadcast = BroadcastServiceStub(self.channel)
        self.channels = ChannelServiceStub(self.channel)
        self.clients = ClientServiceStub(self.channel)
        self.events = EventServiceStub(self.channel)
        self.feeds = FeedServiceStub(self.channel)
        self.operations = OperationServiceStub(self.channel)

    def prepare(self, request: Any, timeout: float | None) -> Call:
        """Give a mutation its `request_id`, once for all its attempts."""
        if getattr(request, "request_id", None) == "":
            copy = type(request)()
            copy.CopyFrom(request)
            copy.request_id = str(uuid.uuid4())
            request = copy
        if timeout is None:
            timeout = self._options.timeout
        return Call(request, time.monotonic() + timeout)
