"""What changed, as Markdown: for a step summary, a ticket, a message.

Comes in: Changes. Goes out: Markdown text in which nothing that a server or a user chose is markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from probe.report.changes import Changes
from probe.report.changes_terms import Part, Terms, terms_of
from probe.report.changes_text import change_words, facts
from probe.report.display import count
from probe.report.markup import escaped, table


def render_changes_markdown(changes: Changes) -> str:
    """Return the whole comparison; the last line ends with a line feed."""
    terms = terms_of(changes)
    parts = [
        f"**{escaped(changes.headline, 500)}**",
        *(escaped(line, 500) for line in terms.compared),
    ]
    if changes.reason:
        parts.append(f"{escaped(changes.reason, 500)}.")
    parts += _table(terms.first, terms.before)
    if changes.tokens:
        lines = [
            f"- {escaped(token.reason)}"
            + (f"; only by it: {_names(token.operations)}" if token.operations else "")
            for token in changes.tokens
        ]
        parts += ["### Tokens", "\n".join(lines)]
    for part in terms.rest:
        parts += _table(part, terms.before)
    parts += _rest(changes, terms)
    return "\n\n".join(parts) + "\n"


def _names(operations: Sequence[str]) -> str:
    return ", ".join(escaped(name) for name in operations)


def _table(part: Part, before: str) -> list[str]:
    title, found = part
    if not found:
        return []
    rows = [(escaped(change.operation), escaped(change_words(change, before))) for change in found]
    head = f"### {title}: {count(len(found), 'operation')}"
    return [head, table(("Operation", "Why"), rows)]


def _rest(changes: Changes, terms: Terms) -> list[str]:
    lines = [
        f"- {name}: {escaped(old)} {terms.before}, {escaped(new)} {terms.after}"
        for name, old, new in facts(changes)
    ]
    lines += [
        f"- another page: {escaped(wall.title_before)} before, {escaped(wall.title_after)} now "
        f"({_names(wall.operations)})"
        for wall in changes.walls
    ]
    for word, names in (("new", changes.operations_added), ("gone", changes.operations_removed)):
        if names:
            lines.append(f"- {word} in the catalog: {_names(names)}")
    return ["### Else", "\n".join(lines)] if lines else []
