"""What the built-in catalogs know better than a user's: routes that are unsafe.

Comes in: a catalog, and those that are checked against their vendors' documents. Goes out: grave
problems, and which writes nobody has checked. A catalog from elsewhere may add routes, but makes none of
these safe by calling it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probe.catalog.model import Catalog, Hazard, Operation
from probe.catalog.problem import Problem
from probe.catalog.shapes import READ_METHODS, plain_part

_PARAMETER = re.compile(r"\{[^{}]*\}")
_VERSION = re.compile(r"v\d+")
_LEAST_PARTS = 2  # fewer, at the end of a path, could be anybody's


def contradictions(catalog: Catalog, known: Iterable[Catalog]) -> Iterator[Problem]:
    """Yield where `catalog` calls something safe that a known catalog calls unsafe."""
    catalogs = tuple(known)
    writes = [item for other in catalogs for item in other.operations if item.method not in READ_METHODS]
    for operation in catalog.operations:
        if operation.hazard is Hazard.GUARDED:
            for what in _guarded(operation, writes):
                yield Problem(where=operation.id, what=what, grave=True)
    yield from _controls(catalog, writes)
    if catalogs and _embedding(catalog) not in {None, *map(_embedding, catalogs)}:
        what = "it is not the embed call of a built-in catalog, so nobody has checked what it does"
        yield Problem(where="vendor.embed", what=what, grave=True)


def unchecked_writes(catalog: Catalog, known: Iterable[Catalog]) -> tuple[Operation, ...]:
    """Return the guarded writes that no known catalog has: for these, `catalog` is taken at its word."""
    checked = {
        (item.method, _parts(item.path))
        for other in known
        for item in other.operations
        if item.hazard is Hazard.GUARDED
    }
    return tuple(
        item
        for item in catalog.operations
        if item.hazard is Hazard.GUARDED and (item.method, _parts(item.path)) not in checked
    )


def _guarded(operation: Operation, writes: list[Operation]) -> Iterator[str]:
    here = _parts(operation.path)
    alike = [item for item in writes if item.method == operation.method and _may_be(here, _parts(item.path))]
    same = [item for item in alike if _parts(item.path) == here]
    for item in alike:
        if item.hazard is Hazard.UNSAFE and (item in same or not same):
            yield f"hazard: {item.method} {item.path} is known to be unsafe"
        elif not same:
            yield f"path: it could be {item.method} {item.path} with an id written out"
    for item in writes:
        if item.method == operation.method and item not in alike and _ends_in(here, item):
            yield f"hazard: it ends as {item.method} {item.path} does, which is known to be unsafe"


def _ends_in(here: tuple[str, ...], known: Operation) -> bool:
    """Return whether a path is a known unsafe one under another prefix, such as a proxy's."""
    whole = _parts(known.path)
    end = whole[-_LEAST_PARTS:]
    if _VERSION.fullmatch(end[0]):
        end = whole[-_LEAST_PARTS - 1 :]
    return known.hazard is Hazard.UNSAFE and "*" not in end and here[-len(end) :] == end


def _controls(catalog: Catalog, known: list[Operation]) -> Iterator[Problem]:
    """Yield where a write to a route that cannot exist, which the controls send, would meet one that does."""
    prefix = tuple(map(plain_part, filter(None, catalog.vendor.api_prefix.split("/"))))
    methods = {item.method for item in catalog.operations if item.hazard is Hazard.GUARDED}
    own = [item for item in catalog.operations if item.method not in READ_METHODS]
    for item in (*known, *own):
        path = _parts(item.path)
        if item.method in methods and path[-1:] == ("*",) and _may_be((*prefix, "*"), path):
            route = f"{item.method} {item.path}"
            what = f"api_prefix: a random name under it would be {route}, and no route that cannot exist"
            yield Problem(where="vendor", what=what, grave=True)
            return


def _may_be(here: tuple[str, ...], there: tuple[str, ...]) -> bool:
    """Return whether a request of one route can be one of the other: a parameter is like any part."""
    return len(here) == len(there) and all(
        "*" in (mine, its) or mine == its for mine, its in zip(here, there, strict=True)
    )


def _parts(path: str) -> tuple[str, ...]:
    """Return the parts of a path as a server that is easy to please reads them."""
    return tuple(plain_part(_PARAMETER.sub("*", part)) for part in path.split("/") if part)


def _embedding(catalog: Catalog) -> tuple[object, ...] | None:
    """Return what an embed call consists of; None where there is none to make."""
    embed = catalog.vendor.embed
    operation = catalog.by_id.get(embed.operation) if embed else None
    if embed is None or operation is None:
        return None
    fields = (embed.page, embed.groups, embed.person)
    return (operation.method, _parts(operation.path), *fields, embed.effect)  # what a person is told, too
