"""`probe embed`: the one real embed call, on request.

Comes in: a token, a page, groups, a person. Goes out: whether an embed address came back, on stdout,
and never the address.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from probe.embed import EmbedOutcome
    from probe.scan.consented import Consented


@click.command()
@click.option(
    "--token",
    required=True,
    metavar="NAME|NAME=env:VAR",
    help="Ask with this token of probe.toml, or with one given as for `probe scan`.",
)
@click.option("--landing-page-uuid", "page", required=True, metavar="UUID", help="The page to embed.")
@click.option("--group-ids", "groups", required=True, metavar="N,N", help="The groups of the person.")
@click.option(
    "--external-identifier", "person", required=True, metavar="ID", help="Your own id of the person."
)
@click.option("--config", type=click.Path(path_type=Path), help="Read this file instead of ./probe.toml.")
@click.option("--base-url", metavar="URL", help="The organization's address.")
@click.option("--catalog", metavar="NAME|FILE", help="The vendor's catalog.  [default: retool]")
@click.option("--allow-http", is_flag=True, help="Allow a plain http:// base URL.")
@click.option(
    "--ca-bundle", type=click.Path(path_type=Path), help="Trust the authorities in this PEM file too."
)
@click.option("--yes", is_flag=True, help="Send it without a question.")
@click.option("--dry-run", is_flag=True, help="Print the request; send nothing.")
def command(
    token: str,
    page: str,
    groups: str,
    person: str,
    yes: bool,
    dry_run: bool,
    **more: Any,  # noqa: ANN401 - click passes what the options say
) -> int:
    """Make one real embed address, to see whether this token may embed.

    \b
    Example:
      probe embed --token embedder --landing-page-uuid 00000000-0000-4000-8000-000000000000 \\
        --group-ids 12 --external-identifier user1 --dry-run

    It is the only command that sends a write which takes effect, so it asks first. The address is not
    shown and not written anywhere. Exit code 3 means that none came back.
    """
    import asyncio

    from probe.embed import make_embed, request_text
    from probe.errors import ExitCode
    from probe.scan.consented import EmbedWish, embed_call
    from probe.settings import ScanOptions, prepare

    name, given, _ = token.partition("=")
    prepared = prepare(ScanOptions(tokens=(token,) if given else (), **more), only_token=name)
    request = prepared.request
    wish = EmbedWish(page=_plain(page), groups=_numbers(groups), person=_plain(person))
    consented = embed_call(request.catalog, wish, request.tokens[0])
    if dry_run:
        click.echo(request_text(consented, request.origin))
        return ExitCode.DONE
    _confirm(consented, request.origin, yes=yes)
    outcome = asyncio.run(
        make_embed(
            consented, request.origin, request.limits, prepared.mask, request.catalog, request.ca_bundle
        )
    )
    click.echo(_told(outcome, name))
    return ExitCode.DONE if outcome.made else ExitCode.INCONCLUSIVE


def _plain(text: str) -> str:
    from probe.errors import UsageError

    if not text.strip() or not text.isprintable():
        raise UsageError("The page and the person need an id in plain characters.", "See: probe embed --help")
    return text.strip()


def _numbers(text: str) -> tuple[int, ...]:
    from probe.errors import UsageError

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):  # noqa: PLR2004 - as many digits as fit 64 bits
        raise UsageError("--group-ids needs whole numbers.", "For example: --group-ids 12,15")
    return tuple(map(int, parts))


def _confirm(consented: Consented, origin: str, *, yes: bool) -> None:
    """Say what the call does; go on only with consent. Raises UsageError where nobody can be asked."""
    from probe.cli.agenda import require_yes
    from probe.errors import UsageError

    click.echo(
        f"One real request will be sent, once: {consented.call.method} {origin}{consented.call.path}.\n"
        f"{consented.embed.effect}",
        err=True,
    )
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "This call takes effect and needs consent, and there is no terminal to ask on.",
            "Look at it with --dry-run, then add --yes.",
        )
    require_yes("Send it?")


def _told(outcome: EmbedOutcome, name: str) -> str:
    if outcome.made:
        return (
            f"Yes: an embed address came back for token {name} (HTTP {outcome.status}). It was not kept; "
            "it works once, so ask for a new one from your backend."
        )
    status = f"HTTP {outcome.status}" if outcome.status else "no answer"
    lines = [
        f"No embed address came back for token {name} ({status}).",
        *(f"  the server says: {message}" for message in outcome.messages[:3]),
        f"  cause: {outcome.cause.value} (rule {outcome.rule}): {outcome.reason}",
        *([f"  what to check: {outcome.advice}"] if outcome.advice else []),
        *([f"  to be sure: {outcome.settle}"] if outcome.settle else []),
    ]
    return "\n".join(lines)
