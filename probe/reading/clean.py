"""Makes server text fit to keep: one line, printable, without secrets and personal data, short.

Comes in: any text from a server. Goes out: text that any file can hold. Masking always comes before
cutting, so that no half of a secret survives at an edge.
"""

from __future__ import annotations

import re
from functools import lru_cache

from probe.masking import EMAIL_MASKED, Mask, mask_personal
from probe.reading.credentials import without_credentials
from probe.reading.people import without_people

# How much is masked before the cut: what is kept plus room for a secret that begins inside it.
_ROOM = 4096
# The longest personal datum that may begin inside what is kept and end outside.
_OVERHANG = 256
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
)
_NAME = r"[A-Z\u00c0-\u00de][\w'\u2019.-]{0,40}"
_QUOTED = re.compile(
    r"(?P<quote>[\"'`\u201c\u2018\u00ab])(?P<value>[^\"'`\u201d\u2019\u00bb]{1,200})(?P<end>[\"'`\u201d\u2019\u00bb])"
)
_QUOTE = re.compile(r"[\"'`\u201c\u2018\u00ab]")
_DIGITS = re.compile(r"\d")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b")
_LONG_ID = re.compile(r"\b(?=[\w-]{0,80}\d)[A-Za-z]{0,16}[_-]?(?:[0-9a-fA-F]{16,}|[0-9A-Za-z]{20,}|\d{6,})\b")
_IP = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}\b")
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z_.:/*\[\]-]{0,40}")
_TWO_CAPITALS = re.compile(rf"{_NAME} +{_NAME}")


def one_line(text: str) -> str:
    r"""Return `text` in one line without characters that are not printable, encodable as UTF-8.

    >>> one_line("a\n b\x00c")
    'a bc'
    """
    return " ".join(_UNPRINTABLE.sub("", text).split())


@lru_cache(maxsize=1024)  # the same page, and the same message, come again and again
def impersonal(text: str) -> str:
    """Return `text` without credentials, e-mail addresses, names of people, ids, addresses, quoted values.

    A quoted word that looks like the name of a field stays: it is what a message is about.

    >>> impersonal('no user "jo-17" of Jo Doe <jo@example.com>')
    'no user "[value]" of [name] <[email]>'
    """
    if len(text) < 4:  # noqa: PLR2004 - too short to hold anything personal
        return text
    text = without_credentials(text)
    text = without_people(mask_personal(text))
    if _QUOTE.search(text):
        text = _QUOTED.sub(_quoted, text)
    if _DIGITS.search(text) is None:
        return text
    text = without_long_ids(text)
    return _IP.sub("[ip]", text) if "." in text or ":" in text else text


def without_long_ids(text: str) -> str:
    """Return `text` without ids that are too long to be a word or a small number."""
    return _LONG_ID.sub("[id]", _UUID.sub("[id]", text))


def kept(text: str, mask: Mask, limit: int) -> str:
    """Return the start of `text` as it may be kept: at most `limit` characters."""
    masked = mask.text(one_line(text[: limit + _ROOM]))
    return cut(impersonal(masked[: limit + _OVERHANG]), limit)


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, with an ellipsis where there was more."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"


def _quoted(match: re.Match[str]) -> str:
    value = match["value"]
    if value.startswith("[") and value.endswith("]"):
        return match[0]
    if _PLAIN_WORD.fullmatch(value):
        return match[0]
    if _looks_like_value(value):
        return f"{match['quote']}[value]{match['end']}"
    return match[0]


def _looks_like_value(value: str) -> bool:
    if len(value.split()) > 3:  # noqa: PLR2004 - a quoted sentence, or what stands between two quotes
        return False
    if any(char.isdigit() for char in value) or EMAIL_MASKED in value or not value.isascii():
        return True
    return _TWO_CAPITALS.fullmatch(value) is not None
