"""The report as an HTTP archive (HAR 1.2), to be opened in a browser's network tools.

Comes in: a Report. Goes out: JSON, entry by entry. It holds every attempt of every control and finding,
masked as the evidence is; of a body only what evidence keeps, with a comment that says so. What is not
known is -1, as the format has it. Source: the HAR 1.2 specification (Odvarko, 2012).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote

from probe.evidence import Attempt, Body, Failure, Headers, Request, Response
from probe.report.display import one_line, shown
from probe.report.exchange_text import came_back
from probe.report.model import Report, ReportControl, ReportFinding

# Whatever the server said of its body: our words about it are plain text, and no viewer may draw them.
_TYPE = "text/plain; charset=utf-8"
# What may stand in a URL as it is; the rest, such as the braces of an id that is kept out, is spelt out.
_IN_URLS = "%/?:@!$&'()*+,;=~-._#[]"
_UNKNOWN = -1
_KEPT = "Not the body itself: what the report keeps of it. Secrets and personal data are masked."
_VERSION = "HTTP/1.1"


def stream_har(report: Report) -> Iterator[str]:
    """Yield the document in pieces; together they are one JSON object."""
    creator = {"name": report.tool.name, "version": report.tool.version}
    comment = "A simulated organization. " if report.simulated else ""
    head = {"version": "1.2", "creator": creator, "comment": f"{comment}{_KEPT}"}
    yield json.dumps({"log": head}, indent=1)[: -len("\n }\n}")]
    yield ',\n  "pages": [],\n  "entries": ['
    between = "\n"
    for entry in _entries(report):
        # The escape keeps the text harmless where a page takes the file into a script.
        yield between + json.dumps(entry).replace("<", "\\u003c")
        between = ",\n"
    yield "\n  ]\n }\n}\n"


def _entries(report: Report) -> Iterator[dict[str, Any]]:
    """Yield an entry for each attempt, in the order in which they were sent."""
    items: tuple[ReportControl | ReportFinding, ...] = (*report.controls, *report.findings)
    places = sorted(
        (attempt.started_at, place, number)
        for place, item in enumerate(items)
        for number, attempt in enumerate(item.evidence.attempts)
    )
    for _at, place, number in places:
        item = items[place]
        attempt = item.evidence.attempts[number]
        yield _entry(report, item.evidence.request, attempt, _comment(item, number))


def _comment(item: ReportControl | ReportFinding, number: int) -> str:
    """Say what was asked and, with the last attempt, what the answer means."""
    who = f"token {item.token}" if item.token else "no token"
    role = f"control {item.role}" if isinstance(item, ReportControl) else f"operation {item.operation}"
    said = f"{item.cause}, {item.confidence}, rule {item.rule}: {item.reason}"
    if number + 1 < len(item.evidence.attempts):
        said = f"attempt {number + 1} of {len(item.evidence.attempts)}"
    return one_line(f"{role}, {who}: {said}")


def _entry(report: Report, request: Request, attempt: Attempt, comment: str) -> dict[str, Any]:
    return {
        "startedDateTime": attempt.started_at,
        "time": attempt.elapsed_ms,
        "request": _request(request, report.target.base_url),
        "response": _response(attempt.outcome),
        "cache": {},
        "timings": {
            "blocked": _UNKNOWN,
            "dns": _UNKNOWN,
            "connect": _UNKNOWN,
            "ssl": _UNKNOWN,
            "send": 0,
            "wait": attempt.elapsed_ms,
            "receive": 0,
            "comment": "Only the whole time is known; it stands under wait.",
        },
        "comment": comment,
    }


def _request(request: Request, base_url: str) -> dict[str, Any]:
    url = quote(f"{base_url}{request.path}", safe=_IN_URLS, errors="replace")
    query = request.path.partition("#")[0].partition("?")[2]
    found: dict[str, Any] = {
        "method": request.method,
        "url": url,
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(request.body.encode("utf-8", "replace")),
    }
    if request.body:
        found["postData"] = {"mimeType": "application/json", "text": shown(request.body), "params": []}
    return found


def _response(outcome: Response | Failure) -> dict[str, Any]:
    status, headers, body = (
        (outcome.status, outcome.headers, outcome.body) if isinstance(outcome, Response) else (0, (), None)
    )
    location = outcome.header("location") if isinstance(outcome, Response) else ""
    return {
        "status": status,
        "statusText": "",
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _headers(headers),
        "content": _content(outcome, body),
        "redirectURL": one_line(location),
        "headersSize": -1,
        "bodySize": -1,
    }


def _content(outcome: Response | Failure, body: Body | None) -> dict[str, Any]:
    text = "\n".join(f"{label}: {said}" for label, said in came_back(outcome))
    if body is None:
        return {"size": 0, "mimeType": _TYPE, "text": text, "comment": "no answer came"}
    return {"size": body.size, "mimeType": _TYPE, "text": text, "comment": _KEPT}


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": one_line(name), "value": one_line(value)} for name, value in headers]
