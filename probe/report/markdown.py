"""The report as Markdown, to be pasted into a ticket: the answer, what is blocked, the exchanges that decide.

Comes in: a Report. Goes out: Markdown text in which nothing that a server or a user chose is markup.
Short on purpose: the HTML report holds every finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from probe.evidence import Response
from probe.judge.model import Cause, Verdict
from probe.report.answer import headline, question_words, tallies
from probe.report.changes_markdown import render_changes_markdown
from probe.report.coverage import NO_TOTALS, how_far, so_far
from probe.report.decisive import Decisive, decisive
from probe.report.display import capital, count, duration, milliseconds, moment
from probe.report.exchange_text import came_back, curl_line, traces, variable
from probe.report.markup import code, code_block, escaped, table
from probe.report.model import Report, ReportCapability, ReportControl, ReportFinding
from probe.report.words import CAUSES, EXPECTATIONS, TOKENS
from probe.report.writes import by_request, writes_in

_SENTENCE = 600
_MOST_ROWS = 40
_MOST_NAMED = 12


def render_markdown(report: Report) -> str:
    """Return the whole text; the last line ends with a line feed."""
    return "\n\n".join(part for part in _parts(report) if part) + "\n"


def _parts(report: Report) -> Iterator[str]:
    answer = headline(report)
    sure = f" (confidence: {answer.confidence})" if answer.confidence else ""
    yield f"## {escaped(report.target.base_url.partition('://')[2])}: {escaped(answer.title)}{sure}"
    if not report.complete:
        yield f"**Incomplete: {how_far(report)}.** {NO_TOTALS}"
    if report.simulated:
        yield "**Simulation: this is a simulated organization, not a real one.**"
    yield f"{escaped(answer.bounds)} {_sentence(capital(answer.reason))}"
    if not report.measured and report.advice:
        yield f"**What to do:** {_sentence(report.advice)}"
    yield "\n".join(_facts(report))
    if report.changes:
        yield "### What changed"
        yield render_changes_markdown(report.changes).strip().replace("### ", "#### ")
    yield from _expectations(report)
    if report.measured:
        yield from _questions(report)
        yield from _blocked(report)
    yield from _exchanges(report)
    yield (
        f"Made by {report.tool.name} {report.tool.version}, catalog {escaped(report.target.vendor)} "
        f"{escaped(report.target.catalog_version)}. Tokens, cookies and e-mail addresses are masked; "
        "of successful answers only the shape was kept."
    )


def _sentence(text: str) -> str:
    line = escaped(text, _SENTENCE)
    return line if not line or line.endswith((".", "!", "?")) else f"{line}."


def _facts(report: Report) -> Iterator[str]:
    tokens = ", ".join(f"{escaped(token.name)} ({TOKENS[token.status].label})" for token in report.tokens)
    sent = ", ".join(f"{number} {method}" for method, number in report.requests_sent.items())
    version = report.target.server_version
    yield f"- Asked {moment(report.started_at)}, for {duration(report.duration_s)}"
    yield f"- Tokens: {tokens or 'none'}"
    writes = ", ".join(
        code(f"{item.method} {item.path}") + f" ({item.statuses})" for item in by_request(writes_in(report))
    )
    yield f"- Requests sent: {sent or 'none'}; writes: {writes or 'none'}"
    yield f"- Server version: {escaped(version) if version else 'not stated by the server'}"
    if report.measured:
        counts = ", ".join(f"{tally.total} {tally.verdict}" for tally in tallies(report.capabilities))
        inferred = sum(item.inferred for item in report.capabilities)
        operations = f"{so_far(report)}{count(len(report.capabilities), 'operation')}"
        yield f"- {operations}: {counts} ({inferred} inferred, not asked)"


def _expectations(report: Report) -> Iterator[str]:
    if report.expectations:
        yield "### What was expected"
        yield table(
            ("Expected", "Here", "Why"),
            (
                (
                    f"{code(item.key)} {escaped(item.value)}",
                    EXPECTATIONS[item.verdict].label,
                    _sentence(item.reason),
                )
                for item in report.expectations
            ),
        )


def _questions(report: Report) -> Iterator[str]:
    if report.questions:
        yield "### In short"
        yield "\n".join(f"- {escaped(item.text)} **{question_words(item)}**" for item in report.questions)


def _blocked(report: Report) -> Iterator[str]:
    """Yield a table of what is blocked: one row for each group and cause, inferred ones as a number."""
    alike: dict[tuple[str, Cause], list[ReportCapability]] = defaultdict(list)
    for item in report.capabilities:
        if item.verdict is Verdict.BLOCKED:
            alike[item.group_title, item.cause].append(item)
    if not alike:
        yield "Nothing was found blocked." if report.complete else "So far, nothing was found blocked."
        return
    rows = [
        (escaped(group), CAUSES[cause].label, _operations(members))
        for (group, cause), members in alike.items()
    ]
    yield "### What is blocked" if report.complete else "### What was found blocked so far"
    yield table(("Group", "Why", "Operations"), rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield f"And {len(rows) - _MOST_ROWS} more rows, in the HTML report."


def _operations(members: list[ReportCapability]) -> str:
    asked = [
        f"{code(item.operation)} ({item.method} {code(item.path)})" for item in members if not item.inferred
    ]
    inferred = len(members) - len(asked)
    more = [f"{len(asked) - _MOST_NAMED} more"] if len(asked) > _MOST_NAMED else []
    rest = f"{inferred} inferred from them, not asked" if asked else f"{inferred} inferred, not asked"
    return ", ".join([*asked[:_MOST_NAMED], *more, *([rest] if inferred else [])])


def _exchanges(report: Report) -> Iterator[str]:
    chosen = decisive(report)
    if not chosen:
        return
    yield "### Exchanges that decide"
    for place, item in enumerate(chosen, 1):
        yield _exchange(place, item, report.target.base_url)
    if names := list(dict.fromkeys(item.exchange.token for item in chosen if item.exchange.token)):
        real = {token.name for token in report.tokens}
        stands = ", ".join(
            f"{code(f'${variable(name)}')} for {escaped(name) if name in real else 'a made-up token'}"
            for name in names
        )
        yield f"In the commands a variable stands for each token: {stands}."


def _exchange(place: int, item: Decisive, base_url: str) -> str:
    exchange = item.exchange
    last = exchange.evidence.attempts[-1]
    request = exchange.evidence.request
    token = f", token {escaped(exchange.token)}" if exchange.token else ", no token"
    status = f"status {exchange.status}" if isinstance(last.outcome, Response) else "no answer"
    asked = f"{_named(exchange)}{code(f'{request.method} {request.path}')}"
    lines = [
        f"**{place}. {item.why}:** {asked}{token}: {status}",
        "",
        f"- At {last.started_at}, in {milliseconds(last.elapsed_ms)}",
        *(f"- {label}: {escaped(text, _SENTENCE)}" for label, text in came_back(last.outcome)),
        *(f"- Request id: {code(trace)}" for trace in traces(exchange)),
        f"- Verdict: {_verdict(exchange)}",
    ]
    return "\n".join([*lines, "", code_block([curl_line(request, base_url, exchange.token)], "sh")])


def _named(exchange: ReportFinding | ReportControl) -> str:
    """Return the operation's name before its request; some controls ask no operation."""
    return f"{code(exchange.operation)}, " if exchange.operation else ""


def _verdict(exchange: ReportFinding | ReportControl) -> str:
    label = capital(CAUSES[exchange.cause].label)
    return f"{label} ({exchange.confidence}): {_sentence(exchange.reason)}"
