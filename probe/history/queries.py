"""What is asked of past runs without opening a report.

Comes in: a connection inside a transaction, and what to look for. Goes out: records of `model`.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from probe.errors import InputError
from probe.history.model import KnownCapability, StoredRun
from probe.history.origins import Kinship, kinship, one_of_each, place_of
from probe.history.rows import microseconds, stored_run
from probe.history.schema import CAPABILITIES, NOTES, PINS, REPORTS, RUNS
from probe.judge.model import Cause, Confidence, Verdict
from probe.report.display import one_line

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, RowMapping, Select

_LIST = "`probe history list` shows the runs."
_NEWEST = (RUNS.c.started_us.desc(), RUNS.c.seq.desc())
_SHORTEST_ID = 6
_SHOWN_CHOICES = 4
_LONGEST_SHOWN = 60
_SHOWN_ORGANIZATIONS = 8


def spellings(connection: Connection, base_url: str) -> tuple[str, ...]:
    """Return the addresses under which an organization has runs, the given one first, runs or none.

    It may have been asked by http before, or with the scheme's own port written out.
    """
    host = place_of(base_url).host
    like = (
        select(RUNS.c.base_url).distinct().where(func.lower(RUNS.c.base_url).contains(host, autoescape=True))
    )
    known = sorted(connection.execute(like).scalars())
    return (base_url, *(u for u in known if u != base_url and kinship(u, base_url) is Kinship.SAME))


def select_runs(
    connection: Connection, base_url: str | None, limit: int | None = None
) -> Select[tuple[object, ...]]:
    """Return the statement for the runs of an organization, or of all, the newest first."""
    found = select(RUNS).order_by(*_NEWEST)
    if base_url is not None:
        found = found.where(RUNS.c.base_url.in_(spellings(connection, base_url)))
    return found if limit is None else found.limit(limit)


def list_runs(connection: Connection, base_url: str | None, limit: int | None) -> tuple[StoredRun, ...]:
    """Return the runs, the newest first."""
    return tuple(map(stored_run, connection.execute(select_runs(connection, base_url, limit)).mappings()))


def list_base_urls(connection: Connection) -> tuple[str, ...]:
    """Return the addresses that have runs, sorted."""
    return tuple(sorted(connection.execute(select(RUNS.c.base_url).distinct()).scalars()))


def count_runs(connection: Connection) -> int:
    """Return the number of runs of all organizations."""
    return int(connection.execute(select(func.count()).select_from(RUNS)).scalar_one())


def find_run(connection: Connection, reference: str, base_url: str | None) -> RowMapping:
    """Return the row that a reference means; see History.find. Raises InputError."""
    match reference:
        case "last":
            runs = select_runs(connection, the_organization(connection, base_url, f"`{reference}`"))
            return _first(connection, runs, "There is no run in the history yet.")
        case "last-good":
            runs = select_runs(connection, the_organization(connection, base_url, f"`{reference}`"))
            good = runs.where(RUNS.c.measured, RUNS.c.complete)
            return _first(connection, good, "There is no measured and complete run in the history yet.")
        case "baseline":
            return _pinned(connection, base_url)
        case _:
            return _by_id(connection, reference, base_url)


def the_organization(connection: Connection, base_url: str | None, what: str) -> str | None:
    """Return the organization that is meant: the one that was named, or the only one that has runs.

    None where the history is empty. Raises InputError where it is not known, or `what` could mean a run
    of several.
    """
    if base_url is not None and connection.execute(select_runs(connection, base_url, 1)).first() is not None:
        return base_url
    known = one_of_each(list_base_urls(connection))
    if base_url is not None:
        more = f"It has: {_choices(known)}" if known else "`probe scan` records one."
        raise InputError(f"The history has no run of {base_url}.", more)
    if len(known) > 1:
        raise InputError(
            f"The history has runs of {len(known)} organizations, so {what} needs the name of one.",
            f"Say which: {_choices(known)}",
        )
    return known[0] if known else None


def _choices(base_urls: Sequence[str]) -> str:
    more = len(base_urls) - _SHOWN_ORGANIZATIONS
    shown = ", ".join(f"--base-url {url}" for url in base_urls[:_SHOWN_ORGANIZATIONS])
    return f"{shown} and {more} more, see `probe history list`." if more > 0 else f"{shown}."


def _first(connection: Connection, statement: Select[tuple[object, ...]], otherwise: str) -> RowMapping:
    row = connection.execute(statement.limit(1)).mappings().first()
    if row is None:
        raise InputError(otherwise, "`probe scan` records one.")
    return row


def _pinned(connection: Connection, base_url: str | None) -> RowMapping:
    statement = select_runs(connection, base_url).join(PINS, PINS.c.run_seq == RUNS.c.seq)
    rows = connection.execute(statement).mappings().all()
    if not rows:
        raise InputError("No run is pinned as the baseline.", "`probe baseline set RUN` pins one.")
    if base_url is not None:
        return min(rows, key=lambda row: row["base_url"] != base_url)
    organizations = one_of_each(sorted(row["base_url"] for row in rows))
    if len(organizations) > 1:
        choices = _choices(organizations)
        raise InputError("Several organizations have a baseline.", f"Say which: {choices}")
    return rows[0]


def _by_id(connection: Connection, reference: str, base_url: str | None) -> RowMapping:
    start = reference.lower()
    if not start or set(start) - set(string.hexdigits):
        shown = one_line(reference, _LONGEST_SHOWN)
        raise InputError(
            f'"{shown}" is no file and no run: an id has only the digits 0 to 9 and a to f.', _LIST
        )
    statement = select_runs(connection, base_url, _SHOWN_CHOICES).where(
        RUNS.c.id.startswith(start, autoescape=True)
    )
    rows = connection.execute(statement).mappings().all()
    if not rows:
        raise InputError(f"No run in the history has an id that begins with {start[:32]}.", _LIST)
    if len(rows) > 1:
        ids = ", ".join(row["id"] for row in rows)
        raise InputError(f"Several runs have an id that begins with {start}.", f"Give more of it: {ids}.")
    if len(start) < _SHORTEST_ID:  # a word such as `a` or `bad` is a file that is not there
        raise InputError(
            f'"{start}" is no file, and too short for the id of a run: give {_SHORTEST_ID} characters of it.',
            _LIST,
        )
    return rows[0]


def pinned_run(connection: Connection, base_url: str) -> StoredRun | None:
    """Return the pinned run of an organization, or None; that of the address itself before others."""
    try:
        return stored_run(_pinned(connection, base_url))
    except InputError:
        return None


def packed_report(connection: Connection, run_id: str) -> bytes:
    """Return a run's report as it is stored. Raises InputError for an unknown run."""
    statement = select(REPORTS.c.body).join(RUNS, RUNS.c.seq == REPORTS.c.run_seq).where(RUNS.c.id == run_id)
    body = connection.execute(statement).scalar()
    if body is None:
        raise InputError(f"There is no run {run_id} in the history.", _LIST)
    return bytes(body)


def oldest_first(connection: Connection, base_url: str | None) -> Iterator[tuple[StoredRun, bool]]:
    """Yield each run, and whether it is pinned."""
    statement = select_runs(connection, base_url).order_by(None).order_by(RUNS.c.started_us, RUNS.c.seq)
    pins = set(connection.execute(select(PINS.c.run_seq)).scalars())
    for row in connection.execute(statement).mappings():
        yield stored_run(row), row["seq"] in pins


def get_note(connection: Connection, name: str) -> str | None:
    """Return the text under a name, or None."""
    found = connection.execute(select(NOTES.c.value).where(NOTES.c.name == name)).scalar()
    return None if found is None else str(found)


def known_capabilities(
    connection: Connection, base_url: str, before: StoredRun | None
) -> dict[str, KnownCapability]:
    """Return what the latest run that told it says of each operation.

    Of the runs with the same verdicts only the latest matters, so that few rows are looked through.
    """
    told = and_(RUNS.c.base_url.in_(spellings(connection, base_url)), RUNS.c.measured)
    if before is not None:
        told = and_(told, _earlier(connection, before))
    place = func.row_number().over(partition_by=RUNS.c.state_id, order_by=_NEWEST).label("place")
    latest = select(RUNS, place).where(told).subquery()
    rank = func.row_number().over(
        partition_by=CAPABILITIES.c.operation, order_by=(latest.c.started_us.desc(), latest.c.seq.desc())
    )
    ranked = (
        select(CAPABILITIES, latest.c.id.label("run"), latest.c.started_at, rank.label("rank"))
        .join(latest, latest.c.state_id == CAPABILITIES.c.state_id)
        .where(latest.c.place == 1, CAPABILITIES.c.verdict != Verdict.UNKNOWN.value)
        .subquery()
    )
    rows = connection.execute(select(ranked).where(ranked.c.rank == 1).order_by(ranked.c.operation))
    return {row["operation"]: _known(row) for row in rows.mappings()}


def _earlier(connection: Connection, run: StoredRun) -> ColumnElement[bool]:
    started = microseconds(run.started_at)
    seq = connection.execute(select(RUNS.c.seq).where(RUNS.c.id == run.id)).scalar() or 0
    return or_(RUNS.c.started_us < started, and_(RUNS.c.started_us == started, RUNS.c.seq < seq))


def _known(row: RowMapping) -> KnownCapability:
    return KnownCapability(
        operation=row["operation"],
        group=row["group_name"],
        verdict=Verdict(row["verdict"]),
        cause=Cause(row["cause"]),
        confidence=Confidence(row["confidence"]),
        inferred=row["inferred"],
        run=row["run"],
        started_at=row["started_at"],
    )
