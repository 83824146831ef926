"""The name of a run's folder: `<host>/<UTC time>/` below the folder of all reports.

Comes in: an origin and a time. Goes out: a path that every file system takes. Creates nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

# Names that Windows keeps for devices, with or without an extension.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_LONGEST = 120


def host_folder(origin: str) -> str:
    """Return a file name for the host of an origin.

    >>> host_folder("https://example.retool.com"), host_folder("http://127.0.0.1:8080")
    ('example.retool.com', '127.0.0.1_8080')
    """
    try:
        netloc = urlsplit(origin if "//" in origin else f"//{origin}").netloc.rpartition("@")[2]
    except ValueError:  # brackets around what is no address
        netloc = ""
    safe = re.sub(r"[^a-z0-9.-]+", "_", netloc.lower()).strip("._-")[:_LONGEST]
    if not safe:
        return "unknown-host"
    return f"host-{safe}" if _DEVICES.match(safe) else safe


def time_folder(at: datetime) -> str:
    """Return a file name for a time; names sort as their times do.

    >>> time_folder(datetime(2026, 11, 24, 6, 15, 1, tzinfo=UTC))
    '2026-11-24T06-15-01Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}"


def run_folder(root: Path, origin: str, at: datetime | None = None) -> Path:
    """Return the folder of a run that starts `at` (now, where not said), one that is not there yet."""
    folder = root / host_folder(origin) / time_folder(at or datetime.now(UTC))
    candidate, number = folder, 2
    while candidate.exists():
        candidate, number = folder.with_name(f"{folder.name}-{number}"), number + 1
    return candidate
