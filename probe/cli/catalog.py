"""`probe catalog`: read and check what is known of the vendor's API.

Comes in: a catalog's name or file. Goes out: text or JSON on stdout. Sends nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, TypeVar

import click

from probe.catalog.model import Catalog, Operation
from probe.errors import ExitCode, UsageError

_NEAREST = 3
F = TypeVar("F", bound=Callable[..., Any])


def _catalog_option(function: F) -> F:
    return click.option(
        "--catalog",
        "name",
        default="retool",
        show_default=True,
        metavar="NAME|FILE",
        help="A built-in catalog, or a folder, .json or .toml file.",
    )(function)


def _format_option(text: str) -> Callable[[F], F]:
    return click.option(
        "--format",
        "form",
        type=click.Choice([text, "json"]),
        default=text,
        show_default=True,
        help="How to print it.",
    )


@click.group(name="catalog")
def command() -> None:
    """Read and check what is known of the vendor's API.

    Example: `probe catalog list --only "users.*"`
    """


@command.command(name="list")
@click.option("--only", multiple=True, metavar="GLOB", help="Ids, groups or `METHOD /path`; may be repeated.")
@click.option("--group", help="One group, by its id.")
@click.option("--plan", help="What is documented for this plan or a lower one.")
@click.option("--hazard", type=click.Choice(["read", "guarded", "unsafe"]), help="One hazard.")
@_format_option("table")
@_catalog_option
def list_operations(
    name: str, form: str, only: tuple[str, ...], group: str | None, plan: str | None, hazard: str | None
) -> None:
    """List operations with their method, hazard and the lowest plan they are documented for.

    Example: `probe catalog list --plan business --hazard read`
    """
    from probe.catalog.describe import operation_table
    from probe.catalog.load import load_catalog
    from probe.scan.agenda import chosen

    catalog = load_catalog(name)
    rank = _rank_of(catalog, plan)
    _check_group(catalog, group)
    listed = tuple(
        operation
        for operation in catalog.operations
        if (not only or any(chosen(operation, glob) for glob in only))
        and group in (None, operation.group)
        and hazard in (None, operation.hazard.value)
        and (rank is None or (operation.plan is not None and catalog.rank[operation.plan] <= rank))
    )
    if form == "json":
        _print_json(listed)
        return
    for line in operation_table(catalog, listed, shutil.get_terminal_size((80, 24)).columns):
        click.echo(line)
    click.echo(
        f"\n{len(listed)} of {len(catalog.operations)} operations." if listed else "No operation fits."
    )


@command.command(name="show")
@click.argument("operation_id", metavar="ID")
@_format_option("text")
@_catalog_option
def show(operation_id: str, name: str, form: str) -> None:
    """Show all facts of one operation, their sources, and how it is asked.

    ID is an id such as users.create, or `METHOD /path` in quotes.

    Example: `probe catalog show users.create`
    """
    from probe.catalog.describe import describe
    from probe.catalog.load import load_catalog

    catalog = load_catalog(name)
    operation = _find(catalog, operation_id)
    if form == "json":
        _print_json(operation)
        return
    width = min(shutil.get_terminal_size((80, 24)).columns, 100)
    for line in describe(catalog, operation, width):
        click.echo(line)


@command.command(name="check")
@_format_option("text")
@_catalog_option
def check(name: str, form: str) -> ExitCode:
    """Check a catalog; exit code 2 if anything is wrong with it.

    Example: `probe catalog check --catalog my-vendor.toml`
    """
    from probe.catalog.check import check_catalog
    from probe.catalog.describe import taken_at_its_word
    from probe.catalog.known import unchecked_writes
    from probe.catalog.load import built_in_catalogs, read_catalog
    from probe.report.display import one_line

    catalog = read_catalog(name)
    problems = check_catalog(catalog, built_in_catalogs())
    if form == "json":
        _print_json(problems)
    else:
        for problem in problems:
            mark = "unsafe to use: " if problem.grave else ""
            click.echo(one_line(f"{problem.where}: {mark}{problem.what}"))
        if word := taken_at_its_word(unchecked_writes(catalog, built_in_catalogs())):
            click.echo(one_line(word))
        found = f"problems: {len(problems)}" if problems else "nothing is wrong"
        click.echo(
            f"{catalog.vendor.title} {catalog.version}, operations: {len(catalog.operations)}, {found}."
        )
    return ExitCode.USAGE if problems else ExitCode.DONE


def _print_json(value: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _rank_of(catalog: Catalog, plan: str | None) -> int | None:
    if plan is None:
        return None
    if plan not in catalog.rank:
        raise UsageError(f"There is no plan {plan!r}.", f"Plans: {', '.join(catalog.rank)}.")
    return catalog.rank[plan]


def _check_group(catalog: Catalog, group: str | None) -> None:
    known = [entry.id for entry in catalog.groups]
    if group is not None and group not in known:
        raise UsageError(
            f"There is no group {group!r}.", _nearest(group, known) or f"Groups: {', '.join(known)}."
        )


def _find(catalog: Catalog, wanted: str) -> Operation:
    routes = {f"{operation.method} {operation.path}": operation for operation in catalog.operations}
    found = catalog.by_id.get(wanted) or routes.get(wanted)
    if found is None:
        hint = _nearest(wanted, list(catalog.by_id)) or "`probe catalog list` lists them."
        raise UsageError(f"There is no operation {wanted!r}.", hint)
    return found


def _nearest(wanted: str, known: list[str]) -> str:
    """Suggest the names that are most like what was typed, or nothing."""
    import difflib

    near = difflib.get_close_matches(wanted, known, n=_NEAREST, cutoff=0.5)
    near = near or [name for name in known if wanted.lower() in name.lower()][:_NEAREST]
    return f"Did you mean {' or '.join(near)}?" if near else ""
