"""--anonymize: the organization's host and name stand nowhere, and the judgement stays what it was."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from raw_server import http, raw_server

from probe.anonymize import PLACEHOLDER_HOST, Anonymizer
from probe.catalog.load import load_catalog
from probe.errors import ArtefactError
from probe.masking import Mask
from probe.pipeline import anonymized, judge_again
from probe.reading.pages import words_of
from probe.report.changes import BaselineRef, Changes
from probe.report.jsonfile import parse_report, render_json
from probe.report.write import FORMATS, write_artefact
from probe.secret import Secret

ROOT = Path(__file__).parents[1]
CATALOG = load_catalog()
HOST = "acme-works.example.org"
FORBIDDEN = ("acme-works", "acme works", "acmeworks", "acme_works")
PAGE = f"""<!doctype html><title>Acme Works - sign in</title><script src="https://{HOST}:8443/a/main.js"></script>
<h1>AcmeWorks</h1><p>acme-works's own place, acme_works on {HOST.upper()}: not found</p>"""


def behave_as_acme():
    async def behave(head, writer):
        path = head.split()[1].decode()
        moved = http(302, b"", f"Location: http://{HOST}:8080/auth/login?x=1", f"Via: 1.1 cache.{HOST}")
        error = {
            "success": False,
            "message": f"Not for Acme Works ({HOST}); ask it@acme-works.com",
            "acme-works": 1,
        }
        if "groups" in path:
            reply = moved
        elif "folders" in path:
            reply = http(403, json.dumps(error).encode(), "Content-Type: application/json")
        elif "users" in path:
            reply = http(200, b'{"success":true,"data":[]}', "Content-Type: application/json")
        else:
            reply = http(404, PAGE.encode(), "Content-Type: text/html", f"CF-Access-Domain: {HOST}")
        writer.write(reply)
        await writer.drain()

    return behave


def probe(tmp_path, *args, **environment):
    return asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "probe", *args),
        cwd=tmp_path,
        env={
            "SECRET": "a-made-up-secret",
            "PYTHONPATH": str(ROOT),
            "PROBE_HISTORY": os.environ["PROBE_HISTORY"],
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def run(tmp_path, *args, **environment):
    process = await probe(tmp_path, *args, **environment)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Return the folder of two scans of one organization, one of them anonymized; a proxy stands for it."""
    folder = tmp_path_factory.mktemp("acme")
    (folder / "probe.toml").write_text(
        f'base_url = "http://{HOST}"\nallow_http = true\nanonymize = true\n'
        '[tokens.acme-admin]\nenv = "SECRET"\n[limits]\nrequests_per_minute = "off"\nretries = 0\n'
    )

    async def scan():
        async with raw_server(behave_as_acme()) as server:
            environment = {"HTTP_PROXY": server.origin}
            plain = ["--base-url", f"http://{HOST}", "--allow-http", "--token", "acme-admin=env:SECRET"]
            plain += ["--requests-per-minute", "off", "--config", "empty.toml", "--output-dir", "plain"]
            (folder / "empty.toml").write_text("[limits]\nretries = 0\n")
            done = [await run(folder, "scan", *plain, **environment)]
            done.append(await run(folder, "scan", "--output-dir", "hidden", **environment))
        return done

    for code, _, err in asyncio.run(scan()):
        assert code in {0, 3}, err
    return folder


def found(text, words=FORBIDDEN):
    return [word for word in words if word in text.lower()]


def bare(text):
    """Return text without the token's name, which stays."""
    return text.replace("acme-admin", "")


def test_the_name_would_be_found(scans):
    assert set(found((scans / "plain" / "report.json").read_text())) == set(FORBIDDEN)


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_a_scan_without_the_organization_s_name(name, scans):
    text = (scans / "hidden" / name).read_text()
    assert not found(bare(text))
    assert PLACEHOLDER_HOST in text
    assert "acme-admin" in text


async def test_a_saved_run_can_lose_the_name_afterwards(scans):
    for args in ([], ["--summary"], ["--format", "html"]):
        code, out, err = await run(scans, "judge", "plain/report.json", "--anonymize", *args)
        assert code in {0, 3}, err
        assert not found(bare(out + err))
    _, out, _ = await run(scans, "judge", "plain/report.json", "--anonymize", "--output-dir", "later")
    for path in (scans / "later").iterdir():
        assert not found(bare(path.read_text()))


def saved(scans, name="plain"):
    return parse_report((scans / name / "report.json").read_text())


def test_the_judgement_stays_what_it_was_and_the_bytes_are_the_same_each_time(scans):
    report = saved(scans)
    hidden, _ = anonymized(report, CATALOG, Mask())
    again, _ = anonymized(hidden, CATALOG, Mask())
    assert render_json(hidden) == render_json(again) == render_json(judge_again(hidden, CATALOG))
    assert render_json(hidden) == render_json(anonymized(saved(scans), CATALOG, Mask())[0])
    for before, after in zip(report.findings, hidden.findings, strict=True):
        assert (before.kind, before.cause, before.rule) == (after.kind, after.cause, after.rule)
    assert [item.verdict for item in report.capabilities] == [item.verdict for item in hidden.capabilities]
    assert len(report.walls) == len(hidden.walls)


def test_no_number_of_a_page_tells_a_word_of_the_name(scans):
    guesses = words_of("acme-works acmeworks acme works acme_works acme-works's")
    pages = [
        attempt.outcome.body.page
        for finding in saved(scans, "hidden").findings
        for attempt in finding.evidence.attempts
        if attempt.outcome.body.page
    ]
    assert pages
    assert not [page for page in pages if guesses & set(page.features)]
    assert all(number < 1000 for page in pages for number in page.structure)


def test_what_is_said_of_an_earlier_run_loses_the_name_too(scans):
    reference = BaselineRef(label=f"last of {HOST}", run=f"reports/{HOST}/x", started_at="", plan="business")
    changes = Changes(baseline=reference, comparable=True, reason="", headline="Acme Works lost a route")
    report = msgspec.structs.replace(saved(scans), changes=changes)
    hidden, _ = anonymized(report, CATALOG, Mask())
    assert hidden.changes is not None
    assert not found(msgspec.json.encode(hidden.changes).decode())


def test_the_folders_of_a_baseline_s_file_stay_out(scans):
    label = "reports/old-name.example.com/2026-01-01T00-00-00Z/report.json"
    reference = BaselineRef(label=label, run="", started_at="", plan="business")
    changes = Changes(baseline=reference, comparable=True, reason="", headline="")
    hidden, _ = anonymized(msgspec.structs.replace(saved(scans), changes=changes), CATALOG, Mask())
    assert hidden.changes.baseline.label == "report.json"


@pytest.mark.parametrize("name", FORMATS)
def test_a_finished_file_that_still_holds_the_host_is_held_back(name, scans, tmp_path):
    report = saved(scans)
    _, mask = anonymized(report, CATALOG, Mask([Secret("another-made-up-secret")]))
    file_name, render = FORMATS[name]
    with pytest.raises(ArtefactError):
        write_artefact(tmp_path / file_name, render(report), mask)
    assert not (tmp_path / file_name).exists()


@pytest.mark.parametrize(
    ("base_url", "text", "expected"),
    [
        ("https://acme.retool.com", "https://acme.retool.com:443/x", "https://organization.example/x"),
        ("https://acme.retool.com", "login.acme.com", "login.organization.com"),
        ("https://acme.retool.com", "docs.retool.com and acmeville", "docs.retool.com and acmeville"),
        ("https://tools.acme.co.uk:8443", "TOOLS.ACME.CO.UK ACME", "organization.example organization"),
        (
            "https://retool.acme-it.com",
            "Acme IT, AcmeIT, acme_it",
            "organization, organization, organization",
        ),
        ("https://enterprise.example.com", "the enterprise plan", "the enterprise plan"),
        (
            "https://b\u00fccher.example.com",
            "xn--bcher-kva.example.com b\u00fccher",
            "organization.example organization",
        ),
        (
            "http://192.0.2.7:8080",
            "http://192.0.2.7:8080/x 192.0.2.70",
            "http://organization.example/x 192.0.2.70",
        ),
        ("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080/x", "http://organization.example/x"),
        ("https://text.json.example", "text json", "text json"),
        ("https://organization.example", "organization.example", "organization.example"),
    ],
)
def test_what_identifies_is_replaced_and_what_does_not_stays(base_url, text, expected):
    assert Anonymizer(base_url, CATALOG).text(text) == expected


@pytest.mark.parametrize("label", ["timeout", "response", "json", "html", "failure", "text", "ok", "plan"])
def test_a_host_named_like_one_of_our_words_breaks_nothing(label, scans):
    report = saved(scans)
    target = msgspec.structs.replace(report.target, base_url=f"https://{label}.example.org")
    hidden, _ = anonymized(msgspec.structs.replace(report, target=target), CATALOG, Mask())
    assert [item.cause for item in hidden.findings] == [item.cause for item in report.findings]
