"""A server that dies where it is told to, and is started again."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import grpc
from broadcastd_process import Broadcastd, Postgres
from delivery_world import is_transient, token_of

# Points as server/base/fail_points.h lists them, by how often they are passed:
# once a command, with each step of a plan, or with each delivery. Those that
# only the network can bring about are left to test_delivery_crashes.py.
ONCE = ("before_enqueue_commit",)
A_STEP = ("after_enqueue", "before_plan_commit", "after_plan_step")
A_DELIVERY = (
    "after_peek",
    "before_intent_commit",
    "after_intent",
    "before_connect",
    "after_response",
    "outcome_commit",
    "after_outcome",
)

# A platform whose limits only the requests themselves set.
ACCOUNT = """
[accounts.bot]
platform = "telegram"
rate = "9000/s"
chat_rate = "9000/s"
group_rate = "9000/s"
"""


class MortalServer:
    """One process after the other, on one database."""

    def __init__(
        self,
        database: str,
        postgres: Postgres | None,
        folder: Path,
        telegram: str,
    ) -> None:
        """Only remember what to run."""
        self.postgres = postgres
        self.lock = threading.Lock()
        self.deaths = 0
        self.points: list[str] = []  # of the processes to come
        self.point = ""  # of the one that runs
        self.reached: Counter[str] = Counter()
        config = folder / "config.toml"
        config.write_text(ACCOUNT)
        self.options = (
            f"--config={config}",
            f"--telegram_base_url={telegram}",
            "--scheduler=external",
        )
        self.process = Broadcastd(
            database,
            folder,
            environment={
                "BROADCASTD_ACCOUNT_BOT_TOKEN": token_of(1),
                "BROADCASTD_FAIL_POINTS": "1",
            },
        )

    def start(self, *points: str) -> None:
        """Run it; each process dies at the next point, the last at none."""
        with self.lock:
            self.points = list(points)
            self._start()

    def _start(self) -> None:
        while True:
            self.point = self.points.pop(0) if self.points else ""
            self.process.options = self.options
            if self.point:
                self.process.options += (f"--fail_point={self.point}",)
            try:
                return self.process.start()
            except AssertionError:
                if not self.point:
                    raise
                self._note_death()  # before it was seen to serve

    def _note_death(self) -> None:
        self.deaths += 1
        self.reached[self.point.partition(":")[0]] += 1
        self._bury()

    def kill(self) -> None:
        """End it, and let nobody wait for its leases."""
        with self.lock:
            self.points = []
            self._bury()

    def _bury(self) -> None:
        self.process.kill()
        if self.postgres is not None:
            self.postgres.run(
                "UPDATE lanes SET lease_until = 1 WHERE owner IS NOT NULL; "
                "UPDATE lane_owners SET alive_until = 1",
                self.process.database,
            )

    def shoot(self, at: str, *points: str) -> None:
        """Kill whichever process runs, which others are to find out.

        The next ones die at `points`, if any are given.
        """
        with self.lock:
            self.points = list(points) or self.points
            process = self.process.process
            if process is not None and process.poll() is None:
                process.kill()
                self.point = at

    def again(self, error: grpc.RpcError) -> bool:
        """After a failed call: whether to make it again, to whom it may be."""
        with self.lock:
            process = self.process.process
            if process is not None and process.poll() is not None:
                self._note_death()
                self._start()
                return True
        return is_transient(error)
