"""Print the audit trail, one JSON object a line.

    python -m broadcastd.audit_export --filter 'outcome != OK' > refused.jsonl

Connects as `Client()` does: BROADCAST_ADDRESS, BROADCAST_TOKEN and
BROADCAST_TLS_CA are its environment. Events come earliest first, so an export
goes on from the last line of the one before with a filter on `create_time`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from google.protobuf import json_format

from broadcastd import messages as m
from broadcastd.client import Client
from broadcastd.errors import BroadcastError
from broadcastd.options import DEFAULT_TIMEOUT

# The event of a large batch takes 40 kB, and gRPC receives 4 MB at once.
_PAGE_SIZE = 50


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m broadcastd.audit_export",
        description="Print the audit trail, one JSON object a line.",
    )
    parser.add_argument(
        "--address", help="a gRPC target; else BROADCAST_ADDRESS"
    )
    parser.add_argument(
        "--filter",
        default="",
        help="as ListAuditEventsRequest.filter, e.g. "
        "'create_time >= \"2030-01-01T00:00:00Z\"'",
    )
    parser.add_argument(
        "--page-size", type=int, default=_PAGE_SIZE, help="events a call"
    )
    parser.add_argument(
        "--timeout", type=float, default=DEFAULT_TIMEOUT, help="seconds a call"
    )
    return parser.parse_args(arguments)


def line_of(event: m.AuditEvent) -> str:
    """Return the event as one line of JSON, with the contract's names."""
    return json.dumps(
        json_format.MessageToDict(
            event,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        ),
        ensure_ascii=False,
        separators=(",", ":"),
    )


def export(client: Client, request: m.ListAuditEventsRequest) -> None:
    """Print every event that the request lists."""
    for event in client.list_audit_events(request):
        print(line_of(event))


def main(arguments: Sequence[str] | None = None) -> int:
    """Export; return the exit code of the process: 1 if a call failed."""
    given = _arguments(arguments)
    request = m.ListAuditEventsRequest(
        filter=given.filter, page_size=given.page_size
    )
    try:
        with Client(given.address, timeout=given.timeout) as client:
            export(client, request)
        sys.stdout.flush()
    except BroadcastError as error:
        print(f"audit_export: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Who read has enough. Python would flush, and complain, once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
