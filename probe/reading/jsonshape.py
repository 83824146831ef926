"""Describes a JSON value without its values: keys, types, lengths.

Comes in: any parsed JSON value. Goes out: a short text such as `{success: true, data: [3 x {id: text(9)}]}`.
Keys can be data too (a map by e-mail or by id), so those that do not look like names are masked.
"""

from __future__ import annotations

import re
from typing import Any

from probe.masking import Mask
from probe.reading.clean import cut

LONGEST_SHAPE = 300
_DEEPEST = 4
_MOST_KEYS = 16
# The separator is what tells the parts apart: without it the pattern would try every division of a word.
_NAME = re.compile(r"[$@_]{0,2}[A-Za-z][A-Za-z_]*(?:[-.:][A-Za-z_]+){0,8}\d{0,2}")
_LONGEST_NAME = 40
_FEWEST_ENTRIES_OF_A_MAP = 3


def shape_of(value: Any, mask: Mask) -> str:  # noqa: ANN401 - any JSON value
    """Return the shape of `value`, in at most LONGEST_SHAPE characters."""
    return cut(mask.text(_shape(value, _DEEPEST)), LONGEST_SHAPE)


def _shape(value: Any, deep: int) -> str:  # noqa: ANN401, PLR0911 - one branch for each JSON type
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "number"
        case str():
            return f"text({len(value)})"
        case list():
            return _list_shape(value, deep)
        case dict():
            return _object_shape(value, deep)
        case _:
            return type(value).__name__


def _list_shape(value: list[Any], deep: int) -> str:
    if not value:
        return "[]"
    inner = _shape(value[0], deep - 1) if deep > 0 else "..."
    return f"[{len(value)} x {inner}]"


def _object_shape(value: dict[Any, Any], deep: int) -> str:
    if not value:
        return "{}"
    if deep <= 0:
        return "{...}"
    if _is_map(value):
        return f"{{{len(value)} keys: {_shape(next(iter(value.values())), deep - 1)}}}"
    parts = [f"{shown_key(key)}: {_shape(inner, deep - 1)}" for key, inner in _first(value)]
    if len(value) > _MOST_KEYS:
        parts.append(f"{len(value) - _MOST_KEYS} more")
    return "{" + ", ".join(parts) + "}"


def _first(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
    return [item for item, _ in zip(value.items(), range(_MOST_KEYS), strict=False)]


def _is_map(value: dict[Any, Any]) -> bool:
    """Return whether the keys are data: several entries, all objects or lists of the same keys."""
    sample = [inner for _, inner in _first(value)]
    if len(sample) < _FEWEST_ENTRIES_OF_A_MAP:
        return False
    if all(isinstance(inner, dict) and inner for inner in sample):
        first = sample[0].keys()
        return all(inner.keys() == first for inner in sample) or len(value) > _MOST_KEYS
    return len(value) > _MOST_KEYS and len({type(inner) for inner in sample}) == 1


def shown_key(key: Any) -> str:  # noqa: ANN401 - a key of parsed JSON
    """Return a key if it looks like a name that a programmer gave, else a mask."""
    if isinstance(key, str) and len(key) <= _LONGEST_NAME and _NAME.fullmatch(key):
        return key
    return "[key]"
