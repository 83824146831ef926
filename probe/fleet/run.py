"""A fleet run: each organization a round of its own, so many at a time, in one event loop.

Comes in: a Fleet, what all scans share, a ledger, an open history. Goes out: a folder with a report for
each organization, a run in the history, a row in the ledger; then the organization is let go, so that
memory does not grow with their number. What goes wrong with one is in its row and stops none of the
others. Prints nothing.

Hosts share nothing: each has its own connections, pace and retries. At most `organizations_at_once`
times the concurrency of one scan is under way. What computes and writes without waiting (reports, the
database) is done by one thread, one organization after the other, so that nobody's requests wait for it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from probe.catalog.model import Catalog
from probe.errors import ConfigError, ExitCode, InputError
from probe.failing import exit_code
from probe.fleet.ledger import Ledger
from probe.fleet.model import Fleet, Organization, OrganizationState, Row
from probe.fleet.rows import failed_row, row_of
from probe.history.recording import require_no_secret
from probe.jsonbytes import encoded
from probe.masking import Mask
from probe.report.model import Report
from probe.report.write import FORMATS, write_artefact
from probe.rounds import NO_BASELINE, run_round
from probe.scan.pool import Job, work_through
from probe.settings import Prepared, ScanOptions, prepare

if TYPE_CHECKING:
    from probe.history.store import History

T = TypeVar("T")
REPORTS = "organizations"
_LONGEST_NAME = 40


class FleetOptions(Struct, frozen=True, kw_only=True):
    """What all organizations share: the options of their scans, the catalog, where reports go.

    `pause` waits before a loss is asked again.
    """

    scan: ScanOptions
    catalog: Catalog
    folder: Path
    organizations_at_once: int
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


def share_out(total: int, at_once: int, each: int) -> tuple[int, int]:
    """Return how many organizations at a time, and how many probes of each, so that `total` holds.

    >>> share_out(64, 16, 8), share_out(64, 8, 8), share_out(4, 16, 8)
    ((16, 4), (8, 8), (4, 1))
    """
    organizations = max(1, min(at_once, total))
    return organizations, max(1, min(each, total // organizations))


def left_to_do(fleet: Fleet, ledger: Ledger) -> list[Organization]:
    """Return the organizations that have no row yet, or one that says that something failed."""
    left = []
    for organization in fleet.organizations:
        row = ledger.row(organization)
        if row is None or row.state is OrganizationState.FAILED:
            left.append(organization)
    return left


async def run_fleet(
    left: list[Organization],
    options: FleetOptions,
    ledger: Ledger,
    history: History | None,
    stop: asyncio.Event,
    on_row: Callable[[Row], None] = lambda _row: None,
) -> None:
    """Do what is left; `stop` ends it, and what is under way then is left for the next time.

    Raises ArtefactError where the ledger cannot be written: then nothing that goes on could be kept.
    """
    waiting = iter(left)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fleet") as thread:
        desk = Desk(options, ledger, history, thread, on_row)

        def take() -> Job | None:
            organization = next(waiting, None)
            return None if organization is None else lambda: desk.serve(organization, stop)

        await work_through(take, min(options.organizations_at_once, max(1, len(left))), stop)


class Keeper(Protocol):
    """What takes a finished row: a ledger, or what stands for one in another process."""

    run: str

    def add(self, row: Row) -> None:
        """Take a row."""


class Desk:
    """Serves one organization after the other; many at once."""

    def __init__(
        self,
        options: FleetOptions,
        ledger: Keeper,
        history: History | None,
        thread: ThreadPoolExecutor,
        on_row: Callable[[Row], None],
    ) -> None:
        self._options, self._ledger, self._history = options, ledger, history
        self._thread, self._on_row = thread, on_row

    async def serve(self, organization: Organization, stop: asyncio.Event) -> None:
        """Ask an organization and keep what came of it; nothing but a ledger that fails raises."""
        try:
            done = await self._asked(organization, stop)
        except Exception as error:  # noqa: BLE001 - one organization never stops the others
            row = failed_row(organization, error)
            await self._aside(lambda: self._keep(row))
        else:
            if done is not None:
                await self._aside(done)

    async def _asked(self, organization: Organization, stop: asyncio.Event) -> Callable[[], None] | None:
        """Return what finishes the organization, or None where the fleet was stopped before."""
        prepared = await asyncio.to_thread(self._prepare, organization)
        if prepared.mask.found_in(
            "\n".join((organization.name, organization.base_url, *organization.labels))
        ):
            return lambda: self._keep(_held_back(organization))
        key = key_of(self._ledger.run, organization)
        earlier = await self._aside(lambda: self._recorded(key))
        if earlier is not None:
            report, run = earlier
            return lambda: self._finish(organization, prepared, report, key, run=run)
        outcome = await run_round(
            prepared, history=self._history, stop=stop, pause=self._options.pause, record=False
        )
        if not outcome.report.complete:
            return None
        notes = tuple(note for note in (*prepared.warnings, *outcome.notes) if note != NO_BASELINE)
        return lambda: self._finish(organization, prepared, outcome.report, key, notes=notes)

    def _prepare(self, organization: Organization) -> Prepared:
        scopes = tuple(f"{item.name}={','.join(item.scopes)}" for item in organization.tokens if item.scopes)
        said = replace(
            self._options.scan,
            base_url=organization.base_url,
            tokens=tuple(f"{item.name}={item.source}" for item in organization.tokens),
            scopes=scopes,
            guarded_writes=False,  # nobody is there to be asked, whoever made the options
        )
        return prepare(said, catalog=self._options.catalog)

    def _recorded(self, key: str) -> tuple[Report, str] | None:
        """Return the report of this fleet run that the history holds already, with its id.

        The process ended between the record and the row: asked again, the organization would be compared
        with itself, and what it lost would be lost from sight.
        """
        run = self._history.with_key(key) if self._history is not None else None
        if run is None or self._history is None:
            return None
        try:
            return self._history.load(run.id), run.id
        except InputError:
            return None

    def _finish(
        self,
        organization: Organization,
        prepared: Prepared,
        report: Report,
        key: str,
        *,
        run: str = "",
        notes: tuple[str, ...] = (),
    ) -> None:
        """Write the report, record the run, keep the row: in this order, each whole or not at all."""
        try:
            path = self._write(organization, prepared, report)
            if self._history is not None and not run:
                require_no_secret(report, prepared.mask)
                run = self._history.record(report, key=key).id
            code = exit_code(report, prepared.comparing.fail_on)
            row = row_of(organization, report, code=code, path=path, run=run, notes=notes)
        except Exception as error:  # noqa: BLE001 - one organization never stops the others
            row = failed_row(organization, error)
        self._keep(_checked(row, organization, prepared.mask))

    def _write(self, organization: Organization, prepared: Prepared, report: Report) -> str:
        """Write each format; return the path of the one to read, beside the fleet's page."""
        folder = f"{REPORTS}/{folder_of(organization)}"
        for name in prepared.formats:
            file_name, render = FORMATS[name]
            write_artefact(self._options.folder / folder / file_name, render(report), prepared.mask)
        shown = "html" if "html" in prepared.formats else prepared.formats[0]
        return f"{folder}/{FORMATS[shown][0]}"

    def _keep(self, row: Row) -> None:
        self._ledger.add(row)
        self._on_row(row)

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def key_of(run: str, organization: Organization) -> str:
    """Return the key under which an organization's run of a fleet run is recorded once only."""
    return f"fleet:{run}:{organization.name}:{organization.base_url}"


def folder_of(organization: Organization) -> str:
    """Return a folder's name: of the organization's name, with its id, so that no two are the same."""
    name = re.sub(r"[^a-z0-9]+", "-", organization.name.lower())[:_LONGEST_NAME].strip("-")
    return f"{name}-{organization.id}" if name else organization.id


def _checked(row: Row, organization: Organization, mask: Mask) -> Row:
    """Return the row, or one that says that it was held back: a secret would have stood in it."""
    return row if not mask.found_in(encoded(row).decode()) else _held_back(organization)


def _held_back(organization: Organization) -> Row:
    """Return the row of an entry whose own words hold a secret: it repeats none of them."""
    error = ConfigError(
        f"A secret stands in the entry in line {organization.line}: in its name, address or labels.",
        "Take it out there. If there is none, please report it: nothing left the machine.",
    )
    row = failed_row(organization, error)
    return replace(row, name=f"line {organization.line}", base_url="", labels=())


def fleet_code(rows_codes: set[int], measured: int, *, stopped: bool, bad: bool) -> ExitCode:
    """Return how a fleet ends, by the codes that its organizations would end with alone.

    The first that holds decides: interrupted (130), something lost (10), an expectation failed (11), none
    could be measured (3), something of ours failed (1), an entry or its configuration is wrong (2).
    """
    if stopped:
        return ExitCode.INTERRUPTED
    for code in (ExitCode.REGRESSION, ExitCode.EXPECTATION):
        if code in rows_codes:
            return code
    if not measured:
        return ExitCode.INCONCLUSIVE
    if ExitCode.INTERNAL in rows_codes:
        return ExitCode.INTERNAL
    return ExitCode.USAGE if bad or ExitCode.USAGE in rows_codes else ExitCode.DONE
