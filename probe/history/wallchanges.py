"""Operations that are walled as before, but by another page.

Comes in: a KnownState and a Report. Goes out: WallChanges, one for each pair of pages. Pages are
compared as judgement does: what varies from one asking to the next is forgiven. Pure.
"""

from __future__ import annotations

from probe.evidence import PageView
from probe.history.state import KnownState, pages_met
from probe.reading.pages import same_page
from probe.report.changes import WallChange
from probe.report.model import Report


def wall_changes(before: KnownState, after: Report) -> tuple[WallChange, ...]:
    """Return what met another page, grouped by the two pages."""
    groups: list[tuple[PageView, PageView, list[str]]] = []
    for operation, now in pages_met(after).items():
        then = before.pages.get(operation)
        if then is None or same_page(then, now):
            continue
        known = next(
            (names for old, new, names in groups if same_page(old, then) and same_page(new, now)), None
        )
        if known is None:
            groups.append((then, now, [operation]))
        else:
            known.append(operation)
    return tuple(_change(*group) for group in groups)


def _change(before: PageView, after: PageView, operations: list[str]) -> WallChange:
    return WallChange(
        before=before.fingerprint,
        after=after.fingerprint,
        title_before=before.title,
        title_after=after.title,
        operations=tuple(operations),
    )
