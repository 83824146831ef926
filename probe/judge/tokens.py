"""What the server makes of each token, and how its declared scopes fit what it could do.

Comes in: a run, its diagnosed findings and controls, the catalog. Goes out: one TokenVerdict for each
token, in the run's order. Pure; sees names of tokens and never a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from probe.catalog.model import Catalog, Operation
from probe.evidence import ControlRole, Run, TokenInfo
from probe.judge.again import got_through
from probe.judge.granted import granted_scopes, granted_words, not_granted
from probe.judge.lookup import holds, is_success, named
from probe.judge.model import Cause, Diagnosed, Finding, Kind, TokenStatus, TokenVerdict

_ANSWERED = frozenset({Kind.JSON_SUCCESS, Kind.JSON_ERROR})
# An answer that only a known token gets. The weaker ones count where nothing was refused: a server
# may look at the path, the body or the plan before it looks at the token.
_STRONG = frozenset({Cause.OK, Cause.SCOPE})
_WEAKER = frozenset({Cause.MISSING_RESOURCE, Cause.VALIDATION, Cause.PLAN})


def judge_tokens(run: Run, diagnosed: Diagnosed, catalog: Catalog) -> tuple[TokenVerdict, ...]:
    """Return a verdict for each configured token."""
    blind = _blind_causes(diagnosed.controls)
    return tuple(_verdict(token, _own(token.name, diagnosed), blind, catalog) for token in run.tokens)


def _blind_causes(controls: Iterable[Finding]) -> frozenset[Cause]:
    """Return the causes that a token met which no server knows, or none at all: they show nothing."""
    roles = {ControlRole.GARBAGE_TOKEN, ControlRole.ANONYMOUS}
    return frozenset(
        control.diagnosis.cause
        for control in controls
        if control.exchange.role in roles and control.kind in _ANSWERED
    )


def _own(name: str, diagnosed: Diagnosed) -> tuple[Finding, ...]:
    real = [item for item in diagnosed.controls if item.exchange.role is ControlRole.REAL_TOKEN]
    again = got_through(diagnosed.controls)
    return tuple(item for item in (*real, *diagnosed.findings, *again) if item.exchange.token == name)


def _verdict(
    token: TokenInfo, own: Sequence[Finding], blind: frozenset[Cause], catalog: Catalog
) -> TokenVerdict:
    gated = [(catalog.by_id[item.exchange.operation], item) for item in own if _is_gated(item, catalog)]
    status, reason = _status(gated, blind)
    asked = [(operation, item) for operation, item in gated if item.exchange.role is None]
    shown = () if status is not TokenStatus.ACCEPTED else _shown(token, asked)
    granted = granted_scopes(own)
    missing = _missing(token, asked, shown)
    missing += tuple(name for name in not_granted(token, granted) if name not in {*missing, *shown})
    undeclared = tuple(
        scope
        for scope in sorted({*shown, *(granted.scopes if granted else ())})
        if token.declared_scopes and not holds(token.declared_scopes, scope)
    )
    return TokenVerdict(
        name=token.name,
        declared_scopes=token.declared_scopes,
        status=status,
        reason=reason + _scope_notes(missing, undeclared),
        scopes_shown=shown,
        scopes_missing=missing,
        scopes_undeclared=undeclared,
        scopes_unused=_unused(token.declared_scopes or (granted.scopes if granted else ()), asked),
        scopes_granted=granted.scopes if granted else (),
        granted_note=granted_words(token, granted),
    )


def _is_gated(finding: Finding, catalog: Catalog) -> bool:
    """Return whether the operation is one that answers to a token only, as far as is documented."""
    operation = catalog.by_id.get(finding.exchange.operation)
    return operation is not None and bool(operation.scopes or operation.plan)


def _status(gated: Sequence[tuple[Operation, Finding]], blind: frozenset[Cause]) -> tuple[TokenStatus, str]:
    passed = _ids(operation for operation, item in gated if is_success(item))
    if passed and Cause.OK in blind:
        return (
            TokenStatus.IGNORED,
            "a token that the server cannot know, or none, gets a success too: success proves nothing",
        )
    refused = _ids(operation for operation, item in gated if item.diagnosis.cause is Cause.TOKEN)
    if passed:
        doubt = f"; yet {named(refused)} refused the token itself" if refused else ""
        return TokenStatus.ACCEPTED, f"{named(passed)} answered with success{doubt}"
    telling = _STRONG if refused else _STRONG | _WEAKER
    known = [(operation, item) for operation, item in gated if _tells(item, telling - blind)]
    if known:
        operation, item = known[0]
        return TokenStatus.ACCEPTED, f"{operation.id} knew the token: {item.diagnosis.reason}"
    if refused:
        return TokenStatus.REFUSED, f"{named(refused)} refused the token itself, and nothing accepted it"
    return TokenStatus.UNKNOWN, "no answer shows whether the server knows this token"


def _tells(finding: Finding, causes: frozenset[Cause]) -> bool:
    return finding.kind is Kind.JSON_ERROR and finding.diagnosis.cause in causes


def _ids(operations: Iterable[Operation]) -> list[str]:
    return list(dict.fromkeys(operation.id for operation in operations))


def _shown(token: TokenInfo, asked: Sequence[tuple[Operation, Finding]]) -> tuple[str, ...]:
    """Return the scopes that successes show; of alternatives the declared ones, else none for sure."""
    found: dict[str, None] = {}
    for operation, item in asked:
        if not is_success(item):
            continue
        declared = [scope for scope in operation.scopes if holds(token.declared_scopes, scope)]
        found |= dict.fromkeys(declared or (operation.scopes if len(operation.scopes) == 1 else ()))
    return tuple(sorted(found))


def _missing(
    token: TokenInfo, asked: Sequence[tuple[Operation, Finding]], shown: Sequence[str]
) -> tuple[str, ...]:
    """Return declared scopes that the server says are missing and that no success shows."""
    refused = {
        scope
        for operation, item in asked
        if item.diagnosis.cause is Cause.SCOPE
        for scope in token.declared_scopes
        if any(holds((scope,), needed) for needed in operation.scopes)
    }
    return tuple(
        scope
        for scope in token.declared_scopes
        if scope in refused and not any(holds((scope,), item) for item in shown)
    )


def _unused(scopes: Sequence[str], asked: Sequence[tuple[Operation, Finding]]) -> tuple[str, ...]:
    """Return those of the scopes that nothing asked needs (a write scope serves a read without its own)."""
    needed = {scope for operation, _ in asked for scope in operation.scopes}
    open_needs = needed - set(scopes)
    return tuple(
        scope
        for scope in scopes
        if scope not in needed and not any(holds((scope,), item) for item in open_needs)
    )


def _scope_notes(missing: Sequence[str], undeclared: Sequence[str]) -> str:
    notes = ""
    if missing:
        notes += f"; declared, but the server says it is missing: {', '.join(missing)}"
    if undeclared:
        notes += (
            f"; broader than declared: {', '.join(undeclared)} (the list is incomplete, or the "
            "token is a risk if it leaks)"
        )
    return notes
