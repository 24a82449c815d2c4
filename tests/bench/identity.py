"""What it costs to know every caller and to record every change."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from creating import create_on_sqlite
from figures import Figure, Goal, Run, median
from measuring import Bench, listed
from processes import BROADCASTD, run
from reading import called

CALLER_UNKNOWN = "no token, no audit"


def _with_token(bench: Bench) -> tuple[list[str], str]:
    """Options of a server that wants a token, and a token that it takes.

    Without limits of rate: one caller is meant to saturate the server.
    """
    secret = bench.folder / "jwt_secret"
    if not secret.exists():
        secret.write_text(secrets.token_hex(32))
    source = f"--jwt_secret_file={secret}"
    token = run(BROADCASTD, "token", source).strip()
    return [source, "--principal_rate=0", "--address_rate=0"], token


def identity(bench: Bench) -> list[Figure]:
    options, token = _with_token(bench)
    known = bench.seeded(bench.plan.known_entries)

    def get(*words: str, **more: Any) -> Run:
        with bench.serve(known, *words) as server:
            return called(bench, server, "GetEntry", **more)

    def create(*words: str, **more: Any) -> Run:
        return create_on_sqlite(bench, *words, **more)

    sides: dict[str, dict[str, Callable[[], Run]]] = {
        "get": {
            "ours": lambda: get(*options, token=token),
            CALLER_UNKNOWN: lambda: get(),
        },
        "create": {
            "ours": lambda: create(*options, token=token),
            CALLER_UNKNOWN: lambda: create("--audit=false", audited=False),
        },
    }
    figures = []
    for method, pair in sides.items():
        results = bench.interleaved(pair)
        figures.append(
            Figure(
                name=f"identity/{method}",
                unit="calls/s",
                ours=median(results["ours"]),
                floor=median(results[CALLER_UNKNOWN]),
                floor_name=f"our server, {CALLER_UNKNOWN}",
                goal=Goal("ratio", ">=", 0.9),
                runs=listed(results, "ours", CALLER_UNKNOWN),
            )
        )
    return figures
