"""Any record as JSON in UTF-8, even where a server's text cannot be written so.

Comes in: records of msgspec. Goes out: bytes on one line. Opens no file.
"""

from __future__ import annotations

from typing import Any

import msgspec


def encoded(record: object) -> bytes:
    """Return the record as JSON on one line; half a surrogate pair, which has no UTF-8, is spelt out."""
    try:
        return msgspec.json.encode(record)
    except UnicodeEncodeError:
        return msgspec.json.encode(_repaired(msgspec.to_builtins(record)))


def _repaired(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_repaired(key): _repaired(item) for key, item in value.items()}
        case list() | tuple():
            return [_repaired(item) for item in value]
        case _:
            return value
