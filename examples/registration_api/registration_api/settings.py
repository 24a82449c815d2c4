"""What the environment says. The client itself reads BROADCAST_*."""

from __future__ import annotations

import os
from dataclasses import dataclass

from broadcastd import messages as m


@dataclass(frozen=True)
class Settings:
    """How pairs are registered."""

    platform: m.Platform
    """Where the channels are: REGISTRATION_PLATFORM."""
    account: str
    """Which account of the server posts to them: REGISTRATION_ACCOUNT."""
    timeout: float
    """How many seconds a user waits for an answer: REGISTRATION_TIMEOUT."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings; the defaults suit a server that was just tried."""
        platform = os.environ.get("REGISTRATION_PLATFORM", "log")
        return cls(
            platform=m.Platform.Value(f"PLATFORM_{platform.upper()}"),
            account=os.environ.get("REGISTRATION_ACCOUNT", "log"),
            timeout=float(os.environ.get("REGISTRATION_TIMEOUT", "5")),
        )
