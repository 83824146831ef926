"""The simulator: an HTTP server on loopback that imitates a vendor, driven by the catalog.

Comes in: requests. Goes out: the answers that an organization with this plan, version and tokens
would give. Order of checks for an operation that is there: token (401), plan where it refuses in
JSON, scope (403), query and body (400), existence (404), success. The vendor states no order; this
one is the simulator's choice. It counts what it was asked and calls nobody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from probe.catalog.model import Catalog
from probe.simulator import answers, disturbances, faults, pages
from probe.simulator.acts import perform, perform_unknown
from probe.simulator.answers import Answer, RefusedError
from probe.simulator.behaviour import Behaviour
from probe.simulator.call import Call
from probe.simulator.document import api_document
from probe.simulator.options import Grant, Refusal, SimulatorOptions, plan_id
from probe.simulator.replies import html_reply, json_reply
from probe.simulator.routes import Match, Presence, Routes
from probe.simulator.state import State
from probe.simulator.tokens import bearer, grant_for, suffices
from probe.simulator.validation import problem, query_problem

_READS = {"GET", "HEAD"}
_PLAIN = Behaviour(route="", act="")


class Counts:
    """How often the server was asked: by method, by route (`*` for none), by token's name."""

    def __init__(self) -> None:
        self.by_method: Counter[str] = Counter()
        self.by_route: Counter[str] = Counter()
        self.by_token: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """All requests."""
        return self.by_method.total()


class Simulator:
    """A simulated organization's server.

    Raises UsageError for a plan that the catalog does not have.
    """

    def __init__(self, options: SimulatorOptions, catalog: Catalog) -> None:
        self.options = options
        self.catalog = catalog
        self.plan = plan_id(options.plan, catalog)
        self.routes = Routes(catalog, self.plan, options.server_version)
        self.state = _state_with(options)
        self.counts = Counts()
        self.base_url = ""
        self._serial = pages.Serial(options.seed, fixed=not options.page_nonces)
        self._document = api_document(catalog, self.routes, options.server_version)

    @asynccontextmanager
    async def running(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Simulator]:
        """Serve until the block ends; port 0 takes a free one. `base_url` says where."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            bound = runner.addresses[0]
            shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            self.base_url = f"http://{shown}:{bound[1]}"
            yield self
        finally:
            await runner.cleanup()

    def application(self) -> web.Application:
        """Return the aiohttp application: counting, latency, faults, what stands in front, the API."""
        app = web.Application(middlewares=[self._count, *self._in_front()])
        app.router.add_route("*", "/{tail:.*}", self._handle)
        return app

    def _in_front(self) -> list[Any]:
        options, layers = self.options, []
        if options.fault_rate > 0:
            layers.append(faults.middleware(options.fault_rate, options.faults, options.seed))
        if options.behind is not None:
            title = self.catalog.vendor.title
            front = disturbances.Front(self._serial, options.tokens, title, options.seed)
            layers.append(disturbances.middleware(options.behind, front))
        return layers

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        found = self.routes.find(request.method, request.rel_url.raw_path)
        self.counts.by_method[request.method] += 1
        self.counts.by_route[found.route.key if found else f"{request.method} *"] += 1
        self.counts.by_token[self._asker(request)] += 1
        if self.options.latency_ms > 0:
            await asyncio.sleep(self.options.latency_ms / 1000)
        return await handler(request)

    def _asker(self, request: web.Request) -> str:
        grant = self._grant(request)
        if grant is not None:
            return grant.name
        return "unknown" if bearer(request.headers.get("authorization", "")) else "anonymous"

    def _grant(self, request: web.Request) -> Grant | None:
        return grant_for(request.headers.get("authorization", ""), self.options.tokens)

    async def _handle(self, request: web.Request) -> web.Response:
        method = "GET" if request.method == "HEAD" else request.method
        found = self.routes.find(method, request.rel_url.raw_path)
        if found is None or not self._is_there(found):
            return self._not_there(request)
        try:
            return json_reply(await self._answer(request, found))
        except RefusedError as refusal:
            return json_reply(refusal.answer)

    def _is_there(self, found: Match) -> bool:
        """Return whether the API itself answers, be it with a refusal for the plan."""
        if found.route.presence is Presence.ABOVE_PLAN:
            return self.options.refusal is Refusal.JSON
        return found.route.presence is Presence.MOUNTED

    def _not_there(self, request: web.Request) -> web.Response:
        """Answer as for a route that cannot exist: the application's page, or no such method."""
        if request.method not in _READS:
            headers = {"content-security-policy": "default-src 'none'", "x-content-type-options": "nosniff"}
            return html_reply(404, pages.no_route(request.method, request.path), headers)
        nonce, request_id = self._serial.next(24), self._serial.next(32)
        shell = pages.app_shell(self.catalog.vendor.title, nonce, request_id)
        policy = f"script-src 'self' 'nonce-{nonce}'"
        headers = {"cache-control": "no-cache", "content-security-policy": policy, "x-request-id": request_id}
        return html_reply(200, shell, headers)

    async def _answer(self, request: web.Request, found: Match) -> Answer:
        route = found.route
        behaviour = route.behaviour or _PLAIN
        if behaviour.act == "health":
            return Answer(body={"status": "ok"})  # the body is not documented
        if behaviour.act == "document":
            return Answer(body=self._document)
        if not route.open:
            self._check_rights(request, found)
        body = await _body(request, behaviour)
        call = Call(
            behaviour=behaviour, state=self.state, ids=found.ids, query=dict(request.query), body=body
        )
        if route.behaviour is None:
            return perform_unknown(route.operation.method, route.key, call)
        return perform(call)

    def _check_rights(self, request: web.Request, found: Match) -> None:
        """Raise RefusedError for the token, the plan or the scope, in this order."""
        grant = self._grant(request)
        if grant is None:
            raise RefusedError(answers.unauthorized())
        if found.route.presence is Presence.ABOVE_PLAN:
            raise RefusedError(answers.not_in_plan())
        if not suffices(grant, found.route.operation.scopes):
            raise RefusedError(answers.missing_scope(found.route.operation.scopes))


async def _body(request: web.Request, behaviour: Behaviour) -> dict[str, Any]:
    """Return the body as an object; raise RefusedError where query or body is not acceptable."""
    if said := query_problem(behaviour.query, request.query):
        raise RefusedError(answers.invalid(said))
    raw = await request.read()
    try:
        given: Any = msgspec.json.decode(raw) if raw.strip() else {}
    except msgspec.DecodeError:
        raise RefusedError(answers.invalid("The body is not valid JSON")) from None
    if said := problem(given, behaviour.body or {"type": "object"}):
        raise RefusedError(answers.invalid(said))
    checked: dict[str, Any] = given
    return checked


def _state_with(options: SimulatorOptions) -> State:
    """Return the beginning state, with the organization's tokens among its objects."""
    state = State()
    for secret, grant in options.tokens.items():
        fields = {"label": grant.name, "scopes": list(grant.scopes), "last4": secret[-4:]}
        state.create("access_tokens", fields)
    return state
