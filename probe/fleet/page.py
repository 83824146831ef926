"""The fleet's page and `fleet.json`: made from the rows, and streamed, as there may be many.

Comes in: the fleet, its ledger, how the run stands. Goes out: text in pieces. The page follows the same
rules as a report: no script needed, nothing loaded, everything escaped, colour never alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import msgspec

from probe import __version__
from probe.fleet.ledger import Ledger
from probe.fleet.model import (
    FLEET_SCHEMA_VERSION,
    Fleet,
    FleetHead,
    FleetReport,
    FleetSummary,
    GroupCount,
    OrganizationState,
    Row,
)
from probe.fleet.run import fleet_code
from probe.fleet.standing import UNDETERMINED, fleet_standing
from probe.jsonbytes import encoded
from probe.report.display import count, one_line
from probe.report.html import stream_page
from probe.report.model import Tool

CELL = 18


class Column(NamedTuple):
    """A group as a column of the picture: its number, id and title."""

    number: int
    id: str
    title: str


class Cell(NamedTuple):
    """One group of one organization: its symbol's name, empty where it has none, and what it says."""

    symbol: str
    title: str


class Strip(NamedTuple):
    """The picture of one organization, a cell for each column, and the text that says the same."""

    cells: tuple[Cell, ...]
    text: str


_WORDS = {"a": "allowed", "p": "partly allowed", "b": "blocked", "u": "unknown"}


def head_of(fleet: Fleet, ledger: Ledger, finished_at: str, *, stopped: bool) -> FleetHead:
    """Return what is said of the whole fleet; reads each row once."""
    states: Counter[OrganizationState] = Counter()
    plans: Counter[str] = Counter()
    codes: set[int] = set()
    lost = compared = unexpected = 0
    for row in ledger.rows(fleet.organizations):
        states[row.state] += 1
        codes.add(row.exit_code)
        lost += bool(row.lost)
        compared += row.compared
        unexpected += bool(row.expectations_failed)
        if row.state is OrganizationState.MEASURED:
            plans[row.plan or UNDETERMINED] += 1
    waiting = len(fleet.organizations) - states.total()
    measured = states[OrganizationState.MEASURED]
    code = fleet_code(codes, measured, stopped=stopped or bool(waiting), bad=bool(fleet.bad))
    return FleetHead(
        schema_version=FLEET_SCHEMA_VERSION,
        tool=Tool(name="plan-probe", version=__version__),
        run=ledger.run,
        started_at=ledger.started_at,
        finished_at=finished_at,
        complete=not waiting,
        exit_code=code,
        summary=FleetSummary(
            organizations=len(fleet.organizations),
            measured=measured,
            not_measured=states[OrganizationState.NOT_MEASURED],
            failed=states[OrganizationState.FAILED],
            waiting=waiting,
            compared=compared,
            lost=lost,
            bad_entries=len(fleet.bad),
            plans=dict(sorted(plans.items())),
            expectations_failed=unexpected,
        ),
        bad_entries=fleet.bad,
    )


def stream_fleet_json(head: FleetHead, fleet: Fleet, ledger: Ledger) -> Iterator[str]:
    """Yield `fleet.json`: one line for each organization, so that text tools can read it too."""
    yield encoded(head).decode().removesuffix("}") + ',"organizations":['
    before = "\n"
    for row in ledger.rows(fleet.organizations):
        yield before + encoded(row).decode()
        before = ",\n"
    yield "\n]}\n"


def fleet_schema() -> dict[str, Any]:
    """Return the JSON Schema of `fleet.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:plan-probe:fleet:{FLEET_SCHEMA_VERSION}",
        "title": f"Plan probe fleet run, schema version {FLEET_SCHEMA_VERSION}",
        "description": "What each organization of a fleet may do, and what it lost since the last time.",
        **msgspec.json.schema(FleetReport),
    }


def stream_fleet_html(head: FleetHead, fleet: Fleet, ledger: Ledger) -> Iterator[str]:
    """Yield the page in pieces."""
    columns = columns_of(ledger.rows(fleet.organizations))

    def rows(state: OrganizationState) -> Iterator[Row]:
        return (row for row in ledger.rows(fleet.organizations) if row.state is state)

    parts: dict[str, object] = {
        "head": head,
        "title": title_of(head),
        "columns": columns,
        "cell": CELL,
        "strip_of": lambda row: strip_of(row, columns),
        "measured": lambda: rows(OrganizationState.MEASURED),
        "lost": lambda: (row for row in rows(OrganizationState.MEASURED) if row.lost),
        "apart": _apart(head, rows),
        "standing": fleet_standing(head),
    }
    return stream_page("fleet.html", ("style.css", "fleet.css"), "fleet.js", parts)


def title_of(head: FleetHead) -> str:
    """Return the answer in one line."""
    summary = head.summary
    if summary.lost:
        return f"{count(summary.lost, 'organization')} lost something"
    if not summary.measured:
        return "No organization could be measured"
    if not summary.compared:
        return f"{count(summary.measured, 'organization')} measured, none compared yet"
    return f"Nothing lost in {count(summary.compared, 'organization')}"


class _Apart(NamedTuple):
    """A list of organizations without verdicts: an anchor, a title, what it means, what yields the rows."""

    anchor: str
    title: str
    note: str
    rows: Callable[[], Iterator[Row]]


def _apart(head: FleetHead, rows: Callable[[OrganizationState], Iterator[Row]]) -> list[_Apart]:
    found: list[_Apart] = []
    if head.summary.not_measured:
        note = "What came back says nothing about a plan, and nothing of it counts as lost."
        behind = partial(rows, OrganizationState.NOT_MEASURED)
        found.append(_Apart("not-measured", "Not measured", note, behind))
    if head.summary.failed:
        note = "Something on this side was wrong or failed; the same command with --resume asks these again."
        failed = partial(rows, OrganizationState.FAILED)
        found.append(_Apart("failed", "Not asked, or not kept", note, failed))
    return found


def columns_of(rows: Iterator[Row]) -> tuple[Column, ...]:
    """Return the groups that any organization has, in the order in which they come."""
    titles: dict[str, str] = {}
    for row in rows:
        for group in row.groups:
            titles.setdefault(group.id, group.title)
    return tuple(Column(number, id_, titles[id_]) for number, id_ in enumerate(titles, start=1))


def strip_of(row: Row, columns: tuple[Column, ...]) -> Strip:
    """Return the picture of an organization; a group that its catalog lacks leaves a gap."""
    groups = {group.id: group for group in row.groups}
    cells = tuple(
        Cell(_symbol(groups[column.id]), _title(groups[column.id])) if column.id in groups else Cell("", "")
        for column in columns
    )
    said: dict[str, list[str]] = {}
    for column in columns:
        if column.id in groups:
            said.setdefault(_symbol(groups[column.id]), []).append(one_line(column.title, 60))
    text = "; ".join(f"{word}: {', '.join(said[key])}" for key, word in _WORDS.items() if key in said)
    return Strip(cells, text)


def _symbol(group: GroupCount) -> str:
    if not group.allowed and not group.blocked:
        return "u"
    if not group.blocked and not group.unknown:
        return "a"
    return "p" if group.allowed else "b"


def _title(group: GroupCount) -> str:
    parts = ((group.allowed, "allowed"), (group.blocked, "blocked"), (group.unknown, "unknown"))
    return f"{group.title}: {', '.join(f'{number} {word}' for number, word in parts if number)}"
