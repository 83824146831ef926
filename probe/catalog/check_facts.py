"""The other rules: a catalog that breaks one can be used, but says less or something wrong.

Comes in: a Catalog. Goes out: problems that are not grave.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from probe.catalog.model import Catalog, Hazard, Operation, PathId
from probe.catalog.problem import Problem
from probe.catalog.shapes import parameters

GRADES = frozenset({"documented", "recorded", "reported"})
EXPECTATIONS = frozenset({"allowed", "blocked", "html_wall", "json_error", "scopes", "untestable"})
# The words of probe.judge.model.Cause, which this room may not import; a test keeps the two equal.
CAUSES = frozenset(
    "ok validation missing_resource scope token plan route version login edge proxy gateway "  # noqa: SIM905 - a list of words reads better as one
    "maintenance rate_limit method redirect server network internal unknown".split()
)
_VERSION = re.compile(r"\d+(\.\d+)*")


def fact_problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield every problem that is not grave."""
    for where, what in (
        *_operations(catalog),
        *_messages(catalog),
        *_claims(catalog),
        *_globs(catalog),
        *_special(catalog),
    ):
        yield Problem(where=where, what=what)


def _operations(catalog: Catalog) -> Iterator[tuple[str, str]]:
    groups = {group.id for group in catalog.groups}
    routes = Counter((operation.method, operation.path) for operation in catalog.operations)
    for operation in catalog.operations:
        rules = (
            _relations(operation, catalog, groups),
            _path_ids(operation, catalog),
            _since(operation, catalog),
            _asking(operation),
        )
        yield from ((operation.id, what) for rule in rules for what in rule)
        if routes[operation.method, operation.path] > 1:
            yield operation.id, f"path: {operation.method} {operation.path} stands more than once"


def _relations(operation: Operation, catalog: Catalog, groups: set[str]) -> Iterator[str]:
    if operation.group not in groups:
        yield f"group: there is no group {operation.group!r}"
    yield from (
        f"scopes: {scope!r} is not in scopes" for scope in operation.scopes if scope not in catalog.scopes
    )
    same = operation.same_as
    if same and (same == operation.id or same not in catalog.by_id):
        yield f"same_as: there is no other operation {same!r}"
    if operation.plan is not None and not operation.plan_source:
        yield "plan_source: a plan needs its source"


def _path_ids(operation: Operation, catalog: Catalog) -> Iterator[str]:
    names, entries = parameters(operation.path), [item.name for item in operation.ask.ids]
    if len(set(names)) < len(names):
        yield "path: a parameter stands in it twice"
    yield from (f"ask.ids: {name} of the path has no entry" for name in names if name not in entries)
    if operation.hazard is not Hazard.GUARDED:  # graver there
        yield from (f"ask.ids: {name} is not in the path" for name in entries if name not in names)
    yield from (f"ask.ids: {name} has two entries" for name, times in Counter(entries).items() if times > 1)
    for item in operation.ask.ids:
        yield from (f"ask.ids: {item.name}: {what}" for what in _path_id(item, operation, catalog))


def _path_id(item: PathId, operation: Operation, catalog: Catalog) -> Iterator[str]:
    if not item.sentinel:
        yield "the sentinel is empty"
    if bool(item.source) != bool(item.field):
        yield "source and field belong together"
    if item.source:
        listed = catalog.by_id.get(item.source)
        if listed is None or item.source == operation.id:
            yield f"source: there is no other operation {item.source!r}"
        elif listed.hazard is not Hazard.READ:
            yield f"source: {item.source} is no read"
    if item.pattern:
        try:
            fits = bool(item.values) or re.search(item.pattern, item.sentinel) is not None
        except re.error:
            return  # graver, and said there
        if not fits:
            yield f"the sentinel {item.sentinel!r} does not fit the pattern {item.pattern}"


def _since(operation: Operation, catalog: Catalog) -> Iterator[str]:
    products = {catalog.vendor.version_product, catalog.vendor.earlier_version_product} - {""}
    for since in operation.since:
        if not _VERSION.fullmatch(since.version):
            yield f"since: {since.version!r} is no version such as 3.28.0"
        if since.product not in products:
            yield f"since: {since.product!r} is not one of {', '.join(sorted(products))}"


def _asking(operation: Operation) -> Iterator[str]:
    ask = operation.ask
    if operation.hazard is Hazard.GUARDED and not ask.refusal:
        yield "ask.refusal: say why the server must refuse it"
    if operation.hazard is not Hazard.GUARDED and (ask.body is not None or ask.refusal):
        yield "ask.body: only a guarded write has a body and a refusal"
    try:
        json.dumps(ask.body, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        yield "ask.body: it cannot be written as JSON"
    statuses = (*operation.success_statuses, *operation.error_statuses)
    if any(not 100 <= status <= 599 for status in statuses):  # noqa: PLR2004 - the range of HTTP
        yield "success_statuses, error_statuses: a status lies between 100 and 599"
    if not operation.hazard_reason:
        yield "hazard_reason: say why"


def _messages(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalog.messages:
        where = f"messages.{message.id}"
        if message.cause not in CAUSES:
            yield where, f"cause: {message.cause!r} is not one of {', '.join(sorted(CAUSES))}"
        if message.grade not in GRADES:
            yield where, f"grade: {message.grade!r} is not one of {', '.join(sorted(GRADES))}"


def _claims(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for claim in catalog.claims:
        if claim.expect not in EXPECTATIONS:
            known = ", ".join(sorted(EXPECTATIONS))
            yield f"claims.{claim.id}", f"expect: {claim.expect!r} is not one of {known}"
    for kind in ("claims", "guidance"):
        for entry in getattr(catalog, kind):
            unknown = [plan for plan in entry.plans if plan not in catalog.rank]
            yield from ((f"{kind}.{entry.id}", f"plans: there is no plan {plan!r}") for plan in unknown)
    for kind in ("messages", "claims", "guidance", "questions"):
        ids = Counter(entry.id for entry in getattr(catalog, kind))
        yield from ((f"{kind}.{name}", "this id stands more than once") for name in ids if ids[name] > 1)


def _globs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Globs of claims, guidance and questions that name no operation."""
    for kind in ("claims", "guidance", "questions"):
        for entry in getattr(catalog, kind):
            globs = (*entry.operations, *getattr(entry, "needs", ()))
            for glob in _unmatched(globs, catalog.by_id):
                yield f"{kind}.{entry.id}", f"operations: {glob!r} matches none"


def _special(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Check the operations that the vendor's entry names for a purpose of their own."""
    embed = catalog.vendor.embed
    for field in ("token_listing", "space_listing"):
        listing = getattr(catalog.vendor, field)
        found = catalog.by_id.get(listing.operation) if listing is not None else None
        if listing is not None and (found is None or found.hazard is not Hazard.READ):
            yield f"vendor.{field}", f"operation: {listing.operation!r} is no read of this catalog"
    if embed is not None and embed.operation not in catalog.by_id:  # graver where it is there and another
        yield "vendor.embed", f"operation: there is no operation {embed.operation!r}"


def _unmatched(globs: Iterable[str], ids: Iterable[str]) -> Iterator[str]:
    names = tuple(ids)
    yield from (glob for glob in globs if not any(fnmatchcase(name, glob) for name in names))
