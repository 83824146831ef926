"""What changed, and what became of expectations, as plain lines for a terminal.

Comes in: Changes, ExpectationResults. Goes out: lines of text; what a server chose is one line of
visible characters. The first line says it all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from probe.report.changes import (
    CapabilityChange,
    ChangeKind,
    Changes,
    ExpectationResult,
    TokenChange,
)
from probe.report.display import capital, count, moment, one_line
from probe.report.words import CAUSES, EXPECTATIONS

MOST = 30
_LINE = 300


def change_lines(changes: Changes, *, most: int = MOST) -> list[str]:
    """Return what changed; of each list at most `most` entries, and how many more there are."""
    return [
        one_line(changes.headline, _LINE),
        one_line(f"Compared with {_baseline(changes)}.", _LINE),
        *([one_line(f"{capital(changes.reason)}.", _LINE)] if changes.reason else []),
        *_section("Lost", changes.lost, most),
        *(f"  {one_line(line, _LINE)}" for line in _tokens(changes.tokens)),
        *_section("Gained", changes.gained, most),
        *_section("Blocked for another cause", _causes(changes.capabilities), most),
        *_section("Not counted (inferred, not confirmed, or told before)", changes.apart, most),
        *_walls(changes),
        *_facts(changes),
    ]


def expectation_lines(results: Iterable[ExpectationResult]) -> list[str]:
    """Return one line for each expectation."""
    return [
        one_line(f"{EXPECTATIONS[item.verdict].label}: {item.key} {item.value}: {item.reason}", _LINE)
        for item in results
    ]


def facts(changes: Changes) -> Iterator[tuple[str, str, str]]:
    """Yield what else differs: its name, before, after."""
    pairs = (
        ("plan", changes.plan_before, changes.plan_after),
        ("server version", changes.server_before, changes.server_after),
        ("catalog", changes.catalog_before, changes.catalog_after),
    )
    for name, before, after in pairs:
        if changes.comparable and before and after and before != after:
            yield name, before, after


def change_words(change: CapabilityChange) -> str:
    """Return why a capability differs, in words."""
    notes = [f"{CAUSES[change.cause_after].label}, {change.confidence.value}"]
    if change.kind is ChangeKind.CAUSE:
        notes.append(f"before: {CAUSES[change.cause_before].label}")
    if change.inferred:
        notes.append("inferred, not asked")
    elif change.kind is ChangeKind.LOST:
        again = change.asked_again
        notes.append(f"asked again {count(again, 'time')}" if again else "not asked again")
    return "; ".join(notes)


def _baseline(changes: Changes) -> str:
    label = changes.baseline.label
    run = changes.baseline.run
    name = f"{label} ({run})" if run and run != label else label
    return f"{name}, {moment(changes.baseline.started_at)}"


def _causes(found: Iterable[CapabilityChange]) -> tuple[CapabilityChange, ...]:
    return tuple(change for change in found if change.kind is ChangeKind.CAUSE)


def _section(title: str, found: Sequence[CapabilityChange], most: int) -> list[str]:
    if not found:
        return []
    lines = [f"  {one_line(change.operation)}: {change_words(change)}" for change in found[:most]]
    more = [f"  and {len(found) - most} more"] if len(found) > most else []
    return [f"{title}: {count(len(found), 'operation')}", *lines, *more]


def _tokens(tokens: Iterable[TokenChange]) -> Iterator[str]:
    for token in tokens:
        only = f"; only it could ask {count(len(token.operations), 'operation')}" if token.operations else ""
        yield f"{capital(token.reason)}{only}"


def _walls(changes: Changes) -> list[str]:
    return [
        one_line(
            f'{count(len(wall.operations), "operation")} met another page: "{wall.title_before}" before, '
            f'"{wall.title_after}" now',
            _LINE,
        )
        for wall in changes.walls
    ]


def _facts(changes: Changes) -> list[str]:
    lines = [one_line(f"{capital(name)}: {old} before, {new} now") for name, old, new in facts(changes)]
    for word, names in (("new", changes.operations_added), ("gone", changes.operations_removed)):
        if names:
            lines.append(
                f"{count(len(names), 'operation')} {word} in the catalog; the server did not change."
            )
    return lines
