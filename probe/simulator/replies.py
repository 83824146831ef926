"""Answers and pages as aiohttp responses.

Comes in: an Answer or HTML text. Goes out: a response with the headers that belong to it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

from probe.simulator.answers import Answer

JSON_TYPE = "application/json; charset=utf-8"


def json_reply(answer: Answer) -> web.Response:
    """Return a JSON answer; one without a body has no content type either (recorded)."""
    if answer.body is None:
        return web.Response(status=answer.status)
    return web.Response(
        status=answer.status, body=msgspec.json.encode(answer.body), headers={"content-type": JSON_TYPE}
    )


def html_reply(
    status: int, page: str, headers: Mapping[str, str] | None = None, charset: str = "utf-8"
) -> web.Response:
    """Return a page; `charset` is left out of the content type where it is empty."""
    kind = f"text/html; charset={charset}" if charset else "text/html"
    return web.Response(status=status, body=page.encode(), headers={"content-type": kind, **(headers or {})})
