"""What the tests of faults share: the server process of tests/e2e."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from broadcastd_process import BINARY, Postgres
from fake_telegram_process import FakeTelegram
from mortal_server import MortalServer


@pytest.fixture(scope="session", autouse=True)
def binary() -> None:
    """Nothing here works without the program."""
    if not BINARY.exists():
        pytest.fail(f"there is no {BINARY.name}: run tools/test.sh cpp first")


@pytest.fixture(scope="session")
def victim(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Postgres]:
    """A PostgreSQL that tests may halt; they leave it running."""
    with Postgres(tmp_path_factory.mktemp("cluster")) as postgres:
        yield postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def own_backend(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[str, Postgres | None]:
    """An empty database of each kind, and the cluster that it is in."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'b.db'}", None
    postgres = request.getfixturevalue("victim")
    postgres.script("resume")
    return postgres.new_database(), postgres


@pytest.fixture
def mortal(
    own_backend: tuple[str, Postgres | None],
    fake: FakeTelegram,
    tmp_path: Path,
) -> Iterator[MortalServer]:
    """A server that may die, of each kind, before the fake of the module."""
    database, postgres = own_backend
    server = MortalServer(database, postgres, tmp_path, fake.url)
    try:
        yield server
    finally:
        server.kill()
