"""`probe simulate` as a user runs it."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "probe", "simulate", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def get(url, token=""):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the address we just started
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
        return answer.status, answer.headers["content-type"], answer.read().decode()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_when_told(stop):
    process = start("--plan", "business")
    url = process.stdout.readline().strip()
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert get(f"{url}/api/v2/users")[1].startswith("text/html")
    finally:
        process.send_signal(stop)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err
    assert f"probe scan --base-url {url}" in err
    secret = re.search(r"export SIM_ADMIN=(\S+)", err).group(1)
    assert len(secret) > 20


def test_it_takes_tokens_version_and_a_disturbance():
    process = start("--plan", "enterprise", "--version", "3.40.0", "--token", "mine=made-up-one:users:read")
    url = process.stdout.readline().strip()
    try:
        assert get(f"{url}/api/v2/users?limit=1", "made-up-one")[0] == 200
        assert '"3.40.0"' in get(f"{url}/api/v2/spec")[2]
    finally:
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert "made-up-one" not in err


@pytest.mark.parametrize(
    "arguments",
    [("--plan", "starter"), ("--behind", "a-wall"), ("--token", "hidden-text"), ("--refusal", "xml")],
)
def test_a_wrong_argument_is_one_sentence_and_exit_code_2(arguments):
    process = start(*arguments)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert out == ""
    assert "Traceback" not in err
    assert "hidden-text" not in err
