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
    from probe.fleet.run import FleetOptions
    from probe.history.location import Location


def shared_options(options: dict[str, Any], total: int, at_once: int) -> tuple[FleetOptions, Location | None]:
    """Return what all scans share, but for the folder, and where the history is."""
    from probe.catalog.load import load_catalog
    from probe.config import DEFAULT_FILE, ConfigFile, read_config
    from probe.errors import ConfigError
    from probe.fleet.run import FleetOptions, share_out
    from probe.settings import ScanOptions, catalog_name, history_of

    ours = {"output_dir", "processes"}
    said = ScanOptions(**{name: value for name, value in options.items() if name not in ours})
    path = said.config or Path(DEFAULT_FILE)
    config = read_config(path) if said.config or path.exists() else ConfigFile()
    if config.anonymize:
        raise ConfigError("A fleet's page names its organizations.", "Take anonymize out of the file.")
    from msgspec.structs import replace

    where = history_of(said, config, path.parent)
    name = catalog_name(said, config)
    organizations, each = share_out(total, at_once, min(config.limits.concurrency, total))
    baseline = config.regression.baseline or ("last-good" if where is not None else None)
    scan = replace(said, concurrency=each, baseline=baseline, allow_http=said.allow_http or config.allow_http)
    shared = FleetOptions(
        scan=scan,
        catalog=load_catalog(name),
        catalog_name=str(Path(name).absolute()) if Path(name).is_file() else name,
        folder=Path(),
        organizations_at_once=organizations,
        processes=options["processes"],
    )
    return shared, where


@contextmanager
def ledger_in(output_dir: Path | None, *, resume: bool) -> Iterator[Ledger]:
    """Give the fleet run to go on with, or a new one, in a folder that is ours meanwhile.

    Raises UsageError.
    """
    from probe.cli.output import say
    from probe.errors import UsageError
    from probe.fleet.hold import held
    from probe.report.write import claim_run_folder

    if resume and output_dir is None:
        raise UsageError("--resume needs --output-dir.", "Name the folder of the run to go on with.")
    folder = output_dir or claim_run_folder(Path("reports"), "fleet")
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
