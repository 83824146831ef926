"""The GitHub action: its shell steps are run as the runner runs them, against the simulator."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from processes import SECRET, simulator

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step.get("name", step.get("uses")): step for step in ACTION["runs"]["steps"]}


@pytest.fixture
def runner(tmp_path):
    """A runner's temporary folder, in which the tool is this very tree."""
    venv = tmp_path / "runner" / "plan-probe" / "bin"
    venv.mkdir(parents=True)
    (venv / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (venv / "probe").write_text(f'#!/bin/sh\nexec {sys.executable} -m probe "$@"\n')
    for path in venv.iterdir():
        path.chmod(0o755)
    return tmp_path


def run_scan(folder, base_url, **inputs):
    (folder / "probe.toml").write_text(
        f'base_url = "{base_url}"\nallow_http = true\nonly = ["users.list", "groups.list"]\n'
        '[tokens.admin]\nenv = "ADMIN_SECRET"\n[limits]\nrequests_per_minute = "off"\nretries = 0\n'
    )
    defaults = {name: item["default"] for name, item in ACTION["inputs"].items()}
    given = {name.replace("-", "_").upper(): value for name, value in (defaults | inputs).items()}
    step = STEPS["Scan"]
    named = {name: given[name.removeprefix("INPUT_")] for name in step["env"]}
    output, summary = folder / "output", folder / "summary"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, **named, "ADMIN_SECRET": SECRET, "RUNNER_TEMP": str(folder / "runner"),
             "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)},
    )  # fmt: skip
    said = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return done, said, summary


def test_a_scan_sets_the_outputs(runner):
    with simulator("--plan", "business") as base_url:
        done, said, summary = run_scan(runner, base_url)
    assert done.returncode == 0, done.stderr
    report = json.loads((runner / said["report"]).read_text())
    assert said == {"plan": report["plan"]["estimate"], "measured": "true", "lost": "0", "exit-code": "0",
                    "report": "plan-probe-report/report.json"}  # fmt: skip
    markdown = runner / "plan-probe-report" / "report.md"
    assert summary.exists() is markdown.exists()
    assert SECRET not in done.stdout + done.stderr


def test_nothing_that_a_server_says_is_a_command_to_the_runner(runner, httpserver):
    """The runner takes lines that begin with `::` for commands, except between these two."""
    said = json.dumps({"success": False, "message": f"{'x' * 58} ::error::forged ::add-mask::x"})
    httpserver.expect_request(re.compile(".*")).respond_with_data(
        said, 401, {"Content-Type": "application/json"}
    )
    done, _, _ = run_scan(runner, httpserver.url_for("").rstrip("/"))
    lines = [line.strip() for line in done.stdout.splitlines()]
    word = next(line for line in lines if line.startswith("::stop-commands::")).removeprefix(
        "::stop-commands::"
    )
    first, last = lines.index(f"::stop-commands::{word}"), lines.index(f"::{word}::")
    assert len(word) == 32
    assert any("forged" in line for line in lines[first:last])
    assert not [line for line in (*lines[:first], *lines[last:]) if "forged" in line]
    assert done.stdout.count(word) == 2


def test_no_conclusion_is_a_warning_and_no_failure(runner):
    done, said, _ = run_scan(runner, "http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert said["measured"] == "false"
    assert "::warning" in done.stdout
    done, said, _ = run_scan(runner, "http://127.0.0.1:9", **{"fail-on": "not-measured"})
    assert (done.returncode, said["exit-code"]) == (3, "3")


def test_a_wrong_configuration_fails_and_no_old_report_passes_for_its(runner):
    (runner / "plan-probe-report").mkdir()
    (runner / "plan-probe-report" / "report.json").write_text("{}")
    done, said, _ = run_scan(runner, "ftp://nowhere")
    assert done.returncode == 2
    assert said == {"exit-code": "2"}


def test_a_loss_is_counted_and_fails(runner):
    with simulator("--plan", "enterprise") as base_url:
        run_scan(runner, base_url)
        shutil.copy(runner / "plan-probe-report" / "report.json", runner / "before.json")
    with simulator("--plan", "free") as base_url:
        before = re.sub(
            r'"base_url": ?"[^"]*"', f'"base_url":"{base_url}"', (runner / "before.json").read_text()
        )
        (runner / "before.json").write_text(before)
        done, said, _ = run_scan(runner, base_url, baseline="before.json", args="--confirm-after\n0")
    assert done.returncode == 10, done.stdout + done.stderr
    assert int(said["lost"]) > 0


@pytest.mark.parametrize("name", ["it's; $(id) `id` report", "a b"])
def test_an_input_is_never_read_as_a_command(name, runner):
    done, said, _ = run_scan(runner, "http://127.0.0.1:9", **{"output-dir": name})
    assert done.returncode == 0, done.stderr
    assert (runner / name / "report.json").exists()
    assert said["report"] == f"{name}/report.json"


def test_expressions_reach_a_shell_through_variables_only():
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
        assert "uses" not in step or re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])
        assert "run" not in step or step["shell"] == "bash"


def test_outputs_are_those_that_the_scan_sets():
    for output in ACTION["outputs"].values():
        name = re.fullmatch(r"\$\{\{ steps\.scan\.outputs\.([a-z-]+) \}\}", output["value"])[1]
        assert f"{name}=" in STEPS["Scan"]["run"]
        assert output["description"]
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])
