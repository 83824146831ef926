"""Every error that a user can cause, and the exit codes.

ProbeError                 one clear sentence and the next step; never a traceback
|-- UsageError             the command line or configuration is wrong (exit 2)
|   |-- ConfigError        probe.toml, a token source, the base URL
|   |-- CatalogError       a catalog that cannot be read or is not safe to use
|   `-- InputError         a file given to read (a run, a raw response) is not what it should be
|-- InconclusiveError      nothing could be concluded: unreachable, every token refused (exit 3)
|-- HistoryError           the history cannot be reached, read or written (exit 1)
`-- ArtefactError          a finished file was held back or could not be written (exit 1)
"""

from __future__ import annotations

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


class HistoryError(ProbeError):
    """The history cannot be reached, read or written; the reports of a scan are files all the same."""


def short_reason(error: Exception) -> str:
    """Return the operating system's words for an error, or its type's name: never its whole text."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else type(error).__name__
