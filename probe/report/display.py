"""Makes any text fit to be seen: what a reader cannot see is shown by its number.

Comes in: text that a server may have chosen. Goes out: text without control characters, direction
overrides and other invisible marks. Escaping for a format (HTML, a terminal) is that format's work.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

# Cc controls, Cf invisible formatting (direction overrides, zero-width), Cs half a surrogate pair,
# Co private use, Zl and Zp line separators that are no line feed.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_LAYOUT = "\n\t"
_DATE = 10  # characters of an RFC 3339 time


def shown(text: str) -> str:
    r"""Return `text` with each invisible character as its escape; line feeds and tabs stay.

    >>> shown("a\x1b[31mb")
    'a\\u001b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(map(_shown_char, text))


def one_line(text: str, limit: int = 0) -> str:
    """Return `text` as `shown`, on one line, cut with an ellipsis where it is longer than `limit`."""
    line = shown(" ".join(text.split()))
    return f"{line[: limit - 1]}…" if 0 < limit < len(line) else line


def capital(text: str) -> str:
    """Return `text` with its first letter large and the others as they are.

    >>> capital("the API's own document")
    "The API's own document"
    """
    return text[:1].upper() + text[1:]


def moment(time: str) -> str:
    """Return an RFC 3339 time as people write it, in UTC; a text that is none comes back as it is.

    >>> moment("2026-11-24T06:15:01Z")
    '24 November 2026, 06:15 UTC'
    """
    try:
        parsed = datetime.fromisoformat(time)
    except ValueError:
        return time
    return f"{parsed.day} {parsed:%B %Y, %H:%M} UTC"


def day(time: str) -> str:
    """Return the date of an RFC 3339 time.

    >>> day("2026-11-24T06:15:01Z")
    '2026-11-24'
    """
    return time[:_DATE]


def duration(seconds: float) -> str:
    """Return a duration in words.

    >>> duration(95.2)
    '1 min 35 s'
    """
    if seconds < 10:  # noqa: PLR2004 - below ten seconds the tenths tell something
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def milliseconds(elapsed_ms: int) -> str:
    """Return a time in milliseconds or, from ten seconds on, in words."""
    return f"{elapsed_ms} ms" if elapsed_ms < 10_000 else duration(elapsed_ms / 1000)  # noqa: PLR2004


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "probe"), count(3, "probe")
    ('1 probe', '3 probes')
    """
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _shown_char(char: str) -> str:
    code = ord(char)
    if char in _LAYOUT or not (unicodedata.category(char) in _INVISIBLE or _is_no_character(code)):
        return char
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - two escape lengths


def _is_no_character(code: int) -> bool:
    """Return whether Unicode keeps a number from ever being a character; XML does not take all of them."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004 - the Unicode Standard, 23.7
