from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

EXAMPLE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(EXAMPLE))
# Its fake of the server is that of the client's own tests.
sys.path.insert(1, str(EXAMPLE.parents[1] / "clients/python/tests"))

from broadcastd import Client  # noqa: E402
from registration_stack import ROOT, Broadcastd, RegistrationApi  # noqa: E402


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("BROADCAST_", "REGISTRATION_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty database, as the server's option names it."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        yield f"sqlite:{folder / 'broadcastd.db'}"
        return
    script = ROOT / "tests" / "support" / "postgres_server.sh"
    cluster = folder / "cluster"
    started = subprocess.run(
        [script, "start", cluster], stderr=subprocess.PIPE, text=True
    )
    if started.returncode != 0:
        pytest.skip(f"PostgreSQL does not start: {started.stderr}")
    try:
        yield (cluster / "url").read_text().strip()
    finally:
        subprocess.run([script, "stop", cluster], check=True)


@pytest.fixture(scope="module")
def server(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broadcastd]:
    log = tmp_path_factory.mktemp("server") / "log"
    with Broadcastd(database, log) as server:
        yield server


@pytest.fixture(scope="module")
def api(
    server: Broadcastd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """Users' way to a running API."""
    log = tmp_path_factory.mktemp("api") / "log"
    with (
        RegistrationApi(server.address, log) as process,
        httpx.Client(base_url=process.url, timeout=30) as api,
    ):
        yield api


@pytest.fixture
def operator(server: Broadcastd) -> Iterator[Client]:
    """The way to the server past the API."""
    with Client(server.address) as client:
        yield client


@pytest.fixture
def user() -> str:
    """A user whom nobody knows yet."""
    return str(uuid.uuid4())
