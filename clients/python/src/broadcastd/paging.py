"""Lists that fetch their pages as they are walked through."""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Sequence,
)
from typing import Any, Generic, TypeVar

Page = TypeVar("Page")
Item = TypeVar("Item")


class Pager(Generic[Page, Item]):
    """The items of a list, or by `pages()` its responses.

    Nothing is fetched before it is asked for, and every walk begins anew.
    """

    def __init__(
        self, fetch: Callable[[Any], Page], request: Any, items: str
    ) -> None:
        """Fetch pages by requests like this one; `items` names their field."""
        self._fetch = fetch
        self._request = request
        self._items = items

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from _items_of(page, self._items)

    def pages(self) -> Iterator[Page]:
        """Yield page after page; some may be short, or empty."""
        request = _copy_of(self._request)
        while True:
            page = self._fetch(request)
            yield page
            request.page_token = _next_page_token(page)
            if not request.page_token:
                return


class AsyncPager(Generic[Page, Item]):
    """A Pager for `async for`."""

    def __init__(
        self, fetch: Callable[[Any], Awaitable[Page]], request: Any, items: str
    ) -> None:
        """Fetch pages by requests like this one; `items` names their field."""
        self._fetch = fetch
        self._request = request
        self._items = items

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in _items_of(page, self._items):
                yield item

    async def pages(self) -> AsyncIterator[Page]:
        """Yield page after page; some may be short, or empty."""
        request = _copy_of(self._request)
        while True:
            page = await self._fetch(request)
            yield page
            request.page_token = _next_page_token(page)
            if not request.page_token:
                return


def _copy_of(message: Any) -> Any:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def _items_of(page: Any, name: str) -> Sequence[Any]:
    items: Sequence[Any] = getattr(page, name)
    return items


def _next_page_token(page: Any) -> str:
    token: str = page.next_page_token
    return token
