"""A fleet on Dask's workers: each organization once in the history, and no secret on the way there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager

import psutil
import psycopg
import pytest
from changing_world import CATALOG, TOKENS, organization

from probe import __version__
from probe.errors import ConfigError
from probe.fleet.reading import read_fleet
from probe.fleet.task import Task, do_task, history_reference, pack_task, portable, unpack_done
from probe.history.location import parse_location
from probe.history.store import open_history
from probe.report.jsonfile import render_json
from probe.settings import ScanOptions

SECRET = TOKENS["admin"].secret.reveal()
CONFIG = """
[limits]
requests_per_minute = "off"
retries = 0
"""


@asynccontextmanager
async def fleet_of(folder, number, **options):
    """Run so many organizations, each on a plan, and write their list."""
    async with AsyncExitStack() as stack:
        running = [
            await stack.enter_async_context(organization("business", **options)) for _ in range(number)
        ]
        lines = [
            json.dumps(
                {"name": f"org {n}", "base_url": item.base_url, "tokens": {"admin": "env:FLEET_ADMIN"}}
            )
            for n, item in enumerate(running)
        ]
        (folder / "fleet.jsonl").write_text("\n".join(lines) + "\n")
        (folder / "probe.toml").write_text(CONFIG)
        yield running


async def started(folder, history, *more, secret=SECRET):
    """Start `probe fleet --engine dask` as a user does, with Dask's own logs at their most talkative."""
    command = [
        *("fleet", str(folder / "fleet.jsonl"), "--config", str(folder / "probe.toml")),
        *("--only", "users.*", "--only", "folders.*", "--confirm", "0", "--engine", "dask"),
        *("--output-dir", str(folder / "out"), "--history", "env:FLEET_HISTORY", *more),
    ]
    environ = {
        "FLEET_ADMIN": secret,
        "FLEET_HISTORY": history,
        "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "debug",
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "probe", "--debug", *command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environ},
    )


def recorded(history):
    with open_history(parse_location(history)) as opened:
        return [run.base_url for run in opened.runs()]


async def until(holds):
    while not holds():  # noqa: ASYNC110 - another process brings it about
        await asyncio.sleep(0.02)


def workers_of(pid):
    children = psutil.Process(pid).children(recursive=True)
    found = []
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


async def test_a_killed_workers_organizations_are_asked_again_and_recorded_once(tmp_path, postgresql):
    history = postgresql.emptied()
    async with fleet_of(tmp_path, 4, latency_ms=120) as running:
        process = await started(tmp_path, history, "--organizations-at-once", "2", "--workers", "2")
        talking = asyncio.create_task(process.communicate())
        victims = []
        while len(victims) < 2 and not talking.done():
            victims = workers_of(process.pid)
            await asyncio.sleep(0.02)
        await until(lambda: talking.done() or sum(item.counts.total > 0 for item in running) == 2)
        assert not talking.done(), (await talking)[0].decode()
        victims[0].kill()
        said = (await talking)[0].decode()
    assert process.returncode == 0, said
    asked = sorted(item.counts.total for item in running)
    assert asked[-1] > asked[0], "no organization was asked again"
    assert sorted(recorded(history)) == sorted(item.base_url for item in running)
    page = json.loads((tmp_path / "out" / "fleet.json").read_text())
    assert page["complete"] is True
    assert [row["state"] for row in page["organizations"]] == ["measured"] * 4
    for row in page["organizations"]:
        assert (tmp_path / "out" / row["report"]).stat().st_mode & 0o777 == 0o600
    nowhere(tmp_path, postgresql, said)


def nowhere(folder, postgresql, said):
    """Assert that neither the token nor the database's password is in any file, log or table."""
    password = postgresql.url.partition("://")[2].partition("@")[0].partition(":")[2]
    texts = {"what was said": said}
    texts |= {str(path): path.read_text() for path in (folder / "out").rglob("*") if path.is_file()}
    with psycopg.connect(postgresql.url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        texts |= {
            name: "\n".join(row[0] for row in connection.execute(f'SELECT t::text FROM "{name}" t'))  # noqa: S608 - our own tables
            for (name,) in tables
        }
    with open_history(parse_location(postgresql.url)) as opened:  # packed in the tables
        texts |= {run.id: "".join(render_json(opened.load(run.id))) for run in opened.runs()}
    assert len(texts) > len(tables) + 4
    for where, text in texts.items():
        assert SECRET not in text, where
        assert password not in text, where


async def test_a_task_done_twice_asks_once_and_holds_references_only(tmp_path, postgresql, monkeypatch):
    history = postgresql.emptied()
    monkeypatch.setenv("FLEET_HISTORY", history)
    monkeypatch.setenv("FLEET_ADMIN", SECRET)
    async with fleet_of(tmp_path, 1) as running:
        listed = read_fleet(tmp_path / "fleet.jsonl", CATALOG.vendor)
        scan = ScanOptions(config=tmp_path / "probe.toml", only=("folders.*",), confirm=0)
        packed = pack_task(
            Task(
                version=__version__,
                run="one",
                organization=listed.organizations[0],
                scan=portable(scan),
                catalog="retool",
                history="env:FLEET_HISTORY",
            )
        )
        first = unpack_done(await asyncio.to_thread(do_task, packed))
        asked = running[0].counts.total
        second = unpack_done(await asyncio.to_thread(do_task, packed))
        assert running[0].counts.total == asked
    assert first.row.run
    assert second.row == first.row
    assert set(first.files) == {"report.html", "report.json"}
    assert second.files == first.files
    assert len(recorded(history)) == 1
    assert SECRET.encode() not in packed


async def test_a_worker_of_another_version_refuses_and_asks_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("FLEET_ADMIN", SECRET)
    async with fleet_of(tmp_path, 1) as running:
        listed = read_fleet(tmp_path / "fleet.jsonl", CATALOG.vendor)
        task = Task(
            version="0.0.0",
            run="one",
            organization=listed.organizations[0],
            scan=ScanOptions(),
            catalog="retool",
            history=f"sqlite:///{tmp_path}/history.db",
        )
        done = unpack_done(await asyncio.to_thread(do_task, pack_task(task)))
        assert running[0].counts.total == 0
    assert "version" in done.row.reason
    assert done.row.exit_code == 2


@asynccontextmanager
async def scheduler_and_worker(folder, environ):
    """Run a scheduler and one worker as processes of their own; give the address and where they log."""
    place, log = folder / "scheduler.json", folder / "dask.log"
    loud = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "debug"}
    scheduler = ("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    worker = ("dask_worker", "--no-dashboard", "--nthreads", "2", "--local-directory", str(folder / "worker"))
    with log.open("wb") as file:
        running = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", f"distributed.cli.{name}", *options, "--scheduler-file", str(place)),
                stdout=file,
                stderr=file,
                env={**loud, **more},
            )
            for (name, *options), more in ((scheduler, {}), (worker, environ))
        ]
        try:
            await until(lambda: running[0].returncode is not None or (place.exists() and place.read_text()))
            yield json.loads(place.read_text())["address"], log
        finally:
            for process in reversed(running):
                process.terminate()
                await process.wait()


async def test_workers_elsewhere_have_the_secrets_and_nobody_else_sees_them(tmp_path, postgresql):
    history = postgresql.emptied()
    async with (
        fleet_of(tmp_path, 1),
        scheduler_and_worker(tmp_path, {"FLEET_ADMIN": SECRET, "FLEET_HISTORY": history}) as (address, log),
    ):
        bad = {"name": "no token", "base_url": "https://x.example.com", "tokens": {"admin": "env:NOT_SET"}}
        with (tmp_path / "fleet.jsonl").open("a") as file:
            file.write(json.dumps(bad) + "\n")
        process = await started(tmp_path, history, "--scheduler", address, secret="")
        said = (await process.communicate())[0].decode()
    assert process.returncode == 2, said
    rows = json.loads((tmp_path / "out" / "fleet.json").read_text())["organizations"]
    assert [row["state"] for row in rows] == ["measured", "failed"]
    assert "NOT_SET" in rows[1]["reason"]
    assert {"distributed.scheduler", "distributed.worker"} <= set(log.read_text().split())
    nowhere(tmp_path, postgresql, said + log.read_text())


@pytest.mark.parametrize(
    ("said", "environ"),
    [
        (None, {}),
        ("sqlite:///history.db", {}),
        (None, {"PROBE_HISTORY": "sqlite:///history.db"}),
        ("postgresql://user1:hidden-word@db.example.com/probe", {}),
        ("postgresql://db.example.com/probe?password=hidden-word", {}),
    ],
)
def test_a_history_that_workers_cannot_share_or_that_tells_a_password_is_refused(said, environ):
    with pytest.raises(ConfigError) as caught:
        history_reference(said, None, environ)
    assert "hidden-word" not in f"{caught.value.message} {caught.value.hint}"


def test_a_history_by_reference_stays_a_reference():
    environ = {"FLEET": "postgresql://user1:hidden-word@db.example.com/probe"}
    assert history_reference("env:FLEET", None, environ) == "env:FLEET"
    assert history_reference(None, None, {"PROBE_HISTORY": environ["FLEET"]}) == "env:PROBE_HISTORY"
    open_one = "postgresql://user1@db.example.com/probe"
    assert history_reference(open_one, None, {}) == open_one
