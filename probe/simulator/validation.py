"""Whether a request is acceptable: the query and the body against what the vendor's document requires.

Comes in: a behaviour's requirements and what was sent. Goes out: one sentence of what is wrong, or an
empty text. The requirements are a small part of JSON Schema (see data/routes.json).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from probe.simulator.behaviour import Json

_FORMATS = {
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
}
_LIMIT = range(1, 101)


def query_problem(required: tuple[str, ...], query: Mapping[str, str]) -> str:
    """Say which query parameter is missing or out of bounds (the page size is 1 to 100, documented)."""
    for name in required:
        if not query.get(name):
            return f"Missing required query parameter: {name}"
    limit = query.get("limit", "1")
    if not limit.isascii() or not limit.isdigit() or int(limit[:6]) not in _LIMIT:
        return "Query parameter limit must be a number from 1 to 100"
    return ""


def problem(value: Json, schema: Mapping[str, Any], place: str = "") -> str:
    """Say what is wrong with `value`, or return an empty text where nothing is."""
    if "one_of" in schema:
        return _none_fits(value, schema["one_of"], place)
    if value is None and (schema.get("nullable") or "type" not in schema):
        return ""
    if not _has_type(value, schema.get("type", "")):
        return f"Expected {schema['type']} for body parameter: {place or 'body'}"
    return _text_problem(value, schema, place) or _inner_problem(value, schema, place)


def _none_fits(value: Json, choices: list[Mapping[str, Any]], place: str) -> str:
    problems = [problem(value, choice, place) for choice in choices]
    # The choice whose type word fits is the one that was meant.
    return "" if "" in problems else min(problems, key=lambda said: said.startswith("Invalid value"))


def _has_type(value: Json, wanted: str) -> bool:
    if not wanted:
        return True
    if isinstance(value, bool) and wanted != "boolean":
        return False
    return isinstance(value, _TYPES[wanted])


def _text_problem(value: Json, schema: Mapping[str, Any], place: str) -> str:
    if "enum" in schema and value not in schema["enum"]:
        return f"Invalid value for body parameter: {place}"
    if not isinstance(value, str):
        return ""
    kind = schema.get("format", "")
    if kind in _FORMATS and not _FORMATS[kind].fullmatch(value):
        return f"Invalid {kind} type for body parameter: {place}"  # recorded wording
    if len(value) < schema.get("min_length", 0):
        return f"Too short a value for body parameter: {place}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"Invalid format for body parameter: {place}"
    return ""


def _inner_problem(value: Json, schema: Mapping[str, Any], place: str) -> str:
    match value:
        case dict():
            for name in schema.get("required", ()):
                if name not in value:
                    return f"Missing required body parameter: {_inside(place, name)}"
            inner = (
                (value[name], rule, name)
                for name, rule in schema.get("properties", {}).items()
                if name in value
            )
        case list() if "items" in schema:
            inner = ((item, schema["items"], str(number)) for number, item in enumerate(value))
        case _:
            return ""
    return next(
        (said for item, rule, name in inner if (said := problem(item, rule, _inside(place, name)))), ""
    )


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
