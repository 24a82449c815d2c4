"""The client for asyncio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, TypeVar

import grpc

from broadcastd import messages as m
from broadcastd._async_delivery_calls import AsyncDeliveryCalls
from broadcastd._async_feed_calls import AsyncFeedCalls
from broadcastd._connection import Call, Connection
from broadcastd._failure import error_from
from broadcastd._token_cache import async_tokens_of
from broadcastd.errors import TokenInvalid
from broadcastd.options import (
    DEFAULT_TIMEOUT,
    ChannelOption,
    FilePath,
    Options,
)
from broadcastd.paging import AsyncPager
from broadcastd.tokens import AsyncTokenProvider, Token, metadata_of

Response = TypeVar("Response")


class AsyncClient(AsyncDeliveryCalls, AsyncFeedCalls):
    """A Client whose calls are awaited, and whose lists are `async for`.

        async with AsyncClient("127.0.0.1:50051") as client:
            async for entry in client.list_entries():
                print(entry.entry_id)

    It belongs to the event loop that it was made in.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        token: str | None = None,
        token_file: FilePath | None = None,
        token_provider: AsyncTokenProvider | None = None,
        tls: bool | None = None,
        tls_ca: FilePath | None = None,
        tls_certificate: FilePath | None = None,
        tls_key: FilePath | None = None,
        allow_insecure_token: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
        channel_options: Sequence[ChannelOption] = (),
    ) -> None:
        """Take the arguments of Client, with the same meaning.

        token_provider: may be `async`; else a thread of its own calls it.
        """
        options = Options.resolve(
            address,
            token=token,
            token_file=token_file,
            token_provider=token_provider,
            tls=tls,
            tls_ca=tls_ca,
            tls_certificate=tls_certificate,
            tls_key=tls_key,
            allow_insecure_token=allow_insecure_token,
            timeout=timeout,
            channel_options=channel_options,
        )
        self._connection = Connection(options, grpc.aio)
        self._tokens = async_tokens_of(options.tokens)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._tokens.close()
        await self._connection.channel.close()

    # Entries.

    def create_entry(
        self, request: m.CreateEntryRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.CreateEntryResponse]:
        """Register a channel pair and its entry in one transaction."""
        method = self._connection.broadcast.CreateEntry
        return self._call(method, request, timeout)

    def batch_create_entries(
        self,
        request: m.BatchCreateEntriesRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.BatchCreateEntriesResponse]:
        """Register up to 1,000 pairs with their entries: all or none."""
        method = self._connection.broadcast.BatchCreateEntries
        return self._call(method, request, timeout)

    def get_entry(
        self, request: m.GetEntryRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.GetEntryResponse]:
        """Return one entry, by its id or by its pair's addresses."""
        method = self._connection.broadcast.GetEntry
        return self._call(method, request, timeout)

    def list_entries(
        self,
        request: m.ListEntriesRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListEntriesResponse, m.Entry]:
        """List entries; without a request, all of them."""
        request = request or m.ListEntriesRequest()
        method = self._connection.broadcast.ListEntries
        return self._list(method, request, "entries", timeout)

    def update_entry(
        self, request: m.UpdateEntryRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.UpdateEntryResponse]:
        """Change schedule, content or labels of an entry."""
        method = self._connection.broadcast.UpdateEntry
        return self._call(method, request, timeout)

    def pause_entry(
        self, request: m.PauseEntryRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.PauseEntryResponse]:
        """Stop an active entry until it is resumed."""
        method = self._connection.broadcast.PauseEntry
        return self._call(method, request, timeout)

    def resume_entry(
        self, request: m.ResumeEntryRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.ResumeEntryResponse]:
        """Start a paused or disabled entry again."""
        method = self._connection.broadcast.ResumeEntry
        return self._call(method, request, timeout)

    def delete_entry(
        self, request: m.DeleteEntryRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.DeleteEntryResponse]:
        """Delete an entry; its pair stays, and is not configured."""
        method = self._connection.broadcast.DeleteEntry
        return self._call(method, request, timeout)

    # Clients.

    def create_client(
        self, request: m.CreateClientRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.CreateClientResponse]:
        """Register a client under an id of your choice."""
        method = self._connection.clients.CreateClient
        return self._call(method, request, timeout)

    def get_client(
        self, request: m.GetClientRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.GetClientResponse]:
        """Return one client."""
        method = self._connection.clients.GetClient
        return self._call(method, request, timeout)

    def list_clients(
        self,
        request: m.ListClientsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListClientsResponse, m.Client]:
        """List clients; without a request, all of them."""
        request = request or m.ListClientsRequest()
        method = self._connection.clients.ListClients
        return self._list(method, request, "clients", timeout)

    def update_client(
        self, request: m.UpdateClientRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.UpdateClientResponse]:
        """Change name, quota, default contents or labels."""
        method = self._connection.clients.UpdateClient
        return self._call(method, request, timeout)

    def delete_client(
        self, request: m.DeleteClientRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.DeleteClientResponse]:
        """Delete a client with all that is its own."""
        method = self._connection.clients.DeleteClient
        return self._call(method, request, timeout)

    # Channels and channel pairs.

    def create_channel_pair(
        self,
        request: m.CreateChannelPairRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.CreateChannelPairResponse]:
        """Import a pair without an entry; create_entry makes both."""
        method = self._connection.channels.CreateChannelPair
        return self._call(method, request, timeout)

    def get_channel_pair(
        self, request: m.GetChannelPairRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.GetChannelPairResponse]:
        """Return one channel pair with its entry, or with none."""
        method = self._connection.channels.GetChannelPair
        return self._call(method, request, timeout)

    def list_channel_pairs(
        self,
        request: m.ListChannelPairsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListChannelPairsResponse, m.ChannelPairItem]:
        """List pairs with their entries; without a request, all."""
        request = request or m.ListChannelPairsRequest()
        method = self._connection.channels.ListChannelPairs
        return self._list(method, request, "items", timeout)

    def delete_channel_pair(
        self,
        request: m.DeleteChannelPairRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.DeleteChannelPairResponse]:
        """Delete a pair with its entry and unshared channels."""
        method = self._connection.channels.DeleteChannelPair
        return self._call(method, request, timeout)

    def get_channel(
        self, request: m.GetChannelRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.GetChannelResponse]:
        """Return one channel."""
        method = self._connection.channels.GetChannel
        return self._call(method, request, timeout)

    def list_channels(
        self,
        request: m.ListChannelsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListChannelsResponse, m.Channel]:
        """List channels; without a request, all of them."""
        request = request or m.ListChannelsRequest()
        method = self._connection.channels.ListChannels
        return self._list(method, request, "channels", timeout)

    def update_channel(
        self, request: m.UpdateChannelRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.UpdateChannelResponse]:
        """Change title or account of a channel."""
        method = self._connection.channels.UpdateChannel
        return self._call(method, request, timeout)

    def enable_channel(
        self, request: m.EnableChannelRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.EnableChannelResponse]:
        """Let a disabled channel receive messages again."""
        method = self._connection.channels.EnableChannel
        return self._call(method, request, timeout)

    def disable_channel(
        self, request: m.DisableChannelRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.DisableChannelResponse]:
        """Stop an active channel from receiving messages."""
        method = self._connection.channels.DisableChannel
        return self._call(method, request, timeout)

    # For those who run the server.

    def get_server_info(
        self,
        request: m.GetServerInfoRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.GetServerInfoResponse]:
        """Say what is running, on which storage, and its limits."""
        request = request or m.GetServerInfoRequest()
        method = self._connection.admin.GetServerInfo
        return self._call(method, request, timeout)

    def list_accounts(
        self,
        request: m.ListAccountsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListAccountsResponse, m.Account]:
        """List the names of the accounts that the server posts with."""
        request = request or m.ListAccountsRequest()
        method = self._connection.admin.ListAccounts
        return self._list(method, request, "accounts", timeout)

    def check_integrity(
        self,
        request: m.CheckIntegrityRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.CheckIntegrityResponse]:
        """Look for data that disagrees with itself; takes its time."""
        request = request or m.CheckIntegrityRequest()
        method = self._connection.admin.CheckIntegrity
        return self._call(method, request, timeout)

    def backfill_entries(
        self, request: m.BackfillEntriesRequest, *, timeout: float | None = None
    ) -> Coroutine[Any, Any, m.BackfillEntriesResponse]:
        """Give every pair in scope without an entry one."""
        method = self._connection.admin.BackfillEntries
        return self._call(method, request, timeout)

    def list_audit_events(
        self,
        request: m.ListAuditEventsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListAuditEventsResponse, m.AuditEvent]:
        """List who changed what, and who was refused a change."""
        request = request or m.ListAuditEventsRequest()
        method = self._connection.admin.ListAuditEvents
        return self._list(method, request, "audit_events", timeout)

    async def _call(
        self,
        method: Callable[..., Awaitable[Response]],
        request: Any,
        timeout: float | None,  # noqa: ASYNC109  (gRPC sends it to the server)
    ) -> Response:
        call = self._connection.prepare(request, timeout)
        token = await self._tokens.get(call.remaining())
        try:
            return await self._attempt(method, call, token)
        except TokenInvalid:
            token = await self._tokens.renew(token, call.remaining())
            if token is None:
                raise
        return await self._attempt(method, call, token)

    async def _attempt(
        self,
        method: Callable[..., Awaitable[Response]],
        call: Call,
        token: Token | None,
    ) -> Response:
        try:
            return await method(
                call.request,
                timeout=call.remaining(),
                metadata=metadata_of(token),
            )
        except grpc.RpcError as error:
            raise error_from(error, call.request_id) from error

    def _list(
        self, method: Any, request: Any, items: str, timeout: float | None
    ) -> AsyncPager[Any, Any]:
        return AsyncPager(
            lambda page_request: self._call(method, page_request, timeout),
            request,
            items,
        )
