"""A share of the requests meets a fault instead of an answer, fixed by the seed.

Comes in: a request. Goes out: a broken answer, or the real one. The state never depends on it.
"""

from __future__ import annotations

import random

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from probe.simulator import answers, pages
from probe.simulator.options import Fault
from probe.simulator.replies import html_reply, json_reply


def middleware(rate: float, faults: tuple[Fault, ...], seed: int) -> Middleware:
    """Return the aiohttp middleware that breaks a share of the answers."""
    dice = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret

    @web.middleware
    async def break_some(request: web.Request, handler: Handler) -> web.StreamResponse:
        if dice.random() >= rate:
            return await handler(request)
        return await _broken(dice.choice(faults), request, handler)

    return break_some


async def _broken(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    match fault:
        case Fault.BAD_GATEWAY:
            return html_reply(502, pages.bad_gateway(), {"server": "nginx"}, charset="")
        case Fault.SERVER_ERROR:
            return json_reply(answers.failure(500, "Internal server error"))
        case Fault.RATE_LIMITED:
            reply = json_reply(answers.failure(429, "Too many requests"))
            reply.headers["retry-after"] = "0"
            return reply
        case Fault.RESET:
            _hang_up(request)
            return web.Response()
        case Fault.CUT:
            return await _cut(request, handler)


async def _cut(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Send half of the real answer under its full length, then hang up."""
    whole = await handler(request)
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b""
    part = web.StreamResponse(status=whole.status, headers={"content-type": "application/json"})
    part.content_length = len(body) + 1
    await part.prepare(request)
    await part.write(body[: len(body) // 2])
    _hang_up(request)
    return part


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
