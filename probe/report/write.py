"""Writes finished artefacts: whole or not at all, for the owner only, checked once more for secrets.

Comes in: a path, text in pieces, the run's mask. Goes out: a file. The last gate before a disk.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from probe.errors import ArtefactError, UnwritableError, short_reason
from probe.masking import Mask
from probe.report.host import run_folder
from probe.report.model import Report

__all__ = ["FORMATS", "claim_run_folder", "prepare_folder", "run_folder", "write_artefact", "write_by"]

_OWNER_ONLY = 0o700
_TRIAL = 4096
_BLOCK = 256 * 1024
_PART = ".part"
_LONGEST_WRITE_S = 3600  # nobody writes one file for so long


def _html(report: Report) -> Iterable[str]:
    from probe.report.html import stream_html

    return stream_html(report)


def _json(report: Report) -> Iterable[str]:
    from probe.report.jsonfile import stream_json

    return stream_json(report)


def _md(report: Report) -> Iterable[str]:
    from probe.report.markdown import render_markdown

    return (render_markdown(report),)


def _junit(report: Report) -> Iterable[str]:
    from probe.report.junit import stream_junit

    return stream_junit(report)


def _csv(report: Report) -> Iterable[str]:
    from probe.report.table import stream_csv

    return stream_csv(report)


def _har(report: Report) -> Iterable[str]:
    from probe.report.har import stream_har

    return stream_har(report)


# Each format of `formats.NAMES`: the name of its file, and what makes its text in pieces.
FORMATS: dict[str, tuple[str, Callable[[Report], Iterable[str]]]] = {
    "html": ("report.html", _html),
    "json": ("report.json", _json),
    "md": ("report.md", _md),
    "junit": ("report.junit.xml", _junit),
    "csv": ("report.csv", _csv),
    "har": ("report.har", _har),
}


def prepare_folder(folder: Path, file: Path | None = None) -> None:
    """Create a folder, readable by the owner only, and make sure that a file can be written there.

    A folder that exists keeps its rights. Raises ArtefactError where either cannot be done; it names the
    file that is to be written there, where there is one.
    """
    try:
        for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            missing.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(bytes(_TRIAL))  # a full disk still makes names
    except OSError as error:
        raise _unwritable(file or folder, error) from None


def claim_run_folder(root: Path, origin: str) -> Path:
    """Create the folder of a run that starts now and return it; two scans of one second get one each.

    Raises ArtefactError where it cannot be created.
    """
    while True:
        folder = run_folder(root, origin)
        prepare_folder(folder.parent)
        try:
            folder.mkdir(mode=_OWNER_ONLY)
        except FileExistsError:
            continue
        except OSError as error:
            raise _unwritable(folder, error) from None
        return folder


def write_artefact(path: Path, chunks: Iterable[str], mask: Mask) -> None:
    """Write `chunks` to `path`: complete and free of the mask's secrets, or not at all.

    The text goes to a temporary file beside it, mode 0600, which takes the final name at the very
    end. Raises ArtefactError where it cannot be written, or was held back because a secret stands
    in it; the error names the file and never the secret.
    """

    def fill(raw: IO[bytes]) -> None:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
        _write_checked(file, chunks, mask, path)
        file.flush()
        file.detach()

    write_by(path, fill)


def write_by(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file by `fill`, which checks what it writes: whole or not at all, mode 0600.

    Raises ArtefactError where it cannot be written; what `fill` raises is raised, and nothing is left.
    """
    prepare_folder(path.parent, path)
    _remove_left_over(path)
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_PART)
        with os.fdopen(descriptor, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        if temporary:
            with suppress(OSError):  # a disk that became read-only keeps it
                Path(temporary).unlink(missing_ok=True)


def _remove_left_over(path: Path) -> None:
    """Remove what a killed writer of this file left beside it: checked text, but of no use to anybody."""
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            ours = entry.name.startswith(f".{path.name}.") and entry.name.endswith(_PART)
            if ours and time.time() - entry.stat(follow_symlinks=False).st_mtime > _LONGEST_WRITE_S:
                Path(entry.path).unlink(missing_ok=True)


def _write_checked(file: IO[str], chunks: Iterable[str], mask: Mask, path: Path) -> None:
    for block in blocks_of_lines(chunks):
        if mask.found_in(block):
            raise ArtefactError(
                f"{path} was not written: a secret, or a name that is to stay out, would have stood in it.",
                "This is a fault in the masking, and nothing left the machine. Please report it.",
            )
        file.write(block)


def blocks_of_lines(chunks: Iterable[str]) -> Iterator[str]:
    """Join pieces into blocks that end with a line, so that no secret lies across two blocks.

    A secret travels in a header, so neither it nor any form of it holds a line feed.
    """
    pending: list[str] = []
    size = 0
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size >= _BLOCK and "\n" in chunk:
            whole, feed, rest = "".join(pending).rpartition("\n")
            yield whole + feed
            pending, size = [rest], len(rest)
    if pending:
        yield "".join(pending)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> UnwritableError:
    return UnwritableError(
        f"{path} could not be written: {short_reason(error)}.", "Make room, or write somewhere else."
    )
