"""How an import goes on over connections that end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from broadcastd import messages as m
from broadcastd._resuming import Resuming
from broadcastd.errors import BroadcastError, QueueFull, Unavailable

_MOST_POSTS = 1000
_MOST_BYTES = 1 << 20  # after which a message is full


class Importing(Resuming):
    """One import, for all its attempts: what it still has to send.

    It holds the posts of one message, until they are durable.
    """

    _passing = (Unavailable, QueueFull)

    def __init__(
        self,
        settings: m.ImportSettings,
        posts: Iterable[m.PostSpec],
        timeout: float | None,
        progress: Callable[[m.Import], object] | None,
    ) -> None:
        """Begin where `settings` says."""
        super().__init__(settings, timeout)
        if not self.request.request_id:
            self.request.request_id = str(uuid.uuid4())
        self.state = m.Import()
        self._posts = iter(posts)
        self._progress = progress
        self._drawn = 0  # posts, from `posts`
        self._waiting: list[m.PostSpec] = []  # the last of them, not durable

    @property
    def request_id(self) -> str:
        """The key by which the server knows a repetition of the beginning."""
        return str(self.request.request_id)

    @property
    def ended(self) -> bool:
        """Whether all of it is done."""
        return self.state.state == m.Import.STATE_COMPLETE

    def begin(self) -> m.ImportPostsRequest:
        """Return the first message of an attempt."""
        return m.ImportPostsRequest(settings=self.request)

    def received(self, response: Any) -> None:
        """Take note of what is durable."""
        self.state = response.progress
        self.request.import_id = self.state.import_id
        self._failures = 0
        self._renewed = False
        durable = self.state.received_count
        missing = max(0, self._drawn - durable)
        self._waiting = self._waiting[len(self._waiting) - missing :]
        # Taken from a caller before this one.
        for _ in islice(self._posts, max(0, durable - self._drawn)):
            pass
        self._drawn = max(self._drawn, durable)
        if self._progress is not None:
            self._progress(self.state)

    def next_request(self) -> m.ImportPostsRequest:
        """Return the next posts, or that there are no more."""
        if not self._waiting:
            size = 0
            for post in self._posts:
                self._waiting.append(post)
                size += post.ByteSize()
                if len(self._waiting) == _MOST_POSTS or size >= _MOST_BYTES:
                    break
            self._drawn += len(self._waiting)
        if not self._waiting:
            return m.ImportPostsRequest(
                completion=m.ImportCompletion(expected_count=self._drawn)
            )
        return m.ImportPostsRequest(posts=m.ImportedPosts(posts=self._waiting))

    def cut_short(self) -> BroadcastError:
        """Return what to raise if the server ends without an end."""
        return BroadcastError("The server ended the import without a word.")
