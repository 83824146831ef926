"""A run's journal: its evidence, a line for each answer, so that a scan that is cut off loses none.

Comes in: the steps of a scan, masked already. Goes out: an append-only file of JSON lines, for the
owner only; and, by `read_journal`, the Run that such a file holds. Never stops a scan: what the disk
refuses is kept in memory and tried again with the next line.

The first line says what was meant to be asked (`Header`), then comes one for each finished exchange
(`Seen`), and at the end one that says how the scan ended (`Closing`). One write for each line, which
outlives the process by any end; nothing waits for the disk, so a power cut may take the last seconds.
"""

from __future__ import annotations

import itertools
import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import assert_never

import msgspec
from msgspec import Struct

from probe import __version__
from probe.errors import InputError, short_reason
from probe.evidence import CUT_OFF, Run
from probe.gathering import Closing, Opening, Seen, Step, assemble
from probe.jsonbytes import encoded
from probe.masking import Mask

NAME = "journal.jsonl"
VERSION = 1
_HELD_BACK = "a secret, or a part of one, would have stood in a line, which was held back"
# O_BINARY: where there is text of another kind, a line feed would grow.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
_MARK = '{"type":"journal",'
_NEXT_STEP = "Give the journal or the report.json of a scan."


class Header(Struct, frozen=True, kw_only=True, tag="journal", tag_field="type"):
    """The first line: the version of this form, the tool that wrote it, and what it meant to ask."""

    version: int
    tool: str
    opening: Opening


class Journal:
    """Writes one run's journal into a folder, from the first step on; a file of its own, never another's.

    `path` is the file, or None where there is none. `problem` says why a line is missing, or is empty.
    `answers` counts those that came, `missing` those of them that are not in the file.
    """

    def __init__(self, folder: Path, mask: Mask) -> None:
        self.path: Path | None = None
        self.problem = ""
        self.answers = 0
        self._folder = folder
        self._mask = mask
        self._file = -1
        self._size = 0
        self._waiting: list[tuple[bytes, int]] = []
        self._dropped = 0

    @property
    def missing(self) -> int:
        """How many answers are not in the file."""
        return self._dropped + sum(answers for _line, answers in self._waiting)

    def note(self, step: Step) -> None:
        """Write a step. Raises nothing for what a disk does."""
        match step:
            case Opening():
                self._open(_line(Header(version=VERSION, tool=__version__, opening=step)))
            case Seen():
                self.answers += 1
                self._add(_line(step), 1)
            case Closing():
                self._add(_line(step), 0)
            case _:
                assert_never(step)

    def close(self) -> None:
        """Leave the file as it is, safe from a power cut too."""
        if self._file >= 0:
            with suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            self._file = -1

    def discard(self) -> None:
        """Remove the file: the reports hold everything."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
            self.path = None

    def told(self) -> str:
        """Say where what was gathered stands now, what is lost of it, and what to do next."""
        if self.path is None:
            why = self.problem or "nothing was asked"
            return f"There is no journal ({why}): what stands in no written report is lost."
        if not self.missing:
            return f"All of the evidence stands in {self.path}; {next_step(self.path)}"
        kept = self.answers - self.missing
        return (
            f"{kept} of {self.answers} answers stand in {self.path}, the others are lost ({self.problem}); "
            f"{next_step(self.path)}"
        )

    def _open(self, line: bytes) -> None:
        if self._mask.found_in(line.decode()):
            self.problem = _HELD_BACK
            return
        try:
            self.path, self._file = _new_file(self._folder)
        except OSError as error:
            self.problem = short_reason(error)
            return
        self._add(line, 0)

    def _add(self, line: bytes, answers: int) -> None:
        """Write a line with those that still wait; the disk may have room again."""
        if self._file < 0:
            self._dropped += answers
        elif self._mask.found_in(line.decode()):
            self.problem = _HELD_BACK
            self._dropped += answers
        else:
            self._waiting.append((line, answers))
            self._write()

    def _write(self) -> None:
        try:
            while self._waiting:
                _write_whole(self._file, self._waiting[0][0])
                self._size += len(self._waiting.pop(0)[0])
        except OSError as error:
            self.problem = short_reason(error)
            with suppress(OSError):
                os.ftruncate(self._file, self._size)  # no part of a line stays to spoil the next


def journals_in(folder: Path) -> tuple[Path, ...]:
    """Return the journals in a folder: of scans that were cut off, or still run."""
    stem, _, ending = NAME.rpartition(".")
    return tuple(sorted(folder.glob(f"{stem}*.{ending}")))


def next_step(path: Path) -> str:
    """Say how the report is made from a journal."""
    return f"`probe judge {shlex.quote(str(path))} --format html --output-dir DIR` makes the report of it."


def is_journal(text: str) -> bool:
    """Return whether a text begins as a journal does."""
    return text.startswith(_MARK)


def read_journal(text: str) -> Run:
    """Return the run that a journal holds, as far as it came.

    A last line that was cut is left out. Raises InputError where the text is no journal, one of a
    newer version, or damaged before its end.
    """
    steps = _steps(text)
    header = steps[0] if steps else None
    if not isinstance(header, Header):
        raise _damaged("its first line says nothing of what was to be asked")
    if header.version > VERSION:
        raise InputError(
            f"The journal has version {header.version}; this version of probe reads up to {VERSION}.",
            "Read it with the version that wrote it, or a newer one.",
        )
    seen = [step for step in steps if isinstance(step, Seen)]
    _check(header.opening, seen)
    ended = next((step for step in steps if isinstance(step, Closing)), None)
    return assemble(header.opening, seen, ended or _cut_off(header.opening, seen))


def _cut_off(opening: Opening, seen: list[Seen]) -> Closing:
    """Return what can be said of the end of a scan that could not say it itself."""
    versions = [item.server_version for item in seen if item.server_version]
    last = seen[-1] if seen else None
    return Closing(
        finished_at=last.finished_at if last else opening.started_at,
        duration_s=last.duration_s if last else 0.0,
        complete=False,
        reason=CUT_OFF,
        server_version=versions[-1] if versions else "",
        requests_sent=last.requests_sent if last else {},
    )


def _steps(text: str) -> list[Header | Seen | Closing]:
    """Return the lines that can be read; what cannot must stand at the end, where the writer was cut off."""
    decoder = msgspec.json.Decoder(Header | Seen | Closing)
    steps: list[Header | Seen | Closing] = []
    broken = 0
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            step = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
            broken = broken or number
            continue
        if broken:
            raise _damaged(f"its line {broken} cannot be read") from None
        steps.append(step)
    return steps


def _check(opening: Opening, seen: list[Seen]) -> None:
    """Raise InputError where the lines do not fit together as a scan always leaves them."""
    wanted = set(opening.planned)
    named = wanted | {(item.operation, item.token) for item in opening.skipped}
    tokens = {token.name for token in opening.tokens}
    asked = [(item.exchange.operation, item.exchange.token) for item in seen if item.exchange.role is None]
    if not opening.tokens:
        raise _damaged("it has no tokens")
    if any(not item.exchange.attempts for item in seen):
        raise _damaged("something was asked without any attempt")
    if len(asked) != len(set(asked)) or not set(asked) <= wanted:
        raise _damaged("it holds an answer twice, or one that was not to be asked")
    if any(operation not in opening.operations or token not in tokens for operation, token in named):
        raise _damaged("it names an operation or a token that it does not list")


def _damaged(what: str) -> InputError:
    return InputError(f"The journal is damaged or was edited: {what}.", _NEXT_STEP)


def _line(record: Struct) -> bytes:
    return encoded(record) + b"\n"


def _new_file(folder: Path) -> tuple[Path, int]:
    """Create a file that is not there yet; another's journal is evidence that nobody has read."""
    stem, _, ending = NAME.rpartition(".")
    for number in itertools.count(1):
        path = folder / (NAME if number == 1 else f"{stem}-{number}.{ending}")
        with suppress(FileExistsError):
            return path, os.open(path, _NEW, 0o600)
    raise AssertionError  # the numbers do not end


def _write_whole(file: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(file, rest) :]
