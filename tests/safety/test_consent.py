"""No write without consent: what a file, a variable, another command or a closed terminal can do to it.

Each command runs as a user runs it, against a socket that counts who connects.
"""

from __future__ import annotations

import asyncio
import json
import socket
import tomllib
from pathlib import Path

import msgspec
import pytest
from counting_server import counting_server
from guarded_scans import catalog_of
from msgspec.structs import replace

from probe.catalog.load import load_catalog
from probe.catalog.model import Asking, Hazard, PathId
from probe.cli.agenda import confirm_writes
from probe.cli.main import main
from probe.errors import CatalogError, ConfigError, UsageError
from probe.fleet.conclude import Bench
from probe.fleet.reading import read_fleet
from probe.fleet.run import FleetOptions, run_fleet
from probe.settings import ScanOptions, prepare

CATALOG = load_catalog()
ROOT = Path(__file__).parents[2]


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """A configuration that names a socket, and how many connected to it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMIN_SECRET", "retool_01h5pq8canary9x7z")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        configure(tmp_path, origin)

        def connections():
            found = 0
            while True:
                try:
                    listening.accept()[0].close()
                except BlockingIOError:
                    return found
                found += 1

        yield connections


def configure(folder, origin):
    (folder / "probe.toml").write_text(
        f'base_url = "{origin}"\n[tokens.admin]\nenv = "ADMIN_SECRET"\n'
        "[limits]\nretries = 0\nconnect_timeout = 0.2\nfirst_byte_timeout = 0.1\n"
    )


def test_a_dry_run_connects_to_nothing_and_prints_every_write_of_the_controls_too(counted, capsys):
    assert main(["scan", "--guarded-writes", "--dry-run", "--no-history"]) == 0
    out = capsys.readouterr().out
    assert not counted()
    expected = {item.method for item in CATALOG.operations if item.hazard is Hazard.GUARDED}
    for method in expected:
        assert out.count(f"  {method:6} /api/v2/no-such-route-RANDOM  token admin") == 2
    for operation in CATALOG.operations:
        named = f"  {operation.id} ({operation.method} {operation.path})  "
        assert named in out or operation.hazard is not Hazard.UNSAFE
    sent = [line for line in out.splitlines() if line.startswith("  ") and "unsafe write, never sent" in line]
    assert len(sent) == sum(item.hazard is Hazard.UNSAFE and not item.same_as for item in CATALOG.operations)


def test_the_socket_would_count_a_scan(counted):
    main(["scan", "--no-history", "--output-dir", "out", "--quiet"])
    assert counted()


@pytest.mark.parametrize("said", [[], ["--quiet"], ["--only", "users.*"]])
def test_without_a_terminal_and_without_yes_nothing_is_sent(said, counted, capsys):
    assert main(["scan", "--guarded-writes", *said]) == 2
    assert "--dry-run" in capsys.readouterr().err
    assert not counted()


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "maybe\n"])
def test_whoever_does_not_say_yes_on_the_terminal_gets_nothing_sent(answer, counted, monkeypatch):
    class Terminal:
        @staticmethod
        def isatty():
            return True

    replies = iter(answer.splitlines())

    def reply(_prompt, **_more):
        try:
            return next(replies)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("click.termui.visible_prompt_func", reply)
    assert main(["scan", "--guarded-writes", "--no-history"]) == 130
    assert not counted()


def test_a_stdin_that_is_not_there_is_no_consent(counted, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    request = prepare(ScanOptions(guarded_writes=True)).request
    with pytest.raises(UsageError):
        confirm_writes(request, yes=False)
    assert not counted()


KEYS = ["guarded_writes", "guarded-writes", "yes", "unsafe"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("table", ["", "limits", "scan", "tokens.admin", "regression", "history", "expect"])
def test_no_key_of_a_file_turns_writes_on(key, table, tmp_path, counted):
    text = (tmp_path / "probe.toml").read_text()
    line = f"{key} = true\n"
    if not table:
        text = line + text
    elif f"[{table}]\n" in text:
        text = text.replace(f"[{table}]\n", f"[{table}]\n{line}")
    else:
        text += f"[{table}]\n{line}"
    tomllib.loads(text)
    (tmp_path / "probe.toml").write_text(text)
    for command in (["scan"], ["watch", "--once", "--no-history"], ["schedule", "cron"]):
        assert main(command) == 2
    assert not counted()


VARIABLES = ["PROBE_GUARDED_WRITES", "PROBE_SCAN_GUARDED_WRITES", "PROBE_YES", "PROBE_SCAN_YES"]


@pytest.mark.parametrize("name", VARIABLES)
def test_no_variable_turns_writes_on(name, counted, monkeypatch, capsys):
    monkeypatch.setenv(name, "1")
    assert main(["scan", "--dry-run"]) == 0
    assert "Of these" not in capsys.readouterr().out
    assert main(["scan", "--guarded-writes"]) == 2
    assert not counted()


COMMANDS = ["watch", "fleet", "schedule", "judge", "demo", "embed", "check", "history"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--guarded-writes", "--yes=true", "--guarded", "-y"])
def test_no_other_command_takes_the_option(command, option, counted):
    assert main([command, option, "--help"]) in {0, 2}
    assert main([command, option]) == 2
    assert not counted()


CHOICES = ["*", "DELETE *", "POST *", "organization.invalidate_sessions", "*deploy*", "unsafe"]


@pytest.mark.parametrize("only", CHOICES)
def test_no_choice_puts_an_unsafe_operation_on_the_agenda(only, counted):
    try:
        agenda = prepare(ScanOptions(only=(only,), guarded_writes=True)).request.agenda
    except ConfigError:
        return
    assert Hazard.UNSAFE not in {probe.operation.hazard for wave in agenda.waves for probe in wave}
    assert not counted()


class Shelf:
    """Takes the rows of a fleet, in a ledger's place."""

    run = "run"
    resumed = False

    def __init__(self):
        self.rows = []

    def add(self, row):
        self.rows.append(row)


async def test_a_fleet_sends_reads_only_whoever_made_its_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMIN_SECRET", "retool_01h5pq8canary9x7z")
    listed, shelf = tmp_path / "fleet.jsonl", Shelf()
    answer = b"HTTP/1.1 404 X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    async with counting_server([answer], keep=True) as server:
        entry = {"name": "a", "base_url": server.origin, "tokens": {"admin": {"env": "ADMIN_SECRET"}}}
        more = {"name": "b", "guarded_writes": True}
        listed.write_text("\n".join(json.dumps(entry | other) for other in ({}, more)))
        fleet = read_fleet(listed, CATALOG.vendor, allow_http=True)
        assert [item.name for item in fleet.organizations] == ["a"]
        said = ScanOptions(guarded_writes=True, requests_per_minute="off", confirm=0)
        options = FleetOptions(
            scan=said, catalog=CATALOG, catalog_name="retool", folder=tmp_path, organizations_at_once=1
        )
        bench = Bench(CATALOG, None, "retool")
        await run_fleet(list(fleet.organizations), options, shelf, bench, asyncio.Event())
        assert shelf.rows
        assert {line.split()[0] for line in server.arrived} == {"GET"}


@pytest.mark.parametrize("form", ["cron", "systemd", "github", "gitlab", "kubernetes", "launchd"])
def test_no_schedule_and_no_action_sends_writes(form, counted, capsys):
    assert main(["schedule", form]) in {0, 2}
    assert "guarded" not in capsys.readouterr().out
    assert "guarded" not in (ROOT / "action.yml").read_text()
    assert "--yes" not in (ROOT / "action.yml").read_text()
    assert not counted()


def own_catalog(tmp_path, refusal="there is no such team"):
    """A vendor that nobody knows, with one guarded write of its own."""
    own = replace(
        CATALOG.by_id["groups.delete"],
        id="teams.delete",
        path="/v1/teams/{teamId}",
        ask=Asking(ids=(PathId(name="teamId", sentinel="no-such-team"),), refusal=refusal),
    )
    small = catalog_of(CATALOG, (CATALOG.vendor.calibration, "access_tokens.list", "users.delete"))
    vendor = replace(small.vendor, embed=None)
    catalog = replace(
        small, vendor=vendor, operations=(*small.operations, own), claims=(), guidance=(), questions=()
    )
    file = tmp_path / "own.json"
    file.write_bytes(msgspec.json.encode(catalog))
    return str(file)


def test_consent_says_why_and_on_whose_word(tmp_path, counted, capsys):
    request = prepare(ScanOptions(guarded_writes=True)).request
    confirm_writes(request, yes=True)
    known = capsys.readouterr().err
    assert "None can take effect" in known
    assert "your catalog's word" not in known
    request = prepare(ScanOptions(guarded_writes=True, catalog=own_catalog(tmp_path))).request
    confirm_writes(request, yes=True)
    own = capsys.readouterr().err
    assert "teams.delete" in own
    assert "users.delete" not in own
    assert "your catalog's word" in own
    assert "None can take effect" not in own
    confirm_writes(prepare(ScanOptions(catalog=own_catalog(tmp_path))).request, yes=False)
    assert capsys.readouterr().err == ""  # reads only
    assert not counted()


def test_so_do_the_check_and_a_dry_run(tmp_path, counted, capsys):
    file = own_catalog(tmp_path)
    assert main(["catalog", "check", "--catalog", file]) in {0, 2}
    assert "your catalog's word" in capsys.readouterr().out
    assert main(["catalog", "check"]) == 0
    assert "word" not in capsys.readouterr().out
    assert main(["scan", "--guarded-writes", "--dry-run", "--catalog", file]) == 0
    assert "your catalog's word" in capsys.readouterr().out
    assert not counted()


def test_what_a_catalog_says_cannot_hide_a_line_of_the_agenda(tmp_path, counted, capsys):
    hiding = "harmless)\x1b[1A\x1b[2K\r\n  GET    /api/v2/users  token admin\u202e"
    file = own_catalog(tmp_path, refusal=hiding)
    assert main(["scan", "--guarded-writes", "--dry-run", "--catalog", file]) == 0
    out = capsys.readouterr().out
    assert "DELETE /v1/teams/no-such-team" in out
    assert not {"\x1b", "\r", "\u202e"} & set(out)
    assert "  GET    /api/v2/users  token admin" not in out.splitlines()
    assert not counted()


def test_no_catalog_words_the_question_of_the_embed_call(tmp_path):
    embed = replace(CATALOG.vendor.embed, effect="It changes nothing.")
    catalog = replace(CATALOG, vendor=replace(CATALOG.vendor, embed=embed))
    file = tmp_path / "embed.json"
    file.write_bytes(msgspec.json.encode(catalog))
    with pytest.raises(CatalogError, match=r"vendor\.embed"):
        load_catalog(str(file))
