"""The page of a route that cannot exist, met by an operation: what both rules about it look at.

Comes in: a Case. Goes out: the Wall with its first clause, and small facts about the operation. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from probe.catalog.model import Operation
from probe.evidence import Exchange, Response
from probe.judge.rules.base import Case
from probe.patterns import Pattern

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# What an unmounted route may be answered with; 401, 403 and 5xx pages mean something of their own.
UNMOUNTED_STATUSES = frozenset({0, 200, 404, 405, 410, 501})
_HIT = Pattern(r"\b(?:hit|stale)\b")


@dataclass(frozen=True)
class Wall:
    """What is known of a page that an operation met, as clauses for the reason."""

    case: Case
    same: tuple[Exchange, ...]

    @cached_property
    def name(self) -> str:
        """The wall's name in the run."""
        return self.case.context.wall(self.case.page) if self.case.page else ""

    @cached_property
    def likeness(self) -> str:
        """The first clause: whose page it is."""
        count = len(self.same)
        number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
        routes = "a route that cannot exist" if count == 1 else f"{number} routes that cannot exist"
        return f"same page as {routes}{f' ({self.name})' if self.name else ''}"


def wall_of(case: Case) -> Wall | None:
    """Return the wall if routes that cannot exist, asked with the same method, met the same page."""
    if case.page is None or case.status not in UNMOUNTED_STATUSES:
        return None
    return Wall(case, case.unmounted_alike) if case.unmounted_alike else None


def kept_in_cache(response: Response) -> str:
    """Return the header that says that a cache answered with what it had kept, or nothing."""
    age = response.header("age")
    if age.isdigit() and int(age) > 0:
        return f"age: {age}"
    for name in ("cf-cache-status", "x-cache", "x-sucuri-cache"):
        if _HIT.search(response.header(name).lower()):
            return f"{name}: {response.header(name)}"
    return ""


def plan_title(case: Case, operation: Operation) -> str:
    """Return the title of the plan that an operation is documented for."""
    plans = case.context.catalog.plans if case.context.catalog else ()
    return next((plan.title for plan in plans if plan.id == operation.plan), operation.plan or "")
