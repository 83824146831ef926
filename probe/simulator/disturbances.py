"""What stands in front of the API, one small function each, with the marks of the real programs.

Comes in: a request. Goes out: the answer of what stands in front, or None where it lets it through.
An old server (`spa-version-old`) is no such thing: it lacks routes, and routes.py knows which.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from probe.simulator import answers, pages
from probe.simulator.options import Disturbance, Grant
from probe.simulator.replies import html_reply, json_reply
from probe.simulator.tokens import grant_for

_PROXY = "proxy.example.com"


class Front:
    """What the functions below share: serial numbers, the tokens, the vendor's name, a memory."""

    def __init__(self, serial: pages.Serial, tokens: Mapping[str, Grant], title: str, seed: int) -> None:
        self.serial = serial
        self.tokens = tokens
        self.title = title
        self.seed = seed
        self.asked: Counter[str] = Counter()


InFront: TypeAlias = Callable[[web.Request, Front], web.Response | None]


def middleware(disturbance: Disturbance, front: Front) -> Middleware:
    """Return the aiohttp middleware that puts a disturbance in front."""
    in_front = IN_FRONT[disturbance]

    @web.middleware
    async def disturb(request: web.Request, handler: Handler) -> web.StreamResponse:
        reply = in_front(request, front)
        return reply if reply is not None else await handler(request)

    return disturb


def cloudflare_challenge(request: web.Request, front: Front) -> web.Response:
    """Ask for a browser on every route."""
    ray = _ray(front)
    headers = {**_cloudflare(ray), "cf-mitigated": "challenge", "cache-control": "private, max-age=0"}
    return html_reply(403, pages.challenge(request.host, ray, front.serial.next()), headers)


def waf_block(request: web.Request, front: Front) -> web.Response:
    """Turn every request away by a firewall's rule."""
    ray = _ray(front)
    return html_reply(403, pages.firewall_block(request.host, ray), _cloudflare(ray))


def login(request: web.Request, front: Front) -> web.Response:
    """Send everybody to a sign-in page, whatever they carry."""
    if request.path == "/login":
        return html_reply(200, pages.sign_in(front.serial.next()), {"cache-control": "no-store"})
    status = 302 if request.method in {"GET", "HEAD"} else 303
    return web.Response(status=status, headers={"location": f"/login?redirect={request.rel_url.raw_path}"})


def proxy(request: web.Request, _front: Front) -> web.Response:
    """Refuse as a company's forward proxy does."""
    headers = {
        "server": "squid/6.6",
        "x-squid-error": "ERR_ACCESS_DENIED 0",
        "via": f"1.1 {_PROXY} (squid/6.6)",
        "x-cache": f"MISS from {_PROXY}",
    }
    return html_reply(403, pages.proxy_refusal(str(request.url), _PROXY), headers)


def gateway_502(_request: web.Request, _front: Front) -> web.Response:
    """Answer as a reverse proxy whose server is down."""
    return html_reply(502, pages.bad_gateway(), {"server": "nginx"}, charset="")


def maintenance(_request: web.Request, _front: Front) -> web.Response:
    """Say that everything is down on purpose, without a Retry-After, as many sites do."""
    return html_reply(503, pages.maintenance(), {"server": "nginx", "cache-control": "no-store"})


def ip_allowlist(request: web.Request, front: Front) -> web.Response | None:
    """Refuse every known token by the asker's address, on every route of the API, in JSON."""
    if not request.path.startswith("/api/"):
        return None
    known = grant_for(request.headers.get("authorization", ""), front.tokens)
    return json_reply(answers.not_on_allow_list() if known else answers.unauthorized())


def wrong_base_url(request: web.Request, front: Front) -> web.Response:
    """Answer every path with the front page of a public site."""
    status = 200 if request.method in {"GET", "HEAD"} else 405
    return html_reply(status, pages.marketing_site(front.title), {"cache-control": "public, max-age=300"})


def flapping(request: web.Request, front: Front) -> web.Response | None:
    """Let about half of each route's requests through; which ones depends on the seed alone."""
    key = f"{request.method} {request.path} {request.headers.get('authorization', '')}"
    front.asked[key] += 1
    toss = hashlib.sha256(f"{front.seed} {key} {front.asked[key]}".encode()).digest()[0]
    return gateway_502(request, front) if toss % 2 else None


def let_through(_request: web.Request, _front: Front) -> None:
    """Let every request through."""


IN_FRONT: dict[Disturbance, InFront] = {
    Disturbance.CLOUDFLARE_CHALLENGE: cloudflare_challenge,
    Disturbance.WAF_BLOCK: waf_block,
    Disturbance.LOGIN: login,
    Disturbance.PROXY: proxy,
    Disturbance.GATEWAY_502: gateway_502,
    Disturbance.MAINTENANCE: maintenance,
    Disturbance.SPA_VERSION_OLD: let_through,
    Disturbance.IP_ALLOWLIST: ip_allowlist,
    Disturbance.WRONG_BASE_URL: wrong_base_url,
    Disturbance.FLAPPING: flapping,
}


def _ray(front: Front) -> str:
    return f"{front.serial.next(16)}-SIM"


def _cloudflare(ray: str) -> dict[str, str]:
    return {"server": "cloudflare", "cf-ray": ray}
