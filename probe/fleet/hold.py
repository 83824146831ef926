"""One fleet at a time in a folder: two would write the same rows.

Comes in: a folder. Goes out: a hold on it, which ends with the process at the latest, however that ends.
Sends nothing.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probe.errors import UnwritableError, UsageError, short_reason
from probe.report.write import prepare_folder

NAME = ".fleet.lock"
NOT_GUARDED = "Nothing keeps a second fleet out of this folder here; see that there is only one."
_BUSY = {errno.EAGAIN, errno.EACCES}


@contextmanager
def held(folder: Path) -> Iterator[str]:
    """Keep other fleets out of a folder; give an empty text, or a warning where that cannot be done.

    The system ends the hold of a killed process, so the file that stays behind is no obstacle. Raises
    UsageError where another fleet runs there, ArtefactError where nothing can be written.
    """
    prepare_folder(folder)
    try:
        file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UnwritableError(
            f"{folder / NAME} could not be written: {short_reason(error)}.",
            "Choose another folder with --output-dir.",
        ) from None
    try:
        yield _locked(file, folder)
    finally:
        os.close(file)


def _locked(file: int, folder: Path) -> str:
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        return NOT_GUARDED
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _BUSY:  # some network drives have no locks
            return NOT_GUARDED
        raise UsageError(
            f"Another fleet runs in {folder}.",
            "Wait until it ends, or choose another folder with --output-dir.",
        ) from None
    return ""
