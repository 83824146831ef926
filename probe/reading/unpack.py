"""Undoes content encodings within bounds, whether the header tells the truth or not.

Comes in: the bytes of a body as they came, and the Content-Encoding header. Goes out: the bytes
inside, at most CAP of them, with notes on what was odd. A bomb costs no more than the cap.
"""

from __future__ import annotations

import re
import zlib
from typing import Any, NamedTuple

CAP = 1024 * 1024
_CHUNK = 16 * 1024
_MOST_LAYERS = 3
_MOST_MEMBERS = 64
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PLAIN_NAME = re.compile(r"[a-z][a-z-]{0,19}")
_NAMES = {"x-gzip": "gzip", "x-deflate": "deflate", "x-compress": "compress"}


class Unpacked(NamedTuple):
    """Decoded bytes, whether there was more, and what was odd on the way."""

    data: bytes
    cut: bool = False
    notes: tuple[str, ...] = ()


def unpack(raw: bytes, content_encoding: str) -> Unpacked:
    """Undo the encodings that the header names, and those that the bytes show.

    An encoding that the bytes do not have is left alone and noted.
    """
    data, cut, notes = raw[:CAP], len(raw) > CAP, list[str]()
    names = [_NAMES.get(name, name) for name in _layers(content_encoding)]
    for name in reversed(names[:_MOST_LAYERS]):
        layer = _undo(name, data)
        notes += layer.notes
        data, cut = layer.data, cut or layer.cut
    for _ in range(_MOST_LAYERS):
        name = _seen(data)
        if not name:
            break
        layer = _undo(name, data)
        if layer.data == data:
            notes += layer.notes
            break
        notes.append(f"the body is {name}-compressed {'once more ' if names else ''}without a header for it")
        data, cut = layer.data, cut or layer.cut
    return Unpacked(data, cut, tuple(dict.fromkeys(notes)))


def _layers(content_encoding: str) -> list[str]:
    names = [name.strip().lower() for name in content_encoding[:200].split(",")]
    return [name for name in names if name and name not in {"identity", "none", "utf-8", "chunked"}]


def _seen(data: bytes) -> str:
    if data.startswith(_GZIP):
        return "gzip"
    return "zstd" if data.startswith(_ZSTD) else ""


def _left(data: bytes, note: str) -> Unpacked:
    """Leave the data as it is, and say why."""
    return Unpacked(data, notes=(note,))


def _undo(name: str, data: bytes) -> Unpacked:
    if not data:
        return Unpacked(data)
    match name:
        case "gzip":
            return _inflate(data, (31,), name)
        case "deflate":
            return _inflate(data, (15, -15), name)
        case "br":
            return _by_library(data, name, ("brotli", "brotlicffi"))
        case "zstd":
            return _by_library(data, name, ("compression.zstd", "backports.zstd", "zstandard"))
        case _:
            shown = f"{name!r} " if _PLAIN_NAME.fullmatch(name) else ""  # else it may be anything
            return _left(data, f"the content encoding {shown}is not known")


def _inflate(data: bytes, windows: tuple[int, ...], name: str) -> Unpacked:
    for window in windows:
        found = _inflate_as(data, window)
        if found is not None:
            return found
    return _left(data, f"Content-Encoding says {name}, but the body is not {name}")


def _inflate_as(data: bytes, window: int) -> Unpacked | None:
    """Inflate in pieces, so that what came before damage or a cut is kept; None if it is no such data."""
    out, rest = bytearray(), data
    for _ in range(_MOST_MEMBERS):
        inflater = zlib.decompressobj(window)
        consumed, error = _feed(inflater, rest, out)
        if error and not out:
            return None
        if len(out) > CAP:
            return Unpacked(bytes(out[:CAP]), cut=True, notes=("the decoded body is longer than was read",))
        if error or not inflater.eof:
            return Unpacked(bytes(out), cut=True, notes=("the compressed body ends early",))
        rest = inflater.unused_data + rest[consumed:]
        if not rest.startswith(_GZIP):
            break
    return Unpacked(bytes(out))


def _feed(inflater: Any, data: bytes, out: bytearray) -> tuple[int, bool]:  # noqa: ANN401 - zlib does not name its type
    """Feed `data` until its end, the end of the stream, the cap or an error; return how much was used."""
    used = 0
    while used < len(data) and not inflater.eof and len(out) <= CAP:
        piece = data[used : used + _CHUNK]
        used += len(piece)
        try:
            while piece and len(out) <= CAP:
                out += inflater.decompress(piece, CAP + 1 - len(out))
                piece = inflater.unconsumed_tail
        except zlib.error:
            return used, True
    return used, False


def _by_library(data: bytes, name: str, modules: tuple[str, ...]) -> Unpacked:
    """Decode with a library where one is installed; none is required, for none is asked for."""
    import importlib

    for module in modules:
        try:
            library = importlib.import_module(module)
        except ImportError:
            continue
        return _library_result(library, data, name)
    return _left(data, f"the body is {name}-compressed, which cannot be read here")


def _library_result(library: Any, data: bytes, name: str) -> Unpacked:  # noqa: ANN401 - any of several modules
    try:
        if hasattr(library, "ZstdDecompressor"):
            decompressor = library.ZstdDecompressor()
            if hasattr(decompressor, "decompressobj"):  # zstandard: a bound by reading as a stream
                with decompressor.stream_reader(data) as reader:
                    out = reader.read(CAP + 1)
            else:
                out = decompressor.decompress(data, CAP + 1)
        else:
            out = _brotli(library.Decompressor(), data)
    except Exception:  # noqa: BLE001 - each library has an error type of its own
        return _left(data, f"Content-Encoding says {name}, but the body is not {name}")
    return Unpacked(out[:CAP], len(out) > CAP, ())


def _brotli(decompressor: Any, data: bytes) -> bytes:  # noqa: ANN401 - no stubs
    out = bytearray()
    for start in range(0, len(data), 1024):
        out += decompressor.process(data[start : start + 1024])
        if len(out) > CAP:
            break
    return bytes(out)
