"""`probe bundle`: one zip for a support ticket."""

from __future__ import annotations

from pathlib import Path

import click

from probe.cli.histories import base_url_option


@click.command()
@click.argument("run")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it here.  [default: HOST-TIME.zip]",
)
@click.option("--anonymize", is_flag=True, help="Replace the organization's host and name.")
@click.option(
    "--catalog", metavar="NAME|FILE", help="The catalog, to anonymize.  [default: the run's vendor]"
)
@click.option("--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml.")
@click.option("--history", "url", metavar="URL", help="The history to look the run up in.")
@base_url_option
def command(
    run: str,
    output: Path | None,
    anonymize: bool,
    catalog: str | None,
    config: Path | None,
    url: str | None,
    base_url: str | None,
) -> int:
    """Pack a run into one zip: the HTML report, Markdown to paste, JSON, CSV and HAR.

    RUN is a report.json, its folder, an id of the history, last, or last-good.

    \b
    Example:
      probe bundle reports/example.retool.com/2026-11-24T06-15-01Z

    The same run gives the same bytes. Nothing in it holds a token; --anonymize takes the host out too.
    """
    from probe.cli.placing import placed_by
    from probe.cli.saved import saved_report
    from probe.masking import Mask
    from probe.report.bundle import bundle_name, write_bundle

    _spare(output)
    report, mask = saved_report(run, url, config, base_url), Mask()
    if anonymize:
        from probe.catalog.load import load_catalog
        from probe.pipeline import anonymized

        report, mask = anonymized(report, load_catalog(catalog or report.target.vendor), mask)
    path = output or Path(bundle_name(report))
    with placed_by("-o"):
        write_bundle(path, report, mask)
    click.echo(f"Bundle: {path}")
    return 0


def _spare(output: Path | None) -> None:
    """Raise InputError where a file that is no bundle would be overwritten."""
    import zipfile

    from probe.errors import InputError

    if output is not None and output.is_file() and not zipfile.is_zipfile(output):
        raise InputError(
            f"{output} exists and is no zip file; it was left as it is.", "Give another name with -o."
        )
