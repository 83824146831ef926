"""The short summary for a terminal: the answer, the groups, what to do next.

Comes in: a Report, whether colour is wanted, the width. Goes out: text in plain characters; without
colour it says the same. A server's text carries no escape sequence into it.
"""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from probe.judge.model import TokenStatus, Verdict
from probe.report.answer import Headline, confidence_words, headline, tallies
from probe.report.changes_text import change_lines, expectation_lines
from probe.report.coverage import NO_TOTALS, coverage_of, how_far, so_far
from probe.report.display import capital, count, duration, moment, one_line
from probe.report.model import Report, WriteSent
from probe.report.view import Group, View
from probe.report.words import KINDS, TOKENS, VERDICTS
from probe.report.writes import by_answer, not_refused, writes_in

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_NARROWEST = 40
_TABLE_FROM = 60  # columns; in fewer, a table's cells are a few letters wide
_MOST_STEPS = 4
_MOST_SCOPES = 5
_MOST_CHANGES = 12
_STYLES = {Verdict.ALLOWED: "green", Verdict.BLOCKED: "red", Verdict.UNKNOWN: "yellow"}


def render_terminal(report: Report, *, colour: bool, width: int) -> str:
    """Return the summary for a terminal of `width` columns; the last line ends with a line feed."""
    view = View(report)
    console = _console(colour=colour, width=width)
    cut = "" if report.complete else ", so far"
    groups = _groups(view, width, cut) if report.measured else []
    for part in (
        *_incomplete(report),
        *_changed(report),
        *_banner(report, view),
        *groups,
        *_written(report),
        *_expected(report),
        *_next_steps(report),
    ):
        console.print(part, soft_wrap=False)
    return _text_of(console)


def _console(*, colour: bool, width: int) -> Console:
    from rich.console import Console

    return Console(
        file=io.StringIO(),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        width=max(width, _NARROWEST),
        height=1000,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


def _text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)  # noqa: S101 - given to it above
    lines = console.file.getvalue().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _banner(report: Report, view: View) -> list[RenderableType]:
    from rich.text import Text

    answer = headline(report)
    lines: list[RenderableType] = []
    if report.simulated:
        lines.append(Text("SIMULATION: this is a simulated organization, not a real one.", "yellow"))
    lines += [
        Text.assemble((one_line(view.host), "bold"), f"  {one_line(report.target.vendor_title)}"),
        Text(one_line(_title(answer)), "bold"),
        Text(one_line(answer.bounds)),
        Text(capital(one_line(answer.reason))),
    ]
    return [*lines, Text(), *map(Text, _counts(report))]


def _incomplete(report: Report) -> list[RenderableType]:
    """Say before all how far a scan got that was stopped: no count below is a total."""
    from rich.text import Text

    if report.complete:
        return []
    return [Text(f"INCOMPLETE: {how_far(report)}. {NO_TOTALS}", "yellow"), Text()]


def _changed(report: Report) -> list[RenderableType]:
    """Return what is different from the baseline, first; nothing where nothing was compared."""
    from rich.text import Text

    if report.changes is None:
        return []
    first, *rest = change_lines(report.changes, most=_MOST_CHANGES)
    style = "bold red" if report.changes.took_away else "bold"
    return [Text(first, style), *map(Text, rest), Text()]


def _expected(report: Report) -> list[RenderableType]:
    from rich.text import Text

    if not report.expectations:
        return []
    return [Text(), Text("Expectations", "bold"), *map(Text, expectation_lines(report.expectations))]


def _written(report: Report) -> list[RenderableType]:
    """List every write that was sent, by method, token and answer; say where one was not refused."""
    from rich.text import Text

    writes = writes_in(report)
    if not writes:
        return []
    return [
        Text(),
        Text(f"Every write that was sent ({len(writes)})", "bold"),
        *(Text(f"{one_line(what)}: {one_line(', '.join(names))}") for what, names in by_answer(writes)),
        *(Text(line, "red") for line in _not_refused(writes)),
    ]


def _not_refused(writes: tuple[WriteSent, ...]) -> list[str]:
    """Say which writes got an answer of success, which no guarded one should."""
    names = [f"{what}: {', '.join(names)}" for what, names in by_answer(not_refused(writes))]
    return [one_line(f"Not refused, look at what it did: {name}") for name in names]


def _title(answer: Headline) -> str:
    if not answer.confidence:
        return answer.title.upper() if answer.title == "Not measured" else answer.title
    return f"{answer.title} ({confidence_words(answer.confidence)})"


def _counts(report: Report) -> list[str]:
    kinds = ", ".join(
        f"{number} {KINDS[kind].label}" for kind in KINDS if (number := report.summary.kinds[kind])
    )
    tokens = ", ".join(f"{one_line(token.name)} ({TOKENS[token.status].label})" for token in report.tokens)
    return [
        *([_verdicts(report)] if report.measured else []),
        f"{_answers(report)}: {kinds}."
        if report.findings
        else "No operation was asked: the controls decided.",
        _sent(report),
        f"Asked {moment(report.started_at)}, for {duration(report.duration_s)}, with {tokens or 'no token'}.",
        *_scopes(report),
        *([""] if report.measured else []),
    ]


def _answers(report: Report) -> str:
    if report.complete:
        return count(report.summary.findings, "answer")
    found = coverage_of(report.findings, report.skipped)
    return f"So far, {found.probes} of {count(found.of_probes, 'answer')}"


def _sent(report: Report) -> str:
    """Say what went out by method, and that writes were such as the server must refuse."""
    sent = ", ".join(f"{number} {method}" for method, number in report.requests_sent.items())
    writes = len(writes_in(report))
    refused = f"; {count(writes, 'write')}, each once, with ids or bodies that cannot take effect"
    return f"Requests sent: {sent or 'none'}{refused if writes else ''}."


def _scopes(report: Report) -> list[str]:
    """Say where a token's scopes are other than declared, one line for each token that differs."""
    lines = []
    for token in report.tokens:
        parts = [
            f"{word}: {_some(scopes)}"
            for word, scopes in (
                ("declared but not there", token.scopes_missing),
                (
                    "there but not declared (the list is incomplete, or a risk if it leaks)",
                    token.scopes_undeclared,
                ),
            )
            if scopes
        ]
        if parts:
            lines.append(f"Scopes of {one_line(token.name)}: {'; '.join(parts)}.")
    return lines


def _some(scopes: tuple[str, ...]) -> str:
    more = f" and {len(scopes) - _MOST_SCOPES} more" if len(scopes) > _MOST_SCOPES else ""
    return one_line(", ".join(scopes[:_MOST_SCOPES]) + more)


def _verdicts(report: Report) -> str:
    counted = tallies(report.capabilities)
    verdicts = ", ".join(f"{tally.total} {tally.verdict}" for tally in counted)
    inferred = sum(tally.inferred for tally in counted)
    operations = f"{so_far(report)}{count(len(report.capabilities), 'operation')}"
    return f"{operations}: {verdicts}; {inferred} of them inferred, not asked."


def _groups(view: View, width: int, cut: str) -> list[RenderableType]:
    """Return the groups as a table or, where it is too narrow, as a list; `cut` ends their heading."""
    if width >= _TABLE_FROM:
        return [_table(view, f"Group{cut}")]
    return _list(view, max(width, _NARROWEST), f"Groups{cut}")


def _list(view: View, width: int, title: str) -> list[RenderableType]:
    from rich.text import Text

    lines: list[RenderableType] = [Text(title, "bold")]
    for group in view.groups:
        counts = ", ".join(f"{tally.total} {tally.verdict}" for tally in group.tallies if tally.total)
        text = f"{one_line(group.title)}: {counts}; {group.why}"
        lines += map(Text, textwrap.wrap(text, width, initial_indent="- ", subsequent_indent="  "))
    return lines


def _table(view: View, title: str) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(title, ratio=None, overflow="fold")
    for verdict in Verdict:
        table.add_column(VERDICTS[verdict].label.capitalize(), justify="right", no_wrap=True)
    table.add_column("Main reason", overflow="fold")
    for group in view.groups:
        table.add_row(Text(one_line(group.title)), *_numbers(group), Text(group.why))
    return table


def _numbers(group: Group) -> list[RenderableType]:
    from rich.text import Text

    return [
        Text(str(tally.total), _STYLES[tally.verdict]) if tally.total else Text("-")
        for tally in group.tallies
    ]


def _next_steps(report: Report) -> list[RenderableType]:
    from rich.text import Text

    steps = _steps(report)
    if not steps:
        return []
    return [Text(), Text("What to do next", "bold"), *(Text(f"- {one_line(step)}") for step in steps)]


def _steps(report: Report) -> list[str]:
    if not report.measured:
        return [report.advice] if report.advice else []
    refused = [token for token in report.tokens if token.status is TokenStatus.REFUSED]
    steps = [f"Replace the token {token.name}: {token.reason}" for token in refused]
    steps += [f"{item.title}. {item.text}" for item in report.guidance]
    return steps[:_MOST_STEPS]
