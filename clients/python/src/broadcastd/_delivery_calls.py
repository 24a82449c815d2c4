"""The calls of delivery, for programs without asyncio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import grpc

from broadcastd import messages as m
from broadcastd._connection import Connection
from broadcastd._failure import error_from
from broadcastd._resuming import Resuming
from broadcastd._token_cache import TokenCache
from broadcastd.errors import BroadcastError
from broadcastd.paging import Pager
from broadcastd.tokens import metadata_of

Response = TypeVar("Response")


class DeliveryCalls:
    """What a client has besides those that Client defines itself."""

    _connection: Connection
    _tokens: TokenCache
    _call: Callable[..., Any]
    _list: Callable[..., Any]

    # Sending.
    def trigger(
        self,
        request: m.TriggerRequest,
        *,
        timeout: float | None = None,
    ) -> m.TriggerResponse:
        """Send an entry to both channels now, once a cool-down."""
        method = self._connection.broadcast.Trigger
        return self._call(method, request, timeout)

    def send_test(
        self,
        request: m.SendTestRequest,
        *,
        timeout: float | None = None,
    ) -> m.SendTestResponse:
        """Send one side of an entry to an address of your choice."""
        method = self._connection.broadcast.SendTest
        return self._call(method, request, timeout)

    def check_channel(
        self,
        request: m.CheckChannelRequest,
        *,
        timeout: float | None = None,
    ) -> m.CheckChannelResponse:
        """Ask the platform what may be done at a channel."""
        method = self._connection.channels.CheckChannel
        return self._call(method, request, timeout)

    # Operations.
    def get_operation(
        self,
        request: m.GetOperationRequest,
        *,
        timeout: float | None = None,
    ) -> m.GetOperationResponse:
        """Return one operation."""
        method = self._connection.operations.GetOperation
        return self._call(method, request, timeout)

    def list_operations(
        self,
        request: m.ListOperationsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> Pager[m.ListOperationsResponse, m.Operation]:
        """List operations; without a request, all of them."""
        request = request or m.ListOperationsRequest()
        method = self._connection.operations.ListOperations
        return self._list(method, request, "operations", timeout)

    def cancel_operation(
        self,
        request: m.CancelOperationRequest,
        *,
        timeout: float | None = None,
    ) -> m.CancelOperationResponse:
        """Stop what an operation has not sent yet."""
        method = self._connection.operations.CancelOperation
        return self._call(method, request, timeout)

    def watch_operation(
        self,
        request: m.WatchOperationRequest,
        *,
        timeout: float | None = None,
    ) -> Iterator[m.WatchOperationResponse]:
        """Yield an operation now and with each change, until it is finished."""
        method = self._connection.operations.WatchOperation
        return self._watch(method, request, timeout)

    def list_deliveries(
        self,
        request: m.ListDeliveriesRequest,
        *,
        timeout: float | None = None,
    ) -> Pager[m.ListDeliveriesResponse, m.Delivery]:
        """List the deliveries of an operation."""
        method = self._connection.operations.ListDeliveries
        return self._list(method, request, "deliveries", timeout)

    def retry_deliveries(
        self,
        request: m.RetryDeliveriesRequest,
        *,
        timeout: float | None = None,
    ) -> m.RetryDeliveriesResponse:
        """Send the failed deliveries of an operation again."""
        method = self._connection.operations.RetryDeliveries
        return self._call(method, request, timeout)

    def resolve_delivery(
        self,
        request: m.ResolveDeliveryRequest,
        *,
        timeout: float | None = None,
    ) -> m.ResolveDeliveryResponse:
        """Say what became of a delivery of unknown fate."""
        method = self._connection.operations.ResolveDelivery
        return self._call(method, request, timeout)

    def watch_events(
        self,
        request: m.WatchEventsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> Iterator[m.WatchEventsResponse]:
        """Yield what happens from now on, or behind a resume token."""
        request = request or m.WatchEventsRequest()
        method = self._connection.events.WatchEvents
        return self._watch(method, request, timeout)

    # For those who run the server.
    def execute_due(
        self,
        request: m.ExecuteDueRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> m.ExecuteDueResponse:
        """Fire entries that are due: one pass of an external timer."""
        request = request or m.ExecuteDueRequest()
        method = self._connection.admin.ExecuteDue
        return self._call(method, request, timeout)

    def pause_scheduler(
        self,
        request: m.PauseSchedulerRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> m.PauseSchedulerResponse:
        """Stop the schedule of all replicas."""
        request = request or m.PauseSchedulerRequest()
        method = self._connection.admin.PauseScheduler
        return self._call(method, request, timeout)

    def resume_scheduler(
        self,
        request: m.ResumeSchedulerRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> m.ResumeSchedulerResponse:
        """Start the schedule again."""
        request = request or m.ResumeSchedulerRequest()
        method = self._connection.admin.ResumeScheduler
        return self._call(method, request, timeout)

    def get_statistics(
        self,
        request: m.GetStatisticsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> m.GetStatisticsResponse:
        """Return sums over entries and what waits to be sent."""
        request = request or m.GetStatisticsRequest()
        method = self._connection.admin.GetStatistics
        return self._call(method, request, timeout)

    def _watch(
        self,
        method: Callable[..., Any],
        request: Any,
        timeout: float | None,
    ) -> Iterator[Any]:
        watch = Resuming(request, timeout)
        while True:
            token = self._tokens.get(watch.patience())
            stream = method(
                watch.request,
                timeout=watch.remaining(),
                metadata=metadata_of(token),
            )
            try:
                for response in stream:
                    watch.received(response)
                    yield response
            except grpc.RpcError as error:
                failure: BroadcastError = error_from(error, "")
                if watch.needs_token(failure):
                    self._tokens.renew(token, watch.patience())
                else:
                    time.sleep(watch.pause_after(failure))
            else:
                return
            finally:
                # Whoever stops listening ends the call.
                stream.cancel()
