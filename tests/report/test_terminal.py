"""The terminal summary: honest without colour, at any width, whatever a server says."""

from __future__ import annotations

import re

import msgspec
import pytest
from synthetic_report import HOSTILE, PLANS, not_measured_report, synthetic_report

from probe.report.terminal import render_terminal

OUR_SEQUENCES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_is_wider_than_the_terminal(width):
    lines = render_terminal(synthetic_report(), colour=False, width=width).splitlines()
    assert max(map(len, lines)) <= width


def test_on_a_narrow_terminal_each_group_is_an_item_of_a_list():
    def titles(text):
        return {line[2:].partition(":")[0] for line in text.splitlines() if line.startswith("- ")}

    groups = {item.group_title for item in synthetic_report().capabilities}
    narrow = render_terminal(synthetic_report(), colour=False, width=59)
    assert groups <= titles(narrow)
    assert not groups & titles(render_terminal(synthetic_report(), colour=False, width=60))
    users = next(line for line in narrow.splitlines() if line.startswith("- Users: "))
    assert re.search(r"\d+ (allowed|blocked|unknown)", users)


def test_without_colour_there_is_no_escape_and_no_letter_missing():
    plain = render_terminal(synthetic_report(), colour=False, width=80)
    coloured = render_terminal(synthetic_report(), colour=True, width=80)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert OUR_SEQUENCES.sub("", coloured).split() == plain.split()


def test_it_answers_on_the_first_lines():
    text = render_terminal(synthetic_report(), colour=False, width=80)
    assert "example.retool.com" in text.splitlines()[0]
    assert "Behaves like Business (likely)" in text
    assert "104 of them inferred" in text


def test_a_simulation_says_so_first():
    simulated = msgspec.structs.replace(synthetic_report(), simulated=True)
    assert render_terminal(simulated, colour=False, width=80).startswith("SIMULATION")


def test_a_run_that_was_not_measured_names_no_plan_and_no_verdict():
    text = render_terminal(not_measured_report(), colour=False, width=80)
    assert "NOT MEASURED" in text
    assert "a login page" in text
    assert "Run the scan from a network" in text
    assert not any(title in text for title in PLANS.values())
    assert not any(verdict in text for verdict in ("allowed", "blocked"))


@pytest.mark.parametrize("colour", [False, True])
def test_a_servers_text_brings_no_escape_sequence(colour):
    report = synthetic_report(hostile=True)
    report = msgspec.structs.replace(
        report,
        plan=msgspec.structs.replace(report.plan, reason=HOSTILE),
        target=msgspec.structs.replace(report.target, base_url=f"https://{HOSTILE}"),
        tokens=(msgspec.structs.replace(report.tokens[0], name=HOSTILE),),
        capabilities=tuple(
            msgspec.structs.replace(item, group_title=HOSTILE) for item in report.capabilities
        ),
    )
    text = OUR_SEQUENCES.sub("", render_terminal(report, colour=colour, width=80))
    assert all(char.isprintable() or char == "\n" for char in text)
