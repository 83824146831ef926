"""One whole scan: gather, ask again what looks lost, judge, compare, check what was expected, record.

Comes in: a Prepared scan and, where there is one, an open history. Goes out: an Outcome. What `scan`,
`watch` and `fleet` share. Prints nothing and writes no file: those that call it do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from probe.errors import ExitCode, HistoryError, ProbeError
from probe.evidence import Run
from probe.expectations import check
from probe.failing import exit_code
from probe.gathering import Step
from probe.history.diff import compare, suspects
from probe.history.model import StoredRun
from probe.history.recording import require_no_secret
from probe.history.resolve import baseline_state
from probe.history.state import KnownState, plan_of
from probe.judge.model import Verdict
from probe.masking import Mask
from probe.pipeline import AskAgain, gather, judge
from probe.report.changes import ExpectationVerdict, HistoryPoint
from probe.report.model import Report
from probe.scan.request import Progress
from probe.settings import Prepared

if TYPE_CHECKING:
    from probe.history.store import History

_MOST_POINTS = 60  # earlier runs in the report's chart


class Outcome(Struct, frozen=True, kw_only=True):
    """How a round ended.

    `report` holds the changes and expectations. `exit_code` is what `--fail-on` makes of it (see
    probe.failing). `stored` is the run in the history, or None where there is none or it could not
    be written: then `trouble` says why, and the report is there all the same. `notes` are sentences to
    show on stderr, such as that there is no baseline yet.
    """

    report: Report
    exit_code: ExitCode
    stored: StoredRun | None = None
    trouble: str = ""
    notes: tuple[str, ...] = ()


async def run_round(
    prepared: Prepared,
    *,
    history: History | None = None,
    stop: asyncio.Event,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    on_step: Callable[[Step], None] = lambda _step: None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    record: bool = True,
    key: str = "",
) -> Outcome:
    """Scan once, compare, and record in `history` where one is given; `stop` ends it early.

    Without `record` the caller records, after the files.

    What is compared with, how often a loss is asked again and what decides the exit code stand in
    `prepared`. `on_step` is what a journal writes (see probe.pipeline.gather). `key` goes to the
    history. `pause` waits before a loss is asked again. Raises ConfigError or InputError before
    anything is sent; nothing after that.
    """
    said = prepared.comparing.baseline
    before, points, failed = known(history, prepared)
    again = _again(prepared, before, pause)
    run = await gather(prepared.request, prepared.mask, stop, on_progress, on_step, again=again)
    report = finished(prepared, judge(run, prepared.request.catalog), before, points)
    stored, trouble = _record(history if record else None, report, prepared.mask, key)
    return Outcome(
        report=report,
        exit_code=exit_code(report, prepared.comparing.fail_on),
        stored=stored,
        trouble=trouble,
        notes=failed or ((_nothing_compared(prepared, history),) if said and before is None else ()),
    )


def known(
    history: History | None, prepared: Prepared
) -> tuple[KnownState | None, tuple[HistoryPoint, ...], tuple[str, ...]]:
    """Return what is compared with, the runs of the chart, and what went wrong; a scan goes on without.

    Raises InputError for a run that is named and not there.
    """
    try:
        before = baseline_state(
            prepared.comparing.baseline,
            history,
            prepared.request.origin,
            vendor=prepared.request.catalog.vendor.id,
            same_organization=prepared.comparing.same_organization,
        )
        return before, points_in(history, prepared), ()
    except HistoryError as error:
        return None, (), (f"{error.message} Nothing was compared.",)


NO_BASELINE = "There is no baseline yet, so nothing was compared; the next scan can be."
NO_HISTORY = "Nothing was compared: the baseline is looked up in the history, which is off for this scan."


def _nothing_compared(prepared: Prepared, history: History | None) -> str:
    """Say why; a history that nothing was recorded in yet is not open, but there will be one."""
    return NO_HISTORY if prepared.history is None and history is None else NO_BASELINE


def finished(
    prepared: Prepared, report: Report, before: KnownState | None, points: tuple[HistoryPoint, ...] = ()
) -> Report:
    """Return a judged report with its changes and what became of the expectations. Pure."""
    changes = None
    if before is not None:
        history = (*points, _point(report)) if points else ()
        changes = compare(before, report, least_asked=prepared.comparing.confirm, history=history)
    return replace(report, changes=changes, expectations=check(prepared.comparing.expect, report))


def _again(
    prepared: Prepared, before: KnownState | None, pause: Callable[[float], Awaitable[None]]
) -> AskAgain:
    async def doubtful(run: Run) -> tuple[tuple[str, str], ...]:
        if before is None and not prepared.comparing.expect.allow:
            return ()  # judged once is enough where nothing can look lost
        try:
            report = judge(run, prepared.request.catalog)
        except Exception:  # noqa: BLE001 - a bug of ours shows when all is gathered, and loses nothing
            return ()
        return doubted(prepared, report, before)

    comparing = prepared.comparing
    return AskAgain(
        doubtful=doubtful, times=comparing.confirm, after_s=comparing.confirm_after_s, pause=pause
    )


def doubted(prepared: Prepared, report: Report, before: KnownState | None) -> tuple[tuple[str, str], ...]:
    """Return the operations with their tokens that look lost or blocked against what is expected. Pure."""
    lost = suspects(before, report) if before is not None else ()
    return tuple(dict.fromkeys((*lost, *_unexpected(prepared, report))))


def _unexpected(prepared: Prepared, report: Report) -> list[tuple[str, str]]:
    """Return the reads that are to be allowed and look blocked: they are asked again like a loss."""
    failed = {
        name
        for item in check(prepared.comparing.expect, report)
        if item.key == "allow" and item.verdict is ExpectationVerdict.FAILED
        for name in item.operations
    }
    asked = {(item.operation, item.token) for item in report.findings if item.method == "GET"}
    return [
        (item.operation, token)
        for item in report.capabilities
        if item.operation in failed and item.verdict is Verdict.BLOCKED
        for token in item.tokens
        if (item.operation, token) in asked
    ]


def points_in(history: History | None, prepared: Prepared) -> tuple[HistoryPoint, ...]:
    """Return the last runs of the organization for the report's chart, the oldest first."""
    if history is None:
        return ()
    runs = history.runs(base_url=prepared.request.origin, limit=_MOST_POINTS)
    return tuple(
        HistoryPoint(
            run=run.id,
            started_at=run.started_at,
            measured=run.measured,
            allowed=run.allowed,
            blocked=run.blocked,
            unknown=run.unknown,
            plan=run.plan,
            complete=run.complete,
        )
        for run in reversed(runs)
    )


def _point(report: Report) -> HistoryPoint:
    verdicts = report.summary.verdicts
    return HistoryPoint(
        run="",
        started_at=report.started_at,
        measured=report.measured,
        allowed=verdicts[Verdict.ALLOWED],
        blocked=verdicts[Verdict.BLOCKED],
        unknown=verdicts[Verdict.UNKNOWN],
        plan=plan_of(report),
        complete=report.complete,
    )


def _record(history: History | None, report: Report, mask: Mask, key: str) -> tuple[StoredRun | None, str]:
    """Record the run; a history that fails loses no report."""
    if history is None:
        return None, ""
    try:
        require_no_secret(report, mask)
        return history.record(report, key=key), ""
    except ProbeError as error:
        return None, f"{error.message} {error.hint}".strip()
