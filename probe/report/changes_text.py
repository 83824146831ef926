"""What changed, and what became of expectations, as plain lines for a terminal.

Comes in: Changes, ExpectationResults. Goes out: lines of text; what a server chose is one line of
visible characters. The first line says it all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from probe.report.changes import (
    CapabilityChange,
    ChangeKind,
    Changes,
    ExpectationResult,
    TokenChange,
)
from probe.report.changes_terms import Part, terms_of
from probe.report.display import capital, count, one_line
from probe.report.words import CAUSES, EXPECTATIONS

MOST = 30
_LINE = 300


def change_lines(changes: Changes, *, most: int = MOST) -> list[str]:
    """Return what changed; of each list at most `most` entries, and how many more there are."""
    terms = terms_of(changes)
    return [
        one_line(changes.headline, _LINE),
        *(one_line(line, _LINE) for line in terms.compared),
        *([one_line(f"{capital(changes.reason)}.", _LINE)] if changes.reason else []),
        *_section(terms.first, terms.before, most),
        *(f"  {one_line(line, _LINE)}" for line in _tokens(changes.tokens)),
        *(line for part in terms.rest for line in _section(part, terms.before, most)),
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


def change_words(change: CapabilityChange, before: str = "before") -> str:
    """Return why a capability differs, in words; `before` is what the first side is called."""
    match change.kind:
        case ChangeKind.ONLY_FIRST:
            notes = [f"in B {CAUSES[change.cause_after].label}, {change.confidence.value}"]
        case ChangeKind.ONLY_SECOND:
            notes = [f"in A {CAUSES[change.cause_before].label}"]
        case ChangeKind.CAUSE | ChangeKind.LOST | ChangeKind.GAINED:
            notes = [f"{CAUSES[change.cause_after].label}, {change.confidence.value}"]
        case never:
            assert_never(never)
    if change.kind is ChangeKind.CAUSE:
        notes.append(f"{before}: {CAUSES[change.cause_before].label}")
    if change.inferred:
        notes.append("inferred, not asked")
    elif change.kind is ChangeKind.LOST:
        again = change.asked_again
        notes.append(f"asked again {count(again, 'time')}" if again else "not asked again")
    return "; ".join(notes)


def _section(part: Part, before: str, most: int) -> list[str]:
    title, found = part
    if not found:
        return []
    lines = [f"  {one_line(change.operation)}: {change_words(change, before)}" for change in found[:most]]
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
    terms = terms_of(changes)
    lines = [
        one_line(f"{capital(name)}: {old} {terms.before}, {new} {terms.after}")
        for name, old, new in facts(changes)
    ]
    for word, names in (("new", changes.operations_added), ("gone", changes.operations_removed)):
        if names:
            lines.append(
                f"{count(len(names), 'operation')} {word} in the catalog; the server did not change."
            )
    return lines
