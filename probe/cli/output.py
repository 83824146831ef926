"""What the commands share when they hand over a report.

Comes in: a Report, warnings. Goes out: lines on stdout and stderr, files by probe.report.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probe.cli.placing import OUTPUT_DIR, placed_by
from probe.cli.streams import silence_stdout, tell
from probe.errors import ArtefactError, ExitCode, UnwritableError

if TYPE_CHECKING:
    from probe.masking import Mask
    from probe.report.model import Report

_LINE = 500


def say(text: str, *, quiet: bool = False) -> None:
    """Print a line about the work, not its result, on stderr."""
    if not quiet:
        tell(text)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 probe`, `2 probes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def show_report(report: Report, *, quiet: bool) -> None:
    """Print the short summary of a report on stdout."""
    from probe.report.terminal import render_terminal

    if quiet:
        return
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size((80, 24)).columns
    click.echo(render_terminal(report, colour=colour, width=width), nl=False)


def hand_over(
    report: Report,
    formats: tuple[str, ...],
    folder: Path,
    mask: Mask,
    *,
    quiet: bool,
    when_written: Callable[[], None] = lambda: None,
) -> ExitCode:
    """Write the report in each format into `folder`, then print the summary and where the files are.

    Files come first, JSON before all as it is the evidence: a reader of stdout that goes away loses
    nothing. `when_written` is called between, once all files are there. Raises ArtefactError after
    everything else, if a file could not be written.
    """
    code = exit_code_of(report)
    written, failed = _write_all(report, formats, folder, mask)
    if not failed:
        when_written()
    try:
        show_report(report, quiet=quiet)
        for path in written:
            click.echo(f"Report: {path}")
    except BrokenPipeError:
        # The reader went away; what the scan found is said by the exit code all the same.
        silence_stdout()
    if quiet:
        say_what_matters(report)
    if failed:
        raise _together(failed)
    return code


def _together(failed: list[ArtefactError]) -> ArtefactError:
    """Return one error for all files that are not there; one that was held back says what to do."""
    worst = next((error for error in failed if not isinstance(error, UnwritableError)), failed[0])
    return type(worst)(" ".join(dict.fromkeys(error.message for error in failed)), worst.hint)


def _write_all(
    report: Report, formats: tuple[str, ...], folder: Path, mask: Mask
) -> tuple[list[Path], list[ArtefactError]]:
    """Write each format; return the files that are there, and what went wrong with the others."""
    from probe.report.write import FORMATS, write_artefact

    written: list[Path] = []
    failed: list[ArtefactError] = []
    for name in sorted(formats, key=lambda name: (name != "json", formats.index(name))):
        file_name, render = FORMATS[name]
        try:
            with placed_by(OUTPUT_DIR):
                write_artefact(folder / file_name, render(report), mask)
        except ArtefactError as error:
            failed.append(error)
        else:
            written.append(folder / file_name)
    return written, failed


def say_what_matters(report: Report) -> None:
    """Say on stderr what must not be missed where the summary is off."""
    from probe.report.changes import ExpectationVerdict
    from probe.report.changes_text import expectation_lines
    from probe.report.coverage import how_far
    from probe.report.display import one_line

    if not report.complete:
        say(f"Incomplete: {how_far(report)}")
    if report.changes is not None and report.changes.took_away:
        say(one_line(report.changes.headline, _LINE))
    failed = [item for item in report.expectations if item.verdict is ExpectationVerdict.FAILED]
    for line in expectation_lines(failed):
        say(line)
    if not report.measured:
        say_not_measured(report)


def say_not_measured(report: Report) -> None:
    """Say on stderr why there is no conclusion, and what to do next: the summary that would say it is off."""
    from probe.report.display import one_line

    say(f"Not measured: {one_line(report.measured_reason, _LINE)}")
    if report.advice:
        say(f"  {one_line(report.advice, _LINE)}")


def exit_code_of(report: Report) -> ExitCode:
    """Return how a scan ends: interrupted, inconclusive, or done."""
    if not report.complete:
        return ExitCode.INTERRUPTED
    return ExitCode.DONE if report.measured else ExitCode.INCONCLUSIVE
