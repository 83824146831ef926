"""What a fleet run has finished: one line for each organization, so that a killed run goes on.

Comes in: rows, one at a time, already free of secrets. Goes out: `fleet.jsonl`, append-only, for the
owner only; and the rows again, one at a time, so that their number costs no memory. In memory is only
where each organization's latest line stands.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Self, TypeAlias

import msgspec

from probe import __version__
from probe.errors import ArtefactError, InputError, short_reason
from probe.fleet.model import Ending, Opening, Organization, Row
from probe.jsonbytes import encoded
from probe.masking import Mask
from probe.report.model import Tool
from probe.report.write import prepare_folder, write_artefact

NAME = "fleet.jsonl"
VERSION = 1
_Line: TypeAlias = Opening | Row | Ending


class Ledger:
    """The rows of one fleet run, in a folder. A context manager: leaving it closes the file.

    `run` is the fleet run's id and `started_at` its beginning; `ended` says whether it was finished,
    `resumed` whether it was begun by another process.
    """

    def __init__(self, path: Path, opening: Opening, file: IO[bytes]) -> None:
        self.path = path
        self.run, self.started_at = opening.run, opening.started_at
        self.ended = self.resumed = False
        self._file = file
        self._places: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def add(self, row: Row) -> None:
        """Append a row; it outlives the process from here on. Raises ArtefactError, and leaves no part."""
        self._places[row.id] = self._append(row)

    def end(self, finished_at: str) -> None:
        """Say that every organization has its row. Raises ArtefactError."""
        if not self.ended:
            self._append(Ending(finished_at=finished_at))
            self.ended = True

    def row(self, organization: Organization) -> Row | None:
        """Return an organization's latest row, or None."""
        place = self._places.get(organization.id)
        if place is None:
            return None
        self._file.seek(place)
        return msgspec.json.decode(self._file.readline(), type=Row)

    def rows(self, organizations: Iterable[Organization]) -> Iterator[Row]:
        """Yield the rows that are there, in the order of the organizations, reading one at a time."""
        for organization in organizations:
            row = self.row(organization)
            if row is not None:
                yield row

    def _append(self, line: Row | Ending) -> int:
        end = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(encoded(line) + b"\n")
        except OSError as error:
            self._file.truncate(end)
            raise ArtefactError(
                f"{self.path} could not be written: {short_reason(error)}.",
                "Make room, then run the same command with --resume.",
            ) from None
        return end

    def take_in(self) -> None:
        """Read what the file holds; a last line that was cut is taken away. Raises InputError."""
        self._file.seek(0)
        place = 0
        for text in self._file:
            if not text.endswith(b"\n"):
                self._file.truncate(place)
                break
            line = _line(text, self.path)
            match line:
                case Row():
                    self._places[line.id] = place
                case Ending():
                    self.ended = True
                case Opening():
                    pass
            place += len(text)


def begin(folder: Path, run: str, started_at: str) -> Ledger:
    """Begin a fleet run in a folder, in place of one that stands there. Raises ArtefactError."""
    prepare_folder(folder)
    path = folder / NAME
    opening = Opening(
        version=VERSION, run=run, started_at=started_at, tool=Tool(name="plan-probe", version=__version__)
    )
    write_artefact(path, [encoded(opening).decode(), "\n"], Mask())
    return Ledger(path, opening, _opened(path))


def go_on(folder: Path) -> Ledger | None:
    """Return the fleet run that a folder holds, to be gone on with, or None where there is none.

    Raises InputError where the file is damaged or of a newer version.
    """
    path = folder / NAME
    if not path.exists():
        return None
    file = _opened(path)
    try:
        ledger = Ledger(path, _checked_opening(file.readline(), path), file)
        ledger.take_in()
        ledger.resumed = True
    except BaseException:
        file.close()
        raise
    return ledger


def _checked_opening(text: bytes, path: Path) -> Opening:
    opening = _line(text, path)
    if not isinstance(opening, Opening):
        raise _damaged(path)
    if opening.version > VERSION:
        raise InputError(
            f"{path} has version {opening.version}; this version of probe reads up to {VERSION}.",
            "Go on with the version that wrote it, or choose another folder.",
        )
    return opening


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("r+b", buffering=0)
    except OSError as error:
        raise ArtefactError(
            f"{path} cannot be opened: {short_reason(error)}.", "Check the file and its rights."
        ) from None


def _line(text: bytes, path: Path) -> _Line:
    try:
        line: _Line = msgspec.json.decode(text, type=_Line)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise _damaged(path) from None
    return line


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged or was edited.", "Choose another folder with --output-dir.")
