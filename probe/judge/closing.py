"""Whether the API was still there at the end of the run: the calibration read, first and last.

Comes in: the judged controls of the beginning and of the end. Goes out: what changed, in words, or
nothing. A server that fails in silence after the controls would otherwise confirm itself. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from probe.evidence import Response
from probe.judge.model import Cause, Finding, Kind

# What names itself: the findings that met it are judged so, each by itself.
_SAYS_SO = frozenset(
    {
        Cause.NETWORK,
        Cause.GATEWAY,
        Cause.SERVER,
        Cause.RATE_LIMIT,
        Cause.EDGE,
        Cause.PROXY,
        Cause.INTERNAL,
    }
)
# What no answer to a read that was there a moment ago means.
_NOTHING_THERE = frozenset({Cause.ROUTE, Cause.MISSING_RESOURCE, Cause.UNKNOWN})
_OPEN, _CLOSE = "{[(", "}])"


def change_between(opening: Iterable[Finding], closing: Iterable[Finding]) -> str:
    """Say what the calibration read answered at the end and not at the beginning, or return nothing.

    Only a token whose first answer was a success tells; an end that names itself, such as a gateway's
    error, is no silent change. An expired token's JSON 401 names itself too.
    """
    first = {item.exchange.token: item for item in opening if item.kind is Kind.JSON_SUCCESS}
    for last in closing:
        began = first.get(last.exchange.token)
        if began is None or last.diagnosis.cause in _SAYS_SO or _is_json_refusal(last):
            continue
        if last.kind is not Kind.JSON_SUCCESS:
            return f"a success at the beginning, at the end {last.diagnosis.reason}"
        if top_keys(_shape(began)) != top_keys(_shape(last)):
            return f"{_shape(began)[:80]} at the beginning, {_shape(last)[:80]} at the end"
    return ""


def top_keys(shape: str) -> frozenset[str]:
    """Return the keys of the outermost object of a shape.

    >>> sorted(top_keys("{success: true, data: [2 x {id: number}]}"))
    ['data', 'success']
    """
    keys, word, depth = set(), "", 0
    for char in shape:
        if char in _OPEN:
            depth += 1
            word = ""
        elif char in _CLOSE:
            depth -= 1
        elif char == "," and depth == 1:
            word = ""
        elif char == ":" and depth == 1:
            keys.add(word.strip())
        elif depth == 1:
            word += char
    return frozenset(keys)


def _is_json_refusal(finding: Finding) -> bool:
    """Return whether the API says in JSON why it refuses, and not that there is nothing to be found."""
    return finding.kind is Kind.JSON_ERROR and finding.diagnosis.cause not in _NOTHING_THERE


def _shape(finding: Finding) -> str:
    outcome = finding.exchange.outcome
    view = outcome.body.json if isinstance(outcome, Response) else None
    return view.shape if view else ""
