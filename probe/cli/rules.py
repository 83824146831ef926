"""`probe rules`: the diagnosis rules, what each needs to see, and its source.

Comes in: a format. Goes out: a table or JSON on stdout.
"""

from __future__ import annotations

import json
import shutil
import textwrap

import click

_NARROWEST = 30
_TABLE_FROM = 60


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print it.",
)
def command(form: str) -> None:
    """List the diagnosis rules in their order: the first that answers decides.

    Example: `probe rules --format json`
    """
    from probe.judge.rules import RULES

    if form == "json":
        click.echo(json.dumps([_record(place, rule) for place, rule in enumerate(RULES, start=1)], indent=2))
        return
    width = max(_NARROWEST, min(110, shutil.get_terminal_size((100, 24)).columns))
    indent = " " * (12 if width >= _TABLE_FROM else 6)
    for place, rule in enumerate(RULES, start=1):
        title = f"{place:2}. {rule.name} -> {', '.join(rule.causes)}"
        click.echo(textwrap.fill(title, width, subsequent_indent=indent))
        for label, text in (("needs", rule.needs), ("source", rule.source)):
            start = f"    {label + ':':8}"
            click.echo(textwrap.fill(text, width, initial_indent=start, subsequent_indent=indent))


def _record(place: int, rule: object) -> dict[str, object]:
    from probe.judge.rules import Rule

    assert isinstance(rule, Rule)  # noqa: S101 - the table holds nothing else
    return {
        "order": place,
        "name": rule.name,
        "causes": [cause.value for cause in rule.causes],
        "needs": rule.needs,
        "source": rule.source,
    }
