"""Concludes what was asked of an organization: judges, compares, writes, records, and makes its row.

Comes in: a Case and its evidence. Goes out: its row, its reports, its run in the history; or a Doubt,
where something has to be asked again first, and then nothing is written. Asks nobody. What goes wrong
is in the row: nothing raises.
"""

from __future__ import annotations

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from probe.catalog.model import Catalog
from probe.errors import ConfigError, InputError
from probe.evidence import Run
from probe.failing import exit_code
from probe.fleet.case import Case, Doubt
from probe.fleet.model import Organization, Row
from probe.fleet.rows import failed_row, row_of
from probe.history.location import Location
from probe.history.recording import require_no_secret
from probe.jsonbytes import encoded
from probe.masking import Mask
from probe.pipeline import judge
from probe.report.model import Report
from probe.report.write import FORMATS, write_artefact
from probe.rounds import doubted, finished, known
from probe.scan.agenda import Agenda
from probe.scan.request import ScanRequest
from probe.settings import Prepared

if TYPE_CHECKING:
    from probe.history.store import History


class Bench:
    """What every conclusion needs: the catalog, and the history where there is one. A context manager.

    `name` is the name or the whole path by which another process loads the same catalog.
    """

    def __init__(self, catalog: Catalog, where: Location | None, name: str) -> None:
        self.catalog, self.where, self.name = catalog, where, name

    def __enter__(self) -> Self:
        _ = self.history  # what is wrong with it is said before anything is asked
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.history is not None:
            self.history.close()

    @cached_property
    def history(self) -> History | None:
        """The history, opened when it is needed first. Raises HistoryError or ConfigError."""
        if self.where is None:
            return None
        from probe.history.store import open_history

        return open_history(self.where)


def conclude(case: Case, run: Run, bench: Bench, *, may_ask_again: bool) -> Row | Doubt:
    """Judge and keep what was seen; `may_ask_again` says whether a doubt can still be asked about."""
    mask = case.mask()
    prepared = _as_prepared(case, run, bench.catalog, mask)
    try:
        before, points, trouble = known(bench.history, prepared)
        report = judge(run, bench.catalog)
        doubts = doubted(prepared, report, before) if may_ask_again else ()
        if doubts:
            return Doubt(pairs=doubts)
        report = finished(prepared, report, before, points)
    except Exception as error:  # noqa: BLE001 - one organization never stops the others
        return checked(failed_row(case.organization, error), case.organization, mask)
    return _kept(case, report, bench, mask, notes=(*case.notes, *trouble))


def recorded(case: Case, bench: Bench) -> tuple[Report, str] | None:
    """Return the report of this fleet run that the history holds already, with its id.

    The process ended between the record and the row: asked again, the organization would be compared
    with itself, and what it lost would be lost from sight.
    """
    history = bench.history
    run = history.with_key(case.key) if history is not None else None
    if run is None or history is None:
        return None
    try:
        return history.load(run.id), run.id
    except InputError:
        return None


def conclude_recorded(case: Case, report: Report, run: str, bench: Bench) -> Row:
    """Write and keep a report that stands in the history as `run` already."""
    return _kept(case, report, bench, case.mask(), notes=case.notes, run=run)


def _kept(
    case: Case, report: Report, bench: Bench, mask: Mask, *, notes: tuple[str, ...], run: str = ""
) -> Row:
    """Write the report, record the run: in this order, each whole or not at all; return the row."""
    try:
        path = _write(case, report, mask)
        if bench.history is not None and not run:
            require_no_secret(report, mask)
            run = bench.history.record(report, key=case.key).id
        code = exit_code(report, case.comparing.fail_on)
        row = row_of(case.organization, report, code=code, path=path, run=run, notes=notes)
    except Exception as error:  # noqa: BLE001 - one organization never stops the others
        row = failed_row(case.organization, error)
    return checked(row, case.organization, mask)


def _write(case: Case, report: Report, mask: Mask) -> str:
    """Write each format; return the path of the one to read, beside the fleet's page."""
    for name in case.formats:
        file_name, render = FORMATS[name]
        write_artefact(case.folder / case.place / file_name, render(report), mask)
    shown = "html" if "html" in case.formats else case.formats[0]
    return f"{case.place}/{FORMATS[shown][0]}"


def _as_prepared(case: Case, run: Run, catalog: Catalog, mask: Mask) -> Prepared:
    """Return what the rounds compare by: of a scan that is over, so without a token or an agenda."""
    return Prepared(
        request=ScanRequest(
            origin=run.target.base_url,
            catalog=catalog,
            tokens=(),
            agenda=Agenda(waves=(), skipped=()),
            limits=run.limits,
        ),
        mask=mask,
        formats=case.formats,
        output_dir=None,
        warnings=(),
        comparing=case.comparing,
    )


def checked(row: Row, organization: Organization, mask: Mask) -> Row:
    """Return the row, or one that says that it was held back: a secret would have stood in it."""
    return row if not mask.found_in(encoded(row).decode()) else held_back(organization)


def held_back(organization: Organization) -> Row:
    """Return the row of an entry whose own words hold a secret: it repeats none of them."""
    error = ConfigError(
        f"A secret stands in the entry in line {organization.line}: in its name, address or labels.",
        "Take it out there. If there is none, please report it: nothing left the machine.",
    )
    row = failed_row(organization, error)
    return replace(row, name=f"line {organization.line}", base_url="", labels=())
