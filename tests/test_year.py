"""A few nights out of the simulated year: blips, an outage, a firewall, a downgrade, a new token."""

import pytest
from changing_world import FEW
from year_world import Life, Script, Trouble, verdict

from probe.errors import ExitCode
from probe.history.store import open_history

SCRIPT = Script(
    nights=12,
    changes={
        3: [("plan", "business")],
        6: [("plan", "enterprise_premium")],
        8: [("rotate", ("admin", "reader"))],
        10: [("configure", ("admin", "reader"))],
    },
    troubles={2: Trouble("maintenance"), 5: Trouble("waf"), 11: Trouble("challenge")},
    blips=0.1,
)


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_loss_is_told_once_and_nothing_else(seed, tmp_path):
    with open_history(f"sqlite:///{tmp_path}/history.db") as history:
        told = await Life(SCRIPT, seed, history, only=FEW, waits=False).live()
    found = verdict(told)
    assert (found.losses, found.told_once) == (2, 2)
    assert found.missed == found.repeated == found.false_alarms == found.wrong_operations == []
    assert found.false_gains == []
    assert next(night.number for night in told.nights if night.code == ExitCode.REGRESSION) == 3
    assert told.bad_signatures == 0
    assert [kind for night in told.nights for kind in night.sent] == ["lost", "recovered"]
