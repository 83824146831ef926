"""The list of writes holds everything that went out, and only that, in every format that prints it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections import Counter
from xml.etree import ElementTree as ET

import msgspec
import pytest
from guarded_scans import catalog_of, scan_guarded

from probe.catalog.load import load_catalog
from probe.evidence import Failure, FailureReason
from probe.pipeline import judge
from probe.report.har import stream_har
from probe.report.html import render_html
from probe.report.jsonfile import parse_report, render_json
from probe.report.junit import stream_junit
from probe.report.markdown import render_markdown
from probe.report.table import stream_csv
from probe.report.terminal import render_terminal
from probe.report.writes import not_refused, writes_in
from probe.simulator.tokens import demo_tokens

CATALOG = load_catalog()
SOME = catalog_of(
    CATALOG,
    (
        "users.list",
        "users.create",
        "users.delete",
        "groups.update",
        "sso.config.delete",
        CATALOG.vendor.calibration,
    ),
)


@pytest.fixture(scope="module")
def report():
    outcome = asyncio.run(scan_guarded(SOME, demo_tokens(CATALOG)[:2], {}, server=CATALOG))
    return judge(outcome.run, SOME)


def test_the_list_is_what_was_counted_while_sending(report):
    sent = Counter({method: number for method, number in report.requests_sent.items() if method != "GET"})
    assert Counter(item.method for item in report.writes) == sent
    assert {item.operation for item in report.writes} == {"", "users.create", "users.delete", "groups.update"}
    assert {item.token for item in report.writes} == {"admin", "reader"}
    assert all(item.status >= 400 for item in report.writes)


def test_the_list_in_the_file_is_that_of_the_evidence(report):
    assert parse_report(render_json(report)).writes == writes_in(report) == report.writes


def test_every_format_for_people_shows_it(report):
    page, text = render_html(report), render_terminal(report, colour=False, width=200)
    ticket = render_markdown(report)
    for item in report.writes:
        assert f"{item.method} {item.path}" in page
        assert f"{item.method} {item.path}" in ticket
        assert (item.operation or item.path) in text
        assert str(item.status) in text


def test_so_does_the_table_with_what_was_sent_by_method(report):
    rows = list(csv.DictReader(io.StringIO("".join(stream_csv(report)).removeprefix("\ufeff"), newline="")))
    for item in report.writes:
        sent = {"operation": item.operation, "method": item.method, "sent": item.path, "token": item.token}
        assert [row for row in rows if sent.items() <= row.items() and row["status"] == str(item.status)]
    counted = Counter[str]()
    for row in rows:
        counted[row["method"]] += int(row["attempts"] or 0)
    assert +counted == Counter(report.requests_sent)


def test_so_does_junit(report):
    tree = ET.fromstring("".join(stream_junit(report)))  # noqa: S314 - our own text
    properties = [(item.get("name"), item.get("value")) for item in tree.iter("property")]
    for method, number in report.requests_sent.items():
        assert (f"requests_sent.{method}", str(number)) in properties
    writes = [value for name, value in properties if name == "write"]
    for item in report.writes:
        of_item = [said for said in writes if said.startswith(f"{item.method} {item.path} (")]
        assert any(f"{item.status}: " in said and item.token in said for said in of_item)


def test_so_does_har(report):
    entries = json.loads("".join(stream_har(report)))["log"]["entries"]
    sent = Counter(entry["request"]["method"] for entry in entries)
    assert sent == Counter(report.requests_sent)
    urls = [entry["request"]["url"] for entry in entries]
    assert all(any(url.endswith(item.path) for url in urls) for item in report.writes)


def test_the_forms_for_people_say_how_many_by_method(report):
    said = ", ".join(f"{number} {method}" for method, number in sorted(report.requests_sent.items()))
    text = render_terminal(report, colour=False, width=200)
    for form in (render_html(report), render_markdown(report), text):
        assert said in form


def with_outcome(report, change):
    """The report with another end of its first write."""
    first = next(item for item in report.findings if item.method != "GET")
    others = tuple(change(item) if item is first else item for item in report.findings)
    return first, msgspec.structs.replace(report, findings=others)


def test_what_a_lock_kept_back_is_no_write(report):
    def locked(item):
        kept = Failure(reason=FailureReason.LOCKED, detail="not sent")
        attempts = (msgspec.structs.replace(item.evidence.attempts[-1], outcome=kept),)
        evidence = msgspec.structs.replace(item.evidence, attempts=attempts)
        return msgspec.structs.replace(item, evidence=evidence, status=None)

    _, changed = with_outcome(report, locked)
    assert len(writes_in(changed)) == len(report.writes) - 1


def test_a_write_that_was_not_refused_stands_out(report):
    first, changed = with_outcome(report, lambda item: msgspec.structs.replace(item, status=201))
    assert [item.operation for item in not_refused(writes_in(changed))] == [first.operation]
    assert "Not refused" in render_html(changed)
    assert "Not refused" in render_terminal(changed, colour=False, width=200)
    assert "Not refused" not in render_html(report)
