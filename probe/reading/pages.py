"""Whether two answers are the same page, although a path, a nonce, an id, a date or a count differs.

Comes in: two PageViews. Goes out: yes or no. The method and its thresholds were chosen by
measurement; docs/diagnosis.md has the figures.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from functools import cache, lru_cache

from probe.evidence import PageView

SKETCH = 64
STRUCTURE = 24
# Pages of one site share their layout, so what counts is not the share of words that differ but
# which and how many do: an echoed name changes one, a word of state says something else.
MOST_WORDS_APART = 1
LEAST_STRUCTURE = 0.7

_WORD = re.compile(r"[^\s<>()\[\]{},;!?\"|=\u00b7\u2022\u2013\u2014]+")
_ADDRESS = re.compile(r"[/@%]")
_DIGIT = re.compile(r"\d")
_HASH_IN_NAME = re.compile(r"[._-](?=[\w-]{0,80}[\dA-Z_])[\w-]{6,80}(?=[._-]|$)|[0-9a-f]{8,}|\d+")
_DATE_WORDS = frozenset(
    [
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "gmt",
        "utc",
        "am",
        "pm",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
)

_STATES = """
unavailable available forbidden allowed denied granted blocked expired invalid unknown unauthorized
unauthenticated maintenance down offline found missing exist exists moved gone deleted removed disabled
enabled suspended locked limited exceeded throttled timeout failed failure error internal gateway login
logged signed upgrade plan license licensed subscription trial enterprise business permission scope role
admin token key session method version deprecated supported unsupported required rejected refused closed
busy overloaded starting restarting upgrading updating soon later temporarily permanently not no cannot
wartung gesperrt verboten abgelaufen nicht gefunden introuvable interdit indisponible no encontrado
prohibido mantenimiento indispon\u00edvel manuten\u00e7\u00e3o vietato manutenzione
"""
_HIGHEST = 0xFFFFFF


@lru_cache(maxsize=8192)
def _token(word: str) -> int:
    """Return the number of a word, 0 for one that may differ between two askings of one page."""
    word = word.strip(".:'\u2019#*-\u2026").lower()
    if not word or word in _DATE_WORDS or _varies(word):
        return 0
    return zlib.crc32(word.encode("utf-8", "replace")) & 0xFFFFFF or 1


def _varies(word: str) -> bool:
    if _DIGIT.search(word):
        return True
    return "_" in word or len(word) > 24  # noqa: PLR2004 - longer than words are


def words_of(text: str) -> frozenset[int]:
    """Return the numbers of the distinct words that identify `text`."""
    plain = " ".join(part for part in set(text.split()) if not _ADDRESS.search(part))
    return frozenset(map(_token, _WORD.findall(plain))) - {0}


def sketch(text: str) -> tuple[int, ...]:
    """Return the SKETCH smallest word numbers of `text`: all of a short text, a fair sample of a long one."""
    return tuple(sorted(words_of(text))[:SKETCH])


def structure(parts: Iterable[str]) -> tuple[int, ...]:
    """Return numbers for the names of scripts, styles, inputs and frames, without hashes and versions."""
    return tuple(sorted({_part(part) for part in parts})[:STRUCTURE])


@lru_cache(maxsize=4096)
def _part(part: str) -> int:
    name = _HASH_IN_NAME.sub("#", part.split("?", 1)[0].split("#", 1)[0])
    return zlib.crc32(name.lower().encode("utf-8", "replace")) & 0xFFFFFF


def fingerprint(title: str, features: tuple[int, ...], built: tuple[int, ...], password: bool) -> str:
    """Return a short name that is equal for two askings of one page, save for what `same_page` forgives."""
    seen = repr((sorted(words_of(title)), features, built, password))
    return f"{zlib.crc32(seen.encode()):08x}"


def same_page(a: PageView, b: PageView) -> bool:
    """Return whether `a` and `b` are two askings of one page."""
    if a.fingerprint == b.fingerprint and a.password_input == b.password_input:
        return True
    if a.password_input != b.password_input or a.app_shell != b.app_shell:
        return False
    if words_of(a.title) != words_of(b.title) or _headings(a) != _headings(b):
        return False
    return _same_structure(a, b) and _same_text(a.features, b.features)


def _headings(page: PageView) -> frozenset[int]:
    return words_of(" ".join(page.headings))


def _same_text(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Compare two sketches: up to the point where the shorter one ends, both list every word."""
    ours, theirs = set(a), set(b)
    if SKETCH in {len(a), len(b)}:
        last = min(a[-1] if len(a) == SKETCH else _HIGHEST, b[-1] if len(b) == SKETCH else _HIGHEST)
        ours, theirs = {word for word in a if word <= last}, {word for word in b if word <= last}
    apart = max(len(ours - theirs), len(theirs - ours))
    if apart == 0:
        return True
    return apart <= MOST_WORDS_APART and len(ours & theirs) > apart and not (ours ^ theirs) & state_words()


@cache
def state_words() -> frozenset[int]:
    """Return the numbers of the words that say what state something is in."""
    return words_of(_STATES)


def _same_structure(a: PageView, b: PageView) -> bool:
    ours, theirs = set(a.structure), set(b.structure)
    if not ours and not theirs:
        return True
    return len(ours & theirs) / len(ours | theirs) >= LEAST_STRUCTURE
