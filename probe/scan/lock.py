"""The second lock on writes: the client asks it before each send, whatever agenda and catalog say.

Comes in: a Call. Goes out: why it must not be sent, or an empty text. It sees the request, its hazard
and the fields that the server requires, and nothing else. The agenda is the first lock; neither relies
on the other, nor on the check of the catalog.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from probe.catalog.model import Hazard
from probe.catalog.shapes import (
    METHODS,
    act_named,
    cannot_exist,
    lacks_required,
    overrides,
    partial_parameters,
    path_problem,
    written_ids,
)
from probe.scan.calls import HARMLESS_METHODS, Call, Origin


def lock_reason(call: Call) -> str:
    """Say why the client must refuse to send this call, or return an empty text.

    A read is a GET or HEAD that is nothing else in disguise. A write goes out only if it is guarded: by
    ids that cannot exist, each a whole part of its path, or where it has none by a body that lacks a
    required field.
    """
    rules = _read if call.method in HARMLESS_METHODS else _write
    return next((reason for found in (_any(call), rules(call)) for reason in found), "")


def _any(call: Call) -> Iterator[str]:
    if said := path_problem(call.template):
        yield f"its path {said}"
    if "{" in call.path.partition("?")[0]:
        yield "a path parameter was left unfilled"
    if {".", ".."} & set(call.path.partition("?")[0].split("/")):
        yield "a path parameter climbs up"
    if call.hazard is Hazard.UNSAFE:
        yield "its hazard is unsafe"
    if call.method not in METHODS:
        yield f"{call.method} is no method that is known to be harmless or guarded"
    if overrides(call.query) or overrides(_fields(call)):
        yield "it overrides its method"


def _read(call: Call) -> Iterator[str]:
    if call.hazard is not Hazard.READ:
        yield f"{call.method} is no write that could be guarded"
    if word := act_named(call.template):
        yield f"a path that ends in {word!r} names an act"


def _write(call: Call) -> Iterator[str]:
    if call.hazard is not Hazard.GUARDED:
        yield f"{call.method} is a write that is not guarded"
    if any(item.origin is not Origin.SENTINEL or not cannot_exist(item.value) for item in call.ids):
        yield "a write may only name ids that cannot exist"
    if any(f"{{{item.name}}}" not in call.template for item in call.ids):
        yield "a sentinel that is not in the path guards nothing"
    if partial_parameters(call.template):
        yield "a sentinel that is only a part of a name guards nothing"
    if written_ids(call.template):
        yield "an id that is written out in the path could exist"
    if not call.ids:
        yield from _body_alone(call)


def _body_alone(call: Call) -> Iterator[str]:
    """Yield why a write without an id is not guarded: its body alone must make the server refuse it."""
    if call.method == "DELETE":
        yield "a DELETE without an id could take effect, whatever its body"
    if call.query:
        yield "a write without an id may carry no query"
    if not call.body:
        yield "a write with no id and no body could take effect"
    elif not lacks_required(_document(call), call.required):
        yield "a write with no id, whose body lacks nothing that is required, could take effect"


def _fields(call: Call) -> tuple[str, ...]:
    document = _document(call)
    return tuple(document) if isinstance(document, dict) else ()


def _document(call: Call) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(call.body) if call.body else None
    except (ValueError, RecursionError):
        return None
