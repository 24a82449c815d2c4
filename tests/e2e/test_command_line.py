"""The program from its command line: what it prints, and why it refuses."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest
from broadcastd_process import (
    ROOT,
    Broadcastd,
    Postgres,
    free_port,
    run_broadcastd,
)

from broadcast.v1 import (
    admin_service_pb2,
    authorization_pb2,
    broadcast_service_pb2,
    channel_service_pb2,
    client_service_pb2,
)

USAGE, DATABASE, SCHEMA, LISTEN, UNHEALTHY = 2, 3, 4, 5, 7
PASSWORD = "pAsSwOrD-of-tests"


def options_in(text: str) -> set[str]:
    return set(re.findall(r"--([a-z]+(?:[_-][a-z]+)*)", text))


def test_help_and_the_page_have_the_same_options() -> None:
    done = run_broadcastd("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    page = (ROOT / "docs" / "configuration.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `--")]
    documented = options_in("\n".join(row.split("|")[1] for row in rows))
    told = {name.replace("-", "_") for name in options_in(done.stdout)}
    missing = {name.replace("-", "_") for name in documented} - told
    assert not missing
    for status in range(8):
        assert re.search(rf"^\s*{status}\s", done.stdout, re.MULTILINE)


def test_the_page_has_the_scope_of_every_method() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    rows = {
        scope or "any": methods
        for scope, methods in re.findall(
            r"^\| (?:`([a-z:]+)`|none \(any known caller\)) \| (.*) \|$",
            page,
            re.MULTILINE,
        )
    }
    for file in (
        broadcast_service_pb2,
        client_service_pb2,
        channel_service_pb2,
        admin_service_pb2,
    ):
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                scope = method.GetOptions().Extensions[
                    authorization_pb2.required_scope
                ]
                listed = re.search(rf"{service.name}: ([^;]*)", rows[scope])
                assert listed, (scope, service.name)
                assert method.name in re.findall(r"\w+", listed[1])


def test_version() -> None:
    version = (ROOT / "VERSION").read_text().split()[0]
    done = run_broadcastd("--version")
    assert done.returncode == 0
    assert version in done.stdout


def test_print_config_hides_secrets_and_can_be_read_back(
    tmp_path: Path,
) -> None:
    secrets = {
        "BROADCASTD_DATABASE": f"postgresql://me:{PASSWORD}@db.example/b",
        "BROADCASTD_ACCOUNT_NEWS_TOKEN": PASSWORD,
        "JWT_SECRET_KEY": PASSWORD,
    }
    done = run_broadcastd(
        "--print-config", "--account=news=telegram", environment=secrets
    )
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "***" in done.stdout
    assert 'jwt_secret_file = ""  # JWT_SECRET_KEY' in done.stdout

    file = tmp_path / "broadcastd.toml"
    plain = run_broadcastd("--print-config", "--drain_grace=3s")
    file.write_text(plain.stdout)
    again = run_broadcastd("--print-config", f"--config={file}")
    assert again.returncode == 0, again.stderr
    assert 'drain_grace = "3s"' in again.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--no_such_option"], "no_such_option"),
        (["--drain_grace=10"], "drain_grace"),
        (["--listen=0.0.0.0:0"], "--insecure_public_listen"),
        (["--listen=nowhere"], "listen"),
        (["--database=mysql://here"], "database"),
        (["--config=/nowhere/broadcastd.toml"], "/nowhere/broadcastd.toml"),
        (["--account=mail=email"], "email"),
        (["--default_open_content= "], "default_open_content"),
        (["dance"], "dance"),
        (["--tls_certificate=tls.crt"], "--tls_key"),
        (["--oidc_issuer=http://id.example"], "https"),
        (["--jwt_algorithms=none"], "RS256"),
        (["--secrets_directory=/nowhere"], "/nowhere"),
        (["token"], "JWT_SECRET_KEY"),
    ],
)
def test_a_bad_option_is_refused(arguments: list[str], words: str) -> None:
    done = run_broadcastd(*arguments)
    assert done.returncode == USAGE
    assert words in done.stderr
    assert done.stdout == ""


def test_a_password_on_the_command_line_is_refused_and_not_repeated() -> None:
    done = run_broadcastd(f"--database=postgresql://me:{PASSWORD}@127.0.0.1/b")
    assert done.returncode == USAGE
    assert "database_password_file" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def refuses_database(database: str, **environment: str) -> str:
    done = run_broadcastd(
        f"--database={database}",
        "--listen=127.0.0.1:0",
        "--metrics_listen=",
        environment=environment,
    )
    assert done.returncode == DATABASE, done.stderr
    assert done.stderr.startswith("broadcastd: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_database_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database at all\n" * 100)
    assert "is an SQLite database" in refuses_database(f"sqlite:{text}")
    assert "can be written" in refuses_database(f"sqlite:{tmp_path}")
    text = refuses_database(f"sqlite:{tmp_path / 'notes.txt' / 'b.db'}")
    assert "--database" in text


def test_a_database_that_cannot_be_reached_is_refused() -> None:
    url = f"postgresql://me@127.0.0.1:{free_port()}/b"
    assert "server runs" in refuses_database(url)
    text = refuses_database(url, PGPASSWORD=PASSWORD)
    assert PASSWORD not in text


def test_a_second_process_on_one_file_is_refused(
    server: Broadcastd,
) -> None:
    if not server.database.startswith("sqlite"):
        pytest.skip("PostgreSQL serves any number of processes")
    text = refuses_database(server.database)
    assert "another" in text
    assert server.healthy()


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for listen, metrics, option in [
            (f"127.0.0.1:{port}", "", "--listen"),
            ("127.0.0.1:0", f"127.0.0.1:{port}", "--metrics_listen"),
        ]:
            done = run_broadcastd(
                f"--database=sqlite:{tmp_path / 'b.db'}",
                f"--listen={listen}",
                f"--metrics_listen={metrics}",
            )
            assert done.returncode == LISTEN, done.stderr
            assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
            assert option in done.stderr


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_migrations_are_applied_alone_and_a_newer_schema_is_refused(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = tmp_path / "b.db"
    postgres: Postgres | None = None
    database = f"sqlite:{file}"
    if backend == "postgresql":
        postgres = request.getfixturevalue("postgres")
        assert postgres is not None
        database = postgres.new_database()
    options = (f"--database={database}", "--metrics_listen=")

    done = run_broadcastd(*options, "--migrate=off", "--listen=127.0.0.1:0")
    assert done.returncode == SCHEMA
    assert "broadcastd migrate" in done.stderr
    for _ in range(2):
        done = run_broadcastd(*options, "migrate")
        assert done.returncode == 0, done.stderr
        assert '"database.migrated"' in done.stderr
    with Broadcastd(database, tmp_path, "--migrate=off") as server:
        assert server.healthy()
        assert server.stop() == 0

    newer = (
        "INSERT INTO schema_migrations (version, name, oldest_compatible, "
        "apply_time) VALUES (9999, 'later', {oldest}, 1)"
    )
    remove = "DELETE FROM schema_migrations WHERE version = 9999"

    def execute(sql: str) -> None:
        if postgres is not None:
            postgres.run(sql, database)
            return
        with sqlite3.connect(file) as connection:
            connection.execute(sql)
        connection.close()

    # Newer, but one that we may still run on.
    execute(newer.format(oldest=1))
    with Broadcastd(database, tmp_path) as server:
        assert server.healthy()
    execute(remove)
    execute(newer.format(oldest=9999))
    for command in ([], ["migrate"]):
        done = run_broadcastd(*options, "--listen=127.0.0.1:0", *command)
        assert done.returncode == SCHEMA
        assert "run the newer broadcastd" in done.stderr


def test_healthcheck(server: Broadcastd) -> None:
    done = run_broadcastd("healthcheck", f"--address={server.address}")
    assert done.returncode == 0, done.stderr
    done = run_broadcastd("healthcheck", f"--listen={server.address}")
    assert done.returncode == 0, done.stderr
    done = run_broadcastd("healthcheck", f"--address=127.0.0.1:{free_port()}")
    assert done.returncode == UNHEALTHY
    assert "SERVING" in done.stderr


def self_signed(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a certificate, its own authority, and its key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes"),
            *("-pkeyopt", "ec_paramgen_curve:P-256", "-subj", f"/CN={name}"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def test_healthcheck_over_tls(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "server.example")
    stranger, stranger_key = self_signed(tmp_path, "stranger")
    pair = (f"--tls_certificate={certificate}", f"--tls_key={key}")

    def status(*arguments: str) -> int:
        return run_broadcastd("healthcheck", *arguments).returncode

    database = f"sqlite:{tmp_path / 'b.db'}"
    with Broadcastd(database, tmp_path, *pair) as server:
        at = f"--address={server.address}"
        assert status(at, *pair) == 0
        assert status(at, f"--tls_ca={certificate}") == 0
        assert status(at) == UNHEALTHY
        assert status(at, f"--tls_ca={stranger}") == UNHEALTHY
        assert status(at, f"--tls_ca={tmp_path / 'none'}") == USAGE

    mutual = (*pair, f"--tls_client_ca={certificate}")
    with Broadcastd(database, tmp_path, *mutual) as server:
        at = f"--address={server.address}"
        assert status(at, *mutual) == 0
        assert status(at, f"--tls_ca={certificate}") == UNHEALTHY
        strange = (
            f"--tls_certificate={stranger}",
            f"--tls_key={stranger_key}",
        )
        trust = f"--tls_ca={certificate}"
        assert status(at, trust, *strange) == UNHEALTHY

    optional = (*mutual, "--tls_client_certificates=optional")
    with Broadcastd(database, tmp_path, *optional) as server:
        at = f"--address={server.address}"
        assert status(at, *optional) == 0
        assert status(at, f"--tls_ca={certificate}") == 0
