"""What the environment says. The client itself reads BROADCAST_*."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from broadcastd import messages as m
from broadcastd.options import is_loopback


@dataclass(frozen=True)
class TokenEndpoint:
    """Where this API gets its tokens, as an OAuth 2.0 client."""

    url: str
    """REGISTRATION_TOKEN_URL."""
    client_id: str
    """REGISTRATION_CLIENT_ID."""
    secret_file: Path
    """REGISTRATION_CLIENT_SECRET_FILE."""
    scope: str = ""
    """REGISTRATION_TOKEN_SCOPE; empty: those that the endpoint grants."""

    def __post_init__(self) -> None:
        url = urlsplit(self.url)
        secure = url.scheme == "https" or (
            url.scheme == "http" and is_loopback(url.hostname or "")
        )
        if not secure or url.username or url.password:
            raise ValueError(
                "REGISTRATION_TOKEN_URL must be https (http on this machine "
                "only), without a password: the client's secret goes there"
            )

    @classmethod
    def from_environment(cls) -> TokenEndpoint | None:
        """Return None if the token comes from elsewhere."""
        names = ("TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET_FILE")
        url, client_id, secret_file = (
            os.environ.get(f"REGISTRATION_{name}", "") for name in names
        )
        if not (url or client_id or secret_file):
            return None
        if not (url and client_id and secret_file):
            raise ValueError(
                "REGISTRATION_TOKEN_URL, REGISTRATION_CLIENT_ID and "
                "REGISTRATION_CLIENT_SECRET_FILE need each other"
            )
        for name in ("BROADCAST_TOKEN", "BROADCAST_TOKEN_FILE"):
            if os.environ.get(name):
                raise ValueError(f"{name} contradicts REGISTRATION_TOKEN_URL")
        scope = os.environ.get("REGISTRATION_TOKEN_SCOPE", "")
        return cls(url, client_id, Path(secret_file), scope)


@dataclass(frozen=True)
class Settings:
    """How pairs are registered."""

    platform: m.Platform
    """Where the channels are: REGISTRATION_PLATFORM."""
    account: str
    """Which account of the server posts to them: REGISTRATION_ACCOUNT."""
    timeout: float
    """How many seconds a user waits for an answer: REGISTRATION_TIMEOUT."""
    token_endpoint: TokenEndpoint | None = None
    """None: the client has the token of BROADCAST_*, or none."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings; the defaults suit a server that was just tried.

        Raises ValueError, saying which does not suit.
        """
        platform = os.environ.get("REGISTRATION_PLATFORM", "log")
        return cls(
            platform=m.Platform.Value(f"PLATFORM_{platform.upper()}"),
            account=os.environ.get("REGISTRATION_ACCOUNT", "log"),
            timeout=float(os.environ.get("REGISTRATION_TIMEOUT", "5")),
            token_endpoint=TokenEndpoint.from_environment(),
        )
