"""What the shape of a request alone says of its danger: ids that cannot exist, paths that mislead.

Comes in: texts and values. Goes out: answers to small questions. The check of a catalog and the client's
lock both ask them, each for itself. Knows no vendor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

READ_METHODS = frozenset({"GET", "HEAD"})
METHODS = READ_METHODS | {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"/(?!/)[^?#\\\s\x00-\x1f\x7f]*")
_OVERRIDES = frozenset({"_method", "x-http-method-override", "x-http-method", "x-method-override"})
# What no server hands out as an id: ten or more nines, twelve or more zeros, the nil UUID, each with
# a prefix of letters or without; or a text that says so itself.
_CANNOT_EXIST = re.compile(
    r"(?:[A-Za-z]+_)?(?:9{10,}|0{12,}|0{8}-0{4}-0{4}-0{4}-0{12})|no[-_]such[-_][\w-]+|[^@\s]+@[\w.-]+\.invalid"
)
_WRITTEN_ID = re.compile(
    r"\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+_[0-9a-f]*\d[0-9a-f]*", re.IGNORECASE
)
# Words that are an act where they end a path, alone or with "all". A GET of such a path is no plain read.
_ACT = re.compile(
    r"(activate|cancel|clear|deactivate|delete|deploy|destroy|disable|drop|enable|execute|invalidate|kill|logout"
    r"|purge|reject|remove|reset|restart|revoke|rollback|rotate|sign_?out|submit|terminate|trigger|uninstall"
    r"|unpublish|wipe)([_-]?all)?",
    re.IGNORECASE,
)


def parameters(path: str) -> tuple[str, ...]:
    """Return the names of a path template's parameters."""
    return tuple(_PARAMETER.findall(path))


def cannot_exist(value: str) -> bool:
    """Return whether a sentinel is one of the values that no server hands out as an id."""
    return _CANNOT_EXIST.fullmatch(value) is not None


def path_problem(path: str) -> str:
    """Say why a path may lead elsewhere than it reads, or return an empty text.

    Servers decode `%2e`, cut off `;...`, climb at `..` and fold `//`: none of these stands in a template.
    """
    parts = path.split("/")
    if not _PATH.fullmatch(path):
        return "is no path that begins with one slash"
    if ".." in parts or "." in parts:
        return "climbs up"
    if "%" in path or ";" in path:
        return "holds an escaped character or a semicolon, which servers read in different ways"
    if "" in parts[1:-1]:
        return "holds an empty part, which servers read in different ways"
    return ""


def partial_parameters(path: str) -> tuple[str, ...]:
    """Return the parts of a path that a parameter fills only partly, such as `config{id}`."""
    return tuple(
        part for part in path.split("/") if ("{" in part or "}" in part) and not _PARAMETER.fullmatch(part)
    )


def written_ids(path: str) -> tuple[str, ...]:
    """Return the parts of a path that are an id in full: a number, a UUID, letters with hex digits."""
    return tuple(part for part in path.split("/") if _WRITTEN_ID.fullmatch(part))


def act_named(path: str) -> str:
    """Return the last part of a path where it is the word of an act, such as `logout`, or an empty text."""
    last = path.rstrip("/").rpartition("/")[2]
    return last if _ACT.fullmatch(last) else ""


def overrides(names: Iterable[str]) -> bool:
    """Return whether one of these names makes servers take a request for another method."""
    return any(name.strip().lower() in _OVERRIDES for name in names)


def lacks_required(body: Any, required: Iterable[str]) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether a body is an object without one of the fields that the server requires."""
    return isinstance(body, dict) and any(name not in body for name in required)
