"""Markdown, JUnit, CSV and HAR: what they hold, and what a hostile text cannot do in them."""

from __future__ import annotations

import csv
import doctest
import io
import json
import re
import tracemalloc
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest
from markdown_it import MarkdownIt
from synthetic_changes import with_changes
from synthetic_report import FEW, HOSTILE, not_measured_report, synthetic_report

from probe.evidence import ControlRole
from probe.judge.model import Cause, Kind, Verdict
from probe.report import markup, table
from probe.report.decisive import MOST, decisive
from probe.report.exchange_text import variable
from probe.report.formats import NAMES
from probe.report.har import stream_har
from probe.report.junit import stream_junit
from probe.report.markdown import render_markdown
from probe.report.table import COLUMNS, stream_csv
from probe.report.write import FORMATS

NASTY = (
    f"{HOSTILE}\n# heading\n[link](https://evil.example)\n![image](https://evil.example/x.png)\n"
    "| cell | cell |\n```\n</code>\n- [ ] task\n> quote\n@someone #123 www.evil.example `x` <b>"
)


@pytest.fixture(scope="module")
def report():
    return synthetic_report()


@pytest.fixture(scope="module")
def hostile():
    return with_changes(synthetic_report(hostile=True, guarded=True, names=FEW), NASTY)


@pytest.mark.parametrize("module", [markup, table])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_a_file_name_for_each_form():
    assert set(FORMATS) == set(NAMES)
    assert len({name for name, _ in FORMATS.values()}) == len(NAMES)


# Markdown


def tokens_of(text):
    parsed = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)
    return [token for block in parsed for token in [block, *(block.children or [])]]


def test_markdown_answers_first_and_shows_what_decides(report):
    text = render_markdown(report)
    assert "Behaves like Business" in text.splitlines()[0]
    assert 3 <= len(re.findall(r"^\*\*\d\. ", text, re.MULTILINE)) <= MOST
    assert text.count("curl -sSi") == len(decisive(report))
    assert len(text) < 20_000


def test_markdown_names_every_operation_that_was_seen_blocked(report):
    text = render_markdown(report)
    seen = [c for c in report.capabilities if c.verdict is Verdict.BLOCKED and not c.inferred]
    assert seen
    assert all(f"`{item.operation}` ({item.method} `{item.path}`)" in text for item in seen)


def test_no_text_of_a_server_becomes_markup_in_markdown(hostile):
    tokens = tokens_of(render_markdown(hostile))
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "html_block", "html_inline", "blockquote_open"}
    headings = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    assert len(headings) == len(re.findall(r"^#+ ", render_markdown(hostile), re.MULTILINE))
    assert not any("heading" in heading for heading in headings)


def test_no_table_cell_is_forged_in_markdown(hostile):
    rows = 0
    for line in render_markdown(hostile).splitlines():
        if line.startswith("| "):
            cells = len(re.findall(r"(?<!\\)\|", line)) - 1
            assert cells in {2, 3}
            rows += 1
    assert rows > 5


def test_a_route_that_is_not_there_is_not_said_to_be_missing_in_the_plan(report):
    routes = [
        msgspec.structs.replace(item, cause=Cause.ROUTE) if item.cause is Cause.PLAN else item
        for item in report.findings
    ]
    chosen = decisive(msgspec.structs.replace(report, findings=tuple(routes)))
    assert chosen[0].exchange.cause is Cause.ROUTE
    assert not any("plan" in item.why for item in chosen)


def test_what_was_lost_is_shown_first(report):
    changed = with_changes(report)
    assert decisive(changed)[0].exchange.operation == changed.changes.lost[0].operation
    assert len(decisive(changed)) <= MOST


def test_the_questions_are_answered_in_markdown(report):
    text = render_markdown(report)
    assert all(item.text in text for item in report.questions)
    assert not any(item.text in render_markdown(not_measured_report()) for item in report.questions)


def test_a_run_that_was_not_measured_says_so_in_markdown():
    text = render_markdown(not_measured_report())
    assert "Not measured" in text.splitlines()[0]
    assert "What is blocked" not in text


def test_the_decisive_exchanges_are_the_wall_its_controls_and_a_success(report):
    shown = [item.exchange for item in decisive(report)]
    assert shown[0].cause is Cause.PLAN
    assert any(item.kind is Kind.JSON_SUCCESS and item.token == shown[0].token for item in shown)
    assert len({id(item) for item in shown}) == len(shown)


def test_the_route_that_cannot_exist_is_the_one_asked_with_the_same_token(report):
    shown = [item.exchange for item in decisive(report)]
    missing = next(item for item in report.controls if item.role is ControlRole.NO_SUCH_ROUTE)
    same = msgspec.structs.replace(missing, token=shown[0].token, wall=shown[0].wall)
    bare = msgspec.structs.replace(same, token="")
    other = msgspec.structs.replace(same, wall="another page")
    chosen = decisive(msgspec.structs.replace(report, controls=(bare, other, same)))
    assert same in [item.exchange for item in chosen]


def test_a_curl_line_carries_a_token_where_the_request_did():
    text = render_markdown(not_measured_report())
    chosen = decisive(not_measured_report())
    assert {bool(item.exchange.token) for item in chosen} == {True, False}
    lines = re.findall(r"^curl .*$", text, re.MULTILINE)
    assert [
        f"${variable(item.exchange.token)}" in line for item, line in zip(chosen, lines, strict=True)
    ] == [bool(item.exchange.token) for item in chosen]


def test_a_made_up_token_is_called_so(report):
    control = next(item for item in report.controls if item.role is ControlRole.GARBAGE_TOKEN)
    control = msgspec.structs.replace(control, token="garbage")
    bare = msgspec.structs.replace(not_measured_report(), controls=(control,))
    assert "`$TOKEN_GARBAGE` for a made-up token" in render_markdown(bare)


def test_of_a_run_that_was_not_measured_the_controls_with_a_real_token_come_first(report):
    real = next(item for item in report.controls if item.role is ControlRole.REAL_TOKEN)
    alike = [
        msgspec.structs.replace(real, role=role, status=403, cause=Cause.EDGE)
        for role in reversed(ControlRole)
    ]
    edge = msgspec.structs.replace(
        not_measured_report(), measured_cause=Cause.EDGE, controls=(*alike, *report.controls[:1])
    )
    chosen = decisive(edge)
    assert chosen[0].exchange.role is ControlRole.REAL_TOKEN
    assert 3 <= len(chosen) < MOST
    assert len({item.why for item in chosen}) == len(chosen)


# JUnit


def cases(report):
    tree = ET.fromstring("".join(stream_junit(report)))  # noqa: S314 - our own text
    return tree, {(case.get("classname"), case.get("name")): case for case in tree.iter("testcase")}


def test_junit_has_a_case_for_each_operation_and_its_counts_fit(report):
    changed = with_changes(report)
    tree, found = cases(changed)
    assert len(found) == 1 + len(changed.expectations) + len(changed.capabilities)
    for element in (tree, *tree.iter("testsuite")):
        members = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(members)
        for plural, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(plural)) == sum(case.find(child) is not None for case in members)


def test_junit_is_written_in_memory_that_does_not_grow(report):
    def peak(times):
        many = tuple(item for _ in range(times) for item in report.capabilities)
        pieces = stream_junit(msgspec.structs.replace(report, capabilities=many, changes=None))
        tracemalloc.start()
        try:
            length = sum(map(len, pieces))
            return length, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # what is loaded on first use
    (short, little), (long, more) = peak(1), peak(50)
    assert long > 20 * short
    assert more < little + 20_000


def test_junit_fails_on_what_was_lost_and_what_is_not_as_expected(report):
    changed = with_changes(report)
    _, found = cases(changed)
    failed = {name.split(" (")[0] for (_, name), case in found.items() if case.find("failure") is not None}
    by_token = {operation for token in changed.changes.tokens for operation in token.operations}
    assert by_token - {item.operation for item in changed.changes.lost}
    lost = {item.operation for item in changed.changes.lost} | by_token
    assert failed == {"plan_at_least business"} | lost


def test_junit_fails_nothing_where_the_runs_cannot_be_compared(report):
    changed = with_changes(report)
    changes = msgspec.structs.replace(changed.changes, comparable=False)
    tree, _ = cases(msgspec.structs.replace(changed, changes=changes, expectations=()))
    assert tree.get("failures") == "0"


def test_junit_skips_what_could_not_be_told(report):
    _, found = cases(report)
    skipped = {name.split(" (")[0] for (_, name), case in found.items() if case.find("skipped") is not None}
    assert skipped == {c.operation for c in report.capabilities if c.verdict is Verdict.UNKNOWN or c.inferred}


def test_a_run_that_was_not_measured_is_an_error_in_junit():
    tree, _ = cases(not_measured_report())
    assert int(tree.get("errors")) == 1
    assert int(tree.get("tests")) == 1


def test_junit_is_xml_whatever_a_server_says(hostile):
    tree, _ = cases(hostile)
    assert {element.tag for element in tree.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
        "system-out",
    }


# CSV


def rows_of(report):
    text = "".join(stream_csv(report))
    assert text.startswith("\ufeff")  # or a spreadsheet takes it for its country's old encoding
    return list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))


def test_csv_has_a_row_for_each_probe(report):
    head, *rows = rows_of(report)
    assert tuple(head) == COLUMNS
    assert len(rows) == len(report.findings) + len(report.skipped) + len(report.controls)
    assert all(len(row) == len(head) for row in rows)


def test_an_edited_run_without_a_capability_still_gives_every_form(report):
    edited = msgspec.structs.replace(report, capabilities=report.capabilities[1:])
    operation = report.capabilities[0].operation
    assert all("".join(FORMATS[name][1](edited)) for name in NAMES)
    rows = [row for row in rows_of(edited) if row[0] == operation and not row[COLUMNS.index("control")]]
    asked = [item for item in (*report.findings, *report.skipped) if item.operation == operation]
    assert len(rows) == len(asked)


def test_no_cell_starts_a_formula(hostile):
    text = '=HYPERLINK("https://evil.example")'
    reasons = [text, "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "%0A=1", "|calc"]
    findings = [
        msgspec.structs.replace(finding, reason=reason, rule=reason)
        for finding, reason in zip(hostile.findings, reasons, strict=False)
    ]
    _head, *rows = rows_of(msgspec.structs.replace(hostile, findings=tuple(findings)))
    assert not [cell for row in rows for cell in row if re.match(r"[=+@\t\r|%]|-(?!\d+$)", cell)]


# HAR

ENTRY = {
    "type": "object",
    "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
    "properties": {
        "startedDateTime": {"type": "string", "format": "date-time"},
        "time": {"type": "number", "minimum": 0},
        "request": {
            "type": "object",
            "required": [
                "method",
                "url",
                "httpVersion",
                "cookies",
                "headers",
                "queryString",
                "headersSize",
                "bodySize",
            ],
            "properties": {
                "headers": {"$ref": "#/$defs/pairs"},
                "queryString": {"$ref": "#/$defs/pairs"},
                "cookies": {"type": "array", "maxItems": 0},
                "bodySize": {"type": "integer"},
            },
        },
        "response": {
            "type": "object",
            "required": [
                "status",
                "statusText",
                "httpVersion",
                "cookies",
                "headers",
                "content",
                "redirectURL",
                "headersSize",
                "bodySize",
            ],
            "properties": {
                "status": {"type": "integer"},
                "headers": {"$ref": "#/$defs/pairs"},
                "content": {
                    "type": "object",
                    "required": ["size", "mimeType"],
                    "properties": {"size": {"type": "integer"}, "text": {"type": "string"}},
                },
                "redirectURL": {"type": "string"},
            },
        },
        "timings": {"type": "object", "required": ["send", "wait", "receive"]},
    },
    "$defs": {
        "pairs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
            },
        }
    },
}


@pytest.mark.parametrize("name", ["report", "hostile"])
def test_har_is_as_the_format_wants_it_and_holds_every_attempt(name, request):
    report = request.getfixturevalue(name)
    log = json.loads("".join(stream_har(report)))["log"]
    assert log["version"] == "1.2"
    assert log["creator"]["name"]
    sends = sum(item.attempts for item in (*report.controls, *report.findings))
    assert len(log["entries"]) == sends
    validator = jsonschema.Draft202012Validator(ENTRY)
    for entry in log["entries"]:
        validator.validate(entry)
        assert entry["request"]["url"].startswith(report.target.base_url)
        assert re.fullmatch(r"[!-~]+", entry["request"]["url"])
        assert entry["time"] == sum(
            part for name, part in entry["timings"].items() if name != "comment" and part > 0
        )
        assert entry["response"]["content"]["mimeType"].startswith("text/plain")
    times = [entry["startedDateTime"] for entry in log["entries"]]
    assert times == sorted(times)


@pytest.mark.parametrize("path", ["//[x", "http://[", "\ud800", "/a?b=%ff&c=\x1b#d"])
def test_har_takes_any_path_of_an_edited_run(report, path):
    first = report.findings[0]
    request = msgspec.structs.replace(first.evidence.request, path=path)
    evidence = msgspec.structs.replace(first.evidence, request=request)
    findings = (msgspec.structs.replace(first, evidence=evidence),)
    text = "".join(stream_har(msgspec.structs.replace(report, controls=(), findings=findings)))
    (entry,) = json.loads(text)["log"]["entries"]
    assert re.fullmatch(r"[!-~]+", entry["request"]["url"])


def test_har_of_nothing_is_whole(report):
    bare = msgspec.structs.replace(report, controls=(), findings=())
    assert json.loads("".join(stream_har(bare)))["log"]["entries"] == []


# All


@pytest.mark.parametrize("name", [name for name in NAMES if name != "json"])  # which is the data itself
def test_the_same_report_gives_the_same_bytes_and_shows_no_control_character(name, hostile):
    text = "".join(FORMATS[name][1](hostile))
    assert text == "".join(FORMATS[name][1](hostile))
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
