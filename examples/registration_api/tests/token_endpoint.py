"""An OAuth 2.0 token endpoint on this machine, over real HTTP."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus


class Asked(NamedTuple):
    """One request for a token."""

    client_id: str
    secret: str
    form: dict[str, str]


class FakeTokenEndpoint:
    """Numbers its tokens, unless it is told to answer something else."""

    def __init__(self, lifetime: float = 3600) -> None:
        """Listen on a free port of this machine."""
        self.asked: list[Asked] = []
        self.lifetime = lifetime
        self.delay = 0.0
        self.status = 200
        self.answer: bytes | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/token"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> FakeTokenEndpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, authorization: str, body: str) -> bytes:
        """Note a request, and return the body of its answer."""
        credentials = base64.b64decode(authorization.removeprefix("Basic "))
        client_id, _, secret = credentials.decode().partition(":")
        form = dict(parse_qsl(body))
        self.asked.append(
            Asked(unquote_plus(client_id), unquote_plus(secret), form)
        )
        number = len(self.asked)
        time.sleep(self.delay)
        if self.answer is not None:
            return self.answer
        token: dict[str, Any] = {
            "access_token": f"token-{number}",
            "token_type": "Bearer",
            "expires_in": self.lifetime,
        }
        return json.dumps(token).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length).decode()
                authorization = self.headers.get("Authorization", "")
                answer = endpoint.take(authorization, body)
                self.send_response(endpoint.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
