"""`probe init`: writes a commented probe.toml."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probe.catalog.model import Vendor

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEMPLATE = Template("""\
# What `probe scan` asks, and how. Everything here can be said on the command line instead.

# The organization's own address, as it is opened in the browser.
$base_url

# Ask only these operations (globs over ids and groups); all of them when empty.
# only = ["users.*", "user_invites.*"]

# Where reports go; by default reports/HOST/TIME, one folder for each scan.
# output_dir = "reports/latest"
# formats = ["html", "json"]

# A PEM file of certificate authorities to trust beside the system's, for a private one.
# ca_bundle = "company-ca.pem"
# Replace the organization's host and name in everything that is written.
# anonymize = true

# One table for each token; the name stands in the report, the secret never does.
# Say where the secret comes from, with one of:
#   env  = "VARIABLE"              an environment variable
#   file = "PATH"                  a file that holds the token alone
#   cmd  = "op read op://it/probe" a command that prints it, such as a password manager's
# `scopes` are those that the token was given: they tell a missing scope from a missing plan.
# `probe catalog list` shows which operation needs which scope.
[tokens.$name]
env = "$variable"
scopes = []

# Each scan is recorded: by default in a SQLite file in your user's data folder.
[history]
# enabled = false
# url = "sqlite:///history.db"
# A PostgreSQL that several machines share; "env:VARIABLE" where the address holds a password.
# url = "postgresql://probe@db.example.com/probe"

[limits]
# Probes at a time, and requests a minute for all tokens together (a number, or "off").
# $reason
concurrency = 8
requests_per_minute = $per_minute
# Seconds.
connect_timeout = 10.0
first_byte_timeout = 30.0
body_timeout = 30.0
# Bytes of a body that are read; the rest is not.
body_cap = 1048576
# How often a read is asked again after a connection error, a 429 or a 503, and the longest pause
# that the server may ask for, in seconds.
retries = 2
retry_after_cap = 60.0

[regression]
# What a scan is compared with: "last-good", "baseline" (the pinned run), an id, a file. A loss then
# ends with exit code 10. It is asked again so often before it counts, after so many seconds.
# baseline = "last-good"
# Whether a run named by its id or file is of this organization, which has moved to another address.
# same_organization = true
confirm = 2
confirm_after = 5.0
# fail_on = ["lost", "expectation", "not-measured"]

[expect]
# What must hold, whatever was before; else exit code 11.
# plan_at_least = "business"
# allow = ["user_invites.*"]
# block = []
""")


@click.command()
@click.option("--base-url", metavar="URL", help="The organization's address.")
@click.option("--token-name", default="admin", show_default=True, help="The name of the first token.")
@click.option("--token-env", metavar="VARIABLE", help="The environment variable that holds it.")
@click.option(
    "--catalog", metavar="NAME|FILE", default="retool", show_default=True, help="The vendor's catalog."
)
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("probe.toml"),
    show_default=True,
    help="The file to write.",
)
@click.option(
    "--allow-http",
    is_flag=True,
    help="Allow a plain http:// base URL, and write so; tokens travel in clear text.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(
    base_url: str | None,
    token_name: str,
    token_env: str | None,
    catalog: str,
    path: Path,
    allow_http: bool,
    yes: bool,
    force: bool,
) -> None:
    """Write a commented probe.toml, asking for what it needs.

    \b
    Example:
      probe init --base-url https://example.retool.com --yes
    """
    from probe.catalog.load import load_catalog
    from probe.errors import UnwritableError, UsageError, short_reason
    from probe.target import origin_of

    if path.exists() and not force:
        raise UsageError(
            f"{path} is there already.", "Use --force to replace it, or --file for another name."
        )
    if not yes and not _can_ask():
        raise UsageError("There is no terminal to ask on.", "Use --base-url and --yes.")
    vendor = load_catalog(catalog).vendor

    def origin(text: str) -> str:
        return origin_of(text, vendor, allow_http=allow_http)

    address = None if base_url is None else origin(base_url)
    token_name = _token_name(token_name)
    variable = _variable(f"{vendor.id.upper().replace('-', '_')}_TOKEN" if token_env is None else token_env)
    if not yes:
        address = address or click.prompt("Base URL", value_proc=_asked(origin))
        token_name = click.prompt("Name of the first token", token_name, value_proc=_asked(_token_name))
        if token_env is None:
            question = "Environment variable that holds it"
            variable = click.prompt(question, variable, value_proc=_asked(_variable))
    text = _TEMPLATE.substitute(
        base_url=_address_lines(address, vendor, allow_http=allow_http),
        name=token_name,
        variable=variable,
        per_minute=vendor.requests_per_minute,
        reason=vendor.requests_per_minute_reason,
    )
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise UnwritableError(
            f"{path} could not be written: {short_reason(error)}.", "Choose another place with --file."
        ) from None
    click.echo(f"Wrote {path}.")
    first = "" if address else f"write your address into {path}, "
    click.echo(f"Next: {first}set {variable}, then run `{_scan_with(path)}`.", err=True)


def _scan_with(path: Path) -> str:
    """Return the command that scans with this file."""
    import shlex

    from probe.config import DEFAULT_FILE

    return "probe scan" if path == Path(DEFAULT_FILE) else f"probe scan --config {shlex.quote(str(path))}"


def _can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _asked(check: Callable[[str], str]) -> Callable[[str], str]:
    """Let a prompt ask again, with the error's own sentence, for what `check` refuses."""
    from probe.errors import ConfigError

    def checked(text: str) -> str:
        try:
            return check(text)
        except ConfigError as error:
            raise click.UsageError(f"{error.message} {error.hint}") from None

    return checked


def _token_name(text: str) -> str:
    from probe.tokens import token_from_option

    return token_from_option(f"{text}=env:X", {}).name


def _variable(text: str) -> str:
    from probe.errors import ConfigError

    if _VARIABLE.fullmatch(text):
        return text
    raise ConfigError(
        "An environment variable's name consists of letters, digits and `_`, and begins with no digit.",
        "For example: API_TOKEN",
    )


def _address_lines(address: str | None, vendor: Vendor, *, allow_http: bool) -> str:
    """Return the file's lines for the address; without one, an example that stays a comment."""
    lines = [f'base_url = "{address}"' if address else f'# base_url = "{vendor.base_url_example}"']
    if allow_http:
        lines += ["# Tokens may travel in clear text.", "allow_http = true"]
    return "\n".join(lines)
