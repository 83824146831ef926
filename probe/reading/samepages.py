"""Pages that a server sends again and again, each time with other values that nobody sees: read once.

Comes in: a page's text, its run's mask, what reads a page. Goes out: its view. A wall is often one page in
answer to everything, with a fresh id of the request, or a nonce, in its head or in a script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from weakref import WeakKeyDictionary

from probe.evidence import PageView
from probe.masking import Mask

_MOST_PAGES = 4  # of a run: an API has few that come often
# Base64 by the grammar of CSP, https://www.w3.org/TR/CSP3/#grammardef-base64-value
_NONCE = re.compile(r""" nonce=["']([\w+/=-]{8,128})["']""", re.ASCII)
# The value of an attribute, or of a text in a script.
_ID = re.compile(r'"([\da-f-]{16,64})"', re.ASCII)
_VALUE = re.compile(r"[\w+/=-]*", re.ASCII)


@dataclass(slots=True)
class _Page:
    """A page that was read: what stands around its values, and which of these were seen to change nothing."""

    frame: Sequence[str]
    values: Sequence[str]
    view: PageView
    free: set[int] = field(default_factory=set)

    def values_in(self, text: str) -> list[str] | None:
        """Return the values of a text that is this page but for them, each as long as here; else None."""
        values, place = list[str](), 0
        for around, value in zip(self.frame, (*self.values, ""), strict=True):
            if not text.startswith(around, place):
                return None
            start = place + len(around)
            place = start + len(value)
            values.append(text[start:place])
        del values[-1]
        whole = place == len(text) and all(map(_VALUE.fullmatch, values))
        return values if whole else None


class SamePages:
    """The pages of the runs under way; those of a run go with its mask."""

    def __init__(self, read: Callable[[str, Mask], PageView]) -> None:
        self._read = read
        self._pages: WeakKeyDictionary[Mask, list[_Page]] = WeakKeyDictionary()

    def view(self, text: str, mask: Mask) -> PageView:
        """Return the view of a page, which is read only if something differs that may matter.

        A value matters until a page that differed in nothing else that matters looked the same.
        """
        known = self._pages.setdefault(mask, [])
        for page in reversed(known):
            values = page.values_in(text)
            if values is not None:
                return self._again(page, values, text, mask)
        frame, values = _split(text)
        page = _Page(frame, values, self._read(text, mask))
        known.append(page)
        del known[:-_MOST_PAGES]
        return page.view

    def _again(self, page: _Page, values: Sequence[str], text: str, mask: Mask) -> PageView:
        changed = {place for place, value in enumerate(values) if value != page.values[place]}
        if changed <= page.free:
            return page.view
        view = self._read(text, mask)
        if view == page.view:
            page.free |= changed
        return view


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return what stands around the values of a page, one more than there are values, and these."""
    spans = sorted({found.span(1) for pattern in (_NONCE, _ID) for found in pattern.finditer(text)})
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    return pieces[::2], pieces[1::2]
