"""`probe demo`: scans the simulator for real and writes the report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probe.evidence import Run
    from probe.masking import Mask
    from probe.scan.run import ScanRequest
    from probe.simulator import SimulatorOptions

PLANS = ("free", "team", "business", "enterprise_base", "enterprise_premium", "enterprise")


@click.command(
    help="""Scan a simulated organization and write its report. Needs no account and no network.

\b
Example:
  probe demo --plan business"""
)
@click.option("--plan", type=click.Choice(PLANS), default="business", show_default=True, help="The simulated plan.")
@click.option(
    "--refusal",
    type=click.Choice(["html", "json"]),
    default="html",
    show_default=True,
    help="How the simulator refuses what the plan lacks.",
)
@click.option("--format", "formats", default="html,json", show_default=True, help="Report formats.")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the report here.  [default: reports/demo-PLAN]",
)
@click.option("--quiet", "-q", is_flag=True, help="Print only where the report is, and errors.")
def command(plan: str, refusal: str, formats: str, output_dir: Path | None, quiet: bool) -> int:
    from probe.catalog.load import load_catalog
    from probe.cli.output import exit_code_of, say, show_report, write_reports
    from probe.pipeline import judge, run_interruptible
    from probe.report.write import formats_from, prepare_folder
    from probe.simulator import SimulatorOptions, demo_tokens

    catalog = load_catalog("retool")
    names = formats_from(formats)
    folder = output_dir or Path("reports") / f"demo-{plan}"
    prepare_folder(folder)
    tokens = demo_tokens(catalog)
    options = SimulatorOptions(plan=plan, refusal=refusal, tokens=tokens)
    say(f"Scanning a simulated organization on the {plan} plan with {len(tokens)} tokens.", quiet=quiet)
    run, mask = run_interruptible(lambda stop: _scan_simulator(options, stop))
    report = judge(run, catalog)
    show_report(report, quiet=quiet)
    write_reports(report, names, folder, mask)
    return exit_code_of(report)
