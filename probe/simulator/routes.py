"""Which operations this organization's server has, and which one a request means.

Comes in: the catalog, the simulated plan and version. Goes out: for a method and path the route and
its ids, or nothing where no such route exists. Answers nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import unquote

from msgspec import Struct

from probe.catalog.model import Catalog, Operation
from probe.simulator.behaviour import Behaviour, Exposure, behaviours, exposures, normal


class Presence(StrEnum):
    """Whether a route is there: mounted, lacking in the plan, or lacking in the server's version."""

    MOUNTED = "mounted"
    ABOVE_PLAN = "above_plan"
    TOO_NEW = "too_new"
    NEVER = "never"


class Route(Struct, frozen=True, kw_only=True):
    """An operation as the server has it; `open` needs no token."""

    key: str
    operation: Operation
    presence: Presence
    behaviour: Behaviour | None = None
    open: bool = False


class Match(Struct, frozen=True, kw_only=True):
    """A request's route and the ids in its path, in their order."""

    route: Route
    ids: tuple[str, ...] = ()


class _Node:
    """A part of a path: what may follow it, and the routes by method that end here."""

    def __init__(self) -> None:
        self.after: dict[str, _Node] = {}
        self.routes: dict[str, Route] = {}


class Routes:
    """The routes of a server on one plan and in one version."""

    def __init__(self, catalog: Catalog, plan: str, version: str) -> None:
        self._root = _Node()
        self._all: dict[str, Route] = {}
        for operation in catalog.operations:
            route = _route(operation, catalog, plan, version)
            if route.key not in self._all:
                self._all[route.key] = route
                self._add(route)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._all.values())

    def find(self, method: str, raw_path: str) -> Match | None:
        """Return what a request means; literal parts of a path go before ids."""
        return _walk(self._root, method, raw_path.rstrip("/").split("/"), ())

    def _add(self, route: Route) -> None:
        method, path = route.key.split(" ")
        node = self._root
        for part in path.split("/"):
            node = node.after.setdefault(part, _Node())
        node.routes[method] = route


def _walk(node: _Node, method: str, parts: list[str], ids: tuple[str, ...]) -> Match | None:
    if not parts:
        route = node.routes.get(method)
        return Match(route=route, ids=tuple(map(unquote, ids))) if route else None
    first, rest = parts[0], parts[1:]
    found = None
    if first in node.after and first != "*":
        found = _walk(node.after[first], method, rest, ids)
    if found is None and first and "*" in node.after:
        found = _walk(node.after["*"], method, rest, (*ids, first))
    return found


def full_path(operation: Operation, catalog: Catalog) -> str:
    """Return an operation's path from the server's root."""
    prefix = catalog.vendor.api_prefix
    absolute = operation.path.startswith(("/api/", prefix))
    return operation.path if absolute else prefix.rstrip("/") + operation.path


def _route(operation: Operation, catalog: Catalog, plan: str, version: str) -> Route:
    path = normal(full_path(operation, catalog))
    exposure = _exposure(path)
    key = f"{operation.method} {path}"
    return Route(
        key=key,
        operation=operation,
        presence=_presence(operation, exposure, catalog, plan, version),
        behaviour=behaviours().get(key),
        open=exposure.open,
    )


def _exposure(path: str) -> Exposure:
    return next(row for row in exposures() if path.startswith(row.prefix))


def _presence(
    operation: Operation, exposure: Exposure, catalog: Catalog, plan: str, version: str
) -> Presence:
    if operation.reported_only:
        return Presence.NEVER
    if _is_newer(operation, catalog, version):
        return Presence.TOO_NEW
    lowest = operation.plan or exposure.plan
    above = catalog.rank.get(lowest, 0) > catalog.rank[plan]
    return Presence.ABOVE_PLAN if above else Presence.MOUNTED


def _is_newer(operation: Operation, catalog: Catalog, version: str) -> bool:
    """Return whether every bound for the whole operation, in the server's numbering, is later."""
    bounds = [
        since.version
        for since in operation.since
        if since.product == catalog.vendor.version_product and not since.part and not since.channel
    ]
    return bool(bounds) and min(map(_numbers, bounds)) > _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
