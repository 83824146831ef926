"""What a fleet begins with: what its scans share, and the folder that its rows go to.

Comes in: what the command line says. Goes out: FleetOptions, and an open ledger. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from probe.fleet.ledger import Ledger
    from probe.fleet.model import Fleet
    from probe.fleet.run import FleetOptions
    from probe.history.location import Location


def shared_options(options: dict[str, Any], total: int, at_once: int) -> tuple[FleetOptions, Location | None]:
    """Return what all scans share, but for the folder, and where the history is."""
    from probe.catalog.load import load_catalog
    from probe.config import DEFAULT_FILE, ConfigFile, read_config
    from probe.errors import ConfigError
    from probe.fleet.run import FleetOptions, share_out
    from probe.history.resolve import is_file, is_id
    from probe.settings import ScanOptions, catalog_name, history_of, require_match

    ours = {"output_dir", "processes", "spaces_of", "space_domain", "notify"}
    said = ScanOptions(**{name: value for name, value in options.items() if name not in ours})
    path = said.config or Path(DEFAULT_FILE)
    config = read_config(path) if said.config or path.exists() else ConfigFile()
    if config.anonymize:
        raise ConfigError("A fleet's page names its organizations.", "Take anonymize out of the file.")
    from msgspec.structs import replace

    where = history_of(said, config, path.parent)
    name = catalog_name(said, config)
    catalog = load_catalog(name)
    require_match(said, config, catalog)
    organizations, each = share_out(total, at_once, min(config.limits.concurrency, total))
    baseline = config.regression.baseline or ("last-good" if where is not None else None)
    allow_http = said.allow_http or config.allow_http
    # A name means each organization's own run, so that a new one simply has none yet.
    same = None if baseline is not None and (is_file(baseline) or is_id(baseline)) else False
    # The tokens are those of the entries.
    scan = replace(
        said,
        concurrency=each,
        baseline=baseline,
        same_organization=same,
        allow_http=allow_http,
        tokens=(),
        scopes=(),
    )
    shared = FleetOptions(
        scan=scan,
        catalog=catalog,
        catalog_name=str(Path(name).absolute()) if Path(name).is_file() else name,
        folder=Path(),
        organizations_at_once=organizations,
        processes=options["processes"],
    )
    return shared, where


def fleet_from(path: Path | None, options: dict[str, Any], shared: FleetOptions) -> Fleet:
    """Return the organizations of a list, or an organization with its spaces; say what is left out."""
    from probe.errors import UsageError
    from probe.fleet.reading import read_fleet

    if (path is None) == (options["spaces_of"] is None):
        raise UsageError(
            "A fleet is a list's file or --spaces-of URL, one of the two.", "See `probe fleet --help`."
        )
    if path is None:
        return _spaces(options, shared)
    if options["tokens"] or options["scopes"] or options["space_domain"]:
        raise UsageError(
            "--token, --scopes and --space-domain belong to --spaces-of.",
            "In a list, each organization has its own.",
        )
    fleet = read_fleet(path, shared.catalog.vendor, allow_http=shared.scan.allow_http)
    _say_bad(fleet, str(path))
    return fleet


def _say_bad(fleet: Fleet, source: str) -> None:
    from probe.cli.output import say

    for entry in fleet.bad:
        named = f" ({entry.name})" if entry.name else ""
        place = f"{source}, {entry.where} {entry.line}{named}"
        say(f"{place} is left out: {entry.reason} {entry.hint}".rstrip())


def _spaces(options: dict[str, Any], shared: FleetOptions) -> Fleet:
    """Ask an organization for its spaces. Its tokens are those of the command line or of probe.toml."""
    import asyncio

    from msgspec.structs import replace

    from probe.cli.output import say
    from probe.config import DEFAULT_FILE, ConfigFile, read_config
    from probe.fleet.entries import reference_to
    from probe.fleet.spaces import WENT_ON, fleet_of, list_spaces, listing_of
    from probe.settings import prepare, token_sources

    vendor = shared.catalog.vendor
    said = replace(
        shared.scan,
        base_url=options["spaces_of"],
        tokens=options["tokens"],
        scopes=options["scopes"],
        only=(listing_of(vendor).operation,),
    )
    path = said.config or Path(DEFAULT_FILE)
    config = read_config(path) if path.exists() else ConfigFile()
    tokens = tuple(reference_to(source, path.parent) for source in token_sources(said, config))
    prepared = prepare(said, catalog=shared.catalog)
    listed = asyncio.run(list_spaces(prepared))
    origin, http = prepared.request.origin, said.allow_http
    fleet = fleet_of(origin, listed, tokens, vendor, options["space_domain"], allow_http=http)
    _say_bad(fleet, origin)
    if listed.partial:
        say(WENT_ON)
    return fleet


@contextmanager
def ledger_in(output_dir: Path | None, *, resume: bool) -> Iterator[Ledger]:
    """Give the fleet run to go on with, or a new one, in a folder that is ours meanwhile.

    Raises UsageError.
    """
    from probe.cli.output import say
    from probe.cli.placing import OUTPUT_DIR, placed_by
    from probe.errors import UsageError
    from probe.fleet.hold import held
    from probe.report.write import claim_run_folder, prepare_folder

    if resume and output_dir is None:
        raise UsageError("--resume needs --output-dir.", "Name the folder of the run to go on with.")
    with placed_by(OUTPUT_DIR):
        folder = output_dir or claim_run_folder(Path("reports"), "fleet")
        prepare_folder(folder)
    with held(folder) as warning:
        if warning:
            say(warning)
        with _opened(folder, resume=resume) as ledger:
            yield ledger


def _opened(folder: Path, *, resume: bool) -> Ledger:
    import secrets

    from probe.errors import UsageError
    from probe.fleet.ledger import begin, go_on
    from probe.scan.clock import utc_now

    ledger = go_on(folder)
    if ledger is not None:
        if resume and not ledger.ended:
            return ledger
        ledger.close()
        if not ledger.ended:
            raise UsageError(
                f"{folder} holds a fleet run that was not finished.",
                "Add --resume to go on with it, or choose another folder.",
            )
    return begin(folder, secrets.token_hex(8), utc_now())
