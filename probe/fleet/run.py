"""A fleet run: each organization a round of its own, so many at a time, in one event loop.

Comes in: a Fleet, what all scans share, a ledger, a bench with the history. Goes out: a folder with a
report for each organization, a run in the history, a row in the ledger; then the organization is let
go, so that memory does not grow with their number. What goes wrong with one is in its row and stops none
of the others. Prints nothing.

Hosts share nothing: each has its own connections, pace and retries. At most `organizations_at_once`
times the concurrency of one scan is under way. What computes and writes without waiting (judging,
reports, the database) is done by a clerk, in other processes, so that nobody's requests wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from probe.catalog.model import Catalog
from probe.errors import ExitCode
from probe.evidence import Run
from probe.fleet.case import Case, Doubt, case_of
from probe.fleet.conclude import Bench, conclude_recorded, held_back, recorded
from probe.fleet.ledger import Ledger
from probe.fleet.model import Fleet, Organization, OrganizationState, Row
from probe.fleet.rows import failed_row
from probe.fleet.workers import Clerk, clerk_for, processes_for
from probe.history.resolve import BASELINE, LAST_GOOD
from probe.pipeline import AskAgain, gather
from probe.rounds import known
from probe.scan.pool import Job, work_through
from probe.scan.request import Progress
from probe.settings import Prepared, ScanOptions, prepare

OnProgress: TypeAlias = Callable[[Organization, Progress], None]

_USUAL = frozenset({"", LAST_GOOD, BASELINE})  # what nothing can be wrong with


class FleetOptions(Struct, frozen=True, kw_only=True):
    """What all organizations share: the options of their scans, the catalog, where reports go.

    `catalog_name` is its name or whole path.
    `processes` judge and write, 0 for none but this one, None for as many as fit the machine. `pause`
    waits before a loss is asked again.
    """

    scan: ScanOptions
    catalog: Catalog
    catalog_name: str
    folder: Path
    organizations_at_once: int
    processes: int | None = None
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
    bench: Bench,
    stop: asyncio.Event,
    on_row: Callable[[Row], None] = lambda _row: None,
    on_progress: OnProgress = lambda _organization, _progress: None,
) -> None:
    """Do what is left; `stop` ends it, and what is under way then is left for the next time.

    Raises ArtefactError where the ledger cannot be written: then nothing that goes on could be kept.
    """
    waiting = iter(left)
    at_once = min(options.organizations_at_once, max(1, len(left)))
    with clerk_for(bench, processes_for(options.processes, len(left), at_once)) as clerk:
        desk = Desk(options, ledger, bench, clerk, on_row, on_progress)

        def take() -> Job | None:
            organization = next(waiting, None)
            return None if organization is None else lambda: desk.serve(organization, stop)

        try:
            await work_through(take, at_once, stop)
        finally:
            await desk.settled()


class Keeper(Protocol):
    """What takes a finished row: a ledger, or what stands for one in another process.

    `resumed` says whether organizations of this fleet run may be in the history already.
    """

    run: str
    resumed: bool

    def add(self, row: Row) -> None:
        """Take a row."""


class Desk:
    """Serves one organization after the other; many at once."""

    def __init__(
        self,
        options: FleetOptions,
        ledger: Keeper,
        bench: Bench,
        clerk: Clerk,
        on_row: Callable[[Row], None],
        on_progress: OnProgress = lambda _organization, _progress: None,
    ) -> None:
        self._options, self._ledger, self._bench = options, ledger, bench
        self._clerk, self._on_row, self._on_progress = clerk, on_row, on_progress
        self._concluding: set[asyncio.Future[Row | Doubt]] = set()

    async def serve(self, organization: Organization, stop: asyncio.Event) -> None:
        """Ask an organization and keep what came of it; nothing but a ledger that fails raises."""
        try:
            row = await self._asked(organization, stop)
        except Exception as error:  # noqa: BLE001 - one organization never stops the others
            row = failed_row(organization, error)
        if row is not None:
            self._keep(row)

    async def settled(self) -> None:
        """Wait for what is being concluded: a stop must not lose what was asked to its end."""
        await asyncio.gather(*self._concluding)

    async def _asked(self, organization: Organization, stop: asyncio.Event) -> Row | None:
        """Return a row to keep, or None where it is kept already or the fleet was stopped before."""
        prepared = await asyncio.to_thread(self._prepare, organization)
        if prepared.mask.found_in(
            "\n".join((organization.name, organization.base_url, *organization.labels))
        ):
            return held_back(organization)
        case = case_of(organization, prepared, self._ledger.run, self._options.folder)
        earlier = await asyncio.to_thread(self._earlier, case, prepared)
        if earlier is not None:
            return earlier
        await self._ask(case, prepared, stop)
        return None

    async def _ask(self, case: Case, prepared: Prepared, stop: asyncio.Event) -> None:
        """Ask everything, and again what is doubtful, until it is concluded."""
        kept = False

        async def doubtful(run: Run) -> tuple[tuple[str, str], ...]:
            nonlocal kept
            answer = await self._conclude(case, run, may_ask_again=True)
            kept = isinstance(answer, Row)
            return () if isinstance(answer, Row) else answer.pairs

        said = prepared.comparing
        again = AskAgain(
            doubtful=doubtful, times=said.confirm, after_s=said.confirm_after_s, pause=self._options.pause
        )
        tell = partial(self._on_progress, case.organization)
        run = await gather(prepared.request, prepared.mask, stop, tell, again=again)
        if run.complete and not kept:
            await self._conclude(case, run, may_ask_again=False)

    async def _conclude(self, case: Case, run: Run, *, may_ask_again: bool) -> Row | Doubt:
        """Have it concluded and keep its row, to the end even where the fleet is stopped meanwhile."""
        future = asyncio.ensure_future(self._concluded(case, run, may_ask_again=may_ask_again))
        self._concluding.add(future)
        future.add_done_callback(self._concluding.discard)
        return await asyncio.shield(future)

    async def _concluded(self, case: Case, run: Run, *, may_ask_again: bool) -> Row | Doubt:
        answer = await self._clerk.conclude(case, run, may_ask_again=may_ask_again)
        if isinstance(answer, Row):
            self._keep(answer)
        return answer

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

    def _earlier(self, case: Case, prepared: Prepared) -> Row | None:
        """Return the row of what this fleet run has recorded already.

        Raises InputError where the run to compare with is not there.
        """
        found = recorded(case, self._bench) if self._ledger.resumed else None
        if found is not None:
            return conclude_recorded(case, *found, self._bench)
        if prepared.comparing.baseline not in _USUAL:
            known(self._bench.history, prepared)  # what is wrong with it is said before anything is asked
        return None

    def _keep(self, row: Row) -> None:
        self._ledger.add(row)
        self._on_row(row)


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
