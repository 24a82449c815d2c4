"""Secrets, tokens and content are nowhere that they need not be."""

from __future__ import annotations

import base64
import dataclasses
import os
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import broadcastd_process
import grpc
import pytest
from broadcastd_process import (
    BINARY,
    Broadcastd,
    Postgres,
    free_port,
    run_broadcastd,
)
from callers import ALL_SCOPES, Caller
from certificates import Authority
from issuers import Issuer

USAGE, NOBODY = 2, 65534
JWT_SECRET = "jWt-SeCrEt-of-tests-with-thirty-two-bytes"
PASSWORD = "pAsSwOrD-of-the-database+/%"
BOT_TOKEN = "1234567:bOt-ToKeN-of-tests"
HOOK_SECRET = "whsec_aE9vSy1TZUNyRXQtb2YtdGVzdHMsIDMyIGJ5dGVzISE="
SECRETS = [JWT_SECRET, PASSWORD, BOT_TOKEN, HOOK_SECRET]
CONTENT = "cOnTeNt-of-tests"


def forms_of(secret: bytes) -> set[bytes]:
    """Return a secret as careless code might write it."""
    forms = {secret, secret.hex().encode(), repr(secret)[2:-1].encode()}
    forms.add(urllib.parse.quote(secret, safe="").encode())
    for skipped in range(3):
        # Whatever comes before it, one of these is in the base64.
        coded = base64.b64encode(secret[skipped : skipped + 12])
        forms |= {
            coded,
            base64.urlsafe_b64encode(secret[skipped : skipped + 12]),
        }
    return forms


def assert_absent(secrets: list[str], place: str, found: bytes) -> None:
    for secret in secrets:
        for form in forms_of(secret.encode()):
            assert form not in found, f"{secret} is in {place}"


@dataclasses.dataclass
class Planted:
    """A server with secrets, and what it told its callers."""

    server: Broadcastd
    arguments: list[str]
    environment: dict[str, str]
    key: str  # of TLS, a line of it
    tokens: list[str]
    told: bytes
    postgres: Postgres | None


def sources(kind: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """Put every secret where `kind` says; return options and variables."""
    files = {
        "jwt_secret": JWT_SECRET,
        "database_password": PASSWORD,
        "account_bot": BOT_TOKEN,
        "account_hooks": HOOK_SECRET,
    }
    accounts = ["--account=bot=telegram", "--account=hooks=webhook"]
    if kind == "variables":
        return accounts, {
            "JWT_SECRET_KEY": JWT_SECRET,
            "PGPASSWORD": PASSWORD,
            "BROADCASTD_ACCOUNT_BOT_TOKEN": BOT_TOKEN,
            "BROADCASTD_ACCOUNT_HOOKS_SECRET": HOOK_SECRET,
        }
    secrets = folder / "secrets"
    secrets.mkdir()
    for name, secret in files.items():
        (secrets / name).write_text(secret + "\n")
    if kind == "directory":
        return [*accounts, f"--secrets_directory={secrets}"], {}
    config = folder / "broadcastd.toml"
    config.write_text(
        f'jwt_secret_file = "{secrets / "jwt_secret"}"\n'
        f'database_password_file = "{secrets / "database_password"}"\n'
        "[accounts.log]\nplatform = 'log'\n"
        f'[accounts.bot]\nplatform = "telegram"\n'
        f'token_file = "{secrets / "account_bot"}"\n'
        f'[accounts.hooks]\nplatform = "webhook"\n'
        f'secret_file = "{secrets / "account_hooks"}"\n'
    )
    return [f"--config={config}"], {}


def all_that_is_told(server: Broadcastd, tokens: list[str]) -> bytes:
    """Make calls that succeed and fail in many ways; return what they say."""
    told = b""
    for token in tokens:
        caller = Caller(server.channel, token)
        for method, request in calls():
            done = caller.attempt(method, request)
            told += str(done).encode()
            told += getattr(done, "raw", b"") + repr(done).encode()
    return told


def calls() -> list[tuple[str, dict[str, Any]]]:
    client = str(uuid.uuid4())

    def spec(platform: str, address: str, account: str) -> dict[str, Any]:
        return {
            "platform": f"PLATFORM_{platform}",
            "address": address,
            "account": account,
            "title": f"title {CONTENT}",
        }

    entry = {
        "client_id": client,
        "open_channel": spec("TELEGRAM", f"@bot_{client[:8]}", "bot"),
        "closed_channel": spec("WEBHOOK", f"https://a.test/{CONTENT}", "hooks"),
        "open_content": {"text": CONTENT},
        "labels": {"team": CONTENT},
        "request_id": str(uuid.uuid4()),
    }
    create = "BroadcastService.CreateEntry"
    wrong = {"open_channel": spec("LOG", CONTENT, "bot")}
    return [
        (create, entry),
        (create, entry),
        (create, entry | {"request_id": ""}),
        (create, entry | {"interval": "10s"}),
        (create, entry | wrong),
        ("AdminService.ListAccounts", {}),
        ("AdminService.GetServerInfo", {}),
        ("AdminService.ListAuditEvents", {}),
        ("ClientService.GetClient", {"client_id": str(uuid.uuid4())}),
        ("ClientService.GetClient", {"client_id": "no id"}),
        ("BroadcastService.ListEntries", {"page_token": "nonsense"}),
    ]


KINDS = [
    ("files", "sqlite"),
    ("files", "postgresql"),
    ("directory", "postgresql"),
    ("variables", "sqlite"),
    ("variables", "postgresql"),
]


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def planted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planted]:
    """A server with a secret in every setting that takes one."""
    kind, backend = request.param
    folder = tmp_path_factory.mktemp("secrets")
    postgres = None
    database = f"sqlite:{folder / 'b.db'}"
    if backend == "postgresql":
        postgres = request.getfixturevalue("postgres")
        database = postgres.new_database()
    options, environment = sources(kind, folder)
    authority = Authority()
    pair = authority.server()
    certificate, key = pair.write(folder / "tls")
    options += [
        *(f"--tls_certificate={certificate}", f"--tls_key={key}"),
        *("--account=log=log", "--log_level=debug"),
    ]
    with Broadcastd(
        database,
        folder,
        *options,
        environment=environment,
        metrics=f"127.0.0.1:{free_port()}",
        credentials=grpc.ssl_channel_credentials(authority.pem),
    ) as server:
        issuer = Issuer(secret=JWT_SECRET)
        good = issuer.token(scope=ALL_SCOPES)
        tokens = [
            good,
            issuer.token(scope="entries:read", jti="little"),
            issuer.token(exp=1_700_000_000),
            Issuer(secret="of another" * 4).token(scope=ALL_SCOPES),
            good[:-6] + "AAAAAA",
            "nOt-A-tOkEn-at-all",
        ]
        told = all_that_is_told(server, tokens)
        line = pair.key_pem.decode().splitlines()[1]
        yield Planted(
            server,
            [f"--database={database}", *options],
            environment,
            line,
            tokens,
            told,
            postgres,
        )


def test_callers_logs_and_metrics_do_not_have_them(planted: Planted) -> None:
    server = planted.server
    with urllib.request.urlopen(
        f"http://{server.metrics}/metrics", timeout=10
    ) as answer:
        metrics = answer.read()
    log = server.log.read_bytes()
    assert b"broadcastd_rpc_calls_total" in metrics
    assert b"server.serving" in log
    assert b"CreateEntry" in log
    secrets = [*SECRETS, planted.key]
    assert_absent(secrets, "what callers are told", planted.told)
    for place, found in (("the log", log), ("the metrics", metrics)):
        assert_absent([*secrets, CONTENT], place, found)
        for token in planted.tokens:
            for part in token.split(".")[1:] or [token]:
                assert part.encode() not in found, f"a token is in {place}"
    for token in planted.tokens:
        assert token.encode() not in planted.told


def test_the_process_and_its_pages_do_not_show_them(planted: Planted) -> None:
    secrets = [*SECRETS, planted.key]
    process = Path(f"/proc/{planted.server.pid}")
    assert_absent(secrets, "cmdline", (process / "cmdline").read_bytes())
    for command in ("--print-config", "--help", "--version"):
        done = run_broadcastd(
            command, *planted.arguments, environment=planted.environment
        )
        assert done.returncode == 0, done.stderr
        printed = (done.stdout + done.stderr).encode()
        assert printed
        assert_absent(secrets, command, printed)
    done = run_broadcastd(
        "healthcheck",
        f"--address={planted.server.address}",
        *planted.arguments,
        environment=planted.environment,
    )
    assert done.returncode == 0, done.stderr
    assert_absent(secrets, "healthcheck", done.stderr.encode())


def test_the_database_does_not_keep_them(planted: Planted) -> None:
    secrets = [*SECRETS, planted.key]
    if planted.postgres is not None:
        kept = subprocess.run(
            ["pg_dump", "--inserts", planted.server.database],
            env=broadcastd_process.clean_environment(),
            capture_output=True,
            check=True,
        ).stdout
        kept += planted.postgres.run(
            "SELECT * FROM pg_stat_activity", planted.server.database
        ).encode()
    else:
        file = Path(planted.server.database.removeprefix("sqlite:"))
        kept = b""
        for path in sorted(file.parent.glob("b.db*")):
            kept += path.read_bytes()
    assert CONTENT.encode() in kept
    assert_absent(secrets, "the database", kept)
    for token in planted.tokens:
        for part in token.split(".")[1:] or [token]:
            assert part.encode() not in kept


def test_no_core_is_dumped(planted: Planted) -> None:
    limits = Path(f"/proc/{planted.server.pid}/limits").read_text()
    core = next(x for x in limits.splitlines() if x.startswith("Max core file"))
    assert core.split()[4:6] == ["0", "0"]


@pytest.mark.parametrize("core_dumps", [False, True])
def test_another_process_of_the_same_user_cannot_look_into_it(
    core_dumps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv")
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}"]
    as_nobody += ["--clear-groups", "--inh-caps=-all"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(BINARY, folder / "broadcastd")
        program = folder / "as_nobody"
        program.write_text(
            f'#!/bin/sh\nexec {" ".join(as_nobody)} {folder}/broadcastd "$@"\n'
        )
        program.chmod(0o755)
        os.chown(folder, NOBODY, NOBODY)
        monkeypatch.setattr(broadcastd_process, "BINARY", program)
        with Broadcastd(
            f"sqlite:{folder / 'b.db'}",
            folder,
            f"--core_dumps={str(core_dumps).lower()}",
            environment={"JWT_SECRET_KEY": JWT_SECRET},
        ) as server:
            process = Path(f"/proc/{server.pid}")
            assert f"Uid:\t{NOBODY}" in (process / "status").read_text()
            for file in ("environ", "maps"):
                done = subprocess.run(
                    [*as_nobody, "cat", process / file], capture_output=True
                )
                assert (done.returncode == 0) is core_dumps, done.stderr
                assert bool(done.stdout) is core_dumps


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("sHoRt-sEcReT", "32"),
        ("fIrSt-LiNe-of-thirty-two-bytes-and-more\nsEcOnD", "several lines"),
        ("lOnG-SeCrEt-" + "x" * 5000, "4 KiB"),
    ],
)
@pytest.mark.parametrize("kind", ["file", "variable", "directory"])
def test_a_secret_that_is_refused_is_not_repeated(
    kind: str, secret: str, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "jwt_secret"
    file.write_text(secret)
    environment = {}
    option = "--account=log=log"
    if kind == "variable":
        environment["JWT_SECRET_KEY"] = secret
    elif kind == "directory":
        option = f"--secrets_directory={tmp_path}"
    else:
        option = f"--jwt_secret_file={file}"
    place = (f"--database=sqlite:{tmp_path / 'b.db'}", "--listen=127.0.0.1:0")
    for command in ([], ["token"]):
        done = run_broadcastd(
            *command,
            *place,
            "--metrics_listen=",
            option,
            environment=environment,
        )
        assert done.returncode == USAGE, done.stderr
        assert words in done.stderr
        printed = (done.stdout + done.stderr).encode()
        for line in secret.split("\n"):
            assert_absent([line[:12]], "the refusal", printed)


def test_a_private_key_in_the_wrong_place_is_not_repeated(
    tmp_path: Path,
) -> None:
    pair = Authority().server()
    certificate, key = pair.write(tmp_path)
    line = pair.key_pem.decode().splitlines()[1]
    for options in (
        [f"--jwt_keys={key}"],
        [f"--jwt_secret_file={key}"],
        [f"--tls_certificate={key}", f"--tls_key={certificate}"],
        [f"--config={key}"],
        [f"--database_password_file={key}", "--database=postgresql://u@h/b"],
    ):
        done = run_broadcastd("--listen=127.0.0.1:0", *options)
        assert done.returncode != 0
        assert_absent(
            [line], str(options), (done.stdout + done.stderr).encode()
        )
