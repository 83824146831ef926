"""`probe history`: past runs.

Comes in: which history, which runs. Goes out: text, JSON or reports on stdout, files. Sends nothing.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probe.cli.histories import history_options
from probe.cli.placing import FORMATS_HELP, placed_by, ready_folder
from probe.errors import InputError, UsageError

if TYPE_CHECKING:
    from probe.history.model import Imported
    from probe.history.store import History

_BASE_URL = click.option("--base-url", metavar="URL", help="Only runs of this organization.")
_DAYS = {"d": 1, "w": 7, "y": 365}


@click.group(name="history")
def command() -> None:
    """List, show, move and remove past runs.

    Example: `probe history list`
    """


@command.command(name="list")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    default=30,
    show_default=True,
    help="The newest so many.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_BASE_URL
@history_options
def list_runs(url: str | None, config: Path | None, base_url: str | None, form: str, limit: int) -> None:
    """List the runs, the newest first.

    Example: `probe history list --limit 10`
    """
    from probe.cli.histories import open_for_reading
    from probe.history.text import run_lines

    with open_for_reading(url, config) as history:
        runs = history.runs(base_url=_said(base_url), limit=limit)
        if form == "json":
            _print_json(runs)
            return
        pinned = (history.pinned(name) for name in {run.base_url for run in runs})
        pins = frozenset(run.id for run in pinned if run is not None)
        for line in run_lines(runs, pins, shutil.get_terminal_size((80, 24)).columns):
            click.echo(line)
        if not runs:
            click.echo(f"No run in {history.shown}.")


@command.command(name="show", short_help="Show a run, in short or whole.")
@click.argument("run", metavar="RUN", default="last")
@click.option("--format", "formats", metavar="LIST", help=f"{FORMATS_HELP} In place of the summary.")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the report here, not to stdout.",
)
@_BASE_URL
@history_options
def show(
    url: str | None,
    config: Path | None,
    base_url: str | None,
    run: str,
    formats: str | None,
    output_dir: Path | None,
) -> None:
    """Show a run: an id or the start of one, last, last-good or baseline.

    Example: `probe history show last --format html --output-dir last-night`
    """
    from probe.cli.histories import base_url_said, open_for_reading
    from probe.cli.output import hand_over, show_report
    from probe.history.resolve import is_id
    from probe.masking import Mask
    from probe.report.formats import formats_from
    from probe.report.write import FORMATS

    names = formats_from("html,json" if formats is None else formats)
    with open_for_reading(url, config) as history:
        report = history.load(history.find(run, None if is_id(run) else base_url_said(base_url, config)).id)
    if output_dir is not None:
        hand_over(report, names, ready_folder(output_dir), Mask(), quiet=True)
    elif formats is None:
        show_report(report, quiet=False)
    else:
        for name in names:
            for chunk in FORMATS[name][1](report):
                click.echo(chunk, nl=False)


@command.command(name="timeline", short_help="Say since when an operation works or fails.")
@click.argument("globs", metavar="GLOB...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_BASE_URL
@history_options
def timeline(
    url: str | None, config: Path | None, base_url: str | None, form: str, globs: tuple[str, ...]
) -> None:
    """Say of each operation when it last worked and when it first failed.

    Example: `probe history timeline "users.*"`
    """
    from probe.cli.histories import base_url_said, open_for_reading
    from probe.history.text import timeline_lines

    with open_for_reading(url, config) as history:
        found = history.timeline(globs, _organization(history, base_url_said(base_url, config)))
    if not found:
        raise InputError(
            f"No run has an operation that fits {' '.join(globs)}.", "`probe catalog list` shows them."
        )
    if form == "json":
        _print_json(found)
        return
    for line in timeline_lines(found, shutil.get_terminal_size((80, 24)).columns):
        click.echo(line)


@command.command(name="export")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else stdout.")
@_BASE_URL
@history_options
def export(url: str | None, config: Path | None, base_url: str | None, output: Path | None) -> None:
    """Print every run whole, as one line of JSON each.

    Example: `probe history export --output runs.jsonl`
    """
    from probe.cli.histories import open_for_reading
    from probe.masking import Mask
    from probe.report.write import write_artefact

    with open_for_reading(url, config) as history:
        chosen = None if base_url is None else _organization(history, _said(base_url))
        lines = (f"{line}\n" for line in history.export(base_url=chosen))
        if output is not None:
            with placed_by("--output"):
                write_artefact(output, lines, Mask())
            return
        for line in lines:
            click.echo(line, nl=False)


@command.command(name="import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
)
@history_options
def import_runs(url: str | None, config: Path | None, files: tuple[Path, ...]) -> None:
    """Take in what `export` printed, or the report.json of a scan. What is there already stays.

    Example: `probe history import runs.jsonl`
    """
    from probe.cli.histories import history_location
    from probe.cli.output import counted
    from probe.history.store import open_history

    with open_history(history_location(url, config)) as history:
        for path in files:
            done = _import_file(history, path)
            click.echo(f"{path}: {counted(done.added, 'run')} added, {done.known} there before.")


def _import_file(history: History, path: Path) -> Imported:
    from probe.errors import about, short_reason
    from probe.history.model import Imported
    from probe.report.jsonfile import parse_report

    try:
        with click.open_file(str(path), encoding="utf-8") as file, about(path):
            lines = iter(file)
            first = next(lines, "")
            if "probe_history" in first[:40]:
                return history.import_(_chained(first, lines))
            added = history.add(parse_report(first + "".join(lines)))
            return Imported(added=int(added), known=int(not added))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read: {short_reason(error)}.", "Give an export, or a report.json."
        ) from None


def _chained(first: str, lines: Iterable[str]) -> Iterator[str]:
    yield first
    yield from lines


@command.command(name="prune")
@click.option("--keep", required=True, metavar="TIME", help="How far back runs stay: 90d, 12w or 2y.")
@history_options
def prune(url: str | None, config: Path | None, keep: str) -> None:
    """Remove old runs. The pinned baseline and the last good run of each organization stay.

    Example: `probe history prune --keep 90d`
    """
    from datetime import UTC, datetime

    from probe.cli.histories import open_for_reading
    from probe.cli.output import counted

    days = _days(keep)
    with open_for_reading(url, config) as history:
        done = history.prune(days, datetime.now(UTC))
    click.echo(f"{counted(done.removed, 'run')} removed, {done.kept} kept.")


def _days(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,5})([dwy])", text.strip().lower())
    if not found:
        raise UsageError(f"--keep {text} is no time.", "Write a number and d, w or y, such as 90d.")
    return int(found[1]) * _DAYS[found[2]]


def _said(base_url: str | None) -> str | None:
    from probe.history.origins import plain_url

    return plain_url(base_url) if base_url else None


def _organization(history: History, said: str | None) -> str:
    """Return the organization that was named, or the only one there is. Raises InputError."""
    found = history.organization(said, "a timeline")
    if found is None:
        raise InputError("The history has no run.", "`probe scan` records one.")
    return found


def _print_json(value: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
    sys.stdout.flush()
