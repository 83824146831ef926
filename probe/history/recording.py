"""Records a finished scan: the last gate before a database, as `report.write` is before a disk.

Comes in: a report, the run's mask, a Location. Goes out: the stored run. Loads the database's
libraries only when it is called, as most commands never need them.
"""

from __future__ import annotations

from probe.errors import HistoryError
from probe.history.location import Location
from probe.history.model import StoredRun
from probe.jsonbytes import encoded
from probe.masking import Mask
from probe.report.model import Report

_LATER = "The reports are written all the same; `probe history import` takes the report.json later."


def record_scan(report: Report, mask: Mask, where: Location, *, key: str = "", label: str = "") -> StoredRun:
    """Record a report, checked once more for the mask's secrets.

    Raises HistoryError where the database cannot take it, or where a secret stands in it; the error
    never holds the secret.
    """
    from probe.history.store import open_history

    require_no_secret(report, mask)
    try:
        with open_history(where) as history:
            return history.record(report, key=key, label=label)
    except HistoryError as error:
        raise HistoryError(error.message, f"{error.hint} {_LATER}") from None


def require_no_secret(report: Report, mask: Mask) -> None:
    """Raise HistoryError where a secret of the mask stands in a report that is to be recorded."""
    if mask.found_in(encoded(report).decode()):
        raise HistoryError(
            "The run was not recorded: a secret, or a part of one, would have stood in the history.",
            "This is a fault in the masking, and nothing left the machine. Please report it.",
        )
