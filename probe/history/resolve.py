"""What a user means by a run: a file, an id of the history, `last`, `last-good`, `baseline`.

Comes in: a reference and, where there is one, an open history. Goes out: a KnownState or a report.
Raises InputError with the next step where there is none.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from probe.errors import InputError, about, short_reason
from probe.history.model import StoredRun
from probe.history.origins import Kinship, kinship
from probe.history.state import KnownState, completed, state_in, state_of
from probe.report.jsonfile import parse_report
from probe.report.model import Report

if TYPE_CHECKING:
    from probe.history.store import History

LAST = "last"
LAST_GOOD = "last-good"
BASELINE = "baseline"
_REPORT = "report.json"
_SAME = "--same-organization, or same_organization = true in [regression] of probe.toml"


def is_file(reference: str) -> bool:
    """Return whether a reference means a file, or the folder of a run, and no run of the history."""
    if os.sep in reference or reference.endswith(".json"):
        return True
    return Path(reference).is_file() or (Path(reference) / _REPORT).is_file()


def is_id(reference: str) -> bool:
    """Return whether a reference names one run of the history, whichever organization's it is."""
    return not is_file(reference) and reference not in {"", LAST, LAST_GOOD, BASELINE}


def report_in(path: Path) -> Report:
    """Return the report of a report.json, or of the folder that holds one. Raises InputError."""
    if path.is_dir():
        path /= _REPORT
    try:
        with about(path):
            return parse_report(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read: {short_reason(error)}.", "Give a report.json of a scan."
        ) from None


def report_of(reference: str, history: History | None, base_url: str | None) -> tuple[Report, str]:
    """Return a report and its id in the history, which is empty for a file. Raises InputError.

    An id names its run whatever the organization; the other names mean one of `base_url`.
    """
    if is_file(reference):
        return report_in(Path(reference)), ""
    run = _opened(history, reference).find(reference, None if is_id(reference) else base_url)
    return _opened(history, reference).load(run.id), run.id


def baseline_state(
    reference: str,
    history: History | None,
    base_url: str,
    *,
    vendor: str = "",
    same_organization: bool = False,
) -> KnownState | None:
    """Return what a scan of `base_url` is compared with, or None where there is no such run yet.

    `last-good` (and nothing said) means what the history knows, unless a run is pinned; `baseline`
    means the pinned one. Raises InputError for a run that is not there, was not measured, or is of
    another organization or, where `vendor` is given, of another vendor's API; a name passes over the runs
    of another. `same_organization` says that the run is of this organization, whatever its address: then
    InputError too for a name where other addresses have runs and this one has none.
    """
    if is_file(reference):
        state = state_of(report_in(Path(reference)), label=reference)
    elif history is None:
        return None
    elif is_id(reference):
        state = _of_run(history, history.find(reference), reference)
    else:
        return _named(reference, history, base_url, vendor, said=same_organization)
    return _fit(_of_vendor(state, vendor), base_url, said=same_organization)


def _named(reference: str, history: History, base_url: str, vendor: str, *, said: bool) -> KnownState | None:
    """Return what a name that stands for a run of this organization means, or None where it has none."""
    if not history.runs(base_url=base_url, limit=1):
        if said and reference and history.runs(limit=1):
            raise _nothing_here(reference, base_url)
        return None
    state = _last_known(reference, history, base_url)
    if state is not None and vendor not in {"", state.vendor}:
        state = _last_of_vendor(reference, history, base_url, vendor)
    return _measured(state) if state is not None and reference == LAST else state


def _last_known(reference: str, history: History, base_url: str) -> KnownState | None:
    if reference == LAST:
        return _of_run(history, history.find(LAST, base_url), LAST)
    pinned = history.pinned(base_url)
    if pinned is not None:
        return _of_run(history, pinned, BASELINE)
    return None if reference == BASELINE else state_in(history, base_url)


def _last_of_vendor(reference: str, history: History, base_url: str, vendor: str) -> KnownState | None:
    """Return what a name means where the address has runs of several vendors' APIs."""
    if reference == BASELINE:
        return None
    for run in history.runs(base_url=base_url):
        if run.vendor == vendor and (run.good or reference == LAST):
            return _of_run(history, run, reference or LAST_GOOD)
    return None


def earlier_state(reference: str, after: Report, run: str, history: History | None) -> KnownState:
    """Return the old side of a comparison of two runs.

    `last-good` is what the history knew before `after`, whose id in the history is `run` or empty.
    """
    if reference != LAST_GOOD or is_file(reference):
        old, old_id = report_of(reference, history, after.target.base_url)
        return state_of(old, label=reference, run=old_id)
    opened = _opened(history, reference)
    for stored in opened.runs(base_url=after.target.base_url):
        if stored.good and stored.started_at < after.started_at and stored.id != run:
            state = _of_run(opened, stored, LAST_GOOD)
            next_one = next((item for item in opened.runs(base_url=stored.base_url) if item.id == run), None)
            told = opened.known_state(stored.base_url, before=next_one) if next_one else {}
            return completed(state, told, opened)
    raise InputError("The history has no good run before that one.", "`probe history list` shows the runs.")


def _nothing_here(reference: str, base_url: str) -> InputError:
    return InputError(
        f"The history has no run of {base_url}, so {reference} names none that could be of the same one.",
        "Name the run of the former address by its id or file; `probe history list` shows them.",
    )


def _of_run(history: History, run: StoredRun, label: str) -> KnownState:
    return state_of(history.load(run.id), label=label, run=run.id)


def _opened(history: History | None, reference: str) -> History:
    if history is None:
        raise InputError(f"There is no history to look up {reference!r} in.", "Give the file of a run.")
    return history


def _of_vendor(state: KnownState, vendor: str) -> KnownState:
    if vendor not in {"", state.vendor}:
        raise InputError(
            f"{state.baseline.label} is a run of another API, {state.vendor}.",
            f"Choose a run of {vendor}.",
        )
    return state


def _measured(state: KnownState) -> KnownState:
    if state.reason:
        raise InputError(
            f"{state.baseline.label} is no baseline: {state.reason}.", "Choose a run that was measured."
        )
    return state


def _fit(state: KnownState, base_url: str, *, said: bool) -> KnownState:
    """Return the state as a baseline of that organization. Raises InputError where it can be none."""
    name = _measured(state).baseline.label
    match Kinship.SAME if said else kinship(state.base_url, base_url):
        case Kinship.OTHER:
            raise InputError(
                f"{name} is a run of {state.base_url}, and this scan asks {base_url}: two organizations.",
                f"Choose a run of this one. If it is the same and has moved, say {_SAME}; "
                "`probe diff --across` sets two side by side.",
            )
        case Kinship.UNKNOWN:
            raise InputError(
                f"{name} was anonymized, so nothing says that it is a run of {base_url}.",
                f"If it is, say {_SAME}.",
            )
        case Kinship.SAME:
            return replace(state, said_to_be_the_same=said)
        case never:
            assert_never(never)
