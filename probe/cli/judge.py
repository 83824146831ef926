"""`probe judge`: a saved run, judged again without a network and without a token."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probe.cli.placing import FORMATS_HELP, ready_folder

if TYPE_CHECKING:
    from probe.catalog.model import Catalog
    from probe.report.model import Report


@click.command()
@click.argument("run", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--catalog", metavar="NAME|FILE", help="The catalog to judge by.  [default: the run's vendor]")
@click.option("--format", "formats", metavar="LIST", help=f"{FORMATS_HELP}  [default: json]")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the report here, not to stdout.",
)
@click.option("--anonymize", is_flag=True, help="Replace the organization's host and name.")
@click.option("--summary", is_flag=True, help="Print the short summary instead.")
def command(
    run: Path,
    catalog: str | None,
    formats: str | None,
    output_dir: Path | None,
    anonymize: bool,
    summary: bool,
) -> int:
    """Judge a saved run (report.json) again, with this version's rules.

    RUN may also be the run's folder, or the journal that a scan leaves when it is cut off
    (journal.jsonl).

    \b
    Example:
      probe judge reports/example.retool.com/2026-11-24T06-15-01Z/report.json --format html

    Without --output-dir the JSON goes to stdout. The same version gives the same bytes.
    """
    from probe.cli.output import exit_code_of, hand_over, show_report
    from probe.errors import ArtefactError
    from probe.masking import Mask
    from probe.pipeline import anonymized
    from probe.report.formats import formats_from
    from probe.report.write import FORMATS

    report, known = _judged(_file_of(run), catalog)
    mask = Mask()
    if anonymize:
        report, mask = anonymized(report, known, mask)
    names = formats_from("json" if formats is None else formats)
    if summary:
        show_report(report, quiet=False)
    elif output_dir is not None:
        return hand_over(report, names, ready_folder(output_dir), mask, quiet=True)
    else:
        for name in names:
            text = "".join(FORMATS[name][1](report))
            if mask.found_in(text):
                raise ArtefactError("Nothing was printed: a name that is to stay out would have stood in it.")
            click.echo(text, nl=False)
    return exit_code_of(report)


def _file_of(run: Path) -> Path:
    """Return the file to judge: of a run's folder, its report, or the journal where there is none."""
    if not run.is_dir():
        return run
    report, journal = run / "report.json", run / "journal.jsonl"
    return journal if journal.is_file() and not report.is_file() else report


def _judged(path: Path, catalog: str | None) -> tuple[Report, Catalog]:
    """Judge what a file holds; return the catalog that was used with it."""
    from probe.catalog.load import load_catalog
    from probe.errors import about
    from probe.evidence import Run
    from probe.journal import is_journal, read_journal
    from probe.pipeline import judge, judge_again
    from probe.report.jsonfile import parse_report

    text = _text_of(path)
    with about(path):
        read = read_journal(text) if is_journal(text) else parse_report(text)
    known = load_catalog(read.target.vendor if catalog is None else catalog)
    return (judge(read, known) if isinstance(read, Run) else judge_again(read, known)), known


def _text_of(path: Path) -> str:
    from probe.errors import InputError, short_reason

    try:
        if str(path) == "-":
            return _decoded(sys.stdin.buffer.read())
        return _decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read: {short_reason(error)}.",
            "Give a report.json or a journal.jsonl of a scan.",
        ) from None


def _decoded(raw: bytes) -> str:
    """Return the text; what a cut left of a character at the very end is dropped."""
    return codecs.getincrementaldecoder("utf-8")().decode(raw).replace("\r\n", "\n")
