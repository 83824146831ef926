"""`probe diff`: what changed between two runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from probe.cli.histories import base_url_option

if TYPE_CHECKING:
    from probe.history.pairing import Pair
    from probe.history.store import History
    from probe.report.changes import Changes


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--history", "url", metavar="URL", help="The history to look the runs up in.")
@click.option("--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml.")
@base_url_option
@click.option("--across", is_flag=True, help="Set two organizations side by side: nothing counts as lost.")
@click.option(
    "--same-organization",
    is_flag=True,
    help="Both runs are of one organization, though their addresses differ: it has moved.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "md"]),
    default="text",
    help="How to print it.  [default: text]",
)
def command(
    old: str,
    new: str,
    url: str | None,
    config: Path | None,
    base_url: str | None,
    across: bool,
    same_organization: bool,
    format_: str,
) -> int:
    """Say what changed from OLD to NEW: files, ids of the history, last, last-good or baseline.

    \b
    Examples:
      probe diff last-good last
      probe diff reports/before/report.json reports/after/report.json --format md
      probe diff staging/report.json production/report.json --across

    Only what both runs tell is compared; an outage is no loss. Runs of two organizations are refused
    unless --across is said, which reports differences and no loss. Exit code 10 when something was
    lost, 3 when a run tells too little to be compared, 2 when the two are no pair, else 0.
    """
    from probe.cli.histories import base_url_said, open_if_there
    from probe.errors import ExitCode
    from probe.history.resolve import is_file

    said = _said(across=across, same=same_organization)
    history = None if is_file(old) and is_file(new) else open_if_there(url, config)
    try:
        changes = _compared(old, new, history, base_url_said(base_url, config), said)
    finally:
        if history is not None:
            history.close()
    click.echo(_rendered(changes, format_), nl=False)
    if not changes.comparable:
        return ExitCode.INCONCLUSIVE
    return ExitCode.REGRESSION if changes.took_away else ExitCode.DONE


def _said(*, across: bool, same: bool) -> Pair:
    from probe.errors import UsageError
    from probe.history.pairing import Pair

    if across and same:
        raise UsageError("--across and --same-organization contradict each other.", "Give one of them.")
    if same:
        return Pair.SAME
    return Pair.ACROSS if across else Pair.UNSAID


def _compared(old: str, new: str, history: History | None, base_url: str | None, said: Pair) -> Changes:
    from probe.history.pairing import compare_pair
    from probe.history.resolve import earlier_state, report_of

    after, run = report_of(new, history, base_url)
    return compare_pair(earlier_state(old, after, run, history), after, said)


def _rendered(changes: Changes, format_: str) -> str:
    from probe.report.changes_json import render_changes_json
    from probe.report.changes_markdown import render_changes_markdown
    from probe.report.changes_text import change_lines

    match format_:
        case "json":
            return render_changes_json(changes)
        case "md":
            return render_changes_markdown(changes)
        case _:
            return "".join(f"{line}\n" for line in change_lines(changes, most=1000))
