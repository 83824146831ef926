"""What the command line says of an agenda: a dry run, and the question before guarded writes."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from probe.cli.output import counted

if TYPE_CHECKING:
    from probe.scan.agenda import Probe
    from probe.scan.request import ScanRequest


def show_agenda(request: ScanRequest) -> None:
    """Print everything that a scan would send and skip, with reasons. Nothing is sent."""
    from probe.scan.controls import ROUTES_PER_METHOD

    probes = [probe for wave in request.agenda.waves for probe in wave]
    click.echo(f"Would ask {request.origin}, besides the controls, {counted(len(probes), 'probe')}:")
    for probe in probes:
        click.echo(_line(probe))
    if writes := writes_in(request):
        controls = counted(ROUTES_PER_METHOD * len(writes), "write")
        click.echo(f"Of the controls, {controls} to routes that cannot exist.")
    reasons: dict[tuple[str, str], list[str]] = {}
    for item in request.agenda.skipped:
        reasons.setdefault((item.operation, item.reason), []).append(item.token)
    click.echo(f"Would skip {len(request.agenda.skipped)}:")
    for (operation_id, reason), tokens in reasons.items():
        operation = request.catalog.by_id[operation_id]
        click.echo(f"  {operation.method:6} {operation.path}  tokens {', '.join(tokens)}: {reason}")


def _line(probe: Probe) -> str:
    """Return one request; a write as it goes over the wire, with its body and why it must be refused."""
    from probe.catalog.model import Hazard
    from probe.scan.calls import operation_call
    from probe.scan.discovery import sentinel

    operation = probe.operation
    if operation.hazard is Hazard.READ:
        return f"  {operation.method:6} {operation.path}  token {probe.token}"
    call = operation_call(operation, tuple(sentinel(item) for item in operation.ask.ids), None)
    body = f"  body {call.body}" if call.body else ""
    return f"  {call.method:6} {call.path}{body}  token {probe.token}  ({operation.ask.refusal})"


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


def confirm_writes(request: ScanRequest, *, yes: bool) -> None:
    """Say how many writes will be sent and why they cannot take effect; go on only with consent.

    Raises UsageError where nobody can be asked and `yes` was not said.
    """
    from probe.errors import UsageError

    writes = writes_in(request)
    if not writes:
        return
    methods = ", ".join(f"{count} {method}" for method, count in sorted(writes.items()))
    click.echo(
        f"{writes.total()} guarded writes will be sent, each once: {methods}. None can take effect: each "
        "names ids or a route that cannot exist, or carries a body that the vendor's schema rejects.",
        err=True,
    )
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "Guarded writes need consent, and there is no terminal to ask on.",
            "Look at them with --dry-run, then add --yes.",
        )
    click.confirm("Send them?", abort=True, err=True)
