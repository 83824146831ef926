"""`probe simulate`: keeps the simulated vendor running.

Comes in: the command line. Goes out: the base URL on stdout, how to use it on stderr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from probe.errors import UsageError
from probe.secret import Secret, Token

if TYPE_CHECKING:
    from probe.simulator.app import Simulator
    from probe.simulator.options import Disturbance

_BEHIND = (
    "cloudflare-challenge, waf-block, login, proxy, gateway-502, maintenance, spa-version-old, "
    "ip-allowlist, wrong-base-url, flapping"
)


@click.command()
@click.option("--plan", default="business", show_default=True, help="The organization's plan.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option(
    "--refusal",
    type=click.Choice(["html", "json"]),
    default="html",
    show_default=True,
    help="How it answers what the plan lacks.",
)
@click.option(
    "--latency", "latency_ms", default=0.0, type=click.FloatRange(0), help="Milliseconds per answer."
)
@click.option("--version", "version", default="", help="The server's own version, such as 3.100.0.")
@click.option("--behind", default=None, metavar="NAME", help=f"What stands in front of it: {_BEHIND}.")
@click.option(
    "--fault-rate", default=0.0, type=click.FloatRange(0, 1), help="Share of requests answered 502."
)
@click.option(
    "--catalog",
    "catalog_name",
    metavar="NAME|FILE",
    default="retool",
    show_default=True,
    help="The vendor's catalog.",
)
@click.option(
    "--token",
    "tokens",
    multiple=True,
    metavar="NAME=SECRET:SCOPE,...",
    help="A token to accept instead of the made-up ones.",
)
def command(  # noqa: PLR0913, PLR0917 - one argument for each option
    plan: str,
    host: str,
    port: int,
    refusal: str,
    latency_ms: float,
    version: str,
    behind: str | None,
    fault_rate: float,
    catalog_name: str,
    tokens: tuple[str, ...],
) -> None:
    """Keep a simulated organization running on this machine, to try things on.

    Example: `probe simulate --plan business --port 8080`

    It prints its base URL and accepts made-up tokens; stop it with Ctrl-C.
    """
    from probe.catalog.load import load_catalog
    from probe.simulator.app import Simulator
    from probe.simulator.options import Refusal, SimulatorOptions
    from probe.simulator.serve import serve
    from probe.simulator.tokens import demo_tokens, grants_of

    catalog = load_catalog(catalog_name)
    given = tuple(map(_token, tokens))
    accepted = given or demo_tokens(catalog)
    options = SimulatorOptions(
        plan=plan,
        refusal=Refusal(refusal),
        tokens=grants_of(accepted),
        latency_ms=latency_ms,
        behind=_disturbance(behind),
        version=version,
        fault_rate=fault_rate,
    )
    serve(
        Simulator(options, catalog),
        host,
        port,
        lambda running: _announce(running, accepted, made_up=not given),
    )


def _announce(simulator: Simulator, tokens: tuple[Token, ...], *, made_up: bool) -> None:
    click.echo(simulator.base_url)
    click.echo(f"A simulation of an organization on plan {simulator.plan}. Try:", err=True)
    arguments = []
    for token in tokens:
        variable = f"SIM_{token.name.upper()}"
        shown = token.secret.reveal() if made_up else "..."
        click.echo(f"  export {variable}={shown}", err=True)
        arguments.append(f"--token {token.name}=env:{variable}")
    scan = f"  probe scan --base-url {simulator.base_url} --requests-per-minute off {' '.join(arguments)}"
    click.echo(scan, err=True)


def _token(text: str) -> Token:
    name, equals, rest = text.partition("=")
    secret, _, scopes = rest.partition(":")
    if not (equals and name and secret):
        raise UsageError(
            "A --token is not NAME=SECRET:SCOPE,...", "Such as mine=made-up-text:users:read,groups:read"
        )
    return Token(name=name, secret=Secret(secret), scopes=tuple(filter(None, scopes.split(","))))


def _disturbance(name: str | None) -> Disturbance | None:
    from probe.simulator.options import Disturbance

    if name is None:
        return None
    if name not in set(Disturbance):
        raise UsageError(f"There is no disturbance {name!r}.", f"Choose one of: {', '.join(Disturbance)}.")
    return Disturbance(name)
