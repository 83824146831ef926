"""The JSON run is read back as it was written, and a file that is none gets one clear sentence."""

from __future__ import annotations

import json
import subprocess
import sys

import msgspec
import pytest
from synthetic_changes import with_changes
from synthetic_report import FEW, not_measured_report, synthetic_report

from probe.errors import InputError
from probe.jsonbytes import encoded
from probe.report.jsonfile import parse_report, render_json, stream_json
from probe.report.model import SCHEMA_VERSION

AT_ONCE = """
import sys, threading
from probe.report.jsonfile import parse_report
text, together = sys.stdin.read(), threading.Barrier(8)
threads = [threading.Thread(target=lambda: (together.wait(), parse_report(text))) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_threads_that_read_their_first_run_at_once_crash_nothing():
    """A fleet does, where each organization is compared with a file: the process died in most tries."""
    text = render_json(synthetic_report(names=FEW))
    for _ in range(5):
        subprocess.run([sys.executable, "-c", AT_ONCE], input=text, text=True, check=True, timeout=60)


def document() -> dict:
    return json.loads(render_json(synthetic_report(names=FEW)))


@pytest.mark.parametrize("report", [synthetic_report(names=FEW), not_measured_report()])
def test_what_is_written_is_read_back(report):
    text = render_json(report)
    assert parse_report(text) == report
    assert render_json(parse_report(text)) == text
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    "report", [synthetic_report(hostile=True), with_changes(synthetic_report(names=FEW))]
)
def test_what_comes_in_pieces_is_the_same_as_at_once(report):
    pieces = list(stream_json(report))
    whole = msgspec.json.format(encoded(report), indent=2).decode()
    assert "".join(pieces) == f"{whole}\n"
    assert max(map(len, pieces)) < len(whole) / 10


def test_half_a_surrogate_pair_does_not_stop_the_writing():
    text = render_json(synthetic_report(hostile=True, names=FEW))
    text.encode()
    assert r"\\ud800" in text
    assert render_json(parse_report(text)) == text


def test_the_plans_keep_their_order():
    assert next(iter(document()["plan_titles"])) == "free"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("<html>", "not JSON"),
        ('{"schema_version": 1', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("\ud800", "not JSON"),
        ("[]", "no schema_version"),
        ('{"openapi": "3.0.0"}', "no schema_version"),
        ('{"schema_version": "1"}', "no schema_version"),
        ('{"schema_version": true}', "no schema_version"),
        ('{"schema_version": 1}', "no findings"),
        ('{"schema_version": 0, "findings": [], "target": {}}', "never existed"),
        ('{"schema_version": 1, "findings": [], "target": {}}', "damaged"),
    ],
)
def test_what_is_no_run_is_refused_in_a_sentence(text, says):
    with pytest.raises(InputError, match=says) as caught:
        parse_report(text)
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_newer_version_is_refused_by_name():
    newer = {**document(), "schema_version": SCHEMA_VERSION + 1}
    with pytest.raises(InputError, match=f"version {SCHEMA_VERSION + 1}"):
        parse_report(json.dumps(newer))


def test_a_damaged_run_says_where():
    broken = document()
    broken["findings"][0]["kind"] = "nice"
    with pytest.raises(InputError, match=r"findings\[0\]\.kind"):
        parse_report(json.dumps(broken))


def _no_attempts(run: dict, part: str) -> None:
    run[part][0]["evidence"]["attempts"] = []


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda run: _no_attempts(run, "findings"), "without any attempt"),
        (lambda run: _no_attempts(run, "controls"), "without any attempt"),
        (lambda run: run["findings"][0].update(token="nobody"), "nobody"),
        (lambda run: run["skipped"].append({**run["skipped"][0], "token": "nobody"}), "nobody"),
        (lambda run: run["findings"].append(run["findings"][0]), "2 times"),
        (lambda run: run["skipped"].append({**run["skipped"][0], **_pair(run["findings"][0])}), "2 times"),
        (lambda run: run.update(tokens=[]), "no tokens"),
    ],
)
def test_a_run_whose_parts_do_not_fit_is_refused(edit, says):
    edited = document()
    edit(edited)
    with pytest.raises(InputError, match=says):
        parse_report(json.dumps(edited))


def _pair(finding: dict) -> dict:
    return {"operation": finding["operation"], "token": finding["token"]}


def test_a_run_without_the_later_fields_is_read():
    earlier = document()
    del earlier["questions"]
    assert parse_report(json.dumps(earlier)).questions == ()


def test_a_byte_order_mark_is_no_damage():
    assert parse_report("\ufeff" + render_json(synthetic_report(names=FEW))).measured
