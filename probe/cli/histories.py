"""How the commands open the history when they need it, and where the configuration says it is.

Comes in: what the command line says. Goes out: an open History, or None. Loads the database's
libraries only when it opens one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from probe.config import DEFAULT_FILE

if TYPE_CHECKING:
    from probe.history.store import History


def open_if_there(url: str | None, config: Path | None = None) -> History | None:
    """Open the history for reading; None where nobody named one and none was ever written."""
    from probe.config import read_config
    from probe.errors import InputError
    from probe.history.location import locate
    from probe.history.store import open_history

    path = config or Path(DEFAULT_FILE)
    entry = read_config(path) if config is not None or path.exists() else None
    configured = getattr(entry, "history", None)
    location = locate(url, configured, base=path.parent)
    try:
        return open_history(location, must_exist=True)
    except InputError:
        if url is not None:
            raise
        return None


def base_url_said(base_url: str | None, config: Path | None = None) -> str | None:
    """Return the organization's address, of the command line or of probe.toml, as reports have it."""
    from probe.config import read_config

    path = config or Path(DEFAULT_FILE)
    if base_url is None and (config is not None or path.exists()):
        base_url = read_config(path).base_url
    return base_url.rstrip("/") if base_url else None
