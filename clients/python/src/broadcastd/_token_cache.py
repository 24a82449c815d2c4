"""The token of a provider, kept until it expires; fetched once for all."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from broadcastd.errors import TokenUnavailable
from broadcastd.tokens import (
    AsyncTokenProvider,
    FixedToken,
    Token,
    TokenFile,
    TokenProvider,
    token_from,
)

# A token is renewed so long before it expires, or at a fifth of its life.
_MARGIN_SECONDS = 60.0
# One that this machine's clock takes for expired is not fetched for each call.
_LEAST_SECONDS = 1.0
# After a failure with a token that is still valid, and after a renewal that
# the server refused as well, the provider is left in peace.
_PAUSE_SECONDS = 10.0


class _Memory:
    """The last token, and how long it will do. Not for threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._token: Token | None = None
        self._fresh_until = 0.0
        self._renewed_at: float | None = None

    def fresh(self) -> Token | None:
        """Return the token unless it is time for another one."""
        return self._token if self._clock() < self._fresh_until else None

    def valid(self) -> Token | None:
        """Return the token unless it has expired."""
        if self._token is None or self._token.expires_at is None:
            return self._token
        return self._token if self._clock() < self._token.expires_at else None

    def instead_of(self, refused: Token) -> Token | None:
        """Return the token if it came after this one."""
        return self.valid() if self._token != refused else None

    def may_renew(self) -> bool:
        """Whether a refused token is worth another question."""
        if self._renewed_at is None:
            return True
        return not 0 <= self._clock() - self._renewed_at < _PAUSE_SECONDS

    def keep(self, token: Token) -> None:
        """Take a token that the provider has just given."""
        now = self._clock()
        self._token = token
        self._fresh_until = float("inf")
        if token.expires_at is not None:
            margin = min(_MARGIN_SECONDS, (token.expires_at - now) / 5)
            self._fresh_until = max(
                token.expires_at - margin, now + _LEAST_SECONDS
            )

    def renewed(self) -> None:
        """Remember that a token was asked for because one was refused."""
        self._renewed_at = self._clock()

    def postpone(self) -> None:
        """Make do with the token, as the provider gives no other one."""
        if (token := self.valid()) and token.expires_at is not None:
            later = self._clock() + _PAUSE_SECONDS
            self._fresh_until = min(later, token.expires_at)


class TokenCache:
    """Gives the token of a provider to the calls of many threads.

    One thread asks; those that need the answer wait for it.
    """

    def __init__(
        self, provider: TokenProvider, clock: Callable[[], float] = time.time
    ) -> None:
        """Ask this provider when a token is first needed."""
        self._provider = provider
        self._lock = threading.Lock()
        # Guarded by _lock.
        self._memory = _Memory(clock)
        self._flight: Future[Token] | None = None

    def get(self, timeout: float) -> Token:
        """Return a token that is not about to expire.

        Raises TokenUnavailable.
        """
        with self._lock:
            if token := self._memory.fresh():
                return token
            if self._flight and (token := self._memory.valid()):
                return token
            flight, is_ours = self._board()
        try:
            return self._land(flight, is_ours, timeout)
        except TokenUnavailable:
            with self._lock:
                if token := self._memory.valid():
                    return token
            raise

    def renew(self, refused: Token | None, timeout: float) -> Token | None:
        """Return another token than this one, or None if there is none.

        Raises TokenUnavailable.
        """
        if refused is None:
            return None
        with self._lock:
            if token := self._memory.instead_of(refused):
                return token
            if not self._flight:
                if not self._memory.may_renew():
                    return None
                self._memory.renewed()
            flight, is_ours = self._board()
        token = self._land(flight, is_ours, timeout)
        return None if token == refused else token

    def _board(self) -> tuple[Future[Token], bool]:
        """Join the question under way, or begin one. Needs _lock."""
        if self._flight:
            return self._flight, False
        self._flight = Future()
        return self._flight, True

    def _land(
        self, flight: Future[Token], is_ours: bool, timeout: float
    ) -> Token:
        if is_ours:
            self._ask(flight)
        try:
            error = flight.exception(timeout)
        except TimeoutError:
            raise _too_late() from None
        if error is not None:
            raise _unavailable(error) from error
        return flight.result()

    def _ask(self, flight: Future[Token]) -> None:
        try:
            token = token_from(self._provider())
        except BaseException as error:
            with self._lock:
                self._flight = None
                self._memory.postpone()
            flight.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            with self._lock:
                self._flight = None
                self._memory.keep(token)
            flight.set_result(token)


class AsyncTokenCache:
    """A TokenCache for the calls of one event loop.

    The question is a task of its own: a call that is cancelled, or whose time
    is up, leaves it to the others.
    """

    def __init__(
        self,
        provider: AsyncTokenProvider,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Ask this provider when a token is first needed."""
        self._provider = provider
        self._memory = _Memory(clock)
        self._flight: asyncio.Task[Token] | None = None

    async def get(self, timeout: float) -> Token:  # noqa: ASYNC109
        """Return a token that is not about to expire.

        Raises TokenUnavailable.
        """
        if token := self._memory.fresh():
            return token
        if self._flight and (token := self._memory.valid()):
            return token
        try:
            return await self._land(self._board(), timeout)
        except TokenUnavailable:
            if token := self._memory.valid():
                return token
            raise

    async def renew(
        self,
        refused: Token | None,
        timeout: float,  # noqa: ASYNC109
    ) -> Token | None:
        """Return another token than this one, or None if there is none.

        Raises TokenUnavailable.
        """
        if refused is None:
            return None
        if token := self._memory.instead_of(refused):
            return token
        if not self._flight:
            if not self._memory.may_renew():
                return None
            self._memory.renewed()
        token = await self._land(self._board(), timeout)
        return None if token == refused else token

    def close(self) -> None:
        """Give up a question under way."""
        if self._flight:
            self._flight.cancel()

    def _board(self) -> asyncio.Task[Token]:
        if not self._flight:
            self._flight = asyncio.ensure_future(self._ask())
            self._flight.add_done_callback(self._landed)
        return self._flight

    async def _land(
        self,
        flight: asyncio.Task[Token],
        timeout: float,  # noqa: ASYNC109
    ) -> Token:
        await asyncio.wait({flight}, timeout=max(0.0, timeout))
        if not flight.done():
            raise _too_late()
        if flight.cancelled():
            raise TokenUnavailable("the client was closed")
        if error := flight.exception():
            raise _unavailable(error) from error
        return flight.result()

    def _landed(self, flight: asyncio.Task[Token]) -> None:
        self._flight = None
        if flight.cancelled() or flight.exception():
            self._memory.postpone()

    async def _ask(self) -> Token:
        provider = self._provider
        if _is_async(provider):
            given = provider()
        else:
            given = await asyncio.to_thread(provider)
        if inspect.isawaitable(given):
            given = await given
        token = token_from(given)
        self._memory.keep(token)
        return token


class _Immediate:
    """What gives tokens without waiting, as AsyncTokenCache does."""

    def __init__(self, source: FixedToken | TokenFile) -> None:
        self._source = source

    async def get(self, timeout: float) -> Token | None:  # noqa: ASYNC109
        return self._source.get(timeout)

    async def renew(
        self,
        refused: Token | None,
        timeout: float,  # noqa: ASYNC109
    ) -> Token | None:
        return self._source.renew(refused, timeout)

    def close(self) -> None:
        pass


def tokens_of(
    source: FixedToken | TokenFile | TokenProvider,
) -> FixedToken | TokenFile | TokenCache:
    """Return what gives the tokens of this source to threads."""
    if isinstance(source, (FixedToken, TokenFile)):
        return source
    return TokenCache(source)


def async_tokens_of(
    source: FixedToken | TokenFile | AsyncTokenProvider,
) -> _Immediate | AsyncTokenCache:
    """Return what gives the tokens of this source to an event loop."""
    if isinstance(source, (FixedToken, TokenFile)):
        return _Immediate(source)
    return AsyncTokenCache(source)


def _is_async(provider: AsyncTokenProvider) -> bool:
    call = getattr(provider, "__call__", None)  # noqa: B004  (of an object)
    return any(map(inspect.iscoroutinefunction, (provider, call)))


def _unavailable(error: BaseException) -> TokenUnavailable:
    """Say that a provider failed; what it says itself may be a secret."""
    if isinstance(error, TokenUnavailable):
        return TokenUnavailable(error.message, retry_after=error.retry_after)
    return TokenUnavailable(
        f"the token provider failed ({type(error).__name__})"
    )


def _too_late() -> TokenUnavailable:
    return TokenUnavailable("the token provider did not answer in time")
