"""The audit trail as lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import grpc
import pytest
from broadcastd import messages as m
from broadcastd.audit_export import main
from fake_broadcastd import Failure, FakeBroadcastd
from google.protobuf import json_format


def event(number: int, **fields: Any) -> m.AuditEvent:
    made = m.AuditEvent(
        audit_event_id=str(number),
        principal="Ünï\nx",
        outcome="OK",
        row_count=1,
        **fields,
    )
    made.create_time.FromJsonString("2030-01-02T03:04:05.000006Z")
    json_format.ParseDict({"entry_ids": ["e1", "e2"]}, made.resources)
    return made


PAGES = {
    "": m.ListAuditEventsResponse(
        audit_events=[event(1), event(2)], next_page_token="after 2"
    ),
    "after 2": m.ListAuditEventsResponse(next_page_token="still after 2"),
    "still after 2": m.ListAuditEventsResponse(audit_events=[event(3)]),
}


def answer(request: Any) -> Any:
    return PAGES[request.page_token]


def test_every_event_of_every_page_is_a_line(
    server: FakeBroadcastd, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer("ListAuditEvents", answer)

    code = main(["--address", server.address, "--filter", "outcome != OK"])

    assert code == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["audit_event_id"] for line in lines] == ["1", "2", "3"]
    assert lines[0] == {
        "audit_event_id": "1",
        "create_time": "2030-01-02T03:04:05.000006Z",
        "principal": "Ünï\nx",
        "client_id": "",
        "method": "",
        "event": "",
        "peer": "",
        "request_id": "",
        "outcome": "OK",
        "resources": {"entry_ids": ["e1", "e2"]},
        "row_count": 1,
    }
    assert {call.request.filter for call in server.received} == {
        "outcome != OK"
    }
    assert {call.request.page_size for call in server.received} == {50}


def test_a_failure_is_told_and_ends_the_export(
    server: FakeBroadcastd, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = Failure(
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FILTER", "filter: wrong"
    )
    server.answer("ListAuditEvents", PAGES[""], failure)

    assert main(["--address", server.address]) == 1

    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert "filter: wrong" in captured.err


def test_it_runs_as_a_module_and_bears_a_reader_that_leaves(
    server: FakeBroadcastd,
) -> None:
    page = m.ListAuditEventsResponse(audit_events=[event(1)] * 2000)
    server.answer("ListAuditEvents", page)
    environment = {
        "BROADCAST_ADDRESS": server.address,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "broadcastd.audit_export"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as export:
        assert export.stdout
        assert export.stderr
        assert json.loads(export.stdout.readline())["row_count"] == 1
        export.stdout.close()
        assert export.stderr.read() == b""
        assert export.wait() == 1
