"""Looks for what has the form of a credential in a finished text: the last look before it is sent away.

Comes in: text. Goes out: the name of the form that was found, or an empty text, never the value. Masking by
value comes long before; this is for a run that was edited by hand or made elsewhere. Only forms that nothing
else has are looked for, as a false alarm would keep back a good report.
"""

from __future__ import annotations

import re

# A value is at least so long; `$TOKEN`, `[masked]` and `{id}` are none.
_VALUE = r"[\w+/=.~-]"
_KEYS = ("sk", "pk", "rk", "pat", "tok", "token", "key", "secret", "gho", "ghp", "ghr", "ghs", "ghu")
_MORE_KEYS = ("github_pat", "glpat", "xoxa", "xoxb", "xoxp", "xoxr", "xoxs", "npm", "pypi")
_PREFIXES = tuple(f"{name}{mark}" for name in (*_KEYS, *_MORE_KEYS) for mark in "_-")
# The name of each form; what must stand in a text for its pattern to be worth a look; the pattern.
_FORMS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    (
        "an Authorization header",
        ("earer ", "EARER ", "asic ", "ASIC "),
        re.compile(rf"[Bb](?:earer|asic|EARER|ASIC)\s+(?={_VALUE}*[\d=]){_VALUE}{{12,}}"),
    ),
    ("a signed token (JWT)", ("eyJ",), re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}")),
    (
        "a cookie",
        ("ookie", "OOKIE"),
        re.compile(r"[Cc](?:ookie|OOKIE)[\"':,\s]{1,40}[\w.$-]{1,80}=(?!\[)[^;\s\"'\[\]]{6,}"),
    ),
    (
        "a password in an address",
        ("://",),
        re.compile(r"://[^/\s:@\"'<>\[\]]{1,80}:(?!\[|%5B)[^/\s:@\"'<>\[\]]{2,80}@"),
    ),
    ("a private key", ("PRIVATE KEY",), re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")),
    (
        "a vendor's key",
        _PREFIXES,
        re.compile(
            rf"\b(?:{'|'.join((*_KEYS, *_MORE_KEYS))})[_-](?:live[_-]|test[_-])?"
            r"(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{20,}\b"
        ),
    ),
    ("a vendor's key", ("AKIA",), re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
)


def credential_in(text: str) -> str:
    """Return what kind of credential stands in a text, or an empty text.

    >>> credential_in('"authorization": "Bearer [masked]"'), credential_in("Bearer abcdef123456789")
    ('', 'an Authorization header')
    """
    for name, needles, pattern in _FORMS:
        if any(needle in text for needle in needles) and pattern.search(text):
            return name
    return ""
