"""Credentials that a server shows by itself: no value is known, so they are told by form and by name.

Comes in: any text from a server, with the run's own secrets already masked. Goes out: the text without
tokens, keys, passwords, cookies and authorization headers. Words about credentials stay as they are.
"""

from __future__ import annotations

import re

MASKED_TOKEN = "[token]"  # noqa: S105 - what stands in a token's place

_JWT = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}")
# A short name, a mark, and a long random part: what vendors' keys, tokens and invitations look like.
_PREFIXED = re.compile(
    r"\b(?!nonce-|sha\d)[A-Za-z]{2,12}[_-](?:[A-Za-z0-9]{2,12}[_-]){0,2}(?=[A-Za-z]*\d)[0-9A-Za-z]{16,}"
)
# The start and the end of a token with marks between, as some servers show it.
_HALF_HIDDEN = re.compile(r"[\w-]{0,40}\*{3,}[\w-]{0,40}")
_SCHEME = re.compile(
    r"\b((?:Bearer|Basic|Digest|Negotiate|NTLM|Token|ApiKey)\s+)(?=[^\s\"']{0,400}[\d=])[\w+/=.~-]{8,}",
    re.IGNORECASE,
)
_NAMES = r"passwo?r?d|pwd|secret|token|key|session(?:[_-]?id)?|sid|cookie|signature|jwt|otp|credentials?"
_ASSIGNED = re.compile(
    rf"\b([\w.-]{{0,40}}(?:{_NAMES})[\"']?\s?=\s?[\"']?)(?!\[)[^\s\"'&;,<>\[\]]{{2,}}", re.IGNORECASE
)
# After a colon stand words too ("token: expired"); a value is told by a digit.
_STATED = re.compile(
    rf"\b([\w.-]{{0,40}}(?:{_NAMES})[\"']?\s?:\s?[\"']?)(?!\[)(?=[^\s\"'<>]{{0,200}}\d)[^\s\"'<>]{{4,}}",
    re.IGNORECASE,
)
_COOKIES = re.compile(r"\b(?:set-)?cookie:\s?(?:[\w.$-]{1,80}=[^;\s]*(?:;\s?|$|(?=\s)))+", re.IGNORECASE)
_COOKIE_VALUE = re.compile(r"(?<=[:;\s])([\w.$-]{1,80})=[^;\s]+")
_HINT = re.compile(rf"eyJ|\*\*\*|\d|{_NAMES}", re.IGNORECASE)


def without_credentials(text: str) -> str:
    """Return `text` without credentials.

    >>> without_credentials("Authorization: Bearer abcd1234efgh, token=xyz, token expired")
    'Authorization: Bearer [token], token=[token], token expired'
    """
    if _HINT.search(text) is None:
        return text
    text = _JWT.sub(MASKED_TOKEN, text)
    text = _COOKIES.sub(lambda found: _COOKIE_VALUE.sub(rf"\1={MASKED_TOKEN}", found[0]), text)
    text = _SCHEME.sub(rf"\1{MASKED_TOKEN}", text)
    for pattern in (_ASSIGNED, _STATED):
        text = pattern.sub(rf"\1{MASKED_TOKEN}", text)
    return _PREFIXED.sub(MASKED_TOKEN, _HALF_HIDDEN.sub(MASKED_TOKEN, text))
