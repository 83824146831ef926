"""A scan that was stopped: every form says first how far it got, and nothing unasked raises an alarm."""

import asyncio
import re
from collections import Counter
from xml.etree import ElementTree as ET

import msgspec
import pytest
from changing_world import CATALOG, FEW, organization, prepared, scan
from selectolax.lexbor import LexborHTMLParser

from probe.expectations import Expectations, check
from probe.failing import exit_code
from probe.gathering import Seen
from probe.history.diff import compare
from probe.history.state import state_of
from probe.judge.model import Verdict
from probe.pipeline import gather, judge
from probe.report.changes import ExpectationVerdict
from probe.report.html import render_html
from probe.report.jsonfile import parse_report, render_json
from probe.report.markdown import render_markdown
from probe.report.terminal import render_terminal
from probe.report.write import FORMATS

ASKED = 5


@pytest.fixture(scope="module")
def runs():
    """The whole run of an organization, and one on a lower plan that was stopped after a few answers."""

    async def make():
        async with organization("enterprise_premium") as running:
            whole = (await scan(running)).report
            running.become(plan="business")
            return whole, await stopped(running)

    return asyncio.run(make())


async def stopped(running):
    ready = prepared(running)
    slowly = msgspec.structs.replace(ready.request.limits, concurrency=1)
    request = msgspec.structs.replace(ready.request, limits=slowly)
    stop = asyncio.Event()

    def watch(step):
        answers[isinstance(step, Seen) and step.exchange.role is None] += 1
        if answers[True] >= ASKED:
            stop.set()

    answers = Counter()
    run = await gather(request, ready.mask, stop, on_step=watch)
    return judge(run, CATALOG)


@pytest.fixture
def cut(runs):
    return runs[1]


def test_it_is_counted_against_what_was_to_be_asked(runs):
    whole, cut = runs
    found = cut.summary.coverage
    assert not cut.complete
    assert found.probes == len(cut.findings)
    assert 0 < found.operations < found.of_operations
    assert (found.of_operations, found.of_probes) == (
        whole.summary.coverage.operations,
        whole.summary.coverage.probes,
    )
    assert whole.summary.coverage.operations == whole.summary.coverage.of_operations


def said(report):
    found = report.summary.coverage
    return f"{found.operations} of {found.of_operations} operations"


def begin(text, lines=3):
    return " ".join(" ".join(text.splitlines()[:lines]).split())


def test_the_terminal_and_markdown_say_it_first(cut):
    assert said(cut) in begin(render_terminal(cut, colour=False, width=80), 2)
    assert said(cut) in begin(render_markdown(cut))
    for text in (render_terminal(cut, colour=False, width=80), render_markdown(cut)):
        counts = re.findall(r"^.*\d+ operations?: \d+ allowed.*$", text, re.MULTILINE)
        assert counts
        assert all("So far" in line for line in counts)
    assert "Group, so far" in render_terminal(cut, colour=False, width=80)


def test_the_page_says_it_before_its_title_and_above_each_count(cut):
    tree = LexborHTMLParser(render_html(cut))
    points = tree.css_first("#answer > :first-child")
    assert said(cut) in points.text()
    assert "so far" in tree.css_first("#answer-title").text()
    assert all("So far" in caption.text() for caption in tree.css(".counts caption"))
    assert "So far" in tree.css_first("#map p").text()


def test_junit_says_it_in_its_first_case(cut):
    root = ET.fromstring("".join(FORMATS["junit"][1](cut)))  # noqa: S314 - our own
    first = next(root.iter("testcase"))
    assert said(cut) in first.find("error").get("message")
    assert not list(root.iter("failure"))


def test_the_summary_in_json_begins_with_it(cut):
    text = render_json(cut)
    summary = msgspec.json.decode(text)["summary"]
    assert next(iter(summary)) == "coverage"
    assert parse_report(text).summary == cut.summary


def test_what_was_not_asked_is_no_loss(runs):
    whole, cut = runs
    found = compare(state_of(whole, label="before"), cut)
    assert not found.comparable
    assert not found.took_away
    assert exit_code(msgspec.structs.replace(cut, changes=found)) == 130


def test_what_was_not_asked_fails_no_expectation(runs):
    whole, cut = runs
    unasked = {item.operation for item in cut.capabilities} - {item.operation for item in cut.findings}
    everything = Expectations(plan_at_least="enterprise_premium", allow=FEW)
    for item in check(everything, cut):
        assert not (unasked & set(item.operations) and item.verdict is ExpectationVerdict.FAILED)
        assert item.key != "plan_at_least" or item.verdict is not ExpectationVerdict.FAILED
    guessed = tuple(
        msgspec.structs.replace(item, verdict=Verdict.BLOCKED, inferred=True) for item in whole.capabilities
    )
    for complete, verdict in ((True, ExpectationVerdict.FAILED), (False, ExpectationVerdict.UNTESTED)):
        report = msgspec.structs.replace(whole, complete=complete, capabilities=guessed)
        (item,) = check(Expectations(allow=("users.list",)), report)
        assert item.verdict is verdict
