"""What is worth a message after a scan: compared with what was told before.

Comes in: a Report with its changes, the State so far, Rules. Goes out: the next State and the Message,
if there is one. Pure: no clock, no network.
"""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from probe.judge.model import Confidence, Verdict
from probe.notify.model import Event, Message, Rules, State
from probe.notify.words import body_of, title_of
from probe.report.model import Report


def notice(report: Report, state: State, rules: Rules, place: str = "") -> tuple[State, Message | None]:
    """Return what to remember and what to say.

    `place` is the report's path or link. A scan that was cut short says nothing and changes nothing.
    A loss is told once, however long it lasts; it is over when the operation is allowed again. What
    could not be seen on the night of a recovery is taken to be a part of it.
    """
    if not report.complete:
        return state, None
    if not report.measured:
        return _without_conclusion(report, state, rules, place)
    verdicts = {item.operation: item.verdict for item in report.capabilities}
    shut = {name for name in state.returning if verdicts.get(name) is Verdict.BLOCKED}
    known = {*state.lost, *shut}
    unseen = {name for name in {*known, *state.returning} if verdicts.get(name) is Verdict.UNKNOWN}
    new = tuple(name for name in _lost_in(report) if name not in known)
    back = tuple(sorted(known & _allowed_in(report)))
    again = state.told_unmeasured
    returning = unseen if back else unseen & set(state.returning)
    still = {*known, *new} - {*back, *returning}
    events = _wanted(rules, lost=bool(new), recovered=bool(back) or again)
    after = replace(
        state,
        lost=tuple(sorted(still)),
        returning=tuple(sorted(returning)),
        unmeasured=0,
        told_unmeasured=False,
    )
    if not events:
        return after, None
    return after, _message(report, events, new, back, place, measured_again=again)


def _without_conclusion(
    report: Report, state: State, rules: Rules, place: str
) -> tuple[State, Message | None]:
    count = state.unmeasured + 1
    wanted = Event.NOT_MEASURED in rules.on
    if state.told_unmeasured or count < rules.not_measured_after or not wanted:
        return replace(state, unmeasured=count), None
    after = replace(state, unmeasured=count, told_unmeasured=True)
    return after, _message(report, (Event.NOT_MEASURED,), (), (), place, in_a_row=count)


def _allowed_in(report: Report) -> set[str]:
    """Return what is allowed; a weak answer alone is no recovery, but may be a part of a gain."""
    gained = {change.operation for change in report.changes.gained} if report.changes else set()
    return gained | {
        item.operation
        for item in report.capabilities
        if item.verdict is Verdict.ALLOWED and item.confidence is not Confidence.WEAK
    }


def _lost_in(report: Report) -> list[str]:
    """Return what was lost: capabilities, and what a token alone could do."""
    changes = report.changes
    if changes is None or not changes.comparable:
        return []
    named = {change.operation for change in changes.lost}
    return sorted(named | {name for token in changes.tokens for name in token.operations})


def _wanted(rules: Rules, *, lost: bool, recovered: bool) -> tuple[Event, ...]:
    events = ((Event.LOST, lost), (Event.RECOVERED, recovered))
    return tuple(event for event, happened in events if happened and event in rules.on)


def _message(
    report: Report,
    events: tuple[Event, ...],
    lost: tuple[str, ...],
    back: tuple[str, ...],
    place: str,
    *,
    in_a_row: int = 0,
    measured_again: bool = False,
) -> Message:
    said = [report.target.base_url, report.started_at, *events, *lost, *back]
    return Message(
        key=hashlib.sha256("\n".join(said).encode()).hexdigest()[:32],
        events=events,
        title=title_of(report, events, lost, back, in_a_row=in_a_row),
        body=body_of(report, lost, back, place, measured_again=measured_again),
        base_url=report.target.base_url,
        started_at=report.started_at,
        operations_lost=lost,
        operations_recovered=back,
        report=place,
    )
