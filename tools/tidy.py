#!/usr/bin/env python3
"""Runs clang-tidy over our C++ sources, remembering what was clean.

A source is checked again only when it, a header of ours that it includes, the
contract, its compile command or the configuration has changed: a clean run
leaves a stamp named by the hash of all of those. Needs a configured and
generated build (`make lint` sees to it).
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
TIDY = ROOT / ".tools/venv/bin/clang-tidy"
# Thread safety annotations are clang's; gcc's own warning flags are not. Its
# library uses what it has deprecated itself (std::stable_sort).
EXTRA = [
    "-Wthread-safety",
    "-Wno-unknown-warning-option",
    "-Wno-deprecated-declarations",
]


def tracked(*patterns):
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    listing = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [path for path in listing.splitlines() if (ROOT / path).is_file()]


@functools.cache
def text(path):
    return (ROOT / path).read_text(errors="replace")


@functools.cache
def headers_by_name():
    """Headers under every path suffix an #include might name them by."""
    found = {}
    for path in tracked("*.h"):
        parts = path.split("/")
        for start in range(len(parts)):
            found.setdefault("/".join(parts[start:]), []).append(path)
    return found


@functools.cache
def tool():
    """What is run, and which one: `clang-tidy==VERSION`."""
    pinned = text("tools/requirements.txt").splitlines()
    return next(line for line in pinned if line.startswith("clang-tidy=="))


@functools.cache
def contract():
    return [*sorted(tracked("*.proto")), "tools/requirements.txt"]


def inputs(source):
    """All files of ours that the result for `source` depends on."""
    seen = {source}
    queue = [source]
    while queue:
        for name in INCLUDE.findall(text(queue.pop())):
            if name.endswith(".pb.h"):
                found = contract()
            else:
                found = headers_by_name().get(name, [])
            fresh = [path for path in found if path not in seen]
            seen.update(fresh)
            queue.extend(path for path in fresh if path.endswith(".h"))
    return sorted(seen)


def stamp_name(source, command):
    digest = hashlib.sha256()
    configuration = [*tracked("*.clang-tidy"), "tools/tidy.py"]
    for path in [*configuration, *inputs(source)]:
        digest.update(f"{path}\0{text(path)}\0".encode())
    digest.update(tool().encode())
    digest.update(command.replace(str(ROOT), "").encode())
    return digest.hexdigest()


def check(build, source):
    command = [str(TIDY), "--quiet", "-p", str(build)]
    command += [f"--extra-arg={flag}" for flag in EXTRA]
    result = subprocess.run(
        [*command, source], cwd=ROOT, capture_output=True, text=True
    )
    # The second stream only counts warnings suppressed in others' headers.
    output = result.stdout or (result.stderr if result.returncode else "")
    return result.returncode == 0, output


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build/test")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--cache", default=os.environ.get("TIDY_CACHE", "build/tidy")
    )
    parser.add_argument(
        "paths", nargs="*", help="folders or files; all if none"
    )
    arguments = parser.parse_args()

    build = ROOT / arguments.build
    cache = ROOT / arguments.cache
    cache.mkdir(parents=True, exist_ok=True)
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        commands[str(path)] = entry["command"]

    todo = {}
    sources = [p for p in tracked("*.cc") if str(ROOT / p) in commands]
    if arguments.paths:
        wanted = tuple(path.rstrip("/") for path in arguments.paths)
        sources = [
            p
            for p in sources
            if p in wanted or p.startswith(tuple(path + "/" for path in wanted))
        ]
    for source in sources:
        stamp = cache / stamp_name(source, commands[str(ROOT / source)])
        if stamp.exists():
            stamp.touch()
        else:
            todo[source] = stamp
    print(f"clang-tidy: {len(todo)} of {len(sources)} files to check")

    failed = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        futures = {pool.submit(check, build, source): source for source in todo}
        for future in concurrent.futures.as_completed(futures):
            source = futures[future]
            clean, output = future.result()
            if clean:
                todo[source].touch()
            else:
                failed.append(source)
                print(output.replace(f"{ROOT}/", ""), flush=True)
    if failed:
        print("clang-tidy: not clean:", *sorted(failed), sep="\n  ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
