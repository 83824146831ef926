"""Credentials that a server shows by itself: no value is known, so they are told by form and by name.

Comes in: any text from a server, with the run's own secrets already masked. Goes out: the text without
tokens, keys, passwords, cookies and authorization headers. Words about credentials stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from probe.patterns import Pattern

MASKED_TOKEN = "[token]"  # noqa: S105 - what stands in a token's place

_DIGIT = Pattern(r"\d")
_JWT = Pattern(r"\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}")
# A short name, a mark, and a long random part: what vendors' keys, tokens and invitations look like.
_PREFIXED = Pattern(
    r"\b(?!nonce-|sha\d)[A-Za-z]{2,12}[_-](?:[A-Za-z0-9]{2,12}[_-]){0,2}(?=[A-Za-z]*\d)[0-9A-Za-z]{16,}"
)
# The start and the end of a token with marks between, as some servers show it.
_HALF_HIDDEN = Pattern(r"[\w-]{0,40}\*{3,}[\w-]{0,40}")
_SCHEME = Pattern(
    r"\b((?:Bearer|Basic|Digest|Negotiate|NTLM|Token|ApiKey)\s+)(?=[^\s\"']{0,400}[\d=])[\w+/=.~-]{8,}",
    re.IGNORECASE,
)
_NAMES = r"passwo?r?d|pwd|secret|token|key|session(?:[_-]?id)?|sid|cookie|signature|jwt|otp|credentials?"
_ASSIGNED = Pattern(
    rf"\b([\w.-]{{0,40}}(?:{_NAMES})[\"']?\s?=\s?[\"']?)(?!\[)[^\s\"'&;,<>\[\]]{{2,}}", re.IGNORECASE
)
# After a colon stand words too ("token: expired"); a value is told by a digit.
_STATED = Pattern(
    rf"\b([\w.-]{{0,40}}(?:{_NAMES})[\"']?\s?:\s?[\"']?)(?!\[)(?=[^\s\"'<>]{{0,200}}\d)[^\s\"'<>]{{4,}}",
    re.IGNORECASE,
)
# A value that a sentence tells: "your password is ...".
_TOLD = Pattern(
    rf"\b((?:{_NAMES}|code)\s(?:is|was):?\s[\"']?)(?=[^\s\"']{{0,100}}\d)[^\s\"',;]{{4,}}", re.IGNORECASE
)
# What stands right after the word and is no word itself.
_BESIDE = Pattern(
    r"\b((?:token|key|secret|password|pass(?:phrase|code))\s[\"'(]?)(?=[\w-]{0,60}\d)(?=[\w-]{0,60}[A-Za-z])[\w-]{12,}",
    re.IGNORECASE,
)
_PASS = Pattern(
    r"(?<![A-Za-z])(pass(?:phrase|code)?\s?:\s?)(?=\S{0,60}\d)[^\s,;\"'<>\[\]]{4,}", re.IGNORECASE
)
_PRIVATE_KEY = Pattern(r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[\sA-Za-z0-9+/=]+")
# What an address carries from a sign-in.
_CARRIED = Pattern(
    r"([?&;](?:code|state|ticket|hash|auth|sig|[tkh])=)(?=[^\s&;]{0,200}\d)[^\s&;\"'<>\[\]]{6,}",
    re.IGNORECASE,
)
# A part of an address that lets its holder in, and any part that mixes letters of both cases with digits.
_LINK = Pattern(
    r"(/(?:reset|invites?|invitations?|magic|join|sign-?up|verify|confirm|activate|tokens?|embed|share|public|m)/)"
    r"(?=[^\s/?#]{0,200}\d)[^\s/?#\"'<>\[\]]{4,}",
    re.IGNORECASE,
)
_SEGMENT = r"[A-Za-z0-9_-]"
_MIXED = Pattern(
    rf"(?<=/)(?={_SEGMENT}{{0,60}}[A-Z])(?={_SEGMENT}{{0,60}}[a-z])(?={_SEGMENT}{{0,60}}\d){_SEGMENT}{{10,}}"
    r"(?=[\s/?#\"'.,]|$)"
)
_COOKIES = Pattern(r"\b(?:set-)?cookie:\s?(?:[\w.$-]{1,80}=[^;\s]*(?:;\s?|$|(?=\s)))+", re.IGNORECASE)
_COOKIE_VALUE = Pattern(r"(?<=[:;\s])([\w.$-]{1,80})=[^;\s]+")
# What must stand in a text, in lower case, for a pattern to be worth a look; the pattern; its replacement.
_RULES: tuple[tuple[str, Pattern, str | Callable[[re.Match[str]], str]], ...] = (
    ("eyj", _JWT, MASKED_TOKEN),
    ("cookie:", _COOKIES, lambda found: _COOKIE_VALUE.sub(rf"\1={MASKED_TOKEN}", found[0])),
    (" ", _SCHEME, rf"\1{MASKED_TOKEN}"),
    ("=", _ASSIGNED, rf"\1{MASKED_TOKEN}"),
    (":", _STATED, rf"\1{MASKED_TOKEN}"),
    ("***", _HALF_HIDDEN, MASKED_TOKEN),
    ("s ", _TOLD, rf"\1{MASKED_TOKEN}"),
    *((word, _BESIDE, rf"\1{MASKED_TOKEN}") for word in ("token ", "key ", "secret ", "pass")),
    ("pass", _PASS, rf"\1{MASKED_TOKEN}"),
    ("private key", _PRIVATE_KEY, rf"\1{MASKED_TOKEN}"),
    ("=", _CARRIED, rf"\1{MASKED_TOKEN}"),
    ("/", _LINK, rf"\1{MASKED_TOKEN}"),
    ("/", _MIXED, MASKED_TOKEN),
)


def without_credentials(text: str) -> str:
    """Return `text` without credentials.

    >>> without_credentials("Authorization: Bearer abcd1234efgh, token=xyz, token expired")
    'Authorization: Bearer [token], token=[token], token expired'
    """
    lowered = text.lower()
    for needle, pattern, instead in _RULES:
        if needle in lowered:
            text = pattern.sub(instead, text)
    return _PREFIXED.sub("[id]", text) if _DIGIT.search(text) else text
