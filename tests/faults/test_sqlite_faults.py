"""What befalls an embedded database while the server runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from broadcastd_process import (
    BINARY,
    Broadcastd,
    Load,
    all_entries,
    clean_environment,
    eventually,
    new_entry,
    reason_of,
    run_broadcastd,
)

DATABASE = 3


def create(server: Broadcastd, request_id: str = "") -> str:
    made = server.broadcast.CreateEntry(
        new_entry(str(uuid.uuid4()), 1, request_id), timeout=30
    )
    return made.entry.entry_id


def test_a_file_locked_by_another_process(tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    with Broadcastd(f"sqlite:{file}", tmp_path) as server:
        first = create(server)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        request = new_entry(str(uuid.uuid4()), 1, str(uuid.uuid4()))
        with pytest.raises(grpc.RpcError) as failed:
            server.broadcast.CreateEntry(request, timeout=30)
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason_of(failed.value) == "STORAGE_BUSY"
        # Reads do not wait for the lock.
        assert set(all_entries(server)) == {first}
        other.execute("ROLLBACK")
        other.close()
        assert not server.broadcast.CreateEntry(request).replayed
        assert len(all_entries(server)) == 2
        assert server.healthy()
        assert server.stop() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MiB that can be filled.

    The log by itself does not: it is 16 MiB long at most while nobody reads.
    """
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder],
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    ballast = small_disk / "ballast"
    with Broadcastd(f"sqlite:{small_disk / 'b.db'}", tmp_path) as server:
        first = create(server)
        with Load(server) as load:
            eventually(lambda: len(load.acknowledged) >= 50)
            with ballast.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
            eventually(lambda: "STORAGE_FULL" in load.reasons())
            # Reads go on.
            assert first in all_entries(server)
            ballast.unlink()
            acknowledged = len(load.acknowledged)
            eventually(lambda: len(load.acknowledged) > acknowledged)
        assert load.reasons() == {"STORAGE_FULL"}
        for _, error in load.failed:
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        # The disk is small: the rest of the checks must fit on it.
        eventually(server.healthy)
        load.check()
        assert server.stop() == 0
    connection = sqlite3.connect(small_disk / "b.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.fixture
def as_nobody() -> tuple[str, ...]:
    """The command that runs another one without the rights of root."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv to give up the rights of root")
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_a_file_that_cannot_be_written_is_refused(
    tmp_path: Path, as_nobody: tuple[str, ...]
) -> None:
    file = tmp_path / "b.db"
    assert (
        run_broadcastd(f"--database=sqlite:{file}", "migrate").returncode == 0
    )
    # Everybody may come here and run the program, nobody may write the file.
    binary = tmp_path / "broadcastd"
    shutil.copy(BINARY, binary)
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    (tmp_path / "b.db.lock").chmod(0o666)
    file.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        done = subprocess.run(
            [
                *as_nobody,
                binary,
                f"--database=sqlite:{file}",
                "--listen=127.0.0.1:0",
                "--metrics_listen=",
            ],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=30,
        )
    finally:
        tmp_path.chmod(0o755)
    assert done.returncode == DATABASE, done.stderr
    assert "can be written" in done.stderr
