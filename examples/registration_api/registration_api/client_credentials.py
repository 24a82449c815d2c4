"""Tokens by OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

import time
from datetime import timedelta
from types import TracebackType
from typing import Any
from urllib.parse import quote_plus

import httpx
from broadcastd import Token
from broadcastd.errors import TokenUnavailable

from registration_api.settings import TokenEndpoint

_RETRY_AFTER = timedelta(seconds=5)

# What an endpoint may say (section 5.2). Any other text of it is not repeated:
# it may hold what was sent.
_ERRORS = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}


class ClientCredentials:
    """A token provider of the client, which decides when a token is needed."""

    def __init__(self, endpoint: TokenEndpoint, timeout: float) -> None:
        """Ask this endpoint, which has `timeout` seconds to answer."""
        self._endpoint = endpoint
        self._http = httpx.AsyncClient(timeout=timeout)

    async def __aenter__(self) -> ClientCredentials:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def __call__(self) -> Token:
        """Fetch a token. Raises TokenUnavailable, which says why not."""
        asked_at = time.time()
        form = {"grant_type": "client_credentials"}
        if self._endpoint.scope:
            form["scope"] = self._endpoint.scope
        try:
            response = await self._http.post(
                self._endpoint.url,
                data=form,
                headers={"Accept": "application/json"},
                auth=self._credentials(),
            )
        except httpx.HTTPError as error:
            raise TokenUnavailable(
                f"the token endpoint does not answer ({type(error).__name__})",
                retry_after=_RETRY_AFTER,
            ) from None
        if response.status_code != 200:
            raise _refusal(response)
        return _token_of(_json_of(response), asked_at)

    def _credentials(self) -> httpx.BasicAuth:
        """Read the secret anew each time: it may have been replaced."""
        try:
            secret = self._endpoint.secret_file.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise TokenUnavailable(
                "the file of REGISTRATION_CLIENT_SECRET_FILE cannot be read "
                f"({type(error).__name__})"
            ) from None
        # Section 2.3.1 wants both encoded as in a form.
        return httpx.BasicAuth(
            quote_plus(self._endpoint.client_id), quote_plus(secret)
        )


def _refusal(response: httpx.Response) -> TokenUnavailable:
    status = response.status_code
    answer = _json_of(response)
    said = answer.get("error")
    reason = f": {said}" if said in _ERRORS else ""
    return TokenUnavailable(
        f"the token endpoint answers with status {status}{reason}",
        retry_after=_RETRY_AFTER if status == 429 or status >= 500 else None,
    )


def _json_of(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _token_of(answer: dict[str, Any], asked_at: float) -> Token:
    """Return the token of an answer; it lives from when it was asked for."""
    token = answer.get("access_token")
    kind = answer.get("token_type", "")
    if not isinstance(token, str) or not isinstance(kind, str):
        raise TokenUnavailable("the token endpoint answers without a token")
    if kind.lower() != "bearer":
        raise TokenUnavailable("the token endpoint gives no Bearer token")
    lifetime = answer.get("expires_in")
    try:
        # Without it, the token may say itself when it expires.
        expires_at = None if lifetime is None else asked_at + float(lifetime)
        return Token(token, expires_at)
    except (TypeError, ValueError, OverflowError):
        raise TokenUnavailable(
            "the token endpoint answers with a malformed token or lifetime"
        ) from None
