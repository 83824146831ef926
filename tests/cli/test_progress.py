"""How far a scan and a fleet are, in words: what is waited for, and when it may end."""

from datetime import UTC, datetime, timedelta

import pytest

from probe.cli.fleet_progress import FleetProgress
from probe.cli.progress import ScanProgress
from probe.fleet.model import Organization, OrganizationState, Row
from probe.scan.pace import Waiting
from probe.scan.request import Phase, Progress


class Clock:
    now = 0.0

    def __call__(self):
        return self.now

    def of_day(self):
        return datetime(2026, 11, 24, 16, 0, tzinfo=UTC) + timedelta(seconds=self.now)


def at(done, total=100, phase=Phase.OPERATIONS, wait=None, why=None):
    return Progress(phase=phase, done=done, total=total, waiting_s=wait or 0.0, waiting=why)


def said_after(*steps, later=0.0):
    """Return the line `later` seconds after the last of the steps, each a time and what happened."""
    clock = Clock()
    scan = ScanProgress(clock)
    for now, progress in steps:
        clock.now = now
        scan.note(progress)
    clock.now += later
    return scan.text()


def test_no_end_is_foretold_from_little():
    assert "left" not in said_after((0, at(0)), (0.5, at(1)), (1, at(20)))


def test_the_end_is_foretold_from_what_went_before():
    said = said_after((0, at(1)), (10, at(50)))
    assert said.startswith("operations: 50 of 100 ")
    assert said.endswith("about 10 s left")
    assert said_after((0, at(1)), (600, at(50))).endswith("about 10 min left")


@pytest.mark.parametrize("why", Waiting)
def test_a_pause_says_what_for_and_is_part_of_the_time_left(why):
    said = said_after((0, at(1)), (10, at(90)), (10, at(90, wait=40.0, why=why)))
    assert "waiting 40 s: " in said
    assert "90 of 100" in said
    assert "about 40 s left" in said


@pytest.mark.parametrize("why", Waiting)
def test_a_pause_counts_down_and_ends(why):
    pause = (0, at(7, wait=40.0, why=why))
    assert "waiting 13 s: " in said_after(pause, later=27.5)
    assert "waiting 1 s: " in said_after(pause, later=39.9)
    assert "waiting" not in said_after(pause, later=40)


def test_what_comes_back_meanwhile_does_not_hide_a_pause_of_all():
    said = said_after((0, at(7, wait=40.0, why=Waiting.ASKED)), (1, at(8)))
    assert "8 of 100" in said
    assert "waiting 39 s: " in said


def test_one_that_waits_alone_is_forgotten_when_others_go_on():
    alone = at(7, wait=2.0, why=Waiting.RETRY)
    assert "waiting" in said_after((0, alone))
    assert "waiting" not in said_after((0, alone), (1, at(8)))
    assert "waiting 40 s" in said_after((0, at(7, wait=40.0, why=Waiting.BOUND)), (0, alone))


def test_each_reason_has_words_of_its_own():
    assert len({said_after((0, at(0, wait=9.0, why=why))) for why in Waiting}) == len(Waiting)


def organization(host):
    return Organization(name=host, base_url=f"https://{host}", tokens=(), line=1)


def row(of):
    return Row(id=of.id, name=of.name, base_url=of.base_url, state=OrganizationState.MEASURED)


ACME, BETA = organization("acme.example.com"), organization("beta.example.com:8443")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fleet(clock):
    return FleetProgress(2, 40, clock=clock, now=clock.of_day)


def test_a_fleet_says_how_many_are_done_and_under_way(fleet):
    assert fleet.text().startswith("2 of 40 ")
    fleet.note(ACME, at(10))
    fleet.note(BETA, at(5, total=20))
    assert "2 under way" in fleet.text()
    assert "15 of 120" in fleet.text()
    fleet.finished(row(ACME))
    assert fleet.text().startswith("3 of 40 ")
    assert "1 under way" in fleet.text()
    assert "5 of 20" in fleet.text()


def test_a_fleet_names_the_host_that_waits_longest_and_until_when(fleet, clock):
    fleet.note(ACME, at(10, wait=10.0, why=Waiting.BOUND))
    fleet.note(BETA, at(5, wait=50.0, why=Waiting.ASKED))
    clock.now = 5
    assert "beta.example.com:8443 waits until 16:00:50 UTC (45 s), 2 of 2" in fleet.text()
    clock.now = 20
    assert "(30 s), 1 of 2" in fleet.text()
    fleet.finished(row(BETA))
    assert "wait" not in fleet.text()
