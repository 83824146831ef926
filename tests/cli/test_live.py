"""The line that is redrawn on a terminal, and the plain lines elsewhere."""

import pytest

from probe.cli.live import Live


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Shown:
    """A Live over a text and a clock that a test sets."""

    def __init__(self, *, drawn):
        self.text, self.clock, self._written = "", Clock(), []
        self.live = Live(lambda: self.text, drawn=drawn, clock=self.clock, write=self._written.append)

    def at(self, now, text):
        self.clock.now, self.text = now, text

    def said(self):
        said = "".join(self._written)
        self._written.clear()
        return said


@pytest.fixture
def plain():
    return Shown(drawn=False)


@pytest.fixture
def drawn():
    return Shown(drawn=True)


def test_elsewhere_each_phase_is_a_plain_line_with_the_time_since_the_start(plain):
    plain.at(1, "controls: 0")
    plain.live.changed("controls")
    plain.at(3, "operations: 5")
    plain.live.changed("operations")
    assert plain.said() == "[1 s] controls: 0\n[3 s] operations: 5\n"


def test_elsewhere_no_answer_is_worth_a_line(plain):
    plain.live.changed("operations")
    plain.said()
    for now in range(100):
        plain.at(now, "more")
        plain.live.changed("operations")
    assert plain.said() == ""


def test_elsewhere_a_line_comes_every_ten_seconds(plain):
    for now in range(35):
        plain.at(now, "waiting")
        plain.live.tick()
    assert plain.said() == "[10 s] waiting\n[20 s] waiting\n[30 s] waiting\n"


def test_elsewhere_a_line_that_was_said_is_sign_of_life_enough(plain):
    plain.at(8, "waiting")
    plain.live.say("Acme: measured.")
    for now in range(8, 19):
        plain.at(now, "waiting")
        plain.live.tick()
    assert plain.said() == "Acme: measured.\n[18 s] waiting\n"


def test_on_a_terminal_one_line_is_redrawn_with_each_tick(drawn):
    drawn.at(1, "waiting 9 s")
    drawn.live.tick()
    drawn.at(2, "waiting 8 s")
    drawn.live.tick()
    assert drawn.said() == "\r\x1b[Kwaiting 9 s\r\x1b[Kwaiting 8 s"


def test_on_a_terminal_a_line_never_wraps(drawn, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    drawn.at(1, "x" * 100)
    drawn.live.tick()
    assert drawn.said() == "\r\x1b[K" + "x" * 19


def test_on_a_terminal_what_stays_is_said_above(drawn):
    drawn.at(1, "1 of 2")
    drawn.live.tick()
    drawn.live.say("Acme: measured.")
    assert drawn.said() == "\r\x1b[K1 of 2\r\x1b[KAcme: measured.\n"
