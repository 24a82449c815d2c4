"""An OpenID provider on loopback, which publishes whatever a test says."""

from __future__ import annotations

import http.server
import json
import threading
from typing import Any, Self

from issuers import Issuer, jwks


class OpenIdProvider:
    """Serves its configuration and its keys until it goes away."""

    def __init__(self, port: int, *issuers: Issuer) -> None:
        """Only remember where, and the keys."""
        self.port = port
        self.url = f"http://127.0.0.1:{port}/realms/tests"
        self.keys = jwks(*issuers)
        self.asked = 0
        self.configuration: dict[str, Any] = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
        }
        self.server: http.server.ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Be there."""
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = provider.document(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", self.port), Handler
        )
        threading.Thread(target=self.server.serve_forever, args=[0.02]).start()

    def stop(self) -> None:
        """Go away; the port answers no more."""
        server, self.server = self.server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def document(self, path: str) -> bytes:
        """Return what is at a path; nothing if there is nothing."""
        if path == "/realms/tests/.well-known/openid-configuration":
            return json.dumps(self.configuration).encode()
        if path == "/realms/tests/keys":
            self.asked += 1
            return self.keys.encode()
        return b""
