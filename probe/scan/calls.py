"""What one request is before it is sent.

Comes in: an operation or a control, a token, the ids found so far. Goes out: a Call, which the
client sends, and its masked record for the evidence. Sends nothing.
"""

from __future__ import annotations

import json
from enum import StrEnum
from urllib.parse import quote, urlencode

from msgspec import Struct

from probe.catalog.model import Hazard, Operation
from probe.evidence import Request
from probe.secret import Token

HARMLESS_METHODS = frozenset({"GET", "HEAD"})


class Origin(StrEnum):
    """Where the value of a path id came from. A random one is a control's, and no catalog can name it."""

    SENTINEL = "sentinel"
    RANDOM = "random"
    DISCOVERED = "discovered"
    LISTED = "listed"


class FilledId(Struct, frozen=True, kw_only=True):
    """A path id with its value. `shown` says where it came from, for the evidence."""

    name: str
    value: str
    origin: Origin
    shown: str


class Call(Struct, frozen=True, kw_only=True):
    """A request to be sent: `template` is a path with `{name}` for each of `ids`.

    `required` are the fields without which the server must refuse the body.
    """

    method: str
    template: str
    hazard: Hazard
    ids: tuple[FilledId, ...] = ()
    query: dict[str, str] = {}
    body: str = ""
    required: tuple[str, ...] = ()
    token: Token | None = None

    @property
    def path(self) -> str:
        """The path with its query as it goes over the wire."""
        filled = self.template
        for item in self.ids:
            filled = filled.replace(f"{{{item.name}}}", quote(item.value, safe=""))
        return filled + self._query_text()

    @property
    def shown_path(self) -> str:
        """The path as the evidence shows it: an id that came from the server stays a `{name}`."""
        filled = self.template
        for item in self.ids:
            if item.origin is not Origin.DISCOVERED:
                filled = filled.replace(f"{{{item.name}}}", quote(item.value, safe=""))
        return filled + self._query_text()

    def _query_text(self) -> str:
        return "?" + urlencode(self.query) if self.query else ""

    def record(self, headers: tuple[tuple[str, str], ...]) -> Request:
        """Return the masked record of this request."""
        shown = tuple(
            (name, "Bearer [masked]" if name == "authorization" else value) for name, value in headers
        )
        return Request(
            method=self.method,
            path=self.shown_path,
            headers=shown,
            ids={item.name: item.shown for item in self.ids},
            body=self.body,
        )


def operation_call(operation: Operation, ids: tuple[FilledId, ...], token: Token | None) -> Call:
    """Return the request that asks `operation` with `token`."""
    body = "" if operation.ask.body is None else json.dumps(operation.ask.body, separators=(",", ":"))
    return Call(
        method=operation.method,
        template=operation.path,
        hazard=operation.hazard,
        ids=ids,
        query=operation.ask.query,
        body="" if operation.method in HARMLESS_METHODS else body,
        required=operation.ask.required,
        token=token,
    )
