"""Small questions to what came back, for the scan to go on by. They judge nothing.

Comes in: answers, exchanges, parsed documents. Goes out: plain answers. Sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from probe.errors import ConfigError
from probe.evidence import Exchange, Failure, Form, Response
from probe.scan.client import Answer
from probe.scan.location import location_of

_NO_ROUTE = frozenset({404, 405, 410, 501})
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,39}")


def is_success(answer: Answer) -> bool:
    """Return whether the last attempt brought a status of the 2xx range."""
    outcome = answer.attempts[-1].outcome
    return isinstance(outcome, Response) and 200 <= outcome.status < 300  # noqa: PLR2004 - the 2xx range


def may_lack_route(exchange: Exchange | None) -> bool:
    """Return whether a read was answered as routes are that a server does not have: a page, or such a status.

    A made-up id alone explains such a status.
    """
    if exchange is None or exchange.request.method != "GET" or not isinstance(exchange.outcome, Response):
        return False
    made_up = any(origin.startswith("sentinel") for origin in exchange.request.ids.values())
    return exchange.outcome.body.form is Form.HTML or (exchange.outcome.status in _NO_ROUTE and not made_up)


def version_in(document: Any, pointer: str) -> str:  # noqa: ANN401 - any JSON value
    """Return the version that an API's document states at a pointer such as `/info/version`, or ""."""
    for key in pointer.strip("/").split("/"):
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, str) and _VERSION.fullmatch(document) else ""


def refuse_upgrade(origin: str, outcomes: Iterable[Response | Failure], what_was_sent: str) -> None:
    """Raise ConfigError if plain http is answered by a move to https; it says whether a token was sent."""
    here = urlsplit(origin)
    for outcome in outcomes if here.scheme == "http" else ():
        location = location_of(origin, outcome)
        if location and location.scheme == "https" and location.hostname == here.hostname:
            raise ConfigError(
                f"{origin} moves every caller to https; {what_was_sent}.",
                f"Use https://{location.netloc} as the base URL.",
            )
