"""Users over HTTP, the API, the server and its database: all real."""

from __future__ import annotations

import itertools
import time
import uuid
from typing import Any

import httpx
import pytest
from broadcastd import Client
from broadcastd import messages as m
from registration_stack import Broadcastd

_numbers = itertools.count(1_000_000_001)


def new_pair(**open_channel: Any) -> dict[str, Any]:
    """Describe a pair of channels that nobody has."""
    return {
        "open": {
            "address": f"-100{next(_numbers)}",
            "title": "News",
            "text": "Read all about it.",
            **open_channel,
        },
        "closed": {"address": f"-100{next(_numbers)}", "title": "Members"},
    }


def register(
    api: httpx.Client,
    user: str,
    pair: dict[str, Any],
    key: str | None = None,
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(f"/users/{user}/pairs", json=pair, headers=headers)


def registered(
    api: httpx.Client,
    user: str,
    pair: dict[str, Any],
    key: str | None = None,
) -> Any:
    response = register(api, user, pair, key)
    assert response.status_code == 201, response.text
    return response.json()


def pairs_of(api: httpx.Client, user: str) -> Any:
    response = api.get(f"/users/{user}/pairs")
    assert response.status_code == 200, response.text
    return response.json()


def wait_until_available(api: httpx.Client, user: str) -> None:
    """Do as Retry-After says, but hastily."""
    deadline = time.monotonic() + 15
    while api.get(f"/users/{user}/pairs").status_code == 503:
        assert time.monotonic() < deadline, "the API did not recover"
        time.sleep(0.1)


def test_a_registered_pair_has_an_entry(api: httpx.Client, user: str) -> None:
    new = new_pair()

    pair = registered(api, user, new)

    assert uuid.UUID(pair["pair_id"])
    assert uuid.UUID(pair["entry"]["entry_id"])
    assert pair["entry"]["last_outcome"] == "pending"
    assert pair["entry"]["last_send_time"] is None
    assert pair["entry"]["next_send_time"].endswith("Z")
    assert pair["status"] == "active"
    assert pair["open"] == {"address": new["open"]["address"], "title": "News"}
    assert pair["closed"] == {
        "address": new["closed"]["address"],
        "title": "Members",
    }
    assert pairs_of(api, user) == [pair]


def test_the_text_is_what_is_broadcast(
    api: httpx.Client, operator: Client, user: str
) -> None:
    pair = registered(api, user, new_pair())

    request = m.GetEntryRequest(entry_id=pair["entry"]["entry_id"])
    entry = operator.get_entry(request).entry

    assert entry.open_content.text == "Read all about it."
    assert not entry.HasField("closed_content")


def test_a_new_user_has_no_pairs(api: httpx.Client, user: str) -> None:
    assert pairs_of(api, user) == []


def test_users_see_their_own_pairs_only(api: httpx.Client, user: str) -> None:
    other = str(uuid.uuid4())
    mine = registered(api, user, new_pair())
    theirs = registered(api, other, new_pair())

    assert pairs_of(api, user) == [mine]
    assert pairs_of(api, other) == [theirs]


def test_a_pair_without_entry_is_shown_and_repaired(
    api: httpx.Client, operator: Client, user: str
) -> None:
    new = new_pair()
    pair = registered(api, user, new)
    operator.delete_entry(
        m.DeleteEntryRequest(entry_id=pair["entry"]["entry_id"])
    )

    assert pairs_of(api, user) == [
        {**pair, "status": "not configured", "entry": None}
    ]

    repaired = registered(api, user, new)
    assert repaired["pair_id"] == pair["pair_id"]
    assert repaired["entry"]["entry_id"] != pair["entry"]["entry_id"]
    assert pairs_of(api, user) == [repaired]


def test_an_imported_pair_is_not_configured(
    api: httpx.Client, operator: Client, user: str
) -> None:
    def spec() -> m.ChannelSpec:
        return m.ChannelSpec(
            platform=m.Platform.PLATFORM_TELEGRAM,
            address=f"-100{next(_numbers)}",
            account="main",
        )

    operator.create_channel_pair(
        m.CreateChannelPairRequest(
            client_id=user, open_channel=spec(), closed_channel=spec()
        )
    )

    (pair,) = pairs_of(api, user)
    assert pair["status"] == "not configured"
    assert pair["entry"] is None


def test_a_paused_entry_is_shown(
    api: httpx.Client, operator: Client, user: str
) -> None:
    pair = registered(api, user, new_pair())
    operator.pause_entry(
        m.PauseEntryRequest(entry_id=pair["entry"]["entry_id"])
    )

    assert [item["status"] for item in pairs_of(api, user)] == ["paused"]


def test_a_pair_is_registered_once(api: httpx.Client, user: str) -> None:
    new = new_pair()
    pair = registered(api, user, new)

    again = register(api, user, new)

    assert again.status_code == 409
    assert again.json() == {
        "code": "pair_exists",
        "detail": "This pair is registered already.",
        "pair_id": pair["pair_id"],
        "entry_id": pair["entry"]["entry_id"],
    }
    assert pairs_of(api, user) == [pair]


def test_the_same_key_gives_the_same_answer(
    api: httpx.Client, user: str
) -> None:
    new, key = new_pair(), "the first click"
    first = register(api, user, new, key)

    again = register(api, user, new, key)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert pairs_of(api, user) == [first.json()]


def test_the_same_key_for_another_pair_is_refused(
    api: httpx.Client, user: str
) -> None:
    pair = registered(api, user, new_pair(), "key")

    other = register(api, user, new_pair(), "key")

    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert pairs_of(api, user) == [pair]


def test_the_keys_of_two_users_are_two_keys(
    api: httpx.Client, user: str
) -> None:
    registered(api, user, new_pair(), "key")
    registered(api, str(uuid.uuid4()), new_pair(), "key")


def test_the_key_of_a_deleted_pair_does_not_bring_it_back(
    api: httpx.Client, user: str
) -> None:
    new = new_pair()
    pair = registered(api, user, new, "key")
    api.delete(f"/users/{user}/pairs/{pair['pair_id']}").raise_for_status()

    assert register(api, user, new, "key").status_code == 410
    assert pairs_of(api, user) == []
    registered(api, user, new, "another key")


def test_the_eleventh_pair_is_one_too_many(
    api: httpx.Client, user: str
) -> None:
    pairs = [registered(api, user, new_pair()) for _ in range(10)]

    new = new_pair()
    refused = register(api, user, new)

    assert refused.status_code == 403
    assert refused.json() == {
        "code": "too_many_pairs",
        "detail": "You have 10 pairs, which is the limit. Delete one.",
    }
    assert "Retry-After" not in refused.headers
    assert pairs_of(api, user) == pairs

    api.delete(f"/users/{user}/pairs/{pairs[3]['pair_id']}").raise_for_status()
    registered(api, user, new)


@pytest.mark.parametrize("side", ["open", "closed"])
def test_a_channel_of_another_user_is_taken(
    api: httpx.Client, user: str, side: str
) -> None:
    theirs = registered(api, str(uuid.uuid4()), new_pair())
    new = new_pair()
    new[side]["address"] = theirs["open"]["address"]

    taken = register(api, user, new)

    assert taken.status_code == 409
    assert taken.json() == {
        "code": "channel_taken",
        "detail": f"The {side} channel belongs to another user.",
        "field": side,
    }
    assert pairs_of(api, user) == []


def test_refused_fields_are_those_that_the_user_knows(
    api: httpx.Client, user: str
) -> None:
    new = new_pair(address="no channel!", title="x" * 129)
    new["closed"]["text"] = " "

    refused = register(api, user, new)

    assert refused.status_code == 422
    detail = refused.json()["detail"]
    assert [item["loc"] for item in detail] == [
        ["body", "open", "address"],
        ["body", "open", "title"],
        ["body", "closed", "text"],
    ]
    assert all(item["msg"] for item in detail)
    assert pairs_of(api, user) == []


def test_one_channel_is_no_pair(api: httpx.Client, user: str) -> None:
    new = new_pair()
    new["closed"]["address"] = new["open"]["address"]

    refused = register(api, user, new)

    assert refused.status_code == 422
    (item,) = refused.json()["detail"]
    assert item["loc"][:2] == ["body", "closed"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"open": NaN}',
        b'{"open": {"address": 1}, "closed": {"address": "-1001"}}',
        b'{"open": {"address": "-\\ud8001"}, "closed": {"address": "-1001"}}',
        b'{"open": {"address": "-1\\u0000"}, "closed": {"address": "-1001"}}',
    ],
)
def test_nonsense_is_refused(api: httpx.Client, user: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    url = f"/users/{user}/pairs"

    refused = api.post(url, content=body, headers=headers)

    assert refused.status_code == 422
    assert pairs_of(api, user) == []


def test_a_novel_is_too_large(api: httpx.Client, user: str) -> None:
    refused = register(api, user, new_pair(text="x" * 10_000_000))

    assert refused.status_code == 413
    assert refused.json()["code"] == "too_large"
    assert pairs_of(api, user) == []


def test_user_ids_are_uuids(api: httpx.Client) -> None:
    assert api.get("/users/42/pairs").status_code == 422
    assert register(api, "42", new_pair()).status_code == 422


def test_a_user_id_may_be_in_upper_case(api: httpx.Client, user: str) -> None:
    pair = registered(api, user.upper(), new_pair())

    assert pairs_of(api, user) == pairs_of(api, user.upper()) == [pair]
    url = f"/users/{user.upper()}/pairs/{pair['pair_id'].upper()}"
    assert api.delete(url).status_code == 204


def test_a_deleted_pair_is_gone_with_its_entry(
    api: httpx.Client, operator: Client, user: str
) -> None:
    gone, kept = (registered(api, user, new_pair()) for _ in range(2))
    url = f"/users/{user}/pairs/{gone['pair_id']}"

    first, second = api.delete(url), api.delete(url)

    assert (first.status_code, first.content) == (204, b"")
    assert second.status_code == 404
    assert pairs_of(api, user) == [kept]
    of_user = m.ListEntriesRequest(filter=f'client_id = "{user}"')
    assert [entry.entry_id for entry in operator.list_entries(of_user)] == [
        kept["entry"]["entry_id"]
    ]


def test_the_pair_of_another_user_cannot_be_deleted(
    api: httpx.Client, user: str
) -> None:
    other = str(uuid.uuid4())
    theirs = registered(api, other, new_pair())

    foreign = api.delete(f"/users/{user}/pairs/{theirs['pair_id']}")
    unknown = api.delete(f"/users/{user}/pairs/{uuid.uuid4()}")

    assert foreign.status_code == unknown.status_code == 404
    assert pairs_of(api, other) == [theirs]


def test_pairs_survive_a_restart(
    api: httpx.Client, server: Broadcastd, user: str
) -> None:
    new = new_pair()
    pair = registered(api, user, new, "key")

    status = server.stop()
    server.start()
    wait_until_available(api, user)

    assert status == 0
    assert pairs_of(api, user) == [pair]
    assert register(api, user, new).status_code == 409
    assert registered(api, user, new, "key") == pair


def test_pairs_survive_a_crash(
    api: httpx.Client, server: Broadcastd, user: str
) -> None:
    pair = registered(api, user, new_pair())

    server.kill()
    server.start()
    wait_until_available(api, user)

    assert pairs_of(api, user) == [pair]


def test_users_are_told_to_come_back(
    api: httpx.Client, server: Broadcastd, user: str
) -> None:
    new = new_pair()
    url = f"/users/{user}/pairs"

    server.stop()
    try:
        answers = [
            register(api, user, new, "key"),
            api.get(url),
            api.delete(f"{url}/{uuid.uuid4()}"),
        ]
    finally:
        server.start()

    for answer in answers:
        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["Retry-After"]) > 0

    wait_until_available(api, user)
    pair = registered(api, user, new, "key")
    assert pairs_of(api, user) == [pair]
