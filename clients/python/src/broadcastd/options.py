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
from broadcastd.tokens import FixedToken, Token, TokenFile

DEFAULT_ADDRESS = "127.0.0.1:50051"
DEFAULT_TIMEOUT = 10.0

# A page of 1,000 entries with long contents is larger than gRPC's default.
_MAX_RESPONSE_BYTES = 64 * 1024 * 1024

ChannelOption = tuple[str, Any]
FilePath = str | os.PathLike[str]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where the server is, and how to speak to it."""

    address: str
    tokens: Any = field(repr=False)
    """FixedToken, TokenFile, or what the client was given as provider."""
    tls: bool
    root_certificates: bytes | None = field(repr=False)
    certificate: bytes | None = field(repr=False)
    key: bytes | None = field(repr=False)
    timeout: float
    channel_options: tuple[ChannelOption, ...]

    @classmethod
    def resolve(
        cls,
        address: str | None,
        *,
        token: str | None,
        token_file: FilePath | None,
        token_provider: Any,
        tls: bool | None,
        tls_ca: FilePath | None,
        tls_certificate: FilePath | None,
        tls_key: FilePath | None,
        allow_insecure_token: bool,
        timeout: float,
        channel_options: Sequence[ChannelOption],
    ) -> Options:
        """Take what is not given from the environment, then from the defaults.

        Raises ValueError for a token that would travel unencrypted and for
        options that contradict each other, and OSError for a certificate or
        key file that cannot be read.
        """
        address = address or os.environ.get("BROADCAST_ADDRESS") or None
        address = address or DEFAULT_ADDRESS
        tokens = _tokens_of(token, token_file, token_provider)
        files = _tls_files_of(tls, tls_ca, tls_certificate, tls_key)
        tls = bool(tls or any(files))
        safe = tls or allow_insecure_token or is_loopback(address)
        if tokens and not safe:
            raise ValueError(
                f"refusing to send the token to {address} without TLS: give "
                "tls_ca (BROADCAST_TLS_CA) or tls=True, or allow it with "
                "allow_insecure_token=True"
            )
        root_certificates, certificate, key = (
            Path(file).read_bytes() if file else None for file in files
        )
        return cls(
            address=address,
            tokens=tokens or FixedToken(None),
            tls=tls,
            root_certificates=root_certificates,
            certificate=certificate,
            key=key,
            timeout=timeout,
            channel_options=(
                *default_channel_options(address),
                *channel_options,
            ),
        )


def _tokens_of(
    token: str | None, token_file: FilePath | None, token_provider: Any
) -> Any:
    """Return where tokens come from, or None; an argument beats all variables.

    Raises ValueError if there are two places.
    """
    if not (token or token_file or token_provider):
        token = os.environ.get("BROADCAST_TOKEN")
        token_file = os.environ.get("BROADCAST_TOKEN_FILE")
    given = [item for item in (token, token_file, token_provider) if item]
    if len(given) > 1:
        raise ValueError(
            "give one of token (BROADCAST_TOKEN), token_file "
            "(BROADCAST_TOKEN_FILE) and token_provider"
        )
    if token:
        return FixedToken(Token(token.strip()))
    return TokenFile(token_file) if token_file else token_provider


def _tls_files_of(
    tls: bool | None,
    tls_ca: FilePath | None,
    tls_certificate: FilePath | None,
    tls_key: FilePath | None,
) -> tuple[FilePath | None, FilePath | None, FilePath | None]:
    """Return the files of authorities, certificate and key, or None for each.

    Raises ValueError if they contradict `tls` or each other.
    """
    given = {
        "tls_ca": tls_ca,
        "tls_certificate": tls_certificate,
        "tls_key": tls_key,
    }
    if tls is False:
        for name, file in given.items():
            if file:
                raise ValueError(f"{name} needs TLS, but tls=False was given")
        return None, None, None
    tls_ca = tls_ca or os.environ.get("BROADCAST_TLS_CA") or None
    if not (tls_certificate or tls_key):
        tls_certificate = os.environ.get("BROADCAST_TLS_CERT") or None
        tls_key = os.environ.get("BROADCAST_TLS_KEY") or None
    if bool(tls_certificate) != bool(tls_key):
        raise ValueError(
            "tls_certificate (BROADCAST_TLS_CERT) and tls_key "
            "(BROADCAST_TLS_KEY) need each other"
        )
    return tls_ca, tls_certificate, tls_key


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
