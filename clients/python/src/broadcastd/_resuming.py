"""How a watch goes on over connections that end."""

from __future__ import annotations

import random
import time
from typing import Any

from broadcastd.errors import BroadcastError, TokenInvalid, Unavailable
from broadcastd.options import DEFAULT_TIMEOUT

_MOST_FAILURES = 8
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class Resuming:
    """One watch, for all its attempts: where it goes on, and how long."""

    # What passes if one waits.
    _passing: tuple[type[BroadcastError], ...] = (Unavailable,)

    def __init__(self, request: Any, timeout: float | None) -> None:
        """Begin where `request` says; without a timeout, never give up."""
        self.request = type(request)()
        self.request.CopyFrom(request)
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._failures = 0
        self._renewed = False

    def remaining(self) -> float | None:
        """Return how many seconds are left, if they are counted."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - time.monotonic())

    def patience(self) -> float:
        """Return how many seconds a token may take."""
        remaining = self.remaining()
        return DEFAULT_TIMEOUT if remaining is None else remaining

    def received(self, response: Any) -> None:
        """Go on behind `response` next time."""
        self.request.resume_token = response.resume_token
        self._failures = 0
        self._renewed = False

    def needs_token(self, failure: BroadcastError) -> bool:
        """Return whether another token may help: once, until it did."""
        if self._renewed or not isinstance(failure, TokenInvalid):
            return False
        self._renewed = True
        return True

    def pause_after(self, failure: BroadcastError) -> float:
        """Return how long to wait before the next attempt, or raise.

        A connection ends when its age has come, or the server is replaced:
        that is no end of the watch.
        """
        self._failures += 1
        if (
            not isinstance(failure, self._passing)
            or self._failures > _MOST_FAILURES
        ):
            raise failure
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (self._failures - 1))
        return pause * random.uniform(0.5, 1.0)
