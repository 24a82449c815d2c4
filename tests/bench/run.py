"""Measures broadcastd on this machine: make bench.

Prints a table and writes build/bench.json. A figure that falls short is
printed as SHORT and changes no exit status; something that could not be
measured at all, or only in void runs, makes it 1.
"""

from __future__ import annotations

import argparse
import platform
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import machine
from figures import Figure, table, write_json
from ladder import ladder_costs
from measurements import MEASUREMENTS
from measuring import Bench, Plan
from processes import BROADCASTD, ROOT, TOOL, MeasurementError, run, tool

BUSY = 0.5


def say(line: str) -> None:
    print(line, flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"what to measure (default: all): {', '.join(MEASUREMENTS)}",
    )
    parser.add_argument(
        "--quick", action="store_true", help="see that all works, badly timed"
    )
    parser.add_argument("--runs", type=int, help="of each side, in turn")
    parser.add_argument("--seconds", type=float, help="of one run")
    parser.add_argument("--concurrency", type=int, help="calls at a time")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "build" / "bench.json"
    )
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in MEASUREMENTS:
            parser.error(
                f"there is no {name}; there are: {', '.join(MEASUREMENTS)}"
            )
    return arguments


def plan_of(arguments: argparse.Namespace) -> Plan:
    plan = Plan.quick() if arguments.quick else Plan()
    for name in ("runs", "seconds", "concurrency"):
        value = getattr(arguments, name)
        if value is not None:
            setattr(plan, name, value)
    return plan


def soci_version() -> str:
    """As the package manager knows it: the library does not tell."""
    try:
        return run(
            "dpkg-query", "-W", "-f", "${Version}", "libsoci-core4.0"
        ).strip()
    except (MeasurementError, OSError):
        return "unknown"


def describe(folder: Path, plan: Plan) -> None:
    versions = tool("versions") | {
        "soci": soci_version(),
        "python": platform.python_version(),
    }
    disk = tool("disk", folder=folder)
    about = machine.describe()
    say(f"server     {run(BROADCASTD, '--version').strip()}")
    say("libraries  " + ", ".join(f"{k} {v}" for k, v in versions.items()))
    say(f"machine    {about['processor']}, Linux {about['kernel']}")
    say(
        f"disk       {machine.file_system(folder)}; a synced write of 4 KiB "
        f"takes {disk['sync_p50_us']:.0f} us (p50), "
        f"{disk['sync_p99_us']:.0f} us (p99)"
    )
    say("sqlite     journal_mode wal, synchronous FULL: server and raw loop")
    say(
        f"runs       {plan.runs} of {plan.seconds:g} s after "
        f"{plan.warmup:g} s, {plan.concurrency} calls at a time over "
        f"{plan.channels} connections"
    )
    load = machine.load_average()
    say(f"load       {load:.2f}")
    if load > BUSY:
        say("           the machine is busy: publish none of this")


def measure(bench: Bench, names: list[str]) -> tuple[list[Figure], list[str]]:
    """The figures, and what could not be measured."""
    figures: list[Figure] = []
    missing: list[str] = []
    for name in names:
        say(f"\n{name}")
        try:
            made = MEASUREMENTS[name](bench)
        except MeasurementError as error:
            say(f"  could not be measured: {error}")
            missing.append(name)
            continue
        except (OSError, subprocess.SubprocessError):
            traceback.print_exc()
            missing.append(name)
            continue
        figures += made
        missing += [figure.name for figure in made if figure.void]
    return figures, missing


def main() -> int:
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for program in (BROADCASTD, TOOL):
        if not program.exists():
            say(f"bench: there is no {program.relative_to(ROOT)}: make bench")
            return 1
    plan = plan_of(arguments)
    build = ROOT / "build"
    with tempfile.TemporaryDirectory(prefix="bench.", dir=build) as name:
        folder = Path(name)
        describe(folder, plan)
        with Bench(plan, folder, say) as bench:
            figures, missing = measure(
                bench, arguments.names or list(MEASUREMENTS)
            )
    write_json(figures, arguments.output)
    say("\n" + table(figures))
    if costs := ladder_costs(figures):
        say("\n" + costs)
    say(f"\nload {machine.load_average():.2f}; written: {arguments.output}")
    if missing:
        say(f"not measured, or void: {', '.join(missing)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
