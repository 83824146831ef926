"""The journal holds the same evidence as the run, however it was cut, and never a secret."""

import asyncio
import errno
import json
import os

import msgspec
import pytest

from probe.catalog.load import load_catalog
from probe.config import LimitsEntry, limits_from
from probe.errors import InputError
from probe.evidence import CUT_OFF
from probe.gathering import Opening, Seen, steps_of
from probe.journal import Journal, is_journal, read_journal
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.report.jsonfile import render_json
from probe.scan.agenda import make_agenda
from probe.scan.request import ScanRequest
from probe.secret import Secret
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
TOKENS = demo_tokens(CATALOG)[:2]


async def gathered_steps():
    """Scan a simulated organization; give the Run and the steps that an observer was told."""
    steps = []
    options = SimulatorOptions(plan="business", tokens=grants_of(TOKENS))
    async with Simulator(options, CATALOG).running() as simulator:
        request = ScanRequest(
            origin=simulator.base_url,
            catalog=CATALOG,
            tokens=TOKENS,
            agenda=make_agenda(CATALOG, [token.name for token in TOKENS], ("users.*", "user_invites.*")),
            limits=limits_from(LimitsEntry(requests_per_minute="off"), 1),
        )
        mask = Mask(token.secret for token in TOKENS)
        run = await gather(request, mask, asyncio.Event(), on_step=steps.append)
    return run, steps


@pytest.fixture(scope="module")
def scanned():
    return asyncio.run(gathered_steps())


def written(folder, steps, mask=None):
    journal = Journal(folder, mask or Mask(token.secret for token in TOKENS))
    for step in steps:
        journal.note(step)
    journal.close()
    return journal


def test_the_journal_of_a_whole_run_gives_the_same_report(scanned, tmp_path):
    run, steps = scanned
    journal = written(tmp_path, steps)
    text = journal.path.read_text()
    assert is_journal(text)
    assert journal.missing == 0
    assert journal.problem == ""
    assert read_journal(text) == run
    assert render_json(judge(read_journal(text), CATALOG)) == render_json(judge(run, CATALOG))


def test_a_run_written_at_its_end_gives_the_same_run(scanned, tmp_path):
    run, _steps = scanned
    steps = list(steps_of(run, [operation.id for operation in CATALOG.operations]))
    assert read_journal(written(tmp_path, steps).path.read_text()) == run


def test_cut_anywhere_it_gives_every_whole_line(scanned, tmp_path):
    run, steps = scanned
    raw = written(tmp_path, steps).path.read_bytes()
    first = raw.index(b"\n")
    for cut in range(first, len(raw) - 1, 997):
        part = raw[:cut]
        found = read_journal(part.decode())
        whole = part.count(b"\n") - 1
        assert len(found.exchanges) + len(found.controls) in {max(whole, 0), whole + 1}
        assert all(exchange in run.exchanges for exchange in found.exchanges)
        assert not found.complete
        pairs = {(item.operation, item.token) for item in (*found.exchanges, *found.skipped)}
        assert len(pairs) == len(CATALOG.operations) * len(TOKENS)
        assert sum(found.requests_sent.values()) >= len(found.exchanges) + len(found.controls)


def test_what_a_power_cut_leaves_at_the_end_is_no_damage(scanned, tmp_path):
    _run, steps = scanned
    text = written(tmp_path, steps[:5]).path.read_text()
    assert len(read_journal(text + '{"type":"seen","exch\n' + "\0" * 4096).controls) == 4


def test_without_its_controls_it_says_so_and_nothing_of_the_plan(scanned, tmp_path):
    _run, steps = scanned
    for answers in (0, 1, 3):
        report = judge(read_journal(written(tmp_path, steps[: answers + 1]).path.read_text()), CATALOG)
        assert not report.measured
        assert "cut off" in report.measured_reason
        assert report.plan.estimate == "undetermined"
        assert CUT_OFF in {item.reason for item in report.skipped}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: [lines[0], "{", *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [*lines[:-1], next(line for line in lines[1:] if '"role"' not in line)],
        lambda lines: [lines[0].replace('"version":1', '"version":9'), *lines[1:]],
        lambda _lines: ['{"type":"journal",'],
        lambda lines: [
            lines[0],
            *[line.replace('"token":"admin"', '"token":"nobody"') for line in lines[1:]],
        ],
        lambda lines: [lines[0].replace('"operations":["', '"operations":["x'), *lines[1:]],
    ],
)
def test_a_spoilt_journal_is_refused_with_a_sentence(spoil, scanned, tmp_path):
    lines = written(tmp_path, scanned[1]).path.read_text().splitlines()
    with pytest.raises(InputError):
        read_journal("\n".join(spoil(lines)))


def test_a_disk_that_has_room_again_gets_what_it_refused(scanned, tmp_path, monkeypatch):
    run, steps = scanned
    really, calls = os.write, [0]

    def fills_up(file, data):
        calls[0] += 1
        if 10 <= calls[0] < 30:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really(file, data[: 1 + len(data) // 3])  # in pieces, as a nearly full disk does

    monkeypatch.setattr("probe.journal.os.write", fills_up)
    journal = written(tmp_path, steps)
    assert journal.missing == 0
    assert journal.problem == os.strerror(errno.ENOSPC)
    assert read_journal(journal.path.read_text()) == run


def test_a_folder_that_cannot_be_written_costs_the_journal_only(scanned, tmp_path):
    (tmp_path / "file").write_text("")
    journal = written(tmp_path / "file", scanned[1])
    assert journal.path is None
    assert journal.missing == journal.answers > 0
    assert journal.problem
    journal.discard()


def test_a_line_with_a_secret_is_held_back(scanned, tmp_path):
    _run, steps = scanned
    secret = "a-secret-that-was-not-masked"
    spoilt = msgspec.structs.replace(
        steps[3].exchange, request=msgspec.structs.replace(steps[3].exchange.request, body=secret)
    )
    steps = [*steps[:3], msgspec.structs.replace(steps[3], exchange=spoilt), *steps[4:]]
    journal = written(tmp_path, steps, Mask([Secret(secret)]))
    text = journal.path.read_text()
    assert secret not in text
    assert journal.missing == 1
    assert len(read_journal(text).controls) + len(read_journal(text).exchanges) == journal.answers - 1
    named = msgspec.structs.replace(
        steps[0], tokens=(msgspec.structs.replace(steps[0].tokens[0], name=secret),)
    )
    (tmp_path / "other").mkdir()
    assert written(tmp_path / "other", [named, *steps[1:]], Mask([Secret(secret)])).path is None
    assert not list((tmp_path / "other").iterdir())


def test_half_a_character_from_a_server_can_be_written_and_read(scanned, tmp_path):
    _run, steps = scanned
    request = msgspec.structs.replace(steps[1].exchange.request, body="\ud800")
    step = msgspec.structs.replace(
        steps[1], exchange=msgspec.structs.replace(steps[1].exchange, request=request)
    )
    assert read_journal(written(tmp_path, [steps[0], step]).path.read_text()).controls


def test_an_observer_is_told_what_will_be_asked_before_anything_is(scanned):
    run, steps = scanned
    assert isinstance(steps[0], Opening)
    assert sum(isinstance(step, Seen) for step in steps) == len(run.controls) + len(run.exchanges)
    assert json.loads(msgspec.json.encode(steps[0]))["planned"]
