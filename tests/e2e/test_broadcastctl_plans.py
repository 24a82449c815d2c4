"""sync and migrate of broadcastctl: the plan, the question, the operation.

The server is a fake with a script, because what a plan says is not the tool's
affair: here it is what the tool asks for, in which order, and what it prints.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from broadcastctl_process import (
    CONNECTION,
    DENIED,
    DONE,
    FAILED,
    INTERRUPTED,
    NOT_FOUND,
    PARTIAL,
    PRECONDITION,
    USAGE,
    Broadcastctl,
    finish,
)
from scripted_plans import (
    CHANNEL,
    CLIENT,
    FEED,
    OPERATION,
    OTHER,
    Script,
)

from broadcast.v1 import broadcast_service_pb2_grpc as broadcast_grpc
from broadcast.v1 import channel_pb2, sync_pb2
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc
from broadcast.v1 import operation_service_pb2 as operations
from broadcast.v1 import operation_service_pb2_grpc as operations_grpc

COUNTS = {
    "open posts": 40,
    "tracked messages": 33,
    "will post": 12,
    "will edit": 3,
    "will delete": 4,
    "tombstones": 1,
    "undeletable": 2,
    "unknown": 5,
    "kept as they are": 20,
}


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def ctl(script: Script) -> Iterator[Broadcastctl]:
    server = grpc.server(ThreadPoolExecutor(4))
    broadcast_grpc.add_BroadcastServiceServicer_to_server(script, server)
    channels_grpc.add_ChannelServiceServicer_to_server(script, server)
    operations_grpc.add_OperationServiceServicer_to_server(script, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield Broadcastctl(f"127.0.0.1:{port}")
    script.endless = False
    server.stop(0).wait()


def counts_of(text: str) -> dict[str, int]:
    return {
        name: int(count)
        for name, count in re.findall(r"^([a-z ]+): +(\d+)\r?$", text, re.M)
    }


def test_a_dry_run_prints_the_plan_and_does_nothing(
    script: Script, ctl: Broadcastctl
) -> None:
    result = ctl.run("sync", "--all", "--dry-run").expect(DONE)
    assert counts_of(result.out) == COUNTS
    assert "post-19" in result.out
    (request,) = script.made()
    assert request.validate_only
    assert request.all
    assert request.mode == sync_pb2.SYNC_MODE_FULL
    as_json = ctl.run("sync", "--all", "--dry-run", "-o", "json").expect(DONE)
    assert as_json.json["plan"]["delete_count"] == "4"


def test_nobody_to_ask(script: Script, ctl: Broadcastctl) -> None:
    refused = ctl.run("sync", "--all")
    refused.expect(
        USAGE,
        "Do this to 20 messages: post 12, edit 3, delete 4, "
        "edit 1 to a tombstone?",
        "give --yes",
    )
    ctl.run("sync", "--all", "-o", "json").expect(USAGE, "give --yes")
    assert all(request.validate_only for request in script.made())


def test_who_is_asked_may_say_no(script: Script, ctl: Broadcastctl) -> None:
    for answer in ("n\n", "\n", "no\n", "\x04"):
        asked = ctl.on_terminal("sync", "--all", answer=answer)
        assert "nothing was done" in asked.finish().expect(FAILED).out
    assert all(request.validate_only for request in script.made())


def test_what_is_lost_is_not_known_before(
    script: Script, ctl: Broadcastctl
) -> None:
    script.plan.probe_count = 33
    dry = ctl.run("sync", "--all", "--verify", "--dry-run").expect(DONE)
    assert counts_of(dry.out) == COUNTS | {"to ask about first": 33}
    done = ctl.run("sync", "--all", "--verify", "--yes").expect(
        DONE, "more may be posted", "more than 5 messages"
    )
    assert "FINISHED 20 of 20" in done.out
    applied = script.made()[-1]
    assert applied.verify
    assert applied.max_deletes == 5
    assert not applied.expected_plan
    script.plan = sync_pb2.SyncPlan(kept_count=3, probe_count=3)
    ctl.run("sync", "--all", "--verify").expect(
        USAGE, "Do this: ask about 3, and what follows of the answers?"
    )


def test_the_plan_that_was_shown_is_done(
    script: Script, ctl: Broadcastctl
) -> None:
    done = ctl.on_terminal(
        "sync", "--feed-id", FEED, "--color=never", answer="y\n"
    ).finish()
    done.expect(DONE)
    assert counts_of(done.out) == COUNTS
    assert "FINISHED 20 of 20: 20 sent" in done.out
    assert "Messages: 20 posted" in done.out
    shown, applied = script.made()
    assert shown.validate_only
    assert not applied.validate_only
    assert applied.expected_plan == "the-plan"
    assert applied.feed_id == FEED
    assert len(applied.request_id) == 36
    tokens = [
        one.resume_token
        for one in script.asked
        if isinstance(one, operations.WatchOperationRequest)
    ]
    assert tokens == ["", "five"]


def test_yes_asks_nothing(script: Script, ctl: Broadcastctl) -> None:
    done = ctl.run(
        "sync",
        "--all",
        "--yes",
        "--delete-only",
        "--max-deletes=7",
        "-o",
        "json",
    ).expect(DONE)
    assert done.json["operation"]["state"] == "STATE_FINISHED"
    assert done.json["plan"]["plan_fingerprint"] == "the-plan"
    for request in script.made():
        assert request.max_deletes == 7
        assert request.mode == sync_pb2.SYNC_MODE_DELETE_ONLY


def test_without_waiting(script: Script, ctl: Broadcastctl) -> None:
    done = ctl.run("sync", "--all", "-y", "--no-wait", "--post-only")
    done.expect(DONE, f"broadcastctl operations watch {OPERATION}")
    assert f"Started operation {OPERATION}" in done.out
    assert script.made()[-1].mode == sync_pb2.SYNC_MODE_POST_ONLY


def test_nothing_to_do(script: Script, ctl: Broadcastctl) -> None:
    script.plan = sync_pb2.SyncPlan(open_post_count=3, kept_count=3)
    done = ctl.run("sync", "--all").expect(DONE)
    assert "Nothing is to be done." in done.out
    assert len(script.made()) == 1


def test_what_failed_is_listed(script: Script, ctl: Broadcastctl) -> None:
    script.failed = 2
    done = ctl.run("sync", "--all", "--yes").expect(PARTIAL)
    assert "FINISHED 20 of 20: 18 sent, 2 failed" in done.out
    assert "chat_not_found" in done.out
    assert "… and 1 more." in done.out


@pytest.mark.parametrize(
    ("reason", "metadata", "words"),
    [
        ("PLAN_CHANGED", {}, "look at its new plan"),
        ("TOO_MANY_DELETES", {"deletes": "5"}, "if these 5 are meant"),
        (
            "SYNC_RUNNING",
            {"operation_id": OPERATION},
            f"operations watch {OPERATION}",
        ),
    ],
)
def test_a_refusal_says_what_to_do(
    script: Script,
    ctl: Broadcastctl,
    reason: str,
    metadata: dict[str, str],
    words: str,
) -> None:
    code = grpc.StatusCode.FAILED_PRECONDITION
    script.refusal = (code, reason, metadata)
    ctl.run("sync", "--all", "--yes").expect(PRECONDITION, f"[{reason}]", words)


def test_a_call_that_is_cut_off_is_made_again_under_its_id(
    script: Script, ctl: Broadcastctl
) -> None:
    script.breaks = 2
    ctl.run("sync", "--all", "--yes").expect(DONE)
    tries = [one for one in script.made() if not one.validate_only]
    assert len(tries) == 3
    assert len({one.request_id for one in tries}) == 1


def test_a_call_that_stays_cut_off_says_how_to_find_out(
    script: Script, ctl: Broadcastctl
) -> None:
    script.breaks = 99
    cut = ctl.run("sync", "--all", "--yes")
    cut.expect(CONNECTION, "it may have been done or not")
    request_id = script.made()[-1].request_id
    assert f"--request-id={request_id}" in cut.err
    assert len([one for one in script.made() if not one.validate_only]) == 4


def test_a_watch_goes_on_when_a_server_stops(
    script: Script, ctl: Broadcastctl
) -> None:
    """It may cancel what is under way."""
    script.watch_ends_with = grpc.StatusCode.CANCELLED
    ctl.run("sync", "--all", "--yes").expect(DONE)


def test_a_watch_that_is_refused_ends(
    script: Script, ctl: Broadcastctl
) -> None:
    script.watch_ends_with = grpc.StatusCode.PERMISSION_DENIED
    ctl.run("sync", "--all", "--yes").expect(
        DENIED, f"broadcastctl operations watch {OPERATION}"
    )


def test_interrupted_it_goes_on(script: Script, ctl: Broadcastctl) -> None:
    script.endless = True
    run = ctl.start("sync", "--all", "--yes")
    assert run.stdout is not None
    while "RUNNING" not in run.stdout.readline():
        pass
    run.send_signal(signal.SIGINT)
    finish(run).expect(
        INTERRUPTED, f"broadcastctl operations watch {OPERATION}"
    )


# Channels by their address.


def test_a_channel_by_its_address(script: Script, ctl: Broadcastctl) -> None:
    ctl.run("sync", "--chat-id=@News", "--dry-run").expect(DONE)
    assert script.asked[0].filter == 'address = "@news"'
    assert script.made()[0].channel_id == CHANNEL
    ctl.run(
        "sync", "--chat-id=-100123", f"--client-id={CLIENT}", "--dry-run"
    ).expect(DONE)
    assert script.asked[2].filter == (
        f'address = "-100123" AND client_id = "{CLIENT}"'
    )


def test_an_address_of_none_and_of_several(
    script: Script, ctl: Broadcastctl
) -> None:
    twin = channel_pb2.Channel(channel_id=OTHER, client_id=CLIENT)
    script.channels.append(twin)
    ctl.run("sync", "--chat-id=@news", "--yes").expect(
        PRECONDITION, CHANNEL, OTHER, "--client-id"
    )
    script.channels.clear()
    ctl.run("sync", "--chat-id=@news", "--yes").expect(
        NOT_FOUND, 'no channel has the address "@news"'
    )
    assert script.made() == []


# Migrate.


def test_migrate_to_a_new_chat(script: Script, ctl: Broadcastctl) -> None:
    done = ctl.run(
        "migrate",
        "--old-chat=@news",
        "--new-chat=@fresh",
        "--delete-old",
        "--title=News",
        "--yes",
    ).expect(DONE)
    first = done.out.splitlines()[0]
    assert first.startswith("From TELEGRAM @news to TELEGRAM @fresh")
    shown, applied = script.made()
    assert shown.validate_only
    assert applied.expected_plan == "the-plan"
    for request in (shown, applied):
        assert request.channel_id == CHANNEL
        assert request.delete_old
        assert request.target_channel == channel_pb2.ChannelSpec(
            platform=channel_pb2.PLATFORM_TELEGRAM,
            address="@fresh",
            account="bot",
            title="News",
        )


def test_migrate_to_a_channel(script: Script, ctl: Broadcastctl) -> None:
    arguments = ("migrate", "--from", CHANNEL, "--to", OTHER)
    ctl.run(*arguments).expect(USAGE, "Move, and do this to 20 messages")
    dry = ctl.run(*arguments, "--dry-run", f"--feed-id={FEED}").expect(DONE)
    assert counts_of(dry.out) == COUNTS
    for request in script.made():
        assert request.validate_only
        assert request.target_channel_id == OTHER
    assert script.made()[-1].feed_id == FEED


def test_migrate_asks_even_if_no_message_moves(
    script: Script, ctl: Broadcastctl
) -> None:
    script.plan = sync_pb2.SyncPlan(plan_fingerprint="empty")
    arguments = ("migrate", "--from", CHANNEL, "--to", OTHER)
    ctl.run(*arguments).expect(USAGE, "Move, and do this to 0 messages?")
    ctl.run(*arguments, "--yes").expect(DONE)
    assert script.made()[-1].expected_plan == "empty"
