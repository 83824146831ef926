"""`probe schema`: the JSON Schema of report.json."""

from __future__ import annotations

import json

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of report.json.

    \b
    Example:
      probe schema > report.schema.json
    """
    from probe.report.schema import report_schema

    click.echo(json.dumps(report_schema(), indent=2))
