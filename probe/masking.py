"""Removes secrets from text by value, in every usual encoding, and personal data by form.

Comes in: the secrets of a run, once; then any text from a server. Goes out: the text with each
occurrence replaced. Used at one place, before an exchange exists, and once more on finished files.
"""

from __future__ import annotations

import base64
import copy
import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

from probe.secret import Secret

MASKED = "[masked]"
EMAIL_MASKED = "[email]"

# A part of a secret this long or longer identifies it, so prefixes and suffixes go from here on.
SHORTEST_PART = 8
# What the last check of a finished file takes for a part: long enough that our own words are none.
SHORTEST_LEAK = 12

_SHORT = 400

# A domain needs no dot: inside a network, and in a login name, it often has none.
_EMAIL = re.compile(r"[\w.+'-]{1,64}(?:@|%40|&#64;|\\u0040)[\w-]{1,63}(?:\.[\w-]{1,63})*")


class Mask:
    """Finds the secrets of a run in any text.

    Forms searched: the secret itself, reversed, base64 and base64url at each byte offset,
    percent-encoded, JSON-escaped, HTML-escaped, hexadecimal, each in any letter case; and any prefix
    or suffix of the secret of SHORTEST_PART characters or more.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        texts = sorted({secret.reveal() for secret in secrets if secret.reveal()})
        self._masking = _Search(texts, SHORTEST_PART)
        self._checking = _Search(texts, SHORTEST_LEAK)
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


class _Search:
    """Finds whole forms by a pattern, and parts by their first or last characters."""

    def __init__(self, texts: list[str], shortest_part: int) -> None:
        forms = sorted({form for text in texts for form in _encodings(text)}, key=len, reverse=True)
        self._anchors = [form.lower() for form in forms]
        self._pattern = re.compile("|".join(map(_whole, forms)), re.IGNORECASE) if forms else None
        self._wholes = [text.lower() for text in texts if len(text) > shortest_part]
        self._shortest = shortest_part
        self._replace_known = lru_cache(maxsize=4096)(self._replace)

    def replace(self, text: str) -> str:
        # Titles, header values and the like come again and again; long texts are not worth keeping.
        return self._replace_known(text) if len(text) <= _SHORT else self._replace(text)

    def _replace(self, text: str) -> str:
        lowered = text.lower()
        if self._pattern and any(anchor in lowered for anchor in self._anchors):
            text = self._pattern.sub(MASKED, text)
        pieces, rest = [], 0
        for start, end in self._parts(text):
            pieces += [text[rest:start], MASKED]
            rest = end
        return "".join([*pieces, text[rest:]])

    def finds(self, text: str) -> bool:
        lowered = text.lower()
        whole = any(anchor in lowered for anchor in self._anchors)
        if whole and self._pattern and self._pattern.search(text):
            return True
        return bool(self._parts(text))

    def _parts(self, text: str) -> list[tuple[int, int]]:
        """Return where parts of a secret stand, in order and without overlap."""
        lowered = text.lower()
        if len(lowered) != len(text):  # a letter whose lower case is longer would shift the places
            lowered = text
        spans: list[tuple[int, int]] = []
        for whole in self._wholes:
            spans += _prefix_spans(lowered, whole, self._shortest)
            spans += _suffix_spans(lowered, whole, self._shortest)
        return _merged(sorted(spans))


def mask_personal(text: str) -> str:
    """Return `text` without e-mail addresses.

    >>> mask_personal("no user jo@example.com here")
    'no user [email] here'
    """
    return _EMAIL.sub(EMAIL_MASKED, text)


def _whole(form: str) -> str:
    """Return a pattern for one form; a short one must stand alone, not inside a word of ours."""
    if len(form) >= SHORTEST_PART:
        return re.escape(form)
    return rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])"


def _encodings(text: str) -> set[str]:
    raw = text.encode()
    forms = {
        text,
        text[::-1],
        quote(text, safe=""),
        quote_plus(text),
        "".join(f"%{byte:02X}" for byte in raw),
        json.dumps(text)[1:-1],
        json.dumps(text)[1:-1].replace("/", "\\/"),
        "".join(f"\\u{ord(char):04x}" for char in text),
        html.escape(text),
        "".join(f"&#{ord(char)};" for char in text),
        "".join(f"&#x{ord(char):x};" for char in text),
        raw.hex(),
    }
    for offset in range(3):
        forms |= _base64_at(raw, offset)
    return {form for form in forms if form}


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
