"""Clients who call at the same moment notice nothing of each other.

Two of them make random calls on one server, where many rows of a third one are,
and the same calls on a server of their own each: see tenants.py. What they call
is repeated by BROADCASTD_TEST_SEED, but not in which order the two do.
"""

from __future__ import annotations

import os
import random
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from broadcastd_process import Broadcastd, eventually
from callers import ALL_SCOPES, Caller
from issuers import Issuer, jwks
from random_calls import FIELDS, REQUEST_IDS, RandomCalls
from tenants import Tenant

ISSUER = Issuer("tests")
STEPS = 500
# More than a page examines, so that a page of others' rows would be seen.
CROWD = 1100


@pytest.fixture(scope="module")
def servers(
    own_database: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[Broadcastd]]:
    """The server that is shared, and one for each client."""

    def another_database() -> str:
        if own_database.startswith("postgresql"):
            return request.getfixturevalue("postgres").new_database()
        return f"sqlite:{tmp_path_factory.mktemp('alone') / 'b.db'}"

    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(jwks(ISSUER))
    databases = [own_database, another_database(), another_database()]
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                Broadcastd(
                    database,
                    tmp_path_factory.mktemp("server"),
                    f"--jwt_keys={keys}",
                    "--principal_rate=0",
                    "--scheduler=external",
                    "--address_rate=0",
                    "--account=log=log",
                    "--account=spare=log",
                    "--account=news=telegram",
                    environment={"BROADCASTD_ACCOUNT_NEWS_TOKEN": "1:token"},
                )
            )
            for database in databases
        ]


@pytest.fixture(scope="module")
def crowd(servers: list[Broadcastd]) -> Caller:
    """An operator, and a client of many entries on the shared server alone."""
    operator = Caller(servers[0].channel, ISSUER.token(scope=ALL_SCOPES))
    client_id = str(uuid.uuid4())
    operator.call(
        "ClientService.CreateClient",
        {"client_id": client_id, "pair_quota": CROWD},
    )

    def spec(name: str) -> dict[str, str]:
        return {"platform": "PLATFORM_LOG", "address": name, "account": "log"}

    for first in range(0, CROWD, 550):
        items = [
            {
                "client_id": client_id,
                "open_channel": spec(f"of-all-clients-{number}"),
                "closed_channel": spec(f"closed-{number}"),
                "labels": {"team": "a"},
            }
            for number in range(first, first + 550)
        ]
        operator.call(
            "BroadcastService.BatchCreateEntries",
            {"requests": items, "request_id": REQUEST_IDS[first // 550]},
        )
    return operator


@pytest.fixture
def seed() -> Iterator[int]:
    """What makes this walk, printed if it fails."""
    seed = int(os.environ.get("BROADCASTD_TEST_SEED", random.randrange(2**32)))
    print(f"repeat with BROADCASTD_TEST_SEED={seed}")
    yield seed


def tenants(servers: list[Broadcastd], dice: random.Random) -> list[Tenant]:
    found = []
    for alone in servers[1:]:
        client_id = str(uuid.UUID(int=dice.getrandbits(128)))
        token = ISSUER.token(client_id=client_id, scope=ALL_SCOPES)
        shared = Caller(servers[0].dial(), token)
        found.append(Tenant(client_id, shared, Caller(alone.dial(), token)))
    return found


def list_all(tenant: Tenant) -> None:
    """Compare all that there is, a page at a time, and what is recorded."""
    for method in FIELDS.values():
        token = ""
        while True:
            page = tenant.call(method, {"page_size": 3, "page_token": token})
            token = page["next_page_token"]
            if not token:
                break
    tenant.call("AdminService.CheckIntegrity", {})


def audited(caller: Caller) -> list[tuple[Any, ...]]:
    """Return what was recorded of the changes of a caller's client."""
    found: list[tuple[Any, ...]] = []
    token = ""
    while True:
        page = caller.call(
            "AdminService.ListAuditEvents",
            {"filter": "outcome = OK", "page_size": 1000, "page_token": token},
        )
        found += [
            (e.client_id, e.method, e.event, e.request_id, e.row_count)
            for e in page.audit_events
        ]
        token = page.next_page_token
        if not token:
            return found


def close(walkers: list[Tenant]) -> None:
    for tenant in walkers:
        tenant.shared.channel.close()
        tenant.alone.channel.close()


def test_two_clients_call_at_once(
    servers: list[Broadcastd], crowd: Caller, seed: int
) -> None:
    dice = random.Random(seed)
    walkers = tenants(servers, dice)
    problems: list[BaseException] = []

    def walk(tenant: Tenant, other: Tenant, seed: int) -> None:
        calls = RandomCalls(random.Random(seed), tenant, other)
        try:
            for _ in range(STEPS):
                tenant.call(*calls.next())
            list_all(tenant)
        except BaseException as problem:
            problems.append(problem)

    threads = [
        threading.Thread(target=walk, args=(*pair, dice.getrandbits(32)))
        for pair in (walkers, walkers[::-1])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for problem in problems:
        raise problem
    for tenant in walkers:
        assert audited(tenant.shared) == audited(tenant.alone), str(tenant)
        # Enough of it went well.
        assert len(tenant.ids["entry_id"]) > 4, str(tenant)
    assert sum(tenant.taken for tenant in walkers) > 0
    close(walkers)


def test_a_purge_of_another_client_is_not_noticed(
    servers: list[Broadcastd], crowd: Caller, seed: int
) -> None:
    dice = random.Random(seed)
    a, b = walkers = tenants(servers, dice)
    calls = RandomCalls(dice, a, b)
    listed = crowd.call("ClientService.ListClients", {"page_size": 1})
    gone = crowd.call(
        "ClientService.DeleteClient",
        {"client_id": listed.clients[0].client_id},
    )
    assert gone.purging
    for _ in range(STEPS // 4):
        a.call(*calls.next())
    list_all(a)
    eventually(
        lambda: (
            crowd.call("AdminService.CheckIntegrity", {}).entry_count < CROWD
        )
    )
    list_all(a)
    close(walkers)
