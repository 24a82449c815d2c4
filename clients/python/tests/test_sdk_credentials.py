"""Which credentials are taken from where, and which are refused."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from broadcastd import Client, errors
from broadcastd import messages as m
from fake_broadcastd import FakeBroadcastd


@pytest.mark.parametrize(
    "source", [{"token_file": "token"}, {"token_provider": lambda: "token"}]
)
def test_no_source_sends_tokens_unencrypted(source: dict[str, Any]) -> None:
    address = "broadcast.example:50051"

    with pytest.raises(ValueError, match="refusing to send the token"):
        Client(address, **source)
    Client(address, **source, tls=True).close()
    Client(address, **source, allow_insecure_token=True).close()


def test_one_source_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="give one of token"):
        Client(token="hush", token_file="token")
    with pytest.raises(ValueError, match="give one of token"):
        Client(token="hush", token_provider=lambda: "hush")
    monkeypatch.setenv("BROADCAST_TOKEN", "hush")
    monkeypatch.setenv("BROADCAST_TOKEN_FILE", "token")
    with pytest.raises(ValueError, match="give one of token") as caught:
        Client()
    assert "hush" not in str(caught.value)


def test_an_argument_beats_the_environment(
    server: FakeBroadcastd, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("GetServerInfo", m.GetServerInfoResponse())
    monkeypatch.setenv("BROADCAST_TOKEN", "of the environment")
    monkeypatch.setenv("BROADCAST_TOKEN_FILE", "nowhere")

    with Client(server.address, token_provider=lambda: "given") as client:
        client.get_server_info()

    assert server.tokens() == ["given"]


def test_certificate_and_key_need_each_other_and_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file.pem"
    with pytest.raises(ValueError, match="need each other"):
        Client(tls_certificate=file)
    with pytest.raises(ValueError, match="need each other"):
        Client(tls_key=file)
    with pytest.raises(ValueError, match="tls_key needs TLS"):
        Client(tls=False, tls_key=file)
    with pytest.raises(FileNotFoundError):
        Client(tls_certificate=file, tls_key=file)
    monkeypatch.setenv("BROADCAST_TLS_CERT", str(file))
    with pytest.raises(ValueError, match="BROADCAST_TLS_KEY"):
        Client()
    Client(tls=False).close()


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "1"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", f"/CN={name}"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def test_the_server_knows_a_client_by_its_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, server_key = make_certificate(tmp_path, "server")
    certificate, key = make_certificate(tmp_path, "client")
    stranger, strange_key = make_certificate(tmp_path, "stranger")
    credentials = grpc.ssl_server_credentials(
        [(server_key.read_bytes(), ca.read_bytes())],
        root_certificates=certificate.read_bytes(),
        require_client_auth=True,
    )
    with FakeBroadcastd(credentials) as server:
        server.answer("GetServerInfo", m.GetServerInfoResponse())
        with Client(
            server.address, tls_ca=ca, tls_certificate=certificate, tls_key=key
        ) as client:
            client.get_server_info()
        for file, its_key in ((None, None), (stranger, strange_key)):
            with (
                Client(
                    server.address,
                    tls_ca=ca,
                    tls_certificate=file,
                    tls_key=its_key,
                ) as other,
                pytest.raises(errors.Unavailable),
            ):
                other.get_server_info(timeout=5)
        monkeypatch.setenv("BROADCAST_TLS_CA", str(ca))
        monkeypatch.setenv("BROADCAST_TLS_CERT", str(certificate))
        monkeypatch.setenv("BROADCAST_TLS_KEY", str(key))
        with Client(server.address) as client:
            client.get_server_info()

    assert len(server.received) == 2
