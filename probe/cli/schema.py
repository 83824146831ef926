"""`probe schema`: the JSON Schema of report.json, or of fleet.json."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--fleet", is_flag=True, help="The schema of fleet.json instead.")
def command(fleet: bool) -> None:
    """Print the JSON Schema of report.json.

    \b
    Example:
      probe schema > report.schema.json
    """
    if fleet:
        from probe.fleet.page import fleet_schema

        schema = fleet_schema()
    else:
        from probe.report.schema import report_schema

        schema = report_schema()
    click.echo(json.dumps(schema, indent=2))
