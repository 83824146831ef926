"""The report as JUnit XML, for build servers: each expectation and each operation as a test case.

Comes in: a Report. Goes out: XML 1.0 text in pieces, a case at a time: what a suite counts stands before its
cases, so they are gone through twice and never kept. A blocked operation is a result, not a failure: plans
block. A failure is what was lost since the baseline, be it by one token alone, and an expectation that does
not hold; what was not asked or could not be told is skipped; a run that was not measured, or was stopped, is
one error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple
from xml.sax.saxutils import escape

from probe.judge.model import Verdict
from probe.report.changes import ExpectationResult, ExpectationVerdict
from probe.report.changes_text import change_words
from probe.report.coverage import how_far
from probe.report.display import one_line
from probe.report.model import Report, ReportCapability
from probe.report.words import CAUSES, VERDICTS
from probe.report.writes import by_request, writes_in

_LONGEST = 2000
_QUOTE = {'"': "&quot;"}


class Outcome(StrEnum):
    """What became of a case, by the name of its element."""

    PASSED = "system-out"
    FAILED = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


class Case(NamedTuple):
    """A test case: its name, what became of it, and what is said of it."""

    name: str
    outcome: Outcome
    message: str


class Suite(NamedTuple):
    """A suite: its name, and what goes through its cases, as often as it is called."""

    name: str
    cases: Callable[[], Iterator[Case]]


_COUNTED = {"failures": Outcome.FAILED, "errors": Outcome.ERROR, "skipped": Outcome.SKIPPED}
_EXPECTED = {
    ExpectationVerdict.FAILED: Outcome.FAILED,
    ExpectationVerdict.UNTESTED: Outcome.SKIPPED,
    ExpectationVerdict.MET: Outcome.PASSED,
}


def stream_junit(report: Report) -> Iterator[str]:
    """Yield the whole document; the last line ends with a line feed."""
    suites = _suites(report)
    counts = [Counter(case.outcome for case in suite.cases()) for suite in suites]
    name = f"{report.tool.name} {report.target.base_url}"
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{_attributes(name=name)}{_numbers(sum(counts, Counter()))}>\n"
    for suite, counted in zip(suites, counts, strict=True):
        if counted:
            yield from _suite(suite, counted, report)
    yield "</testsuites>\n"


def _suites(report: Report) -> tuple[Suite, ...]:
    return (
        Suite("run", lambda: iter((_run(report),))),
        Suite("expectations", lambda: map(_expectation, report.expectations)),
        Suite("operations", lambda: _operations(report)),
    )


def _suite(suite: Suite, counted: Counter[Outcome], report: Report) -> Iterator[str]:
    started = _attributes(name=suite.name, timestamp=report.started_at.removesuffix("Z"))
    is_run = suite.name == "run"
    time = _attributes(time=f"{report.duration_s:.3f}") if is_run else ""
    yield f"  <testsuite{started}{time}{_numbers(counted)}>\n"
    if is_run:
        yield from _properties(report)
    for case in suite.cases():
        yield _element(suite.name, case)
    yield "  </testsuite>\n"


def _numbers(counted: Counter[Outcome]) -> str:
    numbers = {name: str(counted[outcome]) for name, outcome in _COUNTED.items()}
    return _attributes(tests=str(counted.total()), **numbers)


def _properties(report: Report) -> Iterator[str]:
    """Yield how many requests went out by method, and every write, as properties of the run."""
    yield "    <properties>\n"
    for method, number in sorted(report.requests_sent.items()):
        yield f"      <property{_attributes(name=f'requests_sent.{method}', value=str(number))} />\n"
    for write in by_request(writes_in(report)):
        said = f"{write.method} {write.path} ({write.statuses})"
        yield f"      <property{_attributes(name='write', value=said)} />\n"
    yield "    </properties>\n"


def _element(suite: str, case: Case) -> str:
    names = _attributes(classname=suite, name=case.name)
    match case.outcome:
        case Outcome.PASSED if not case.message:
            return f"    <testcase{names} />\n"
        case Outcome.PASSED:
            child = f"<system-out>{escape(_fit(case.message))}</system-out>"
        case Outcome.SKIPPED:
            child = f"<skipped{_attributes(message=case.message)} />"
        case Outcome.FAILED | Outcome.ERROR as tag:
            child = f"<{tag}{_attributes(message=case.message, type=tag.value)} />"
    return f"    <testcase{names}>\n      {child}\n    </testcase>\n"


def _run(report: Report) -> Case:
    not_measured = "" if report.measured else f"not measured: {report.measured_reason}"
    incomplete = "" if report.complete else f"incomplete: {how_far(report)}"
    if trouble := "; ".join(filter(None, (incomplete, not_measured))):
        return Case("measured", Outcome.ERROR, trouble)
    return Case("measured", Outcome.PASSED, report.measured_reason)


def _expectation(item: ExpectationResult) -> Case:
    return Case(f"{item.key} {item.value}", _EXPECTED[item.verdict], item.reason)


def _operations(report: Report) -> Iterator[Case]:
    losses = _losses(report)
    for item in report.capabilities if report.measured else ():
        name = f"{item.operation} ({item.method} {item.path})"
        if item.operation in losses:
            yield Case(name, Outcome.FAILED, losses[item.operation])
        elif item.inferred or item.verdict is Verdict.UNKNOWN:
            yield Case(name, Outcome.SKIPPED, _said(item))
        else:
            yield Case(name, Outcome.PASSED, _said(item))


def _losses(report: Report) -> dict[str, str]:
    """Return what gives exit code 10, by operation: the same that `took_away` counts."""
    changes = report.changes
    if changes is None or not changes.comparable:
        return {}
    by_token = {
        operation: f"lost: {token.reason}" for token in changes.tokens for operation in token.operations
    }
    return by_token | {change.operation: f"lost: {change_words(change)}" for change in changes.lost}


def _said(item: ReportCapability) -> str:
    how = ", inferred" if item.inferred else ""
    return f"{VERDICTS[item.verdict].label}{how}: {CAUSES[item.cause].label}. {item.reason}"


def _attributes(**pairs: str) -> str:
    """Return attributes as they stand in a tag, each with a space before it."""
    return "".join(f' {name}="{escape(_fit(value), _QUOTE)}"' for name, value in pairs.items())


def _fit(text: str) -> str:
    """Return a text on one line without what XML 1.0 cannot hold."""
    return "".join(char for char in one_line(text, _LONGEST) if char not in "\ufffe\uffff")
