"""What to do instead, for what is blocked.

Comes in: the catalog's guidance, capabilities, the plan estimate. Goes out: the items that help here,
in the catalog's order, each with the blocked operations that it helps with. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from probe.catalog.model import Catalog, Guidance
from probe.judge.lookup import matching
from probe.judge.model import Capability, Cause, GuidanceItem, PlanEstimate, Verdict
from probe.judge.plan import UNDETERMINED


def choose_guidance(
    catalog: Catalog, capabilities: Mapping[str, Capability], plan: PlanEstimate
) -> tuple[GuidanceItem, ...]:
    """Return the guidance that helps with something blocked and can work here.

    A route that no vendor document names is missing everywhere and calls for no way around it.
    """
    found = []
    for item in catalog.guidance:
        helped = tuple(
            name for name in matching(catalog, item.operations) if _is_helped(capabilities[name], item)
        )
        real = [name for name in helped if not catalog.by_id[name].reported_only]
        if real and _fits_plan(item, plan) and _can_work(item, catalog, capabilities):
            found.append(_written(item, helped))
    return tuple(found)


def _is_helped(capability: Capability, item: Guidance) -> bool:
    return capability.verdict is Verdict.BLOCKED and capability.cause in item.causes


def _fits_plan(item: Guidance, plan: PlanEstimate) -> bool:
    return not item.plans or plan.estimate in {*item.plans, UNDETERMINED}


def _can_work(item: Guidance, catalog: Catalog, capabilities: Mapping[str, Capability]) -> bool:
    """Return whether something it needs is left; a scope that no token has yet can be added."""
    needs = [capabilities[name] for name in matching(catalog, item.needs)]
    return not needs or any(
        need.verdict is not Verdict.BLOCKED or need.cause is Cause.SCOPE for need in needs
    )


def _written(item: Guidance, helped: tuple[str, ...]) -> GuidanceItem:
    return GuidanceItem(
        id=item.id, title=item.title, text=item.text, steps=item.steps, url=item.url, operations=helped
    )
