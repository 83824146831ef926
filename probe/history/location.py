"""Where the history is: a URL, checked, with its password out of sight.

Comes in: what the command line, probe.toml and the environment say. Goes out: a Location. Opens no
database and loads none of its libraries. Mistakes are ConfigErrors that never repeat a password.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from probe.errors import ConfigError
from probe.secret import Secret

VARIABLE = "PROBE_HISTORY"
_FORMS = "Write sqlite:///PATH or postgresql://USER@HOST/DATABASE; a secret one as env:VARIABLE."
_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
_FILE_NAME = "history.db"


class Dialect(StrEnum):
    """The databases that can hold a history."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Location(Struct, frozen=True, kw_only=True):
    """A checked address. `shown` is for people and holds no password; `path` is that of a SQLite file."""

    dialect: Dialect
    url: Secret
    shown: str
    path: Path | None = None


def locate(
    said: str | None = None,
    configured: str | None = None,
    environ: Mapping[str, str] = os.environ,
    base: Path | None = None,
) -> Location:
    """Return where the history is.

    What the command line said comes first, then the variable PROBE_HISTORY, then probe.toml (whose
    relative paths start at `base`, its folder), then a file in the user's data folder.
    """
    if said is not None:
        return parse_location(said, environ)
    if environ.get(VARIABLE):
        return parse_location(f"env:{VARIABLE}", environ)
    if configured is not None:
        return parse_location(configured, environ, base)
    return sqlite_location(default_path())


def default_path() -> Path:
    """Return the file in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("plan-probe", appauthor=False) / _FILE_NAME


def sqlite_location(path: Path) -> Location:
    """Return the location of a SQLite file."""
    absolute = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links
    return Location(
        dialect=Dialect.SQLITE, url=Secret(f"sqlite:///{absolute}"), shown=str(absolute), path=absolute
    )


def parse_location(text: str, environ: Mapping[str, str] = os.environ, base: Path | None = None) -> Location:
    """Check a URL, or `env:VARIABLE` that holds one. Raises ConfigError."""
    if text.startswith("env:"):
        name = text.removeprefix("env:")
        text = environ.get(name, "")
        if not text:
            raise ConfigError(
                f"The variable {name} is to hold the history's address, but is empty or not set.", _FORMS
            )
    scheme, separator, rest = text.strip().partition("://")
    if not separator:
        raise ConfigError("The history's address is no URL.", _FORMS)
    if scheme.lower() == "sqlite":
        return _sqlite(rest, base or Path())
    if scheme.lower() in _POSTGRESQL:
        return _postgresql(rest)
    raise ConfigError("The history's address begins with a scheme that is not known.", _FORMS)


def _sqlite(rest: str, base: Path) -> Location:
    path = rest.removeprefix("/")
    if path == rest or path in {"", ":memory:"} or "\0" in path or path.endswith("/"):
        raise ConfigError("The history's address names no file.", "Write sqlite:///PATH.")
    return sqlite_location(base / Path(path).expanduser())


def _postgresql(rest: str) -> Location:
    try:
        parts = urlsplit(f"postgresql://{rest}")
        port = parts.port
    except ValueError:
        raise ConfigError(
            "The history's address cannot be read as a URL.",
            "In a user's name or password, write special characters as %40 and the like.",
        ) from None
    if not parts.path.strip("/"):
        raise ConfigError("The history's address names no database.", _FORMS)
    return Location(
        dialect=Dialect.POSTGRESQL,
        url=Secret(f"postgresql+psycopg://{rest}"),
        shown=_shown(parts, port),
    )


def _shown(parts: SplitResult, port: int | None) -> str:
    """Return the address without password and query, either of which can hold a secret."""
    user = f"{parts.username}@" if parts.username else ""
    host = f"{parts.hostname or ''}{f':{port}' if port else ''}"
    return f"postgresql://{user}{host}{unquote(parts.path)}"
