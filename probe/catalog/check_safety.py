"""The grave rules: a catalog that breaks one is refused when it is loaded.

Comes in: a Catalog. Goes out: grave problems. A write may be called guarded only if the request, as
it would be sent, names things that cannot exist or lacks what the server requires. The locks of the
scan stand behind this and do not rely on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import assert_never

from probe.catalog.check_embed import embed_problems
from probe.catalog.model import Catalog, Hazard, Operation, PathId
from probe.catalog.problem import Problem
from probe.catalog.shapes import (
    METHODS,
    READ_METHODS,
    act_asked,
    act_named,
    cannot_exist,
    chosen_name,
    lacks_required,
    misleads,
    needs_nothing,
    overrides,
    parameters,
    partial_parameters,
    path_problem,
    says_nothing,
    written_ids,
)

_ACTING = frozenset({"POST", "PUT"})
_GUARDED_BY_BODY = frozenset({"POST", "PATCH"})


def safety_problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield every grave problem."""
    for where, what in _vendor(catalog):
        yield Problem(where=where, what=what, grave=True)
    for where, what in _structure(catalog):
        yield Problem(where=where, what=what, grave=True)
    for where, what in _patterns(catalog):
        yield Problem(where=where, what=what, grave=True)
    for what in embed_problems(catalog):
        yield Problem(where="vendor.embed", what=what, grave=True)
    for operation in catalog.operations:
        for what in _operation(operation):
            yield Problem(where=operation.id, what=what, grave=True)


def _vendor(catalog: Catalog) -> Iterator[tuple[str, str]]:
    vendor = catalog.vendor
    for field, value in (("api_prefix", vendor.api_prefix or "/"), ("document", vendor.document)):
        if said := path_problem(value):
            yield f"vendor.{field}", f"{value!r} {said}"
        if "{" in value or "}" in value:
            yield f"vendor.{field}", f"{value!r} holds a parameter, which nothing fills"
    if word := act_named(vendor.document):
        yield "vendor.document", f"a path that ends in {word!r} names an act and is no read"
    if vendor.requests_per_minute < 1:
        yield "vendor.requests_per_minute", "it must be at least 1"
    calibration = catalog.by_id.get(vendor.calibration)
    if calibration is None:
        yield "vendor.calibration", f"there is no operation {vendor.calibration!r}"
    elif calibration.hazard is not Hazard.READ or parameters(calibration.path):
        yield "vendor.calibration", f"{vendor.calibration} is no read without path ids"


def _structure(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield what breaks the engine: an id that stands twice, a plan that is not known."""
    for kind in ("operations", "plans", "groups"):
        ids = Counter(entry.id for entry in getattr(catalog, kind))
        yield from ((f"{kind}.{name}", "this id stands more than once") for name in ids if ids[name] > 1)
    if not catalog.operations:
        yield "operations", "there are none"
    if not catalog.plans:
        yield "plans", "there are none"
    for operation in catalog.operations:
        if operation.plan is not None and operation.plan not in catalog.rank:
            yield operation.id, f"plan: there is no plan {operation.plan!r}"


def _patterns(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Regular expressions that cannot be read would stop a scan in its middle."""
    used = [(f"messages.{entry.id}", entry.pattern) for entry in catalog.messages]
    used += [(entry.id, item.pattern) for entry in catalog.operations for item in entry.ask.ids]
    for where, pattern in used:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            yield where, f"pattern: {pattern!r} is no regular expression: {error}"


def _operation(operation: Operation) -> Iterator[str]:
    if not operation.id:
        yield "id: it is empty"
    if said := path_problem(operation.path):
        yield f"path: {operation.path!r} {said}"
    if operation.method not in METHODS:
        yield f"method: {operation.method!r} is not one of {', '.join(sorted(METHODS))}"
    match operation.hazard:
        case Hazard.READ:
            yield from _read(operation)
        case Hazard.GUARDED:
            yield from _guarded(operation)
        case Hazard.UNSAFE:
            pass  # never sent
        case _:
            assert_never(operation.hazard)


def _read(operation: Operation) -> Iterator[str]:
    ask = operation.ask
    if operation.method not in READ_METHODS:
        yield f"hazard: {operation.method} is a write and cannot be a read"
    if overrides(ask.query):
        yield "ask.query: it overrides the method, so this is no read"
    if word := act_asked(ask.query):
        yield f"ask.query: {word!r} names an act, so this is no read; call it unsafe"
    if word := act_named(operation.path):
        yield f"hazard: a path that ends in {word!r} names an act and is no read; call it unsafe"
    for item in ask.ids:
        for value in (item.sentinel, *item.values):
            if misleads(value) or act_named(f"/{value}"):
                yield f"ask.ids: {item.name}: {value!r} leads elsewhere than to one thing, or names an act"


def _guarded(operation: Operation) -> Iterator[str]:
    ask = operation.ask
    if operation.method in READ_METHODS:
        yield f"hazard: {operation.method} is no write; call it read, or unsafe"
    if ask.query:
        yield "ask.query: a guarded write carries no query, which could name what exists or another act"
    for part in partial_parameters(operation.path):
        yield f"path: {part!r} is only partly a parameter, so its sentinel guards nothing"
    for part in written_ids(operation.path):
        yield f"path: {part!r} is an id written out, which could exist"
    yield from _guarding_body(operation)
    if (word := needs_nothing(operation.path)) and (operation.method in _ACTING or ask.body != {}):
        yield f"hazard: {word!r} names an act that may need nothing to act on; call it unsafe"
    names = parameters(operation.path)
    for item in ask.ids:
        yield from _guarding_id(item, names)
    if names:
        missing = [name for name in names if name not in {item.name for item in ask.ids}]
        yield from (f"ask.ids: {name} has no entry, so nothing guards this write" for name in missing)
        yield from _creating(operation)
    else:
        yield from _guarded_by_body_alone(operation)


def _guarding_id(item: PathId, names: tuple[str, ...]) -> Iterator[str]:
    if item.name not in names:
        yield f"ask.ids: {item.name} is not in the path, so it guards nothing"
    if item.values:
        yield f"ask.ids: {item.name} takes a value of a list, which could exist; a guarded write may not"
    if not cannot_exist(item.sentinel):
        yield (
            f"ask.ids: {item.name}: {item.sentinel!r} could exist; use twenty nines, 24 zeros, "
            "the nil UUID or a text such as no-such-name"
        )


def _guarding_body(operation: Operation) -> Iterator[str]:
    """Whatever guards a write, its body carries no value that could be taken for a wish."""
    ask = operation.ask
    if not says_nothing(ask.body):
        yield "ask.body: a guarded write carries no values: its body is {} or [], or there is none"
    elif isinstance(ask.body, dict) and not ask.required:
        yield "ask.required: an empty object is refused only where a field is required; call it unsafe"


def _creating(operation: Operation) -> Iterator[str]:
    """Yield where a write may create or start what it names, a name that a client may choose."""
    named = {f"{{{item.name}}}" for item in operation.ask.ids if chosen_name(item.sentinel)}
    if operation.method == "DELETE" or not named:
        return
    if operation.method == "PUT" and operation.path.rstrip("/").rpartition("/")[2] in named:
        yield "path: a PUT may create the name that its path ends in; call it unsafe"
    if not lacks_required(operation.ask.body, operation.ask.required):
        yield "ask.body: what the path names could be created; send {} and leave out a required field"


def _guarded_by_body_alone(operation: Operation) -> Iterator[str]:
    """Without a path id, only a body that lacks what the server requires guards a write."""
    ask = operation.ask
    if operation.method not in _GUARDED_BY_BODY:
        yield (
            f"hazard: no path id guards this {operation.method}, and its body cannot: it would remove or "
            "replace the whole; call it unsafe"
        )
    if ask.body is None:
        yield "ask.body: neither a path id nor a body guards this write; call it unsafe"
    elif not lacks_required(ask.body, ask.required):
        yield "ask.body: it must be an object that leaves out a required field"
