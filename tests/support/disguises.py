"""Ways to write a secret so that a search for it would pass it by, and the search that finds each."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import cache
from urllib.parse import quote

from probe.disguise import plain

# So many characters of a secret, or as much of an encoding as stands for them, give it away.
SHORTEST = 9


def each(form, text, every=1):
    return "".join(form(char) if place % every == 0 else char for place, char in enumerate(text))


def percent(text):
    return each(lambda char: f"%{ord(char):02x}", text)


def pieces(text, size=4):
    return re.findall(f".{{1,{size}}}", text)


def full_width(text):
    return each(lambda char: chr(ord(char) + 0xFEE0), text)


SILENT = "\u00ad\u034f\u061c\u180e\u200b\u2060\u3164\ufe0f\U000e0020\0"
WAYS = {
    "as it is": str,
    "upper case": str.upper,
    "reversed": lambda text: text[::-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "a login": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "percent": lambda text: quote(text, safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "HTML": html.escape,
    "hex": lambda text: text.encode().hex(),
    "its start": lambda text: text[:12],
    "its end": lambda text: text[-12:],
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent three times": lambda text: quote(quote(percent(text), safe=""), safe=""),
    "percent, here and there": lambda text: each(lambda char: f"%{ord(char):02X}", text, 3),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "escaped JSON escapes": lambda text: each(lambda char: f"\\\\u{ord(char):04x}", text),
    "JSON escapes, here and there": lambda text: each(lambda char: f"\\u{ord(char):04X}", text, 4),
    "escapes of a script": lambda text: each(lambda char: f"\\x{ord(char):02x}", text),
    "braced escapes": lambda text: each(lambda char: f"\\u{{{ord(char):x}}}", text),
    "octal": lambda text: each(lambda char: f"\\{ord(char):03o}", text),
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "entities with zeros": lambda text: each(lambda char: f"&#{ord(char):07d};", text),
    "hex entities with zeros": lambda text: each(lambda char: f"&#X{ord(char):05X};", text),
    "entities without an end": lambda text: each(lambda char: f"&#{ord(char)}", text) + " ",
    "entities, here and there": lambda text: each(lambda char: f"&#{ord(char)};", text, 3),
    "entities behind percent signs": lambda text: quote(each(lambda char: f"&#{ord(char)};", text)),
    "full width": full_width,
    "a blank between all": " ".join,
    "lines of four": lambda text: "\n".join(pieces(text)),
    "line separators": lambda text: "\u2028".join(pieces(text)),
    "hard spaces": lambda text: "\u00a0".join(pieces(text)),
    **{f"marks of U+{ord(mark):04X}": mark.join for mark in SILENT},
    "tags": lambda text: "".join(f"<b>{piece}</b>" for piece in pieces(html.escape(text))),
    "comments": lambda text: "<!-- -->".join(pieces(text)),
    "the wrong way round": lambda text: f"\u202e{text[::-1]}\u202c",
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with blanks": lambda text: text.encode().hex(" "),
    "hex of its start": lambda text: text[:12].encode().hex(),
    "base64 of its end": lambda text: base64.b64encode(text[-15:].encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode() * 3).decode(),
    "base64, percent": lambda text: quote(base64.b64encode(text.encode()), safe=""),
    "base64url": lambda text: base64.urlsafe_b64encode(b"x" + text.encode()).decode().rstrip("="),
    "its start, reversed": lambda text: text[:14][::-1],
    "its start, in entities": lambda text: each(lambda char: f"&#{ord(char)};", text[:9]),
    "its end, in percent signs": lambda text: percent(text[-9:]),
}  # fmt: skip


@cache
def parts(secret: str) -> tuple[str, ...]:
    """Return what may not stand in, or behind, a text: each part of a secret, of its hex and its base64."""
    raw = secret.encode()
    found = dict.fromkeys(windows(plain(secret), SHORTEST))
    found |= dict.fromkeys(windows(raw.hex(), 2 * SHORTEST))
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw).decode().lower()[offset + 1 : -4]
        found |= dict.fromkeys(windows(encoded, SHORTEST * 4 // 3))
        found |= dict.fromkeys(windows(encoded.replace("+", "-").replace("/", "_"), SHORTEST * 4 // 3))
    return tuple(found)


def windows(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(len(text) - size + 1)]


def gives_away(secret: str, text: str) -> list[str]:
    """Return the parts of a secret that stand in a text, or behind what it is written with."""
    seen = plain(text)
    seen += "\n" + seen[::-1] + "\n" + seen.replace(":", "") + "\n" + text.lower()
    return [part for part in parts(secret) if part in seen]
