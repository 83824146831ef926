"""A year of nightly scans of one simulated organization: what truly happens, and what was said of it.

`script` makes the year from a seed; `Year` lives it, night by night, with real HTTP, a real history and
messages to a real receiver; `verdict` compares what was said with what happened.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import fnmatch
import hashlib
import json
import random
import re
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
from aiohttp import web
from changing_world import TOKENS, Organization, prepared

import probe.scan.client
import probe.scan.pace
import probe.scan.record
from probe.notify.delivery import announce
from probe.notify.model import Rules
from probe.notify.webhook import Webhook, signature
from probe.rounds import run_round
from probe.secret import Secret, Token
from probe.simulator import answers
from probe.simulator.behaviour import normal
from probe.simulator.disturbances import IN_FRONT, Front
from probe.simulator.options import NEWEST_VERSION, OLD_VERSION, Disturbance, Grant
from probe.simulator.pages import Serial
from probe.simulator.replies import html_reply, json_reply
from probe.simulator.routes import Presence, full_path
from probe.simulator.tokens import suffices

NAMES = ("admin", "reader")
# Routes that the upgrade takes away: a whole group, and a part of another.
REMOVED = ("app_themes.*", "custom_component_libraries.revisions.*", "source_control.settings.get")
HOOK_SECRET = Secret("h" * 32)
_TIMEOUT_S = 0.25

# What a single probe may meet all night; nothing of it says that something is gone.
LASTING = (
    "timeout", "429", "502", "500", "503", "reset", "cut", "error-page", "login", "waf", "challenge",
    "maintenance", "404-json",
)  # fmt: skip
# What only passes: the first time a probe is sent that night. It looks like a loss.
PASSING = (*LASTING, "no-route", "401", "403", "no-plan")


@dataclass(frozen=True)
class Trouble:
    """Something in front of everything for one night, from the `begin`th request to the `end`th."""

    kind: str
    begin: int = 0
    end: int = 10_000


@dataclass
class Event:
    """A change that is worth an alarm (`lost`) or is the end of one (`gained`)."""

    night: int
    kind: str
    name: str
    lost: frozenset[str] = frozenset()


@dataclass
class Script:
    """What happens in which night."""

    nights: int
    changes: dict[int, list[tuple[str, object]]]
    troubles: dict[int, Trouble]
    blips: float = 0.05


OUTAGES = (
    Trouble("502"), Trouble("502"), Trouble("maintenance"), Trouble("maintenance"), Trouble("reset"),
    Trouble("500"), Trouble("error-page"), Trouble("502", begin=60), Trouble("maintenance", begin=90),
    Trouble("reset", begin=40), Trouble("502", end=6), Trouble("503", begin=30, end=90),
)  # fmt: skip
FIREWALLS = (Trouble("waf"), Trouble("challenge"), Trouble("allow-list"), Trouble("waf", begin=50))


def year(seed: int) -> Script:
    """Return 365 nights: 12 outages, 4 firewall days, 3 downgrades, 2 rotations, 1 upgrade."""
    rng = random.Random(f"year {seed}")  # noqa: S311 - a repeatable choice
    near = [base + rng.randrange(12) for base in (30, 60, 90, 125, 160, 195, 230, 265, 300, 335)]
    steps = [
        ("plan", "business"), ("plan", "enterprise_premium"), ("rotate", ("admin",)),
        ("plan", "enterprise_base"), ("plan", "enterprise_premium"), ("upgrade", None),
        ("rotate", NAMES), ("plan", "team"), ("plan", "business"), ("plan", "enterprise_premium"),
    ]  # fmt: skip
    changes = {night: [step] for night, step in zip(near, steps, strict=True)}
    for night in list(changes):
        (what, value) = changes[night][0]
        if what == "rotate":
            changes.setdefault(night + (2 if value == ("admin",) else 4), []).append(("configure", value))
    days = rng.sample(range(1, 365), len(OUTAGES) + len(FIREWALLS))
    troubles = dict(zip(days, rng.sample((*OUTAGES, *FIREWALLS), len(days)), strict=True))
    return Script(nights=365, changes=changes, troubles=troubles)


class World(Organization):
    """An organization with blips, troubles, and routes that go away."""

    def __init__(self, seed: int, **options) -> None:
        super().__init__(**options)
        self.seed = seed
        self.night = 0
        self.blips = 0.0
        self.timeout_s = _TIMEOUT_S
        self.lasting, self.passing = LASTING, PASSING
        self.all_night: Trouble | None = None
        self.received = 0
        self._asked: Counter[str] = Counter()
        self._serial_front = Serial(seed, fixed=False)

    def take_away(self, globs: tuple[str, ...]) -> None:
        """Remove routes from the server for good."""
        kept = [
            item for item in self.catalog.operations
            if not any(fnmatch.fnmatch(item.id, glob) for glob in globs)
        ]  # fmt: skip
        self.catalog = msgspec.structs.replace(self.catalog, operations=tuple(kept))

    def begin_night(self, night: int, blips: float, trouble: Trouble | None) -> None:
        """Draw the night's blips anew."""
        self.night, self.blips, self.all_night = night, blips, trouble
        self.received = 0
        self._asked.clear()

    def truth(self, valid: dict[str, Token]) -> frozenset[str]:
        """Return the operations that some valid token may use."""
        grants = [self.options.tokens.get(token.secret.reveal()) for token in valid.values()]
        routes = {route.key: route for route in self.routes}
        return frozenset(
            operation.id
            for operation in self.catalog.operations
            if routes[f"{operation.method} {normal(full_path(operation, self.catalog))}"].presence
            is Presence.MOUNTED
            and any(grant and suffices(grant, operation.scopes) for grant in grants)
        )

    def application(self) -> web.Application:
        """Put blips and troubles in front."""
        app = super().application()

        @web.middleware
        async def disturbed(request, handler):
            kind = self._kind(request)
            if kind == "cut":
                return await _cut(await handler(request), request)
            return await self._meet(kind, request) if kind else await handler(request)

        app.middlewares.insert(0, disturbed)
        return app

    def _kind(self, request: web.Request) -> str:
        self.received += 1
        trouble = self.all_night
        if trouble is not None and trouble.begin < self.received <= trouble.end:
            return trouble.kind
        key = f"{request.method} {request.path} {request.headers.get('authorization', '')}"
        self._asked[key] += 1
        first = self._asked[key] == 1
        if made_up := _MADE_UP.search(key):  # a random name: the same one for each night with this seed
            self._asked[made_up[1]] += not self._asked[key] - 1
            key = f"{made_up[1]} {self._asked[made_up[1]]}"
        dice = random.Random(hashlib.sha256(f"{self.seed} {self.night} {key}".encode()).digest())  # noqa: S311
        if dice.random() >= self.blips:
            return ""
        if dice.random() < 0.5:  # as many that last as that pass
            return dice.choice(self.lasting)
        return dice.choice(self.passing) if first else ""

    async def _meet(self, kind: str, request: web.Request) -> web.StreamResponse:
        front = Front(self._serial_front, self.options.tokens, "Acme", self.seed)
        match kind:
            case "timeout":
                await asyncio.sleep(self.timeout_s * 1.5)
                return web.Response()
            case "reset":
                request.transport.abort()
                return web.Response()
            case "no-route":
                return self._not_there(request)
            case "502" | "maintenance" | "login" | "waf" | "challenge" | "allow-list":
                reply = IN_FRONT[_FRONTS[kind]](request, front)
                return reply if reply is not None else self._not_there(request)
            case "error-page":
                return html_reply(500, _ERROR_PAGE)
            case _:
                reply = json_reply(_JSON[kind])
                if kind == "429":
                    reply.headers["retry-after"] = "0"
                return reply


_MADE_UP = re.compile("(no-such-route|garbage)-")
_ERROR_PAGE = (
    "<html><head><title>Application error</title></head><body><h1>Something went wrong</h1></body></html>"
)
_FRONTS = {
    "502": Disturbance.GATEWAY_502,
    "maintenance": Disturbance.MAINTENANCE,
    "login": Disturbance.LOGIN,
    "waf": Disturbance.WAF_BLOCK,
    "challenge": Disturbance.CLOUDFLARE_CHALLENGE,
    "allow-list": Disturbance.IP_ALLOWLIST,
}
_JSON = {
    "500": answers.failure(500, "Internal server error"),
    "503": answers.failure(503, "Service unavailable"),
    "429": answers.failure(429, "Too many requests"),
    "404-json": answers.failure(404, "Not found"),
    "401": answers.unauthorized(),
    "403": answers.missing_scope(("users:read",)),
    "no-plan": answers.not_in_plan(),
}


async def _cut(whole: web.Response, request: web.Request) -> web.StreamResponse:
    """Send half of the real answer under its full length, then hang up."""
    body = whole.body or b""
    part = web.StreamResponse(status=whole.status, headers={"content-type": whole.content_type})
    part.content_length = len(body) + 1
    await part.prepare(request)
    await part.write(body[: len(body) // 2])
    request.transport.abort()
    return part


@dataclass
class Night:
    """What one night truly was and what was said."""

    number: int
    truth: frozenset[str]
    code: int
    measured: bool
    lost: frozenset[str]
    apart: frozenset[str]
    gained: frozenset[str]
    headline: str
    sent: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


@dataclass
class Told:
    """What became of a year."""

    nights: list[Night] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    bad_signatures: int = 0
    messages: list[dict[str, object]] = field(default_factory=list)


class Clock:
    """The time as the evidence has it: night after night, at six, a millisecond further each time."""

    def __init__(self) -> None:
        self._now = dt.datetime(2026, 1, 1, 6, tzinfo=dt.UTC)

    def begin(self, night: int) -> None:
        """Begin a night."""
        self._now = dt.datetime(2026, 1, 1, 6, tzinfo=dt.UTC) + dt.timedelta(days=night)

    def __call__(self) -> str:
        self._now += dt.timedelta(milliseconds=1)
        return self._now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@asynccontextmanager
async def receiver(told: Told):
    """Take the messages of the webhook, and check what was signed."""

    async def take(request: web.Request) -> web.Response:
        body, stamp = await request.read(), request.headers["Plan-Probe-Timestamp"]
        good = request.headers["Plan-Probe-Signature"] == signature(HOOK_SECRET, stamp, body)
        told.bad_signatures += not good
        told.messages.append(json.loads(body))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Webhook(Secret(f"http://127.0.0.1:{runner.addresses[0][1]}/hook"), HOOK_SECRET)
    finally:
        await runner.cleanup()


class Life:
    """One organization's year and those who scan it."""

    def __init__(self, script: Script, seed: int, history, *, only=(), waits=True) -> None:
        self.script, self.seed, self.history, self.only = script, seed, history, only
        self.waits = waits
        self.told = Told()
        self.configured = {name: TOKENS[name] for name in NAMES}
        self.clock = Clock()
        self._valid = dict(self.configured)
        self._number = 0

    async def live(self, on_night=lambda _night: None) -> Told:
        """Scan every night."""
        probe.scan.pace._FIRST_SCOUT_S = 0.02  # noqa: SLF001 - a refusal costs half a second each night
        real = probe.scan.client.utc_now
        probe.scan.client.utc_now = probe.scan.record.utc_now = self.clock
        grants = self._grants()
        options = {"plan": "enterprise_premium", "version": OLD_VERSION, "tokens": grants}
        try:
            async with World(self.seed, **options).running() as world, receiver(self.told) as hook:
                if not self.waits:
                    world.lasting, world.passing, world.timeout_s = LASTING[2:], PASSING[2:], 30.0
                for number in range(self.script.nights):
                    night = await self._night(world, hook, number)
                    self.told.nights.append(night)
                    on_night(night)
        finally:
            probe.scan.client.utc_now = probe.scan.record.utc_now = real
        return self.told

    def _grants(self) -> dict[str, Grant]:
        return {
            token.secret.reveal(): Grant(name=name, scopes=token.scopes)
            for name, token in self._valid.items()
        }

    def _change(self, world: World, number: int) -> None:
        for what, value in self.script.changes.get(number, ()):
            before = world.truth(self.configured)
            match what:
                case "plan":
                    world.become(plan=value)
                case "upgrade":
                    world.take_away(REMOVED)
                    world.become(version=NEWEST_VERSION)
                case "rotate":
                    for name in value:
                        self._number += 1
                        old = self._valid[name]
                        fresh = Secret(f"{old.secret.reveal()[:-4]}{self._number:04d}")
                        self._valid[name] = Token(name=name, secret=fresh, scopes=old.scopes)
                    world.become(tokens=self._grants())
                case "configure":
                    self.configured = {**self.configured, **{name: self._valid[name] for name in value}}
                case "scopes":
                    name, without = value
                    token = self._valid[name]
                    kept = tuple(scope for scope in token.scopes if not fnmatch.fnmatch(scope, without))
                    self._valid[name] = Token(name=name, secret=token.secret, scopes=kept)
                    world.become(tokens=self._grants())
            after = world.truth(self.configured)
            kind = "lost" if before - after else "gained"
            label = f"{what} {value}" if value else what
            self.told.events.append(Event(number, kind, label, before - after))

    async def _night(self, world: World, hook: Webhook, number: int) -> Night:
        self._change(world, number)
        self.clock.begin(number)
        world.begin_night(number, self.script.blips, self.script.troubles.get(number))
        ready = prepared(world, tuple(self.configured.values()), baseline="last-good", only=self.only)
        limits = msgspec.structs.replace(
            ready.request.limits, first_byte_timeout_s=world.timeout_s, concurrency=16
        )
        ready = msgspec.structs.replace(ready, request=msgspec.structs.replace(ready.request, limits=limits))
        sent = len(self.told.messages)
        outcome = await run_round(ready, history=self.history, stop=asyncio.Event(), pause=_no_time)
        assert not outcome.trouble, outcome.trouble
        troubles = await announce(outcome.report, self.history, (hook,), Rules(), pause=_no_time)
        assert not troubles, troubles
        changes = outcome.report.changes
        token_lost = {name for item in changes.tokens for name in item.operations} if changes else set()
        return Night(
            number=number,
            truth=world.truth(self.configured),
            code=int(outcome.exit_code),
            measured=outcome.report.measured,
            lost=frozenset({item.operation for item in changes.lost} | token_lost if changes else ()),
            apart=frozenset(item.operation for item in changes.apart) if changes else frozenset(),
            gained=frozenset(item.operation for item in changes.gained) if changes else frozenset(),
            headline=changes.headline if changes else "",
            sent=tuple("+".join(item["events"]) for item in self.told.messages[sent:]),
            causes=tuple(sorted({item.cause_after.value for item in changes.lost})) if changes else (),
        )


async def _no_time(_seconds: float) -> None:
    await asyncio.sleep(0)


@dataclass
class Verdict:
    """What was said, held against what happened."""

    losses: int = 0
    told_once: int = 0
    missed: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    wrong_operations: list[str] = field(default_factory=list)
    false_gains: list[str] = field(default_factory=list)


def verdict(told: Told) -> Verdict:
    """Hold the alarms against the events. An alarm is a night that ends with exit code 10."""
    found = Verdict()
    losses = [event for event in told.events if event.lost]
    found.losses = len(losses)
    alarms = {night.number: night for night in told.nights if night.lost}
    used: set[int] = set()
    for place, event in enumerate(losses):
        end = losses[place + 1].night if place + 1 < len(losses) else len(told.nights)
        own = [
            number
            for number in range(event.night, end)
            if number in alarms and alarms[number].lost & event.lost
        ]
        refused = _named_without_alarm(told, event, end)
        used |= set(own)
        if not own and not refused:
            found.missed.append(f"night {event.night} {event.name}")
        elif len(own) > 1:
            found.repeated.append(f"night {event.night} {event.name}: alarms {own}")
        else:
            found.told_once += 1
    found.false_alarms = [
        f"night {number}: {alarms[number].headline}" for number in sorted(set(alarms) - used)
    ]
    for night in told.nights:
        if wrong := night.lost & night.truth:
            found.wrong_operations.append(f"night {night.number}: {sorted(wrong)}")
        if wrong := night.gained - night.truth:
            found.false_gains.append(f"night {night.number}: {sorted(wrong)}")
    return found


def _named_without_alarm(told: Told, event: Event, end: int) -> bool:
    """Return whether every token was refused: then nothing was measured, and the first line says so."""
    nights = told.nights[event.night : end]
    return event.name.startswith("rotate") and any(
        not night.measured and "is refused now" in night.headline for night in nights
    )
