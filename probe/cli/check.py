"""`probe check`: whether a saved run is what `[expect]` says."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run")
@click.option("--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml.")
@click.option("--history", "url", metavar="URL", help="The history to look the run up in.")
@click.option("--plan-at-least", metavar="PLAN", help="Expect this plan or a higher one.")
@click.option("--allow", multiple=True, metavar="GLOB", help="Expect these to be allowed; repeat for more.")
@click.option("--block", multiple=True, metavar="GLOB", help="Expect these to be blocked; repeat for more.")
@click.option("--fail-on", metavar="LIST", help="What fails: expectation, not-measured, or none.")
def command(
    run: str,
    config: Path | None,
    url: str | None,
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
    from probe.expectations import Expectations, check
    from probe.failing import exit_code, fail_on_from
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
    words = fail_on.split(",") if fail_on is not None else entry.regression.fail_on
    history = None if is_file(run) else open_if_there(url, config)
    try:
        report, _ = report_of(run, history, base_url_said(None, config))
    finally:
        if history is not None:
            history.close()
    report = replace(report, changes=None, expectations=check(expect, report))
    for line in expectation_lines(report.expectations):
        click.echo(line)
    return exit_code(report) if words is None else exit_code(report, fail_on_from(words))
