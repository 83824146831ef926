"""What the built-in catalogs know better than a user's: routes that are unsafe, and what they require.

Comes in: a catalog, and those that are checked against their vendors' documents. Goes out: grave
problems. A catalog from elsewhere may add routes, but makes none of these safe by calling it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probe.catalog.model import Catalog, Hazard, Operation
from probe.catalog.problem import Problem
from probe.catalog.shapes import READ_METHODS, lacks_required, parameters

_PARAMETER = re.compile(r"\{[^{}]*\}")


def contradictions(catalog: Catalog, known: Iterable[Catalog]) -> Iterator[Problem]:
    """Yield where `catalog` calls something safe that a known catalog calls unsafe."""
    catalogs = tuple(known)
    writes = [item for other in catalogs for item in other.operations if item.method not in READ_METHODS]
    for operation in catalog.operations:
        if operation.hazard is Hazard.GUARDED:
            for what in _guarded(operation, writes):
                yield Problem(where=operation.id, what=what, grave=True)
    if catalogs and _embedding(catalog) not in {None, *map(_embedding, catalogs)}:
        what = "it is not the embed call of a built-in catalog, so nobody has checked what it does"
        yield Problem(where="vendor.embed", what=what, grave=True)


def _guarded(operation: Operation, writes: list[Operation]) -> Iterator[str]:
    alike = [item for item in writes if item.method == operation.method and _may_be(operation, item)]
    same = [item for item in alike if _parts(item) == _parts(operation)]
    for item in alike:
        if item.hazard is Hazard.UNSAFE and (item in same or not same):
            yield f"hazard: {item.method} {item.path} is known to be unsafe"
        elif not same:
            yield f"path: it could be {item.method} {item.path} with an id written out"
    for item in same:
        if not parameters(item.path) and item.ask.required and not _is_refused(operation, item):
            wanted = ", ".join(item.ask.required)
            yield f"ask.body: it leaves out none of what {item.method} {item.path} requires: {wanted}"


def _is_refused(operation: Operation, known: Operation) -> bool:
    return lacks_required(operation.ask.body, known.ask.required)


def _may_be(one: Operation, other: Operation) -> bool:
    """Return whether a request of one route can be one of the other: a parameter is like any part."""
    here, there = _parts(one), _parts(other)
    return len(here) == len(there) and all(
        "*" in (mine, its) or mine == its for mine, its in zip(here, there, strict=True)
    )


def _parts(operation: Operation) -> tuple[str, ...]:
    """Return the parts of a path as a server that is easy to please reads them."""
    return tuple(_PARAMETER.sub("*", part).casefold() for part in operation.path.split("/") if part)


def _embedding(catalog: Catalog) -> tuple[object, ...] | None:
    """Return what an embed call consists of; None where there is none to make."""
    embed = catalog.vendor.embed
    operation = catalog.by_id.get(embed.operation) if embed else None
    if embed is None or operation is None:
        return None
    return (operation.method, _parts(operation), embed.page, embed.groups, embed.person)
