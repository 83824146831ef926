"""`probe init`: what it writes is right, or it says what is wrong; on a terminal it asks again."""

import os
import pty
import subprocess
import sys
import tomllib

import pytest

PROBE = [sys.executable, "-m", "probe"]


def init(*args, cwd):
    return subprocess.run(
        [*PROBE, "init", *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def written(folder):
    return tomllib.loads((folder / "probe.toml").read_text())


def test_without_an_address_the_example_stays_a_comment(tmp_path):
    done = init("--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "base_url" not in written(tmp_path)
    assert '# base_url = "https://' in (tmp_path / "probe.toml").read_text()


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["--yes", "--token-env", "MY-TOKEN"], "environment variable"),
        (["--yes", "--token-env", ""], "environment variable"),
        (["--yes", "--token-env", 'A"\nB'], "environment variable"),
        (["--yes", "--base-url", "http://example.com"], "--allow-http"),
        (["--yes", "--base-url", ""], "base URL"),
        (["--yes", "--base-url", 'https://a"b'], "host"),
        (["--yes", "--catalog", ""], "catalog"),
        ([], "--yes"),
        (["--base-url", "https://example.com"], "--yes"),
    ],
)
def test_what_scan_would_refuse_is_not_written(args, named, tmp_path):
    done = init(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert named in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_next_step_names_another_file(tmp_path):
    done = init("--yes", "--base-url", "https://example.com", cwd=tmp_path)
    assert "`probe scan`" in done.stderr
    done = init("--yes", "--base-url", "https://example.com", "--file", "my other.toml", cwd=tmp_path)
    assert "`probe scan --config 'my other.toml'`" in done.stderr


def test_plain_http_is_written_on_request(tmp_path):
    done = init("--yes", "--base-url", "http://example.com", "--allow-http", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert written(tmp_path)["allow_http"] is True
    assert written(tmp_path)["base_url"] == "http://example.com"


def test_a_terminal_is_asked_until_the_answers_are_right(tmp_path):
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [*PROBE, "init"], cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        answers = ["", "https://retool.com", "https://example.com", "two words", "", "1X", "MY_SECRET"]
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        shown, _ = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 0, shown
    assert shown.count(b"Error:") == 3
    assert written(tmp_path)["base_url"] == "https://example.com"
    assert written(tmp_path)["tokens"]["admin"]["env"] == "MY_SECRET"
