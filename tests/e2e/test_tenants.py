"""A client cannot tell that there are others, whatever it asks.

BROADCASTD_TEST_SEED repeats a walk that failed.
"""

from __future__ import annotations

import collections
import os
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from broadcastd_process import Broadcastd, Postgres
from callers import ALL_SCOPES, Caller
from issuers import Issuer, jwks
from tenant_walk import UUID, Walk, World

STEPS = 1500
ISSUER = Issuer("good")
# What a walk must have met to be worth anything.
MET = {
    "OK",
    "CHANNEL_ACCOUNT_MISMATCH",
    "CHANNEL_NOT_FOUND",
    "CHANNEL_PAIR_EXISTS",
    "CHANNEL_PAIR_LIMIT",
    "CHANNEL_PAIR_NOT_FOUND",
    "CLIENT_EXISTS",
    "CLIENT_NOT_FOUND",
    "ENTRY_NOT_FOUND",
    "ETAG_MISMATCH",
    "FEED_EXISTS",
    "FEED_NOT_FOUND",
    "INVALID_PAGE_TOKEN",
    "POST_NOT_FOUND",
    "REQUEST_ID_REUSED",
}


class Servers:
    """Servers on empty databases of one kind, which know one issuer."""

    def __init__(self, folder: Path, postgres: Postgres | None) -> None:
        """Start none yet."""
        self.folder = folder
        self.postgres = postgres
        self.running: list[Broadcastd] = []

    def new(self, *options: str) -> Broadcastd:
        folder = self.folder / str(len(self.running))
        folder.mkdir()
        keys = folder / "keys.json"
        keys.write_text(jwks(ISSUER))
        database = f"sqlite:{folder / 'b.db'}"
        if self.postgres is not None:
            database = self.postgres.new_database()
        server = Broadcastd(
            database,
            folder,
            f"--jwt_keys={keys}",
            "--principal_rate=0",
            "--scheduler=external",
            "--account=log=log",
            "--account=spare=log",
            "--account=bot=telegram",
            *options,
            environment={"BROADCASTD_ACCOUNT_BOT_TOKEN": "1:a-token-of-tests"},
        )
        self.running.append(server)
        server.start()
        return server


@pytest.fixture(params=["sqlite", "postgresql"])
def servers(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Servers]:
    postgres = None
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
    servers = Servers(tmp_path, postgres)
    yield servers
    for server in servers.running:
        server.kill()


def client_of(server: Broadcastd, client_id: str) -> Caller:
    token = ISSUER.token(sub="client", client_id=client_id, scope=ALL_SCOPES)
    return Caller(server.channel, token)


class Tenant:
    """A client in the world that it shares, and in one of its own."""

    def __init__(
        self, chance: random.Random, shared: Broadcastd, alone: Broadcastd
    ) -> None:
        """Take a client id that nobody has."""
        self.client_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        self.shared = World(client_of(shared, self.client_id))
        self.alone = World(client_of(alone, self.client_id))
        self.walk = Walk(chance, self.client_id)
        self.own: set[str] = {self.client_id}
        self.named: set[str] = set()
        self.met: collections.Counter[str] = collections.Counter()

    def step(self, other: Tenant, request_ids: list[str]) -> None:
        """Make one call in both worlds, and compare."""
        method, request = self.walk.next(other.walk, request_ids)
        there = self.alone.translated(request, self.shared)
        said, told = self.shared.attempt(method, request)
        _, alone = self.alone.attempt(method, there)
        assert told == alone, f"{method} {request}\nshared: {said}"
        # The audit repeats what the client itself has named before.
        self.named.update(UUID.findall(request))
        leaked = (set(UUID.findall(said)) & other.own) - self.named
        assert not leaked, f"{method} {request}\ntells of {leaked}"
        self.walk.learn(method, request, said)
        for ids in self.walk.ids.values():
            self.own.update(ids)
        self.met[reason_in(said)] += 1


def reason_in(said: str) -> str:
    _, found, rest = said.partition('"reason": "')
    return rest.partition('"')[0] if found else "OK"


def test_two_clients_fare_as_each_would_alone(servers: Servers) -> None:
    seed = int(os.environ.get("BROADCASTD_TEST_SEED", random.getrandbits(32)))
    print(f"BROADCASTD_TEST_SEED={seed}")
    chance = random.Random(seed)
    options = ("--default_pair_quota=6",)
    shared = servers.new(*options)
    tenants = [Tenant(chance, shared, servers.new(*options)) for _ in range(2)]
    ids = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(40)]
    for _ in range(STEPS):
        one = chance.randrange(2)
        tenants[one].step(tenants[1 - one], ids)
    met = tenants[0].met + tenants[1].met
    print(met)
    assert set(met) >= MET
    assert met["OK"] > STEPS / 4
    assert "INTERNAL" not in met


def registration(client_id: str, number: int, **more: Any) -> dict[str, Any]:
    def spec(side: str) -> dict[str, Any]:
        return {
            "platform": "PLATFORM_LOG",
            "address": f"{side}-{number}",
            "account": "log",
        }

    return {
        "client_id": client_id,
        "open_channel": spec("open"),
        "closed_channel": spec("closed"),
        **more,
    }


def test_the_rows_of_others_do_not_shorten_a_page(servers: Servers) -> None:
    # A page examines 1,000 rows: they must be the caller's own.
    server = servers.new("--default_pair_quota=5000")
    many, few = str(uuid.uuid4()), str(uuid.uuid4())
    crowd, caller = client_of(server, many), client_of(server, few)
    batch = "BroadcastService.BatchCreateEntries"
    for size in (600, 600):
        first = size * len(crowd_sizes(crowd))
        requests = [
            registration(many, first + n, interval="3600s") for n in range(size)
        ]
        crowd.call(batch, {"requests": requests})
    own = [registration(few, n, interval="36000s") for n in range(3)]
    caller.call(batch, {"requests": own})
    lists: dict[str, list[dict[str, Any]]] = {
        "BroadcastService.ListEntries": [
            {},
            {"order_by": "create_time desc"},
            {"order_by": "next_send_time"},
            {"order_by": "next_send_time desc"},
            {"filter": "state = ACTIVE", "order_by": "next_send_time"},
            {"filter": "state = PAUSED", "order_by": "next_send_time"},
            {"filter": "state = PAUSED"},
        ],
        "ChannelService.ListChannelPairs": [{}, {"filter": "configured=false"}],
        "ChannelService.ListChannels": [{}, {"filter": "state = DISABLED"}],
        "ClientService.ListClients": [{}, {"filter": "labels.a = b"}],
        "AdminService.ListAuditEvents": [{}, {"filter": "outcome = NONE"}],
    }
    for method, requests in lists.items():
        for request in requests:
            page = caller.call(method, request)
            assert page.next_page_token == "", (method, request)
            assert many not in str(page)


def crowd_sizes(crowd: Caller) -> list[int]:
    """Return the batches that a client has made: one event each."""
    audit = crowd.call("AdminService.ListAuditEvents", {})
    return [event.row_count for event in audit.audit_events]


def test_a_telegram_channel_is_taken_and_no_more_is_told(
    servers: Servers,
) -> None:
    server = servers.new()
    holder, other = str(uuid.uuid4()), str(uuid.uuid4())
    request = registration(holder, 1)
    request["open_channel"] = {
        "platform": "PLATFORM_TELEGRAM",
        "address": "@channel_of_one",
        "account": "bot",
        "title": "A title",
    }
    made = client_of(server, holder).call(
        "BroadcastService.CreateEntry", request
    )
    caller = client_of(server, other)
    for method, asked in {
        "BroadcastService.CreateEntry": request | {"client_id": other},
        "ChannelService.CreateChannelPair": request | {"client_id": other},
        "BroadcastService.BatchCreateEntries": {
            "requests": [
                registration(other, 1),
                request | {"client_id": other},
            ]
        },
    }.items():
        for validate_only in (False, True):
            failure = caller.refused(
                method, asked | {"validate_only": validate_only}
            )
            assert failure.code is grpc.StatusCode.ALREADY_EXISTS, failure
            assert failure.reason == "CHANNEL_TAKEN"
            told = str(failure) + failure.details
            assert set(UUID.findall(told)) <= {other}
            assert holder not in told
            assert "A title" not in told
    # Nothing came of it.
    for method in ("ClientService.ListClients", "ChannelService.ListChannels"):
        assert caller.call(method, {}).ByteSize() == 0
    own = client_of(server, holder).call(
        "BroadcastService.GetEntry", {"entry_id": made.entry.entry_id}
    )
    assert own.entry == made.entry
