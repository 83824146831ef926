"""An Enterprise organization as it was recorded, replayed over HTTP.

Comes in: fixtures/recorded/enterprise.jsonl and GET requests. Goes out: the recorded answers, whatever
the query. What no recording says is chosen so that it claims nothing about the plan:

- no bearer token, or not the one that this server knows: JSON 401 on every path of the API that is
  documented (`documented` names them), as the vendor documents the status;
- an id that no recording has, where the same route was recorded with another id: the item of the
  recorded list where it holds one, else JSON 404 in the recorded error envelope;
- the API's own document, which was not recorded: JSON 404, so that no version is known;
- any other documented operation, and every write: JSON 503, which a scan can only call inconclusive;
- every path that is not documented: the shell of a single-page application.

It shares no code with the simulator, so that the two cannot agree by accident.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recorded" / "enterprise.jsonl"
TOKEN = "recorded-token-a1b2c3d4e5f6a7b8c9d0"
DOCUMENT = "/api/v2/spec"

SHELL = """<!doctype html><html><head><meta charset="utf-8"><title>Recorded</title>
<script defer src="/assets/app.0f3a.js"></script></head><body><div id="root"></div></body></html>"""


class RecordedServer:
    """Where it listens, the token it knows, and how often each method was asked."""

    def __init__(self, documented: Iterable[tuple[str, str]]) -> None:
        self.base_url = ""
        self.token = TOKEN
        self.counts: Counter[str] = Counter()
        self._documented = [(method, _pattern(path)) for method, path in documented]
        self._answers = {row["path"]: row for row in recordings() if row["method"] == "GET"}

    async def handle(self, request: web.Request) -> web.Response:
        self.counts[request.method] += 1
        path = request.path.rstrip("/")
        if path != DOCUMENT and not self._is_documented(request.method, path):
            return web.Response(text=SHELL, content_type="text/html", charset="utf-8")
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _refuse(401, "Authentication failure")
        if path == DOCUMENT:
            return _refuse(404, "No document was recorded")
        if request.method != "GET":
            return _refuse(503, "No write is replayed")
        return self._recorded(path)

    def _recorded(self, path: str) -> web.Response:
        if path in self._answers:
            row = self._answers[path]
            return _json(row["status"], row["body"])
        parent, _, key = path.rpartition("/")
        if any(other.rpartition("/")[0] == parent for other in self._answers) and _is_id(key):
            return self._by_id(parent, key)
        return _refuse(503, "This operation was not recorded")

    def _by_id(self, parent: str, key: str) -> web.Response:
        """Answer for an id under a route that was recorded with another one."""
        listed = self._answers.get(parent, {"body": {"data": []}})["body"]["data"]
        for item in listed:
            if str(item["id"]) == key:
                return _json(200, {"success": True, "data": item})
        return _refuse(404, f"Nothing with id {key} exists")

    def _is_documented(self, method: str, path: str) -> bool:
        return any(method == known and pattern.fullmatch(path) for known, pattern in self._documented)


@asynccontextmanager
async def recorded_server(documented: Iterable[tuple[str, str]]) -> AsyncIterator[RecordedServer]:
    """Serve the recordings; `documented` are the vendor's operations as (method, path template)."""
    server = RecordedServer(documented)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


def recordings() -> list[dict[str, Any]]:
    """Return every recorded exchange: source, method, path, request, status, content_type, body."""
    return [json.loads(line) for line in RECORDINGS.read_text().splitlines()]


def recorded_reads() -> list[str]:
    """Return the paths of the reads that were recorded, each of them answered with success."""
    return sorted({row["path"] for row in recordings() if row["method"] == "GET"})


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}|:[A-Za-z]\w*", path.rstrip("/"))
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _is_id(text: str) -> bool:
    """Return whether a path's last part is an id (it holds a digit) and no word of the API."""
    return any(char.isdigit() for char in text)


def _json(status: int, body: Any) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps(body).encode(),
        headers={"content-type": "application/json; charset=utf-8"},
    )


def _refuse(status: int, message: str) -> web.Response:
    answer = _json(status, {"success": False, "message": message})
    if status == 503:
        answer.headers["retry-after"] = "0"
    return answer
