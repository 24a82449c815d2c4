"""Work for the dispatcher and the scheduler, made by SQL in a seeded database.

The entries are those of `broadcastd_bench seed`: number i has the channels
2 i (open) and 2 i + 1 (closed).
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass

from processes import PostgresDatabase, SqliteFile

Database = SqliteFile | PostgresDatabase

DAY_US = 86_400_000_000
# Of the ids: which table's row it is.
CHANNEL, ENTRY, OPERATION, DELIVERY = 2, 4, 5, 6
OPEN_CONTENT = "0" * 63 + "1"
CLOSED_CONTENT = "0" * 63 + "2"


def _now_us() -> int:
    return time.time_ns() // 1000


@dataclass
class _Dialect:
    series: str  # {n} rows with the column i from 0
    digits: str  # of {number}, with leading zeros
    uuid: str  # what makes a uuid of a text

    def id(self, kind: int, number: str) -> str:
        digits = self.digits.format(number=number)
        return f"('0197000{kind}-0000-7000-8000-' || {digits}){self.uuid}"

    def rows(self, count: int) -> str:
        return self.series.format(n=count)


_SQLITE = _Dialect(
    "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
    "WHERE i + 1 < {n}) SELECT i FROM n) AS s",
    "printf('%012d', {number})",
    "",
)
_POSTGRES = _Dialect(
    "(SELECT i FROM generate_series(0::bigint, {n} - 1) AS g(i)) AS s",
    "lpad(({number})::text, 12, '0')",
    "::uuid",
)


def run_sql(database: Database, statements: list[str]) -> None:
    """Past the server, without the cost of being durable."""
    if isinstance(database, SqliteFile):
        with closing(sqlite3.connect(database.path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -262144")
            for statement in statements:
                connection.execute(statement)
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.sync()
        return
    script = [
        "SET client_min_messages = error",
        "SET session_replication_role = replica",
        "SET synchronous_commit = off",
        *statements,
        "VACUUM ANALYZE",
        "CHECKPOINT",
    ]
    database.query(";\n".join(script))


def ask(database: Database, sql: str) -> list[tuple[int, ...]]:
    """The rows, which are numbers."""
    if isinstance(database, SqliteFile):
        with closing(sqlite3.connect(database.path)) as connection:
            return connection.execute(sql).fetchall()
    return [
        tuple(int(float(cell)) for cell in line.split("|"))
        for line in database.query(sql).splitlines()
    ]


def _dialect(database: Database) -> _Dialect:
    return _SQLITE if isinstance(database, SqliteFile) else _POSTGRES


def _contents(now: int) -> list[str]:
    return [
        "INSERT INTO contents (content_id, body, create_time) VALUES "
        f"('{content}', '{{\"text\":\"{text}\"}}', {now}) "
        "ON CONFLICT DO NOTHING"
        for content, text in (
            (OPEN_CONTENT, "We are open."),
            (CLOSED_CONTENT, "We are closed."),
        )
    ]


def _content_of(channel: str) -> str:
    return (
        f"CASE {channel} % 2 WHEN 0 THEN '{OPEN_CONTENT}' "
        f"ELSE '{CLOSED_CONTENT}' END"
    )


def seed_waiting(
    database: Database,
    entries: int,
    *,
    first: int = 0,
    delay_us: int = 0,
    lane: str = "log",
) -> None:
    """One broadcast of each entry waits: two deliveries, due after a delay."""
    dialect = _dialect(database)
    now = _now_us()
    due = now + delay_us
    entry = f"i + {first}"
    channel = f"i + {2 * first}"
    client = (
        "(SELECT client_id FROM channels WHERE channel_id = "
        f"{dialect.id(CHANNEL, channel)})"
    )
    client_of_entry = (
        "(SELECT client_id FROM entries WHERE entry_id = "
        f"{dialect.id(ENTRY, entry)})"
    )
    twice = dialect.rows(2 * entries)
    statements = [
        *_contents(now),
        "INSERT INTO operations (operation_id, client_id, entry_id, "
        "occurrence, kind, state, reason, planned, sent, failed, unknown, "
        "expired, cancelled, abandoned, sends, deadline, last_error, settled, "
        f"create_time, update_time) SELECT {dialect.id(OPERATION, entry)}, "
        f"{client_of_entry}, {dialect.id(ENTRY, entry)}, 1, 'broadcast', "
        f"'running', '', 2, 0, 0, 0, 0, 0, 0, 2, {due + DAY_US}, '', 0, "
        f"{now}, {now} "
        f"FROM {dialect.rows(entries)}",
        "INSERT INTO deliveries (delivery_id, operation_id, client_id, "
        "channel_id, entry_id, side, action, content_id, on_unknown, "
        f"deadline, create_time) SELECT {dialect.id(DELIVERY, channel)}, "
        f"{dialect.id(OPERATION, f'({channel}) / 2')}, {client}, "
        f"{dialect.id(CHANNEL, channel)}, "
        f"{dialect.id(ENTRY, f'({channel}) / 2')}, "
        f"CASE i % 2 WHEN 0 THEN 'open' ELSE 'closed' END, 'send', "
        f"{_content_of('i')}, 'hold', {due + DAY_US}, {now} FROM {twice}",
        "INSERT INTO channel_queues (channel_id, client_id, lane_id, waiting, "
        "busy, not_before, paused_until, last_sequence) SELECT "
        f"{dialect.id(CHANNEL, channel)}, {client}, '{lane}', 1, 0, {due}, 0, "
        f"1 FROM {twice}",
        "INSERT INTO ready (channel_id, sequence, delivery_id, not_before, "
        f"attempts, fence) SELECT {dialect.id(CHANNEL, channel)}, 1, "
        f"{dialect.id(DELIVERY, channel)}, {due}, 0, 0 FROM {twice}",
        "UPDATE entries SET current_operation_id = o.operation_id, "
        "last_outcome = 'sending', occurrence_count = 1, "
        f"last_send_time = {now} FROM operations o "
        "WHERE o.entry_id = entries.entry_id AND o.state = 'running'",
    ]
    run_sql(database, statements)


def give_content(database: Database) -> None:
    """Every entry has what to send."""
    run_sql(
        database,
        [
            *_contents(_now_us()),
            f"UPDATE entries SET open_content_id = '{OPEN_CONTENT}', "
            f"closed_content_id = '{CLOSED_CONTENT}'",
        ],
    )


def move_to_telegram(database: Database, account: str = "bot") -> None:
    """Every channel is a chat of its own."""
    digits = (
        "substr(channel_id, 25)"
        if isinstance(database, SqliteFile)
        else "substr(channel_id::text, 25)"
    )
    run_sql(
        database,
        [
            "UPDATE channels SET platform = 'telegram', "
            f"account = '{account}', address = "
            f"'-' || (1001000000000 + CAST({digits} AS BIGINT))"
        ],
    )


def spread_over_accounts(database: Database, count: int) -> None:
    """What waits is that of bot0, bot1, ..., as many for each."""
    number = (
        "substr(channel_id, 25)"
        if isinstance(database, SqliteFile)
        else "substr(channel_id::text, 25)"
    )
    account = f"'bot' || (CAST({number} AS BIGINT) % {count})"
    run_sql(
        database,
        [
            f"UPDATE channels SET account = {account}",
            f"UPDATE channel_queues SET lane_id = {account}",
        ],
    )


def make_due(database: Database, at_us: str) -> None:
    """Every entry is due at a time that SQL makes of the entry's id."""
    run_sql(database, [f"UPDATE entries SET next_send_time = {at_us}"])
