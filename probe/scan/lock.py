"""The second lock on writes: the client asks it before each send, whatever agenda and catalog say.

Comes in: a Call. Goes out: why it must not be sent, or an empty text. It sees the request, its hazard
and the fields that the server requires, and nothing else. The agenda is the first lock; neither relies
on the other, nor on the check of the catalog.

What it can do alone: a write that it lets through names nothing that exists and carries no value, no
query and no second method. So it changes nothing that is named, whoever wrote the catalog. What it
cannot: know a route that acts on an empty POST and has no word of an act for a name. The agenda and the
check of the catalog stand before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from probe.catalog.model import Hazard
from probe.catalog.shapes import (
    METHODS,
    act_asked,
    act_named,
    cannot_exist,
    misleads,
    needs_nothing,
    overrides,
    partial_parameters,
    path_problem,
    written_ids,
)
from probe.scan.calls import HARMLESS_METHODS, Call, Origin

_NO_VALUES = frozenset({"", "{}", "[]"})
_GUARDED_BY_BODY = frozenset({"POST", "PATCH"})


def lock_reason(call: Call) -> str:
    """Say why the client must refuse to send this call, or return an empty text.

    A read is a GET or HEAD that is nothing else in disguise. A write goes out only if it is guarded: by
    ids that cannot exist, each a whole part of its path, or where it has none by an empty object where
    the server requires a field.
    """
    rules = _read if call.method in HARMLESS_METHODS else _write
    return next((reason for found in (_any(call), rules(call)) for reason in found), "")


def _any(call: Call) -> Iterator[str]:
    if said := path_problem(call.template):
        yield f"its path {said}"
    if "{" in _path_alone(call):
        yield "a path parameter was left unfilled"
    if any(misleads(item.value) for item in call.ids):
        yield "a path parameter could lead elsewhere"
    if call.hazard is Hazard.UNSAFE:
        yield "its hazard is unsafe"
    if call.method not in METHODS:
        yield f"{call.method} is no method that is known to be harmless or guarded"


def _read(call: Call) -> Iterator[str]:
    if call.hazard is not Hazard.READ:
        yield f"{call.method} is no write that could be guarded"
    if call.body:
        yield "a read carries no body"
    if overrides(call.query):
        yield "it overrides its method"
    if word := act_named(call.template) or act_named(_path_alone(call)) or act_asked(call.query):
        yield f"{word!r} names an act"


def _write(call: Call) -> Iterator[str]:
    if call.hazard is not Hazard.GUARDED:
        yield f"{call.method} is a write that is not guarded"
    if call.query:
        yield "a guarded write carries no query"
    if call.body not in _NO_VALUES:
        yield "a guarded write carries no values"
    if call.body == "{}" and not call.required:
        yield "an empty object guards nothing where no field is required"
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
    if call.method not in _GUARDED_BY_BODY:
        yield f"a {call.method} without an id could take effect, whatever its body"
    if call.body != "{}":
        yield "a write with no id and no empty object for a body could take effect"
    if word := needs_nothing(call.template):
        yield f"{word!r} names an act that needs nothing to act on"


def _path_alone(call: Call) -> str:
    return call.path.partition("?")[0]
