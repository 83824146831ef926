"""A database of any earlier version becomes today's with all that was in it; a newer one is left alone."""

import multiprocessing
import sqlite3
from contextlib import closing

import pytest
from history_world import URL, run_at
from sqlalchemy import text

from probe.errors import HistoryError
from probe.history import rows, schema
from probe.history.database import Database, make_file
from probe.history.location import Dialect, parse_location
from probe.history.migrate import LATEST, STEPS, migrate
from probe.history.store import open_history

WAIT_S = 20.0
# What each version's tables could hold of a run that today's have, by the columns added since.
LATER_COLUMNS = {1: {"run_key", "label"}, 2: set(), 3: set()}


@pytest.fixture
def database(url):
    location = parse_location(url)
    if location.path is not None:
        make_file(location.path, must_exist=False)
    opened = Database(location, WAIT_S)
    yield opened
    opened.close()


def fill(database, version, report):
    """Store a run as a program of that version did, and pin it."""
    body, packed = rows.pack(report)
    capabilities = rows.capability_values(report)
    values = rows.run_values(report, body, "", "")
    kept = {name: value for name, value in values.items() if name not in LATER_COLUMNS[version]}
    kept |= {"seq": 1, "state_id": 1}
    with database.writing() as connection:
        connection.execute(schema.STATES.insert().values(id=1, digest=rows.digest_of(capabilities)))
        connection.execute(schema.CAPABILITIES.insert(), [{"state_id": 1, **row} for row in capabilities])
        names = ", ".join(kept)
        places = ", ".join(f":{name}" for name in kept)
        connection.execute(text(f"INSERT INTO probe_runs ({names}) VALUES ({places})"), kept)  # noqa: S608 - our names
        connection.execute(schema.REPORTS.insert().values(run_seq=1, body=packed))
        connection.execute(schema.PINS.insert().values(base_url=URL, run_seq=1))
        if database.dialect is Dialect.POSTGRESQL:  # the rows above named their numbers themselves
            for table, column in (("probe_states", "id"), ("probe_runs", "seq")):
                connection.execute(text(f"ALTER TABLE {table} ALTER {column} RESTART WITH 2"))
    return values["id"]


@pytest.mark.parametrize("version", range(1, LATEST + 1))
def test_nothing_is_lost_from_any_version(url, database, version):
    migrate(database, to=version)
    run_id = fill(database, version, run_at(1, users__list="allowed"))
    with open_history(url) as history:
        (run,) = history.runs()
        assert (run.id, run.key, run.label) == (run_id, "", "")
        assert history.load(run_id) == run_at(1, users__list="allowed")
        assert history.pinned(URL) == run
        assert history.known_state(URL)["users.list"].run == run_id
        second = history.record(run_at(2), key="k")
        assert history.find("last") == second
        history.state_set("a", "b")


@pytest.mark.parametrize("version", range(LATEST + 1))
def test_every_version_ends_with_the_same_tables(url, database, version):
    """The tables that the steps make are those that the queries read."""
    migrate(database, to=version)
    with open_history(url), database.reading() as connection:
        for table in schema.METADATA.sorted_tables:
            assert connection.execute(table.select()).all() in ([], [(LATEST,)])


def test_a_newer_database_is_left_as_it_is(url, database, tmp_path):
    migrate(database)
    with database.writing() as connection:
        connection.execute(schema.VERSION.update().values(version=LATEST + 1))
    before = contents(tmp_path)
    with pytest.raises(HistoryError, match=str(LATEST + 1)):
        open_history(url)
    assert contents(tmp_path) == before
    with database.reading() as connection:
        assert connection.execute(schema.VERSION.select()).all() == [(LATEST + 1,)]


def test_a_database_of_another_program_is_left_as_it_is(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = contents(tmp_path)
    with pytest.raises(HistoryError, match="another program"):
        open_history(f"sqlite:///{path}")
    assert contents(tmp_path) == before


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def open_and_record(url, number, failed):
    try:
        with open_history(url) as history:
            history.record(run_at(number + 1))
    except BaseException as error:
        failed.put(repr(error))
        raise


def test_eight_processes_may_open_a_new_history_at_once(url):
    spawn = multiprocessing.get_context("fork")
    failed = spawn.Queue()
    workers = [spawn.Process(target=open_and_record, args=(url, number, failed)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 8, failed.get()
    with open_history(url) as history:
        assert len(history.runs()) == 8


def test_a_step_that_fails_leaves_the_version_before_it(database, monkeypatch):
    steps = (("CREATE TABLE probe_half (a INTEGER)", "CREATE TABLE probe_half (a INTEGER)"),)
    migrate(database, to=LATEST)
    monkeypatch.setattr("probe.history.migrate.STEPS", STEPS + steps)
    with pytest.raises(HistoryError):
        migrate(database, to=LATEST + 1)
    with database.reading() as connection:
        assert connection.execute(schema.VERSION.select()).all() == [(LATEST,)]
    with pytest.raises(HistoryError), database.reading() as connection:
        connection.execute(text("SELECT * FROM probe_half"))
