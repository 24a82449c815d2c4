"""Where a client connects to, and what it refuses."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import broadcastd
import pytest
from broadcastd import Client, messages
from broadcastd.options import (
    default_channel_options,
    is_loopback,
    service_config,
)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:50051",
        "127.8.9.1",
        "localhost:50051",
        "LOCALHOST",
        "[::1]:50051",
        "::1",
        "dns:localhost:50051",
        "dns:///localhost:50051",
        "ipv4:127.0.0.1:1,127.0.0.2:2",
        "ipv6:[::1]:50051",
        "unix:/run/broadcastd.sock",
        "unix:///run/broadcastd.sock",
    ],
)
def test_a_token_may_go_to_this_machine(address: str) -> None:
    assert is_loopback(address)
    Client(address, token="secret").close()


@pytest.mark.parametrize(
    "address",
    [
        "broadcast.example:50051",
        "10.0.0.1:50051",
        "0.0.0.0:50051",
        "localhost.example:50051",
        "127.0.0.1.example:50051",
        "[2001:db8::1]:50051",
        "dns:///broadcast.example:50051",
        "dns://127.0.0.1/broadcast.example:50051",
        "ipv4:127.0.0.1:1,10.0.0.1:2",
        "xds:///localhost",
    ],
)
def test_a_token_goes_nowhere_else_unencrypted(address: str) -> None:
    assert not is_loopback(address)
    with pytest.raises(ValueError, match="refusing to send the token"):
        Client(address, token="secret")
    Client(address, token="secret", allow_insecure_token=True).close()
    Client(address, token="secret", tls=True).close()
    Client(address).close()


def test_a_token_of_the_environment_is_kept_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BROADCAST_ADDRESS", "broadcast.example:50051")
    monkeypatch.setenv("BROADCAST_TOKEN", "hush")

    with pytest.raises(ValueError, match="without TLS") as caught:
        Client()

    assert "hush" not in str(caught.value)


def test_a_certificate_file_contradicts_plaintext(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="tls_ca"):
        Client("localhost", tls=False, tls_ca=tmp_path / "ca.pem")
    with pytest.raises(FileNotFoundError):
        Client("localhost", tls_ca=tmp_path / "ca.pem")


def test_idle_connections_are_kept_alive() -> None:
    options = dict(default_channel_options("broadcast.example"))

    assert options["grpc.keepalive_time_ms"] == 30_000
    assert "grpc.enable_http_proxy" not in options
    assert ("grpc.enable_http_proxy", 0) in default_channel_options("localhost")


def test_every_service_is_retried() -> None:
    (methods,) = json.loads(service_config())["methodConfig"]
    services = {
        f"{file.package}.{service}"
        for file in _files()
        for service in file.services_by_name
    }

    assert {name["service"] for name in methods["name"]} == services
    assert methods["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]


def _files() -> set[Any]:
    """Every file of the contract that has a message."""
    found = (getattr(messages, name) for name in messages.__all__)
    return {kind.DESCRIPTOR.file for kind in found}


def test_the_package_has_the_version_of_the_repository() -> None:
    package = Path(__file__).resolve().parents[1]
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    version = (package.parents[1] / "VERSION").read_text().strip()

    assert project["version"] == broadcastd.__version__ == version
