"""`probe scan` and its neighbours as a user runs them: real processes, real HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from probe.catalog.load import load_catalog
from probe.simulator.tokens import demo_tokens

TOKENS = {token.name: token.secret.reveal() for token in demo_tokens(load_catalog())}
PROBE = [sys.executable, "-m", "probe"]


def probe(*args, cwd, timeout=60, **environment):
    clean = {key: value for key, value in os.environ.items() if not key.endswith("_TOKEN")}
    return subprocess.run(
        [*PROBE, *args],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def simulator():
    """Start `probe simulate` with options; give its base URL; end it."""
    started = []

    def start(*args):
        process = subprocess.Popen(
            [*PROBE, "simulate", "--port", "0", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        line = process.stdout.readline()
        return next(word for word in line.split() if word.startswith("http://"))

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def scan(base_url, *args, cwd, **environment):
    return probe(
        "scan",
        "--base-url",
        base_url,
        "--token=admin=env:ADMIN_SECRET",
        "--requests-per-minute=off",
        *args,
        cwd=cwd,
        ADMIN_SECRET=TOKENS["admin"],
        **environment,
    )


def test_a_scan_writes_both_reports_and_says_where(simulator, tmp_path):
    done = scan(simulator("--plan", "business"), "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.json"}
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["plan"]["estimate"] == "business"
    assert report["simulated"] is False
    assert report["requests_sent"].keys() == {"GET"}
    assert "out/report.html" in done.stdout
    for path in (tmp_path / "out").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    assert TOKENS["admin"] not in done.stdout + done.stderr


def test_where_no_terminal_is_progress_is_plain_lines_on_stderr_and_quiet_is_quiet(simulator, tmp_path):
    base_url = simulator()
    done = scan(base_url, "--only", "user_invites.*", "--output-dir", "out", cwd=tmp_path)
    parts = dict.fromkeys(line.split()[2] for line in done.stderr.splitlines())
    assert list(parts) == ["controls:", "operations:"]
    assert "\x1b" not in done.stderr
    assert " done" not in done.stdout
    done = scan(base_url, "--only", "user_invites.*", "--output-dir", "out", "--quiet", cwd=tmp_path)
    assert done.stderr == ""


def test_every_operation_and_token_stands_in_the_report_once(simulator, tmp_path):
    scan(simulator(), "--output-dir", "out", cwd=tmp_path)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    pairs = [(item["operation"], item["token"]) for item in report["findings"] + report["skipped"]]
    assert sorted(pairs) == sorted((operation.id, "admin") for operation in load_catalog().operations)


def test_by_default_each_scan_has_a_folder_of_its_own(simulator, tmp_path):
    base_url = simulator()
    for _ in range(2):
        assert scan(base_url, "--only", "user_invites.*", "-q", cwd=tmp_path).returncode == 0
    assert len(list(tmp_path.glob("reports/*/*/report.html"))) == 2


def test_init_writes_a_file_that_scan_reads(simulator, tmp_path):
    base_url = simulator()
    done = probe(
        "init", "--base-url", f"{base_url}/api/v2/", "--token-env", "MY_SECRET", "--yes", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert tomllib.loads((tmp_path / "probe.toml").read_text())["base_url"] == base_url
    assert probe("scan", cwd=tmp_path).returncode == 2
    done = probe("scan", "--only", "users.*", "--output-dir", "out", cwd=tmp_path, MY_SECRET=TOKENS["admin"])
    assert done.returncode == 0, done.stderr
    assert probe("init", "--yes", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ([], "base URL"),
        (["--base-url", "https://retool.com"], "retool.com"),
        (["--base-url", "http://example.com"], "https"),
        (["--base-url", "https://example.com/apps"], "path"),
        (["--base-url", "https://example.com"], "token"),
        (["--base-url", "https://example.com", "--token", "a=env:NO_SUCH_TOKEN"], "NO_SUCH_TOKEN"),
        (["--base-url", "https://example.com", "--token", "a=file:nowhere"], "nowhere"),
        (["--base-url", "https://example.com", "--token", "a="], "empty"),
        (["--base-url", "https://example.com", "--token", "a=aaaaaaaa1", "--only", "nothing.*"], "nothing.*"),
        (["--base-url", "https://example.com", "--token", "a=aaaaaaaa1", "--format", "docx"], "docx"),
        (["--base-url", "https://example.com", "--token", "a=aaaaaaaa1", "--token", "a=bbbbbbbb1"], "twice"),
        (["--base-url", "https://example.com", "--token", "a=aaaaaaaa1", "--scopes", "b=x"], '"b"'),
        (
            ["--base-url", "https://example.com", "--token", "a=aaaaaaaa1", "--requests-per-minute", "x"],
            "number",
        ),
        (["--base-url", "https://example.com", "--token", "a=aaaaaaaa1", "--concurrency", "999"], "256"),
        (
            ["--base-url=https://example.com", "--token=a=aaaaaaaa1", "--requests-per-minute", "9" * 5000],
            "number",
        ),
        (["--base-url", "https://example.com", "--token", "a=aaaaaaaa1", "--format", ""], "format"),
        (["--base-url", ""], "base URL"),
        (["--config", "none.toml"], "none.toml"),
        (["--catalog", "nobody"], "nobody"),
        (["--catalog", ""], "empty"),
    ],
)
def test_a_wrong_command_ends_with_a_sentence_and_a_next_step(args, named, tmp_path):
    done = probe("scan", *args, cwd=tmp_path)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) >= 2
    assert list(tmp_path.iterdir()) == []


def test_a_secret_in_clear_works_with_a_warning_that_does_not_repeat_it(simulator, tmp_path):
    secret = TOKENS["admin"]
    args = [
        "--base-url",
        simulator(),
        "--token",
        f"admin={secret}",
        "--only",
        "users.list",
        "--output-dir",
        "out",
    ]
    done = probe("scan", *args, cwd=tmp_path)
    assert done.returncode == 0
    assert "Warning" in done.stderr
    assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "behind", ["cloudflare-challenge", "login", "proxy", "ip-allowlist", "wrong-base-url"]
)
def test_what_stands_in_the_way_is_exit_code_3(behind, simulator, tmp_path):
    done = scan(simulator("--behind", behind), "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 3
    assert "NOT MEASURED" in done.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["measured"] is False
    assert report["plan"]["estimate"] == "undetermined"


def test_an_unknown_token_is_exit_code_3(simulator, tmp_path):
    done = scan(simulator(), "--output-dir", "out", cwd=tmp_path, ADMIN="x")
    assert done.returncode == 0
    args = ["--base-url", simulator(), "--token", "old=env:OLD_SECRET", "--output-dir", "out2"]
    done = probe("scan", *args, cwd=tmp_path, OLD_SECRET="retool_0123456789expired")
    assert done.returncode == 3


def test_an_unreachable_server_is_exit_code_3(tmp_path):
    done = scan("http://127.0.0.1:9", "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 3
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_writes_what_was_gathered(number, simulator, tmp_path):
    base_url = simulator("--latency", "200")
    process = subprocess.Popen(
        [*PROBE, "scan", "--base-url", base_url, "--token=admin=env:ADMIN_SECRET", "--output-dir", "out"],
        cwd=tmp_path,
        env={**os.environ, "ADMIN_SECRET": TOKENS["admin"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(2.5)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["complete"] is False


def test_interrupting_twice_loses_nothing(simulator, tmp_path):
    base_url = simulator("--latency", "200")
    process = subprocess.Popen(
        [*PROBE, "scan", "--base-url", base_url, "--token=admin=env:ADMIN_SECRET", "--output-dir", "out"],
        cwd=tmp_path,
        env={**os.environ, "ADMIN_SECRET": TOKENS["admin"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(2.5)
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)
        time.sleep(0.05)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert json.loads((tmp_path / "out" / "report.json").read_text())["complete"] is False


def test_a_quiet_scan_without_a_conclusion_says_why(tmp_path):
    done = scan("http://127.0.0.1:9", "-q", "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 3
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["measured_reason"] in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_dry_run_sends_nothing(tmp_path):
    args = ["--base-url", "http://127.0.0.1:9", "--token=admin=env:ADMIN_SECRET", "--dry-run"]
    done = probe("scan", *args, cwd=tmp_path, ADMIN_SECRET=TOKENS["admin"])
    assert done.returncode == 0
    assert "/api/v2/users" in done.stdout
    assert "invalidate_sessions" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_shows_each_write_as_it_would_be_sent(tmp_path):
    args = [
        "--base-url",
        "http://127.0.0.1:9",
        "--token=admin=env:ADMIN_SECRET",
        "--dry-run",
        "--guarded-writes",
    ]
    done = probe("scan", *args, "--only", "users.*", cwd=tmp_path, ADMIN_SECRET=TOKENS["admin"])
    assert done.returncode == 0
    assert f"DELETE /api/v2/users/user_{'0' * 32}  token admin" in done.stdout
    assert "POST   /api/v2/users  body {}  token admin" in done.stdout
    assert "8 writes to routes that cannot exist" in done.stdout


def test_guarded_writes_need_consent_and_change_nothing(simulator, tmp_path):
    base_url = simulator("--plan", "enterprise")
    assert scan(base_url, "--guarded-writes", "--output-dir", "out", cwd=tmp_path).returncode == 2
    done = scan(base_url, "--guarded-writes", "--yes", "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    writes = {method: count for method, count in report["requests_sent"].items() if method != "GET"}
    assert done.stderr.startswith(f"{sum(writes.values())} guarded writes")
    assert all(f"{count} {method}" in done.stderr for method, count in writes.items())
    assert report["requests_sent"]["POST"] > 0
    assert len(report["writes"]) == sum(writes.values())
    sent = [finding for finding in report["findings"] if finding["method"] != "GET"]
    assert sent
    assert not [finding for finding in sent if finding["kind"] == "json_success"]
    assert all(finding["attempts"] == 1 for finding in sent)
    hazards = {operation.id: operation.hazard for operation in load_catalog().operations}
    assert not [finding for finding in report["findings"] if hazards[finding["operation"]] == "unsafe"]


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_sent(tmp_path):
    (tmp_path / "out").write_text("a file")
    done = scan("http://127.0.0.1:9", "--output-dir", "out/reports", cwd=tmp_path)
    assert done.returncode in {1, 2}
    assert "out" in done.stderr
    assert "Traceback" not in done.stderr


def test_judge_gives_the_same_bytes_and_any_format(simulator, tmp_path):
    scan(simulator(), "--output-dir", "out", cwd=tmp_path)
    text = (tmp_path / "out" / "report.json").read_text()
    done = probe("judge", "out/report.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == text
    done = probe("judge", "out/report.json", "--format", "html", "--output-dir", "again", cwd=tmp_path)
    assert (tmp_path / "again" / "report.html").read_bytes() == (
        tmp_path / "out" / "report.html"
    ).read_bytes()


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '{"schema_version": 99}'])
def test_judge_refuses_what_is_no_run(text, tmp_path):
    (tmp_path / "run.json").write_text(text)
    done = probe("judge", "run.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_demo_says_that_it_is_a_simulation(tmp_path):
    done = probe("demo", "--plan", "free", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "SIMULATION" in done.stdout.splitlines()[0].upper()
    html = (tmp_path / "reports" / "demo-free" / "report.html").read_text()
    assert "imulation" in html


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    process = subprocess.Popen(
        [*PROBE, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=20) == 0
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "name", ["scan", "demo", "init", "explain", "rules", "judge", "catalog", "schema", "simulate"]
)
def test_every_command_has_help_with_an_example(name, tmp_path):
    done = probe(name, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"probe {name}" in done.stdout


def test_reports_go_nowhere_else(simulator, tmp_path):
    scan(simulator(), "--output-dir", "out", cwd=tmp_path, HOME=str(tmp_path / "home"))
    assert [path.name for path in Path(tmp_path).iterdir()] == ["out"]
