"""Where a fleet's organizations are asked from: this process, or the workers of an engine.

Comes in: what the command line says. Goes out: a Cluster, or none. Loads the engine's libraries never.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probe.fleet.cluster import Cluster
    from probe.fleet.run import FleetOptions


def cluster_for(
    engine: str, scheduler: str | None, workers: int | None, shared: FleetOptions
) -> Cluster | None:
    """Return the cluster to ask from, or None for this process. Raises UsageError or ConfigError."""
    from probe.errors import UsageError

    if engine != "dask":
        if scheduler or workers:
            raise UsageError("--scheduler and --workers belong to --engine dask.", "Add it, or leave them.")
        return None
    import os

    from probe.config import DEFAULT_FILE, ConfigFile, read_config
    from probe.fleet.cluster import Cluster
    from probe.fleet.task import history_reference

    scan = shared.scan
    if shared.processes is not None:
        raise UsageError("--processes belongs to --engine here.", "Dask has --workers.")
    if scan.no_history:
        raise UsageError("With --engine dask, results go to the history.", "Leave --no-history out.")
    path = scan.config or Path(DEFAULT_FILE)
    config = read_config(path) if path.exists() else ConfigFile()
    return Cluster(
        scheduler=scheduler or "",
        workers=workers or 0,
        catalog=shared.catalog_name,
        history=history_reference(scan.history, config.history.url, os.environ),
    )
