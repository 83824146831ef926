"""The rulings on an operation that was asked: an ordered list, of which the first that answers wins.

Comes in: what was seen of one operation. Goes out: a Ruling. Pure. Unknown is never folded into
blocked, and a block that has nothing to do with the plan is never laid to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from probe.catalog.model import Operation
from probe.evidence import Response
from probe.judge.lookup import Coverage, coverage, held_words, is_success, least, most, named, scope_words
from probe.judge.model import Cause, Confidence, Finding, Kind, TokenStatus, TokenVerdict, Verdict

# Causes that block whatever the token, with the innocent ones first: a server that is too old for a
# route is no plan wall.
_BLOCKS = (Cause.VERSION, Cause.PLAN, Cause.ROUTE)
_BLOCK_WORDS = {
    Cause.VERSION: "the server's version does not have it",
    Cause.PLAN: "the plan does not include it",
    Cause.ROUTE: "the route is not exposed",
}
# Answers of the operation itself, although not a success: it looked at the id or the body.
_REACHED = frozenset({Cause.MISSING_RESOURCE, Cause.VALIDATION})


class Ruling(Struct, frozen=True, kw_only=True):
    """A verdict with its reason, before it is written into a Capability."""

    verdict: Verdict
    cause: Cause
    confidence: Confidence
    reason: str
    tokens: tuple[str, ...] = ()


class Seen(Struct, frozen=True, kw_only=True):
    """What was seen of one operation.

    `covering` are the answers to tokens that may hold its scope, `others` to those that declare
    other scopes; answers to refused tokens are in `refused`. `unasked` are covering tokens without
    an answer, `telling` the tokens of which the run shows that a missing scope is answered in JSON.
    """

    operation: Operation
    tokens: dict[str, TokenVerdict]
    covering: tuple[Finding, ...]
    others: tuple[Finding, ...]
    refused: tuple[Finding, ...]
    unasked: tuple[str, ...]
    telling: frozenset[str]

    def coverage(self, finding: Finding) -> Coverage:
        """Return how the finding's token covers the operation."""
        token = self.tokens[finding.exchange.token]
        return coverage(self.operation, token.scopes, incomplete=token.incomplete)


def unknown(cause: Cause, reason: str, tokens: tuple[str, ...] = ()) -> Ruling:
    """Return the ruling that nothing can be said."""
    return Ruling(
        verdict=Verdict.UNKNOWN, cause=cause, confidence=Confidence.WEAK, reason=reason, tokens=tokens
    )


def blocked(cause: Cause, confidence: Confidence, reason: str, tokens: tuple[str, ...] = ()) -> Ruling:
    """Return a ruling of blocked."""
    return Ruling(verdict=Verdict.BLOCKED, cause=cause, confidence=confidence, reason=reason, tokens=tokens)


def allowed(cause: Cause, confidence: Confidence, reason: str, tokens: tuple[str, ...] = ()) -> Ruling:
    """Return a ruling of allowed."""
    return Ruling(verdict=Verdict.ALLOWED, cause=cause, confidence=confidence, reason=reason, tokens=tokens)


def rule(seen: Seen) -> Ruling:
    """Return the first ruling that answers."""
    rulings: tuple[Callable[[Seen], Ruling | None], ...] = (
        _got_through,
        _reached_with_scope,
        _blocked_with_scope,
        _lacks_scope,
        _walled_without_scope,
        _reached_without_scope,
        _refused,
    )
    return next((found for found in (ruling(seen) for ruling in rulings) if found), _unclear(seen))


def says_scope(finding: Finding) -> bool:
    """Return whether the answer says in JSON that a scope is missing: then the route itself is there."""
    return finding.diagnosis.cause is Cause.SCOPE and finding.kind is Kind.JSON_ERROR


def _got_through(seen: Seen) -> Ruling | None:
    is_open = not seen.operation.scopes and not seen.operation.plan
    passed = [item for item in (*seen.covering, *seen.others, *seen.refused) if is_success(item)]
    proving = [item for item in passed if is_open or not _is_ignored(item, seen)]
    if not proving:
        return _proves_nothing(passed) if passed else None
    best = most(_success_confidence(item) for item in proving)
    tokens = _names(proving)
    reason = f"{named(tokens)} got a success"
    if all(_is_empty_list(item) for item in proving):
        reason += ": an empty list, which may also mean that there is nothing the token may see"
    return allowed(Cause.OK, best, reason + _disagreement(seen, passed), tokens)


def _proves_nothing(passed: Sequence[Finding]) -> Ruling:
    tokens = _names(passed)
    reason = f"{named(tokens)} got a success, but so does a token that the server cannot know, or none"
    return unknown(Cause.UNKNOWN, reason, tokens)


def _success_confidence(finding: Finding) -> Confidence:
    own = finding.diagnosis.confidence
    return least(own, Confidence.LIKELY) if _is_empty_list(finding) else own


def _is_empty_list(finding: Finding) -> bool:
    outcome = finding.exchange.outcome
    return isinstance(outcome, Response) and outcome.body.json is not None and outcome.body.json.items == 0


def _is_ignored(finding: Finding, seen: Seen) -> bool:
    return seen.tokens[finding.exchange.token].status is TokenStatus.IGNORED


def _disagreement(seen: Seen, passed: Sequence[Finding]) -> str:
    """Name the tokens that met a wall where another got through."""
    walled = [
        item
        for item in (*seen.covering, *seen.others)
        if item not in passed and item.diagnosis.cause in _BLOCKS
    ]
    return f"; yet {named(_names(walled))} met a wall" if walled else ""


def _reached_with_scope(seen: Seen) -> Ruling | None:
    return _reached(seen, seen.covering, Confidence.LIKELY, "")


def _reached_without_scope(seen: Seen) -> Ruling | None:
    note = f", though no scope was declared that covers it ({scope_words(seen.operation)})"
    if seen.covering or seen.unasked:
        return None
    return _reached(seen, seen.others, Confidence.WEAK, note)


def _reached(seen: Seen, findings: Iterable[Finding], cap: Confidence, note: str) -> Ruling | None:
    """Rule on answers about an id or a body: the order of a server's checks is not documented."""
    found = [item for item in findings if item.diagnosis.cause in _REACHED and not _is_ignored(item, seen)]
    if not found:
        return None
    confidence = least(cap, most(item.diagnosis.confidence for item in found))
    what = "the id" if found[0].diagnosis.cause is Cause.MISSING_RESOURCE else "what was sent"
    reason = (
        f"{named(_names(found))} reached it: the answer is about {what}, not about the right to ask{note}"
    )
    return allowed(found[0].diagnosis.cause, confidence, reason, _names(found))


def _blocked_with_scope(seen: Seen) -> Ruling | None:
    for cause in _BLOCKS:
        found = [item for item in seen.covering if item.diagnosis.cause is cause]
        if found:
            caps = {Coverage.STATED: Confidence.CERTAIN, Coverage.PRESUMED: Confidence.LIKELY}
            best = most(least(item.diagnosis.confidence, caps[seen.coverage(item)]) for item in found)
            doubted = any(says_scope(item) for item in (*seen.covering, *seen.others))
            best = least(best, Confidence.LIKELY) if doubted else best
            return blocked(cause, best, f"{_BLOCK_WORDS[cause]}: {_whose(seen, found)}", _names(found))
    return None


def _whose(seen: Seen, found: Sequence[Finding]) -> str:
    """Say whose answer it was, whether the token holds the scope, and what the answer was."""
    item = next((item for item in found if seen.coverage(item) is Coverage.STATED), found[0])
    name, why = item.exchange.token, item.diagnosis.reason
    if not seen.operation.scopes:
        return f"{name}: {why}"
    if seen.coverage(item) is Coverage.STATED:
        held = held_words(seen.operation, seen.tokens[name].scopes)
        return f"{name}, which {_holds_word(seen, name)} {held}: {why}"
    if seen.tokens[name].incomplete:
        return f"{name}, whose list of scopes leaves some out: {why}"
    return f"{name}, whose scopes nobody declared: {why}"


def _holds_word(seen: Seen, name: str) -> str:
    declared = seen.tokens[name].declared_scopes
    return "declares" if coverage(seen.operation, declared) is Coverage.STATED else "was granted"


def _lacks_scope(seen: Seen) -> Ruling | None:
    """Rule that the scope is missing, where every token that could hold it says so or there is none."""
    if seen.unasked or any(item.diagnosis.cause is not Cause.SCOPE for item in seen.covering):
        return None
    found = [item for item in (*seen.covering, *seen.others) if item.diagnosis.cause is Cause.SCOPE]
    if not found or (not seen.covering and seen.refused and _refused_could(seen)):
        return None
    confidence = most(item.diagnosis.confidence for item in found)
    return blocked(Cause.SCOPE, confidence, _scope_reason(seen), _names(found))


def _scope_reason(seen: Seen) -> str:
    words = scope_words(seen.operation)
    stated = [item for item in seen.covering if seen.coverage(item) is Coverage.STATED]
    if stated and seen.operation.scopes:
        return f"{named(_names(stated))} declares {words}, but the server says that the scope is missing"
    return f"no configured token has {words}; {add_scope(seen.operation, tuple(seen.tokens.values()))}"


def add_scope(operation: Operation, tokens: Sequence[TokenVerdict]) -> str:
    """Say to which token a scope could be added."""
    usable = [token.name for token in tokens if token.status is not TokenStatus.REFUSED]
    which = "one of them" if len(operation.scopes) > 1 else "it"
    return f"add {which} to {usable[0]}" if len(usable) == 1 else f"add {which} to a token"


def _refused_could(seen: Seen) -> bool:
    return any(seen.coverage(item) is not Coverage.ABSENT for item in seen.refused)


def _walled_without_scope(seen: Seen) -> Ruling | None:
    """Rule on walls that only tokens without the scope met: the scope is what is missing for sure.

    Only a token that carries the scope can show that the plan is what blocks. Where the server names
    the plan all the same, or tells the same token in JSON of scopes that it lacks elsewhere, the
    reason says so, as what may come next.
    """
    walls = [item for item in seen.others if item.diagnosis.cause in _BLOCKS]
    if not walls or seen.covering or seen.unasked or _refused_could(seen):
        return None
    hint = add_scope(seen.operation, tuple(seen.tokens.values()))
    reason = f"no configured token has {scope_words(seen.operation)}, {_wall_words(walls, seen)}; {hint}"
    return blocked(Cause.SCOPE, Confidence.LIKELY, reason, _names(walls))


def _wall_words(walls: Sequence[Finding], seen: Seen) -> str:
    speaking = [item for item in walls if item.kind is Kind.JSON_ERROR or item.exchange.token in seen.telling]
    for cause in _BLOCKS:
        found = [item for item in speaking if item.diagnosis.cause is cause]
        if found:
            what = f"{_BLOCK_WORDS[cause]}: {found[0].diagnosis.reason}"
            return f"and with it the answer may still be what {named(_names(found))} met without it ({what})"
    return "so its wall says nothing"


def _refused(seen: Seen) -> Ruling | None:
    working = [item for item in (*seen.covering, *seen.others) if item.diagnosis.cause is not Cause.TOKEN]
    if working or seen.unasked:
        return None
    found = (*seen.covering, *seen.others, *seen.refused)
    return unknown(Cause.TOKEN, f"{named(_names(found))} was refused as a token", _names(found))


def _unclear(seen: Seen) -> Ruling:
    item = (*seen.covering, *seen.others, *seen.refused)[0]
    if seen.unasked and all(other.diagnosis.cause is Cause.SCOPE for other in seen.covering):
        reason = f"not asked with {named(seen.unasked)}, which may have {scope_words(seen.operation)}"
        return unknown(Cause.UNKNOWN, reason, _names([item]))
    if not seen.covering and _refused_could(seen):
        names = _names(item for item in seen.refused if seen.coverage(item) is not Coverage.ABSENT)
        return unknown(Cause.TOKEN, f"{named(names)}, which has the scope, was refused as a token", names)
    item = next((other for other in seen.covering if other.diagnosis.cause is not Cause.SCOPE), item)
    cause = Cause.UNKNOWN if item.diagnosis.cause is Cause.OK else item.diagnosis.cause
    return unknown(cause, f"{item.exchange.token}: {item.diagnosis.reason}", _names([item]))


def _names(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.exchange.token for item in findings))
