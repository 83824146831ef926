"""Tokens that fare differently, and the losses that a token alone explains.

Comes in: a KnownState, a Report, what looks lost. Goes out: TokenChanges: an expired token is one
line, not sixty lost operations. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from probe.history.state import KnownState
from probe.judge.model import Cause, TokenStatus, Verdict
from probe.report.changes import CapabilityChange, TokenChange
from probe.report.model import Report, ReportToken

_TOLD = frozenset({TokenStatus.ACCEPTED, TokenStatus.REFUSED, TokenStatus.IGNORED})


def token_changes(
    before: KnownState, after: Report, lost: Sequence[CapabilityChange]
) -> tuple[TokenChange, ...]:
    """Return the tokens that changed, by the order of the report, then those that are gone."""
    view = _View(before, after, lost)
    found = [_change(view, token) for token in after.tokens]
    found += [_gone(view, token) for token in before.tokens if token.name not in view.now]
    return tuple(change for change in found if change is not None)


class _View:
    """Both sides, by name."""

    def __init__(self, before: KnownState, after: Report, lost: Sequence[CapabilityChange]) -> None:
        self.before, self.after = before, after
        self.lost = {change.operation: change for change in lost}
        self.then = {token.name: token for token in before.tokens}
        self.now = {token.name: token for token in after.tokens}
        self.scopes = {item.operation: item.scope for item in after.capabilities}
        self.causes = {(item.operation, item.token): item.cause for item in after.findings}
        self.unusable = {
            name
            for name, token in self.then.items()
            if token.status is not TokenStatus.REFUSED
            and (name not in self.now or self.now[name].status is TokenStatus.REFUSED)
        }

    def met(self, token: str, cause: Cause) -> set[str]:
        """Return the operations that answered this token with a cause."""
        return {name for (name, who), why in self.causes.items() if who == token and why is cause}

    def only_by(self, operation: str, tokens: set[str]) -> bool:
        """Return whether, as far as is known, none but these tokens got through before."""
        return self.before.passed.get(operation, frozenset()) <= tokens


def _change(view: _View, now: ReportToken) -> TokenChange | None:
    then = view.then.get(now.name)
    if then is None:
        return None
    if now.status is TokenStatus.REFUSED and then.status is not TokenStatus.REFUSED:
        operations = _taken_by_refusal(view, now.name)
        return _told(then, now, f'token "{now.name}" is refused now', operations=operations)
    gone, operations = _scopes_gone(view, then, now)
    got = _scopes_got(view, then, now)
    status = {then.status, now.status} <= _TOLD and then.status is not now.status
    if not (gone or operations or got or status):
        return None
    return _told(then, now, _reason(then, now, gone, got), operations, gone, got)


def _told(
    then: ReportToken,
    now: ReportToken,
    reason: str,
    operations: Iterable[str] = (),
    gone: tuple[str, ...] = (),
    got: tuple[str, ...] = (),
) -> TokenChange:
    return TokenChange(
        name=now.name,
        before=then.status,
        after=now.status,
        scopes_lost=gone,
        scopes_gained=got,
        reason=reason,
        operations=tuple(sorted(operations)),
    )


def _taken_by_refusal(view: _View, name: str) -> set[str]:
    """Return what only this token could ask: known as allowed, and now nothing but its refusal."""
    refused = view.met(name, Cause.TOKEN)
    unknown = {
        item.operation
        for item in view.after.capabilities
        if item.verdict is Verdict.UNKNOWN and item.cause is Cause.TOKEN and item.operation in refused
        and (known := view.before.capabilities.get(item.operation)) and known.verdict is Verdict.ALLOWED
    }  # fmt: skip
    return unknown | {name for name in view.lost if name in refused and view.only_by(name, view.unusable)}


def _scopes_gone(view: _View, then: ReportToken, now: ReportToken) -> tuple[tuple[str, ...], set[str]]:
    """Return the scopes that the server says are missing now, and the operations lost by that."""
    told = view.met(now.name, Cause.SCOPE)
    had = {*then.scopes_shown, *then.declared_scopes}
    passed = {name for name in told if now.name in view.before.passed.get(name, frozenset())}
    lost = {
        name
        for name in told & set(view.lost)
        if name in passed or (name not in view.before.passed and had & set(view.scopes[name]))
    }
    scopes = {scope for name in passed | lost for scope in view.scopes[name]}
    scopes = scopes & had or scopes  # any one of an operation's would do, so each of them is missing
    follow = {
        name
        for name, change in view.lost.items()
        if change.inferred and change.cause_after is Cause.SCOPE and scopes & set(view.scopes[name])
    }
    by_scope = {name for name in lost if view.lost[name].cause_after is Cause.SCOPE}
    return tuple(sorted(scopes)), by_scope | (follow if scopes else set())


def _scopes_got(view: _View, then: ReportToken, now: ReportToken) -> tuple[str, ...]:
    """Return the scopes that work now and that were missing: not those that merely were not shown."""
    gained = {
        scope
        for item in view.after.capabilities
        if item.verdict is Verdict.ALLOWED and now.name in item.tokens
        and (known := view.before.capabilities.get(item.operation)) and known.cause is Cause.SCOPE
        and known.verdict is Verdict.BLOCKED
        for scope in item.scope
    }  # fmt: skip
    return tuple(sorted((gained | set(then.scopes_missing)) & set(now.scopes_shown)))


def _gone(view: _View, then: ReportToken) -> TokenChange | None:
    if then.status is TokenStatus.REFUSED:
        return None
    operations = {name for name, change in view.lost.items() if _went_with(view, then.name, change)}
    return TokenChange(
        name=then.name,
        before=then.status,
        after=TokenStatus.UNKNOWN,
        scopes_lost=(),
        scopes_gained=(),
        reason=f'token "{then.name}" is not configured any more',
        operations=tuple(sorted(operations)),
    )


def _went_with(view: _View, token: str, change: CapabilityChange) -> bool:
    """Return whether a loss is that of a token which is gone: none but such tokens got through before."""
    passed = view.before.passed.get(change.operation)
    if passed is None:
        return change.cause_after is Cause.SCOPE
    return token in passed and view.only_by(change.operation, view.unusable)


def _reason(then: ReportToken, now: ReportToken, gone: tuple[str, ...], got: tuple[str, ...]) -> str:
    said = []
    if gone:
        said.append(f"lost the scope{'s' * (len(gone) > 1)} {', '.join(gone)}")
    if got:
        said.append(f"got the scope{'s' * (len(got) > 1)} {', '.join(got)}")
    if then.status is TokenStatus.REFUSED and now.status is TokenStatus.ACCEPTED:
        said.append("is accepted again")
    elif then.status is not now.status and {then.status, now.status} <= _TOLD:
        said.append(f"is {now.status.value} now, {then.status.value} before")
    return f'token "{now.name}" {" and ".join(said) or "lacks a scope now"}'
