"""Processes that judge and write for a fleet: they end, are killed or interrupted, and lose nothing."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from fleet_world import SECRET, VARIABLE, arguments, fleet, organizations, rows_in, write_list
from raw_server import http, raw_server

from probe.fleet.case import Sealed
from probe.fleet.workers import DONE_AGAIN, processes_for
from probe.history.store import open_history
from probe.secret import Secret

PLANS = {"a": "business", "b": "enterprise_premium", "c": "business", "d": "business", "e": "business"}


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)


def children_of(process):
    """Return the processes that judge."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
    return found


async def started(folder, *more):
    """Start the command as a process in a group of its own, as a shell does."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "probe", *arguments(folder, *more)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=dict(os.environ),
    )


async def when(holds):
    while not holds():  # noqa: ASYNC110 - another process brings it about
        await asyncio.sleep(0.01)


def recorded(folder):
    with open_history(f"sqlite:///{folder}/history.db") as history:
        return sorted(run.base_url for run in history.runs())


async def test_a_loss_is_asked_again_and_found_by_other_processes_too(tmp_path):
    async with organizations(stays="business", falls="enterprise_premium") as running:
        write_list(tmp_path, {name: item.base_url for name, item in running.items()})
        assert await fleet(tmp_path, "--processes", "2") == 0
        running["falls"].become(plan="business")
        assert await fleet(tmp_path, "--processes", "2") == 10
        alone = rows_in(tmp_path)["falls"]
    assert "users.list" in alone["lost"]
    report = json.loads((tmp_path / "out" / alone["report"]).with_name("report.json").read_text())
    assert any(control["role"] == "confirmation" for control in report["controls"])
    assert len(recorded(tmp_path)) == 4


async def test_a_process_that_is_killed_loses_no_organization(tmp_path):
    async with organizations(**PLANS) as running:
        write_list(tmp_path, {name: item.base_url for name, item in running.items()})
        process = await started(tmp_path, "--processes", "1")
        killed = set()
        while process.returncode is None:
            for child in children_of(process):
                killed.add(child.pid)
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            await asyncio.sleep(0.01)
        said = (await process.communicate())[1].decode()
    assert process.returncode == 0, said
    assert killed
    assert "Traceback" not in said
    rows = rows_in(tmp_path)
    assert [row["state"] for row in rows.values()] == ["measured"] * len(PLANS)
    assert any(DONE_AGAIN in row.get("notes", ()) for row in rows.values())
    assert recorded(tmp_path) == sorted(item.base_url for item in running.values())
    assert not list((tmp_path / "out").rglob("journal*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_processes_end_with_the_command_and_say_nothing(tmp_path, number):
    async def hold(_head, _writer):
        await asyncio.sleep(60)

    async with organizations(a="business") as running, raw_server(hold) as holding:
        write_list(tmp_path, {"a": running["a"].base_url, "b": holding.origin})
        (tmp_path / "probe.toml").write_text('[limits]\nrequests_per_minute = "off"\n')
        process = await started(tmp_path, "--processes", "1")
        ledger = tmp_path / "out" / "fleet.jsonl"
        await when(lambda: ledger.exists() and ledger.read_bytes().count(b"\n") == 2)
        children = children_of(process)
        assert len(children) == 1
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # a terminal's Ctrl-C reaches all of them
        else:
            process.kill()
        said = (await process.communicate())[1].decode()
        await when(lambda: not any(child.is_running() for child in children))
    assert process.returncode == (130 if number == signal.SIGINT else -9)
    assert "Traceback" not in said
    assert rows_in(tmp_path)["a"]["state"] == "measured" if number == signal.SIGINT else True


async def test_ctrl_c_at_any_time_leaves_rows_that_are_whole(tmp_path):
    async with organizations(**PLANS) as running:
        write_list(tmp_path, {name: item.base_url for name, item in running.items()})
        process = await started(tmp_path, "--processes", "1", "--organizations-at-once", "2")
        await when(lambda: children_of(process))
        os.killpg(process.pid, signal.SIGINT)  # a child has hardly begun
        said = (await process.communicate())[1].decode()
        assert process.returncode == 130
        assert "Traceback" not in said
        assert await fleet(tmp_path, "--resume", "--processes", "1") == 0
    assert [row["state"] for row in rows_in(tmp_path).values()] == ["measured"] * len(PLANS)
    assert recorded(tmp_path) == sorted(item.base_url for item in running.values())


async def test_no_secret_is_left_by_the_way_to_another_process(tmp_path, capfd):
    echo = json.dumps({"success": False, "message": f"no {SECRET} \ud800", SECRET: SECRET})
    async with (
        organizations(fine="business") as running,
        raw_server(http(401, echo.encode(), "Content-Type: application/json")) as echoing,
    ):
        write_list(tmp_path, {"fine": running["fine"].base_url, "echo": echoing.origin})
        await fleet(tmp_path, "--format", "all", "--processes", "1")
    said = capfd.readouterr()
    texts = {"stdout": said.out, "stderr": said.err}
    for path in [*(tmp_path / "out").rglob("*"), tmp_path / "history.db"]:
        if path.is_file():
            texts[str(path)] = path.read_bytes().decode("utf-8", "replace")
    assert [name for name, text in texts.items() if SECRET[3:-3] in text] == []
    assert set(rows_in(tmp_path)) == {"fine", "echo"}
    assert (tmp_path / "out" / rows_in(tmp_path)["echo"]["report"]).exists()


def test_sealed_secrets_show_nowhere_and_arrive():
    sealed = Sealed([Secret(SECRET)])
    for text in (repr(sealed), str(sealed), f"{sealed}", repr([sealed])):
        assert SECRET not in text
    assert pickle.loads(pickle.dumps(sealed)).opened() == (Secret(SECRET),)  # noqa: S301 - our own


@pytest.mark.parametrize("organizations_", [1, 3, 4, 1000])
def test_no_more_processes_than_there_is_work(organizations_):
    assert processes_for(None, organizations_, 8) <= min(8, organizations_)
    assert bool(processes_for(None, organizations_, 8)) == (organizations_ >= 4)
    assert processes_for(0, organizations_, 8) == 0
