"""broadcastctl against a real server: what it prints, and its exit status."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from broadcastctl_process import (
    DONE,
    FAILED,
    NOBODY,
    NOT_FOUND,
    PRECONDITION,
    PROGRAM,
    TOO_SOON,
    USAGE,
    Broadcastctl,
    make_entry,
)
from broadcastd_process import Broadcastd

from broadcast.v1 import broadcast_service_pb2 as broadcast

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def ours(
    own_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broadcastd]:
    """A server that this module has for itself."""
    folder = tmp_path_factory.mktemp("broadcastctl")
    with Broadcastd(own_database, folder) as server:
        yield server


@pytest.fixture
def ctl(ours: Broadcastd) -> Broadcastctl:
    return Broadcastctl(ours.address)


def entry_of(server: Broadcastd, entry_id: str) -> broadcast.GetEntryResponse:
    return server.broadcast.GetEntry(
        broadcast.GetEntryRequest(entry_id=entry_id), timeout=30
    )


# The command line.


def test_help_lists_verbs_options_and_exit_statuses() -> None:
    ctl = Broadcastctl("127.0.0.1:1")
    text = ctl.run("--help").expect(DONE).out
    for words in ("entries list", "--tls-ca FILE", "  130  interrupted"):
        assert words in text
    assert "--max-deletes COUNT" in ctl.run("sync", "--help").expect(DONE).out
    assert ctl.run("--version").expect(DONE).out.startswith("broadcastctl ")


def test_reference_page_has_every_verb_and_option() -> None:
    page = Path(__file__).parents[2] / "docs" / "broadcastctl.md"
    text = page.read_text()
    ctl = Broadcastctl("127.0.0.1:1")
    usage = ctl.run("--help").out
    verbs = re.findall(r"^  ([a-z]+(?: [a-z]+)?)(?= [A-Z]| {2}|$)", usage, re.M)
    assert len(verbs) >= 14
    for verb in verbs:
        assert f"`{verb}" in text, verb
        for option in re.findall(
            r"--[a-z-]+", ctl.run(*verb.split(), "--help").expect(DONE).out
        ):
            assert f"{option}" in text, f"{verb}: {option}"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "a verb is missing"),
        (("burn",), "`burn` is no verb"),
        (("trigger",), "ENTRY_ID is missing"),
        (("entries", "list", "--bogus"), "`--bogus` is no option"),
        (("entries", "list", "--page-size=0"), "from 1 to 1000"),
        (("server", "--output=xml"), "is none of table, json, jsonl"),
        (("server", "--timeout=5"), "write one with a unit"),
        (("server", "--timeout=0s"), "must be longer than 0s"),
        (("server", "--color=blue"), "is none of auto, always, never"),
        (("server", "--tls-ca=/nonexistent"), "cannot be read"),
        (("server", "--tls-cert=a"), "need each other"),
        (("pause",), "give --entry or --scheduler"),
        (("pause", "--entry=a", "--scheduler"), "only one of"),
        (("resume", "--scheduler", "--etag=a"), "only with --entry"),
        (("sync",), "give --channel-id or"),
        (("sync", "--all", "--feed-id=a"), "only one of"),
        (("sync", "--all", "--post-only", "--delete-only"), "only one of"),
        (("migrate", "--from=a"), "give --to or --new-chat"),
        (("migrate", "--from=a", "--to=b", "--account=c"), "with --new-chat"),
        (("backfill",), "give --all or"),
        (("trigger", NOBODY, "--dry-run", "--wait"), "only one of"),
    ],
)
def test_what_is_wrong_is_said(
    ctl: Broadcastctl, arguments: tuple[str, ...], words: str
) -> None:
    result = ctl.run(*arguments).expect(USAGE, words)
    assert result.out == ""


# Lists.


def test_entries_are_listed(ours: Broadcastd, ctl: Broadcastctl) -> None:
    client = str(uuid.uuid4())
    made = [make_entry(ours, client=client, pair=n).entry for n in range(3)]
    mine = f"--filter=client_id = {client}"

    table = ctl.run("entries", "list", mine).expect(DONE).out.splitlines()
    assert table[0].split()[:3] == ["ENTRY", "ID", "STATE"]
    assert [line.split()[0] for line in table[1:]] == [
        entry.entry_id for entry in made
    ]
    assert all(" ACTIVE " in line for line in table[1:])

    page = ctl.run("entries", "list", mine, "--page-size=2", "-o", "json")
    page.expect(DONE)
    assert [e["entry_id"] for e in page.json["entries"]] == [
        entry.entry_id for entry in made[:2]
    ]
    assert page.json["entries"][0]["consecutive_failure_count"] == "0"
    token = page.json["next_page_token"]
    rest = ctl.run(
        "entries", "list", mine, "-o", "jsonl", f"--page-token={token}"
    ).expect(DONE)
    assert [line["entry_id"] for line in rest.lines] == [made[2].entry_id]

    everything = ctl.run(
        "entries", "list", mine, "--all", "--page-size=1", "-o", "json"
    ).expect(DONE)
    assert len(everything.json["entries"]) == 3
    assert everything.json["next_page_token"] == ""

    backwards = ctl.run(
        "entries", "list", mine, "--order-by=create_time desc", "-o", "jsonl"
    ).expect(DONE)
    assert backwards.lines[0]["entry_id"] == made[2].entry_id


def test_a_page_that_is_not_the_last_says_so(
    ours: Broadcastd, ctl: Broadcastctl
) -> None:
    client = str(uuid.uuid4())
    for number in range(2):
        make_entry(ours, client=client, pair=number)
    listed = ctl.run(
        "entries", "list", f"--filter=client_id={client}", "--page-size=1"
    )
    listed.expect(DONE, "there are more: --all, or --page-token=")
    none = ctl.run("entries", "list", f"--filter=client_id={NOBODY}")
    assert none.expect(DONE, "none").out == ""


def test_a_bad_filter_is_explained(ctl: Broadcastctl) -> None:
    result = ctl.run("entries", "list", "--filter=mood = GOOD")
    result.expect(USAGE, "[INVALID_FILTER]", "filter: ")
    ctl.run("entries", "list", "--page-token=x").expect(
        USAGE, "[INVALID_PAGE_TOKEN]"
    )


def test_one_entry_is_shown(ours: Broadcastd, ctl: Broadcastctl) -> None:
    entry = make_entry(ours).entry
    text = ctl.run("entries", "get", entry.entry_id).expect(DONE).out
    assert re.search(rf"^entry: +{entry.entry_id}$", text, re.M)
    assert re.search(r"^state: +ACTIVE$", text, re.M)
    shown = ctl.run("entries", "get", entry.entry_id, "-o", "json").json
    assert shown["entry"]["etag"] == entry.etag
    assert "success_rate" not in shown["entry"]

    gone = ctl.run("entries", "get", NOBODY)
    gone.expect(NOT_FOUND, "[ENTRY_NOT_FOUND]", f"entry_id = {NOBODY}")
    assert gone.out == ""
    ctl.run("entries", "get", "nonsense").expect(USAGE, "entry_id: ")


def test_an_error_for_programs_is_on_standard_error(ctl: Broadcastctl) -> None:
    gone = ctl.run("entries", "get", NOBODY, "-o", "json").expect(NOT_FOUND)
    assert gone.out == ""
    status = json.loads(gone.err)
    assert status["code"] == 5
    assert status["details"][0]["reason"] == "ENTRY_NOT_FOUND"


# Triggers and operations.


def test_trigger_sends_and_tells_when_again(
    ours: Broadcastd, ctl: Broadcastctl
) -> None:
    entry_id = make_entry(ours).entry.entry_id
    dry = ctl.run("trigger", entry_id, "--dry-run").expect(DONE)
    assert "nothing was sent" in dry.out
    assert len([x for x in dry.out.splitlines() if "hello" in x]) == 2
    assert entry_of(ours, entry_id).entry.manual_trigger_count == 0

    sent = ctl.run("trigger", entry_id, "--wait", "--reason=a try")
    sent.expect(DONE)
    assert "It can be triggered again from " in sent.out
    assert "FINISHED 2 of 2: 2 sent" in sent.out

    again = ctl.run("trigger", entry_id)
    again.expect(TOO_SOON, "[TRIGGER_COOLDOWN]", "next_trigger_time = ")
    wait = re.search(r"^retry in (\d+)m(?:(\d+)s)?$", again.err, re.M)
    assert wait, again.err
    assert int(wait[1]) in (4, 5)
    assert entry_of(ours, entry_id).entry.manual_trigger_count == 1


def test_a_request_id_triggers_once(
    ours: Broadcastd, ctl: Broadcastctl
) -> None:
    entry_id = make_entry(ours).entry.entry_id
    mine = f"--request-id={uuid.uuid4()}"
    first = ctl.run("trigger", entry_id, mine, "-o", "json").expect(DONE)
    again = ctl.run("trigger", entry_id, mine, "-o", "json").expect(DONE)
    assert not first.json["replayed"]
    assert again.json["replayed"]
    operation_id = first.json["operation"]["operation_id"]
    assert again.json["operation"]["operation_id"] == operation_id
    other = make_entry(ours).entry.entry_id
    ctl.run("trigger", other, mine).expect(USAGE, "[REQUEST_ID_REUSED]")


def test_trigger_of_what_cannot_be(ours: Broadcastd, ctl: Broadcastctl) -> None:
    ctl.run("trigger", NOBODY).expect(NOT_FOUND, "[ENTRY_NOT_FOUND]")
    empty = make_entry(ours, text="").entry.entry_id
    ctl.run("trigger", empty).expect(PRECONDITION, "[ENTRY_CONTENT_MISSING]")


def test_operations_are_listed_shown_and_watched(
    ours: Broadcastd, ctl: Broadcastctl
) -> None:
    entry_id = make_entry(ours).entry.entry_id
    triggered = ctl.run("trigger", entry_id, "--reason=why not")
    triggered.expect(DONE, "broadcastctl operations watch ")
    operation_id = UUID.findall(triggered.out)[0]

    watched = ctl.run("operations", "watch", operation_id).expect(DONE)
    assert f"Operation {operation_id}: FINISHED 2 of 2: 2 sent" in watched.out
    last = ctl.run("operations", "watch", operation_id, "-o", "jsonl")
    assert last.expect(DONE).lines[-1]["state"] == "STATE_FINISHED"
    final = ctl.run("operations", "watch", operation_id, "-o", "json")
    assert final.expect(DONE).json["progress"]["sent_count"] == "2"

    listed = ctl.run("operations", "list", f"--filter=entry_id={entry_id}")
    assert operation_id in listed.expect(DONE).out
    assert "why not" in listed.out
    shown = ctl.run("operations", "get", operation_id).expect(DONE).out
    assert re.search(r"^kind: +TRIGGER$", shown, re.M)
    as_json = ctl.run("operations", "get", operation_id, "-o", "json").json
    assert as_json["operation"]["reason"] == "why not"

    for verb in ("get", "watch", "cancel"):
        ctl.run("operations", verb, NOBODY).expect(
            NOT_FOUND, "[OPERATION_NOT_FOUND]"
        )
    ctl.run("operations", "cancel", operation_id, "--yes").expect(
        PRECONDITION, "[OPERATION_FINISHED]"
    )


# Output.


def test_colours_are_for_terminals(ours: Broadcastd, ctl: Broadcastctl) -> None:
    entry_id = make_entry(ours).entry.entry_id
    get = ("entries", "get", entry_id)
    assert "\x1b[" not in ctl.run(*get).out
    assert "\x1b[32mACTIVE\x1b[0m" in ctl.run(*get, "--color=always").out
    assert "\x1b[32mACTIVE" in ctl.on_terminal(*get).finish().out
    ctl.environment["NO_COLOR"] = "1"
    assert "\x1b[" not in ctl.on_terminal(*get).finish().out
    ctl.environment["NO_COLOR"] = ""
    assert "\x1b[" not in ctl.on_terminal(*get, "--color=never").finish().out


def test_times_are_told_in_both_ways(
    ours: Broadcastd, ctl: Broadcastctl
) -> None:
    client = str(uuid.uuid4())
    make_entry(ours, client=client)
    mine = f"--filter=client_id={client}"
    assert re.search(r" in \d+d", ctl.run("entries", "list", mine).out)
    listed = ctl.run("entries", "list", mine, "--time-format=iso").out
    assert "2096-10-02T07:06:40Z" in listed


def test_a_full_disk_is_no_success(ctl: Broadcastctl) -> None:
    with Path("/dev/full").open("w") as full:
        status = subprocess.run(
            [PROGRAM, "server"],
            env=ctl.environment,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert status.returncode == FAILED
    assert b"cannot be written" in status.stderr
