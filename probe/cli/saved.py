"""Finds a saved run by what a user calls it: a file, its folder, or a name of the history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probe.report.model import Report


def saved_report(run: str, url: str | None, config: Path | None, base_url: str | None = None) -> Report:
    """Return the report. Raises InputError or HistoryError where there is none, or several could be meant."""
    from probe.cli.histories import base_url_said, open_if_there
    from probe.history.resolve import is_file, report_of

    if Path(run).is_dir():
        run = str(Path(run) / "report.json")
    history = None if is_file(run) else open_if_there(url, config)
    try:
        return report_of(run, history, base_url_said(base_url, config))[0]
    finally:
        if history is not None:
            history.close()
