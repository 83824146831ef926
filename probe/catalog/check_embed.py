"""The grave rules of the embed call, the one write that a person may ask for by name.

Comes in: a Catalog. Goes out: what is wrong with `vendor.embed`. A catalog could otherwise name any
other write there, and the person who asked for an embed address would deploy, or log everybody out.
The lock in the scan's room asks the same in its own way; neither relies on the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from probe.catalog.model import Catalog, EmbedBody, Hazard, Operation

_PLAIN = re.compile(r"(?:/[A-Za-z0-9_-]+)+/?")
_EMBEDDING = re.compile(r"embed(?:ded|ding|s)?(?:[_-][a-z0-9_-]+)?", re.IGNORECASE)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def embed_problems(catalog: Catalog) -> Iterator[str]:
    """Yield why the operation that `vendor.embed` names may not be sent; nothing where there is none."""
    embed = catalog.vendor.embed
    operation = catalog.by_id.get(embed.operation) if embed else None
    if embed is None or operation is None:
        return
    yield from _operation(operation)
    yield from _fields(embed)


def _operation(operation: Operation) -> Iterator[str]:
    if operation.method != "POST" or operation.hazard is not Hazard.UNSAFE:
        yield f"operation: {operation.id!r} is no unsafe POST"
    if not _PLAIN.fullmatch(operation.path):
        yield f"operation: {operation.path!r} is no plain path without parameters"
    if not any(_EMBEDDING.fullmatch(part) for part in operation.path.split("/")):
        yield f"operation: {operation.path!r} does not name embedding, so it may be another write"


def _fields(embed: EmbedBody) -> Iterator[str]:
    names = (embed.page, embed.groups, embed.person)
    if len(set(names)) < len(names):
        yield "page, groups, person: they must be three different fields"
    yield from (f"{name!r} is no plain name of a field" for name in names if not _FIELD.fullmatch(name))
