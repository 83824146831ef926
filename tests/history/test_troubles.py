"""Whatever is wrong with a database is said in one sentence, without a password, and loses nothing."""

import os
import sqlite3
import stat
import threading
import traceback
from contextlib import closing

import pytest
from history_world import run_at
from postgresql_server import PASSWORD

from probe.errors import HistoryError, InputError
from probe.history.location import parse_location
from probe.history.store import open_history
from probe.history.trouble import trouble_with


def test_the_file_and_its_folder_are_for_the_owner_only(tmp_path):
    path = tmp_path / "new" / "history.db"
    with open_history(f"sqlite:///{path}") as history:
        history.record(run_at(1))
        files = list(path.parent.iterdir())
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_history_that_must_be_there_is_not_made(tmp_path):
    with pytest.raises(InputError):
        open_history(f"sqlite:///{tmp_path}/none/history.db", must_exist=True)
    assert list(tmp_path.iterdir()) == []


def test_readers_and_a_writer_do_not_wait_for_each_other(tmp_path):
    url = f"sqlite:///{tmp_path}/history.db"
    with open_history(url, wait_s=0) as history:
        history.record(run_at(1))
        with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            assert len(history.runs()) == 1


def test_a_locked_file_is_waited_for(tmp_path):
    url = f"sqlite:///{tmp_path}/history.db"
    with (
        open_history(url, wait_s=60) as history,
        closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        worker = threading.Thread(target=history.record, args=(run_at(1),))
        worker.start()
        worker.join(0.3)
        assert worker.is_alive()
        other.execute("COMMIT")
        worker.join()
        assert len(history.runs()) == 1


def test_a_file_that_stays_locked_is_said(tmp_path):
    url = f"sqlite:///{tmp_path}/history.db"
    with (
        open_history(url, wait_s=0.05) as history,
        closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="locked"):
            history.record(run_at(1))
        other.execute("ROLLBACK")
        assert history.record(run_at(1))


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("shopping list\n" * 100)
    with pytest.raises(HistoryError, match="no SQLite database"):
        open_history(f"sqlite:///{path}")
    assert path.read_text() == "shopping list\n" * 100
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_file_is_said(tmp_path):
    path = tmp_path / "history.db"
    with open_history(f"sqlite:///{path}") as history:
        for day in range(1, 4):
            history.record(run_at(day))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(HistoryError, match="damaged"), open_history(f"sqlite:///{path}") as history:
        history.runs()


def test_a_damaged_report_leaves_the_others(tmp_path):
    path = tmp_path / "history.db"
    with open_history(f"sqlite:///{path}") as history:
        first, second = history.record(run_at(1)), history.record(run_at(2))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE probe_reports SET body = x'00' WHERE run_seq = 1")
        with pytest.raises(InputError):
            history.load(first.id)
        assert history.load(second.id) == run_at(2)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError):
        open_history(f"sqlite:///{tmp_path}/file/history.db")
    with pytest.raises(HistoryError):
        open_history(f"sqlite:///{tmp_path}")


def full_disk(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (randomblob(100000))")


def read_only(path):
    path.touch()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.execute("CREATE TABLE t (a)")


@pytest.mark.parametrize(("act", "said"), [(full_disk, "room"), (read_only, "may not be written")])
def test_what_a_disk_refuses_is_said(act, said, tmp_path):
    path = tmp_path / "some.db"
    with pytest.raises(sqlite3.OperationalError) as caught:
        act(path)
    trouble = trouble_with(caught.value, parse_location(f"sqlite:///{path}"))
    assert said in trouble.message
    assert trouble.hint


def postgresql_troubles(server):
    server.execute(
        "DROP ROLE IF EXISTS weak",
        "CREATE ROLE weak LOGIN PASSWORD 'weak-pass'",
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN SUPERUSER PASSWORD 'reader-pass'",
        "ALTER ROLE reader SET default_transaction_read_only = on",
    )
    server.emptied()
    yield f"postgresql://postgres:{PASSWORD}@127.0.0.1:1/probe", PASSWORD, "reached"
    yield server.url_of("probe", password="wrong-pass"), "wrong-pass", "password is wrong"
    yield server.url_of("no_such"), PASSWORD, "no such database"
    yield server.url_of("probe", "weak", "weak-pass"), "weak-pass", "right"
    yield server.url_of("probe", "reader", "reader-pass"), "reader-pass", "only be read"
    yield server.url_of("probe") + "?no_such_option=1", PASSWORD, "option"


def test_what_postgresql_refuses_is_said_without_the_password(postgresql):
    for url, password, said in postgresql_troubles(postgresql):
        with pytest.raises(HistoryError) as caught:
            open_history(url)
        error = caught.value
        assert said in error.message, url
        everything = "".join(traceback.format_exception(error)) + error.hint + repr(error)
        assert password not in everything
        assert os.linesep not in error.message


def test_a_lock_in_postgresql_is_waited_for_and_then_said(postgresql):
    import psycopg

    url = postgresql.emptied()
    with open_history(url, wait_s=0.1) as history, psycopg.connect(url) as other:
        other.execute("LOCK TABLE probe_runs IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(HistoryError, match="lock"):
            history.record(run_at(1))
        other.rollback()
        assert history.record(run_at(1))


def test_a_server_that_ends_in_the_middle_is_said(postgresql):
    import psycopg

    url = postgresql.emptied()
    with open_history(url) as history, psycopg.connect(url, autocommit=True) as other:
        others = "pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'probe'"
        with pytest.raises(HistoryError), history._database.writing() as connection:  # noqa: PT012, SLF001 - between two statements of one transaction
            other.execute(f"SELECT pg_terminate_backend(pid) FROM {others}")  # noqa: S608 - our text
            connection.exec_driver_sql("SELECT 1")
        assert history.record(run_at(1))
