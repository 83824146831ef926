"""Sees through the ways to write one text: escapes, entities, percent signs, blanks, marks that show nothing.

Comes in: any text. Goes out: the plain ASCII text behind it, in lower case, and on request where each of its
characters stands in the text. Escapes inside escapes are undone too. For comparing only.
"""

from __future__ import annotations

import html
import re

# How often what was found is looked at again: an entity behind a percent sign inside a JSON escape.
_ROUNDS = 3
# For each mark, the escapes that begin with it, as often escaped as their writer liked; for `<`, tags
# without attributes, which cut a word in a page.
_ESCAPES = (
    ("%", re.compile(r"%(?:25)*(?P<base16>[0-9a-fA-F]{2})")),
    (
        "&",
        re.compile(
            r"&(?:amp;|#38;|#[xX]26;)*(?:#0*(?P<base10>\d{1,7})|#[xX]0*(?P<base16>[0-9a-fA-F]{1,6})"
            r"|(?P<name>amp|lt|gt|quot|[A-Za-z]{2,24}(?=;)));?"
        ),
    ),
    (
        "\\",
        re.compile(
            r"(?<!\\)\\++(?:u\{?(?P<base16>(?<=\{)[0-9a-fA-F]{1,6}(?=\})|(?<=u)[0-9a-fA-F]{4})\}?"
            r"|x(?P<hex>[0-9a-fA-F]{2})|(?P<base8>[0-3][0-7]{2})|(?P<itself>[\"'/]))"
        ),
    ),
    ("<", re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9]{0,9}/?|!---*)>")),
)
_BASES = {"base16": 16, "hex": 16, "base10": 10, "base8": 8}
# Letters of full width are ASCII in other clothes.
_WIDE = re.compile("[\uff01-\uff5e]")
_WIDE_BYTES = (b"\xef\xbc", b"\xef\xbd")
_FROM_WIDE = 0xFEE0
_SILENT = bytes([*range(33), 127])
_LAST_CHARACTER = 0x10FFFF


def plain(text: str) -> str:
    r"""Return the text behind `text`: in lower case, without blanks, without what is no ASCII.

    >>> plain("a%2541 &#x42;\u200b\\u0043 <b>D</b>")
    'aabcd'
    """
    if not text.isascii():
        text = _narrow(text)
    view = text.encode("ascii", "ignore").translate(None, _SILENT).decode("ascii")
    for _ in range(_ROUNDS):
        before = view
        for mark, pattern in _ESCAPES:
            if mark in view:
                view = pattern.sub(_unescaped, view)
        if view == before:
            break
    return view.lower()


def traced(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return what `plain` does, and for each of its characters from where to where it stands in `text`."""
    kept = [(place, char) for place, char in enumerate(_narrow(text)) if _visible(char)]
    view, places = "".join(char for _, char in kept), [(place, place + 1) for place, _ in kept]
    for _ in range(_ROUNDS):
        before = view
        for _mark, pattern in _ESCAPES:
            view, places = _step(pattern, view, places)
        if view == before:
            break
    return view.lower(), places


def _step(
    pattern: re.Pattern[str], view: str, places: list[tuple[int, int]]
) -> tuple[str, list[tuple[int, int]]]:
    """Undo the escapes of one pattern, and give what stood behind each the place of the whole escape."""
    texts: list[str] = []
    found: list[tuple[int, int]] = []
    rest = 0
    for match in pattern.finditer(view):
        start, end = match.span()
        instead = _unescaped(match)
        if instead == match[0]:
            continue
        texts += [view[rest:start], instead]
        found += places[rest:start]
        found += [(places[start][0], places[end - 1][1])] * len(instead)
        rest = end
    return "".join([*texts, view[rest:]]), found + places[rest:]


def _unescaped(match: re.Match[str]) -> str:
    kind = match.lastgroup
    match kind:
        case None:
            return ""
        case "itself":
            return match[kind]
        case "name":
            char = html.unescape(f"&{match[kind]};")
            return _visible(char) if len(char) == 1 else match[0]
    code = int(match[kind], _BASES[kind])
    return _visible(_narrow(chr(code))) if code <= _LAST_CHARACTER else match[0]


def _narrow(text: str) -> str:
    raw = text.encode("utf-8", "replace")
    if not any(part in raw for part in _WIDE_BYTES):
        return text
    return _WIDE.sub(lambda match: chr(ord(match[0]) - _FROM_WIDE), text)


def _visible(char: str) -> str:
    return char if "!" <= char <= "~" else ""
