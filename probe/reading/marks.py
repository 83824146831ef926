"""Technical marks of the products that answer with web pages, found in a page's source.

Comes in: the source of a page. Goes out: the names of the marks found, such as
`edge.cloudflare-challenge`: the part before the dot says what kind of product it is. A mark is what
only the product's own page holds; scripts that products also put into ordinary pages are no marks.
"""

from __future__ import annotations

import re

from probe.reading.marktable import TABLE

_HEAD = 16 * 1024
_TAIL = 4 * 1024
_END_OF_ASCII = 0x80
_WORD = re.compile(rb"[a-z0-9\x80-\xff]+")
# Everything but letters and digits parts words; upper case becomes lower case on the way.
_FOLD = bytes(
    byte if chr(byte).isalnum() or byte >= _END_OF_ASCII else 0x20 for byte in bytes(range(256)).lower()
)

# A mark's words of this length or longer stand in it whole; shorter ones may be parts of words.
_WHOLE = 6

# A mark's place in the table, its long words, its pieces.
_Alternative = tuple[int, frozenset[bytes], tuple[bytes, ...]]


def _read_table() -> tuple[tuple[str, ...], dict[bytes, list[_Alternative]], list[_Alternative]]:
    """Return the marks' names, their alternatives by their longest ASCII word, and those without one."""
    names: list[str] = []
    indexed: dict[bytes, list[_Alternative]] = {}
    wide: list[_Alternative] = []
    for line in TABLE.strip().splitlines():
        name, _, alternatives = line.partition(": ")
        for alternative in alternatives.split(" | "):
            pieces = tuple(piece.strip().encode() for piece in alternative.split(" & "))
            words = [word for piece in pieces for word in _WORD.findall(piece) if word.isascii()]
            needed = frozenset(word for word in words if len(word) >= _WHOLE)
            entry = (len(names), needed, pieces)
            if all(piece.isascii() for piece in pieces):
                indexed.setdefault(max(words, key=len), []).append(entry)
            else:
                wide.append(entry)
        names.append(name)
    return tuple(names), indexed, wide


_NAMES, _INDEX, _WIDE = _read_table()
# The words of a page that matter: most of its words are in no mark.
_KNOWN = frozenset(_INDEX).union(
    *(needed for entries in (*_INDEX.values(), _WIDE) for _, needed, _ in entries)
)


def marks_in(source: bytes) -> tuple[str, ...]:
    """Return the names of the marks in a page's source (UTF-8), in the table's order.

    Only alternatives whose longest word stands in the page are searched for, which is what makes a
    table of hundreds affordable.
    """
    window = source if len(source) <= _HEAD + _TAIL else source[:_HEAD] + b"\n" + source[-_TAIL:]
    lowered = window.lower()
    words = _KNOWN.intersection(window.translate(_FOLD).split())
    candidates = [entry for word in words if word in _INDEX for entry in _INDEX[word]]
    if not window.isascii():
        candidates += _WIDE
    found = {
        place
        for place, needed, pieces in candidates
        if needed <= words and all(piece in lowered for piece in pieces)
    }
    return tuple(_NAMES[place] for place in sorted(found))
