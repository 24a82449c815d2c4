"""How broadcastctl reaches a server: none, a silent one, tokens and TLS."""

from __future__ import annotations

import signal
from pathlib import Path

from broadcastctl_process import (
    CONNECTION,
    DENIED,
    DONE,
    NOBODY,
    USAGE,
    Broadcastctl,
    make_entry,
)
from broadcastd_process import Broadcastd, free_port
from certificates import Authority
from issuers import Issuer

SECRET = "a secret of at least thirty-two bytes"


def test_a_server_that_is_not_there() -> None:
    ctl = Broadcastctl(f"127.0.0.1:{free_port()}")
    for verb in (("server",), ("trigger", NOBODY), ("verify",)):
        result = ctl.run(*verb).expect(CONNECTION, "there is no connection to")
        assert "--request-id" not in result.err
    ctl.run("operations", "watch", NOBODY).expect(
        CONNECTION, "there is no connection to"
    )


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    """A mutation that may have been made says how to find out."""
    with Broadcastd(f"sqlite:{tmp_path / 'b.db'}", tmp_path) as server:
        entry_id = make_entry(server).entry.entry_id
        ctl = Broadcastctl(server.address)
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        try:
            late = ctl.run("trigger", entry_id, "--timeout=1s")
        finally:
            server.process.send_signal(signal.SIGCONT)
        late.expect(CONNECTION, "within 1s (--timeout)")


def test_tokens_and_scopes(tmp_path: Path) -> None:
    issuer = Issuer(secret=SECRET)
    secret_file = tmp_path / "secret"
    secret_file.write_text(SECRET)
    secret_file.chmod(0o600)
    with Broadcastd(
        f"sqlite:{tmp_path / 'b.db'}",
        tmp_path,
        f"--jwt_secret_file={secret_file}",
    ) as server:
        address = server.address
        Broadcastctl(address).run("server").expect(
            DENIED, "[TOKEN_MISSING]", "BROADCAST_TOKEN"
        )
        reader = issuer.token(scope="entries:read")
        ctl = Broadcastctl(address, {"BROADCAST_TOKEN": reader})
        ctl.run("entries", "list").expect(DONE)
        refused = ctl.run("trigger", NOBODY)
        refused.expect(DENIED, "[SCOPE_MISSING]", "the scope broadcast:trigger")

        token_file = tmp_path / "token"
        token_file.write_text(f"{reader}\n")
        by_file = Broadcastctl(
            address, {"BROADCAST_TOKEN_FILE": str(token_file)}
        )
        by_file.run("entries", "list").expect(DONE)
        token_file.write_text("not a token")
        broken = by_file.run("entries", "list")
        broken.expect(USAGE, "characters that no token has")
        assert "not a token" not in broken.err

        old = issuer.token(exp=1_000_000_000)
        late = Broadcastctl(address, {"BROADCAST_TOKEN": old}).run("server")
        late.expect(DENIED, "[TOKEN_INVALID]", "problem = expired")
        for result in (refused, late):
            for token in (reader, old):
                assert token not in result.err + result.out

        far = Broadcastctl("192.0.2.1:1", {"BROADCAST_TOKEN": reader})
        far.run("server").expect(USAGE, "is not sent to 192.0.2.1:1")


def test_tls(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.give("server", dns="localhost").write(
        tmp_path / "server"
    )
    ca = tmp_path / "ca.crt"
    ca.write_bytes(authority.pem)
    stranger = tmp_path / "stranger.crt"
    stranger.write_bytes(Authority("Another authority").pem)
    with Broadcastd(
        f"sqlite:{tmp_path / 'b.db'}",
        tmp_path,
        f"--tls_certificate={certificate}",
        f"--tls_key={key}",
    ) as server:
        port = server.address.rsplit(":", 1)[1]
        ctl = Broadcastctl(f"localhost:{port}")
        ctl.run("server", f"--tls-ca={ca}").expect(DONE)
        named = Broadcastctl(server.address, {"BROADCAST_TLS_CA": str(ca)})
        named.run("server", "--tls-server-name=localhost").expect(DONE)
        ctl.run("server").expect(CONNECTION)
        ctl.run("server", f"--tls-ca={stranger}").expect(CONNECTION)
        ctl.run("server", f"--tls-ca={tmp_path / 'token'}").expect(USAGE)
