"""Every write that went out: none without `--guarded-writes`.

Comes in: findings and controls. Goes out: one record for each write that was sent, in the order of the
catalog, the controls first. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from probe.evidence import Failure, FailureReason
from probe.report.model import Report, ReportControl, ReportFinding, WriteSent

_READS = frozenset({"GET", "HEAD"})
_SUCCESS = range(200, 300)


class Write(NamedTuple):
    """One write as its reader sees it: the request, and to whom which status came back."""

    method: str
    path: str
    operation: str
    statuses: str


def writes_of(findings: Iterable[ReportFinding], controls: Iterable[ReportControl]) -> tuple[WriteSent, ...]:
    """Return a record for each write that was sent; one that a lock kept back is none."""
    entries: tuple[ReportControl | ReportFinding, ...] = (*controls, *findings)
    return tuple(
        WriteSent(
            operation=item.operation,
            method=item.evidence.request.method,
            path=item.evidence.request.path,
            token=item.token,
            status=item.status,
        )
        for item in entries
        if item.evidence.request.method not in _READS and went_out(item)
    )


def writes_in(report: Report) -> tuple[WriteSent, ...]:
    """Return the writes that a report's run sent, from its evidence."""
    return writes_of(report.findings, report.controls)


def not_refused(writes: Iterable[WriteSent]) -> tuple[WriteSent, ...]:
    """Return the writes that were answered with success, although the server should have refused them."""
    return tuple(item for item in writes if item.status in _SUCCESS)


def by_request(writes: Iterable[WriteSent]) -> tuple[Write, ...]:
    """Return each request once, with `status: tokens` for all that sent it."""
    alike: dict[tuple[str, str, str], list[WriteSent]] = defaultdict(list)
    for item in writes:
        alike[item.method, item.path, item.operation].append(item)
    return tuple(Write(*request, statuses=_statuses(items)) for request, items in alike.items())


def by_answer(writes: Iterable[WriteSent]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return `METHOD, token, status` with the operations that it stands for."""
    alike: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for item in writes:
        alike[item.method, item.token, status_words(item)].append(item.operation or item.path)
    return tuple((", ".join(what), tuple(names)) for what, names in alike.items())


def status_words(write: WriteSent) -> str:
    """Return the status that came back, in words where none did."""
    return "no answer" if write.status is None else str(write.status)


def _statuses(items: list[WriteSent]) -> str:
    tokens: dict[str, list[str]] = defaultdict(list)
    for item in items:
        tokens[status_words(item)].append(item.token)
    return "; ".join(f"{status}: {', '.join(names)}" for status, names in tokens.items())


def went_out(item: ReportFinding | ReportControl) -> bool:
    """Return whether a request was sent, and not kept back by the client's lock."""
    outcome = item.evidence.attempts[-1].outcome
    return not (isinstance(outcome, Failure) and outcome.reason is FailureReason.LOCKED)
