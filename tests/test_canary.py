"""A hostile server echoes the token in every form; no artefact, output or log may hold any of it."""

import base64
import html
import json
import os
import re
import subprocess
import sys
import zipfile
from urllib.parse import quote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from probe.cli.main import COMMANDS as ALL_COMMANDS
from probe.history.location import locate
from probe.history.store import open_history

SECRET = "rt_Zq7/Canary+8fK2m=Xw9Lr4Vb6"

FORMS = {
    "plain": SECRET,
    "upper": SECRET.upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "basic": base64.b64encode(f"user:{SECRET}".encode()).decode(),
    "base64url": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "percent": quote(SECRET, safe=""),
    "json": json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    "html": html.escape(SECRET),
    "hex": SECRET.encode().hex(),
    "prefix": SECRET[:12],
    "suffix": SECRET[-12:],
}
# What may not stand in any artefact: the core of each form.
FORBIDDEN = {name: form[4:-4] if len(form) > 16 else form for name, form in FORMS.items()}


# The calibration read gets a success: refused, a scan would end before it asks anything else. A refused
# message would be tried again after a while.
GRANTED = {"/api/v2/user_invites", "/hook"}


def bodies(form: str) -> dict[str, Response]:
    script = f"<script src='/{quote(form)}.js?x={quote(form)}'></script>"
    page = f"<!doctype html><title>{form}</title>{script}<h1>{form}</h1><p>Hello {form}"
    success = json.dumps({"success": True, "data": [{"id": form, form: form}]})
    error = json.dumps({"success": False, "message": f"bad {form}", form: form})
    xml = f"<?xml version='1.0'?><Error><Code>{html.escape(form)}</Code></Error>"
    return {
        "success": Response(success, 200, {"Content-Type": "application/json"}),
        "error": Response(error, 401, {"Content-Type": "application/json"}),
        "page": Response(page, 200, {"Content-Type": "text/html"}),
        "text": Response(f"no {form} here", 500, {"Content-Type": "text/plain"}),
        "xml": Response(xml, 403, {"Content-Type": "application/xml"}),
        "moved": Response("", 302, {"Location": f"/login?token={quote(form)}"}),
    }


def hostile(request: Request) -> Response:
    """Answer with another form in another place for each path, and in headers always."""
    names = list(FORMS)
    number = sum(request.path.encode())
    form = FORMS[names[number % len(names)]]
    kinds = list(bodies(form))
    kind = kinds[(number // len(names)) % len(kinds)]
    response = bodies(form)["success" if request.path in GRANTED else kind]
    for header in ("X-Request-Id", "Server", "WWW-Authenticate", "Via", "Retry-After", "CF-Ray"):
        response.headers[header] = form
    response.headers["Set-Cookie"] = f"session={quote(form)}"
    return response


def run(tmp_path, *args):
    environment = {**os.environ, "CANARY": SECRET, "HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-m", "probe", *args],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def leaks(text: str) -> list[str]:
    return [name for name, form in FORBIDDEN.items() if form.lower() in text.lower()]


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_no_form_of_the_token_reaches_a_file_or_an_output(httpserver: HTTPServer, tmp_path, debug):
    httpserver.expect_request(re.compile(".*")).respond_with_handler(hostile)
    args = ["--base-url", httpserver.url_for("").rstrip("/"), "--token", "admin=env:CANARY"]
    done = run(tmp_path, *debug, "scan", *args, "--requests-per-minute", "off", "--output-dir", "out")
    assert done.returncode in {0, 3}, done.stderr
    again = run(tmp_path, *debug, "judge", "out/report.json", "--summary")
    assert again.returncode in {0, 3}, again.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.json"}
    with open_history(locate()) as history:  # whose reports are deflated in its file
        recorded = list(history.export())
    assert len(recorded) == 1
    assert not leaks(locate().path.read_bytes().decode("latin-1"))
    for text in (*recorded, done.stdout, done.stderr, again.stdout, again.stderr):
        assert not leaks(text)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert not leaks(path.read_text(errors="replace")), path
    sent = [request.headers.get("Authorization", "") for request, _ in httpserver.log]
    assert any(SECRET in value for value in sent)


def test_no_form_of_the_token_reaches_the_journal(httpserver: HTTPServer, tmp_path):
    httpserver.expect_request(re.compile(".*")).respond_with_handler(hostile)
    (tmp_path / "out" / "report.json").mkdir(parents=True)  # so the report has no place and the journal stays
    args = ["--base-url", httpserver.url_for("").rstrip("/"), "--token", "admin=env:CANARY"]
    done = run(tmp_path, "scan", *args, "--requests-per-minute", "off", "--output-dir", "out")
    assert done.returncode == 1
    assert "probe judge out/journal.jsonl" in done.stderr
    journal = (tmp_path / "out" / "journal.jsonl").read_text()
    assert journal.count("\n") > 5 * len(FORMS)
    assert "All of the evidence" in done.stderr
    again = run(tmp_path, "judge", "out/journal.jsonl")
    assert again.returncode in {0, 3}, again.stderr
    for text in (journal, done.stdout, done.stderr, again.stdout, again.stderr):
        assert not leaks(text)


EMBEDDED = ("--group-ids", "1", "--external-identifier", "x", "--yes")
PAGE = "00000000-0000-4000-8000-000000000000"
CONFIG = """
base_url = "{base_url}"
[tokens.admin]
env = "CANARY"
[limits]
requests_per_minute = "off"
[notify]
on = ["lost", "recovered", "not-measured"]
not_measured_after = 1
webhook = {{ url = "{base_url}/hook", secret = "env:CANARY" }}
"""
ORGANIZATIONS = """
[[organizations]]
name = "One"
base_url = "{base_url}"
[organizations.tokens.admin]
env = "CANARY"
"""
RUN = "out/report.json"
# Every command that asks, reads what was asked, or writes; by the first word of the command line.
COMMANDS = [
    (
        "scan",
        "--format",
        "all",
        "--output-dir",
        "out",
        "--guarded-writes",
        "--yes",
        "--metrics-file",
        "m.prom",
    ),
    ("scan", "--dry-run"),
    ("scan", "--baseline", "last-good", "--output-dir", "second", "--anonymize"),
    ("watch", "--once", "--output-dir", "watched", "--metrics-file", "watched.prom"),
    ("judge", RUN, "--format", "all", "--output-dir", "judged"),
    ("show", RUN),
    ("show", RUN, "--operation", "users.list"),
    ("bundle", RUN, "-o", "ticket.zip"),
    ("diff", RUN, "last", "--format", "md"),
    ("check", RUN, "--allow", "users.*"),
    ("baseline", "set", "last"),
    ("history", "list"),
    ("history", "show", "last"),
    ("history", "export"),
    ("history", "timeline", "*"),
    ("explain", RUN),
    (
        "embed",
        "--token",
        "admin",
        "--landing-page-uuid",
        PAGE,
        "--group-ids",
        "1",
        "--external-identifier",
        "x",
        "--yes",
    ),
    ("notify", "test"),
    ("fleet", "organizations.toml", "--output-dir", "fleet", "--requests-per-minute", "off", "--allow-http"),
    ("schedule", "cron"),
    ("schedule", "github"),
]
# What never meets a token or a server of the user's.
HARMLESS = {"demo", "init", "rules", "catalog", "schema", "simulate"}


def test_no_form_of_the_token_comes_out_of_any_command(httpserver: HTTPServer, tmp_path):
    httpserver.expect_request(re.compile(".*")).respond_with_handler(hostile)
    base_url = httpserver.url_for("").rstrip("/")
    (tmp_path / "probe.toml").write_text(CONFIG.format(base_url=base_url))
    (tmp_path / "organizations.toml").write_text(ORGANIZATIONS.format(base_url=base_url))
    said = []
    for args in COMMANDS:
        done = run(tmp_path, "--debug", *args)
        assert done.returncode in {0, 3, 10, 11} or args[0] in {"notify", "explain"}, (args, done.stderr)
        said.append((args, done.stdout + done.stderr))
    for args, text in said:
        assert not leaks(text), args
    with zipfile.ZipFile(tmp_path / "ticket.zip") as archive:
        for name in archive.namelist():
            assert not leaks(archive.read(name).decode()), name
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {
        ".html",
        ".json",
        ".md",
        ".csv",
        ".har",
        ".xml",
        ".prom",
        ".zip",
    }
    for path in files:
        assert not leaks(path.read_bytes().decode("latin-1")), path
    with open_history(locate()) as history:
        recorded = list(history.export())
    assert len(recorded) == 4
    assert not any(leaks(text) for text in recorded)


def test_every_command_is_among_them():
    assert {args[0] for args in COMMANDS} | HARMLESS == set(ALL_COMMANDS)


def test_the_search_would_find_a_leak():
    for form in FORMS.values():
        assert leaks(f"before {form} after")
