"""What went wrong with a database, in one sentence and the next step.

Comes in: a driver's error. Goes out: a HistoryError. The driver's text is read but never repeated.
"""

from __future__ import annotations

import sqlite3

from probe.errors import HistoryError
from probe.history.location import Dialect, Location

_SQLITE = {
    "BUSY": ("is locked by another program", "Try again when that one has ended."),
    "LOCKED": ("is locked by another program", "Try again when that one has ended."),
    "FULL": ("has no room left on its disk", "Make room, or name another file with --history."),
    "READONLY": ("may not be written", "Check the rights of the file and its folder."),
    "NOTADB": ("is no SQLite database", "Name another file with --history; this one was left as it is."),
    "CORRUPT": ("is damaged", "Put it aside or restore a copy; the next scan then begins a new one."),
    "CANTOPEN": ("cannot be opened", "Check the rights of the file and its folder."),
    "IOERR": ("cannot be read or written by its disk", "Check the disk."),
    "PERM": ("may not be used", "Check the rights of the file and its folder."),
}
# SQLSTATE by its first characters, the longest first: PostgreSQL, appendix A.
_STATES = {
    "28P01": ("the password is wrong", "Correct the address."),
    "28": ("the user may not log in", "Check the user and its password."),
    "3D000": ("there is no such database", "Create it, or correct the address."),
    "42501": ("the user lacks a right there", "Grant the user CREATE on the schema, once."),
    "53100": ("its disk is full", "Make room on the server."),
    "53300": ("it has too many connections", "Try again later."),
    "25006": ("it may only be read", "Name the primary server."),
    "3F000": ("the user has no schema to create tables in", "Grant it one: USAGE and CREATE."),
    "55P03": ("another program holds a lock there", "Try again when that one has ended."),
    "57P03": ("it is starting or stopping", "Try again in a moment."),
}
# An error before the log-in carries no SQLSTATE, only text (in English, or else the last line holds).
_TEXTS = {
    "password authentication failed": _STATES["28P01"],
    "no password supplied": ("it asks for a password", "Give the address as env:VARIABLE with a password."),
    "no pg_hba.conf entry": _STATES["28"],
    "does not exist": ("there is no such database or user", "Create it, or correct the address."),
    "too many clients": _STATES["53300"],
    "starting up": _STATES["57P03"],
    "shutting down": _STATES["57P03"],
    "certificate": ("its certificate is not trusted", "Check sslmode and sslrootcert in the address."),
    "invalid connection option": ("the address has an option that is not known", "Correct the address."),
    "invalid uri query parameter": ("the address has an option that is not known", "Correct the address."),
}
_UNREACHABLE = ("the server cannot be reached", "Check the address, and that the server runs.")
_OTHER = ("the database refused", "Look into the server's log.")


def trouble_with(error: BaseException | None, location: Location) -> HistoryError:
    """Return what a driver's error means for this history."""
    if location.dialect is Dialect.SQLITE:
        what, step = _of_sqlite(error)
        return HistoryError(f"The history {location.shown} {what}.", step)
    what, step = _of_postgresql(error)
    return HistoryError(f"The history at {location.shown} cannot be used: {what}.", step)


def _of_sqlite(error: BaseException | None) -> tuple[str, str]:
    name = (getattr(error, "sqlite_errorname", "") or "") if isinstance(error, sqlite3.Error) else ""
    code = name.removeprefix("SQLITE_").split("_")[0]
    return _SQLITE.get(code, (f"cannot be used ({name or 'unknown error'})", "Name another file."))


def _of_postgresql(error: BaseException | None) -> tuple[str, str]:
    state = getattr(error, "sqlstate", None) or ""
    for start in sorted(_STATES, key=len, reverse=True):
        if state.startswith(start):
            return _STATES[start]
    if state:
        return f"{_OTHER[0]} ({state})", _OTHER[1]
    said = str(error).lower()
    return next((meaning for words, meaning in _TEXTS.items() if words in said), _UNREACHABLE)
