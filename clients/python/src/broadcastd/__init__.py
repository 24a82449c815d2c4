"""Client of broadcastd.

Start with `Client`, or with `AsyncClient` in asyncio. Requests and responses
are the messages of the contract, in `broadcastd.messages`; what a call raises
is in `broadcastd.errors`.
"""

from broadcastd import errors, messages
from broadcastd._version import __version__
from broadcastd.async_client import AsyncClient
from broadcastd.client import Client
from broadcastd.errors import BroadcastError
from broadcastd.paging import AsyncPager, Pager
from broadcastd.tokens import Token

__all__ = [
    "AsyncClient",
    "AsyncPager",
    "BroadcastError",
    "Client",
    "Pager",
    "Token",
    "__version__",
    "errors",
    "messages",
]
