"""What the command line says of an agenda: a dry run, and the question before guarded writes."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from probe.cli.output import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.scan.agenda import Probe
    from probe.scan.request import ScanRequest


def show_agenda(request: ScanRequest) -> None:
    """Print everything that a scan would send and skip, with reasons. Nothing is sent."""
    from probe.report.display import one_line

    probes = [probe for wave in request.agenda.waves for probe in wave]
    click.echo(f"Would ask {request.origin}, besides the controls, {counted(len(probes), 'probe')}:")
    for probe in probes:
        click.echo(_line(probe))
    for line in _controls(request):
        click.echo(line)
    if unchecked := _unchecked(request):
        click.echo(one_line(unchecked))
    reasons: dict[tuple[str, str], list[str]] = {}
    for item in request.agenda.skipped:
        reasons.setdefault((item.operation, item.reason), []).append(item.token)
    click.echo(f"Would skip {len(request.agenda.skipped)}:")
    for (operation_id, reason), tokens in reasons.items():
        operation = request.catalog.by_id[operation_id]
        said = one_line(f"tokens {', '.join(tokens)}: {reason}")
        click.echo(f"  {operation.id} ({operation.method} {operation.path})  {said}")


def _controls(request: ScanRequest) -> Iterator[str]:
    """Yield the controls that every scan sends, with one name for all that will be random."""
    from probe.scan.controls import (
        ROUTES_PER_METHOD,
        anonymous_controls,
        closing_controls,
        garbage_token,
        no_such_routes,
        token_controls,
    )

    writes = writes_in(request)
    controls = (
        *anonymous_controls(request.catalog, _random_name),
        *token_controls(request.catalog, request.tokens, garbage_token(), _random_name),
        *no_such_routes(request.catalog, request.tokens[0], sorted(writes), _random_name),
        *closing_controls(request.catalog, request.tokens),
    )
    yield f"Controls, {counted(len(controls), 'request')}; a random name is made for each RANDOM:"
    for control in controls:
        token = f"token {control.call.token.name}" if control.call.token else "no token"
        yield f"  {control.call.method:6} {control.call.path}  {token}"
    if writes:
        number = counted(ROUTES_PER_METHOD * len(writes), "write")
        yield f"Of these, {number} to routes that cannot exist."
        yield "Writes go out last, and only if some read was answered with JSON."
    yield "After the fact, some reads are sent again: what met a page, failed or looks lost. No write is."


def _random_name() -> str:
    return "no-such-route-RANDOM"


def _line(probe: Probe) -> str:
    """Return one request; a write as it goes over the wire, with its body and why it must be refused."""
    from urllib.parse import urlencode

    from probe.catalog.model import Hazard
    from probe.report.display import one_line
    from probe.scan.calls import operation_call
    from probe.scan.discovery import sentinel

    operation = probe.operation
    if operation.hazard is Hazard.READ:
        query = "?" + urlencode(operation.ask.query) if operation.ask.query else ""
        return f"  {operation.method:6} {operation.path}{query}  token {probe.token}  {operation.id}"
    call = operation_call(operation, tuple(sentinel(item) for item in operation.ask.ids), None)
    body = f"  body {call.body}" if call.body else ""
    sent = f"{call.method:6} {call.path}{body}"
    return f"  {sent}  token {probe.token}  {operation.id} ({one_line(operation.ask.refusal)})"


def writes_in(request: ScanRequest) -> Counter[str]:
    """Count the writes that a scan would send by method: those on the agenda, and those of the controls.

    For each write method in use, the controls send it to a few routes that cannot exist.
    """
    from probe.scan.calls import HARMLESS_METHODS
    from probe.scan.controls import ROUTES_PER_METHOD

    asked = Counter(
        probe.operation.method
        for wave in request.agenda.waves
        for probe in wave
        if probe.operation.method not in HARMLESS_METHODS
    )
    return asked + Counter(dict.fromkeys(asked, ROUTES_PER_METHOD))


def _unchecked(request: ScanRequest) -> str:
    """Say for how many operations a catalog's own word is all that there is, or return an empty text."""
    from probe.catalog.describe import taken_at_its_word
    from probe.catalog.known import unchecked_writes
    from probe.catalog.load import built_in_catalogs

    asked = {probe.operation.id for wave in request.agenda.waves for probe in wave}
    found = unchecked_writes(request.catalog, built_in_catalogs())
    return taken_at_its_word([item for item in found if item.id in asked])


def confirm_writes(request: ScanRequest, *, yes: bool) -> None:
    """Say how many writes will be sent and why they cannot take effect; go on only with consent.

    Raises UsageError where nobody can be asked and `yes` was not said.
    """
    from probe.errors import UsageError
    from probe.report.display import one_line

    writes = writes_in(request)
    if not writes:
        return
    methods = ", ".join(f"{count} {method}" for method, count in sorted(writes.items()))
    unchecked = _unchecked(request)
    why = "By the catalog, none can take effect: " if unchecked else "None can take effect: "
    click.echo(
        f"{writes.total()} guarded writes will be sent, each once: {methods}. {why}each names ids or a route "
        "that cannot exist, or leaves out what the vendor's document requires; none carries a value.",
        err=True,
    )
    if unchecked:
        click.echo(one_line(unchecked), err=True)
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "Guarded writes need consent, and there is no terminal to ask on.",
            "Look at them with --dry-run, then add --yes.",
        )
    require_yes("Send them?")


def require_yes(question: str) -> None:
    """Ask on the terminal; say that nothing was sent, and end the command, unless the answer is yes."""
    from probe.errors import ExitCode

    if not click.confirm(question, err=True):
        click.echo("Nothing was sent.", err=True)
        raise click.exceptions.Exit(ExitCode.INTERRUPTED)
