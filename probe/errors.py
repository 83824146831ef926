"""Every error that a user can cause, and the exit codes.

ProbeError                 one clear sentence and the next step; never a traceback
|-- UsageError             the command line or configuration is wrong (exit 2)
|   |-- ConfigError        probe.toml, a token source, the base URL
|   |-- CatalogError       a catalog that cannot be read or is not safe to use
|   `-- InputError         a file given to read (a run, a raw response) is not what it should be
|-- InconclusiveError      nothing could be concluded: unreachable, every token refused (exit 3)
|-- HistoryError           the history cannot be reached, read or written (exit 1)
`-- ArtefactError          a finished file was held back (exit 1)
    `-- UnwritableError    a file or folder could not be written (exit 1)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says when it ends. A crash never shares a number with a finding."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    INCONCLUSIVE = 3
    REGRESSION = 10
    EXPECTATION = 11
    INTERRUPTED = 130


class ProbeError(Exception):
    """An error with a next step.

    `message` is one sentence that says what is wrong; `hint` says what to do next, or is empty.
    """

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ProbeError):
    """The command or its configuration is wrong."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """The configuration is wrong: a key, a token source, the base URL."""


class CatalogError(UsageError):
    """A catalog cannot be read, does not fit its model, or is not safe to use."""


class InputError(UsageError):
    """A file that was given to read is not what it should be."""


class InconclusiveError(ProbeError):
    """The scan could not reach any conclusion."""

    exit_code = ExitCode.INCONCLUSIVE


class ArtefactError(ProbeError):
    """A finished file was held back (it held a secret) or could not be written."""


class UnwritableError(ArtefactError):
    """A file or a folder could not be written. The command line adds which option says where."""


class HistoryError(ProbeError):
    """The history cannot be reached, read or written; the reports of a scan are files all the same."""


@contextmanager
def about(name: object) -> Iterator[None]:
    """Put the name of what is read before an InputError about its content."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{name}: {error.message}", error.hint) from None


# For errors that the system has no words for; the first that fits.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "it took too long"),
    (UnicodeError, "it is not UTF-8 text"),
    (RecursionError, "it is nested too deeply"),
    (MemoryError, "there is not enough memory"),
    (ValueError, "its name or what it holds is not as it should be"),
)


def short_reason(error: Exception) -> str:
    """Return what went wrong in plain words: the system's, or ours; never the error's own text or name."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next((words for kind, words in _WORDS if isinstance(error, kind)), "the system does not say why")
