"""What to do instead, for what is blocked.

Comes in: the catalog's guidance, capabilities, the plan estimate. Goes out: the items that help here,
in the catalog's order, each with the blocked operations that it helps with. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from probe.catalog.model import Catalog, Guidance
from probe.judge.lookup import documented_plan, matching
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
        if _points_higher(item, catalog):
            real = [name for name in real if _may_lack(capabilities[name], catalog, plan)]
        if real and _fits_plan(item, plan) and _can_work(item, catalog, capabilities):
            found.append(_written(item, helped))
    return tuple(found)


def _is_helped(capability: Capability, item: Guidance) -> bool:
    return capability.verdict is Verdict.BLOCKED and capability.cause in item.causes


def _points_higher(item: Guidance, catalog: Catalog) -> bool:
    """Return whether an item is for every plan but the highest: it leads to a higher plan."""
    return bool(item.plans) and catalog.plans[-1].id not in item.plans


def _may_lack(capability: Capability, catalog: Catalog, plan: PlanEstimate) -> bool:
    """Return whether a higher plan could bring the operation, as far as the run shows.

    What the organization's plan has by what answered, a higher plan does not bring; nor is it shown to
    bring what no document gives to a plan.
    """
    if capability.cause is Cause.PLAN:
        return True
    needed = documented_plan(catalog.by_id[capability.operation])
    if needed is None:
        return plan.floor is None
    return plan.floor is None or catalog.rank[needed] > catalog.rank[plan.floor]


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
