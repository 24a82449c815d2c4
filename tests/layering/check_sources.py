"""Checks the sources against allowed.txt, and their sizes and names.

usage: check_sources.py ROOT
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

MOST_LINES = 400

# Names that a tool or a library gives, and a converter beside what it converts.
SHARED_NAMES = {
    "CMakeLists.txt",
    "__init__.py",
    "conftest.py",
    "content.cc",
    "content.h",
    "main.cc",
}


@dataclass
class Rule:
    """What only `allowed` files may have in a line of code."""

    name: str
    pattern: re.Pattern[str]
    allowed: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def allows(self, path: str) -> bool:
        for prefix in self.allowed:
            if path == prefix or (
                prefix.endswith("/") and path.startswith(prefix)
            ):
                self.used.add(prefix)
                return True
        return False


def read_rules(text: str) -> list[Rule]:
    rules: list[Rule] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith(" "):
            rules[-1].allowed.append(line.strip())
        else:
            name, _, pattern = line.partition(": ")
            rules.append(Rule(name, re.compile(pattern)))
    return rules


def code_lines(text: str) -> list[str]:
    """Return the lines without their comments."""
    return [re.sub(r"//.*", "", line) for line in text.splitlines()]


def sources(root: Path, *folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.suffix in {".cc", ".h"} and path.is_file()
    )


def broken_rules(root: Path) -> list[str]:
    rules = read_rules((Path(__file__).parent / "allowed.txt").read_text())
    problems = []
    for path in sources(root, "server", "storage", "clients", "tests"):
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(code_lines(path.read_text()), 1):
            for rule in rules:
                if rule.pattern.search(line) and not rule.allows(name):
                    problems.append(
                        f"{name}:{number}: {rule.name}: {line.strip()}"
                    )
    for rule in rules:
        for unused in sorted(set(rule.allowed) - rule.used):
            if not unused.endswith("/"):
                problems.append(
                    f"allowed.txt: {rule.name}: {unused} needs no leave"
                )
    return problems


def long_files(root: Path) -> list[str]:
    problems = []
    for path in sources(root, "server", "storage", "clients"):
        lines = len(path.read_text().splitlines())
        if lines > MOST_LINES:
            name = path.relative_to(root)
            problems.append(
                f"{name}: {lines} lines, at most {MOST_LINES}: split it"
            )
    return problems


def shared_names(root: Path) -> list[str]:
    paths = defaultdict(list)
    for folder in ("server", "storage", "tests", "clients", "examples"):
        for path in (root / folder).rglob("*"):
            if path.suffix in {".cc", ".h", ".py", ".sh"}:
                paths[path.name].append(path.relative_to(root).as_posix())
    return [
        f"one name for several files: {', '.join(sorted(same))}"
        for name, same in sorted(paths.items())
        if len(same) > 1 and name not in SHARED_NAMES
    ]


def main() -> int:
    root = Path(sys.argv[1])
    problems = broken_rules(root) + long_files(root) + shared_names(root)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
