"""`probe scan`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probe.cli.histories import HISTORY_HELP
from probe.cli.placing import FORMATS_HELP, folder_of_run

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

    from probe.history.location import Location
    from probe.interrupts import Interrupts
    from probe.journal import Journal
    from probe.rounds import Outcome
    from probe.settings import Prepared


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml.")
@click.option(
    "--base-url", metavar="URL", help="The organization's address, such as https://example.retool.com."
)
@click.option(
    "--token",
    "tokens",
    multiple=True,
    metavar="NAME=env:VAR|file:PATH|cmd:COMMAND",
    help="A token and where its secret comes from; repeat for more. Replaces those of the file.",
)
@click.option(
    "--scopes",
    multiple=True,
    metavar="NAME=SCOPE,SCOPE",
    help="The scopes that the token was given; they tell a missing scope from a missing plan.",
)
@click.option("--catalog", metavar="NAME|FILE", help="The vendor's catalog.  [default: retool]")
@click.option(
    "--only", multiple=True, metavar="GLOB", help="Ask only these, such as 'users.*'; repeat for more."
)
@click.option(
    "--concurrency", type=click.IntRange(min=1), metavar="N", help="Probes at a time.  [default: 8]"
)
@click.option(
    "--requests-per-minute",
    metavar="N|off",
    help="The pace, for all tokens together.  [default: 240, of the 300 that a self-hosted server allows]",
)
@click.option("--format", "formats", metavar="LIST", help=f"{FORMATS_HELP}  [default: html,json]")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the report here.  [default: reports/HOST/TIME]",
)
@click.option(
    "--allow-http", is_flag=True, help="Allow a plain http:// base URL; tokens travel in clear text."
)
@click.option(
    "--ca-bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A PEM file of certificate authorities to trust beside the system's.",
)
@click.option(
    "--guarded-writes",
    is_flag=True,
    help="Also send writes that the server must refuse: ids that cannot exist, bodies that are not valid.",
)
@click.option(
    "--anonymize", is_flag=True, help="Replace the organization's host and name in everything written."
)
@click.option(
    "--baseline",
    metavar="last-good|baseline|ID|FILE",
    help="Compare with this run, and end with exit code 10 if something was lost.",
)
@click.option(
    "--same-organization",
    is_flag=True,
    default=None,  # not said: the file decides
    help="The baseline is of this organization, though its address is another: it has moved.",
)
@click.option(
    "--confirm", type=int, metavar="N", help="Ask again so often before a loss counts.  [default: 2]"
)
@click.option(
    "--confirm-after", type=float, metavar="SECONDS", help="The pause before asking again.  [default: 5]"
)
@click.option(
    "--fail-on",
    metavar="LIST",
    help="What gives an exit code other than 0: lost, expectation, not-measured, or none.",
)
@click.option("--jitter", metavar="10m", help="Wait a random while first, at most so long.")
@click.option(
    "--metrics-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write metrics for Prometheus' textfile collector here.",
)
@click.option("--history", metavar="URL", help=HISTORY_HELP)
@click.option("--no-history", is_flag=True, help="Do not record this run.")
@click.option("--yes", is_flag=True, help="Send guarded writes without a question.")
@click.option(
    "--dry-run", is_flag=True, help="Print what would be sent and what would be skipped; send nothing."
)
@click.option("--quiet", "-q", is_flag=True, help="Print only where the report is, and errors.")
def command(
    quiet: bool,
    yes: bool,
    dry_run: bool,
    jitter: str | None,
    metrics_file: Path | None,
    **options: Any,  # noqa: ANN401 - click passes what the options say
) -> int:
    """Ask the API with each token and report what the plan allows.

    \b
    Example:
      export RETOOL_TOKEN=...
      probe scan --base-url https://example.retool.com --token admin=env:RETOOL_TOKEN

    Only reads are sent unless --guarded-writes is said; nothing changes on the server. Exit codes: 10
    something was lost since the baseline, 11 an expectation failed, 3 no conclusion could be reached,
    2 the command or its configuration is wrong.
    """
    from probe.cli.aftermath import board_for, write_metrics
    from probe.cli.agenda import confirm_writes, show_agenda
    from probe.cli.output import say
    from probe.errors import ExitCode
    from probe.interrupts import Interrupts
    from probe.settings import ScanOptions, prepare

    if jitter is not None and not dry_run:
        _wait_a_while(jitter, quiet=quiet)
    prepared = prepare(ScanOptions(**options))
    for warning in prepared.warnings:
        say(f"Warning: {warning}")
    if dry_run:
        show_agenda(prepared.request)
        return 0
    confirm_writes(prepared.request, yes=yes)
    folder = folder_of_run(prepared)
    board = None if metrics_file is None else board_for(metrics_file)

    def after(outcome: Outcome) -> None:
        _tell(outcome, options["config"], folder, prepared.history)
        if board is not None and metrics_file is not None:
            board.update(outcome.report, outcome.exit_code)
            write_metrics(metrics_file, board)

    with Interrupts() as interrupts:
        code = _scan_into(folder, prepared, interrupts, after, quiet=quiet)
    return ExitCode.INTERRUPTED if interrupts.noted else code


def _wait_a_while(jitter: str, *, quiet: bool) -> None:
    """Wait a random time, so that many schedules do not ask at once."""
    import random
    import time

    from probe.cli.output import say
    from probe.schedule.when import seconds_in

    seconds = random.uniform(0, 0 if jitter == "0s" else seconds_in(jitter, "--jitter"))  # noqa: S311 - no secret
    if seconds >= 1:
        say(f"Waiting {seconds:.0f} s before the scan (--jitter).", quiet=quiet)
    time.sleep(seconds)


def _scan_into(
    folder: Path,
    prepared: Prepared,
    interrupts: Interrupts,
    after: Callable[[Outcome], None],
    *,
    quiet: bool,
) -> int:
    from msgspec.structs import replace

    from probe.cli.histories import recorded
    from probe.cli.keeping import kept
    from probe.cli.output import hand_over, say
    from probe.pipeline import anonymized

    with recorded(prepared.history) as record, kept(folder, prepared.mask) as journal:
        outcome = _scan(prepared, journal, interrupts, quiet=quiet)
        record(outcome.report, prepared.mask)  # with the true host: the history stays with its user
        report, mask = outcome.report, prepared.mask
        if prepared.anonymize:
            report, mask = anonymized(report, prepared.request.catalog, mask)
        for note in outcome.notes:
            say(f"Note: {note}")
        try:
            hand_over(report, prepared.formats, folder, mask, quiet=quiet, when_written=journal.discard)
        finally:
            after(replace(outcome, report=report))
        return outcome.exit_code


def _scan(prepared: Prepared, journal: Journal, interrupts: Interrupts, *, quiet: bool) -> Outcome:
    from probe.cli.histories import known_before
    from probe.cli.live import scan_progress
    from probe.cli.meanwhile import load_for_report
    from probe.pipeline import run_interruptible
    from probe.rounds import run_round

    def work(stop: asyncio.Event) -> Coroutine[Any, Any, Outcome]:
        steps = journal.note
        return run_round(prepared, history=history, record=False, stop=stop, on_progress=show, on_step=steps)

    load_for_report(prepared.formats)
    with known_before(prepared.history) as history, scan_progress(quiet=quiet) as show:
        return run_interruptible(work, interrupts)


def _tell(outcome: Outcome, config: Path | None, folder: Path, where: Location | None) -> None:
    """Send the messages of `[notify]`, where the configuration has any."""
    import asyncio
    from contextlib import nullcontext

    from probe.config import DEFAULT_FILE, read_config
    from probe.errors import ProbeError

    path = config or Path(DEFAULT_FILE)
    if not path.exists():
        return
    from probe.channels import channels_from, rules_from
    from probe.cli.aftermath import MemoryStore, tell
    from probe.cli.output import say

    try:
        read = read_config(path)
        channels, rules = channels_from(read, path.parent), rules_from(read)
    except ProbeError as error:
        say(f"Warning: messages were not sent: {error.message} {error.hint}")
        return
    if not channels:
        return
    from probe.history.store import open_history  # late: it brings the database's library

    try:
        with nullcontext(MemoryStore()) if where is None else open_history(where) as store:
            asyncio.run(tell(outcome, store, channels, rules, folder))
    except ProbeError as error:
        say(f"Warning: messages were not sent: {error.message} {error.hint}")
