"""broadcastctl against a real server: what it prints, and its exit status."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

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
    PROGRAM,
    TOO_SOON,
    USAGE,
    Broadcastctl,
    finish,
)
from broadcastd_process import Broadcastd, free_port, new_entry
from certificates import Authority
from fake_telegram_process import TOKEN, FakeTelegram
from google.protobuf import timestamp_pb2
from issuers import Issuer

from broadcast.v1 import broadcast_service_pb2 as broadcast
from broadcast.v1 import channel_pb2, content_pb2
from broadcast.v1 import channel_service_pb2 as channels
from broadcast.v1 import channel_service_pb2_grpc as channels_grpc

NOBODY = "00000000-0000-4000-8000-000000000000"
FAR = timestamp_pb2.Timestamp(seconds=4_000_000_000)
SECRET = "a secret of at least thirty-two bytes"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module", autouse=True)
def program() -> None:
    """Nothing here works without the program."""
    if not PROGRAM.exists():
        pytest.fail(f"there is no {PROGRAM.name}: run tools/test.sh cpp first")


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


def make_entry(
    server: Broadcastd, text: str = "hello", client: str = "", pair: int = 1
) -> broadcast.CreateEntryResponse:
    """Register an entry that does not fire by itself."""
    request = new_entry(client or str(uuid.uuid4()), pair)
    request.start_time.CopyFrom(FAR)
    if text:
        request.open_content.CopyFrom(content_pb2.Content(text=text))
        request.closed_content.CopyFrom(content_pb2.Content(text=text))
    return server.broadcast.CreateEntry(request, timeout=30)


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


class Waiting:
    """A server whose Telegram is down: what it sends has to wait."""

    def __init__(self, folder: Path) -> None:
        """Start it, and trigger an entry of it."""
        self.telegram = FakeTelegram(folder, "--auto_chats", "--limits=off")
        self.telegram.port = free_port()
        self.server = Broadcastd(
            f"sqlite:{folder / 'b.db'}",
            folder,
            "--account=news=telegram",
            f"--telegram_base_url={self.telegram.url}",
            environment={"BROADCASTD_ACCOUNT_NEWS_TOKEN": TOKEN},
        )
        self.server.start()
        # The same one after a restart.
        self.server.listen = self.server.address
        self.ctl = Broadcastctl(self.server.address)
        request = new_entry(str(uuid.uuid4()), 1)
        for number, spec in enumerate(
            (request.open_channel, request.closed_channel)
        ):
            spec.platform = channel_pb2.PLATFORM_TELEGRAM
            spec.account = "news"
            spec.address = str(-1_001_000_000_001 - number)
        request.open_content.CopyFrom(content_pb2.Content(text="hello"))
        request.closed_content.CopyFrom(content_pb2.Content(text="hello"))
        request.start_time.CopyFrom(FAR)
        entry = self.server.broadcast.CreateEntry(request, timeout=30).entry
        answer = self.ctl.run("trigger", entry.entry_id, "-o", "json")
        answer.expect(DONE)
        self.operation_id = answer.json["operation"]["operation_id"]


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    waiting = Waiting(tmp_path)
    try:
        yield waiting
    finally:
        waiting.server.kill()
        waiting.telegram.kill()


def test_a_watch_outlives_the_server(waiting: Waiting) -> None:
    watch = waiting.ctl.start("operations", "watch", waiting.operation_id)
    assert watch.stdout is not None
    assert "RUNNING 0 of 2: 2 waiting" in watch.stdout.readline()
    assert waiting.server.stop() == 0
    waiting.server.start()
    waiting.telegram.start()
    result = finish(watch).expect(DONE)
    assert "FINISHED 2 of 2: 2 sent" in result.out


def test_interrupted_watching_lets_the_operation_go_on(
    waiting: Waiting,
) -> None:
    watch = waiting.ctl.start("operations", "watch", waiting.operation_id)
    assert watch.stdout is not None
    watch.stdout.readline()
    watch.send_signal(signal.SIGINT)
    finish(watch).expect(
        INTERRUPTED,
        f"broadcastctl operations watch {waiting.operation_id}",
    )
    shown = waiting.ctl.run(
        "operations", "get", waiting.operation_id, "-o", "json"
    )
    assert shown.json["operation"]["state"] == "STATE_RUNNING"


def test_a_terminal_shows_one_line(waiting: Waiting) -> None:
    terminal = waiting.ctl.on_terminal(
        "operations", "watch", waiting.operation_id
    )
    terminal.read_until("\rRUNNING 0 of 2: 2 waiting\x1b[K")
    terminal.type("\x03")
    result = terminal.finish().expect(INTERRUPTED)
    assert "the operation goes on" in result.out


def test_cancel_asks_first(waiting: Waiting) -> None:
    ctl, cancel = waiting.ctl, ("operations", "cancel", waiting.operation_id)
    ctl.run(*cancel).expect(USAGE, "nothing was done; give --yes")
    ctl.run(*cancel, "-o", "json").expect(USAGE)
    denied = ctl.on_terminal(*cancel, answer="n\n").finish().expect(FAILED)
    assert "nothing was done" in denied.out
    allowed = ctl.on_terminal(*cancel, answer="y\n").finish().expect(DONE)
    assert "Stopped: " in allowed.out
    watched = ctl.run("operations", "watch", waiting.operation_id)
    watched.expect(PARTIAL)
    assert "cancelled" in watched.out


# Pause and resume.


def test_an_entry_is_paused_and_resumed(
    ours: Broadcastd, ctl: Broadcastctl
) -> None:
    entry = make_entry(ours).entry
    one = f"--entry={entry.entry_id}"
    ctl.run("pause", one, "--etag=stale").expect(
        PRECONDITION, "[ETAG_MISMATCH]"
    )
    paused = ctl.run("pause", one, "--reason=a rest", f"--etag={entry.etag}")
    assert "is paused" in paused.expect(DONE).out
    assert entry_of(ours, entry.entry_id).entry.state_reason == "a rest"
    ctl.run("pause", one).expect(
        PRECONDITION,
        "[ENTRY_NOT_ACTIVE]",
        f"broadcastctl resume --entry {entry.entry_id}",
    )
    resumed = ctl.run("resume", one, "-o", "json").expect(DONE)
    assert resumed.json["entry"]["state"] == "STATE_ACTIVE"
    ctl.run("resume", one).expect(PRECONDITION, "[ENTRY_ALREADY_ACTIVE]")


def test_the_scheduler_is_paused_and_resumed(ctl: Broadcastctl) -> None:
    paused = ctl.run("pause", "--scheduler", "--reason=night").expect(DONE)
    assert re.search(r"Scheduler: paused since .*: night", paused.out)
    assert "paused since" in ctl.run("server").expect(DONE).out
    resumed = ctl.run("resume", "--scheduler").expect(DONE)
    assert resumed.out == "Scheduler: running.\n"


# The server, its data.


def test_the_server_is_shown(ours: Broadcastd, ctl: Broadcastctl) -> None:
    text = ctl.run("server").expect(DONE).out
    assert re.search(r"^version: +\d+\.\d+\.\d+", text, re.M)
    assert re.search(r"^trigger_cooldown: +5m$", text, re.M)
    info = ctl.run("server", "-o", "json").expect(DONE).json
    assert "operations" in info["capabilities"]
    assert info["limits"]["max_page_size"] == 1000


def test_verify_finds_and_backfill_mends(tmp_path: Path) -> None:
    with Broadcastd(f"sqlite:{tmp_path / 'b.db'}", tmp_path) as server:
        ctl = Broadcastctl(server.address)
        clean = ctl.run("verify").expect(DONE)
        assert "Nothing was found in 0 clients" in clean.out

        client = str(uuid.uuid4())
        model = new_entry(client, 1)
        pair = channels_grpc.ChannelServiceStub(
            server.channel
        ).CreateChannelPair(
            channels.CreateChannelPairRequest(
                client_id=client,
                open_channel=model.open_channel,
                closed_channel=model.closed_channel,
            ),
            timeout=30,
        )
        pair_id = pair.channel_pair.channel_pair_id
        found = ctl.run("verify")
        found.expect(PARTIAL, "broadcastctl backfill --all")
        assert re.search(
            rf"CHANNEL_PAIR_WITHOUT_ENTRY +1 +{pair_id}", found.out
        )
        assert not ctl.run("verify", "-o", "json").json["clean"]
        ctl.run("verify", f"--client-id={NOBODY}").expect(NOT_FOUND)

        dry = ctl.run("backfill", "--all", "--dry-run", "-o", "json")
        assert dry.expect(DONE).json["created_count"] == "1"
        ctl.run("backfill", "--all").expect(USAGE, "Create 1 entries?")
        ctl.on_terminal("backfill", "--all", answer="n\n").finish().expect(
            FAILED
        )
        ctl.run("verify").expect(PARTIAL)
        done = ctl.run(
            "backfill",
            f"--channel-pair-id={pair_id}",
            "--interval=7d",
            "--spread=1h",
            "--yes",
        ).expect(DONE)
        assert "1 entries created" in done.out
        assert ctl.run("backfill", "--all").expect(DONE).out.startswith("0 ")
        ctl.run("verify").expect(DONE)
        listed = ctl.run("entries", "list", "-o", "jsonl").lines
        assert [entry["interval"] for entry in listed] == ["604800s"]


# Connections.


def test_a_server_that_is_not_there() -> None:
    ctl = Broadcastctl(f"127.0.0.1:{free_port()}")
    for verb in (("server",), ("trigger", NOBODY), ("verify",)):
        result = ctl.run(*verb).expect(CONNECTION, "there is no connection to")
        assert "--request-id" not in result.err
    ctl.run("operations", "watch", NOBODY).expect(
        CONNECTION, "there is no connection to"
    )


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    """A mutation that may have been made says how to find out."""
    with Broadcastd(f"sqlite:{tmp_path / 'b.db'}", tmp_path) as server:
        entry_id = make_entry(server).entry.entry_id
        ctl = Broadcastctl(server.address)
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        try:
            late = ctl.run("trigger", entry_id, "--timeout=1s")
        finally:
            server.process.send_signal(signal.SIGCONT)
        late.expect(CONNECTION, "within 1s (--timeout)")


def test_tokens_and_scopes(tmp_path: Path) -> None:
    issuer = Issuer(secret=SECRET)
    secret_file = tmp_path / "secret"
    secret_file.write_text(SECRET)
    secret_file.chmod(0o600)
    with Broadcastd(
        f"sqlite:{tmp_path / 'b.db'}",
        tmp_path,
        f"--jwt_secret_file={secret_file}",
    ) as server:
        address = server.address
        Broadcastctl(address).run("server").expect(
            DENIED, "[TOKEN_MISSING]", "BROADCAST_TOKEN"
        )
        reader = issuer.token(scope="entries:read")
        ctl = Broadcastctl(address, {"BROADCAST_TOKEN": reader})
        ctl.run("entries", "list").expect(DONE)
        refused = ctl.run("trigger", NOBODY)
        refused.expect(DENIED, "[SCOPE_MISSING]", "the scope broadcast:trigger")

        token_file = tmp_path / "token"
        token_file.write_text(f"{reader}\n")
        by_file = Broadcastctl(
            address, {"BROADCAST_TOKEN_FILE": str(token_file)}
        )
        by_file.run("entries", "list").expect(DONE)
        token_file.write_text("not a token")
        broken = by_file.run("entries", "list")
        broken.expect(USAGE, "characters that no token has")
        assert "not a token" not in broken.err

        old = issuer.token(exp=1_000_000_000)
        late = Broadcastctl(address, {"BROADCAST_TOKEN": old}).run("server")
        late.expect(DENIED, "[TOKEN_INVALID]", "problem = expired")
        for result in (refused, late):
            for token in (reader, old):
                assert token not in result.err + result.out

        far = Broadcastctl("192.0.2.1:1", {"BROADCAST_TOKEN": reader})
        far.run("server").expect(USAGE, "is not sent to 192.0.2.1:1")


def test_tls(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.give("server", dns="localhost").write(
        tmp_path / "server"
    )
    ca = tmp_path / "ca.crt"
    ca.write_bytes(authority.pem)
    stranger = tmp_path / "stranger.crt"
    stranger.write_bytes(Authority("Another authority").pem)
    with Broadcastd(
        f"sqlite:{tmp_path / 'b.db'}",
        tmp_path,
        f"--tls_certificate={certificate}",
        f"--tls_key={key}",
    ) as server:
        port = server.address.rsplit(":", 1)[1]
        ctl = Broadcastctl(f"localhost:{port}")
        ctl.run("server", f"--tls-ca={ca}").expect(DONE)
        named = Broadcastctl(server.address, {"BROADCAST_TLS_CA": str(ca)})
        named.run("server", "--tls-server-name=localhost").expect(DONE)
        ctl.run("server").expect(CONNECTION)
        ctl.run("server", f"--tls-ca={stranger}").expect(CONNECTION)
        ctl.run("server", f"--tls-ca={tmp_path / 'token'}").expect(USAGE)


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


def test_a_watch_of_a_server_that_dies_ends(waiting: Waiting) -> None:
    """Until it is interrupted it says that it tries again."""
    terminal = waiting.ctl.on_terminal(
        "operations", "watch", waiting.operation_id
    )
    terminal.read_until("2 waiting")
    waiting.server.kill()
    terminal.read_until("the connection broke; trying again")
    terminal.type("\x03")
    terminal.finish().expect(INTERRUPTED)
