"""The one real embed call: sent once, by request only, and its address is kept nowhere."""

import ast
import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from raw_server import http, raw_server

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.config import LimitsEntry, limits_from
from probe.embed import make_embed, request_text
from probe.errors import CatalogError
from probe.evidence import Failure, FailureReason
from probe.judge.model import Cause
from probe.masking import Mask
from probe.scan.client import Client
from probe.scan.consented import EmbedWish, consented_lock, embed_call
from probe.secret import Secret, Token
from probe.simulator.app import Simulator
from probe.simulator.options import Refusal, SimulatorOptions
from probe.simulator.state import State
from probe.simulator.tokens import demo_tokens, grants_of

PACKAGE = Path(__file__).parents[1] / "probe"
CATALOG = load_catalog()
TOKENS = {token.name: token for token in demo_tokens(CATALOG)}
PAGE = next(iter(State().items("apps")))
WISH = EmbedWish(page=PAGE, groups=(1,), person="visitor1")
LIMITS = limits_from(LimitsEntry(requests_per_minute="off", first_byte_timeout=5), 1)
MASK = Mask(token.secret for token in TOKENS.values())


def call(name="embedder", wish=WISH):
    return embed_call(CATALOG, wish, TOKENS[name])


def ask(consented, *, plan="business", **options):
    """Make the call against a simulated organization; return the outcome and the simulator."""

    async def made():
        chosen = SimulatorOptions(plan=plan, tokens=grants_of(TOKENS.values()), **options)
        async with Simulator(chosen, CATALOG).running() as simulator:
            outcome = await make_embed(consented, simulator.base_url, LIMITS, MASK, CATALOG)
            return outcome, simulator

    return asyncio.run(made())


def test_an_address_comes_back_and_is_not_kept():
    outcome, simulator = ask(call())
    assert (outcome.made, outcome.status, outcome.cause) == (True, 200, Cause.OK)
    assert simulator.counts.by_method["POST"] == 1
    session = next(iter(simulator.state.items("sessions")))
    assert session not in repr(outcome)
    assert "embedded" not in repr(outcome)


@pytest.mark.parametrize(
    ("consented", "options", "status", "cause"),
    [
        (call("reader"), {}, 403, Cause.SCOPE),
        (call(wish=replace(WISH, page="00000000-0000-4000-8000-000000000000")), {}, 403, None),
        (call(wish=replace(WISH, page="no uuid")), {}, 400, Cause.VALIDATION),
        (embed_call(CATALOG, WISH, Token(name="x", secret=Secret("not-known-here"))), {}, 401, Cause.TOKEN),
        (call(), {"plan": "free", "refusal": Refusal.JSON}, 403, Cause.PLAN),
        (call(), {"plan": "free"}, 404, None),
    ],
)
def test_a_refusal_is_explained(consented, options, status, cause):
    outcome, simulator = ask(consented, **options)
    assert (outcome.made, outcome.status) == (False, status)
    assert cause is None or outcome.cause is cause
    assert outcome.reason
    assert outcome.advice == CATALOG.vendor.embed.answers[str(status)]
    assert simulator.counts.by_method["POST"] == 1


def test_the_page_of_a_missing_route_is_not_laid_to_the_plan():
    outcome, _ = ask(call(), plan="free")
    assert outcome.cause is not Cause.PLAN


@pytest.mark.parametrize(
    "answer",
    [
        http(503, b"", "Retry-After: 0"),
        http(308, b"", "Location: /api/embed-url/external-user/"),
        b"",
    ],
)
def test_one_attempt_and_no_detour(answer):
    async def made():
        async with raw_server(answer) as server:
            return await make_embed(call(), server.origin, LIMITS, MASK, CATALOG), len(server.requests)

    outcome, sent = asyncio.run(made())
    assert not outcome.made
    assert sent == 1


def test_a_client_sends_one_such_call_in_its_life():
    async def made():
        options = SimulatorOptions(tokens=grants_of(TOKENS.values()))
        async with (
            Simulator(options, CATALOG).running() as simulator,
            Client(simulator.base_url, LIMITS, MASK) as client,
        ):
            answers = [await client.ask_consented(call()) for _ in range(2)]
            return answers[1].attempts[-1].outcome, simulator.counts.by_method["POST"]

    outcome, sent = asyncio.run(made())
    assert isinstance(outcome, Failure)
    assert (outcome.reason, sent) == (FailureReason.LOCKED, 1)


def test_the_ordinary_way_refuses_it():
    async def made():
        options = SimulatorOptions(tokens=grants_of(TOKENS.values()))
        async with (
            Simulator(options, CATALOG).running() as simulator,
            Client(simulator.base_url, LIMITS, MASK) as client,
        ):
            answer = await client.ask(call().call)
            return answer.attempts[-1].outcome, simulator.counts.total

    outcome, sent = asyncio.run(made())
    assert (outcome.reason, sent) == (FailureReason.LOCKED, 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "DELETE"},
        {"template": "/api/v2/organization/invalidate_sessions"},
        {"template": "//example.com/api"},
        {"body": ""},
        {"body": '{"landingPageUuid":"x"}'},
        {"query": {"a": "b"}},
        {"token": None},
    ],
)
def test_the_lock_knows_that_call_only(changed):
    consented = call()
    assert not consented_lock(consented)
    assert consented_lock(replace(consented, call=replace(consented.call, **changed)))


def test_the_client_asks_the_lock_before_it_sends():
    consented = call()
    other = replace(consented.call, template="/api/v2/organization/invalidate_sessions")
    outcome, simulator = ask(replace(consented, call=other))
    assert not outcome.made
    assert outcome.cause is Cause.INTERNAL or "not sent" in f"{outcome.reason} {outcome.messages}"
    assert simulator.counts.total == 0


@pytest.mark.parametrize("hazard", [Hazard.READ, Hazard.GUARDED])
def test_a_catalog_that_does_not_mark_the_effect_is_refused(hazard):
    operations = tuple(
        replace(item, hazard=hazard) if item.id == CATALOG.vendor.embed.operation else item
        for item in CATALOG.operations
    )
    with pytest.raises(CatalogError):
        embed_call(replace(CATALOG, operations=operations), WISH, TOKENS["embedder"])


def test_a_catalog_without_an_embed_call_says_so():
    with pytest.raises(CatalogError):
        embed_call(replace(CATALOG, vendor=replace(CATALOG.vendor, embed=None)), WISH, TOKENS["embedder"])


def test_a_dry_run_shows_the_request_without_the_secret():
    text = request_text(call(), "https://example.com")
    assert "POST https://example.com/api/embed-url/external-user" in text
    assert PAGE in text
    assert not MASK.found_in(text)


def test_no_scan_can_come_to_it():
    """Only the embed module names the way past the lock; the agenda and the scan do not."""
    names = {"ask_consented", "embed_call", "Consented"}
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.alias) and node.name in names)
    }
    assert users == {"embed.py", "cli/embed.py", "scan/client.py", "scan/consented.py"}
