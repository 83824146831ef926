"""Turns bytes into text, whatever the header says of the charset.

Comes in: decoded bytes and the Content-Type header. Goes out: text, or None for binary data, with
notes. Never raises.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_MAGIC = (
    b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"%PDF-", b"PK\x03\x04", b"\x7fELF", b"\x1f\x8b", b"BZh",
    b"7z\xbc\xaf", b"RIFF", b"wOFF", b"wOF2", b"OggS", b"\x00asm", b"\x28\xb5\x2f\xfd", b"MZ", b"ID3",
    b"\xd0\xcf\x11\xe0", b"\x00\x00\x01\x00",
)  # fmt: skip
# Charsets of the web. Others that Python knows, such as punycode, are slow or no charsets at all. A
# one-byte charset that maps every byte says nothing against UTF-8, so Latin-1 is not among them.
_KNOWN = re.compile(
    r"utf-8|utf-(?:16|32)(?:-[lb]e)?|koi8-[ru]|gb\w+|big5\w*|euc_\w+|shift_jis\w*|cp125[013-8]|iso8859-(?:[2-9]|1[0-6])"
)
_LOOKED_AT = 2048
_MOST_CONTROLS = 0.05
_FEW_ZEROS = 8
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c\x1b\x1e\x00")
_CONTROLS = bytes(set(range(32)) - _TEXT_CONTROLS) + b"\x7f"


class Decoded(NamedTuple):
    """Text, or None for binary data, and what was odd."""

    text: str | None
    notes: tuple[str, ...]


def decode(data: bytes, content_type: str) -> Decoded:
    """Decode by byte order mark, by the look of the bytes, then by what is declared."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(name, "replace")
            return Decoded(text, (f"the body begins with a {name[:6].upper()} byte order mark",))
    wide = _wide(data)
    if wide:
        return Decoded(data.decode(wide, "replace"), (f"the body is {wide[:6].upper()} without a mark",))
    if data.startswith(_MAGIC) or _is_binary(data):
        return Decoded(None, ())
    return _declared_or_guessed(data, content_type)


def _wide(data: bytes) -> str:
    """Name UTF-16 or UTF-32 by where the zero bytes of its first characters stand (RFC 4627 section 3)."""
    head = data[:4]
    if len(data) % 2 or len(head) < 2:  # noqa: PLR2004 - the shortest UTF-16 text
        return ""
    zeros = tuple(byte == 0 for byte in head)
    table = {
        (True, True, True, False): "utf-32-be",
        (False, True, True, True): "utf-32-le",
        (True, False, True, False): "utf-16-be",
        (False, True, False, True): "utf-16-le",
        (True, False): "utf-16-be",
        (False, True): "utf-16-le",
    }
    return table.get(zeros, "")


def _is_binary(data: bytes) -> bool:
    head = data[:_LOOKED_AT]
    if not head:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    zeros = head.count(0)
    return controls > _MOST_CONTROLS * len(head) or zeros > max(_FEW_ZEROS, _MOST_CONTROLS * len(head))


def _declared_or_guessed(data: bytes, content_type: str) -> Decoded:
    declared = _declared(data, content_type)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) - error.start < 4 and error.end >= len(data) - 3:  # noqa: PLR2004 - cut inside a character
            return Decoded(data.decode("utf-8", "ignore"), ())
        return _legacy(data, declared)
    if declared and declared != "utf-8" and not data.isascii() and _decodes(data, declared):
        return Decoded(data.decode(declared), ())
    return Decoded(text, ())


def _declared(data: bytes, content_type: str) -> str:
    match = _CHARSET.search(content_type)
    name = match[1] if match else ""
    if not name:
        meta = _META.search(data[:1024])
        name = meta[1].decode("ascii", "ignore") if meta else ""
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""
    return found if _KNOWN.fullmatch(found) else ""


def _decodes(data: bytes, name: str) -> bool:
    try:
        return isinstance(data.decode(name), str)
    except (LookupError, ValueError, TypeError, AssertionError):
        return False


def _legacy(data: bytes, declared: str) -> Decoded:
    if declared == "utf-8":
        return Decoded(data.decode("cp1252", "replace"), ("the charset is said to be UTF-8, but is not",))
    if declared and _decodes(data, declared):
        return Decoded(data.decode(declared), ())
    return Decoded(data.decode("cp1252", "replace"), ("the body is not UTF-8",))
