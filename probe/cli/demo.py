"""`probe demo`: scans the simulator for real and writes the report."""

from __future__ import annotations

from pathlib import Path

import click

from probe.cli.placing import FORMATS_HELP

PLANS = ("free", "team", "business", "enterprise_base", "enterprise_premium", "enterprise")


@click.command()
@click.option(
    "--plan", type=click.Choice(PLANS), default="business", show_default=True, help="The simulated plan."
)
@click.option(
    "--refusal",
    type=click.Choice(["html", "json"]),
    default="html",
    show_default=True,
    help="How the simulator refuses what the plan lacks.",
)
@click.option(
    "--format", "formats", metavar="LIST", default="html,json", show_default=True, help=FORMATS_HELP
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the report here.  [default: reports/demo-PLAN]",
)
@click.option("--history", metavar="URL", help="Record the run there; a demo is not recorded otherwise.")
@click.option("--quiet", "-q", is_flag=True, help="Print only where the report is, and errors.")
def command(
    plan: str, refusal: str, formats: str, output_dir: Path | None, history: str | None, quiet: bool
) -> int:
    """Scan a simulated organization and write its report. Needs no account and no network.

    \b
    Example:
      probe demo --plan business
    """
    from probe.catalog.load import load_catalog
    from probe.cli.histories import recorded
    from probe.cli.live import scan_progress
    from probe.cli.output import hand_over, say
    from probe.cli.placing import ready_folder
    from probe.demo import scan_simulator
    from probe.errors import ExitCode
    from probe.history.location import parse_location
    from probe.interrupts import Interrupts
    from probe.masking import Mask
    from probe.pipeline import judge, run_interruptible
    from probe.report.formats import formats_from
    from probe.simulator.options import Refusal, SimulatorOptions
    from probe.simulator.tokens import demo_tokens, grants_of

    catalog = load_catalog()
    names = formats_from(formats)
    where = None if history is None else parse_location(history)
    folder = ready_folder(output_dir or Path("reports") / f"demo-{plan}")
    tokens = demo_tokens(catalog)
    options = SimulatorOptions(plan=plan, refusal=Refusal(refusal), tokens=grants_of(tokens))
    say(f"Scanning a simulated organization on the {plan} plan with {len(tokens)} tokens.", quiet=quiet)
    mask = Mask(token.secret for token in tokens)
    with Interrupts() as interrupts, recorded(where) as record:
        with scan_progress(quiet=quiet) as show:
            run = run_interruptible(
                lambda stop: scan_simulator(options, tokens, catalog, stop, show), interrupts
            )
        report = judge(run, catalog)
        record(report, mask)
        code = hand_over(report, names, folder, mask, quiet=quiet)
    return ExitCode.INTERRUPTED if interrupts.noted else code
