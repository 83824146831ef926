"""The first line of every message about a comparison: what was lost, since when, why.

Comes in: Changes without a headline, and the report. Goes out: one sentence without a full stop. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from probe.judge.model import Cause, TokenStatus
from probe.report.changes import CapabilityChange, Changes, TokenChange
from probe.report.display import count, day
from probe.report.model import Report

_MOST_PATTERNS = 4
_MOST_NAMES = 3
CAUSE_WORDS = {
    Cause.PLAN: "plan wall",
    Cause.ROUTE: "route not there",
    Cause.VERSION: "server version",
    Cause.SCOPE: "missing scope",
    Cause.TOKEN: "token refused",
}


def headline(changes: Changes, after: Report) -> str:
    """Return the first line."""
    taken = [token for token in changes.tokens if token.operations]
    if not changes.comparable:
        said = "; ".join(token.reason for token in changes.tokens)
        return f"not compared: {said or changes.reason}"
    if changes.lost:
        return _lost(changes, after, taken)
    if taken:
        return f"lost: {'; '.join(_of_token(token) for token in taken)}{_server(changes)}"
    since = f"since {day(changes.baseline.started_at)}"
    if changes.gained:
        operations = [change.operation for change in changes.gained]
        return f"nothing lost {since}; gained: {_number(operations)}{_server(changes)}"
    return f"nothing lost {since}{_server(changes)}"


def patterns(operations: Sequence[str]) -> str:
    """Return operations in few words, those of one group as `group.*`: the largest groups first.

    >>> patterns(["groups.list", "users.list", "users.get"])
    'users.*, groups.list'
    """
    groups: dict[str, list[str]] = {}
    for name in operations:
        groups.setdefault(name.partition(".")[0], []).append(name)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    whole = [f"{group}.*" if len(names) > 1 else names[0] for group, names in ordered]
    more = len(whole) - _MOST_PATTERNS
    shown = ", ".join(whole[:_MOST_PATTERNS])
    return f"{shown} and {more} more" if more > 0 else shown


def amount(operations: Sequence[str]) -> str:
    """Return how many operations these are.

    >>> amount([]), amount(["users.list"])
    ('no operation', '1 operation')
    """
    return count(len(operations), "operation") if operations else "no operation"


def _number(operations: Sequence[str]) -> str:
    return f"{amount(operations)} ({patterns(operations)})"


def _lost(changes: Changes, after: Report, taken: Sequence[TokenChange]) -> str:
    operations = [change.operation for change in changes.lost]
    since = day(changes.lost_since or changes.baseline.started_at)
    said = f"lost: {_number(operations)} since {since}, cause: {_causes(changes.lost)}"
    fine = [token.name for token in after.tokens if token.status is TokenStatus.ACCEPTED]
    if fine:
        names = ", ".join(f'"{name}"' for name in fine[:_MOST_NAMES])
        more = f" and {len(fine) - _MOST_NAMES} more" if len(fine) > _MOST_NAMES else ""
        said += f"; token{'s' * (len(fine) > 1)} {names}{more} still valid"
    return said + "".join(f"; {_of_token(token)}" for token in taken) + _server(changes)


def _causes(lost: Iterable[CapabilityChange]) -> str:
    found = Counter(change.cause_after for change in lost)
    return ", ".join(CAUSE_WORDS.get(cause, cause.value) for cause, _ in found.most_common())


def _of_token(token: TokenChange) -> str:
    return f"{token.reason}, and only it could ask {_number(token.operations)}"


def _server(changes: Changes) -> str:
    before, after = changes.server_before, changes.server_after
    return f"; server {before} before, {after} now" if before and after and before != after else ""
