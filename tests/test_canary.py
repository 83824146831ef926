"""A hostile server echoes the token in every form; no artefact, output or log may hold any of it."""

import itertools
import json
import os
import re
import subprocess
import sys
import zipfile
from urllib.parse import quote

import pytest
from disguises import WAYS, gives_away
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from probe.cli.main import COMMANDS as ALL_COMMANDS
from probe.history.location import locate
from probe.history.store import open_history

SECRET = "rt_Zq7/Canary+8fK2m=Xw9Lr4Vb6"
FORMS = [way(SECRET) for way in WAYS.values()]
HEADERS = ("X-Request-Id", "Server", "WWW-Authenticate", "Via", "Retry-After", "CF-Ray", "Content-Encoding")
# The calibration read gets a success: refused, a scan would end before it asks anything else. A refused
# message would be tried again after a while.
GRANTED = {"/api/v2/user_invites", "/hook"}


def bodies(form: str) -> dict[str, Response]:
    """Return each kind of answer with a form of the token in every place."""
    script = f"<script src='/{quote(form)}.js?x={quote(form)}'></script>"
    page = f"<!doctype html><title>{form}</title>{script}<h1>{form}</h1><p>Hello {form}"
    success = json.dumps({"success": True, "data": [{"id": form, form: form}], form: 1})
    error = json.dumps({"success": False, "message": f"bad {form}", "code": form, form: form})
    xml = f"<?xml version='1.0'?><Error><Code>{form}</Code></Error>"
    return {
        "success": Response(success, 200, {"Content-Type": "application/json"}),
        "error": Response(error, 401, {"Content-Type": "application/json"}),
        "page": Response(page, 200, {"Content-Type": "text/html"}),
        "text": Response(f"no {form} here", 500, {"Content-Type": "text/plain"}),
        "xml": Response(xml, 403, {"Content-Type": "application/xml"}),
        "moved": Response("", 302, {"Location": f"/login?token={quote(form)}"}),
    }


class Hostile:
    """Answers each path in one way always, each time with the next form, and with others in its headers.

    A route that cannot exist gets a plain refusal: its name is drawn, and a few names in a hundred would
    have it that nothing of the API was measured.
    """

    def __init__(self) -> None:
        self.forms = itertools.cycle(FORMS)
        self.kinds = itertools.cycle(bodies(""))
        self.kind_of = dict.fromkeys(GRANTED, "success")

    def __call__(self, request: Request) -> Response:
        form = next(self.forms)
        if "no-such" in request.path:
            kind = "error"
        else:
            kind = self.kind_of.get(request.path) or self.kind_of.setdefault(request.path, next(self.kinds))
        response = bodies(form)[kind]
        for header in HEADERS:
            response.headers[header] = header_of(next(self.forms))
        response.headers[f"X-{re.sub('[^A-Za-z0-9]', '', form)}-Request-Id"] = "1"
        response.headers["Set-Cookie"] = f"{quote(form)}={quote(form)}"
        return response


def header_of(form: str) -> str:
    """Return a form as a header can carry it: in one line, in Latin-1."""
    return "".join(form.splitlines()).encode("latin-1", "ignore").decode("latin-1").replace("\0", "")


@pytest.fixture
def hostile(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request(re.compile(".*")).respond_with_handler(Hostile())
    return httpserver


def environment(tmp_path) -> dict[str, str]:
    (tmp_path / "temporary").mkdir(exist_ok=True)
    return {**os.environ, "CANARY": SECRET, "HOME": str(tmp_path), "TMPDIR": str(tmp_path / "temporary")}


def run(tmp_path, *args):
    return subprocess.run(
        [sys.executable, "-m", "probe", *args],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )


def leaks(text: str) -> list[str]:
    return gives_away(SECRET, text)


def base_url(server: HTTPServer) -> str:
    return server.url_for("").rstrip("/")


def asked(server: HTTPServer) -> list[str]:
    """Return what kind of answers the server gave, and see that the token did go out."""
    assert any(SECRET in request.headers.get("Authorization", "") for request, _ in server.log)
    return [response.headers.get("Content-Type", "") for _, response in server.log]


def test_no_form_of_the_token_reaches_the_journal(hostile: HTTPServer, tmp_path):
    (tmp_path / "out" / "report.json").mkdir(parents=True)  # so the report has no place and the journal stays
    args = ["--base-url", base_url(hostile), "--token", "admin=env:CANARY"]
    done = run(tmp_path, "scan", *args, "--requests-per-minute", "off", "--output-dir", "out")
    assert done.returncode == 1
    assert "probe judge out/journal.jsonl" in done.stderr
    journal = (tmp_path / "out" / "journal.jsonl").read_text()
    assert journal.count("\n") > len(FORMS)
    assert len(set(asked(hostile))) >= 4
    assert "All of the evidence" in done.stderr
    again = run(tmp_path, "judge", "out/journal.jsonl")
    assert again.returncode in {0, 3}, again.stderr
    for text in (journal, done.stdout, done.stderr, again.stdout, again.stderr):
        assert not leaks(text)


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
    ("history", "export", "--output", "exported.jsonl"),
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
    ("schedule", "systemd", "--write", "units"),
    ("scan", "--only", "users.*"),
    ("baseline", "show"),
    ("history", "prune", "--keep", "90d"),
]
# What never meets a token or a server of the user's.
HARMLESS = {"demo", "init", "rules", "catalog", "schema", "simulate"}


# Runs each command line in one process, its output in files: what a process of its own would say, sooner.
DRIVER = """
import json, os, sys
from probe.cli.main import main
for number, args in enumerate(json.loads(sys.argv[1])):
    said = os.open(f"said-{number}", os.O_CREAT | os.O_WRONLY)
    os.dup2(said, 1)
    os.dup2(said, 2)
    code = main(args)
    sys.stdout.flush()
    sys.stderr.flush()
    with open("codes", "a") as codes:
        print(int(code), file=codes)
"""


def test_no_form_of_the_token_comes_out_of_any_command(hostile: HTTPServer, tmp_path):
    (tmp_path / "probe.toml").write_text(CONFIG.format(base_url=base_url(hostile)))
    (tmp_path / "organizations.toml").write_text(ORGANIZATIONS.format(base_url=base_url(hostile)))
    commands = json.dumps([("--debug", *args) for args in COMMANDS])
    driven = subprocess.run(
        [sys.executable, "-c", DRIVER, commands], cwd=tmp_path, env=environment(tmp_path), check=False
    )
    codes = [int(line) for line in (tmp_path / "codes").read_text().split()]
    for number, (args, code) in enumerate(zip(COMMANDS, codes, strict=True)):
        good = {0, 3, 10, 11} | ({1, 2} if args[0] in {"notify", "explain"} else set())
        assert code in good, (args, code, (tmp_path / f"said-{number}").read_text())
    assert driven.returncode == 0
    assert len(set(asked(hostile))) >= 4
    assert len(hostile.log) > 5 * len(FORMS)
    look_through(tmp_path)
    told = [request for request, _ in hostile.log if request.path == "/hook"]
    assert told
    for request in told:
        assert not leaks(request.get_data(as_text=True) + str(request.headers))
    look_through_history()


def look_through(folder):
    """Search every file below a folder, and every member of an archive."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    wanted = {".html", ".json", ".jsonl", ".md", ".csv", ".har", ".xml", ".prom", ".zip", ".timer"}
    assert {path.suffix for path in files} >= wanted
    for path in files:
        assert not leaks(path.read_bytes().decode("latin-1")), path
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    assert not leaks(archive.read(name).decode()), name


def look_through_history():
    """Search the database as it lies on the disk, and the runs in it, which it deflates."""
    for path in locate().path.parent.glob(f"{locate().path.name}*"):
        assert not leaks(path.read_bytes().decode("latin-1")), path
    with open_history(locate()) as history:
        recorded = list(history.export())
    assert recorded
    assert not any(leaks(text) for text in recorded)


CRASH = """
import probe.pipeline, sys
def judge(run, catalog):
    raise ValueError(f"no good: {secret.reveal()!r}")
class Spied(probe.pipeline.Mask):
    def __init__(self, secrets=()):
        global secret
        secrets = tuple(secrets)
        secret = secrets[0] if secrets else None
        super().__init__(secrets)
import probe.settings
probe.settings.Mask = Spied
probe.pipeline.judge = judge
from probe.entry import run
run()
"""


def test_no_error_repeats_a_token_that_stands_where_a_name_should(tmp_path):
    args = ["--base-url", "http://127.0.0.1:9", "--token", "admin=env:CANARY", "--scopes", f"{SECRET[:-1]}=x"]
    done = run(tmp_path, "scan", *args)
    assert done.returncode == 2
    assert "name must be a short word" in done.stderr
    assert not leaks(done.stderr)


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_no_form_of_the_token_comes_out_of_a_crash(hostile: HTTPServer, tmp_path, debug):
    """A bug that puts the token itself into its message."""
    args = ["--base-url", base_url(hostile), "--token", "admin=env:CANARY", "--only", "users.*"]
    done = subprocess.run(
        [sys.executable, "-c", CRASH, *debug, "scan", *args, "--output-dir", "out"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "a bug in probe" in done.stderr
    assert ("Traceback" in done.stderr) is bool(debug)
    assert ("no good" in done.stderr) is bool(debug)
    assert not leaks(done.stdout + done.stderr)


def test_every_command_is_among_them():
    assert {args[0] for args in COMMANDS} | HARMLESS == set(ALL_COMMANDS)


def test_the_search_would_find_a_leak():
    for form in FORMS:
        assert leaks(f"before {form} after")
        assert leaks(header_of(form)) or not form.isascii()
