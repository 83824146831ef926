"""`probe watch`: scans on a schedule in one process, with messages and metrics."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from probe.errors import ExitCode
    from probe.history.location import Location
    from probe.history.store import History
    from probe.metrics import Board
    from probe.notify.delivery import Channel
    from probe.notify.model import Rules
    from probe.rounds import Outcome
    from probe.settings import Prepared


class Setup(NamedTuple):
    """What a reload replaces."""

    prepared: Prepared
    channels: tuple[Channel, ...]
    rules: Rules


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("probe.toml"),
    show_default=True,
    help="The file.",
)
@click.option(
    "--every", metavar="6h", help="The time between scans, with s, m, h or d; the first is at once."
)
@click.option("--cron", metavar="'0 6 * * *'", help="When, as a crontab says it.")
@click.option("--timezone", default="UTC", show_default=True, help="The zone that --cron counts in.")
@click.option(
    "--jitter",
    metavar="10m",
    default="0s",
    show_default=True,
    help="A random shift of each start, at most so long.",
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the latest report here.  [default: reports/HOST/TIME for each]",
)
@click.option("--history", metavar="URL", help="Where runs and what was told are kept.")
@click.option("--no-history", is_flag=True, help="Keep nothing; what was told is forgotten at the end.")
@click.option(
    "--baseline", metavar="last-good|baseline|ID|FILE", help="What is compared with.  [default: last-good]"
)
@click.option(
    "--same-organization",
    is_flag=True,
    default=None,  # not said: the file decides
    help="The baseline is of this organization, though its address is another: it has moved.",
)
@click.option(
    "--metrics", metavar="HOST:PORT", help="Serve metrics for Prometheus here, such as 127.0.0.1:9464."
)
@click.option("--metrics-file", type=click.Path(path_type=Path, dir_okay=False), help="Write metrics here.")
@click.option("--once", is_flag=True, help="Scan once, at once, and end with its exit code.")
@click.option("--runs", type=click.IntRange(1), metavar="N", help="End after so many scans.")
def command(every: str | None, cron: str | None, once: bool, runs: int | None, **options: Any) -> int:  # noqa: ANN401 - click passes what the options say
    """Scan on a schedule until stopped, and say what was lost.

    \b
    Example:
      probe watch --every 6h --metrics 127.0.0.1:9464

    SIGHUP reads the configuration again; SIGTERM and Ctrl-C end it, and what a running scan gathered is
    written.
    """
    from probe.cli.output import counted
    from probe.errors import ExitCode, UsageError
    from probe.pipeline import run_interruptible
    from probe.schedule.when import seconds_in
    from probe.watch import Watch, cron_trigger, interval_trigger, require_scheduler

    require_scheduler()
    if every is not None and cron is not None:
        raise UsageError("--every and --cron exclude each other.", "Say one of them.")
    if not once and every is None and cron is None:
        raise UsageError("How often to scan was not said.", "For example: probe watch --every 6h")
    jitter_s = 0 if options["jitter"] == "0s" else seconds_in(options["jitter"], "--jitter")
    if cron is not None:
        trigger = cron_trigger(cron, jitter_s, options["timezone"])
    else:
        trigger = interval_trigger(seconds_in(every or "1d", "--every"), jitter_s)
    limit = 1 if once else runs

    with _desk(options) as desk:

        async def work(stop: asyncio.Event) -> ExitCode:
            watch = Watch(desk.load, desk.scan, desk.say, runs=limit)
            desk.say("Watching." if limit is None else f"Watching for {counted(limit, 'scan')}.")
            await watch.run(trigger, stop, at_once=once or cron is None)
            return watch.last_code if limit is not None else ExitCode.DONE

        return run_interruptible(work)


@contextmanager
def _desk(options: dict[str, Any]) -> Iterator[_Desk]:
    from probe.cli.aftermath import board_for

    with ExitStack() as stack:
        board = None
        if options["metrics"] or options["metrics_file"]:
            board = board_for(options["metrics_file"])
        if board is not None and options["metrics"]:
            stack.enter_context(_served(board, options["metrics"]))
        where = _history_location(options)
        history = None if where is None else stack.enter_context(_opened(where))
        yield _Desk(options, history, board)


def _history_location(options: dict[str, Any]) -> Location | None:
    """Return where runs are kept by the command line, the environment or the configuration."""
    from probe.config import read_config
    from probe.settings import ScanOptions, history_of

    config = options["config"]
    said = ScanOptions(history=options["history"], no_history=options["no_history"])
    return history_of(said, read_config(config), config.parent)


def _opened(where: Location) -> History:
    from probe.history.store import open_history

    return open_history(where)


@contextmanager
def _served(board: Board, address: str) -> Iterator[None]:
    """Serve metrics on HOST:PORT until the end. Raises UsageError."""
    from prometheus_client import start_http_server

    from probe.errors import UsageError, short_reason

    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last port
        raise UsageError("--metrics needs HOST:PORT.", "For example: --metrics 127.0.0.1:9464")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), board.registry())
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {address}: {short_reason(error)}.", "Choose another port."
        ) from None
    click.echo(f"Metrics: http://{host}:{server.server_port}/metrics", err=True)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Desk:
    """One watch's ways in and out: it loads settings, does a round, and speaks."""

    def __init__(self, options: dict[str, Any], history: History | None, board: Board | None) -> None:
        from probe.cli.aftermath import MemoryStore

        self._options = options
        self._history = history
        self._board = board
        self._store = MemoryStore() if history is None else history

    def say(self, text: str) -> None:
        """Print a line with its time on stderr."""
        from probe.cli.output import say
        from probe.scan.clock import utc_now

        say(f"{utc_now()} {text}")

    def load(self) -> Setup:
        """Read the configuration and fetch the secrets. Raises ConfigError."""
        from probe.channels import channels_from, rules_from
        from probe.config import read_config
        from probe.settings import ScanOptions, prepare

        config = self._options["config"]
        read = read_config(config)
        baseline = self._options["baseline"]
        if baseline is None and read.regression.baseline is None and self._history is not None:
            baseline = "last-good"
        given = {name: self._options[name] for name in ("output_dir", "same_organization")}
        said = ScanOptions(config=config, baseline=baseline, **given)
        return Setup(prepare(said), channels_from(read, config.parent), rules_from(read))

    async def scan(self, setup: Setup, stop: asyncio.Event) -> ExitCode:
        """Do one round: scan, write, tell, count."""
        from probe.cli.placing import folder_of_run

        prepared = setup.prepared
        try:
            folder = folder_of_run(prepared)
            outcome = await self._scan_into(folder, setup, stop)
        except Exception:
            if self._board is not None:
                self._board.failed(prepared.request.origin)
            raise
        changes = outcome.report.changes
        headline = changes.headline if changes is not None else ""
        self.say(f"Scan ended with exit code {int(outcome.exit_code)}. {headline}".rstrip())
        return outcome.exit_code

    async def _scan_into(self, folder: Path, setup: Setup, stop: asyncio.Event) -> Outcome:
        from msgspec.structs import replace

        from probe.cli.keeping import kept
        from probe.cli.output import hand_over
        from probe.pipeline import anonymized
        from probe.rounds import run_round

        prepared = setup.prepared
        with kept(folder, prepared.mask) as journal:
            self.say(f"Scanning {prepared.request.origin}.")
            outcome = await run_round(prepared, history=self._history, stop=stop, on_step=journal.note)
            for note in filter(None, (*outcome.notes, outcome.trouble)):
                self.say(note)
            report, mask = outcome.report, prepared.mask
            if prepared.anonymize:
                report, mask = anonymized(report, prepared.request.catalog, mask)
                outcome = replace(outcome, report=report)
            try:
                hand_over(report, prepared.formats, folder, mask, quiet=True, when_written=journal.discard)
            finally:
                await self._tell(outcome, folder, setup)
        return outcome

    async def _tell(self, outcome: Outcome, folder: Path, setup: Setup) -> None:
        from probe.cli.aftermath import tell, write_metrics

        await tell(outcome, self._store, setup.channels, setup.rules, folder)
        if self._board is not None:
            self._board.update(outcome.report, outcome.exit_code)
            if self._options["metrics_file"]:
                write_metrics(self._options["metrics_file"], self._board)
