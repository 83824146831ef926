"""Small questions that all of inference asks of the catalog, of tokens and of confidences.

Comes in: operations, globs, scopes. Goes out: plain answers and the words for them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache

from probe.catalog.model import Basis, Catalog, Operation
from probe.judge.model import Cause, Confidence, Finding, Kind

_SURENESS = (Confidence.WEAK, Confidence.LIKELY, Confidence.CERTAIN)
_DOCUMENTED = frozenset({Basis.OPERATION, Basis.GROUP})
_NAMED = 3


class Coverage(StrEnum):
    """How a token's declared scopes relate to what an operation needs.

    STATED: it declares one of the scopes, or the operation states none. PRESUMED: nobody declared
    its scopes, or what it could do shows that the list leaves some out. ABSENT: it declares others.
    """

    STATED = "stated"
    PRESUMED = "presumed"
    ABSENT = "absent"


def coverage(operation: Operation, declared: Sequence[str], *, incomplete: bool = False) -> Coverage:
    """Return how the declared scopes relate to an operation; a write scope includes its read.

    `incomplete` says that the list is known to leave scopes out.
    """
    if not operation.scopes or any(holds(declared, scope) for scope in operation.scopes):
        return Coverage.STATED
    return Coverage.ABSENT if declared and not incomplete else Coverage.PRESUMED


def holds(declared: Iterable[str], scope: str) -> bool:
    """Return whether the declared scopes include one.

    >>> holds(["users:write"], "users:read"), holds(["users:read"], "users:write")
    (True, False)
    """
    including = f"{scope.removesuffix('read')}write" if scope.endswith("read") else scope
    return any(item in {scope, including} for item in declared)


def resources(operation: Operation) -> frozenset[str]:
    """Return what the operation's scopes are about: `users` for `users:read` and `users:write`."""
    return frozenset(scope.partition(":")[0] for scope in operation.scopes)


def documented_plan(operation: Operation) -> str | None:
    """Return the lowest plan that a vendor document gives an operation to, or None.

    What is only reported says nothing of a plan.
    """
    well_founded = operation.plan_basis in _DOCUMENTED and not operation.reported_only
    return operation.plan if well_founded else None


def matching(catalog: Catalog, globs: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the operations that match one of the globs, in the catalog's order."""
    return _matching(tuple(catalog.by_id), tuple(globs))


@lru_cache(maxsize=512)  # more than a catalog asks for; a fleet asks the same for each organization
def _matching(ids: tuple[str, ...], patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for item in ids if any(fnmatchcase(item, pattern) for pattern in patterns))


def least(*confidences: Confidence) -> Confidence:
    """Return the lowest of some confidences."""
    return min(confidences, key=_SURENESS.index)


def most(confidences: Iterable[Confidence]) -> Confidence:
    """Return the highest of some confidences, weak where there is none."""
    return max(confidences, key=_SURENESS.index, default=Confidence.WEAK)


def is_success(finding: Finding) -> bool:
    """Return whether the answer is a success of the operation itself, not a page or a silence."""
    return finding.diagnosis.cause is Cause.OK and finding.kind in {Kind.JSON_SUCCESS, Kind.OTHER}


def verb(names: Sequence[str], one: str, many: str) -> str:
    """Return a few names with the verb that fits their number.

    >>> verb(["a"], "works", "work"), verb(["a", "b"], "works", "work")
    ('a works', 'a and b work')
    """
    return f"{named(names)} {one if len(names) == 1 else many}"


def named(names: Sequence[str]) -> str:
    """Return a few names in words.

    >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    if len(names) <= 1:
        return "".join(names)
    if len(names) <= _NAMED:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def held_words(operation: Operation, declared: Sequence[str]) -> str:
    """Return in words the scope of an operation that the declared scopes include."""
    held = next((scope for scope in operation.scopes if holds(declared, scope)), "")
    return f"`{held}`" if held else scope_words(operation)


def scope_words(operation: Operation) -> str:
    """Return the scopes of which an operation needs one, in words."""
    return " or ".join(f"`{scope}`" for scope in operation.scopes) or "the scope that it needs"
