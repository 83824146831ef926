"""From asking to the report, over real HTTP."""

import asyncio
import json
from collections import Counter
from functools import partial

import msgspec
import pytest
from aiohttp import web
from raw_server import http, raw_server
from recorded_server import SHELL, recorded_reads, recorded_server
from virtual_time import Unhurried

from probe.catalog.load import load_catalog
from probe.config import LimitsEntry, limits_from
from probe.demo import scan_simulator
from probe.errors import ConfigError
from probe.evidence import UNANSWERED, ControlRole
from probe.judge.model import Cause, Verdict
from probe.masking import Mask
from probe.pipeline import gather, judge, judge_again
from probe.report.jsonfile import parse_report, render_json
from probe.scan.agenda import make_agenda
from probe.scan.client import Client
from probe.scan.request import Phase, ScanRequest
from probe.secret import Secret, Token
from probe.simulator.app import Simulator
from probe.simulator.options import Disturbance, Fault, Refusal, SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
PLANS = [plan.id for plan in CATALOG.plans]
QUICK = LimitsEntry(requests_per_minute="off", retries=0, connect_timeout=2.0, first_byte_timeout=2.0)
ADMIN = Token(name="admin", secret=Secret("retool_01h5pq8canary9x7z"))


def request_for(origin, tokens=(ADMIN,), only=()):
    return ScanRequest(
        origin=origin,
        catalog=CATALOG,
        tokens=tuple(tokens),
        agenda=make_agenda(CATALOG, [token.name for token in tokens], only),
        limits=limits_from(QUICK, 1),
    )


async def gathered(origin, tokens=(ADMIN,), only=(), stop=None):
    mask = Mask(token.secret for token in tokens)
    return await gather(request_for(origin, tokens, only), mask, stop or asyncio.Event())


async def simulated(**options):
    tokens = demo_tokens(CATALOG)
    chosen = SimulatorOptions(tokens=grants_of(tokens), **options)
    return await scan_simulator(chosen, tokens, CATALOG, asyncio.Event())


def verdicts(report):
    return {capability.operation: capability.verdict for capability in report.capabilities}


def stands_once(report, tokens=3):
    pairs = [(item.operation, item.token) for item in (*report.findings, *report.skipped)]
    assert len(pairs) == len(set(pairs)) == len(CATALOG.operations) * tokens


async def test_a_recorded_enterprise_organization():
    documented = [(operation.method, operation.path) for operation in CATALOG.operations]
    async with recorded_server(documented) as server:
        token = Token(name="admin", secret=Secret(server.token))
        report = judge(await gathered(server.base_url, [token]), CATALOG)
    recorded = recorded_reads()
    assert recorded
    allowed = {operation for operation, verdict in verdicts(report).items() if verdict is Verdict.ALLOWED}
    observed = {capability.operation for capability in report.capabilities if not capability.inferred}
    patterns = {operation.id: operation.path for operation in CATALOG.operations if operation.method == "GET"}
    for path in recorded:
        wanted = [name for name, template in patterns.items() if matches(template, path)]
        assert set(wanted) & allowed & observed, f"{path} was recorded but is not allowed"
    assert report.plan.estimate.startswith("enterprise")
    assert server.counts.keys() == {"GET"}


def matches(template, path):
    wanted, given = template.strip("/").split("/"), path.split("?")[0].strip("/").split("/")
    return len(wanted) == len(given) and all(
        part.startswith("{") or part == other for part, other in zip(wanted, given, strict=True)
    )


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize("plan", PLANS)
async def test_a_simulated_plan_is_recognised_or_undetermined(plan, refusal):
    report = judge(await simulated(plan=plan, refusal=refusal), CATALOG)
    stands_once(report)
    right = {plan} if plan in {"business", "enterprise_base", "enterprise_premium"} else {"undetermined"}
    assert {report.plan.estimate} == right
    assert report.simulated
    assert report.complete
    documented = {operation.id: operation.plan for operation in CATALOG.operations}
    for capability in report.capabilities:
        if capability.verdict is Verdict.BLOCKED and capability.cause is Cause.PLAN:
            wanted = documented[capability.operation]
            if wanted is None:  # only the server's own word, or a sibling, can say so
                assert capability.inferred or refusal is Refusal.JSON, capability.operation
            else:
                assert CATALOG.rank[wanted] > CATALOG.rank[plan], capability.operation


@pytest.mark.parametrize(
    "behind",
    [
        Disturbance.CLOUDFLARE_CHALLENGE,
        Disturbance.WAF_BLOCK,
        Disturbance.LOGIN,
        Disturbance.PROXY,
        Disturbance.GATEWAY_502,
        Disturbance.MAINTENANCE,
        Disturbance.IP_ALLOWLIST,
        Disturbance.WRONG_BASE_URL,
    ],
)
async def test_what_stands_in_the_way_is_never_a_plan(behind, monkeypatch):
    monkeypatch.setattr("probe.scan.limits._FIRST_BACKOFF_S", 0.0)
    report = judge(await simulated(plan="enterprise_premium", behind=behind), CATALOG)
    stands_once(report)
    assert not report.measured
    assert report.advice
    assert report.plan.estimate == "undetermined"
    assert not any(finding.cause is Cause.PLAN for finding in report.findings)
    assert set(verdicts(report).values()) == {Verdict.UNKNOWN}


@pytest.mark.parametrize("fault", Fault)
async def test_faults_never_become_plan_walls(fault, monkeypatch):
    clock = Unhurried()  # a server that refuses at random is asked slowly
    monkeypatch.setattr("probe.pipeline.Client", partial(Client, clock=clock, sleep=clock.sleep))
    run = await simulated(plan="enterprise_premium", fault_rate=0.3, faults=(fault,), seed=5)
    report = judge(run, CATALOG)
    stands_once(report)
    assert not any(finding.cause is Cause.PLAN for finding in report.findings)
    assert report.plan.estimate in {"enterprise_premium", "undetermined"}


async def test_an_unreachable_server_is_no_conclusion():
    report = judge(await gathered("http://127.0.0.1:9"), CATALOG)
    assert not report.measured
    stands_once(report, tokens=1)
    assert report.measured_cause is Cause.NETWORK


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_no_token_leaves_this_machine_where_http_moves_to_https(monkeypatch, elsewhere):
    async def move(_head, writer):
        writer.write(http(301, b"", f"Location: https://127.0.0.1:{server.origin.rsplit(':', 1)[1]}/"))
        await writer.drain()

    if elsewhere:  # loopback stands for another machine
        monkeypatch.setattr("probe.scan.run.is_loopback", lambda _host: False)
    async with raw_server(move) as server:
        with pytest.raises(ConfigError) as caught:
            await gathered(server.origin)
    assert "https://127.0.0.1" in caught.value.hint
    assert ("no token was sent" in caught.value.message) == elsewhere
    assert server.requests
    assert any(b"uthorization" in head for head in server.requests) != elsewhere


async def test_the_controls_go_out_together_where_no_token_can_be_overheard():
    together = asyncio.Event()

    async def patient(_head, writer):
        """Answer nobody before a question without a token and one with a token are there."""
        if {b"uthorization" in head for head in server.requests} == {True, False}:
            together.set()
        await together.wait()
        writer.write(http(502))
        await writer.drain()

    async with raw_server(patient) as server:
        await asyncio.wait_for(gathered(server.origin), timeout=20)
    assert together.is_set()


async def test_where_nothing_answers_in_clear_text_no_token_is_sent(monkeypatch):
    monkeypatch.setattr("probe.scan.run.is_loopback", lambda _host: False)

    async def drop(_head, writer):
        writer.transport.abort()

    async with raw_server(drop) as server:
        report = judge(await gathered(server.origin), CATALOG)
    assert report.measured_cause is Cause.NETWORK
    assert server.requests
    assert all(b"uthorization" not in head for head in server.requests)


async def test_an_interrupt_keeps_what_was_gathered():
    stop = asyncio.Event()
    tokens = demo_tokens(CATALOG)
    options = SimulatorOptions(plan="business", tokens=grants_of(tokens), latency_ms=20)

    def on_progress(progress):
        if progress.done >= 60:  # some of them controls
            stop.set()

    report = judge(await scan_simulator(options, tokens, CATALOG, stop, on_progress), CATALOG)
    assert not report.complete
    assert 40 <= len(report.findings) < 150
    assert any(item.reason == UNANSWERED for item in report.skipped), "what was in flight was asked"
    stands_once(report)


async def test_what_is_done_never_falls_and_the_parts_come_in_order():
    seen = []
    tokens = demo_tokens(CATALOG)
    options = SimulatorOptions(plan="business", tokens=grants_of(tokens))
    run = await scan_simulator(options, tokens, CATALOG, asyncio.Event(), seen.append)
    done, total = [item.done for item in seen], [item.total for item in seen]
    assert done == sorted(done)
    assert total == sorted(total)
    assert done[-1] == total[-1] == len(run.controls) + len(run.exchanges)
    assert [item.phase for item in seen] == sorted((item.phase for item in seen), key=list(Phase).index)


async def test_every_walled_read_gets_its_second_looks():
    run = await simulated(plan="business")
    walled = {e.operation for e in run.exchanges if e.outcome.body.form == "html"}
    roles = Counter((control.role, control.operation) for control in run.controls)
    assert walled
    for operation in walled:
        assert roles[ControlRole.SECOND_LOOK, operation] == 1
        assert roles[ControlRole.STABILITY, operation] == 1
    assert all(not c.token for c in run.controls if c.role is ControlRole.SECOND_LOOK)


async def test_ids_from_the_server_and_values_of_success_bodies_are_not_kept():
    run = await simulated(plan="enterprise_premium")
    text = msgspec.json.encode(run).decode()
    assert "discovered from users.list" in text
    assert "user1@example.com" not in text
    assert "First1" not in text
    assert not [
        part
        for part in text.split('"')
        if part.startswith("user_") and "0" * 32 not in part and len(part) > 30
    ]


async def test_judging_again_gives_the_same_bytes():
    report = judge(await simulated(plan="business"), CATALOG)
    text = render_json(report)
    assert render_json(judge_again(parse_report(text), CATALOG)) == text
    assert json.loads(text)["schema_version"] == 1


async def test_the_same_scan_gives_the_same_judgement():
    first, second = [judge(await simulated(plan="business", page_nonces=True), CATALOG) for _ in range(2)]
    assert first.capabilities == second.capabilities
    assert first.plan == second.plan
    assert [wall.operations for wall in first.walls] == [wall.operations for wall in second.walls]


async def scanned_through(middleware, **options):
    """Scan a simulated organization with one token, through a middleware in front of it."""
    tokens = demo_tokens(CATALOG)[:1]
    app = Simulator(SimulatorOptions(tokens=grants_of(tokens), **options), CATALOG).application()
    app.middlewares.append(middleware)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return judge(await gathered(f"http://127.0.0.1:{runner.addresses[0][1]}", tokens), CATALOG)
    finally:
        await runner.cleanup()


def page():
    return web.Response(text=SHELL, content_type="text/html")


@pytest.mark.parametrize(
    "instead",
    [page, lambda: web.json_response({"status": "maintenance"}), lambda: web.Response(status=204)],
    ids=["page", "notice", "nothing"],
)
async def test_a_server_that_goes_away_in_silence_is_not_measured(instead):
    asked = [0]

    @web.middleware
    async def dies(request, handler):
        asked[0] += 1
        return await handler(request) if asked[0] <= 40 else instead()

    report = await scanned_through(dies, plan="enterprise_premium")
    assert not report.measured
    assert report.plan.estimate == "undetermined"
    assert set(verdicts(report).values()) == {Verdict.UNKNOWN}
    assert any(control.role is ControlRole.CLOSING for control in report.controls)


async def test_a_look_without_a_token_proves_nothing_where_every_caller_without_one_meets_the_page():
    hidden = ("/api/v2/groups", "/api/v2/folders", "/api/v2/permissions", "/api/v2/spaces")

    @web.middleware
    async def hides(request, handler):
        if "Authorization" not in request.headers or request.path.startswith(hidden):
            return page()
        response = await handler(request)
        return page() if response.content_type == "text/html" else response

    report = await scanned_through(hides, plan="enterprise_premium")
    assert not any(finding.cause is Cause.PLAN for finding in report.findings)


async def test_one_success_of_a_high_plan_does_not_outweigh_its_walls():
    @web.middleware
    async def opens(request, handler):
        if request.path == "/api/v2/environments" and "Authorization" in request.headers:
            return web.json_response({"success": True, "data": [{"id": "1", "name": "production"}]})
        return await handler(request)

    report = await scanned_through(opens, plan="business")
    assert report.plan.estimate in {"business", "undetermined"}
    assert report.plan.confidence != "certain"
