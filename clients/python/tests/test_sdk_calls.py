"""What a call sends, and how often."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import uuid
from pathlib import Path

import broadcastd
import grpc
import pytest
from broadcastd import AsyncClient, Client, errors
from broadcastd import messages as m
from fake_broadcastd import Failure, FakeBroadcastd

from broadcast.v1 import (
    admin_service_pb2,
    broadcast_service_pb2,
    channel_service_pb2,
    client_service_pb2,
    error_reason_pb2,
    event_service_pb2,
    feed_service_pb2,
    operation_service_pb2,
)

UNAVAILABLE = Failure(grpc.StatusCode.UNAVAILABLE)

SERVICES = [
    service
    for module in (
        admin_service_pb2,
        broadcast_service_pb2,
        channel_service_pb2,
        client_service_pb2,
        event_service_pb2,
        feed_service_pb2,
        operation_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
]
METHODS = [method for service in SERVICES for method in service.methods]
# What a program calls with one message: see test_sdk_importing.py.
PLAIN_METHODS = [method for method in METHODS if not method.client_streaming]


def function_name(method: str) -> str:
    return "".join(
        f"_{letter.lower()}" if letter.isupper() else letter
        for letter in method
    ).lstrip("_")


@pytest.mark.parametrize(
    "method", PLAIN_METHODS, ids=lambda method: method.name
)
def test_every_method_of_the_contract_can_be_called(
    client: Client, server: FakeBroadcastd, method: object
) -> None:
    name = method.name  # type: ignore[attr-defined]
    request = getattr(m, f"{name}Request")()
    response = getattr(m, f"{name}Response")()
    server.answer(name, response)

    answer = getattr(client, function_name(name))(request)
    if isinstance(answer, broadcastd.Pager):
        (answer,) = answer.pages()
    if name.startswith("Watch"):
        (answer,) = answer

    assert answer == response
    assert [call.method for call in server.received] == [name]


def test_both_clients_offer_the_same() -> None:
    def offer(kind: type) -> dict[str, tuple[object, str | None]]:
        return {
            name: (
                list(inspect.signature(function).parameters.values()),
                inspect.getdoc(function),
            )
            for name, function in inspect.getmembers(kind, callable)
            if not name.startswith("_")
        }

    assert offer(Client) == offer(AsyncClient)
    for method in METHODS:
        assert function_name(method.name) in offer(Client)


def test_all_messages_are_offered() -> None:
    for service in SERVICES:
        assert set(service.file.message_types_by_name) <= set(m.__all__)
        for imported in service.file.dependencies:
            if imported.package == "broadcast.v1":
                names = imported.message_types_by_name
                assert set(names) <= set(m.__all__)
    assert error_reason_pb2.ErrorReason is m.ErrorReason


def test_a_mutation_gets_a_request_id_and_its_message_stays_as_it_was(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("CreateEntry", m.CreateEntryResponse())
    request = m.CreateEntryRequest(client_id="c")

    client.create_entry(request)
    client.create_entry(request)

    sent = [uuid.UUID(call.request.request_id) for call in server.received]
    assert len(set(sent)) == 2
    assert {item.version for item in sent} == {4}
    assert request == m.CreateEntryRequest(client_id="c")


def test_a_request_id_that_is_given_is_sent(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("PauseEntry", m.PauseEntryResponse())

    client.pause_entry(m.PauseEntryRequest(request_id="mine"))

    assert server.received[0].request.request_id == "mine"


def test_all_attempts_of_a_mutation_have_one_request_id(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer(
        "CreateEntry",
        UNAVAILABLE,
        UNAVAILABLE,
        m.CreateEntryResponse(replayed=True),
    )

    response = client.create_entry(m.CreateEntryRequest())

    assert response.replayed
    assert len(server.received) == 3
    assert len({call.request.request_id for call in server.received}) == 1


def test_a_read_is_tried_four_times(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("GetEntry", UNAVAILABLE)

    with pytest.raises(errors.Unavailable) as caught:
        client.get_entry(m.GetEntryRequest(entry_id="e"))

    assert caught.value.is_retryable
    assert len(server.received) == 4


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    ],
)
def test_other_errors_are_not_retried(
    client: Client, server: FakeBroadcastd, code: grpc.StatusCode
) -> None:
    server.answer("GetEntry", Failure(code))

    with pytest.raises(errors.BroadcastError):
        client.get_entry(m.GetEntryRequest(entry_id="e"))

    assert len(server.received) == 1


def test_calls_have_a_deadline_of_ten_seconds_or_the_one_given(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("GetServerInfo", m.GetServerInfoResponse())

    client.get_server_info()
    client.get_server_info(timeout=100)
    with Client(server.address, timeout=50) as patient:
        patient.get_server_info()

    by_default, by_call, by_client = (
        call.time_remaining for call in server.received
    )
    # gRPC rounds a timeout up on its way to the server.
    assert 0 < by_default < 12
    assert 52 < by_call < 102
    assert 12 < by_client < 52


def test_a_call_says_who_calls(server: FakeBroadcastd) -> None:
    server.answer("GetServerInfo", m.GetServerInfoResponse())

    with Client(server.address, token="secret") as client:
        client.get_server_info()

    metadata = server.received[0].metadata
    assert metadata["authorization"] == "Bearer secret"
    assert metadata["user-agent"].startswith(
        f"broadcastd-python/{broadcastd.__version__} "
    )


def test_address_and_token_come_from_the_environment(
    server: FakeBroadcastd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADCAST_ADDRESS", server.address)
    monkeypatch.setenv("BROADCAST_TOKEN", "secret")
    server.answer("GetServerInfo", m.GetServerInfoResponse(version="1.2.3"))

    with Client() as client:
        assert client.get_server_info().version == "1.2.3"

    metadata = server.received[0].metadata
    assert metadata["authorization"] == "Bearer secret"


def test_nobody_there_is_unavailable() -> None:
    with FakeBroadcastd() as gone:
        address = gone.address
    with (
        Client(address) as client,
        pytest.raises(errors.Unavailable) as caught,
    ):
        client.create_entry(m.CreateEntryRequest())

    assert caught.value.reason == ""
    assert uuid.UUID(caught.value.request_id)


def test_tls_trusts_the_given_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *[
                "openssl",
                "req",
                "-x509",
                "-nodes",
                "-days",
                "1",
                "-newkey",
                "ec",
            ],
            *["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
            *["-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1"],
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    credentials = grpc.ssl_server_credentials(
        [(key.read_bytes(), certificate.read_bytes())]
    )
    with FakeBroadcastd(credentials) as server:
        server.answer("GetServerInfo", m.GetServerInfoResponse())
        with Client(server.address, tls_ca=certificate) as client:
            client.get_server_info()
        monkeypatch.setenv("BROADCAST_TLS_CA", str(certificate))
        with Client(server.address, token="secret") as client:
            client.get_server_info()
        with (
            Client(server.address, tls=False) as plain,
            pytest.raises(errors.Unavailable),
        ):
            plain.get_server_info()

    assert len(server.received) == 2


def test_the_asynchronous_client_does_the_same(server: FakeBroadcastd) -> None:
    server.answer(
        "CreateEntry",
        UNAVAILABLE,
        m.CreateEntryResponse(entry=m.Entry(entry_id="e")),
        Failure(grpc.StatusCode.ALREADY_EXISTS, "CHANNEL_TAKEN"),
    )

    async def run() -> None:
        async with AsyncClient(server.address, token="secret") as client:
            request = m.CreateEntryRequest(client_id="c")
            response = await client.create_entry(request)
            assert response.entry.entry_id == "e"
            with pytest.raises(errors.ChannelTaken):
                await client.create_entry(request)

    asyncio.run(run())

    first, second, third = (call.request.request_id for call in server.received)
    assert first == second != third
    assert server.received[0].metadata["authorization"] == "Bearer secret"
