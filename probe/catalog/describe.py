"""Puts an operation of the catalog into plain words.

Comes in: a Catalog and one of its operations. Goes out: lines of text. Prints nothing.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import assert_never

from probe.catalog.model import Catalog, Hazard, Operation, PathId, Since

_LABEL = 12
_TABLE_FROM = 60
_MOST_NAMED = 5


def operation_table(catalog: Catalog, operations: tuple[Operation, ...], width: int = 80) -> Iterator[str]:
    """Yield a table of operations, group by group, in the order of the catalog.

    On fewer than 60 columns each operation is an item of a list.
    """
    titles = {group.id: group.title for group in catalog.groups}
    plans = {plan.id: plan.title for plan in catalog.plans}
    widest = max((len(operation.id) for operation in operations), default=0)
    group = ""
    for operation in operations:
        if operation.group != group:
            yield from ([""] if group else [])
            group = operation.group
            yield titles.get(group, group)
        plan = plans.get(operation.plan or "", "not stated")
        if width >= _TABLE_FROM:
            yield f"{operation.id:<{widest}}  {operation.method:<6}  {operation.hazard:<7}  {plan}"
        else:
            text = f"{operation.id}: {operation.method}, {operation.hazard}, {plan}"
            yield from textwrap.wrap(text, max(width, _LABEL), initial_indent="- ", subsequent_indent="  ")


def describe(catalog: Catalog, operation: Operation, width: int = 80) -> Iterator[str]:
    """Yield everything that is known of an operation, and how it is asked, in plain words."""
    yield f"{operation.id}: {operation.summary}"
    yield f"{operation.method} {operation.path}"
    yield ""
    for label, text in (*_facts(catalog, operation), *_asked(operation)):
        yield from _entry(label, text, width)


def _entry(label: str, text: str, width: int) -> list[str]:
    start = f"{label:<{_LABEL}}"
    return textwrap.wrap(
        text,
        max(width, 2 * _LABEL),
        initial_indent=start,
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _facts(catalog: Catalog, operation: Operation) -> Iterator[tuple[str, str]]:
    groups = {group.id: group.title for group in catalog.groups}
    yield "Group", groups.get(operation.group, operation.group)
    yield "Plan", _plan(catalog, operation)
    if operation.plan_note:
        yield "", operation.plan_note
    basis = f" ({operation.scope_basis})" if operation.scopes and operation.scope_basis else ""
    yield "Scope", f"{' or '.join(operation.scopes) or 'none stated'}{basis}"
    if operation.since:
        yield "Since", "; ".join(_since(since) for since in operation.since)
    if operation.deprecated:
        yield "Deprecated", "yes"
    if operation.reported_only:
        yield "Evidence", "reported only: no document of the vendor names it"
    if operation.success_statuses or operation.error_statuses:
        yield "Statuses", _statuses(operation)
    yield from ((("Differs" if not place else ""), text) for place, text in enumerate(operation.differences))
    yield from ((("Notes" if not place else ""), text) for place, text in enumerate(operation.notes))


def _plan(catalog: Catalog, operation: Operation) -> str:
    source = f", {operation.plan_source}" if operation.plan_source else ""
    if operation.plan is None:
        return f"not stated{source}"
    title = next((plan.title for plan in catalog.plans if plan.id == operation.plan), operation.plan)
    return f"{title} and above (documented for the {operation.plan_basis}{source})"


def _since(since: Since) -> str:
    part = f"{since.part}: " if since.part else ""
    channel = f" ({since.channel})" if since.channel else ""
    return f"{part}{since.product} {since.version}{channel}"


def _statuses(operation: Operation) -> str:
    fine = ", ".join(map(str, operation.success_statuses)) or "not stated"
    wrong = ", ".join(map(str, operation.error_statuses)) or "none documented"
    return f"success {fine}; errors {wrong}"


def _asked(operation: Operation) -> Iterator[tuple[str, str]]:
    yield "Hazard", f"{operation.hazard}: {operation.hazard_reason}"
    if operation.same_as:
        yield "Asked", f"not itself: it repeats {operation.same_as}, which is asked instead"
        return
    match operation.hazard:
        case Hazard.READ:
            yield "Asked", f"{operation.method} {operation.path}{_query(operation)}"
            yield from (("", _id_of_read(item)) for item in operation.ask.ids)
        case Hazard.GUARDED:
            yield "Asked", "only with --guarded-writes, and once:"
            yield "", f"{operation.method} {_sentinel_path(operation)}{_query(operation)}"
            if operation.ask.body is not None:
                yield "", f"body {json.dumps(operation.ask.body, default=str)}"
            yield "Refused", operation.ask.refusal or "no reason given"
        case Hazard.UNSAFE:
            yield "Asked", "never; what is said of it is inferred from its group"
        case _:
            assert_never(operation.hazard)


def _query(operation: Operation) -> str:
    from urllib.parse import urlencode

    return "?" + urlencode(operation.ask.query) if operation.ask.query else ""


def _id_of_read(item: PathId) -> str:
    if item.values:
        return f"{item.name} is {item.values[0]} (one of {', '.join(item.values)})"
    if item.source:
        place = f"{item.source}, field {item.field}"
        return f"{item.name} is read from {place}; where there is none, {item.sentinel}"
    return f"{item.name} is {item.sentinel}, which cannot exist"


def _sentinel_path(operation: Operation) -> str:
    path = operation.path
    for item in operation.ask.ids:
        path = path.replace(f"{{{item.name}}}", item.sentinel)
    return path


def taken_at_its_word(unchecked: Sequence[Operation]) -> str:
    """Say of guarded writes that no built-in catalog has them; empty where there are none."""
    if not unchecked:
        return ""
    what = "operation is a guarded write" if len(unchecked) == 1 else "operations are guarded writes"
    named = ", ".join(item.id for item in unchecked[:_MOST_NAMED])
    more = f" and {len(unchecked) - _MOST_NAMED} more" if len(unchecked) > _MOST_NAMED else ""
    return (
        f"{len(unchecked)} {what} that no built-in catalog knows ({named}{more}): nobody has checked them "
        "against the vendor's document. What the server requires, and that it refuses without it, is taken "
        "on your catalog's word."
    )
