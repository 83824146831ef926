"""Whole scans of organizations whose servers behave in part: nothing that the plan has is said to be missing.

Real HTTP to the simulator behind a front that misbehaves on some requests only.
"""

import asyncio
import itertools
from collections import Counter

import pytest
from aiohttp import web
from mixed_front import ids_of, missing, mixed_front, operation_of

from probe.catalog.load import load_catalog
from probe.config import LimitsEntry, limits_from
from probe.judge.model import Cause, Confidence, Verdict
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.scan.agenda import make_agenda
from probe.scan.request import ScanRequest
from probe.simulator.app import Simulator
from probe.simulator.options import Fault, SimulatorOptions
from probe.simulator.routes import Presence
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
CALIBRATION = "/api/v2/user_invites"
SENTINELS = {item.sentinel for operation in CATALOG.operations for item in operation.ask.ids}
GONE = frozenset({Cause.PLAN, Cause.ROUTE, Cause.VERSION})
LIMITS = limits_from(LimitsEntry(requests_per_minute="off"), 1)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr("probe.scan.limits._FIRST_BACKOFF_S", 0.0)


async def scanned(front, plan="enterprise_premium", tokens=1, **more):
    asked = demo_tokens(CATALOG)[:tokens]
    simulator = Simulator(SimulatorOptions(plan=plan, tokens=grants_of(asked), **more), CATALOG)
    async with mixed_front(simulator, front) as origin, asyncio.timeout(60):
        request = ScanRequest(
            origin=origin,
            catalog=CATALOG,
            tokens=asked,
            agenda=make_agenda(CATALOG, [token.name for token in asked]),
            limits=LIMITS,
        )
        run = await gather(request, Mask(token.secret for token in asked), asyncio.Event())
    return judge(run, CATALOG), {
        route.operation.id for route in simulator.routes if route.presence is Presence.MOUNTED
    }


def html(status, text):
    return web.Response(status=status, text=text, content_type="text/html")


def is_api(request, simulator):
    return request.path != CALIBRATION and operation_of(request, simulator) is not None


def flapping(good):
    """Every few requests of the API meet the page of a missing route, as behind two backends."""
    numbers = itertools.count()

    def front(request, simulator):
        if is_api(request, simulator) and next(numbers) % (good + 1) == good:
            return missing(request, simulator)
        return None

    return front


def half_down(rank, times):
    """The operations of high plans meet that page at first, as while their service starts."""
    asked = Counter()

    def front(request, simulator):
        operation = operation_of(request, simulator)
        if operation is None or CATALOG.rank.get(operation.plan or "", -1) < rank:
            return None
        asked[request.path] += 1
        return missing(request, simulator) if asked[request.path] <= times else None

    return front


def ids_by_form(request, simulator):
    """Routes match ids by their form, so a made-up one meets no route."""
    return missing(request, simulator) if SENTINELS & set(ids_of(request, simulator)) else None


def kept(request, simulator):
    """A cache has kept the page for some paths since an outage."""
    operation = operation_of(request, simulator)
    if operation is None or operation.plan != "enterprise_premium":
        return None
    answer = missing(request, simulator)
    answer.headers["age"] = "64"
    return answer


def another_products_document(request, simulator):
    """The document states a version that is not this server's, while some groups are hidden."""
    if request.path == "/api/v2/spec":
        return web.json_response({"openapi": "3.0.0", "info": {"title": "Another", "version": "3.1.0"}})
    operation = operation_of(request, simulator)
    if operation is not None and operation.id in {"environments.list", "configuration_variables.list"}:
        return html(
            403, "<html><head><title>Acme</title></head><body><p>Ask the help desk.</p></body></html>"
        )
    return None


def filtered(status, text):
    """A filter without any mark turns some words in paths away."""

    def front(request, simulator):
        words = ("permissions", "groups", "source_control")
        hit = is_api(request, simulator) and any(word in request.path for word in words)
        return html(status, text) if hit else None

    return front


def stale_shell(request, simulator):
    if is_api(request, simulator) and "users" in request.path:
        return html(
            200, "<html><head><title>Desk</title><script src=/a.js></script></head><div id=root></div>"
        )
    return None


NEUTRAL = "<html><head><title>Acme</title></head><body><p>Your reference is 18.c4.</p></body></html>"
UPSELL = (
    "<html><head><title>Page not found</title></head><body><h1>404</h1><footer><a>Upgrade your plan</a> "
    "<a>Pricing</a></footer></body></html>"
)
WORLDS = {
    "one request in two": flapping(1),
    "one request in ten": flapping(9),
    "the highest plan starts late": half_down(4, 2),
    "all enterprise starts late": half_down(3, 2),
    "ids by their form": ids_by_form,
    "a cache kept the page": kept,
    "another product's document": another_products_document,
    "a filter with a 404": filtered(404, NEUTRAL),
    "a filter with a 200": filtered(200, NEUTRAL),
    "a filter that advertises": filtered(404, UPSELL),
    "another shell": stale_shell,
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
async def test_what_the_plan_has_is_not_said_to_be_missing(world):
    report, has = await scanned(WORLDS[world])
    wrong = {
        item.operation: (item.cause, item.reason)
        for item in report.capabilities
        if item.operation in has and item.verdict is Verdict.BLOCKED and item.cause in GONE
    }
    assert wrong == {}
    plan = report.plan
    assert plan.estimate in {"enterprise_premium", "undetermined"} or plan.confidence is Confidence.WEAK
    assert plan.ceiling in {None, "enterprise_premium"}
    assert "sales" not in {item.id for item in report.guidance}


@pytest.mark.parametrize("plan", ["business", "enterprise_base"])
async def test_ids_by_their_form_hide_no_plan(plan):
    """The plan's own walls are still seen, and only what the plan has is in doubt."""
    report, has = await scanned(ids_by_form, plan=plan)
    assert report.plan.estimate == plan
    assert not [
        item.operation
        for item in report.capabilities
        if item.operation in has and item.verdict is Verdict.BLOCKED and item.cause in GONE
    ]


@pytest.mark.parametrize("plan", ["business", "enterprise_base", "enterprise_premium"])
async def test_noise_hides_no_plan(plan):
    """One request in twenty fails in a way that says so."""
    faults = (Fault.BAD_GATEWAY, Fault.RATE_LIMITED, Fault.RESET)
    report, _ = await scanned(
        lambda _request, _simulator: None, plan=plan, tokens=2, fault_rate=0.05, faults=faults, seed=3
    )
    assert report.plan.estimate == plan
    assert report.plan.confidence is not Confidence.WEAK


async def test_two_walls_of_which_one_stands_before_the_own_plan_leave_it_open():
    """A filter hides with the same page what Business has, and all that is above it."""

    def front(request, simulator):
        operation = operation_of(request, simulator)
        hidden = operation is not None and (
            operation.group in {"custom_component_libraries", "user_attributes"}
            or CATALOG.rank.get(operation.plan or "", -1) > CATALOG.rank["business"]
        )
        return missing(request, simulator) if hidden else None

    report, _ = await scanned(front)
    assert report.plan.confidence is Confidence.WEAK
    assert report.plan.ceiling is None
    assert all(item.confidence is Confidence.WEAK for item in report.findings if item.cause is Cause.PLAN)
