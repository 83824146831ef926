"""What each route does, as data: which part of the state it reads or changes, and what it requires.

Comes in: data/routes.json and data/exposure.json. Goes out: frozen records. The required fields are
the vendor's own document's, not the catalog's, so that catalog and simulator do not simply agree.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

# A value as JSON has it.
Json: TypeAlias = Any

_PARAMETER = re.compile(r"\{[^}/]*\}|:[A-Za-z]\w*")


class Behaviour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One route: `METHOD /path` with `*` for each path id, its act (see reads and writes), and details.

    `of` is the collection or the single object that it concerns, `children` a collection below that
    one with `parent` as its field. `take` names the member of the body that is kept; `rename` gives
    body fields another name, or drops those with an empty one; `refs` are dotted places in the body
    that must name an item of a collection; `embed` puts copies of such items into the new one.
    `source` and `match` are the fields that name an item to clone or replace. `set` is what the act
    sets; `log` a journal that it also writes. `wrap` names a member around the data, `bare` leaves
    the envelope out, `counted` says whether a list carries its counts. `missing` is the status for an
    unknown id. `query` and `body` are what a valid request needs.
    """

    route: str
    act: str
    of: str = ""
    children: str = ""
    parent: str = ""
    source: str = ""
    match: str = ""
    take: str = ""
    rename: dict[str, str] = {}
    refs: dict[str, str] = {}
    embed: dict[str, tuple[str, str]] = {}
    set: dict[str, Any] = {}
    log: str = ""
    wrap: str = ""
    bare: bool = False
    counted: bool | None = None
    status: int = 200
    missing: int = 404
    value: Any = None
    query: tuple[str, ...] = ()
    body: dict[str, Any] | None = None
    note: str = ""


class Exposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which plan on a path is there where the vendor documents none; `open` needs no token."""

    prefix: str
    plan: str = msgspec.field(name="from")
    why: str
    open: bool = False


def normal(path: str) -> str:
    """Return a path template with `*` for each parameter and without a slash at the end.

    >>> normal("/organization/{id}/")
    '/organization/*'
    """
    return _PARAMETER.sub("*", path).rstrip("/")


@cache
def behaviours() -> dict[str, Behaviour]:
    """Return the known routes by `METHOD /path`."""
    rows = msgspec.json.decode(_data("routes.json"), type=list[Behaviour])
    return {row.route: row for row in rows}


@cache
def exposures() -> tuple[Exposure, ...]:
    """Return the prefixes in the order in which they are tried; the last fits every path."""
    return msgspec.json.decode(_data("exposure.json"), type=tuple[Exposure, ...])


def seed() -> dict[str, Any]:
    """Return a fresh copy of the state that a simulator begins with."""
    fresh: dict[str, Any] = msgspec.json.decode(_data("seed.json"))
    return fresh


@cache
def _data(name: str) -> bytes:
    return files("probe.simulator").joinpath("data", name).read_bytes()
