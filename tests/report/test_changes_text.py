"""What changed, for people: the first line says it, and nothing that a server chose is markup."""

import json

import pytest
from synthetic_changes import with_changes
from synthetic_report import synthetic_report

from probe.report.changes_json import render_changes_json
from probe.report.changes_markdown import escaped, render_changes_markdown
from probe.report.changes_text import change_lines

HOSTILE = "<img src=x onerror=alert(1)> | [x](http://example.com) `a` \x1b[31m\nsecond"


def synthetic_changes():
    changes = with_changes(synthetic_report()).changes
    assert changes is not None
    return changes


def test_the_first_line_is_the_headline_and_every_loss_is_named():
    changes = synthetic_changes()
    lines = change_lines(changes, most=1000)
    assert lines[0] == changes.headline
    text = "\n".join(lines)
    for change in (*changes.lost, *changes.gained):
        assert change.operation in text


def test_a_long_list_is_cut_and_says_so():
    changes = synthetic_changes()
    lines = change_lines(changes, most=1)
    if len(changes.lost) > 1:
        assert any(f"and {len(changes.lost) - 1} more" in line for line in lines)


@pytest.mark.parametrize("text", [HOSTILE, "a|b", "**bold**", "https://example.com", "@everyone"])
def test_markdown_takes_no_markup_from_outside(text):
    safe = escaped(text)
    assert "\n" not in safe
    assert "\x1b" not in safe
    for mark in "<>|`*[]@":
        assert mark not in safe.replace(f"\\{mark}", "")


def test_json_is_the_record_itself():
    changes = synthetic_changes()
    data = json.loads(render_changes_json(changes))
    assert data["headline"] == changes.headline
    assert len(data["capabilities"]) == len(changes.capabilities)


def test_markdown_names_what_was_lost():
    changes = synthetic_changes()
    text = render_changes_markdown(changes)
    assert text.endswith("\n")
    assert f"### Lost: {len(changes.lost)}" in text
