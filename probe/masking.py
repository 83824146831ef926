"""Removes secrets from text by value, in every usual encoding, and personal data by form.

Comes in: the secrets of a run, once; then any text from a server. Goes out: the text with each
occurrence replaced. Used at one place, before an exchange exists, and once more on finished files.
"""

from __future__ import annotations

import base64
import copy
import html
import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from probe.disguise import plain, traced
from probe.secret import Secret

MASKED = "[masked]"
EMAIL_MASKED = "[email]"

# A part of a secret this long or longer identifies it, so prefixes and suffixes go from here on.
SHORTEST_PART = 8
# What the last check of a finished file takes for a part: long enough that our own words are none.
SHORTEST_LEAK = 12

_SHORT = 400
# What stands before each character, the base of its number, and what stands after.
_BY_NUMBER = (("%", "02X", ""), ("\\u", "04x", ""), ("&#", "d", ";"), ("&#x", "x", ";"))
_BLANK = re.compile(r"\s")

# A domain needs no dot: inside a network, and in a login name, it often has none.
_AT = (
    r"(?:@|\uff20|%(?:25)*40|&(?:amp;)?(?:#0*64|#[xX]0*40|commat);|(?<!\\)\\++(?:u0040|x40)"
    r"|\s?[\[(]\s?at[\])]\s?)"
)
_EMAIL = re.compile(rf"(?:\"[^\"@<>]{{1,64}}\"|[\w.+'-]{{1,64}}){_AT}[\w-]{{1,63}}(?:\.[\w-]{{1,63}})*")
# What must stand in a text for an address to stand in it.
_SIGNS_OF_EMAIL = ("@", "40", "64;", "\uff20", "at]", "at)", "commat")


class Mask:
    """Finds the secrets of a run in any text.

    Forms searched: the secret itself, reversed, hexadecimal, base64 and base64url at each byte offset, in
    any letter case, and any prefix or suffix of each of SHORTEST_PART characters of the secret or more. Each
    is also found where it is escaped (percent, JSON, HTML, once or more) or cut by blanks, tags or marks
    that show nothing.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        texts = sorted({secret.reveal() for secret in secrets if secret.reveal()})
        self._masking = _Masking(texts)
        self._checking = _Checking(texts)
        self.names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Mask()"

    def text(self, text: str) -> str:
        """Return `text` with each secret replaced."""
        return self._masking.replace(text)

    def forbidding(self, names: Iterable[str]) -> Mask:
        """Return this mask, whose `found_in` also finds these names. They are not masked by it."""
        mask = copy.copy(self)
        mask.names = tuple(name.lower() for name in names)
        return mask

    def found_in(self, text: str) -> bool:
        """Return whether a secret, a part of it that is no common word, or a name stands in `text`."""
        lowered = text.lower() if self.names else ""
        if any(name in lowered for name in self.names):
            return True
        return self._checking.finds(text)


class _Needle(NamedTuple):
    """A form of a secret in lower case, and how much of its start or end gives it away."""

    whole: str
    shortest: int

    @property
    def ends(self) -> tuple[str, str]:
        return self.whole[: self.shortest], self.whole[-self.shortest :]


class _Masking:
    """Finds forms by their first or last characters, in a text as it is and in the plain text behind it."""

    def __init__(self, texts: list[str]) -> None:
        long = [text for text in texts if len(text) >= SHORTEST_PART]
        self._short = _pattern(text for text in texts if len(text) < SHORTEST_PART)
        self._as_it_is = [_Needle(text.lower(), SHORTEST_PART) for text in long]
        forms = {form: None for text in long for form in _forms(text)}
        self._behind = [form for form in forms if len(form.whole) >= SHORTEST_PART]
        self._ends = list(dict.fromkeys(end for form in self._behind for end in form.ends))
        self._replace_known = lru_cache(maxsize=4096)(self._replace)

    def replace(self, text: str) -> str:
        # Titles, header values and the like come again and again; long texts are not worth keeping.
        return self._replace_known(text) if len(text) <= _SHORT else self._replace(text)

    def _replace(self, text: str) -> str:
        if self._short:
            text = self._short.sub(MASKED, text)
        pieces, rest = [], 0
        for start, end in self._places(text) if self._as_it_is else ():
            pieces += [text[rest:start], MASKED]
            rest = end
        return "".join([*pieces, text[rest:]])

    def _places(self, text: str) -> list[tuple[int, int]]:
        """Return where a secret, or a part of one, stands: in order and without overlap."""
        spans = _spans(_lowered(text), self._as_it_is)
        behind = plain(text)
        if any(end in behind for end in self._ends):
            spans += self._places_behind(text)
        return _merged(sorted(spans))

    def _places_behind(self, text: str) -> list[tuple[int, int]]:
        behind, places = traced(text)
        found = []
        for start, end in _spans(behind, self._behind):
            # A short part that blanks cut may be two common words.
            whole = end - start >= SHORTEST_LEAK
            for first, last in [(start, end)] if whole else _unbroken(text, places, start, end):
                found.append((places[first][0], places[last - 1][1]))
        return found


class _Checking:
    """Looks for whole forms and longer parts in a finished text, which only we have escaped."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._anchors = [form.lower() for text in texts for form in sorted(_escapes(text))]
        self._parts = [_Needle(text.lower(), SHORTEST_LEAK) for text in texts if len(text) > SHORTEST_LEAK]

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return _pattern(self._texts)  # late: it is large, and only asked when there is something to find

    def finds(self, text: str) -> bool:
        lowered = text.lower()
        if any(end in lowered for part in self._parts for end in part.ends):
            return True
        whole = any(anchor in lowered for anchor in self._anchors)
        return bool(whole and self._pattern and self._pattern.search(text))


def mask_personal(text: str) -> str:
    """Return `text` without e-mail addresses.

    >>> mask_personal("no user jo@example.com here")
    'no user [email] here'
    """
    if not any(sign in text for sign in _SIGNS_OF_EMAIL):
        return text
    return _EMAIL.sub(EMAIL_MASKED, text)


def _lowered(text: str) -> str:
    """Return a text in lower case, where no letter's place shifts by that."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text


def _pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern for all escaped forms of texts, the longest first."""
    forms = sorted({form for text in texts for form in _escapes(text)}, key=len, reverse=True)
    return re.compile("|".join(map(_whole, forms)), re.IGNORECASE) if forms else None


def _whole(form: str) -> str:
    """Return a pattern for one form; a short one must stand alone, not inside a word of ours."""
    if len(form) >= SHORTEST_PART:
        return re.escape(form)
    return rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])"


def _escapes(text: str) -> set[str]:
    """Return a secret as our own files, and most servers, could write it."""
    quoted = json.dumps(text)[1:-1]
    percent = quote(text, safe="", errors="replace")
    forms = {form for form, _growth in _encodings(text)}
    forms |= {percent, quote(percent), quote_plus(text, errors="replace"), quoted, quoted.replace("/", "\\/")}
    forms |= {"".join(f"{mark}{ord(char):{base}}{end}" for char in text) for mark, base, end in _BY_NUMBER}
    return forms | {html.escape(text), html.escape(quoted)}


def _encodings(text: str) -> list[tuple[str, float]]:
    """Return a secret and its encodings, each with how many of its characters stand for one of the secret."""
    raw = text.encode(errors="surrogatepass")
    base64s = sorted({form for offset in range(3) for form in _base64_at(raw, offset)})
    hexes = [(raw.hex(), 2.0), (raw.hex(":"), 3.0)]
    return [(text, 1.0), (text[::-1], 1.0), *hexes, *((form, 4 / 3) for form in base64s)]


def _forms(text: str) -> Iterator[_Needle]:
    """Give what stands for a secret behind every escape."""
    for form, growth in _encodings(text):
        whole = plain(form)
        yield _Needle(whole, min(math.ceil(SHORTEST_PART * growth), len(whole)))


def _base64_at(raw: bytes, offset: int) -> set[str]:
    """Base64 of `raw` as it stands inside a longer text that begins `offset` bytes before it.

    The characters at either end also depend on the neighbours, so they are left out.
    """
    encoded = base64.b64encode(bytes(offset) + raw).decode().rstrip("=")
    start = -(-offset * 8 // 6)
    whole_bits = (offset + len(raw)) * 8
    inner = encoded[start : whole_bits // 6]
    if len(inner) < SHORTEST_PART:
        return set()
    return {inner, inner.replace("+", "-").replace("/", "_")}


def _unbroken(text: str, places: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return the parts of a span, long enough to tell, between which blanks stand in the text."""
    after = [
        place
        for place in range(start + 1, end)
        if _BLANK.search(text, places[place - 1][0], places[place][1])
    ]
    parts = pairwise([start, *after, end])
    return [(first, last) for first, last in parts if last - first >= SHORTEST_PART]


def _spans(text: str, needles: Iterable[_Needle]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for whole, shortest in needles:
        spans += _prefix_spans(text, whole, shortest)
        spans += _suffix_spans(text, whole, shortest)
    return spans


def _prefix_spans(text: str, whole: str, shortest: int) -> list[tuple[int, int]]:
    spans = []
    start = text.find(whole[:shortest])
    while start >= 0:
        end = start + shortest
        while end < len(text) and end - start < len(whole) and text[end] == whole[end - start]:
            end += 1
        spans.append((start, end))
        start = text.find(whole[:shortest], end)
    return spans


def _suffix_spans(text: str, whole: str, shortest: int) -> list[tuple[int, int]]:
    spans = []
    tail = text.find(whole[-shortest:])
    while tail >= 0:
        start, end = tail, tail + shortest
        while start > 0 and end - start < len(whole) and text[start - 1] == whole[-(end - start) - 1]:
            start -= 1
        spans.append((start, end))
        tail = text.find(whole[-shortest:], end)
    return spans


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
