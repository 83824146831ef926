"""How the commands find and open the history, and how a scan's end is recorded.

Comes in: what the command line says. Goes out: an open History, or none. Loads the database's
libraries only when it opens one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from probe.config import ConfigFile
    from probe.history.location import Location
    from probe.history.store import History
    from probe.masking import Mask
    from probe.report.model import Report

F = TypeVar("F", bound=Callable[..., Any])
HISTORY_HELP = (
    "The history: sqlite:///PATH, postgresql://..., or env:VARIABLE.  [default: a file of the user's]"
)


def history_options(function: F) -> F:
    """Add --history and --config, which say where the history is."""
    function = click.option("--history", "url", metavar="URL", help=HISTORY_HELP)(function)
    return click.option(
        "--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml."
    )(function)


def base_url_option(function: F) -> F:
    """Add --base-url, for a command that takes `last`."""
    return click.option("--base-url", metavar="URL", help="The organization, where the history has several.")(
        function
    )


def history_location(url: str | None, config: Path | None = None) -> Location:
    """Return where the history is by the command line, the environment or probe.toml."""
    from probe.config import DEFAULT_FILE
    from probe.history.location import locate

    path = config or Path(DEFAULT_FILE)
    return locate(url, _config(path, said=config is not None).history.url, base=path.parent)


def open_for_reading(url: str | None, config: Path | None = None) -> History:
    """Open the history. Raises InputError where there is none yet."""
    from probe.history.store import open_history

    return open_history(history_location(url, config), must_exist=True)


def open_if_there(url: str | None, config: Path | None = None) -> History | None:
    """Open the history for reading; None where nobody named one and none was ever written."""
    from probe.errors import InputError

    try:
        return open_for_reading(url, config)
    except InputError:
        if url is not None:
            raise
        return None


def base_url_said(base_url: str | None, config: Path | None = None) -> str | None:
    """Return the organization's address, of the command line or of probe.toml, as reports have it."""
    from probe.config import DEFAULT_FILE
    from probe.history.origins import plain_url

    path = config or Path(DEFAULT_FILE)
    base_url = base_url or _config(path, said=config is not None).base_url
    return plain_url(base_url) if base_url else None


def _config(path: Path, *, said: bool) -> ConfigFile:
    from probe.config import ConfigFile, read_config

    return read_config(path) if said or path.exists() else ConfigFile()


@contextmanager
def known_before(where: Location | None) -> Iterator[History | None]:
    """Give the history that a scan is compared with; None, and a warning, where it cannot be opened."""
    from probe.cli.output import say
    from probe.errors import HistoryError

    if where is None:
        yield None
        return
    from probe.history.store import open_history

    try:
        history = open_history(where)
    except HistoryError as error:
        say(f"Warning: {error.message} Nothing is compared.")
        yield None
        return
    with history:
        yield history


@contextmanager
def recorded(where: Location | None) -> Iterator[Callable[[Report, Mask], None]]:
    """Give what takes a finished report; it is recorded when the block ends, after its files.

    A file that could not be written keeps no run out of the history. Raises HistoryError.
    """
    from probe.cli.output import say
    from probe.errors import ArtefactError, HistoryError

    finished: list[tuple[Report, Mask]] = []
    try:
        yield lambda report, mask: finished.append((report, mask))
    except ArtefactError:
        try:
            _record(finished, where)
        except HistoryError as error:
            say(f"Error: {error.message}")
        raise
    _record(finished, where)


def _record(finished: list[tuple[Report, Mask]], where: Location | None) -> None:
    from probe.history.recording import record_scan

    if where is None:
        return
    for report, mask in finished:
        record_scan(report, mask, where)
