"""What an operator sees with grpcurl, the real one, and no proto files."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import grpc
import pytest
from broadcastd_process import ROOT, Broadcastd

GRPCURL = Path(
    os.environ.get("BROADCASTD_GRPCURL", ROOT / ".tools/bin/grpcurl")
)


def grpcurl(
    server: Broadcastd, *arguments: str, data: object = None
) -> subprocess.CompletedProcess[str]:
    given = [] if data is None else ["-d", json.dumps(data)]
    return subprocess.run(
        [GRPCURL, "-plaintext", *given, server.address, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
    )


def call(server: Broadcastd, method: str, data: object) -> Any:
    done = grpcurl(server, f"broadcast.v1.{method}", data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(
    server: Broadcastd, method: str, data: object, code: grpc.StatusCode
) -> str:
    """Return what grpcurl prints of a call that must fail with `code`."""
    done = grpcurl(server, f"broadcast.v1.{method}", data=data)
    assert done.returncode == 64 + code.value[0], done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def registration() -> dict[str, Any]:
    client = str(uuid.uuid4())
    return {
        "client_id": client,
        "open_channel": {
            "platform": "PLATFORM_LOG",
            "address": f"open-{client}",
            "account": "log",
        },
        "closed_channel": {
            "platform": "PLATFORM_WEBHOOK",
            "address": f"https://example.com/{client}",
            "account": "hooks",
        },
        "open_content": {
            "text": "<b>Hello</b> \u20ac",
            "parse_mode": "PARSE_MODE_HTML",
        },
        "interval": "3600s",
        # Nothing is sent while a test looks at it.
        "start_time": "2100-01-01T00:00:00Z",
        "labels": {"team": "ops"},
    }


def test_services_and_methods_are_found(server: Broadcastd) -> None:
    listed = grpcurl(server, "list").stdout.split()
    assert set(listed) == {
        "broadcast.v1.AdminService",
        "broadcast.v1.BroadcastService",
        "broadcast.v1.ChannelService",
        "broadcast.v1.ClientService",
        "broadcast.v1.EventService",
        "broadcast.v1.FeedService",
        "broadcast.v1.OperationService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    methods = grpcurl(server, "list", "broadcast.v1.BroadcastService").stdout
    assert "broadcast.v1.BroadcastService.CreateEntry" in methods
    described = grpcurl(
        server, "describe", "broadcast.v1.CreateEntryRequest"
    ).stdout
    assert ".broadcast.v1.ChannelSpec open_channel = 2;" in described


def test_an_entry_is_made_found_listed_and_deleted(
    server: Broadcastd, registration: dict[str, Any]
) -> None:
    made = call(server, "BroadcastService/CreateEntry", registration)
    entry = made["entry"]
    assert entry["client_id"] == registration["client_id"]
    assert entry["state"] == "STATE_ACTIVE"
    assert entry["last_outcome"] == "OUTCOME_PENDING"
    assert entry["interval"] == "3600s"
    assert entry["open_content_source"] == "CONTENT_SOURCE_ENTRY"
    assert made["client"]["pair_count"] == 1
    assert made["channel_pair"] == entry["channel_pair"]

    by_id = {"entry_id": entry["entry_id"]}
    got = call(server, "BroadcastService/GetEntry", by_id)
    assert got["entry"] == entry
    by_addresses = {
        "channel_pair_addresses": {
            "client_id": registration["client_id"],
            **{
                side: {
                    "platform": registration[side]["platform"],
                    "address": registration[side]["address"],
                }
                for side in ("open_channel", "closed_channel")
            },
        }
    }
    got = call(server, "BroadcastService/GetEntry", by_addresses)
    assert got["entry"] == entry

    listed = call(
        server,
        "BroadcastService/ListEntries",
        {"filter": f"client_id = {registration['client_id']}"},
    )
    assert listed == {"entries": [entry]}

    gone = call(server, "BroadcastService/DeleteEntry", by_id)
    assert gone["entry_count"] == 1
    text = refused(
        server,
        "BroadcastService/GetEntry",
        by_addresses,
        grpc.StatusCode.NOT_FOUND,
    )
    assert "CreateEntry gives it one" in text
    call(server, "BroadcastService/CreateEntry", registration)


def test_errors_are_readable(
    server: Broadcastd, registration: dict[str, Any]
) -> None:
    create = "BroadcastService/CreateEntry"
    made = call(server, create, registration)
    text = refused(server, create, registration, grpc.StatusCode.ALREADY_EXISTS)
    assert "Code: AlreadyExists" in text
    assert '"reason": "CHANNEL_PAIR_EXISTS"' in text
    assert '"domain": "broadcastd"' in text
    assert made["entry"]["entry_id"] in text
    assert "google.rpc.ResourceInfo" in text

    text = refused(server, create, {}, grpc.StatusCode.INVALID_ARGUMENT)
    assert '"reason": "INVALID_FIELDS"' in text
    for field in ("client_id", "open_channel", "closed_channel"):
        assert f'"field": "{field}"' in text

    registration["closed_channel"]["address"] = "https://example.com/other"
    registration["closed_channel"]["account"] = "nobody"
    text = refused(
        server, create, registration, grpc.StatusCode.FAILED_PRECONDITION
    )
    assert '"reason": "CHANNEL_ACCOUNT_UNKNOWN"' in text
    assert "ListAccounts" in text


def test_the_eleventh_pair_is_over_the_quota(
    server: Broadcastd, registration: dict[str, Any]
) -> None:
    pairs = []
    for pair in range(11):
        item = json.loads(json.dumps(registration))
        item["open_channel"]["address"] += f"-{pair}"
        pairs.append(item)
    text = refused(
        server,
        "BroadcastService/BatchCreateEntries",
        {"requests": pairs},
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    )
    assert '"reason": "CHANNEL_PAIR_LIMIT"' in text
    assert "google.rpc.QuotaFailure" in text
    assert "RetryInfo" not in text
    made = call(
        server,
        "BroadcastService/BatchCreateEntries",
        {"requests": pairs[:10]},
    )
    assert len(made["entries"]) == 10


def test_what_the_server_is(server: Broadcastd) -> None:
    info = call(server, "AdminService/GetServerInfo", {})
    version = (ROOT / "VERSION").read_text().split()[0]
    assert info["version"] == version
    assert info["schema_version"] >= 1
    backend = "SQLITE" if server.database.startswith("sqlite") else "POSTGRESQL"
    assert info["storage_backend"] == f"STORAGE_BACKEND_{backend}"
    assert info["limits"]["default_pair_quota"] == 10
    accounts = grpcurl(server, "broadcast.v1.AdminService/ListAccounts").stdout
    assert [a["name"] for a in json.loads(accounts)["accounts"]] == [
        "hooks",
        "log",
    ]
    assert "sEcReT" not in accounts
    check = call(server, "AdminService/CheckIntegrity", {})
    assert check["clean"] is True
