"""Imports: they go on over connections that end, and send nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from broadcastd import AsyncClient, Client, errors
from broadcastd import messages as m
from fake_broadcastd import Failure, FakeBroadcastd

SETTINGS = m.ImportSettings(feed_id="f", mode=m.ImportMode.IMPORT_MODE_SNAPSHOT)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcastd._resuming._FIRST_PAUSE", 0.0)
    monkeypatch.setattr("broadcastd._importing._MOST_POSTS", 3)


class Feed:
    """Takes imports as a server does, and breaks when it is told to."""

    def __init__(self, *breaks: tuple[int, int]) -> None:
        """Break after so many posts, of which so many are durable."""
        self.breaks = list(breaks)
        self.names: list[str] = []
        self.begun: list[m.ImportSettings] = []
        self.largest = 0

    def __call__(self, requests: Iterator[m.ImportPostsRequest]) -> Any:
        settings = next(requests).settings
        self.begun.append(settings)
        yield self.progress()
        for request in requests:
            if request.HasField("completion"):
                assert request.completion.expected_count == len(self.names)
                yield self.progress(m.Import.STATE_COMPLETE)
                return
            posts = request.posts.posts
            self.largest = max(self.largest, len(posts))
            names = [post.external_id for post in posts]
            if self.breaks and len(self.names) >= self.breaks[0][0]:
                _, durable = self.breaks.pop(0)
                self.names += names[:durable]
                yield Failure(grpc.StatusCode.UNAVAILABLE)
                return
            self.names += names
            yield self.progress()

    def progress(self, state: Any = m.Import.STATE_RUNNING) -> Any:
        return m.ImportPostsResponse(
            progress=m.Import(
                import_id="i", received_count=len(self.names), state=state
            )
        )


def posts(count: int) -> Iterator[m.PostSpec]:
    return (m.PostSpec(external_id=str(i)) for i in range(count))


def by_blocking(server: FakeBroadcastd, *arguments: Any) -> m.Import:
    with Client(server.address) as client:
        return client.import_posts(*arguments)


def by_asyncio(server: FakeBroadcastd, *arguments: Any) -> m.Import:
    async def run() -> m.Import:
        async with AsyncClient(server.address) as client:
            return await client.import_posts(*arguments)

    return asyncio.run(run())


@pytest.fixture(params=[by_blocking, by_asyncio])
def import_posts(request: pytest.FixtureRequest) -> Callable[..., m.Import]:
    function: Callable[..., m.Import] = request.param
    return function


def test_all_posts_arrive_once_in_their_order(
    server: FakeBroadcastd, import_posts: Callable[..., m.Import]
) -> None:
    feed = Feed()
    server.answer("ImportPosts", feed)

    done = import_posts(server, SETTINGS, posts(8))

    assert done.received_count == 8
    assert feed.names == [str(i) for i in range(8)]
    assert feed.largest == 3
    assert feed.begun[0].feed_id == "f"
    assert feed.begun[0].request_id != ""
    assert SETTINGS.request_id == ""


@pytest.mark.parametrize("durable", [0, 1, 3])
def test_a_broken_stream_is_gone_on_with_behind_what_is_durable(
    server: FakeBroadcastd, import_posts: Callable[..., m.Import], durable: int
) -> None:
    feed = Feed((3, durable), (6, durable))
    server.answer("ImportPosts", feed)

    done = import_posts(server, SETTINGS, posts(10))

    assert done.state == m.Import.STATE_COMPLETE
    assert feed.names == [str(i) for i in range(10)]
    assert [begun.import_id for begun in feed.begun] == ["", "i", "i"]
    assert len({begun.request_id for begun in feed.begun}) == 1


def test_what_an_earlier_program_has_sent_is_passed_over(
    server: FakeBroadcastd, import_posts: Callable[..., m.Import]
) -> None:
    feed = Feed()
    feed.names = ["0", "1", "2", "3"]
    server.answer("ImportPosts", feed)
    settings = m.ImportSettings(feed_id="f", import_id="i")

    import_posts(server, settings, posts(6))

    assert feed.names == [str(i) for i in range(6)]


def test_posts_that_cannot_be_made_end_the_stream_without_a_completion(
    server: FakeBroadcastd, import_posts: Callable[..., m.Import]
) -> None:
    def broken() -> Iterator[m.PostSpec]:
        yield from posts(4)
        raise OSError("The database has gone.")

    feed = Feed()
    server.answer("ImportPosts", feed)

    with pytest.raises(OSError, match="The database has gone"):
        import_posts(server, SETTINGS, broken())

    assert feed.names == ["0", "1", "2"]


def test_a_refusal_is_raised_at_once(
    server: FakeBroadcastd, import_posts: Callable[..., m.Import]
) -> None:
    server.answer(
        "ImportPosts",
        Failure(grpc.StatusCode.ABORTED, "IMPORT_RUNNING", metadata={}),
    )

    with pytest.raises(errors.ImportRunning):
        import_posts(server, SETTINGS, posts(1))

    assert len(server.received) == 1


def test_progress_is_told(client: Client, server: FakeBroadcastd) -> None:
    server.answer("ImportPosts", Feed())
    told: list[int] = []

    client.import_posts(
        SETTINGS,
        posts(5),
        progress=lambda done: told.append(done.received_count),
    )

    assert told == [0, 3, 5, 5]
