"""Finds ids for path parameters in what lists answered. The ids stay in memory and reach no record.

Comes in: the parsed answers of list operations. Goes out: filled ids for later probes.
"""

from __future__ import annotations

import re
from typing import Any

from probe.catalog.model import Hazard, Operation, PathId
from probe.catalog.shapes import act_named, misleads
from probe.scan.calls import FilledId, Origin

_LONGEST_ID = 200


class Discovery:
    """Remembers the first item of each list, by operation and token."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Any]] = {}

    def __repr__(self) -> str:
        return "Discovery()"

    def learn(self, operation: str, token: str, document: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep the first item of a list answer, if it is one."""
        item = _first_item(document)
        if item is not None:
            self._items.setdefault(operation, {})[token] = item

    def fill(self, operation: Operation, token: str) -> tuple[FilledId, ...]:
        """Return a value for each path id: found with this token, else with another, else the sentinel.

        A write gets sentinels only.
        """
        if operation.hazard is not Hazard.READ:
            return tuple(sentinel(item) for item in operation.ask.ids)
        return tuple(self._filled(item, token) for item in operation.ask.ids)

    def _filled(self, wanted: PathId, token: str) -> FilledId:
        if wanted.values:
            value = wanted.values[0]
            return FilledId(
                name=wanted.name, value=value, origin=Origin.LISTED, shown=f"one of the listed: {value}"
            )
        found = self._items.get(wanted.source, {})
        mine = [found[token]] if token in found else []
        for item in [*mine, *(found[name] for name in sorted(found))]:
            value = _value_at(item, wanted.field)
            if value and _fits(value, wanted.pattern):
                shown = f"discovered from {wanted.source}"
                return FilledId(name=wanted.name, value=value, origin=Origin.DISCOVERED, shown=shown)
        return sentinel(wanted)


def sentinel(wanted: PathId) -> FilledId:
    """Return the value that fits the id's format and cannot exist."""
    return FilledId(
        name=wanted.name,
        value=wanted.sentinel,
        origin=Origin.SENTINEL,
        shown=f"sentinel {wanted.sentinel}",
    )


def _first_item(document: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any JSON value
    """Return the first object of the list that an answer carries: itself, in `data`, or one level below."""
    listed = document
    if isinstance(document, dict):
        listed = document.get("data", document.get("Resources"))
    if isinstance(listed, dict):
        listed = next((value for value in listed.values() if isinstance(value, list) and value), None)
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        return listed[0]
    return None


def _value_at(item: Any, field: str) -> str:  # noqa: ANN401 - any JSON value
    for key in field.split("."):
        item = item.get(key) if isinstance(item, dict) else None
    if isinstance(item, str | int) and not isinstance(item, bool):
        return str(item)
    return ""


def _fits(value: str, pattern: str) -> bool:
    if len(value) > _LONGEST_ID or misleads(value) or act_named(f"/{value}"):
        return False
    return not pattern or re.search(pattern, value) is not None
