"""What this API's users are told when broadcastd refuses or fails."""

from __future__ import annotations

import logging
import math

from broadcastd import errors
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

log = logging.getLogger("uvicorn.error")

DEFAULT_RETRY_AFTER = 5

# What the operators of this API are told.
BAD_CREDENTIALS = (
    "broadcastd does not accept this API's own credentials (BROADCAST_TOKEN, "
    "BROADCAST_TOKEN_FILE or REGISTRATION_TOKEN_URL)"
)
MISSING_SCOPE = "this API's token lacks the scope"

# How the server's fields are called here.
FIELDS = {
    "client_id": ("path", "user_id"),
    "channel_pair_id": ("path", "pair_id"),
    "open_channel": ("body", "open"),
    "open_channel.address": ("body", "open", "address"),
    "open_channel.title": ("body", "open", "title"),
    "open_content.text": ("body", "open", "text"),
    "closed_channel": ("body", "closed"),
    "closed_channel.address": ("body", "closed", "address"),
    "closed_channel.title": ("body", "closed", "title"),
    "closed_content.text": ("body", "closed", "text"),
}


async def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a request that is not even worth a call.

    Unlike FastAPI's own answer it does not repeat what was sent, which may be
    text that no answer can hold.
    """
    assert isinstance(error, RequestValidationError)
    fields = [
        {name: item[name] for name in ("loc", "msg", "type")}
        for item in error.errors()
    ]
    return _problem(422, "invalid_fields", fields)


async def answer(request: Request, error: Exception) -> JSONResponse:
    """Answer a request that made a call to broadcastd fail."""
    assert isinstance(error, errors.BroadcastError)
    match error:
        case errors.InvalidFields() if fields := _fields_of(error):
            return _problem(422, "invalid_fields", fields)
        case errors.RequestIdReused():
            text = "This Idempotency-Key was used for another registration."
            return _problem(422, "idempotency_key_reused", text)
        case errors.ChannelPairExists():
            return _problem(
                409,
                "pair_exists",
                "This pair is registered already.",
                pair_id=error.metadata.get("channel_pair_id"),
                entry_id=error.metadata.get("entry_id"),
            )
        case errors.ChannelTaken():
            side = FIELDS.get(error.metadata.get("field", ""), ("", ""))[-1]
            text = f"The {side} channel belongs to another user."
            return _problem(409, "channel_taken", text, field=side)
        case errors.QuotaExceeded():
            limit = error.metadata.get("limit", "all")
            text = f"You have {limit} pairs, which is the limit. Delete one."
            return _problem(403, "too_many_pairs", text)
        case errors.ClientUnknown():
            text = "This user may not register pairs."
            return _problem(403, "user_unknown", text)
        case errors.ClientBeingDeleted():
            text = "This user is being deleted."
            return _problem(409, "user_being_deleted", text)
        case errors.NotFound():
            return _problem(404, "not_found", "There is no such pair.")
        case errors.ResourceExhausted(reason=""):
            return _problem(413, "too_large", "The request is too large.")
        case (
            errors.Unavailable()
            | errors.DeadlineExceeded()
            | errors.QueueFull()
            | errors.RateLimited()
            | errors.StorageFull()
        ):
            log.warning("broadcastd: %s", error)
            return _try_again(error)
        case errors.Unauthenticated():
            # Ours, not the user's, who can only wait until it is mended.
            log.error("%s: %s", BAD_CREDENTIALS, error)
            return _try_again(error)
        case errors.PermissionDenied():
            scope = error.metadata.get("scope", "that this call needs")
            log.error("%s %s: %s", MISSING_SCOPE, scope, error)
            text = "Registration is not available."
            return _problem(500, "not_available", text)
    log.error("broadcastd: %s (request id %s)", error, error.request_id or "-")
    return _problem(500, "internal", "Something is wrong on our side.")


def _fields_of(error: errors.BroadcastError) -> list[dict[str, object]]:
    """Tell the fields as FastAPI does; none if one is not the user's."""
    if not all(item.field in FIELDS for item in error.field_violations):
        return []
    return [
        {"loc": FIELDS[item.field], "msg": item.description, "type": "refused"}
        for item in error.field_violations
    ]


def _try_again(error: errors.BroadcastError) -> JSONResponse:
    seconds = DEFAULT_RETRY_AFTER
    if error.retry_after is not None:
        seconds = max(1, math.ceil(error.retry_after.total_seconds()))
    response = _problem(
        503,
        "unavailable",
        "Registration is not available. Repeat this request later; with the "
        "same Idempotency-Key it is done once.",
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def _problem(
    status: int, code: str, detail: object, **more: str | None
) -> JSONResponse:
    content = {"code": code, "detail": detail, **more}
    return JSONResponse(content, status_code=status)
