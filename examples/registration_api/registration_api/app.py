"""The HTTP interface: `uvicorn registration_api.app:app`."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, NamedTuple
from uuid import UUID

from broadcastd import AsyncClient, BroadcastError, errors
from broadcastd import messages as m
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError

from registration_api import problems
from registration_api.client_credentials import ClientCredentials
from registration_api.models import NewPair, Pair
from registration_api.settings import Settings


class Backend(NamedTuple):
    """What every request works with."""

    client: AsyncClient
    settings: Settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect, and refuse to start if the server does not suit."""
    settings = Settings.from_environment()
    async with connect(settings) as client:
        await check_server(client, settings)
        app.state.backend = Backend(client, settings)
        yield


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[AsyncClient]:
    """Open the client, with the tokens that the settings promise."""
    if settings.token_endpoint is None:
        async with AsyncClient(timeout=settings.timeout) as client:
            yield client
        return
    async with (
        ClientCredentials(settings.token_endpoint, settings.timeout) as tokens,
        AsyncClient(timeout=settings.timeout, token_provider=tokens) as client,
    ):
        yield client


async def check_server(client: AsyncClient, settings: Settings) -> None:
    """Raise RuntimeError, saying what is wrong, rather than fail every user."""
    try:
        info = await client.get_server_info()
        request = m.ListAccountsRequest(platform=settings.platform)
        accounts = [item.name async for item in client.list_accounts(request)]
    except errors.ScopeMissing as error:
        raise RuntimeError(f"{problems.MISSING_SCOPE} {error.scope}") from error
    except errors.Unauthenticated as error:
        raise RuntimeError(f"{problems.BAD_CREDENTIALS}: {error}") from error
    except BroadcastError as error:
        raise RuntimeError(f"broadcastd does not answer: {error}") from error
    if "entries" not in info.capabilities:
        raise RuntimeError(f"broadcastd {info.version} registers no entries")
    if settings.account not in accounts:
        raise RuntimeError(
            f"broadcastd has no account {settings.account} for "
            f"{m.Platform.Name(settings.platform)}; set REGISTRATION_ACCOUNT "
            f"to one of: {', '.join(accounts) or '(none)'}"
        )


def backend_of(request: Request) -> Backend:
    """Return what lifespan has made."""
    backend: Backend = request.app.state.backend
    return backend


app = FastAPI(title="Registration API", lifespan=lifespan)
app.add_exception_handler(BroadcastError, problems.answer)
app.add_exception_handler(RequestValidationError, problems.answer_invalid)

Here = Annotated[Backend, Depends(backend_of)]
Key = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)
]


@app.post("/users/{user_id}/pairs", status_code=201)
async def register_pair(
    user_id: UUID,
    new: NewPair,
    here: Here,
    response: Response,
    idempotency_key: Key = None,
) -> Pair:
    """Register a pair: afterwards it has an entry, or nothing has changed.

    Repeated with the same Idempotency-Key, the answer is the same. Registering
    a pair that lost its entry gives it a new one.
    """
    created = await here.client.create_entry(
        m.CreateEntryRequest(
            client_id=str(user_id),
            open_channel=new.open.spec(here.settings),
            closed_channel=new.closed.spec(here.settings),
            open_content=new.open.content(),
            closed_content=new.closed.content(),
            request_id=request_id_of(user_id, idempotency_key),
        )
    )
    if not created.HasField("entry"):
        raise HTTPException(410, "This pair was registered and deleted since.")
    if created.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return Pair.of(created)


@app.get("/users/{user_id}/pairs")
async def list_pairs(user_id: UUID, here: Here) -> list[Pair]:
    """List a user's pairs, each with its entry or as "not configured"."""
    request = m.ListChannelPairsRequest(filter=f'client_id = "{user_id}"')
    items = here.client.list_channel_pairs(request)
    return [Pair.of(item) async for item in items]


@app.delete("/users/{user_id}/pairs/{pair_id}", status_code=204)
async def delete_pair(user_id: UUID, pair_id: UUID, here: Here) -> None:
    """Delete a pair with its entry."""
    found = await here.client.get_channel_pair(
        m.GetChannelPairRequest(channel_pair_id=str(pair_id))
    )
    if found.channel_pair.client_id != str(user_id):
        raise HTTPException(404, "There is no such pair.")
    await here.client.delete_channel_pair(
        m.DeleteChannelPairRequest(channel_pair_id=str(pair_id))
    )


def request_id_of(user_id: UUID, key: str | None) -> str:
    """Return a request id of 36 characters that no other user's key can have.

    Without a key it is empty, and the client fills in a fresh one.
    """
    return str(uuid.uuid5(user_id, key)) if key else ""
