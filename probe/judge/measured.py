"""Whether a run's controls let it speak about the plan; why not, and what to do, when not.

Comes in: the judged controls, and the findings as far as there are any. Goes out: Measured. A run
that is not measured makes no statement about the plan and is never a regression. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from probe.evidence import ControlRole
from probe.judge.advice import advice_for
from probe.judge.closing import change_between
from probe.judge.context import JSON_KINDS, Context
from probe.judge.model import Cause, Finding, Kind, Measured

_BETWEEN = frozenset(
    {Cause.EDGE, Cause.LOGIN, Cause.PROXY, Cause.GATEWAY, Cause.MAINTENANCE, Cause.RATE_LIMIT, Cause.SERVER}
)
# What only the API itself says, in JSON.
_API_CAUSES = frozenset(
    {
        Cause.OK,
        Cause.TOKEN,
        Cause.SCOPE,
        Cause.PLAN,
        Cause.VALIDATION,
        Cause.MISSING_RESOURCE,
        Cause.METHOD,
        Cause.VERSION,
    }
)
_WORDS = {
    Cause.EDGE: "a firewall or content network",
    Cause.LOGIN: "a sign-in gateway",
    Cause.PROXY: "a proxy or filter of this network",
    Cause.GATEWAY: "a gateway's failure",
    Cause.SERVER: "a server failure",
    Cause.MAINTENANCE: "a maintenance page",
    Cause.RATE_LIMIT: "a rate limit",
}
# The controls that show whether the API itself answers; the site's root may be anything.
_TELLING = (
    ControlRole.REAL_TOKEN,
    ControlRole.NO_SUCH_ROUTE,
    ControlRole.API_DOCUMENT,
    ControlRole.ANONYMOUS,
    ControlRole.GARBAGE_TOKEN,
)


def judge_controls(
    controls: tuple[Finding, ...], findings: tuple[Finding, ...], context: Context, *, complete: bool = True
) -> Measured:
    """Return whether the run speaks about the plan; `complete` is false where it was cut off."""
    by_role: dict[ControlRole, list[Finding]] = {}
    for control in controls:
        if control.exchange.role is not None:
            by_role.setdefault(control.exchange.role, []).append(control)
    real = by_role.get(ControlRole.REAL_TOKEN, [])
    telling = [control for role in _TELLING for control in by_role.get(role, [])]
    cut_off = None if complete or findings else _cut_off(real)
    if not telling:
        return cut_off or Measured(
            measured=True, reason="there are no controls, so pages are judged by what they say alone"
        )
    return (
        _unreachable(telling)
        or (None if real else cut_off)
        or _blocked(real, telling, findings)
        or _blocked_routes(by_role.get(ControlRole.NO_SUCH_ROUTE, []), real)
        or _all_refused(real, findings)
        or _elsewhere(telling, findings)
        or _no_api(telling, findings, context)
        or _ended(real, by_role.get(ControlRole.CLOSING, []))
        or cut_off
        or Measured(measured=True, reason=_good_reason(by_role, context))
    )


def _not_measured(
    cause: Cause, reason: str, advice: str = "", *, because_of: Finding | None = None
) -> Measured:
    said = advice or advice_for(cause, because_of.exchange.outcome if because_of else None)
    return Measured(measured=False, cause=cause, reason=reason, advice=said)


def _unreachable(telling: list[Finding]) -> Measured | None:
    if any(control.kind is not Kind.NO_RESPONSE for control in telling):
        return None
    cause, reason = telling[0].diagnosis.cause, telling[0].diagnosis.reason
    return _not_measured(cause, f"no control got an answer: {reason}", because_of=telling[0])


def _cut_off(real: list[Finding]) -> Measured:
    """Refuse where the scan ended before its first operation: a few controls say nothing of a plan."""
    how_far = "before the first operation was answered" if real else "while its controls were asked"
    return _not_measured(Cause.UNKNOWN, f"the scan was cut off {how_far}", "Scan again.")


def _common(findings: Iterable[Finding], causes: Iterable[Cause]) -> tuple[Cause, Finding] | None:
    """Return the cause, of those given, that most of the findings have, with the first that has it."""
    wanted = frozenset(causes)
    found = list(findings)
    counted = Counter(item.diagnosis.cause for item in found if item.diagnosis.cause in wanted)
    if not found or sum(counted.values()) * 2 <= len(found):
        return None
    cause = min(counted, key=lambda item: (-counted[item], item))
    return cause, next(item for item in found if item.diagnosis.cause is cause)


def _blocked(real: list[Finding], telling: list[Finding], findings: tuple[Finding, ...]) -> Measured | None:
    """Refuse where most calibration reads met something between us and the API.

    A route that fails by itself says nothing of the rest, as long as the API answers elsewhere.
    """
    met = _common(real, _BETWEEN)
    if met is None or any(_is_the_api(item) for item in (*telling, *findings)):
        return None
    cause, example = met
    return _not_measured(
        cause,
        f"{_WORDS[cause]} answered the calibration read with each token: {_why(cause, example)}",
        because_of=example,
    )


def _why(cause: Cause, example: Finding) -> str:
    """Return the reason of one answer, without the words that say again who answered."""
    return example.diagnosis.reason.removesuffix(f": {_WORDS[cause]} answered, not the API")


def _is_the_api(finding: Finding) -> bool:
    """Return whether the API itself spoke: JSON that nothing in front of it would send."""
    return finding.kind in JSON_KINDS and finding.diagnosis.cause in _API_CAUSES


def _blocked_routes(routes: list[Finding], real: list[Finding]) -> Measured | None:
    """Refuse where routes that cannot exist met it, for then pages cannot be compared.

    An application's own sign-in page for unknown routes is no such thing, as long as the API answers.
    """
    met = _common(routes, _BETWEEN)
    if met is None:
        return None
    cause, example = met
    if cause is Cause.LOGIN and any(item.kind in JSON_KINDS for item in real):
        return None
    return _not_measured(
        cause,
        f"{_WORDS[cause]} answered the routes that cannot exist: {_why(cause, example)}",
        because_of=example,
    )


def _all_refused(real: list[Finding], findings: tuple[Finding, ...]) -> Measured | None:
    """Refuse where each token is refused; a calibration read that failed by itself hides that of no other."""
    answered = [item for item in real if item.diagnosis.cause not in _BETWEEN | {Cause.NETWORK}]
    if not answered or any(item.diagnosis.cause is not Cause.TOKEN for item in answered):
        return None
    if len(answered) < len(real) and not findings:
        return None  # nothing was asked yet: the other token may be good
    if any(_is_the_api(item) and item.diagnosis.cause is not Cause.TOKEN for item in findings):
        return None
    which = "the token was" if len(real) == 1 else f"all {len(real)} tokens were"
    return _not_measured(Cause.TOKEN, f"{which} refused: {answered[0].diagnosis.reason}")


def _elsewhere(telling: list[Finding], findings: tuple[Finding, ...]) -> Measured | None:
    """Refuse where nothing but redirects came back: the API is at another address."""
    met = _common(telling, {Cause.REDIRECT})
    if met is None or any(item.kind in JSON_KINDS for item in (*telling, *findings)):
        return None
    return _not_measured(Cause.REDIRECT, f"the controls are redirected: {met[1].diagnosis.reason}")


def _ended(real: list[Finding], closing: list[Finding]) -> Measured | None:
    """Refuse where the API went away in silence during the run: nobody can say what came after."""
    change = change_between(real, closing)
    if not change:
        return None
    reason = (
        f"the calibration read changed during the run: {change}; what was asked between cannot be trusted"
    )
    return _not_measured(
        Cause.UNKNOWN, reason, "Ask again; the server or the token changed while it was asked."
    )


def _no_api(telling: list[Finding], findings: tuple[Finding, ...], context: Context) -> Measured | None:
    """Refuse where no JSON came back from anywhere: the base URL is the likelier explanation than a plan."""
    if any(item.kind in JSON_KINDS for item in (*telling, *findings)):
        return None
    walls = {item.wall for item in telling if item.wall}
    pages = "the same page" if len(walls) == 1 else "web pages"
    if not walls:
        return _not_measured(Cause.UNKNOWN, f"no control answered JSON: {telling[0].diagnosis.reason}")
    root = context.by_role(ControlRole.ROOT)
    like_root = any(context.is_same(root[0], item.exchange) for item in telling) if root else False
    note = ", the one that the site's root shows" if like_root else ""
    reason = (
        f"everything answered {pages}{note}: the API's document, routes that cannot exist and "
        "documented ones alike; "
        "this is the wrong base URL, or the organization has no API at all"
    )
    return _not_measured(Cause.ROUTE, reason)


def _good_reason(by_role: dict[ControlRole, list[Finding]], context: Context) -> str:
    real = by_role.get(ControlRole.REAL_TOKEN, [])
    accepted = sum(item.kind is Kind.JSON_SUCCESS for item in real)
    if context.token_ignored:
        return (
            f"the API answers, but {context.token_ignored} gets a success too: the calibration read "
            "ignores the token"
        )
    if accepted:
        which = "the token" if len(real) == 1 else f"{accepted} of {len(real)} tokens"
        return f"the calibration read gave {which} a success, and nothing stands between us and the API"
    return "the API answers, and nothing stands between us and it"
