"""Regular expressions that are compiled when they are first needed.

Comes in: the text of a pattern. Goes out: what it finds. Most texts need few of the many patterns here,
and compiling all of them would be a good part of a start.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property


class Pattern:
    """A pattern in the syntax of `re`, with its flags; it raises re.error at its first use, not before."""

    def __init__(self, text: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._text, self._flags = text, flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile(self._text, self._flags)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match in `text`."""
        return self.compiled.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Return the match of the whole of `text`."""
        return self.compiled.fullmatch(text)

    def sub(self, instead: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Return `text` with each match replaced."""
        return self.compiled.sub(instead, text)
