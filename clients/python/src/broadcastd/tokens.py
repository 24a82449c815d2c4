"""What a client proves with who it is: a token, and where it comes from."""

from __future__ import annotations

import base64
import json
import math
import os
import re
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broadcastd.errors import TokenUnavailable

_SENDABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Token:
    """What is sent as `authorization: Bearer ...`.

    It is never shown: its repr lacks the value, as do all errors and logs.
    """

    value: str = field(repr=False)
    expires_at: float | None = None
    """In seconds as of time.time(). None: as the token itself says, if it is
    a JWT with `exp`; else it is used until the server refuses it."""

    def __post_init__(self) -> None:
        # gRPC would refuse it with an error that repeats it.
        if not _SENDABLE.fullmatch(self.value):
            raise ValueError(
                "a token is not empty and has visible ASCII characters only"
            )
        if self.expires_at is None:
            object.__setattr__(self, "expires_at", expiry_of(self.value))


TokenProvider = Callable[[], Token | str]
"""Returns a fresh token; may take its time, and raise what it likes."""
AsyncTokenProvider = Callable[[], Token | str | Awaitable[Token | str]]
"""The same, awaited; without `async` it is called in a thread of its own."""


def token_from(given: Token | str) -> Token:
    """Take what a provider or a file gives. Raises ValueError, TypeError."""
    if isinstance(given, Token):
        return given
    if not isinstance(given, str):
        raise TypeError(f"a token is a str or a Token, not {type(given)}")
    return Token(given.strip())


def expiry_of(token: str) -> float | None:
    """Return the `exp` of a JWT, which nobody verifies here; else None."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    padding = "=" * (-len(parts[1]) % 4)
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(parts[1] + padding))
        expiry = claims.get("exp")
        if isinstance(expiry, bool) or not isinstance(expiry, (int, float)):
            return None
        return float(expiry) if math.isfinite(expiry) else None
    except (ValueError, AttributeError, OverflowError, RecursionError):
        return None


class _Unseen(str):
    """Text that a report of an error does not show among gRPC's variables."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'Bearer ...'"


def metadata_of(token: Token | None) -> tuple[tuple[str, str], ...]:
    """Return what a call with this token carries."""
    if token is None:
        return ()
    return (("authorization", _Unseen(f"Bearer {token.value}")),)


class FixedToken:
    """The same token always, or none. Any thread."""

    def __init__(self, token: Token | None) -> None:
        """Give this token."""
        self._token = token

    def get(self, _: float) -> Token | None:
        """Return the token."""
        return self._token

    def renew(self, _: Token | None, __: float) -> Token | None:
        """Return None: there is no other one."""
        return None


class TokenFile:
    """A token in a file that someone else renews, as mounted secrets are.

    The file is looked at before every call, and read when it has changed. Any
    thread.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Read this file when a token is first needed."""
        self._path = Path(path)
        self._lock = threading.Lock()
        # Guarded by _lock.
        self._token: Token | None = None
        self._seen: tuple[int, ...] = ()

    def get(self, _: float) -> Token | None:
        """Return what is in the file. Raises TokenUnavailable."""
        try:
            with self._lock:
                status = self._path.stat()
                seen = (
                    status.st_dev,
                    status.st_ino,
                    status.st_size,
                    status.st_mtime_ns,
                    status.st_ctime_ns,
                )
                if self._token is None or seen != self._seen:
                    # A change between both is seen the next time.
                    self._token = token_from(self._path.read_text("ascii"))
                    self._seen = seen
                return self._token
        except OSError as error:
            raise TokenUnavailable(
                f"the token file {self._path} cannot be read: {error.strerror}"
            ) from error
        except ValueError:
            # Its text is not chained: it quotes what was in the file.
            raise TokenUnavailable(
                f"the token file {self._path} does not hold a token"
            ) from None

    def renew(self, refused: Token | None, timeout: float) -> Token | None:
        """Return what is there instead by now, or None if it is the same."""
        with self._lock:
            self._token = None
        token = self.get(timeout)
        return None if token == refused else token
