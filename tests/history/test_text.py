"""The history as text fits 80 columns and says the same without colour."""

import msgspec
import pytest
from history_world import OTHER, run_at

from probe.history.model import Mark
from probe.history.store import open_history
from probe.history.text import run_lines, strip, timeline_lines

A, B, U, N, X = Mark.ALLOWED, Mark.BLOCKED, Mark.UNKNOWN, Mark.NOT_MEASURED, Mark.ABSENT


@pytest.mark.parametrize(
    ("marks", "columns", "shown"),
    [
        ([], 10, ""),
        ([A, B, U, N, X], 10, "+x?-."),
        ([A, A, B, B], 2, "+x"),
        ([A, A, A, B, B, B], 4, "+~x"),
        ([A, U, N, B, X, U], 2, "+x"),
        ([N, X], 1, "-"),
    ],
)
def test_a_strip_hides_no_loss(marks, columns, shown):
    assert strip(marks, columns) == shown


@pytest.fixture
def runs(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/history.db") as history:
        for day in range(1, 29):
            history.record(run_at(day, users__list="allowed" if day < 10 else "blocked"))
        history.record(run_at(29, measured=False, complete=False), label="nightly " * 30)
        history.record(run_at(30, base_url=OTHER))
        yield history


def test_a_list_fits_and_names_what_is_odd(runs):
    listed = runs.runs()
    lines = list(run_lines(listed, frozenset({listed[-1].id})))
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for said in ("not measured", "cut short", "nightly", "pinned", OTHER):
        assert said in text
    assert all(run.id[:10] in text for run in listed)


def test_where_a_table_has_no_room_each_run_is_an_item_of_a_list(runs):
    listed = runs.runs()
    lines = list(run_lines(listed, frozenset({listed[-1].id}), 40))
    assert max(map(len, lines)) <= 40
    text = " ".join(" ".join(lines).split())
    assert text.count("- ") >= len(listed)
    for said in ("not measured", "cut short", "nightly", "pinned", OTHER, "allowed", listed[0].id[:10]):
        assert said in text


def test_a_timeline_says_both_times_and_fits(runs):
    lines = list(timeline_lines(runs.timeline(["users.*"], "https://example.retool.com"), 80))
    assert max(map(len, lines)) <= 80
    at = lines.index("users.list")
    assert "2026-11-09" in lines[at + 1]
    assert "2026-11-10" in lines[at + 2]
    assert lines[at + 3].strip() == "+" * 9 + "x" * 19 + "-"


def test_no_control_character_of_a_server_reaches_the_terminal(tmp_path):
    report = run_at(1)
    bad = msgspec.structs.replace(report.capabilities[0], operation="a\x1b[31m\nb")
    with open_history(f"sqlite:///{tmp_path}/history.db") as history:
        run = history.record(msgspec.structs.replace(report, capabilities=(bad,)), label="x\x1b]0;y\x07")
        lines = [*run_lines([run]), *timeline_lines(history.timeline(["*"], run.base_url), 80)]
    assert all(line.isprintable() for line in lines)
