"""The write-ahead log while CreateEntry never ends."""

from __future__ import annotations

import threading
from pathlib import Path

from figures import Figure, Goal, Run, median
from measuring import (
    BATCH_SIZE,
    COMMIT_SECONDS,
    Bench,
    check_written,
)


class _Largest:
    """Watches how large a file gets."""

    def __init__(self, path: Path):
        self._path = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.bytes = 0

    def __enter__(self) -> _Largest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            if self._path.exists():
                self.bytes = max(self.bytes, self._path.stat().st_size)


def wal(bench: Bench) -> list[Figure]:
    def saturate() -> Run:
        with bench.sqlite() as file:
            with bench.serve(file) as server, _Largest(file.wal) as largest:
                before = server.metrics()
                window = bench.window()
                window["seconds"] = bench.plan.saturation_seconds
                result = server.load("CreateEntry", **window)
                after = server.metrics()
            check_written(file.counts(), result["ok_total"])
        result["batch"] = after.mean_since(before, BATCH_SIZE)
        result["batch_p99_ms"] = 1000 * after.percentile_since(
            before, COMMIT_SECONDS, 0.99
        )
        return result | {"value": largest.bytes / 1e6}

    runs = bench.interleaved({"saturated": saturate})["saturated"]
    return [
        Figure(
            name="wal",
            unit="MB, largest",
            ours=median(runs),
            goal=Goal("ours", "<", 100),
            runs=runs,
        ),
        Figure(
            name="wal/batch",
            unit="ms, p99",
            ours=median(runs, "batch_p99_ms"),
            goal=Goal("ours", "<", 20),
            runs=[one | {"value": one["batch_p99_ms"]} for one in runs],
        ),
    ]
