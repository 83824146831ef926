"""What is put into a history comes out again, whole, in both databases; and what it says of the past."""

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime

import msgspec
import pytest
from history_world import OTHER, URL, run_at
from synthetic_report import synthetic_report

from probe.errors import InputError
from probe.history.model import Mark
from probe.history.store import open_history
from probe.judge.model import Verdict


def test_a_report_comes_back_as_it_was(history):
    report = run_at(1)
    run = history.record(report, label="nightly")
    assert history.load(run.id) == report
    assert history.runs() == (run,)
    assert (run.label, run.base_url, run.started_at) == ("nightly", URL, report.started_at)
    counts = report.summary.verdicts
    assert (run.allowed, run.blocked, run.unknown) == (
        counts["allowed"],
        counts["blocked"],
        counts["unknown"],
    )


def test_any_text_of_a_server_can_be_stored(history):
    report = synthetic_report(hostile=True)
    run = history.record(report, key="a\0b\ud800", label="\ud800\0")
    assert history.load(run.id).target.vendor == "retool"
    assert history.record(report, key="a\0b\ud800").id == run.id


def test_the_same_report_is_one_run(history):
    first, again = history.record(run_at(1)), history.record(run_at(1))
    assert first == again
    assert len(history.runs()) == 1


def test_a_key_is_recorded_once_whatever_comes_with_it(history):
    first = history.record(run_at(1), key="shard-7")
    assert history.record(run_at(2), key="shard-7") == first
    assert history.record(run_at(1), key="shard-8").id != first.id
    assert len(history.runs()) == 2


def test_runs_come_newest_first_of_one_organization_or_of_all(history):
    for day in (2, 3, 1):
        history.record(run_at(day))
    history.record(run_at(9, base_url=OTHER))
    assert [run.started_at[8:10] for run in history.runs(base_url=URL)] == ["03", "02", "01"]
    assert [run.started_at[8:10] for run in history.runs(limit=2)] == ["09", "03"]
    assert history.base_urls() == (URL, OTHER)


def test_times_with_another_offset_or_precision_are_in_order(history):
    late = msgspec.structs.replace(run_at(1), started_at="2026-11-01T23:30:00-02:00")
    early = msgspec.structs.replace(run_at(1), started_at="2026-11-02T01:29:59.9Z")
    history.record(late)
    history.record(early)
    assert [run.started_at for run in history.runs()] == [late.started_at, early.started_at]


def test_a_run_is_found_by_the_names_that_people_use(history):
    good = history.record(run_at(1))
    history.record(run_at(2, complete=False))
    last = history.record(run_at(3, measured=False))
    other = history.record(run_at(9, base_url=OTHER))
    assert history.find("last", URL) == last
    assert history.find("last", OTHER) == other
    with pytest.raises(InputError) as several:
        history.find("last")
    assert URL in several.value.hint
    assert OTHER in several.value.hint
    assert history.find("last-good", URL) == good
    assert history.find(good.id) == history.find(good.id[:12].upper()) == good
    for wrong in ("", "baseline", "fffffffffff0", "%", "last-bad", good.id + "0"):
        with pytest.raises(InputError):
            history.find(wrong, URL)
    with pytest.raises(InputError):
        history.find(other.id, URL)


def test_the_start_of_an_id_must_mean_one_run(history):
    ids = [history.record(run_at(1), key=str(number)).id for number in range(17)]
    digit = next(digit for digit in "0123456789abcdef" if sum(name[0] == digit for name in ids) > 1)
    with pytest.raises(InputError) as caught:
        history.find(digit)
    assert sum(name in caught.value.hint for name in ids) > 1


def test_a_word_of_few_letters_is_no_run_although_an_id_begins_so(history):
    run = history.record(run_at(1))
    with pytest.raises(InputError):
        history.find(run.id[:3])
    assert history.find(run.id[:6]) == run


def test_a_pinned_run_is_the_baseline_until_it_is_unpinned(history):
    first, second = history.record(run_at(1)), history.record(run_at(2))
    history.pin(URL, first.id)
    assert history.find("baseline", URL) == history.find("baseline") == history.pinned(URL) == first
    history.pin(URL, second.id)
    assert history.pinned(URL) == second
    history.pin(URL, None)
    assert history.pinned(URL) is None
    with pytest.raises(InputError):
        history.pin(OTHER, first.id)


def test_what_is_known_is_what_the_latest_run_that_told_it_said(history):
    told = history.record(run_at(1, users__list="allowed"))
    history.record(run_at(2, users__list="unknown"))
    history.record(run_at(3, measured=False, users__list="blocked"))
    known = history.known_state(URL)["users.list"]
    assert (known.verdict, known.run, known.started_at) == (Verdict.ALLOWED, told.id, told.started_at)
    assert all(item.verdict is not Verdict.UNKNOWN for item in history.known_state(URL).values())
    lost = history.record(run_at(4, users__list="blocked"))
    assert history.known_state(URL)["users.list"].run == lost.id
    assert history.known_state(URL, before=lost)["users.list"].run == told.id
    assert history.known_state(OTHER) == {}
    assert history.known_state(URL, before=told) == {}


def test_a_run_that_comes_late_is_not_the_latest(history):
    new = history.record(run_at(5, users__list="blocked"))
    history.record(run_at(4, users__list="allowed"))
    assert history.known_state(URL)["users.list"].run == new.id


def test_a_return_to_earlier_verdicts_is_the_latest_word(history):
    """Runs with the same verdicts share them; the older one of them must not speak for the newer."""
    for day, verdict in enumerate(("allowed", "blocked", "allowed"), start=1):
        last = history.record(run_at(day, users__list=verdict))
    known = history.known_state(URL)["users.list"]
    assert (known.verdict, known.run) == (Verdict.ALLOWED, last.id)


def test_a_timeline_says_when_it_last_worked_and_first_failed(history):
    verdicts = ("allowed", "allowed", "blocked", "allowed", "unknown", "blocked", "blocked")
    runs = [history.record(run_at(day, users__list=verdict)) for day, verdict in enumerate(verdicts, 1)]
    history.record(run_at(20, measured=False))
    history.record(run_at(9, base_url=OTHER, users__list="allowed"))
    (line,) = history.timeline(["users.list"], URL)
    assert [(entry.mark, entry.runs) for entry in line.entries] == [
        (Mark.ALLOWED, 2),
        (Mark.BLOCKED, 1),
        (Mark.ALLOWED, 1),
        (Mark.UNKNOWN, 1),
        (Mark.BLOCKED, 2),
        (Mark.NOT_MEASURED, 1),
    ]
    assert line.last_allowed.run == runs[3].id
    assert line.first_blocked.run == runs[5].id
    assert line.entries[0].last.run == runs[1].id


def test_a_timeline_takes_globs_over_ids_and_groups(history):
    history.record(run_at(1))
    by_id = history.timeline(["users.*"], URL)
    assert by_id == history.timeline(["users"], URL)
    assert [line.operation for line in by_id] == sorted(line.operation for line in by_id)
    assert len(by_id) > 3
    assert history.timeline(["nothing*"], URL) == ()


def test_an_operation_that_a_catalog_did_not_have_is_absent_there(history):
    report = run_at(1)
    history.record(msgspec.structs.replace(report, capabilities=report.capabilities[1:]))
    history.record(run_at(2))
    (line,) = history.timeline([report.capabilities[0].operation], URL)
    assert line.entries[0].mark is Mark.ABSENT
    assert len(line.entries) == 2


def test_pruning_keeps_the_pinned_run_and_the_last_good_one_of_each_organization(history):
    pinned = history.record(run_at(1))
    history.pin(URL, pinned.id)
    history.record(run_at(2, users__list="blocked"))
    good = history.record(run_at(3, users__list="unknown"))
    history.record(run_at(4, measured=False))
    young = history.record(run_at(20, measured=False))
    other = history.record(run_at(2, base_url=OTHER))
    done = history.prune(7, datetime(2026, 11, 21, tzinfo=UTC))
    assert (done.removed, done.kept) == (2, 4)
    assert {run.id for run in history.runs()} == {pinned.id, good.id, young.id, other.id}
    assert all(history.load(run.id) for run in history.runs())
    assert history.timeline(["users.list"], URL)
    assert history.prune(7, datetime(2026, 11, 21, tzinfo=UTC)).removed == 0


def test_an_export_is_the_whole_history(history, tmp_path):
    first = history.record(run_at(1), key="k", label="first")
    second = history.record(run_at(2))
    history.pin(URL, first.id)
    lines = list(history.export())
    assert [json.loads(line)["id"] for line in lines] == [first.id, second.id]
    with open_history(f"sqlite:///{tmp_path}/copy.db") as copy:
        done = copy.import_(lines)
        assert (done.added, done.known) == (2, 0)
        assert copy.runs() == history.runs()
        assert copy.pinned(URL) == first
        assert copy.load(second.id) == history.load(second.id)
        assert copy.known_state(URL) == history.known_state(URL)
        assert copy.import_(lines).added == 0
        assert list(copy.export()) == lines


def test_an_import_names_the_line_that_is_wrong_and_keeps_those_before(history, tmp_path):
    history.record(run_at(1))
    (line,) = history.export()
    newer = line.replace('"probe_history":1', '"probe_history":9')
    for wrong in ("{}", "no JSON", line[: len(line) // 2], newer):
        with open_history(f"sqlite:///{tmp_path}/copy.db") as copy:
            with pytest.raises(InputError, match="Line 2"):
                copy.import_([line, wrong])
            assert len(copy.runs()) == 1


def test_notes_are_kept_and_replaced(history):
    assert history.state_get("alarm") is None
    history.state_set("alarm", "one")
    history.state_set("alarm", "two")
    assert history.state_get("alarm") == "two"
    history.state_set("alarm", None)
    assert history.state_get("alarm") is None


def test_threads_may_share_a_history(history):
    def record(number):
        for day in range(1, 6):
            history.record(run_at(day), key=f"{number}-{day}")

    threads = [threading.Thread(target=record, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(history.runs()) == 20


def test_runs_with_the_same_verdicts_share_them(tmp_path):
    path = tmp_path / "history.db"
    with open_history(f"sqlite:///{path}") as history:
        for day in range(1, 29):
            history.record(run_at(day))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM probe_states").fetchone() == (1,)
