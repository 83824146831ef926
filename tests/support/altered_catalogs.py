"""Catalogs that somebody altered, by malice or mistake: what a scan must survive.

Comes in: hypothesis's draw and a catalog. Goes out: the catalog with some of its operations altered. An
alteration that a load would refuse is left out, so that every drawn catalog is one that a scan can have;
or it is let in, to see what the client's lock does alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace
from valid_writes import ID, VALID

from probe.catalog.check import grave_problems
from probe.catalog.load import built_in_catalogs
from probe.catalog.model import Asking, Catalog, Hazard, Operation

REAL_IDS = sorted({key for keys in ID.values() for key in keys[:3]})
BODIES = [None, {}, [], "", {"_method": "DELETE"}, *(body for _, body in VALID.values() if body)]
SENTINELS = [*REAL_IDS, "9" * 20, "00000000-0000-0000-0000-000000000000", "user_" + "0" * 32]
SENTINELS += ["no-such-thing", "..", "", "%2e%2e", "0", "*"]
TAILS = ["/", "//", "/..", "/%2e%2e", ";", ";x=1", "?id=1", "#", "/logout", "/delete", "{x}", "/{x}", "/."]
QUERIES = [{}, {"_method": "DELETE"}, {"id": REAL_IDS[0]}, {"elementType": "app"}]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "post", "QUERY"]

Alteration = Callable[[Operation], Operation]


def _ask(operation: Operation, **changes: Any) -> Operation:
    return replace(operation, ask=replace(operation.ask, **changes))


def _with_sentinel(operation: Operation, value: str) -> Operation:
    return _ask(operation, ids=tuple(replace(item, sentinel=value) for item in operation.ask.ids))


def _with_id_written_out(operation: Operation, value: str) -> Operation:
    path = operation.path
    for item in operation.ask.ids:
        path = path.replace(f"{{{item.name}}}", value)
    return replace(operation, path=path, ask=replace(operation.ask, ids=()))


def _alterations(catalog: Catalog) -> st.SearchStrategy[Alteration]:
    paths = sorted({item.path for item in catalog.operations})
    asks = [item.ask for item in catalog.operations if item.hazard is Hazard.GUARDED] or [Asking()]
    required = st.sampled_from([(), ("anything",), ("name",), ("email", "name")])
    return st.one_of(
        st.sampled_from(Hazard).map(lambda it: lambda op: replace(op, hazard=it)),
        st.sampled_from(METHODS).map(lambda it: lambda op: replace(op, method=it)),
        st.sampled_from(SENTINELS).map(lambda it: lambda op: _with_sentinel(op, it)),
        st.sampled_from(REAL_IDS).map(lambda it: lambda op: _with_id_written_out(op, it)),
        st.sampled_from(BODIES).map(lambda it: lambda op: _ask(op, body=it)),
        st.sampled_from(QUERIES).map(lambda it: lambda op: _ask(op, query=it)),
        required.map(lambda it: lambda op: _ask(op, required=it)),
        st.sampled_from(asks).map(lambda it: lambda op: replace(op, ask=it)),
        st.sampled_from(paths).map(lambda it: lambda op: replace(op, path=it)),
        st.sampled_from(TAILS).map(lambda it: lambda op: replace(op, path=op.path + it)),
        st.just(lambda op: _ask(op, ids=())),
    )


def altered(draw: st.DrawFn, catalog: Catalog, keep: set[str], *, checked: bool = True) -> Catalog:
    """Return the catalog with a few drawn alterations; operations in `keep` stay as they are."""
    ids = [item.id for item in catalog.operations if item.id not in keep]
    if not ids:
        return catalog
    several = st.lists(_alterations(catalog), min_size=1, max_size=4)
    for name, changes in draw(st.dictionaries(st.sampled_from(ids), several, max_size=6)).items():
        operation = catalog.by_id[name]
        for change in changes:
            operation = change(operation)
        other = with_operation(catalog, operation)
        if not (checked and grave_problems(other, built_in_catalogs())):
            catalog = other
    return catalog


def with_operation(catalog: Catalog, operation: Operation) -> Catalog:
    """Return the catalog with this operation in place of the one of the same id."""
    operations = tuple(operation if item.id == operation.id else item for item in catalog.operations)
    return replace(catalog, operations=operations)
