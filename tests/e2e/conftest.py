"""Servers that all end-to-end tests share: one for each backend."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from broadcastd_process import (
    BINARY,
    MeteredServer,
    Postgres,
)


@pytest.fixture(scope="session", autouse=True)
def binary() -> None:
    """Nothing here works without the program."""
    if not BINARY.exists():
        pytest.fail(f"there is no {BINARY.name}: run tools/test.sh cpp first")


@pytest.fixture(scope="session")
def postgres(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Postgres]:
    """A PostgreSQL that runs through."""
    with Postgres(tmp_path_factory.mktemp("cluster")) as postgres:
        yield postgres


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """An empty database, as the server's option names it."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").new_database()
    return f"sqlite:{tmp_path_factory.mktemp('sqlite') / 'broadcastd.db'}"


@pytest.fixture(scope="session")
def server(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MeteredServer]:
    """A server on that database."""
    with MeteredServer(database, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def own_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """An empty database that a module has for itself."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").new_database()
    return f"sqlite:{tmp_path_factory.mktemp('sqlite') / 'broadcastd.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def location(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres
) -> str:
    """An empty database that a test has for itself."""
    if request.param == "postgresql":
        return postgres.new_database()
    return f"sqlite:{tmp_path / 'broadcastd.db'}"
