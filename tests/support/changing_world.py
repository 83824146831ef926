"""A simulated organization that changes between scans, or in the middle of one; rounds over real HTTP."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from probe.catalog.load import load_catalog
from probe.config import LimitsEntry, limits_from
from probe.expectations import Expectations
from probe.failing import ALL
from probe.masking import Mask
from probe.report.jsonfile import render_json
from probe.rounds import run_round
from probe.scan.agenda import make_agenda
from probe.scan.request import ScanRequest
from probe.settings import Comparing, Prepared
from probe.simulator.app import Simulator
from probe.simulator.disturbances import IN_FRONT, Front
from probe.simulator.document import api_document
from probe.simulator.options import Disturbance, SimulatorOptions
from probe.simulator.pages import Serial
from probe.simulator.routes import Routes
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
TOKENS = {token.name: token for token in demo_tokens(CATALOG)}
# Enough for most tests: routes of each plan, in groups of their own.
FEW = ("users.*", "groups.*", "folders.*", "user_invites.*")
LIMITS = limits_from(LimitsEntry(requests_per_minute="off", retries=0), 1)


class Organization(Simulator):
    """A simulator whose plan, version, tokens and troubles can change while it runs.

    `trouble(request)` gives an answer in the API's place, or None.
    """

    def __init__(self, **options) -> None:
        super().__init__(SimulatorOptions(**options), CATALOG)
        self.trouble = lambda _request: None

    def become(self, **options) -> None:
        """Change the organization from here on."""
        self.options = msgspec.structs.replace(self.options, **options)
        self.routes = Routes(self.catalog, self.options.plan, self.options.server_version)
        self._document = api_document(self.catalog, self.routes, self.options.server_version)

    def not_there(self, request: web.Request) -> web.Response:
        """Answer as for a route that cannot exist."""
        return self._not_there(request)

    def put_in_front(self, disturbance: Disturbance, only: str = "") -> None:
        """Put a disturbance in front of the paths that hold `only`."""
        front = Front(Serial(1, fixed=False), self.options.tokens, "Acme", 1)
        in_front = IN_FRONT[disturbance]
        self.trouble = lambda request: in_front(request, front) if only in request.path else None

    def application(self) -> web.Application:
        """Put the trouble of the moment in front."""
        app = super().application()

        @web.middleware
        async def troubled(request, handler):
            return self.trouble(request) or await handler(request)

        app.middlewares.insert(0, troubled)
        return app


@asynccontextmanager
async def organization(plan="enterprise_premium", tokens=("admin",), **options):
    """Run an organization that knows these tokens."""
    known = grants_of(TOKENS[name] for name in tokens)
    async with Organization(**{"plan": plan, "tokens": known, **options}).running() as running:
        yield running


def prepared(  # noqa: PLR0913 - a scan has many parts
    running,
    tokens=("admin",),
    *,
    baseline="",
    confirm=2,
    only=FEW,
    writes=False,
    expect=None,
    fail_on=ALL,
    catalog=CATALOG,
):
    """Return a scan that is ready to run."""
    chosen = tuple(TOKENS[item] if isinstance(item, str) else item for item in tokens)
    names = [token.name for token in chosen]
    return Prepared(
        request=ScanRequest(
            origin=running.base_url,
            catalog=catalog,
            tokens=chosen,
            agenda=make_agenda(catalog, names, only, guarded_writes=writes),
            limits=LIMITS,
        ),
        mask=Mask(token.secret for token in chosen),
        formats=("json",),
        output_dir=None,
        warnings=(),
        comparing=Comparing(
            baseline=baseline,
            confirm=confirm,
            confirm_after_s=60.0,
            fail_on=fail_on,
            expect=expect or Expectations(),
        ),
    )


async def scan(running, tokens=("admin",), *, history=None, pause=None, **options):
    """Scan once; the pause before asking again takes no time, or is the test's."""

    async def no_time(_seconds: float) -> None:
        await asyncio.sleep(0)

    ready = prepared(running, tokens, **options)
    return await run_round(ready, history=history, stop=asyncio.Event(), pause=pause or no_time)


def saved(outcome, path):
    """Write an outcome's report as a scan does; return the path."""
    path.write_text(render_json(outcome.report), encoding="utf-8")
    return str(path)
