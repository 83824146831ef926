"""`probe explain`: one raw response, explained.

Comes in: a file or standard input. Goes out: kind, cause, confidence, rule and reason on stdout. Sends
nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probe.explain import Explanation

_MOST_BYTES = 64 * 1024 * 1024


@click.command()
@click.argument("file", default="-", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--method", help="The method that was sent.  [default: GET, or the HAR entry's]")
@click.option("--path", help="The path that was asked.  [default: the HAR entry's]")
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A raw response of a route that cannot exist; may be repeated.",
)
@click.option("--catalog", metavar="NAME|FILE", help="Use a vendor's message patterns and operations.")
@click.option("--entry", type=click.IntRange(min=1), metavar="N", help="Which entry of a HAR file, from 1.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
def command(
    file: Path,
    method: str | None,
    path: str | None,
    controls: tuple[Path, ...],
    catalog: str | None,
    entry: int | None,
    form: str,
) -> None:
    """Explain one raw response: what it is, why it came back, and which rule says so.

    \b
    Examples:
      curl -si https://example.com/api/v2/users | probe explain
      curl -si https://example.com/api/v2/no-such-route > control.txt
      probe explain answer.txt --control control.txt --path /api/v2/users --format json

    FILE is what `curl -si` prints, or a HAR file; `-` is standard input.
    """
    from probe.explain import explain

    loaded = None
    if catalog:
        from probe.catalog.load import load_catalog

        loaded = load_catalog(catalog)
    found = explain(
        _bytes_of(file),
        method=method or "",
        path=path or "",
        controls=tuple(_bytes_of(control) for control in controls),
        catalog=loaded,
        entry=entry,
    )
    click.echo(_as_json(found) if form == "json" else _as_text(found))


def _bytes_of(file: Path) -> bytes:
    from probe.errors import InputError, short_reason

    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(_MOST_BYTES)
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {short_reason(error)}.", "Give a file that `curl -si URL` wrote."
        ) from None


def _as_json(found: Explanation) -> str:
    import json

    import msgspec

    return json.dumps(msgspec.to_builtins(found), indent=2)


def _as_text(found: Explanation) -> str:
    lines = [
        ("kind", found.kind.value),
        ("cause", found.cause.value),
        ("confidence", found.confidence.value),
        ("status", str(found.status or "not known")),
        ("rule", found.rule),
        ("reason", found.reason),
        ("next best", found.runner_up),
        ("to be sure", found.settle),
        *(("note", note) for note in found.notes),
    ]
    return "\n".join(f"{name + ':':12}{text}" for name, text in lines if text)
