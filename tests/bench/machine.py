"""What the machine and its processes do while something is measured."""

from __future__ import annotations

import os
import platform
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


def resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no memory")


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
