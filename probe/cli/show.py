"""`probe show`: a run read in the terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from probe.cli.histories import base_url_option

_NARROWEST = 40


@click.command()
@click.argument("run")
@click.option("--only", multiple=True, metavar="GLOB", help="Show only these operations; repeat for more.")
@click.option(
    "--verdict", type=click.Choice(["allowed", "blocked", "unknown"]), help="Show only these verdicts."
)
@click.option("--token", metavar="NAME", default="", help="Show only this token's answers.")
@click.option("--operation", metavar="ID", help="Show one operation in full, with a curl line.")
@click.option("--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml.")
@click.option("--history", "url", metavar="URL", help="The history to look the run up in.")
@base_url_option
def command(
    run: str,
    only: tuple[str, ...],
    verdict: str | None,
    token: str,
    operation: str | None,
    config: Path | None,
    url: str | None,
    base_url: str | None,
) -> int:
    """Show a run: a report.json, its folder, an id of the history, last, or last-good.

    \b
    Examples:
      probe show reports/example.retool.com/2026-11-24T06-15-01Z --verdict blocked
      probe show last --operation users.list

    Without options it prints the summary first, then each operation with the answers to it.
    """
    from probe.cli.output import show_report
    from probe.cli.saved import saved_report
    from probe.errors import InputError, UsageError
    from probe.judge.model import Verdict
    from probe.report.show import Wanted, list_operations, names_any, show_operation

    if operation is not None and (only or verdict):
        raise UsageError(
            "--operation shows one operation in full; --only and --verdict choose from the list.",
            "Leave out one or the other.",
        )
    report = saved_report(run, url, config, base_url)
    width = max(_NARROWEST, shutil.get_terminal_size((80, 24)).columns)
    if token and token not in {item.name for item in report.tokens}:
        names = ", ".join(item.name for item in report.tokens)
        raise InputError(f'The run has no token "{token}".', f"It has: {names or 'none'}.")
    if operation is not None:
        lines = list(show_operation(report, operation, token, width))
        if not lines:
            raise InputError(
                f'The run has no operation "{operation}".', "`probe show RUN` lists the operations."
            )
    else:
        if not (only or verdict or token):
            show_report(report, quiet=False)
            click.echo()
        wanted = Wanted(only=only, verdict=Verdict(verdict) if verdict else None, token=token)
        if not names_any(report, only):
            raise InputError(
                f"The run has no operation that fits --only {' '.join(only)}.",
                "`probe show RUN` lists the operations.",
            )
        lines = list(list_operations(report, wanted, width))
    for line in lines:
        click.echo(line)
    return 0
