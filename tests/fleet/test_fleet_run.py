"""`probe fleet` over real servers: independent hosts, nothing finished is lost, nothing leaks."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
import signal
import subprocess
import sys

import jsonschema
import pytest
from fleet_world import (
    CONFIG,
    SECRET,
    VARIABLE,
    arguments,
    fleet,
    organizations,
    read_json,
    rows_in,
    write_list,
)
from raw_server import http, raw_server

from probe.cli.main import main
from probe.fleet.hold import NOT_GUARDED, held
from probe.fleet.page import fleet_schema
from probe.fleet.run import share_out
from probe.history.store import open_history


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)


async def hang(_head, _writer):
    await asyncio.sleep(60)


async def reset(_head, writer):
    writer.transport.abort()


async def test_on_a_terminal_it_says_how_far_it_is_and_with_quiet_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("probe.cli.fleet_progress.on_terminal", lambda: True)
    async with organizations(one="business", two="business") as running:
        write_list(tmp_path, {name: item.base_url for name, item in running.items()})
        await fleet(tmp_path)
        said = capsys.readouterr().err
        assert "0 of 2 organizations done, " in said
        assert " under way: " in said
        await fleet(tmp_path, "--quiet")
        assert capsys.readouterr().err == ""


async def test_each_organization_is_measured_whatever_happens_to_the_others(tmp_path, capsys):
    garbage = http(200, b"\x00\xff{]" * 40, "Content-Type: application/json")
    async with (
        organizations(low="business", high="enterprise_premium") as running,
        raw_server(hang) as hanging,
        raw_server(reset) as resetting,
        raw_server(garbage) as talking_nonsense,
    ):
        addresses = {name: item.base_url for name, item in running.items()}
        addresses |= {"hang": hanging.origin, "reset": resetting.origin, "garbage": talking_nonsense.origin}
        missing = json.dumps(
            {"name": "no token", "base_url": "https://x.example.com", "tokens": {"admin": "env:NOT_SET"}}
        )
        write_list(tmp_path, addresses, f"{missing}\nbad\n")
        assert await fleet(tmp_path) == 2
    said = capsys.readouterr()
    assert "line 7" in said.err
    rows = rows_in(tmp_path)
    assert list(rows) == ["low", "high", "hang", "reset", "garbage", "no token"]
    assert [rows[name]["state"] for name in rows] == [
        *("measured", "measured", "not_measured", "not_measured", "not_measured", "failed")
    ]
    assert rows["high"]["allowed"] > rows["low"]["allowed"]
    assert "NOT_SET" in rows["no token"]["reason"]
    for name in ("low", "high", "hang"):
        assert (tmp_path / "out" / rows[name]["report"]).stat().st_mode & 0o777 == 0o600
    jsonschema.validate(read_json(tmp_path), fleet_schema())
    assert [entry["line"] for entry in read_json(tmp_path)["bad_entries"]] == [7]


async def test_a_loss_ends_with_10_and_is_named(tmp_path):
    async with organizations(stays="enterprise_premium", falls="enterprise_premium") as running:
        write_list(tmp_path, {name: item.base_url for name, item in running.items()})
        assert await fleet(tmp_path) == 0
        assert read_json(tmp_path)["summary"]["compared"] == 0
        running["falls"].become(plan="business")
        assert await fleet(tmp_path) == 10
    rows = rows_in(tmp_path)
    assert "users.list" in rows["falls"]["lost"]
    assert "lost" not in rows["stays"]
    assert rows["stays"]["compared"] is True
    page = (tmp_path / "out" / "fleet.html").read_text()
    assert 'id="lost"' in page


async def test_an_outage_is_no_loss(tmp_path):
    async with organizations(goes="enterprise_premium") as running:
        write_list(tmp_path, {"goes": running["goes"].base_url})
        assert await fleet(tmp_path) == 0
    assert await fleet(tmp_path) == 3
    row = rows_in(tmp_path)["goes"]
    assert (row["state"], row.get("lost")) == ("not_measured", None)


async def killed_when(folder, number, strike, *more):
    """Run the command as a process; strike it once so many organizations are finished."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "probe", *arguments(folder, *more)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    ledger = folder / "out" / "fleet.jsonl"
    while not ledger.exists() or ledger.read_bytes().count(b"\n") < number + 1:
        assert process.returncode is None
        await asyncio.sleep(0.02)
    done = strike(process)
    if done is not None:
        await done
    return await process.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_nothing_finished_is_lost_and_resume_goes_on(tmp_path, number):
    async with organizations(a="business", b="enterprise_premium", c="business") as running:
        asked = asyncio.Event()
        real = running["c"]

        async def hold(_head, _writer):
            asked.set()
            await asyncio.sleep(60)

        async with raw_server(hold) as holding:
            port = int(holding.origin.rpartition(":")[2])
            addresses = {"a": running["a"].base_url, "b": running["b"].base_url, "c": holding.origin}
            write_list(tmp_path, addresses)
            (tmp_path / "probe.toml").write_text('[limits]\nrequests_per_minute = "off"\n')
            code = await killed_when(tmp_path, 2, lambda process: process.send_signal(number))
        assert code == (-9 if number == signal.SIGKILL else 130)
        assert asked.is_set()
        with (tmp_path / "out" / "fleet.jsonl").open("ab") as file:
            file.write(b'{"type":"organization","id":"torn')
        before = {name: sum(running[name].counts.by_method.values()) for name in ("a", "b")}
        assert await fleet(tmp_path) == 2  # it says that there is something to go on with
        async with real.running(port=port):
            assert await fleet(tmp_path, "--resume") == 0
        assert {name: sum(running[name].counts.by_method.values()) for name in ("a", "b")} == before
    rows = rows_in(tmp_path)
    assert [rows[name]["state"] for name in "abc"] == ["measured"] * 3
    assert all(map(json.loads, (tmp_path / "out" / "fleet.jsonl").read_text().splitlines()))
    with open_history(f"sqlite:///{tmp_path}/history.db") as history:
        assert sorted(run.id for run in history.runs()) == sorted(row["run"] for row in rows.values())


async def test_what_was_recorded_but_has_no_row_is_not_asked_again_and_its_loss_stays(tmp_path):
    async with organizations(falls="enterprise_premium") as running:
        write_list(tmp_path, {"falls": running["falls"].base_url})
        assert await fleet(tmp_path) == 0
        running["falls"].become(plan="business")
        assert await fleet(tmp_path) == 10
        lost = rows_in(tmp_path)["falls"]
        ledger = tmp_path / "out" / "fleet.jsonl"
        ledger.write_bytes(ledger.read_bytes().split(b"\n")[0] + b"\n")
        before = sum(running["falls"].counts.by_method.values())
        assert await fleet(tmp_path, "--resume") == 10
        assert sum(running["falls"].counts.by_method.values()) == before
    assert rows_in(tmp_path)["falls"] == lost


async def test_a_bug_in_one_organization_stops_no_other(tmp_path, monkeypatch):
    import probe.fleet.run as under_test

    real = under_test.gather

    async def broken(request, *more, **named):
        if request.origin == address:
            raise KeyError(SECRET)
        return await real(request, *more, **named)

    monkeypatch.setattr(under_test, "gather", broken)
    async with organizations(fine="business", breaks="business") as running:
        address = running["breaks"].base_url
        write_list(tmp_path, {name: item.base_url for name, item in running.items()})
        assert await fleet(tmp_path) == 1
    rows = rows_in(tmp_path)
    assert (rows["fine"]["state"], rows["breaks"]["state"]) == ("measured", "failed")
    assert "KeyError" in rows["breaks"]["reason"]


async def test_no_secret_is_in_anything_that_a_fleet_leaves(tmp_path, capsys):
    echo = json.dumps({"success": False, "message": f"no {SECRET}", SECRET: SECRET})
    page = f"<title>{SECRET}</title><p>{SECRET[:14]} {SECRET[::-1]}"
    async with (
        organizations(fine="business") as running,
        raw_server(http(401, echo.encode(), "Content-Type: application/json")) as echoing,
        raw_server(http(200, page.encode(), "Content-Type: text/html", f"Server: {SECRET}")) as paging,
        raw_server(http(200, b"{}")) as labelled,
    ):
        own = json.dumps(
            {
                "name": f"it is {SECRET}",
                "labels": [SECRET],
                "base_url": labelled.origin,
                "tokens": {"admin": f"env:{VARIABLE}"},
            }
        )
        pasted = own.replace(f"env:{VARIABLE}", SECRET).replace(f"it is {SECRET}", "pasted")
        pasted = pasted.replace(f'"labels": ["{SECRET}"]', '"labels": []')
        addresses = {"fine": running["fine"].base_url, "echo": echoing.origin, "page": paging.origin}
        write_list(tmp_path, addresses, f"{own}\n{pasted}\n")
        await fleet(tmp_path, "--format", "all")
        assert labelled.requests == []
    said = capsys.readouterr()
    texts = {"stdout": said.out, "stderr": said.err}
    for path in [*(tmp_path / "out").rglob("*"), tmp_path / "history.db"]:
        assert SECRET.lower() not in str(path).lower()
        if path.is_file():
            texts[str(path)] = path.read_bytes().decode("utf-8", "replace")
    with open_history(f"sqlite:///{tmp_path}/history.db") as history:
        texts |= {f"history {number}": line for number, line in enumerate(history.export())}
    assert len([name for name in texts if name.startswith("history ")]) == 3
    held = [name for name, text in texts.items() if SECRET[3:-3] in text or SECRET[::-1][3:-3] in text]
    assert held == []
    assert rows_in(tmp_path)["line 4"]["state"] == "failed"
    assert [entry["line"] for entry in read_json(tmp_path)["bad_entries"]] == [5]


def test_without_a_folder_nothing_can_be_gone_on_with(tmp_path, capsys):
    write_list(tmp_path, {"a": "https://a.example.com"})
    assert main(["fleet", str(tmp_path / "fleet.jsonl"), "--resume"]) == 2
    assert "--output-dir" in capsys.readouterr().err


@pytest.mark.parametrize("total", [1, 3, 8, 64])
@pytest.mark.parametrize("at_once", [1, 5, 100])
def test_never_more_at_a_time_than_was_said(total, at_once):
    organizations_, each = share_out(total, at_once, 8)
    assert 1 <= organizations_ * each <= total
    assert organizations_ <= at_once


def test_the_schema_is_printed(capsys):
    assert main(["schema", "--fleet"]) == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert all(part.get("description") or "enum" in part for part in printed["$defs"].values())


async def test_two_fleets_never_write_to_one_folder_and_a_killed_one_is_in_nobodys_way(tmp_path, capsys):
    async def hold(_head, _writer):
        await asyncio.sleep(60)

    async with organizations(a="business") as running, raw_server(hold) as holding:
        write_list(tmp_path, {"a": running["a"].base_url, "b": holding.origin})
        (tmp_path / "probe.toml").write_text('[limits]\nrequests_per_minute = "off"\n')
        second = []

        async def strike(process):
            rows = (tmp_path / "out" / "fleet.jsonl").read_bytes()
            second.append(await fleet(tmp_path, "--resume"))
            assert (tmp_path / "out" / "fleet.jsonl").read_bytes() == rows
            process.kill()

        assert await killed_when(tmp_path, 1, strike) == -9
    assert second == [2]
    assert "Another fleet runs" in capsys.readouterr().err
    assert await fleet(tmp_path, "--resume") in {0, 3}
    assert list(rows_in(tmp_path)) == ["a", "b"]


def test_where_a_folder_cannot_be_locked_it_is_said(tmp_path, monkeypatch):
    def refuse(_file, _how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with held(tmp_path) as warning:
        assert warning == NOT_GUARDED


async def test_one_message_tells_what_all_organizations_lost(tmp_path, httpserver, monkeypatch):
    httpserver.expect_request("/hook").respond_with_data("")
    monkeypatch.setenv("HOOK_SECRET", "a-secret-of-the-hook-0123456789")

    async def told():
        hook = f'[notify.webhook]\nurl = "{httpserver.url_for("/hook")}"\nsecret = "env:HOOK_SECRET"\n'
        (tmp_path / "probe.toml").write_text(CONFIG + hook)
        code = await fleet(tmp_path, "--notify")
        return code, [json.loads(request.data) for request, _answer in httpserver.log]

    plans = {"one": "enterprise_premium", "two": "enterprise_premium", "three": "business"}
    async with organizations(**plans) as running:
        write_list(tmp_path, {name: item.base_url for name, item in running.items()})
        assert await told() == (0, [])
        for name in ("one", "two"):
            running[name].become(plan="business")
        code, (message,) = await told()
        assert code == 10
        assert message["title"] == "2 organizations lost something"
        assert "users.list" in message["operations_lost"]
        assert [line.partition(":")[0] for line in message["body"].splitlines()[:2]] == ["one", "two"]
        assert len((await told())[1]) == 1  # told once


def test_nobody_to_tell_is_said_before_anything_is_asked(tmp_path, capsys):
    write_list(tmp_path, {"a": "https://a.example.com"})
    assert main(arguments(tmp_path, "--notify")) == 2
    assert "[notify]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
