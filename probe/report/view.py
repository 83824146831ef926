"""Arranges a Report for reading: by group, by operation, by reason. Adds no judgement of its own.

Comes in: a Report. Goes out: small records for the templates; the long lists are made one by one, so
that a large run is never held twice.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from probe.evidence import Request, Skipped
from probe.judge.model import Cause, ClaimStatus, Verdict
from probe.report.answer import Tally, tallies
from probe.report.capability_map import Strip, strip_of
from probe.report.changes import Changes
from probe.report.coverage import coverage_of
from probe.report.exchange_text import came_back, same_answer
from probe.report.history_chart import HEIGHT, Chart, chart_of
from probe.report.model import Report, ReportCapability, ReportControl, ReportFinding
from probe.report.reasons import ToldFirst, own_reason
from probe.report.words import CAUSES
from probe.report.writes import Write, by_request, not_refused, writes_in

_CLAIM_ORDER = {ClaimStatus.CONTRADICTED: 0, ClaimStatus.CONFIRMED: 1, ClaimStatus.UNTESTED: 2}
_ORDER = {Verdict.ALLOWED: 0, Verdict.BLOCKED: 1, Verdict.UNKNOWN: 2}


class Reason(NamedTuple):
    """Operations of a group that share verdict, cause, confidence and `text`, the reason.

    What is said of an operation that was asked stands in full with its answers, and not here.
    """

    first: ReportCapability
    text: str
    operations: tuple[ReportCapability, ...]


class Group(NamedTuple):
    """A group of operations: its counts, its picture, and why each part of it is as it is."""

    id: str
    title: str
    tallies: tuple[Tally, ...]
    strip: Strip
    why: str
    reasons: tuple[Reason, ...]
    capabilities: tuple[ReportCapability, ...]


class TokenAnswer(NamedTuple):
    """The answer that one or more tokens got to an operation: `finding` stands for all `findings`.

    `request` is None where an answer above it was to the same request. `as_said_of` is an operation whose
    answer was judged so before, word for word, or empty.
    """

    finding: ReportFinding
    findings: tuple[ReportFinding, ...]
    came_back: tuple[tuple[str, str], ...]
    request: Request | None
    as_said_of: str


class OperationView(NamedTuple):
    """An operation that was asked, with the different answers to it."""

    capability: ReportCapability
    answers: tuple[TokenAnswer, ...]


class SkippedGroup(NamedTuple):
    """What was not asked for one reason; `details` are the operations with what is said of each."""

    reason: str
    probes: int
    operations: tuple[str, ...]
    tokens: tuple[str, ...]
    details: tuple[tuple[str, str], ...]


class ControlGroup(NamedTuple):
    """Controls of one role that got the same answer: `first` stands for all."""

    first: ReportControl
    controls: tuple[ReportControl, ...]


def anchor(*parts: str) -> str:
    """Return a name for a fragment that only these parts have, made of harmless characters.

    >>> anchor("users.list", "read only")
    'users.list@read~20only'
    """
    return "@".join(re.sub(r"[^A-Za-z0-9._-]", lambda found: f"~{ord(found[0]):x}", part) for part in parts)


class View:
    """The lists that the page is made of, arranged once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._findings: dict[str, list[ReportFinding]] = defaultdict(list)
        for finding in report.findings:
            self._findings[finding.operation].append(finding)
        self.groups = tuple(_groups(report, self._findings))
        self._told = ToldFirst(self._in_order())
        self.tallies = tallies(report.capabilities)
        self.coverage = coverage_of(report.findings, report.skipped)
        self.skipped = tuple(_skipped(report.skipped))
        self.controls = tuple(_controls(report.controls))
        self.claims = tuple(sorted(report.claims, key=lambda claim: _CLAIM_ORDER[claim.status]))

    @property
    def chart(self) -> Chart | None:
        """The picture of earlier runs, or None where there are none."""
        changes = self._report.changes
        return chart_of(changes.history) if changes and changes.history else None

    @property
    def chart_height(self) -> int:
        """The height of that picture in user units."""
        return HEIGHT

    @property
    def versions_changed(self) -> tuple[tuple[str, str, str], ...]:
        """What is named differently from the baseline: name, before, after."""
        changes = self._report.changes
        return _versions(changes, self._report.plan_titles) if changes else ()

    @property
    def base_url(self) -> str:
        """The origin that was asked."""
        return self._report.target.base_url

    @property
    def host(self) -> str:
        """The organization's host, as people name it."""
        return self.base_url.partition("://")[2] or self.base_url

    @property
    def writes(self) -> tuple[Write, ...]:
        """The writes that went out: each request once, with who got which status."""
        return by_request(writes_in(self._report))

    @property
    def not_refused(self) -> tuple[Write, ...]:
        """The writes that were answered with success, which no guarded write should be."""
        return by_request(not_refused(writes_in(self._report)))

    def was_asked(self, operation: str) -> bool:
        """Return whether an operation has a finding, and so an anchor."""
        return operation in self._findings

    def asked(self, group: Group) -> tuple[ReportCapability, ...]:
        """Return the operations of a group that were asked at least once."""
        return tuple(item for item in group.capabilities if item.operation in self._findings)

    def by_token(self, operation: str) -> tuple[ReportFinding | None, ...]:
        """Return an operation's findings in the order of the tokens, None where it was not asked."""
        found = {finding.token: finding for finding in self._findings.get(operation, ())}
        return tuple(found.get(token.name) for token in self._report.tokens)

    def operations(self, group: Group) -> Iterator[OperationView]:
        """Yield the operations of a group that were asked, with their answers."""
        for capability in self.asked(group):
            yield OperationView(capability, tuple(self._answers(capability.operation)))

    def _answers(self, operation: str) -> Iterator[TokenAnswer]:
        alike: dict[object, list[ReportFinding]] = defaultdict(list)
        for finding in self._findings[operation]:
            alike[same_answer(finding)].append(finding)
        previous: Request | None = None
        for findings in alike.values():
            request = findings[0].evidence.request
            seen = came_back(findings[0].evidence.attempts[-1].outcome, on_wall=bool(findings[0].wall))
            yield TokenAnswer(
                finding=findings[0],
                findings=tuple(findings),
                came_back=seen,
                request=None if request == previous else request,
                as_said_of=self._told.elsewhere(findings[0]),
            )
            previous = request

    def _in_order(self) -> Iterator[ReportFinding]:
        """Yield the findings as the page has them."""
        for group in self.groups:
            for item in self.asked(group):
                yield from self._findings[item.operation]


def _versions(changes: Changes, plan_titles: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    before, after = (plan_titles.get(plan, plan) for plan in (changes.plan_before, changes.plan_after))
    pairs = (
        ("Plan estimate", before, after),
        ("Server version", changes.server_before, changes.server_after),
        ("Catalog", changes.catalog_before, changes.catalog_after),
    )
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _groups(report: Report, findings: Mapping[str, Sequence[ReportFinding]]) -> Iterator[Group]:
    by_group: dict[str, list[ReportCapability]] = defaultdict(list)
    for capability in report.capabilities:
        by_group[capability.group].append(capability)
    for name, members in by_group.items():
        capabilities = tuple(members)
        ordered = sorted(capabilities, key=lambda item: (_ORDER[item.verdict], item.inferred))
        yield Group(
            id=name,
            title=capabilities[0].group_title,
            tallies=tallies(capabilities),
            strip=strip_of(ordered),
            why=_why(capabilities),
            reasons=tuple(_reasons(ordered, findings)),
            capabilities=capabilities,
        )


def _why(capabilities: tuple[ReportCapability, ...]) -> str:
    """Return the commonest cause of what is not allowed, or of all where nothing is."""
    refused = [item for item in capabilities if item.verdict is not Verdict.ALLOWED]
    causes = Counter(item.cause for item in refused)
    if not causes:
        return CAUSES[Cause.OK].label
    (cause, number), *others = causes.most_common(2)
    return f"{CAUSES[cause].label} ({number} of {len(capabilities)})" if others else CAUSES[cause].label


def _reasons(
    capabilities: list[ReportCapability], findings: Mapping[str, Sequence[ReportFinding]]
) -> Iterator[Reason]:
    alike: dict[tuple[str, object], list[ReportCapability]] = defaultdict(list)
    for item in capabilities:
        text = own_reason(item, findings.get(item.operation, ()))
        alike[text, (item.verdict, item.cause, item.confidence, item.inferred)].append(item)
    for (text, _), members in alike.items():
        yield Reason(members[0], text, tuple(members))


def _skipped(skipped: tuple[Skipped, ...]) -> Iterator[SkippedGroup]:
    """Group what was not asked by the first part of its reason, the commonest first."""
    by_reason: dict[str, list[Skipped]] = defaultdict(list)
    for item in skipped:
        by_reason[item.reason.partition(": ")[0]].append(item)
    for reason, items in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        pairs = [(item.operation, item.reason.partition(": ")[2]) for item in items]
        yield SkippedGroup(
            reason=reason,
            probes=len(items),
            operations=tuple(dict.fromkeys(item.operation for item in items)),
            tokens=tuple(dict.fromkeys(item.token for item in items)),
            details=tuple(dict.fromkeys(pair for pair in pairs if pair[1])),
        )


def _controls(controls: tuple[ReportControl, ...]) -> Iterator[ControlGroup]:
    alike: dict[object, list[ReportControl]] = defaultdict(list)
    for item in controls:
        alike[item.role, item.kind, item.status, item.cause, item.rule, item.wall, item.reason].append(item)
    for members in alike.values():
        yield ControlGroup(members[0], tuple(members))
