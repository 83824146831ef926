"""Several writers at once, and one that is killed in the middle: no run is lost, none is half there."""

import multiprocessing
import os
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
from history_world import URL, run_at
from msgspec.structs import replace

from probe.history import rows, writing
from probe.history.location import parse_location
from probe.history.store import open_history
from probe.judge.model import Cause, Verdict

FORKING = multiprocessing.get_context("fork")
WRITERS, RUNS = 8, 3


def started(target, *args):
    process = FORKING.Process(target=target, args=args)
    process.start()
    return process


def night(number):
    """Return a run with the verdicts of every third one, so that writers store the same set at once."""
    start = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)).isoformat()
    return replace(BASES[int(number) % 3], started_at=start)


def blocking(place):
    report = run_at(1)
    capabilities = list(report.capabilities)
    capabilities[place] = replace(capabilities[place], verdict=Verdict.BLOCKED, cause=Cause.PLAN)
    return replace(report, capabilities=tuple(capabilities))


BASES = [blocking(place) for place in range(3)]
OPERATIONS = [item.operation for item in BASES[0].capabilities]


def write(url, barrier, writer):
    with open_history(url) as history:
        barrier.wait()
        for number in range(RUNS):
            history.record(night(number + writer / 100), key=f"{writer}-{number}")


def test_eight_writers_lose_nothing(url):
    with open_history(url):
        pass
    barrier = FORKING.Barrier(WRITERS)
    processes = [started(write, url, barrier, writer) for writer in range(WRITERS)]
    for process in processes:
        process.join()
    with open_history(url) as history:
        assert {run.key for run in history.runs()} == {
            f"{w}-{n}" for w in range(WRITERS) for n in range(RUNS)
        }
        assert all(history.load(run.id).measured for run in history.runs())
        assert len(history.timeline(["*"], URL)) == len(OPERATIONS)


def prune_and_pin(url, barrier):
    with open_history(url) as history:
        barrier.wait()
        for _ in range(RUNS):
            history.prune(0, datetime(2030, 1, 1, tzinfo=UTC))
            history.pin(URL, history.find("last-good").id)


def test_what_is_recorded_while_another_prunes_is_whole(url):
    with open_history(url) as history:
        history.record(night(-1))
    barrier = FORKING.Barrier(4)
    processes = [started(write, url, barrier, writer) for writer in range(3)]
    processes.append(started(prune_and_pin, url, barrier))
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    with open_history(url) as history:
        assert history.pinned(URL)
        assert all(history.load(run.id).measured for run in history.runs())
        assert len(history.timeline(["*"], URL)) == len(OPERATIONS)


def test_verdicts_stay_while_a_run_with_them_is_being_recorded(postgresql):
    url = postgresql.emptied()
    with open_history(url) as history:
        history.record(night(0))
        history.record(night(1))
        report = night(3)
        body, packed = rows.pack(report)
        values = rows.capability_values(report)
        with history._database.writing() as connection:  # noqa: SLF001 - stopped in the middle of `record`
            writing.take_lock(connection, alone=False)
            state = writing.add_state(connection, rows.digest_of(values), values)
            pruning = started(prune_and_pin, url, FORKING.Barrier(1))
            while pruning.is_alive() and not waiting_for_a_lock(postgresql):
                time.sleep(0.01)
            writing.add_run(connection, {**rows.run_values(report, body, "", ""), "state_id": state}, packed)
        pruning.join()
        assert pruning.exitcode == 0
        assert history.load(history.find("last").id) == report


def waiting_for_a_lock(server):
    with psycopg.connect(server.url) as connection:
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return connection.execute(waiting).fetchall()


def write_on(url, pipe, first):
    with open_history(url) as history:
        for number in range(first, first + 1000):
            pipe.send(history.record(night(number)).id)


def test_a_writer_that_is_killed_leaves_whole_runs_only(url):
    finished = []
    for kill in range(5):
        mine, theirs = FORKING.Pipe(duplex=False)
        process = started(write_on, url, theirs, kill * 1000)
        theirs.close()
        finished.append(mine.recv())  # then it is at work on the next one
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        while True:
            try:
                finished.append(mine.recv())
            except EOFError:
                break
        mine.close()
    with open_history(url) as history:
        there = {run.id for run in history.runs()}
        assert set(finished) <= there
        assert len(there) <= len(finished) + 5
        assert all(history.load(run).measured for run in there)
    where = parse_location(url)
    if where.path:
        with closing(sqlite3.connect(where.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
