"""The second lock on writes: the client asks it before each send, whatever agenda and catalog say.

Comes in: a Call. Goes out: why it must not be sent, or an empty text. It sees the request, its hazard
and the fields that the server requires, and nothing else. The agenda is the first lock; neither relies
on the other, nor on the check of the catalog.

What it can do alone: a write that it lets through holds no id that could exist, no value, no query and
no second method, whoever wrote the catalog. What it cannot: know a route that acts on an empty POST or
PATCH without a word of an act for its name, a plain name that is written out in a path, or a PUT that
creates what its path names. The agenda and the check of the catalog stand before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from probe.catalog.model import Hazard
from probe.catalog.shapes import (
    METHODS,
    act_asked,
    act_named,
    cannot_exist,
    chosen_name,
    misleads,
    needs_nothing,
    overrides,
    partial_parameters,
    path_problem,
    written_ids,
)
from probe.scan.calls import HARMLESS_METHODS, Call, Origin

_MADE_UP = frozenset({Origin.SENTINEL, Origin.RANDOM})
_NO_VALUES = frozenset({"", "{}", "[]"})
_ACTING = frozenset({"POST", "PUT"})
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
    if any(item.origin not in _MADE_UP or not cannot_exist(item.value) for item in call.ids):
        yield "a write may only name ids that cannot exist"
    if any(f"{{{item.name}}}" not in call.template for item in call.ids):
        yield "a sentinel that is not in the path guards nothing"
    if partial_parameters(call.template):
        yield "a sentinel that is only a part of a name guards nothing"
    if written_ids(call.template):
        yield "an id that is written out in the path could exist"
    if (word := needs_nothing(call.template)) and (call.method in _ACTING or call.body != "{}"):
        yield f"{word!r} names an act that may need nothing to act on"
    yield from _named(call) if call.ids else _body_alone(call)


def _named(call: Call) -> Iterator[str]:
    """Yield why a name that a client may choose does not guard: a write may create it, or not care."""
    named = {
        f"{{{item.name}}}" for item in call.ids if item.origin is Origin.SENTINEL and chosen_name(item.value)
    }
    if call.method == "DELETE" or not named:
        return
    if call.method == "PUT" and call.template.rstrip("/").rpartition("/")[2] in named:
        yield "a PUT may create the name that its path ends in"
    if call.body != "{}":
        yield "a write to a name that a client may choose needs an empty object, too"


def _body_alone(call: Call) -> Iterator[str]:
    """Yield why a write without an id is not guarded: its body alone must make the server refuse it."""
    if call.method not in _GUARDED_BY_BODY:
        yield f"a {call.method} without an id could take effect, whatever its body"
    if call.body != "{}":
        yield "a write with no id and no empty object for a body could take effect"


def _path_alone(call: Call) -> str:
    return call.path.partition("?")[0]
