"""`probe baseline`: pin a run that scans are compared with, show it, or let it go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probe.history.model import StoredRun
    from probe.history.store import History

_URL = click.option("--history", "url", metavar="URL", help="The history.  [default: see probe history]")
_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml."
)
_BASE_URL = click.option("--base-url", metavar="URL", help="The organization, where the history has several.")


@click.group()
def command() -> None:
    """Pin the run that later scans are compared with.

    \b
    Example:
      probe baseline set last-good

    Without a pinned run, each scan is compared with the last good one before it, so that a loss is
    reported once. With one, it is reported until the run is let go or another is pinned.
    """


@command.command("set")
@click.argument("run")
@_URL
@_CONFIG
@_BASE_URL
def set_(run: str, url: str | None, config: Path | None, base_url: str | None) -> int:
    """Pin RUN: an id of the history, last or last-good.

    Example: probe baseline set 1f0c2a9be4d35c77
    """
    from probe.cli.histories import base_url_said
    from probe.errors import InputError
    from probe.history.resolve import is_id

    with _history(url, config) as history:
        found = history.find(run, None if is_id(run) else base_url_said(base_url, config))
        if not found.good:
            why = "was not measured" if not found.measured else "was cut short"
            raise InputError(
                f"{found.id} {why}, so it is no baseline.", "`probe history list` shows the runs."
            )
        history.pin(found.base_url, found.id)
    click.echo(f"Pinned: {_shown(found)}")
    return 0


@command.command()
@_URL
@_CONFIG
@_BASE_URL
def show(url: str | None, config: Path | None, base_url: str | None) -> int:
    """Show the pinned run of each organization, or of one.

    Example: probe baseline show
    """
    from probe.cli.histories import base_url_said
    from probe.history.origins import one_of_each

    with _history(url, config) as history:
        said = base_url_said(base_url, config)
        for organization in [said] if said else one_of_each(history.base_urls()):
            pinned = history.pinned(organization)
            click.echo(_shown(pinned) if pinned else f"{organization}: none; the last good run counts")
    return 0


@command.command()
@_URL
@_CONFIG
@_BASE_URL
def clear(url: str | None, config: Path | None, base_url: str | None) -> int:
    """Let the pinned run go: the last good run counts again.

    Example: probe baseline clear
    """
    from probe.cli.histories import base_url_said
    from probe.errors import InputError

    with _history(url, config) as history:
        organization = history.organization(base_url_said(base_url, config), "letting a run go")
        if organization is None:
            raise InputError("The history has no run.", "`probe scan` records one.")
        history.pin(organization, None)
    click.echo(f"{organization}: no run is pinned.")
    return 0


def _history(url: str | None, config: Path | None) -> History:
    from probe.cli.histories import open_if_there
    from probe.errors import InputError

    history = open_if_there(url, config)
    if history is None:
        raise InputError("There is no history yet.", "Scan once, or name one with --history URL.")
    return history


def _shown(run: StoredRun) -> str:
    from probe.report.display import moment, one_line

    return one_line(f"{run.base_url}: {run.id}, {moment(run.started_at)}, plan {run.plan or 'undetermined'}")
