"""`probe diff`, `probe check` and `probe scan --baseline` as a user runs them."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from changing_world import FEW, TOKENS, organization, saved, scan

from probe.simulator.options import Disturbance

SECRET = TOKENS["admin"].secret.reveal()


def probe(*args, cwd, **environment):
    clean = {key: value for key, value in os.environ.items() if not key.endswith("_TOKEN")}
    return subprocess.run(
        [sys.executable, "-m", "probe", *args],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three runs of an organization: on a high plan, on a lower one, and on the day of a firewall."""
    folder = tmp_path_factory.mktemp("runs")

    async def make():
        async with organization("enterprise_premium") as running:
            saved(await scan(running, only=()), folder / "high.json")
            running.become(plan="business")
            saved(await scan(running, only=()), folder / "low.json")
            running.put_in_front(Disturbance.WAF_BLOCK)
            saved(await scan(running), folder / "waf.json")

    asyncio.run(make())
    return folder


def test_a_loss_ends_with_10_and_its_first_line_says_it(runs):
    done = probe("diff", "high.json", "low.json", cwd=runs)
    assert done.returncode == 10, done.stderr
    first = done.stdout.splitlines()[0]
    assert first.startswith("lost: ")
    assert 'token "admin" still valid' in first
    assert "users.list" in done.stdout


def test_a_run_may_be_named_by_its_folder(runs, tmp_path):
    for name in ("high", "low"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text((runs / f"{name}.json").read_text())
    assert probe("diff", "high", "low", cwd=tmp_path).returncode == 10
    assert probe("check", "low", "--allow", "user_invites.list", cwd=tmp_path).returncode == 0


def test_the_other_way_is_a_gain_and_no_failure(runs):
    done = probe("diff", "low.json", "high.json", "--format", "json", cwd=runs)
    assert done.returncode == 0, done.stderr
    changes = json.loads(done.stdout)
    assert {item["kind"] for item in changes["capabilities"]} == {"gained"}


def test_what_was_not_measured_is_not_compared(runs):
    done = probe("diff", "high.json", "waf.json", "--format", "md", cwd=runs)
    assert done.returncode == 3
    assert "not compared" in done.stdout


@pytest.mark.parametrize("args", [("high.json", "nowhere.json"), ("high.json", "./low.txt")])
def test_a_run_that_is_not_there_is_said(runs, args):
    done = probe("diff", *args, cwd=runs)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_check_reads_the_expectations_of_the_file(runs, tmp_path):
    (tmp_path / "probe.toml").write_text('[expect]\nplan_at_least = "business"\nallow = ["users.*"]\n')
    good = probe("check", str(runs / "high.json"), cwd=tmp_path)
    bad = probe("check", str(runs / "low.json"), cwd=tmp_path)
    silent = probe("check", str(runs / "waf.json"), "--fail-on", "expectation", cwd=tmp_path)
    assert (good.returncode, bad.returncode, silent.returncode) == (0, 11, 0), bad.stderr + good.stderr
    assert "users.*" in bad.stdout
    assert len(silent.stdout.splitlines()) == 2
    assert "not measured" in silent.stdout


@pytest.mark.parametrize("expect", ['allow = ["nothing.*"]', 'plan_at_least = "gold"', 'alow = ["users.*"]'])
async def test_a_wrong_expectation_is_said_before_anything_is_sent(tmp_path, expect):
    async with organization() as running:
        text = f'base_url = "{running.base_url}"\n[tokens.admin]\nenv = "SECRET"\n[expect]\n{expect}\n'
        (tmp_path / "probe.toml").write_text(text)
        done = await asyncio.to_thread(probe, "scan", cwd=tmp_path, SECRET=SECRET)
        assert done.returncode == 2
        assert running.counts.total == 0


async def test_a_scan_against_a_baseline_ends_with_10(runs, tmp_path):
    async with organization("business") as running:
        args = ["--base-url", running.base_url, "--token", "admin=env:SECRET", "--requests-per-minute=off"]
        args += [f"--only={glob}" for glob in FEW]
        args += ["--confirm-after=0", "--output-dir=out", "--format=json", "--same-organization"]
        done = await asyncio.to_thread(
            probe, "scan", *args, "--baseline", str(runs / "high.json"), cwd=tmp_path, SECRET=SECRET
        )
        off = await asyncio.to_thread(
            probe, "scan", *args, "--baseline", str(runs / "high.json"), "--fail-on=none", "-q",
            cwd=tmp_path, SECRET=SECRET,
        )  # fmt: skip
    assert done.returncode == 10, done.stderr
    assert done.stdout.splitlines()[0].startswith("lost: ")
    assert off.returncode == 0, off.stderr
    assert off.stderr.startswith("lost: ")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["changes"]["capabilities"]
    assert SECRET.encode() not in (tmp_path / "out" / "report.json").read_bytes()
