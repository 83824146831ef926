"""Where a command writes: folders made ready, and errors that name the command's own option.

Comes in: a folder or the work of writing. Goes out: the same. What cannot be written ends with exit code
1 in every command; what would help is said with the option that this command has for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from probe.errors import UnwritableError

if TYPE_CHECKING:
    from probe.settings import Prepared

OUTPUT_DIR = "--output-dir"
FORMATS_HELP = "Report formats, separated by commas: html, json, md, junit, csv, har, or all."


@contextmanager
def placed_by(option: str) -> Iterator[None]:
    """Name the option that says where to write, where something cannot be written."""
    try:
        yield
    except UnwritableError as error:
        raise UnwritableError(error.message, f"Make room, or choose another place with {option}.") from None


def ready_folder(folder: Path) -> Path:
    """Return the folder of `--output-dir`, made and tried. Raises UnwritableError."""
    from probe.report.write import prepare_folder

    with placed_by(OUTPUT_DIR):
        prepare_folder(folder)
    return folder


def folder_of_run(prepared: Prepared) -> Path:
    """Return the folder that a scan writes to, made and tried. Raises UnwritableError."""
    from probe.report.write import claim_run_folder

    with placed_by(OUTPUT_DIR):
        folder = prepared.output_dir or claim_run_folder(Path("reports"), prepared.request.origin)
    return ready_folder(folder)
