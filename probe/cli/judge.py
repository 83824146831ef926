"""`probe judge`: a saved run, judged again without a network and without a token."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--catalog", metavar="NAME|FILE", help="The catalog to judge by.  [default: the run's vendor]")
@click.option(
    "--format", "formats", metavar="LIST", help="Report formats, separated by commas.  [default: json]"
)
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

    RUN may also be the journal that a scan leaves when it is cut off (journal.jsonl).

    \b
    Example:
      probe judge reports/example.retool.com/2026-11-24T06-15-01Z/report.json --format html

    Without --output-dir the JSON goes to stdout. The same version gives the same bytes.
    """
    from probe.catalog.load import load_catalog
    from probe.cli.output import exit_code_of, hand_over, show_report
    from probe.errors import ArtefactError
    from probe.journal import is_journal, read_journal
    from probe.masking import Mask
    from probe.pipeline import anonymized, judge, judge_again
    from probe.report.formats import formats_from
    from probe.report.jsonfile import parse_report
    from probe.report.write import FORMATS, prepare_folder

    text = _text_of(run)
    if is_journal(text):
        gathered = read_journal(text)
        known = load_catalog(gathered.target.vendor if catalog is None else catalog)
        report, mask = judge(gathered, known), Mask()
    else:
        saved = parse_report(text)
        known = load_catalog(saved.target.vendor if catalog is None else catalog)
        report, mask = judge_again(saved, known), Mask()
    if anonymize:
        report, mask = anonymized(report, known, mask)
    names = formats_from("json" if formats is None else formats)
    if summary:
        show_report(report, quiet=False)
    elif output_dir is not None:
        prepare_folder(output_dir)
        return hand_over(report, names, output_dir, mask, quiet=True)
    else:
        for name in names:
            text = "".join(FORMATS[name][1](report))
            if mask.found_in(text):
                raise ArtefactError("Nothing was printed: a name that is to stay out would have stood in it.")
            click.echo(text, nl=False)
    return exit_code_of(report)


def _text_of(path: Path) -> str:
    from probe.errors import InputError, short_reason

    try:
        if str(path) == "-":
            return _decoded(sys.stdin.buffer.read())
        return _decoded(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read: {short_reason(error)}.",
            "Give a report.json or a journal.jsonl of a scan.",
        ) from None


def _decoded(raw: bytes) -> str:
    """Return the text; what a cut left of a character at the very end is dropped."""
    return codecs.getincrementaldecoder("utf-8")().decode(raw).replace("\r\n", "\n")
