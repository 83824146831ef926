"""`probe init`: writes a commented probe.toml."""

from __future__ import annotations

from pathlib import Path
from string import Template

import click

_TEMPLATE = Template("""\
# What `probe scan` asks, and how. Everything here can be said on the command line instead.

# The organization's own address, where people sign in.
base_url = "$base_url"

# Ask only these operations (globs over ids and groups); all of them when empty.
# only = ["users.*", "user_invites.*"]

# Where reports go; by default reports/HOST/TIME, one folder for each scan.
# output_dir = "reports/latest"
# formats = ["html", "json"]

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
""")


@click.command()
@click.option("--base-url", metavar="URL", help="The organization's address.")
@click.option("--token-name", default="admin", show_default=True, help="The name of the first token.")
@click.option("--token-env", metavar="VARIABLE", help="The environment variable that holds it.")
@click.option("--catalog", default="retool", show_default=True, help="The vendor's catalog.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("probe.toml"),
    show_default=True,
    help="The file to write.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(
    base_url: str | None,
    token_name: str,
    token_env: str | None,
    catalog: str,
    path: Path,
    yes: bool,
    force: bool,
) -> None:
    """Write a commented probe.toml, asking for what it needs.

    \b
    Example:
      probe init --base-url https://example.retool.com --yes
    """
    from probe.catalog.load import load_catalog
    from probe.errors import UsageError, short_reason
    from probe.target import origin_of
    from probe.tokens import token_from_option

    if path.exists() and not force:
        raise UsageError(
            f"{path} is there already.", "Use --force to replace it, or --file for another name."
        )
    vendor = load_catalog(catalog).vendor
    variable = token_env or f"{vendor.id.upper()}_TOKEN"
    if not yes:
        base_url = base_url or click.prompt("Base URL", default=vendor.base_url_example)
        token_name = click.prompt("Name of the first token", default=token_name)
        variable = token_env or click.prompt("Environment variable that holds it", default=variable)
    token_from_option(f"{token_name}=env:{variable}", {})
    text = _TEMPLATE.substitute(
        base_url=origin_of(base_url or vendor.base_url_example, vendor, allow_http=True),
        name=token_name,
        variable=variable.replace("\\", "").replace('"', ""),
        per_minute=vendor.requests_per_minute,
        reason=vendor.requests_per_minute_reason,
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {short_reason(error)}.", "Check the folder.") from None
    click.echo(f"Wrote {path}.")
    click.echo(f"Next: set {variable}, then run `probe scan`.", err=True)
