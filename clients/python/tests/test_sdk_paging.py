"""Lists, page by page."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from broadcastd import AsyncClient, Client, errors
from broadcastd import messages as m
from fake_broadcastd import Failure, FakeBroadcastd

PAGES = {
    "": m.ListEntriesResponse(
        entries=[m.Entry(entry_id="1"), m.Entry(entry_id="2")],
        next_page_token="after 2",
    ),
    "after 2": m.ListEntriesResponse(next_page_token="still after 2"),
    "still after 2": m.ListEntriesResponse(entries=[m.Entry(entry_id="3")]),
}


def answer(request: Any) -> Any:
    return PAGES[request.page_token]


def test_items_come_from_all_pages(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("ListEntries", answer)
    request = m.ListEntriesRequest(filter="state = ACTIVE", page_size=2)

    entries = client.list_entries(request)

    assert not server.received
    assert [entry.entry_id for entry in entries] == ["1", "2", "3"]
    assert {call.request.filter for call in server.received} == {
        "state = ACTIVE"
    }
    assert request.page_token == ""
    assert [entry.entry_id for entry in entries] == ["1", "2", "3"]


def test_pages_are_fetched_as_they_are_asked_for(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("ListEntries", answer)

    pages = client.list_entries().pages()

    assert next(pages).next_page_token == "after 2"
    assert len(server.received) == 1
    assert [len(page.entries) for page in pages] == [0, 1]


def test_a_walk_begins_at_the_token_given(
    client: Client, server: FakeBroadcastd
) -> None:
    server.answer("ListEntries", answer)
    request = m.ListEntriesRequest(page_token="after 2")

    assert [entry.entry_id for entry in client.list_entries(request)] == ["3"]


def test_a_page_that_fails_ends_the_walk(
    client: Client, server: FakeBroadcastd
) -> None:
    failure = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
    server.answer("ListEntries", PAGES[""], failure)

    entries = iter(client.list_entries())

    assert [next(entries).entry_id, next(entries).entry_id] == ["1", "2"]
    with pytest.raises(errors.InvalidPageToken):
        next(entries)


def test_the_asynchronous_client_pages_alike(server: FakeBroadcastd) -> None:
    server.answer("ListEntries", answer)

    async def run() -> tuple[list[str], list[int]]:
        async with AsyncClient(server.address) as client:
            entries = client.list_entries()
            ids = [entry.entry_id async for entry in entries]
            sizes = [len(page.entries) async for page in entries.pages()]
            return ids, sizes

    assert asyncio.run(run()) == (["1", "2", "3"], [2, 0, 1])
