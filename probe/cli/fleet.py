"""`probe fleet`: many organizations, one after the other and many at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probe.cli.engines import cluster_for
from probe.cli.fleet_notify import channels_of, tell_losses
from probe.cli.fleets import fleet_from, ledger_in, shared_options
from probe.cli.histories import HISTORY_HELP
from probe.cli.placing import FORMATS_HELP, OUTPUT_DIR, placed_by

if TYPE_CHECKING:
    from probe.cli.fleet_progress import FleetTeller
    from probe.fleet.cluster import Cluster
    from probe.fleet.ledger import Ledger
    from probe.fleet.model import Fleet, FleetHead, Organization
    from probe.fleet.run import FleetOptions
    from probe.history.location import Location
    from probe.interrupts import Interrupts
    from probe.notify.delivery import Channel

_PER_SCAN = 8


@click.command()
@click.argument("path", metavar="[FLEET]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--spaces-of", metavar="URL", help="In place of a list: this organization and the spaces that it lists."
)
@click.option(
    "--token",
    "tokens",
    multiple=True,
    metavar="NAME=env:VAR|file:PATH|cmd:COMMAND",
    help="With --spaces-of: a token for all of them; repeat for more.  [default: those of probe.toml]",
)
@click.option("--scopes", multiple=True, metavar="NAME=SCOPE,...", help="The scopes of such a token.")
@click.option(
    "--space-domain",
    multiple=True,
    metavar="DOMAIN",
    help="Spaces under this domain get the tokens too; repeat for more.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Limits, expectations and the like for all, not tokens.  [default: ./probe.toml]",
)
@click.option("--catalog", metavar="NAME|FILE", help="The vendor's catalog.  [default: retool]")
@click.option("--only", multiple=True, metavar="GLOB", help="Ask only these operations; repeat for more.")
@click.option(
    "--concurrency-total",
    type=click.IntRange(1, 1024),
    default=64,
    show_default=True,
    help="Probes at a time, of all organizations together.",
)
@click.option(
    "--organizations-at-once",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    help="Organizations asked at a time.",
)
@click.option("--requests-per-minute", metavar="N|off", help="The pace for each organization.")
@click.option("--format", "formats", metavar="LIST", help=f"{FORMATS_HELP} For each.  [default: html,json]")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write everything here.  [default: reports/fleet/TIME]",
)
@click.option(
    "--allow-http", is_flag=True, help="Allow plain http:// base URLs; tokens travel in clear text."
)
@click.option(
    "--ca-bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A PEM file of certificate authorities to trust beside the system's.",
)
@click.option(
    "--confirm", type=int, metavar="N", help="Ask again so often before a loss counts.  [default: 2]"
)
@click.option(
    "--confirm-after", type=float, metavar="SECONDS", help="The pause before asking again.  [default: 5]"
)
@click.option("--history", metavar="URL", help=HISTORY_HELP)
@click.option("--no-history", is_flag=True, help="Record nothing, and compare with nothing.")
@click.option("--notify", is_flag=True, help="Send one message of what was lost to [notify] of probe.toml.")
@click.option(
    "--resume", is_flag=True, help="Go on with the unfinished fleet run in --output-dir, or begin one."
)
@click.option(
    "--engine",
    type=click.Choice(["here", "dask"]),
    default="here",
    show_default=True,
    help="Ask from this process, or from the workers of Dask distributed (plan-probe[dask]).",
)
@click.option(
    "--processes",
    type=click.IntRange(0, 256),
    metavar="N",
    help="Processes that judge and write; 0 for none but this one.  [default: processors - 1]",
)
@click.option("--scheduler", metavar="URL", help="Dask's scheduler, tcp://...  [default: start workers here]")
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes to start without --scheduler.")
@click.option("--quiet", "-q", is_flag=True, help="Print only where the page is, and errors.")
def command(
    path: Path | None,
    concurrency_total: int,
    organizations_at_once: int,
    resume: bool,
    quiet: bool,
    engine: str,
    scheduler: str | None,
    workers: int | None,
    **options: Any,  # noqa: ANN401 - click passes what the options say
) -> int:
    """Ask each organization of a list, and write one page of all of them.

    \b
    Example:
      probe fleet fleet.toml --output-dir reports/tonight

    FLEET is a .toml, .csv or .jsonl file of organizations with references to their tokens; --spaces-of
    asks an organization for its child spaces in its place. Only reads are sent. Each organization is
    compared with its last good run in the history. Exit codes: 10 some organization lost something, 11 an
    expectation failed, 3 none could be measured, 2 an entry is wrong and was left out, 130 interrupted.
    """
    from probe.cli.output import counted, say
    from probe.fleet.ledger import NAME
    from probe.interrupts import Interrupts

    channels = _channels(options)
    shared, where = shared_options(options, concurrency_total, organizations_at_once)
    cluster = cluster_for(engine, scheduler, workers, shared)
    fleet = fleet_from(path, options, shared)
    with Interrupts() as interrupts, ledger_in(options["output_dir"], resume=resume) as ledger:
        from msgspec.structs import replace

        ready = replace(shared, folder=ledger.path.parent)
        number = counted(len(fleet.organizations), "organization")
        say(f"{number}; what is finished stands in {NAME}.", quiet=quiet)
        _ask(fleet, ready, ledger, cluster or where, interrupts, quiet=quiet)
        head = _write_all(fleet, ledger, stopped=interrupts.noted)
        if head.complete:
            if channels:
                tell_losses(channels, head, fleet, ledger, where)
            ledger.end(head.finished_at)
    _sum_up(head, ready.folder, quiet=quiet)
    return head.exit_code


def _channels(options: dict[str, Any]) -> tuple[Channel, ...]:
    """Return whom to tell, where that was asked for."""
    return channels_of(options["config"]) if options["notify"] else ()


def _ask(
    fleet: Fleet,
    options: FleetOptions,
    ledger: Ledger,
    where: Location | Cluster | None,
    interrupts: Interrupts,
    *,
    quiet: bool,
) -> None:
    """Ask what is left, here with a history at that place, or on a cluster."""
    from probe.cli.fleet_progress import fleet_teller
    from probe.fleet.run import left_to_do

    left = left_to_do(fleet, ledger)
    if not left:
        return
    total = len(fleet.organizations)
    with fleet_teller(total - len(left), total, quiet=quiet) as teller:
        _ask_those(left, options, ledger, where, interrupts, teller)


def _ask_those(
    left: list[Organization],
    options: FleetOptions,
    ledger: Ledger,
    where: Location | Cluster | None,
    interrupts: Interrupts,
    teller: FleetTeller,
) -> None:
    from probe.fleet.conclude import Bench
    from probe.fleet.run import run_fleet
    from probe.history.location import Location
    from probe.pipeline import run_interruptible

    if where is not None and not isinstance(where, Location):
        from probe.fleet.cluster import run_on_dask

        cluster = where
        run_interruptible(
            lambda stop: run_on_dask(left, options, ledger, cluster, stop, teller.row), interrupts
        )
        return
    with Bench(options.catalog, where, options.catalog_name) as bench:
        run_interruptible(
            lambda stop: run_fleet(left, options, ledger, bench, stop, teller.row, teller.progress),
            interrupts,
        )


def _write_all(fleet: Fleet, ledger: Ledger, *, stopped: bool) -> FleetHead:
    """Write the page and `fleet.json`; each row was checked for the secrets of its own organization."""
    from probe.fleet.page import head_of, stream_fleet_html, stream_fleet_json
    from probe.masking import Mask
    from probe.report.write import write_artefact
    from probe.scan.clock import utc_now
    from probe.secret import secrets_alive

    head, mask = head_of(fleet, ledger, utc_now(), stopped=stopped), Mask(secrets_alive())
    folder = ledger.path.parent
    with placed_by(OUTPUT_DIR):
        write_artefact(folder / "fleet.json", stream_fleet_json(head, fleet, ledger), mask)
        write_artefact(folder / "fleet.html", stream_fleet_html(head, fleet, ledger), mask)
    return head


def _sum_up(head: FleetHead, folder: Path, *, quiet: bool) -> None:
    from probe.fleet.page import title_of

    summary = head.summary
    if not quiet:
        were = "was" if summary.measured == 1 else "were"
        click.echo(f"{title_of(head)}: {summary.measured} of {summary.organizations} {were} measured.")
        for what, number in (
            ("not measured", summary.not_measured),
            ("failed", summary.failed),
            ("not asked yet; --resume goes on", summary.waiting),
            ("entries left out", summary.bad_entries),
        ):
            if number:
                click.echo(f"  {number} {what}")
    click.echo(f"Fleet: {folder / 'fleet.html'}")
