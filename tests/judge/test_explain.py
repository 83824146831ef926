"""One strange answer: whatever `curl -si` or a browser's HAR file holds is read, and explained."""

import base64
import json
import subprocess
import sys

import pytest

from probe.cli.main import main
from probe.errors import InputError
from probe.explain import explain, parse_response
from probe.judge.model import Cause

JSON_401 = (
    b'HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\r\n{"message": "Bad credentials"}'
)
SHELL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><html><head><title>Tool</title>"
    b"<script src=/assets/index-1a2b3c4d.js></script></head><body><div id=root></div></body></html>"
)


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (JSON_401, 401, b'{"message": "Bad credentials"}'),
        (JSON_401.replace(b"\r\n", b"\n"), 401, b'{"message": "Bad credentials"}'),
        (b"HTTP/2 404 \r\ncontent-type: text/plain\r\n\r\nnope", 404, b"nope"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + JSON_401, 401, b'{"message": "Bad credentials"}'),
        (b"HTTP/1.1 200 Connection established\r\n\r\n" + JSON_401, 401, b'{"message": "Bad credentials"}'),
        (b"HTTP/1.1 301 Moved\r\nLocation: /x/\r\n\r\n" + JSON_401, 401, b'{"message": "Bad credentials"}'),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 204 No Content", 204, b""),
        (b"\r\n\r\n" + JSON_401, 401, b'{"message": "Bad credentials"}'),
        (b'{"message": "x"}', 0, b'{"message": "x"}'),
        (b"<html><title>x</title>", 0, b"<html><title>x</title>"),
        (b"HTTP/1.1 200 OK\nA: b\n c\n\nx", 200, b"x"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n",
            200,
            b"abcde",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nabcde", 200, b"abcde"),
        (b"content-type: text/plain\r\nserver: x\r\n\r\nbody", 0, b"body"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP is a protocol", 200, b"HTTP is a protocol"),
    ],
)
def test_what_curl_prints_is_read(raw, status, body):
    found = parse_response(raw)
    assert (found.status, found.body) == (status, body)


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}}).encode()


def entry(status=403, text='{"message": "missing scope"}', **content):
    return {
        "request": {"method": "GET", "url": "https://example.com/api/v2/users?limit=1"},
        "response": {
            "status": status,
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "Content-Encoding", "value": "gzip"},
            ],
            "content": {"text": text, "mimeType": "application/json", **content},
        },
    }


def test_a_har_entry_is_read():
    for raw in (har(entry()), json.dumps(entry()).encode()):
        found = parse_response(raw)
        assert (found.status, found.method, found.path) == (403, "GET", "/api/v2/users?limit=1")
        assert str(explain(raw).cause) == "scope"


def test_a_har_body_in_base64_is_read():
    raw = har(entry(text=base64.b64encode(b'{"message": "missing scope"}').decode(), encoding="base64"))
    assert parse_response(raw).body == b'{"message": "missing scope"}'


def test_an_entry_is_chosen():
    raw = har(entry(), entry(status=401))
    assert explain(raw, entry=2).status == 401
    for wrong in (None, 3):
        with pytest.raises(InputError, match="2 entries"):
            explain(raw, entry=wrong)


@pytest.mark.parametrize("raw", [b"", b" \r\n ", har(), har({"response": {}}), har({}), har([])])
def test_what_holds_no_response_is_refused_with_a_next_step(raw):
    with pytest.raises(InputError):
        explain(raw)


def test_json_that_is_no_har_is_a_body():
    assert parse_response(b'{"log": 1}').body == b'{"log": 1}'


def test_a_body_without_a_status_is_judged_by_itself():
    found = explain(b'{"success": false, "message": "Your plan does not include this feature"}')
    assert (found.status, str(found.kind), str(found.cause)) == (None, "json_error", "plan")
    assert any("status" in note for note in found.notes)


def test_a_control_decides_about_a_page():
    alone = explain(SHELL, path="/api/v2/users")
    with_control = explain(SHELL, path="/api/v2/users", controls=(SHELL, SHELL))
    assert (alone.rule, with_control.rule) == ("shell_page", "unmounted")
    assert "two routes that cannot exist" in with_control.reason
    other = SHELL.replace(b"Tool", b"Other")
    assert explain(SHELL, controls=(other,)).cause is Cause.UNKNOWN


def test_nothing_personal_is_shown():
    raw = b'HTTP/1.1 401 X\r\nSet-Cookie: sid=s3cr3tvalue\r\n\r\n{"message": "no user user1@example.com"}'
    found = explain(raw, path="/api?token=s3cr3tvalue&email=user1@example.com")
    assert "user1" not in str(found)
    assert "s3cr3tvalue" not in str(found)


def test_the_command_prints_the_published_fields(tmp_path, capsys):
    file = tmp_path / "answer.txt"
    file.write_bytes(JSON_401)
    assert main(["explain", str(file), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {
        "kind",
        "cause",
        "confidence",
        "rule",
        "reason",
        "status",
        "runner_up",
        "settle",
        "notes",
    } == found.keys()
    assert (found["kind"], found["cause"]) == ("json_error", "token")
    assert main(["explain", str(file)]) == 0
    assert "token" in capsys.readouterr().out


def test_the_command_takes_controls_and_a_catalog(tmp_path, capsys):
    file = tmp_path / "shell.txt"
    file.write_bytes(SHELL)
    args = ["explain", str(file), "--control", str(file), "--path", "/api/v2/users", "--catalog", "retool"]
    assert main([*args, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rule"] == "unmounted"


def test_the_command_reads_standard_input():
    done = subprocess.run(
        [sys.executable, "-m", "probe", "explain", "--format", "json"],
        input=JSON_401,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["cause"] == "token"


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path, capsys):
    assert main(["explain", str(tmp_path / "none.txt")]) == 2
    assert "cannot be read" in capsys.readouterr().err
