"""What changes the history: recording, pinning, pruning, notes.

Comes in: a connection inside a transaction for writing, and values. Goes out: rows. Each function is
a part of one transaction that its caller began, so it happens whole or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, not_, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from probe.history.location import Dialect
from probe.history.schema import CAPABILITIES, NOTES, PINS, REPORTS, RUNS, STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, RowMapping, Table

# Recorders share it; who removes runs holds it alone, so that no state goes while it is being used.
_TIDYING_LOCK = 0x70726F6266


def take_lock(connection: Connection, *, alone: bool) -> None:
    """Wait until nobody tidies, or, `alone`, until nobody records. SQLite has one writer anyway."""
    if connection.dialect.name == Dialect.POSTGRESQL:
        name = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        connection.execute(text(f"SELECT {name}(:key)"), {"key": _TIDYING_LOCK})


def find_recorded(connection: Connection, run_id: str, key: str | None) -> RowMapping | None:
    """Return the row of a run with that id or key, or None."""
    same = or_(RUNS.c.id == run_id, RUNS.c.run_key == key) if key else RUNS.c.id == run_id
    return connection.execute(select(RUNS).where(same).order_by(RUNS.c.seq).limit(1)).mappings().first()


def add_state(connection: Connection, digest: str, rows: list[dict[str, Any]]) -> int:
    """Return the id of the state with that digest, stored now if it is new."""
    known = select(STATES.c.id).where(STATES.c.digest == digest)
    found = connection.execute(known).scalar()
    if found is not None:
        return int(found)
    added = _insert_new(connection, STATES, {"digest": digest}, STATES.c.id)
    if added is None:  # another process stored it meanwhile, and has committed
        return int(connection.execute(known).scalar_one())
    if rows:
        connection.execute(CAPABILITIES.insert(), [{"state_id": added, **row} for row in rows])
    return added


def add_run(connection: Connection, values: dict[str, Any], packed: bytes) -> bool:
    """Store a run and its report; return whether it is new."""
    seq = _insert_new(connection, RUNS, values, RUNS.c.seq)
    if seq is None:
        return False
    connection.execute(REPORTS.insert().values(run_seq=seq, body=packed))
    return True


def _insert_new(connection: Connection, table: Table, values: dict[str, Any], wanted: Any) -> int | None:  # noqa: ANN401 - a column
    """Insert a row and return a column of it, or None where one like it is there."""
    kind = postgresql if connection.dialect.name == Dialect.POSTGRESQL else sqlite
    statement = kind.insert(table).values(values).on_conflict_do_nothing().returning(wanted)
    found = connection.execute(statement).scalar()
    return None if found is None else int(found)


def set_pin(connection: Connection, asked: Sequence[str], seq: int | None) -> None:
    """Pin a run of an organization, under the first of its addresses, and no other; None pins none."""
    base_url = asked[0]
    connection.execute(delete(PINS).where(PINS.c.base_url.in_(asked[1:])))
    _replace(connection, PINS, PINS.c.base_url, base_url, None if seq is None else {"run_seq": seq})


def set_note(connection: Connection, name: str, value: str | None) -> None:
    """Store a text under a name; None removes it."""
    _replace(connection, NOTES, NOTES.c.name, name, None if value is None else {"value": value})


def _replace(
    connection: Connection,
    table: Table,
    key: Any,  # noqa: ANN401 - a column
    name: str,
    values: dict[str, Any] | None,
) -> None:
    if values is None:
        connection.execute(delete(table).where(key == name))
        return
    kind = postgresql if connection.dialect.name == Dialect.POSTGRESQL else sqlite
    insert = kind.insert(table).values({key.name: name, **values})
    connection.execute(insert.on_conflict_do_update(index_elements=[key.name], set_=values))


def remove_before(connection: Connection, before_us: int) -> int:
    """Remove the runs that started earlier, and states that no run is left for; return how many runs.

    Pinned runs stay, and the last good one of each organization.
    """
    place = func.row_number().over(
        partition_by=RUNS.c.base_url, order_by=(RUNS.c.started_us.desc(), RUNS.c.seq.desc())
    )
    good = select(RUNS.c.seq, place.label("place")).where(and_(RUNS.c.measured, RUNS.c.complete)).subquery()
    removed = connection.execute(
        delete(RUNS).where(
            RUNS.c.started_us < before_us,
            RUNS.c.seq.not_in(select(PINS.c.run_seq)),
            RUNS.c.seq.not_in(select(good.c.seq).where(good.c.place == 1)),
        )
    ).rowcount
    connection.execute(delete(STATES).where(not_(exists().where(RUNS.c.state_id == STATES.c.id))))
    return removed
