"""The report as JUnit XML, for build servers: each expectation and each operation as a test case.

Comes in: a Report. Goes out: XML 1.0 text. A blocked operation is a result, not a failure: plans block.
A failure is what was lost since the baseline, be it by one token alone, and an expectation that does not
hold; what was not asked or could not be told is skipped; a run that was not measured is one error.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from probe.judge.model import Verdict
from probe.report.changes import ExpectationResult, ExpectationVerdict
from probe.report.changes_text import change_words
from probe.report.display import one_line
from probe.report.model import Report, ReportCapability
from probe.report.words import CAUSES, VERDICTS
from probe.report.writes import by_request, writes_in

_LONGEST = 2000


def render_junit(report: Report) -> str:
    """Return the whole document; the last line ends with a line feed."""
    suites = ET.Element("testsuites", name=_fit(f"{report.tool.name} {report.target.base_url}"))
    _suite(suites, "run", [_run(report)], report)
    _suite(suites, "expectations", [_expectation(item) for item in report.expectations], report)
    _suite(suites, "operations", _operations(report) if report.measured else [], report)
    _count(suites, list(suites.iter("testcase")))
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _suite(suites: ET.Element, name: str, cases: list[ET.Element], report: Report) -> None:
    if not cases:
        return
    suite = ET.SubElement(suites, "testsuite", name=name, timestamp=report.started_at.removesuffix("Z"))
    if name == "run":
        suite.set("time", f"{report.duration_s:.3f}")
        suite.append(_sent(report))
    _count(suite, cases)
    suite.extend(cases)


def _sent(report: Report) -> ET.Element:
    """Return how many requests went out by method, and every write, as properties of the run."""
    properties = ET.Element("properties")
    for method, number in sorted(report.requests_sent.items()):
        ET.SubElement(properties, "property", name=_fit(f"requests_sent.{method}"), value=str(number))
    for write in by_request(writes_in(report)):
        said = f"{write.method} {write.path} ({write.statuses})"
        ET.SubElement(properties, "property", name="write", value=_fit(said))
    return properties


def _count(element: ET.Element, cases: list[ET.Element]) -> None:
    element.set("tests", str(len(cases)))
    for plural, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(plural, str(sum(case.find(child) is not None for case in cases)))


def _case(suite: str, name: str, tag: str = "", message: str = "") -> ET.Element:
    case = ET.Element("testcase", classname=suite, name=_fit(name))
    if tag:
        child = ET.SubElement(case, tag, message=_fit(message))
        if tag != "skipped":
            child.set("type", tag)
    elif message:
        ET.SubElement(case, "system-out").text = _fit(message)
    return case


def _run(report: Report) -> ET.Element:
    if not report.measured:
        return _case("run", "measured", "error", f"not measured: {report.measured_reason}")
    if not report.complete:
        return _case("run", "measured", "error", "the scan was stopped before everything was asked")
    return _case("run", "measured", message=report.measured_reason)


def _expectation(item: ExpectationResult) -> ET.Element:
    tags = {
        ExpectationVerdict.FAILED: "failure",
        ExpectationVerdict.UNTESTED: "skipped",
        ExpectationVerdict.MET: "",
    }
    return _case("expectations", f"{item.key} {item.value}", tags[item.verdict], item.reason)


def _operations(report: Report) -> list[ET.Element]:
    losses = _losses(report)
    cases = []
    for item in report.capabilities:
        name = f"{item.operation} ({item.method} {item.path})"
        if item.operation in losses:
            cases.append(_case("operations", name, "failure", losses[item.operation]))
        elif item.inferred or item.verdict is Verdict.UNKNOWN:
            cases.append(_case("operations", name, "skipped", _said(item)))
        else:
            cases.append(_case("operations", name, message=_said(item)))
    return cases


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


def _fit(text: str) -> str:
    """Return a text on one line without what XML 1.0 cannot hold."""
    return "".join(char for char in one_line(text, _LONGEST) if char not in "\ufffe\uffff")
