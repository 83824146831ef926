"""The server and the catalog of the benchmark: 600 probes, of a mix that an organization's answers have.

Of each ten operations six answer 2 KB of JSON, two a JSON error, two a page of 40 KB. Run as a program it
serves on a free port of loopback, prints its address, and stays: `/-/start` forgets what was asked,
`/-/asked` tells the requests since then, and the seconds from the first one's arrival to the last one's end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

from aiohttp import web

OPERATIONS, TOKENS = 300, 2
PREFIX = "/api/v2"
SECRETS = tuple(f"bench-secret-{number}-{'0123456789abcdef' * 2}" for number in range(TOKENS))
_ITEM = {"id": "usr_1234567890", "name": "A name", "active": True, "metadata": {"a": [1, 2], "b": None}}
SUCCESS = json.dumps({"success": True, "data": [_ITEM] * 19, "total_count": 19, "has_more": False}).encode()
ERROR = json.dumps(
    {"success": False, "message": "The access token does not have the scope users:read."}
).encode()
NOTHING = json.dumps({"success": False, "message": "Not found"}).encode()
DOCUMENT = json.dumps({"openapi": "3.0.3", "info": {"version": "1.0.0"}, "paths": {}}).encode()
UNKNOWN_TOKEN = json.dumps({"success": False, "message": "Invalid access token"}).encode()


def page() -> bytes:
    """Return a web application's start page of 40 KB: styles, scripts, some text, and a nonce."""
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Workspace</title>'
    links = "".join(
        f'<link rel="preload" href="/static/chunk-{number}.js" as="script">' for number in range(60)
    )
    style = "<style>" + ".box{display:flex;margin:0 auto;color:#123456}\n" * 300 + "</style>"
    script = "<script nonce='@NONCE@'>window.settings=" + json.dumps(
        {f"flag{number}": number % 2 for number in range(900)}
    )
    text = head + links + style + script + "</script></head><body><div id='root'></div>"
    rows = "<div class='row'><a href='/login'>Sign in</a><p>Loading your workspace.</p></div>"
    while len(text) < 40_000:
        text += rows
    return (text + "</body></html>").encode()


PAGE = page()


def kind_of(number: int) -> str:
    """Return what the operation with this number answers."""
    return (*["success"] * 6, *["error"] * 2, *["page"] * 2)[number % 10]


def catalog() -> dict[str, object]:
    """Return a catalog of as many reads, on two plans."""
    operations = [
        {
            "id": f"part{number // 30}.read{number}",
            "method": "GET",
            "path": f"{PREFIX}/part{number // 30}/read{number}",
            "group": f"part{number // 30}",
            "summary": f"Read {number}",
            "hazard": "read",
            "hazard_reason": "Reads only.",
            "scopes": ["users:read"],
            "plan": "high" if kind_of(number) == "page" else "low",
            "plan_basis": "operation",
            "plan_source": "https://example.com/plans",
            "success_statuses": [200],
        }
        for number in range(OPERATIONS)
    ]
    return {
        "version": "1",
        "vendor": {
            "id": "bench",
            "title": "Bench",
            "api_prefix": PREFIX,
            "document": f"{PREFIX}/spec",
            "version_pointer": "/info/version",
            "version_product": "bench",
            "calibration": "part0.read0",
            "base_url_example": "https://example.com",
            "requests_per_minute": 240,
            "requests_per_minute_reason": "A benchmark.",
        },
        "plans": [{"id": "low", "title": "Low"}, {"id": "high", "title": "High"}],
        "groups": [{"id": f"part{number}", "title": f"Part {number}"} for number in range(OPERATIONS // 30)],
        "scopes": {"users:read": "Users > Read"},
        "operations": operations,
    }


JSON_ANSWERS = {"success": (200, SUCCESS), "error": (403, ERROR), "unknown token": (401, UNKNOWN_TOKEN)}


def _page(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/html", charset="utf-8")


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")


class Server:
    """Answers after `latency_s`, and keeps what was asked."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._answers = {
            f"{PREFIX}/part{number // 30}/read{number}": kind_of(number) for number in range(OPERATIONS)
        }
        self._asked: list[tuple[str, str]] = []
        self._first = self._last = 0.0
        self._pages = 0

    async def answer(self, request: web.Request) -> web.Response:
        if request.path.startswith("/-/"):
            return self._tell(request.path)
        self._first = self._first or time.perf_counter()
        token = request.headers.get("Authorization", "")
        self._asked.append((request.path_qs, token))
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        response = self._response(request.path, token.removeprefix("Bearer "))
        self._last = time.perf_counter()
        return response

    def _response(self, path: str, token: str) -> web.Response:
        if path == "/":
            return _page(PAGE)
        if path == f"{PREFIX}/spec":
            return _json(200, DOCUMENT)
        match self._answers.get(path) if token in SECRETS else "unknown token":
            case "page":
                self._pages += 1
                return _page(PAGE.replace(b"@NONCE@", b"%032x" % self._pages))
            case None:
                return _json(404, NOTHING)
            case kind:
                return _json(*JSON_ANSWERS[kind])

    def _tell(self, path: str) -> web.Response:
        if path == "/-/start":
            self._asked, self._first, self._last = [], 0.0, 0.0
        return web.json_response({"asked": self._asked, "seconds": self._last - self._first})


async def serve(latency_s: float) -> None:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", Server(latency_s).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=256).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.sleep(3600)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--catalog", type=Path)
    said = parser.parse_args()
    if said.catalog:
        said.catalog.write_text(json.dumps(catalog()))
    try:
        import uvloop

        run = uvloop.run
    except ImportError:
        run = asyncio.run
    run(serve(said.latency_ms / 1000))
