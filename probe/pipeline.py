"""The one place that knows both halves: asks, then judges, then makes the report.

Comes in: what to scan, and a mask. Goes out: a Report. Prints nothing and writes no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import PurePath
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from probe.anonymize import PLACEHOLDER_HOST, Anonymizer
from probe.catalog.model import Catalog
from probe.errors import InputError
from probe.evidence import Run
from probe.gathering import Step
from probe.interrupts import Interrupts
from probe.judge.diagnose import diagnose_run
from probe.judge.infer import infer
from probe.judge.model import Cause
from probe.masking import Mask
from probe.report.build import build_report, run_of
from probe.report.changes import Changes
from probe.report.model import Report
from probe.scan.client import Client
from probe.scan.meter import Meter
from probe.scan.pace import Waiting
from probe.scan.request import Progress, ScanRequest
from probe.scan.run import Scan
from probe.scan.trust import tls_context
from probe.target import is_loopback

Result = TypeVar("Result")
_LOOKS = 2
_TEXTS_OF_CHANGES = ("label", "run", "reason", "headline", "title_before", "title_after")


class AskAgain(Struct, frozen=True, kw_only=True):
    """What is asked again before it counts: `doubtful` names it, by operation and token.

    It may take its time, as in another process. Each is asked `times` times, `after_s` seconds apart;
    `pause` waits.
    """

    doubtful: Callable[[Run], Awaitable[Iterable[tuple[str, str]]]]
    times: int
    after_s: float
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


async def gather(
    request: ScanRequest,
    mask: Mask,
    stop: asyncio.Event,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    on_step: Callable[[Step], None] = lambda _step: None,
    *,
    again: AskAgain | None = None,
) -> Run:
    """Ask everything on the agenda, and `again` what it names; return the evidence.

    `stop` ends it early.
    `on_step` is told what will be asked, then of each answer as it comes, then how it ended: what a
    journal writes.

    Raises ConfigError where plain http is answered by a move to https, before a token has left this
    machine, or the CA bundle or the environment's proxy cannot be used.
    """
    meter = Meter(on_progress, sum(len(wave) for wave in request.agenda.waves))
    tls = tls_context(request.ca_bundle) if request.ca_bundle else None
    async with Client(request.origin, request.limits, mask, tls=tls, on_wait=meter.waits) as client:
        scan = Scan(request, client, stop, meter=meter, on_step=on_step)

        async def go_on(run: Run) -> None:
            if again is not None:
                await _ask_again(scan, run, again, stop, meter)

        return await scan.run(lambda run: reason_to_stop(run, request.catalog), go_on)


async def _ask_again(scan: Scan, run: Run, again: AskAgain, stop: asyncio.Event, meter: Meter) -> None:
    """Ask what is doubtful, and once more what is doubtful only after that; then it is enough."""
    asked: set[tuple[str, str]] = set()
    for _ in range(_LOOKS if again.times else 0):
        pairs = [pair for pair in await again.doubtful(run) if pair not in asked]
        if not pairs:
            return
        asked.update(pairs)
        for _time in range(again.times):
            meter.waits(again.after_s, Waiting.CONFIRM)
            await _pause(again, stop)
            if stop.is_set():
                return
            run = await scan.ask_again(pairs)


async def _pause(again: AskAgain, stop: asyncio.Event) -> None:
    """Wait, but not longer than until the scan is stopped."""
    waits = [asyncio.ensure_future(again.pause(again.after_s)), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def reason_to_stop(run: Run, catalog: Catalog) -> str:
    """Say why asking on is pointless after these controls, or return an empty text.

    Controls that all met the same page may mean a wrong base URL, but also an organization that lacks
    just the calibration route: the operations decide, so they are asked.
    """
    measured = diagnose_run(run, catalog).measured
    if measured.measured or measured.cause is Cause.ROUTE:
        return ""
    return f"not asked: {measured.reason}"


def judge(run: Run, catalog: Catalog) -> Report:
    """Return what a run means. Pure: no network, no token, no clock.

    Raises InputError where the run names an operation that the catalog does not have.
    """
    named = {exchange.operation for exchange in (*run.exchanges, *run.controls)}
    missing = sorted(named - {""} - set(catalog.by_id))
    if missing:
        raise InputError(
            f"The run asked {missing[0]}, which this catalog does not have.",
            f"It was made with catalog {run.target.vendor} {run.target.catalog_version}; use --catalog.",
        )
    return build_report(run, infer(run, diagnose_run(run, catalog), catalog), catalog)


def judge_again(report: Report, catalog: Catalog) -> Report:
    """Judge a saved report's evidence again, with this version's rules."""
    return judge(run_of(report), catalog)


def anonymized(report: Report, catalog: Catalog, mask: Mask) -> tuple[Report, Mask]:
    """Return the report without the organization's name, and the mask that checks finished files for it.

    The evidence loses the name first and is judged again, so that the result can be judged once more.
    """
    anonymizer = Anonymizer(report.target.base_url, catalog)
    again = judge(anonymizer.run(run_of(report)), catalog)
    changes = report.changes
    if changes is not None:
        changes = anonymizer.texts(_without_folders(changes), set(_TEXTS_OF_CHANGES))
    expectations = tuple(anonymizer.texts(item, {"reason"}) for item in report.expectations)
    said = [host for host in anonymizer.hosts if not is_loopback(host) and host != PLACEHOLDER_HOST]
    return msgspec.structs.replace(again, changes=changes, expectations=expectations), mask.forbidding(said)


def _without_folders(changes: Changes) -> Changes:
    """Return the changes with the baseline named by its file alone: folders are named after hosts."""
    label = PurePath(changes.baseline.label).name or changes.baseline.label
    return msgspec.structs.replace(changes, baseline=msgspec.structs.replace(changes.baseline, label=label))


def run_interruptible(
    work: Callable[[asyncio.Event], Coroutine[Any, Any, Result]], interrupts: Interrupts | None = None
) -> Result:
    """Run `work` in an event loop; a request to stop sets its stop event.

    With `interrupts`, the caller's context notes the signals, before and after the loop too. Uses
    uvloop where it is installed.
    """
    if interrupts is None:
        with Interrupts() as own:
            return run_interruptible(work, own)

    async def main() -> Result:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        interrupts.telling(lambda: _set_in(loop, stop))
        try:
            return await work(stop)
        finally:
            interrupts.telling(None)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main())


def _set_in(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    loop.call_soon_threadsafe(stop.set)  # a signal handler runs between any two steps of the loop


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
