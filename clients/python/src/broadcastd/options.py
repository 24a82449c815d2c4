"""How to reach a server: what both clients are configured with."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from broadcastd._version import __version__

DEFAULT_ADDRESS = "127.0.0.1:50051"
DEFAULT_TIMEOUT = 10.0

# A page of 1,000 entries with long contents is larger than gRPC's default.
_MAX_RESPONSE_BYTES = 64 * 1024 * 1024

ChannelOption = tuple[str, Any]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where the server is, and how to speak to it."""

    address: str
    token: str | None = field(repr=False)
    tls: bool
    root_certificates: bytes | None = field(repr=False)
    timeout: float
    channel_options: tuple[ChannelOption, ...]

    @classmethod
    def resolve(
        cls,
        address: str | None,
        *,
        token: str | None,
        tls: bool | None,
        tls_ca: str | os.PathLike[str] | None,
        allow_insecure_token: bool,
        timeout: float,
        channel_options: Sequence[ChannelOption],
    ) -> Options:
        """Take what is not given from the environment, then from the defaults.

        Raises ValueError for a token that would travel unencrypted, and OSError
        for a certificate file that cannot be read.
        """
        address = address or os.environ.get("BROADCAST_ADDRESS") or None
        address = address or DEFAULT_ADDRESS
        token = token or os.environ.get("BROADCAST_TOKEN") or None
        if tls is not False:
            tls_ca = tls_ca or os.environ.get("BROADCAST_TLS_CA") or None
        elif tls_ca:
            raise ValueError("tls_ca needs TLS, but tls=False was given")
        tls = bool(tls or tls_ca)
        safe = tls or allow_insecure_token or is_loopback(address)
        if token and not safe:
            raise ValueError(
                f"refusing to send the token to {address} without TLS: give "
                "tls_ca (BROADCAST_TLS_CA) or tls=True, or allow it with "
                "allow_insecure_token=True"
            )
        return cls(
            address=address,
            token=token,
            tls=tls,
            root_certificates=Path(tls_ca).read_bytes() if tls_ca else None,
            timeout=timeout,
            channel_options=(
                *default_channel_options(address),
                *channel_options,
            ),
        )


def default_channel_options(address: str) -> list[ChannelOption]:
    """Return what every channel is opened with."""
    options: list[ChannelOption] = [
        ("grpc.primary_user_agent", f"broadcastd-python/{__version__}"),
        ("grpc.service_config", service_config()),
        ("grpc.enable_retries", 1),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        # A server that comes back is found within seconds.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.min_reconnect_backoff_ms", 5_000),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        ("grpc.max_receive_message_length", _MAX_RESPONSE_BYTES),
    ]
    if is_loopback(address):
        # What is meant for this machine never takes the way over a proxy.
        options.append(("grpc.enable_http_proxy", 0))
    return options


def service_config() -> str:
    """Return gRPC's service config: UNAVAILABLE is retried, on any replica.

    Mutations too: they always carry a `request_id`, so that the server does
    none of them twice.
    """
    return (
        resources.files("broadcastd")
        .joinpath("service_config.json")
        .read_text(encoding="utf-8")
    )


def is_loopback(address: str) -> bool:
    """Whether every endpoint of a gRPC target is on this machine."""
    scheme, _, rest = address.rpartition(":///")
    if not scheme:
        scheme = match[1] if (match := _SCHEME.match(address)) else ""
        rest = address[len(scheme) + 1 :] if scheme else address
    if scheme in ("unix", "unix-abstract"):
        return True
    if scheme not in ("", "dns", "ipv4", "ipv6"):
        return False
    return all(_is_loopback_host(_host_of(item)) for item in rest.split(","))


_SCHEME = re.compile(r"(dns|ipv4|ipv6|unix|unix-abstract):")


def _host_of(endpoint: str) -> str:
    if endpoint.startswith("["):
        return endpoint[1:].partition("]")[0]
    if endpoint.count(":") > 1:
        return endpoint
    return endpoint.partition(":")[0]


def _is_loopback_host(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
