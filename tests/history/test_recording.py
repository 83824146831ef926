"""The last look before a run is recorded: a secret that slipped through stays out of the database."""

import msgspec
import pytest
from history_world import run_at

from probe.errors import HistoryError
from probe.history.location import Location, locate
from probe.history.recording import record_scan
from probe.history.store import open_history
from probe.masking import Mask
from probe.secret import Secret

SECRET = "retool_01abcdefghijklmnopqrstuvwxyz"


def test_a_run_with_a_secret_in_it_is_not_recorded():
    where: Location = locate()
    clean = run_at(1)
    leaky = msgspec.structs.replace(clean, measured_reason=f"no {SECRET[:14]} here")
    with pytest.raises(HistoryError) as caught:
        record_scan(leaky, Mask([Secret(SECRET)]), where)
    assert SECRET[:8] not in caught.value.message + caught.value.hint
    record_scan(clean, Mask([Secret(SECRET)]), where)
    with open_history(where) as history:
        assert len(history.runs()) == 1
