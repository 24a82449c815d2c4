"""Runs, repeated in turn and checked, and the figures made of them."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import machine

MOST_STOLEN = 0.05
MOST_REPEATS = 2

Run = dict[str, Any]
# Measures once; its answer has at least `value`.
Side = Callable[[], Run]


def measured(name: str, side: Side, say: Callable[[str], None]) -> Run:
    """One run; repeated while too much time is stolen from the machine."""
    for repeat in range(1 + MOST_REPEATS):
        load = machine.load_average()
        stolen = machine.StolenShare()
        begun = time.monotonic()
        run: Run = {"side": name} | side()
        run["seconds"] = round(time.monotonic() - begun, 2)
        run["load_average"] = load
        run["stolen"] = round(stolen.so_far(), 4)
        run["void"] = run["stolen"] > MOST_STOLEN
        batch = f", batch {run['batch']:.0f}" if "batch" in run else ""
        say(
            f"  {name}: {run['value']:,.2f}{batch} "
            f"(load {load:.2f}, stolen {run['stolen']:.1%})"
            + (" VOID" if run["void"] else "")
        )
        if not run["void"]:
            break
        if repeat < MOST_REPEATS:
            say("  more than 5 % of the time was stolen: again")
    return run


def interleaved(
    runs: int, sides: dict[str, Side], say: Callable[[str], None]
) -> dict[str, list[Run]]:
    """`runs` runs of each side, in turn: A B A B ..."""
    results: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            results[name].append(measured(name, side, say))
    return results


def median(runs: list[Run], key: str = "value") -> float | None:
    """Of the runs that are not void, if there are any."""
    values = [run[key] for run in runs if not run["void"]]
    return statistics.median(values) if values else None


@dataclass
class Goal:
    """`of` is compared with `bound`: the ratio, or our figure itself."""

    of: str
    sign: str
    bound: float

    def met(self, value: float) -> bool:
        return {
            "<": value < self.bound,
            "<=": value <= self.bound,
            ">=": value >= self.bound,
        }[self.sign]

    def __str__(self) -> str:
        return f"{self.of} {self.sign} {self.bound:g}"


@dataclass
class Figure:
    """One line of the table, one object of the JSON."""

    name: str
    unit: str
    ours: float | None
    floor: float | None = None
    floor_name: str | None = None
    goal: Goal | None = None
    runs: list[Run] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        if self.ours is None or not self.floor:
            return None
        return self.ours / self.floor

    @property
    def void(self) -> bool:
        wanted = [self.ours]
        if self.floor_name is not None:
            wanted.append(self.floor)
        return None in wanted

    @property
    def passed(self) -> bool | None:
        """None: there is no goal, or the figure is void."""
        value = self.ratio if self.goal and self.goal.of == "ratio" else None
        if self.goal and self.goal.of == "ours":
            value = self.ours
        if self.goal is None or value is None or self.void:
            return None
        return self.goal.met(value)

    def verdict(self) -> str:
        if self.void:
            return "VOID"
        return {True: "ok", False: "SHORT", None: ""}[self.passed]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "ours": self.ours,
            "floor": self.floor,
            "floor_name": self.floor_name,
            "unit": self.unit,
            "ratio": self.ratio,
            "goal": str(self.goal) if self.goal else None,
            "pass": self.passed,
            "runs": self.runs,
        }


def write_json(figures: list[Figure], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [figure.to_json() for figure in figures]
    path.write_text(json.dumps(rows, indent=1) + "\n")


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _spread(figure: Figure) -> str:
    """Least and greatest of our runs."""
    ours = figure.runs[0]["side"] if figure.runs else None
    values = [
        run["value"]
        for run in figure.runs
        if run["side"] == ours and not run["void"]
    ]
    if len(values) < 2:
        return ""
    return f"{_number(min(values))}..{_number(max(values))}"


def table(figures: list[Figure]) -> str:
    heads = (
        *("figure", "ours", "least..most", "floor", "unit", "ratio"),
        *("goal", "", "floor is", "stolen"),
    )
    rows = [heads]
    for figure in figures:
        stolen = max((run["stolen"] for run in figure.runs), default=0.0)
        rows.append(
            (
                figure.name,
                _number(figure.ours),
                _spread(figure),
                _number(figure.floor),
                figure.unit,
                "-" if figure.ratio is None else f"{figure.ratio:.2f}",
                str(figure.goal or ""),
                figure.verdict(),
                figure.floor_name or "",
                f"{stolen:.1%}",
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    lines = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)
