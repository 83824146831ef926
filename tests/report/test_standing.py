"""What a page's colour follows: the worst that it says, told in words and by a mark as well."""

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser
from synthetic_changes import with_changes
from synthetic_report import FEW, not_measured_report, synthetic_report

from probe.judge.model import TokenStatus
from probe.report.changes import ExpectationResult, ExpectationVerdict
from probe.report.html import render_html
from probe.report.standing import Level, standing_of

REPLACE = msgspec.structs.replace
BASE = synthetic_report(names=FEW)
PLAIN = REPLACE(
    BASE,
    changes=None,
    expectations=(),
    writes=(),
    tokens=tuple(REPLACE(token, status=TokenStatus.ACCEPTED) for token in BASE.tokens),
)
LOST = REPLACE(with_changes(PLAIN), expectations=())


def expecting(verdict):
    said = ExpectationResult(key="allow", value="users.*", verdict=verdict, reason="because")
    return REPLACE(PLAIN, expectations=(said,))


def nothing_lost(**changed):
    return REPLACE(
        LOST, changes=REPLACE(LOST.changes, **{"capabilities": (), "tokens": (), "headline": "x", **changed})
    )


REFUSED = REPLACE(PLAIN, tokens=(REPLACE(PLAIN.tokens[0], status=TokenStatus.REFUSED), *PLAIN.tokens[1:]))
CASES = {
    "all well": (PLAIN, Level.GOOD, "Measured"),
    "compared, nothing lost": (nothing_lost(), Level.GOOD, "Measured"),
    "met": (expecting(ExpectationVerdict.MET), Level.GOOD, "Measured"),
    "lost": (LOST, Level.BAD, "Lost"),
    "lost and cut short": (REPLACE(LOST, complete=False), Level.BAD, "Lost"),
    "not as expected": (expecting(ExpectationVerdict.FAILED), Level.BAD, "Not as expected"),
    "not measured": (not_measured_report(), Level.DOUBT, "Not measured"),
    "undetermined": (REPLACE(PLAIN, plan=REPLACE(PLAIN.plan, estimate=None)), Level.DOUBT, "Undetermined"),
    "cut short": (REPLACE(PLAIN, complete=False), Level.DOUBT, "Incomplete"),
    "not compared": (nothing_lost(comparable=False, reason="x"), Level.DOUBT, "Not compared"),
    "a token is refused": (REFUSED, Level.DOUBT, "Refused"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_level_is_that_of_the_worst_thing(case):
    report, level, label = CASES[case]
    standing = standing_of(report)
    assert (standing.level, standing.points[0].label) == (level, label)
    order = [list(Level).index(point.level) for point in standing.points]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("case", CASES)
def test_the_page_shows_it_by_word_and_mark_and_not_by_colour_alone(case):
    report, level, label = CASES[case]
    tree = LexborHTMLParser(render_html(report))
    answer = tree.css_first("#answer")
    assert f"l-{level}" in answer.attributes["class"].split()
    first = answer.css_first(".points li .b")
    assert first.text() == label
    assert level in first.attributes["class"].split()
    style = tree.css_first("style").text()
    for name in Level:
        assert f".{name}::before" in style, "each level has a mark"
    for link in answer.css(".points a"):
        assert tree.css_first(link.attributes["href"].replace("#", "#").strip()) is not None


def test_only_a_run_without_a_flaw_has_the_green_bar():
    good = [case for case, (report, _, _) in CASES.items() if standing_of(report).level is Level.GOOD]
    assert good == ["all well", "compared, nothing lost", "met"]
