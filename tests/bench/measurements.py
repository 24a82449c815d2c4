"""What is measured, by name: README.md says how each figure is to be read."""

from __future__ import annotations

from collections.abc import Callable

from creating import create_postgres, create_sqlite, create_sqlite_slow_disk
from delivering import (
    delivery_http,
    delivery_postgres_log,
    delivery_postgres_slow_disk,
    delivery_sqlite_log,
    delivery_sqlite_slow_disk,
)
from feeding import (
    import_posts,
    plan_1m,
    plan_1m_postgres,
    upsert_post,
    upsert_post_postgres,
)
from figures import Figure
from identity import identity
from idling import idle_latency, idle_memory, startup
from ladder import ladder
from listing import list_flat
from measuring import Bench
from pacing import first_byte, held_memory, pacing
from reading import get_sqlite
from saturating import wal
from scheduling import scheduler

MEASUREMENTS: dict[str, Callable[[Bench], list[Figure]]] = {
    "create_sqlite": create_sqlite,
    "create_sqlite_slow_disk": create_sqlite_slow_disk,
    "create_postgres": create_postgres,
    "get_sqlite": get_sqlite,
    "identity": identity,
    "idle_latency": idle_latency,
    "startup": startup,
    "list_flat": list_flat,
    "wal": wal,
    "idle_memory": idle_memory,
    "ladder": ladder,
    "delivery_sqlite_log": delivery_sqlite_log,
    "delivery_postgres_log": delivery_postgres_log,
    "delivery_postgres_slow_disk": delivery_postgres_slow_disk,
    "delivery_http": delivery_http,
    "delivery_sqlite_slow_disk": delivery_sqlite_slow_disk,
    "pacing": pacing,
    "first_byte": first_byte,
    "scheduler": scheduler,
    "held_memory": held_memory,
    "plan_1m": plan_1m,
    "plan_1m_postgres": plan_1m_postgres,
    "upsert_post": upsert_post,
    "upsert_post_postgres": upsert_post_postgres,
    "import_posts": import_posts,
}
