"""A simulated organization whose front misbehaves on some requests, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from probe.simulator.app import Simulator

# Gives an answer in the place of the organization's, or None to let the request through.
Front = Callable[[web.Request, Simulator], web.StreamResponse | None]


@asynccontextmanager
async def mixed_front(simulator: Simulator, front: Front) -> AsyncIterator[str]:
    """Serve the simulator behind `front` on a free loopback port; gives the origin."""

    @web.middleware
    async def before(request: web.Request, handler) -> web.StreamResponse:
        return front(request, simulator) or await handler(request)

    app = simulator.application()
    app.middlewares.insert(0, before)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def operation_of(request: web.Request, simulator: Simulator):
    """Return the catalog's operation that a request is for, or None."""
    found = simulator.routes.find(request.method, request.rel_url.raw_path)
    return found.route.operation if found else None


def ids_of(request: web.Request, simulator: Simulator) -> tuple[str, ...]:
    """Return the ids in a request's path."""
    found = simulator.routes.find(request.method, request.rel_url.raw_path)
    return found.ids if found else ()


def missing(request: web.Request, simulator: Simulator) -> web.Response:
    """Return what this server answers where it has no route: its application's shell."""
    return simulator._not_there(request)  # noqa: SLF001 - the very page is what these worlds need
