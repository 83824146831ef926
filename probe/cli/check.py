"""`probe check`: whether a saved run is what `[expect]` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from probe.cli.histories import base_url_option

if TYPE_CHECKING:
    from probe.failing import FailOn


@click.command()
@click.argument("run")
@click.option("--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml.")
@click.option("--history", "url", metavar="URL", help="The history to look the run up in.")
@click.option("--plan-at-least", metavar="PLAN", help="Expect this plan or a higher one.")
@click.option("--allow", multiple=True, metavar="GLOB", help="Expect these to be allowed; repeat for more.")
@click.option("--block", multiple=True, metavar="GLOB", help="Expect these to be blocked; repeat for more.")
@click.option("--fail-on", metavar="LIST", help="What fails: expectation, not-measured, or none.")
@base_url_option
def command(
    run: str,
    config: Path | None,
    url: str | None,
    base_url: str | None,
    plan_at_least: str | None,
    allow: tuple[str, ...],
    block: tuple[str, ...],
    fail_on: str | None,
) -> int:
    """Check a saved run (a file, an id of the history, last, last-good) against what is expected.

    \b
    Example:
      probe check reports/example.retool.com/2026-11-24T06-15-01Z/report.json --allow 'user_invites.*'

    What the run does not tell is untested, not failed. Exit code 11 when an expectation failed, 3 when
    the run was not measured.
    """
    from msgspec.structs import replace

    from probe.cli.histories import base_url_said, open_if_there
    from probe.config import DEFAULT_FILE, ConfigFile, read_config
    from probe.errors import ConfigError
    from probe.expectations import IN_FILE, Expectations, check
    from probe.failing import exit_code
    from probe.history.resolve import is_file, report_of
    from probe.report.changes_text import expectation_lines

    path = config or Path(DEFAULT_FILE)
    entry = read_config(path) if config is not None or path.exists() else ConfigFile()
    expect = Expectations(
        plan_at_least=plan_at_least or entry.expect.plan_at_least or "",
        allow=allow or entry.expect.allow,
        block=block or entry.expect.block,
    )
    if expect == Expectations():
        raise ConfigError("Nothing is expected.", "Write [expect] into probe.toml, or give --allow GLOB.")
    places = {
        "plan_at_least": "--plan-at-least" if plan_at_least else IN_FILE["plan_at_least"],
        "allow": "--allow" if allow else IN_FILE["allow"],
        "block": "--block" if block else IN_FILE["block"],
    }
    failing = _failing(fail_on, entry.regression.fail_on)
    history = None if is_file(run) else open_if_there(url, config)
    try:
        report, _ = report_of(run, history, base_url_said(base_url, config))
    finally:
        if history is not None:
            history.close()
    report = replace(report, changes=None, expectations=check(expect, report, places))
    for line in expectation_lines(report.expectations):
        click.echo(line)
    return exit_code(report, failing)


def _failing(said: str | None, configured: tuple[str, ...] | None) -> frozenset[FailOn]:
    """Return what gives an exit code other than 0: as said, else as configured, else everything."""
    from probe.failing import ALL, IN_FILE, fail_on_from

    if said is not None:
        return fail_on_from(said.split(","))
    return ALL if configured is None else fail_on_from(configured, IN_FILE)
