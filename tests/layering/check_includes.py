"""Checks that layers depend in one direction, and that the build keeps it.

Every layer has an include root of its own. A file that includes a header of a
layer which its own does not link must not compile: tried here with the
compiler, for every such two.

usage: check_includes.py LAYERS COMPILER
LAYERS has a line for each layer: its name, a bar, and its include directories
separated by semicolons, those of what it links among them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# What each layer may depend on, at most. Commands do not know who calls them;
# what is remembered knows nobody but the base.
MAY_DEPEND_ON = {
    "base": set(),
    "content": {"base"},
    "storage": {"base"},
    "http": {"base"},
    "senders": {"content", "http", "base"},
    "delivery": {"senders", "http", "storage", "content", "base"},
    "net": {"base"},
    # Of the contract alone.
    "cli": set(),
    "auth": {"storage", "content", "base"},
    "channels": {"storage", "content", "base"},
    "clients": {"storage", "content", "base"},
    "entries": {"channels", "storage", "content", "base"},
    "feeds": {"channels", "storage", "content", "base"},
    "sync": {"feeds", "channels", "storage", "content", "base"},
    "moving": {"feeds", "channels", "storage", "content", "base"},
    "operations": {"storage", "base"},
    "schedule": {"entries", "channels", "storage", "content", "base"},
    "upkeep": {"storage", "base"},
    "settings": {"net", "storage", "content", "base"},
    "rpc": {
        "auth",
        "channels",
        "clients",
        "content",
        "entries",
        "feeds",
        "net",
        "operations",
        "schedule",
        "storage",
        "sync",
        "base",
    },
}
# Above all of them.
TOP = {"environment", "fake_telegram_server", "test_support"}


def read_layers(path: Path) -> dict[str, list[Path]]:
    layers = {}
    for line in path.read_text().splitlines():
        name, _, directories = line.partition("|")
        layers[name] = [Path(d) for d in directories.split(";") if d]
    return layers


def header_of(root: Path) -> str:
    """Return a header of a layer, as others include it."""
    folder = next(root.iterdir())
    header = min(path for path in folder.iterdir() if path.suffix == ".h")
    return f"{folder.name}/{header.name}"


def finds(compiler: str, directories: list[Path], header: str) -> bool:
    done = subprocess.run(
        [
            compiler,
            "-std=c++20",
            "-fsyntax-only",
            "-w",
            *(f"-I{directory}" for directory in directories),
            *("-x", "c++", "-"),
        ],
        input=f'#include "{header}"\n',
        capture_output=True,
        text=True,
    )
    missing = f"{header}: No such file"
    if done.returncode == 0:
        return True
    return missing not in done.stderr and f"'{header}' file not found" not in (
        done.stderr
    )


def main() -> int:
    layers = read_layers(Path(sys.argv[1]))
    compiler = sys.argv[2]
    roots = {
        name: directory
        for name, directories in layers.items()
        for directory in directories
        if directory.name == name and directory.parent.name == "layers"
    }
    headers = {name: header_of(root) for name, root in roots.items()}
    problems = [
        f"layer {name}: say in {Path(__file__).name} what it may depend on"
        for name in layers
        if name not in MAY_DEPEND_ON and name not in TOP
    ]
    probes = 0
    for name, may in MAY_DEPEND_ON.items():
        directories = layers[name]
        linked = {
            other for other, root in roots.items() if root in directories
        } - {name}
        for other in sorted(linked - may):
            problems.append(f"layer {name} must not depend on {other}")
        if not finds(compiler, directories, headers[name]):
            problems.append(f"layer {name} does not find its own headers")
        for other in sorted(set(roots) - linked - {name}):
            probes += 1
            if finds(compiler, directories, headers[other]):
                problems.append(
                    f'layer {name} compiles with #include "{headers[other]}" '
                    f"though it does not link {other}"
                )
    for problem in problems:
        print(problem)
    print(f"{probes} includes tried")
    return 1 if problems or probes == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
