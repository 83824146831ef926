"""What changed, as Markdown: for a step summary, a ticket, a message.

Comes in: Changes. Goes out: Markdown text in which nothing that a server or a user chose is markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from probe.report.changes import CapabilityChange, ChangeKind, Changes
from probe.report.changes_text import change_words, facts
from probe.report.display import count, moment
from probe.report.markup import escaped, table


def render_changes_markdown(changes: Changes) -> str:
    """Return the whole comparison; the last line ends with a line feed."""
    parts = [
        f"**{escaped(changes.headline, 500)}**",
        f"Compared with {escaped(changes.baseline.label)}, {escaped(moment(changes.baseline.started_at))}.",
    ]
    if changes.reason:
        parts.append(f"{escaped(changes.reason, 500)}.")
    parts += _table("Lost", changes.lost)
    if changes.tokens:
        lines = [
            f"- {escaped(token.reason)}"
            + (f"; only by it: {_names(token.operations)}" if token.operations else "")
            for token in changes.tokens
        ]
        parts += ["### Tokens", "\n".join(lines)]
    parts += _table("Gained", changes.gained)
    parts += _table(
        "Blocked for another cause",
        tuple(item for item in changes.capabilities if item.kind is ChangeKind.CAUSE),
    )
    parts += _table("Not counted (inferred, not confirmed, or told before)", changes.apart)
    parts += _rest(changes)
    return "\n\n".join(parts) + "\n"


def _names(operations: Sequence[str]) -> str:
    return ", ".join(escaped(name) for name in operations)


def _table(title: str, found: Sequence[CapabilityChange]) -> list[str]:
    if not found:
        return []
    rows = [(escaped(change.operation), escaped(change_words(change))) for change in found]
    head = f"### {title}: {count(len(found), 'operation')}"
    return [head, table(("Operation", "Why"), rows)]


def _rest(changes: Changes) -> list[str]:
    lines = [f"- {name}: {escaped(old)} before, {escaped(new)} now" for name, old, new in facts(changes)]
    lines += [
        f"- another page: {escaped(wall.title_before)} before, {escaped(wall.title_after)} now "
        f"({_names(wall.operations)})"
        for wall in changes.walls
    ]
    for word, names in (("new", changes.operations_added), ("gone", changes.operations_removed)):
        if names:
            lines.append(f"- {word} in the catalog: {_names(names)}")
    return ["### Else", "\n".join(lines)] if lines else []
