"""Fills a file's template; each place must be given, and nothing of a value is read as a place.

Comes in: the name of a file in `templates/`, and texts that are quoted already. Goes out: the text.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

_FOLDER = Path(__file__).parent / "templates"
_PLACE = re.compile(r"~\{(\w+)\}")


class File(Struct, frozen=True, kw_only=True):
    """A file to save: its name, and its text."""

    name: str
    text: str


def fill(template: str, **values: str) -> str:
    """Return a template with its places filled. Raises KeyError for a place that nobody fills."""
    text = (_FOLDER / template).read_text(encoding="utf-8")
    filled = _PLACE.sub(lambda found: values[found[1]], text)
    return f"{filled.rstrip()}\n"


def indented(lines: list[str], by: int) -> str:
    """Return lines, each with its line feed, moved to the right."""
    return "".join(f"{' ' * by}{line}\n" for line in lines)
