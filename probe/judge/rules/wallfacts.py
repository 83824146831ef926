"""Small facts about the page of a route that cannot exist, met by an operation, that several rules need.

Comes in: a Case. Goes out: plain answers. Pure.
"""

from __future__ import annotations

from probe.catalog.model import Operation
from probe.evidence import Response
from probe.judge.rules.base import Case
from probe.patterns import Pattern

_HIT = Pattern(r"\b(?:hit|stale)\b")


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
