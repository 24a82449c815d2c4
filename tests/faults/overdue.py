"""Entries that were due while nothing ran, put into a database by SQL."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

HOUR_US = 3_600_000_000
CONTENT = "c" * 64


def seed_overdue(path: Path, entries: int) -> None:
    """One client's entries, each due a day ago and every hour since.

    They are next due in ten minutes at the earliest.
    """
    now = time.time_ns() // 1000
    made = now - 30 * 24 * HOUR_US

    def uuid(kind: int, number: str) -> str:
        return f"'0197000{kind}-0000-7000-8000-' || printf('%012d', {number})"

    def rows(count: int) -> str:
        return (
            "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
            f"WHERE i + 1 < {count}) SELECT i FROM n)"
        )

    due = f"{now - 24 * HOUR_US + HOUR_US // 6} + i % 1800 * 1000000"
    client = uuid(1, "0")
    statements = [
        "INSERT INTO contents (content_id, body, create_time) "
        f"""VALUES ('{CONTENT}', '{{"text":"We are back."}}', {made})""",
        "INSERT INTO clients (client_id, display_name, pair_quota, "
        "pair_count, labels, revision, create_time, update_time) "
        f"SELECT {client}, '', {entries}, {entries}, '{{}}', 1, {made}, "
        f"{made}",
        "INSERT INTO channels (channel_id, client_id, platform, address, "
        "account, title, state, state_reason, revision, create_time, "
        f"update_time) SELECT {uuid(2, 'i')}, {client}, 'log', "
        f"'channel-' || i, 'log', '', 'active', '', 1, {made}, {made} "
        f"FROM {rows(2 * entries)}",
        "INSERT INTO channel_pairs (channel_pair_id, client_id, "
        "open_channel_id, closed_channel_id, create_time) "
        f"SELECT {uuid(3, 'i')}, {client}, {uuid(2, '2 * i')}, "
        f"{uuid(2, '2 * i + 1')}, {made} FROM {rows(entries)}",
        "INSERT INTO entries (entry_id, client_id, channel_pair_id, state, "
        "state_reason, last_outcome, interval_us, next_send_time, "
        "broadcast_count, success_count, partial_count, failure_count, "
        "consecutive_failure_count, manual_trigger_count, last_error, "
        "open_content_id, closed_content_id, labels, revision, create_time, "
        f"update_time) SELECT {uuid(4, 'i')}, {client}, {uuid(3, 'i')}, "
        f"'active', '', 'pending', {HOUR_US}, {due}, 0, 0, 0, 0, 0, 0, '', "
        f"'{CONTENT}', '{CONTENT}', '{{}}', 1, {made}, {made} "
        f"FROM {rows(entries)}",
    ]
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous = OFF")
        for statement in statements:
            database.execute(statement)
        database.commit()
