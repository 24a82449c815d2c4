"""What the machine and its processes do while something is measured."""

from __future__ import annotations

import os
import platform
import threading
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class StolenShare:
    """Of the time since it was made, what the hypervisor gave to others."""

    def __init__(self) -> None:
        self._stolen, self._total = self._read()

    @staticmethod
    def _read() -> tuple[int, int]:
        first = Path("/proc/stat").read_text().splitlines()[0].split()
        # user nice system idle iowait irq softirq steal; guests are in user.
        ticks = [int(field) for field in first[1:9]]
        return ticks[7], sum(ticks)

    def so_far(self) -> float:
        stolen, total = self._read()
        return (stolen - self._stolen) / max(total - self._total, 1)


def load_average() -> float:
    return os.getloadavg()[0]


def cpu_seconds(pid: int) -> float:
    """User and system time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mib(pid: int, kind: str = "VmRSS") -> float:
    """`RssAnon`: without the files that it has mapped."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no memory")


class Growth:
    """By how much a process grows at most while the `with` lasts, in MiB."""

    _KINDS = ("VmRSS", "RssAnon")

    def __init__(self, pid: int):
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._before = self._now()
        self._most = dict(self._before)

    def __enter__(self) -> Growth:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    def of(self, kind: str) -> float:
        return self._most[kind] - self._before[kind]

    def _now(self) -> dict[str, float]:
        return {kind: resident_mib(self._pid, kind) for kind in self._KINDS}

    def _look(self) -> None:
        for kind, mib in self._now().items():
            self._most[kind] = max(self._most[kind], mib)

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            self._look()


def describe() -> dict[str, str]:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "processor": f"{os.cpu_count()} x {model}",
        "kernel": platform.release(),
    }


def file_system(path: Path) -> str:
    """The type of the file system that `path` is on."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, type_, *_ = line.split()
        if path.resolve().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, type_
    return kind
