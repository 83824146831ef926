"""What the shape of a request alone says of its danger: ids that cannot exist, paths that mislead.

Comes in: texts and values. Goes out: answers to small questions. The check of a catalog and the client's
lock both ask them, each for itself. Knows no vendor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

READ_METHODS = frozenset({"GET", "HEAD"})
METHODS = READ_METHODS | {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

_PARAMETER = re.compile(r"\{([^{}]*)\}")
# Only characters that every server reads in the same way: other scripts have dots and slashes of their own.
_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~:@!$&'()*+,=/{}%;-]*")
_OVERRIDES = frozenset(
    {"method", "httpmethod", "requestmethod", "xhttpmethod", "xhttpmethodoverride", "xmethodoverride"}
    | {"methodoverride", "httpmethodoverride", "xtunneledmethod", "tunneledmethod", "restmethod", "verb"}
)
# What no server hands out as an id: a number past 64 bits, 24 or more zeros (fewer could be a number, and
# mean 0), the nil UUID, each with a prefix of letters or without; or a text that says so itself.
_CANNOT_EXIST = re.compile(
    r"(?:[A-Za-z]+_)?(?:9{20,200}|0{24,200}|0{8}-0{4}-0{4}-0{4}-0{12})"
    r"|no[-_]such[-_][A-Za-z0-9_-]+|[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.invalid"
)
_CHOSEN_NAME = re.compile(r"no[-_]such[-_].*|.*@.*", re.DOTALL)
_WRITTEN_ID = re.compile(
    r"\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+_[0-9a-f]*\d[0-9a-f]*"
    r"|(?=.*\d)(?:[a-z]+_[0-9a-z]{8,}|[0-9a-z]{16,})|.*@.*",
    re.IGNORECASE,
)
_MISLEADING = re.compile(r"\.{1,2}|.*[/\\%;?#\x00-\x1f\x7f-\x9f].*", re.DOTALL)
# Words that are an act where they end a path, alone or with what they act on. A GET of such a path is no
# plain read.
_ACT = re.compile(
    r"(activate|approve|cancel|clear|confirm|consume|deactivate|decline|delete|deploy|dequeue|destroy|disable"
    r"|drop|enable|execute|flush|impersonate|invalidate|kill|log_?out|pop|purge|reboot|redeploy|regenerate"
    r"|reject|reload|remove|resend|reset|restart|revoke|rollback|rotate|run|shut_?down|sign_?(?:off|out)|start"
    r"|stop|submit|suspend|terminate|trigger|uninstall|unlock|unpublish|unsubscribe|wipe)"
    r"(_?(all|everything|everyone|me|self|(?:account|cache|job|key|password|session|token|user)s?))?",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\.+(?:html?|json|php|xml)?$", re.IGNORECASE)
# Acts that need nothing to act on: an empty POST that names one may take effect, whatever a catalog says
# of required fields.
_NEEDS_NOTHING = frozenset(
    "activate cancel clear deactivate delete deploy dequeue destroy disable drop enable execute flush "  # noqa: SIM905 - a list of words reads better as one
    "invalidate kill log logout migrate pop publish purge reboot rebuild redeploy refresh regenerate reindex "
    "reload reset restart rollback rotate run shutdown sign signout start stop sync synchronize terminate "
    "trigger uninstall unpublish upgrade wipe".split()
)
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def parameters(path: str) -> tuple[str, ...]:
    """Return the names of a path template's parameters."""
    return tuple(_PARAMETER.findall(path))


def cannot_exist(value: str) -> bool:
    """Return whether a sentinel is one of the values that no server hands out as an id."""
    return _CANNOT_EXIST.fullmatch(value) is not None


@lru_cache(maxsize=1024)
def path_problem(path: str) -> str:
    """Say why a path may lead elsewhere than it reads, or return an empty text.

    Servers decode `%2e`, cut off `;...`, climb at `..` and fold `//`: none of these stands in a template.
    """
    parts = path.split("/")
    if not _PATH.fullmatch(path):
        return "is no path that begins with one slash and holds plain characters only"
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
    """Return the parts of a path that are an id in full: a number, a UUID, many digits and letters."""
    return tuple(part for part in path.split("/") if _WRITTEN_ID.fullmatch(part))


def misleads(value: str) -> bool:
    """Return whether an id could lead elsewhere than to one thing: empty, dots, a slash, an escape."""
    return not value or _MISLEADING.fullmatch(value) is not None


def chosen_name(value: str) -> bool:
    """Return whether a sentinel is a name that a client may choose: a PUT of it may create it."""
    return _CHOSEN_NAME.fullmatch(value) is not None


@lru_cache(maxsize=1024)
def act_named(path: str) -> str:
    """Return the word of an act, such as `logout`, where a path's last part that is no parameter is one."""
    last = _last_word(path)
    return last if _ACT.fullmatch(last.replace("-", "_")) else ""


def act_asked(query: Mapping[str, str]) -> str:
    """Return the word of an act that a query names, as in `?action=delete`, or an empty text."""
    words = (word for pair in query.items() for word in pair)
    return next((word for word in words if _ACT.fullmatch(word.strip().replace("-", "_"))), "")


def needs_nothing(path: str) -> str:
    """Return the last part of a path where it is an act that needs nothing to act on, such as `deploy`."""
    last = _last_word(path)
    words = _WORD.findall(last)
    return last if words and (words[0].lower() in _NEEDS_NOTHING or last.lower() == "test") else ""


def plain_part(part: str) -> str:
    """Return a part of a path as an easy server reads it: without an ending, in small letters."""
    return _SUFFIX.sub("", part).casefold()


def overrides(names: Iterable[str]) -> bool:
    """Return whether one of these names makes servers take a request for another method."""
    return any(re.sub(r"[^a-z]", "", name.lower()) in _OVERRIDES for name in names)


def says_nothing(body: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether a body carries no value: there is none, or it is an empty object or list."""
    return body is None or (isinstance(body, dict | list) and not body)


def lacks_required(body: Any, required: Iterable[str]) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether a body is an object without one of the fields that the server requires."""
    return isinstance(body, dict) and any(name not in body for name in required)


def _last_word(path: str) -> str:
    """Return the last part of a path that is no parameter, after a colon, without an ending."""
    literal = [part for part in path.split("/") if part and not _PARAMETER.fullmatch(part)]
    return _SUFFIX.sub("", literal[-1]).rpartition(":")[2] if literal else ""
