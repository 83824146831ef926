"""The progress line: what is waited for, and when it may end."""

import pytest

from probe.cli.progress import ProgressText
from probe.scan.pace import Waiting
from probe.scan.request import Progress


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def lines(*steps):
    clock, said = Clock(), []
    text = ProgressText(clock)
    for now, progress in steps:
        clock.now = now
        said.append(text.line(progress))
    return said


def at(done, total=100):
    return Progress(phase="operations", done=done, total=total)


def test_no_end_is_foretold_from_little():
    assert "left" not in lines((0, at(0)), (0.5, at(1)), (1, at(20)))[-1]


def test_the_end_is_foretold_from_what_went_before():
    said = lines((0, at(1)), (10, at(50)))[-1]
    assert said.startswith("operations: 50 of 100 probes")
    assert said.endswith("about 10 s left")
    assert lines((0, at(1)), (600, at(50)))[-1].endswith("about 10 min left")


@pytest.mark.parametrize("why", Waiting)
def test_a_pause_says_what_for_and_is_part_of_the_time_left(why):
    pause = Progress(phase="waiting", done=0, total=100, waiting_s=40.0, waiting=why)
    said = lines((0, at(1)), (10, at(90)), (10, pause))[-1]
    assert said.startswith("waiting 40 s: ")
    assert "about 40 s left" in said


def test_each_reason_has_words_of_its_own():
    pauses = [Progress(phase="w", done=0, total=1, waiting_s=1.0, waiting=why) for why in Waiting]
    assert len({lines((0, pause))[0] for pause in pauses}) == len(pauses)
