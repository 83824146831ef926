"""What a scan will ask, in waves, and what it will not ask and why. The first lock on writes.

Comes in: catalog, token names, what the user chose. Goes out: an Agenda. Sends nothing. Whatever is
chosen, an unsafe operation is not on it, and a guarded write only by request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import assert_never

from msgspec import Struct

from probe.catalog.model import Catalog, Hazard, Operation
from probe.evidence import Skipped

NOT_CHOSEN = "not chosen (--only)"
UNSAFE = "unsafe write, never sent"
GUARDED = "guarded write, not sent without --guarded-writes"
LAST_WAVE = 1000


class Probe(Struct, frozen=True, kw_only=True):
    """One operation to be asked with one token, by name."""

    operation: Operation
    token: str


class Agenda(Struct, frozen=True, kw_only=True):
    """The probes in waves (each wave needs ids from earlier ones), and what is skipped."""

    waves: tuple[tuple[Probe, ...], ...]
    skipped: tuple[Skipped, ...]


def make_agenda(
    catalog: Catalog, tokens: Iterable[str], only: tuple[str, ...] = (), *, guarded_writes: bool = False
) -> Agenda:
    """Return what to ask: every chosen read with every token, lists before what needs their ids.

    With `guarded_writes`, each guarded write follows in a last wave.
    """
    names = tuple(tokens)
    waves: dict[int, list[Probe]] = {}
    skipped: list[Skipped] = []
    depth = _depths(catalog)
    for operation in catalog.operations:
        reason = skip_reason(operation, only, guarded_writes=guarded_writes)
        place = depth(operation) if operation.hazard is Hazard.READ else LAST_WAVE
        for name in names:
            if reason:
                skipped.append(Skipped(operation=operation.id, token=name, reason=reason))
            else:
                waves.setdefault(place, []).append(Probe(operation=operation, token=name))
    return Agenda(waves=tuple(tuple(waves[place]) for place in sorted(waves)), skipped=tuple(skipped))


def skip_reason(operation: Operation, only: tuple[str, ...], *, guarded_writes: bool) -> str:
    """Say why an operation is not asked, or return an empty text."""
    if only and not any(chosen(operation, glob) for glob in only):
        return NOT_CHOSEN
    if operation.same_as:
        return f"the same operation as {operation.same_as}, counted there"
    match operation.hazard:
        case Hazard.READ:
            return ""
        case Hazard.GUARDED:
            return "" if guarded_writes else GUARDED
        case Hazard.UNSAFE:
            return f"{UNSAFE}: {operation.hazard_reason}"
        case _:
            assert_never(operation.hazard)


def chosen(operation: Operation, glob: str) -> bool:
    """Return whether a glob names the operation by its id, its group or `METHOD /path`."""
    names = (operation.id, operation.group, f"{operation.method} {operation.path}")
    return any(fnmatchcase(name, glob) for name in names)


def _depths(catalog: Catalog) -> Callable[[Operation], int]:
    """Return a function that says how many lists must be read before an operation."""

    def depth(operation: Operation, seen: frozenset[str] = frozenset()) -> int:
        sources = {item.source for item in operation.ask.ids if item.source} - seen
        found = [catalog.by_id[source] for source in sorted(sources) if source in catalog.by_id]
        return max((1 + depth(source, seen | {operation.id}) for source in found), default=0)

    return depth
