"""The calls of feeds, for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import grpc

from broadcastd import messages as m
from broadcastd._connection import Connection
from broadcastd._failure import error_from
from broadcastd._importing import Importing
from broadcastd._token_cache import AsyncTokenCache
from broadcastd.paging import AsyncPager
from broadcastd.tokens import metadata_of


class AsyncFeedCalls:
    """What a client has besides those that AsyncClient defines itself."""

    _connection: Connection
    _tokens: AsyncTokenCache
    _call: Callable[..., Any]
    _list: Callable[..., Any]

    # Feeds.
    def create_feed(
        self,
        request: m.CreateFeedRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.CreateFeedResponse]:
        """Create a feed, without channels and posts."""
        method = self._connection.feeds.CreateFeed
        return self._call(method, request, timeout)

    def get_feed(
        self,
        request: m.GetFeedRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.GetFeedResponse]:
        """Return one feed with its channels."""
        method = self._connection.feeds.GetFeed
        return self._call(method, request, timeout)

    def list_feeds(
        self,
        request: m.ListFeedsRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListFeedsResponse, m.Feed]:
        """List feeds; without a request, all of them."""
        request = request or m.ListFeedsRequest()
        method = self._connection.feeds.ListFeeds
        return self._list(method, request, "feeds", timeout)

    def update_feed(
        self,
        request: m.UpdateFeedRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.UpdateFeedResponse]:
        """Change what a feed is called and does."""
        method = self._connection.feeds.UpdateFeed
        return self._call(method, request, timeout)

    def delete_feed(
        self,
        request: m.DeleteFeedRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.DeleteFeedResponse]:
        """Delete a feed; what it posted stays until a Sync."""
        method = self._connection.feeds.DeleteFeed
        return self._call(method, request, timeout)

    def add_feed_channel(
        self,
        request: m.AddFeedChannelRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.AddFeedChannelResponse]:
        """Publish a feed to one more channel."""
        method = self._connection.feeds.AddFeedChannel
        return self._call(method, request, timeout)

    def remove_feed_channel(
        self,
        request: m.RemoveFeedChannelRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.RemoveFeedChannelResponse]:
        """Publish a feed to a channel no more."""
        method = self._connection.feeds.RemoveFeedChannel
        return self._call(method, request, timeout)

    # Posts.
    def upsert_post(
        self,
        request: m.UpsertPostRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.UpsertPostResponse]:
        """Create a post, change it, or open it again."""
        method = self._connection.feeds.UpsertPost
        return self._call(method, request, timeout)

    def batch_upsert_posts(
        self,
        request: m.BatchUpsertPostsRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.BatchUpsertPostsResponse]:
        """Do so for up to 200 posts of one feed: all or none."""
        method = self._connection.feeds.BatchUpsertPosts
        return self._call(method, request, timeout)

    async def import_posts(
        self,
        settings: m.ImportSettings,
        posts: Iterable[m.PostSpec],
        *,
        timeout: float | None = None,  # noqa: ASYNC109  (of all attempts)
        progress: Callable[[m.Import], object] | None = None,
    ) -> m.Import:
        """Import posts over connections that break; return how it ended.

        settings: the feed and the mode. `import_id` goes on with an import.
        posts: all posts of the import, each time in the same order: those that
            the server has taken already are passed over. If it raises, the
            import stays as it is, and nothing is closed.
        timeout: seconds for all of it; None waits as long as it takes.
        progress: is told the import whenever more of it is durable.
        """
        importing = Importing(settings, posts, timeout, progress)
        method = self._connection.feeds.ImportPosts
        while True:
            token = await self._tokens.get(importing.patience())
            stream = method(
                timeout=importing.remaining(), metadata=metadata_of(token)
            )
            try:
                await stream.write(importing.begin())
                async for response in stream:
                    importing.received(response)
                    if importing.ended:
                        return importing.state
                    with contextlib.suppress(asyncio.InvalidStateError):
                        # Of a call that has ended: the next read says how.
                        await stream.write(importing.next_request())
                raise importing.cut_short()
            except grpc.RpcError as error:
                failure = error_from(error, importing.request_id)
                if importing.needs_token(failure):
                    await self._tokens.renew(token, importing.patience())
                else:
                    await asyncio.sleep(importing.pause_after(failure))
            finally:
                stream.cancel()

    def close_post(
        self,
        request: m.ClosePostRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.ClosePostResponse]:
        """Close a post and take its messages back."""
        method = self._connection.feeds.ClosePost
        return self._call(method, request, timeout)

    def delete_post(
        self,
        request: m.DeletePostRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.DeletePostResponse]:
        """Delete a post and take its messages back."""
        method = self._connection.feeds.DeletePost
        return self._call(method, request, timeout)

    def get_post(
        self,
        request: m.GetPostRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.GetPostResponse]:
        """Return one post."""
        method = self._connection.feeds.GetPost
        return self._call(method, request, timeout)

    def list_posts(
        self,
        request: m.ListPostsRequest,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListPostsResponse, m.Post]:
        """List the posts of a feed."""
        method = self._connection.feeds.ListPosts
        return self._list(method, request, "posts", timeout)

    def list_messages(
        self,
        request: m.ListMessagesRequest | None = None,
        *,
        timeout: float | None = None,
    ) -> AsyncPager[m.ListMessagesResponse, m.Message]:
        """List what was posted; without a request, all of it."""
        request = request or m.ListMessagesRequest()
        method = self._connection.feeds.ListMessages
        return self._list(method, request, "messages", timeout)

    # What keeps channels in agreement with their feeds.
    def sync(
        self,
        request: m.SyncRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.SyncResponse]:
        """Make channels show what their feeds say."""
        method = self._connection.broadcast.Sync
        return self._call(method, request, timeout)

    def migrate(
        self,
        request: m.MigrateRequest,
        *,
        timeout: float | None = None,
    ) -> Coroutine[Any, Any, m.MigrateResponse]:
        """Move what feeds publish from one channel to another."""
        method = self._connection.broadcast.Migrate
        return self._call(method, request, timeout)
