"""Reads JSON from text with every trap that servers set: prefixes, streams, depth, huge numbers, cuts.

Comes in: text, and what the header says. Goes out: what was parsed, or None where it is no JSON.
Never raises, and never takes time out of proportion to the text.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from probe.evidence import Form

_PREFIXES = (
    ")]}',",
    ")]}'",
    "while(1);",
    "while (1);",
    "for(;;);",
    "for (;;);",
    "&&&START&&&",
    "{}&&",
    "throw 1;",
)
_JSONP = re.compile(
    r"(?:/\*\*/\s*)?(?:typeof\s+[\w$.]+\s*===\s*'function'\s*&&\s*)?[A-Za-z_$][\w$.]{0,100}\s*\(\s*(?=[\[{\"])"
)
_NUMBER = re.compile(r"-?(?:\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,6})?|Infinity)|NaN")
_BLANK = " \t\r\n\x00\ufeff"
_LONGEST_INTEGER = 400
_STREAM_LINES = 50
_EVENT_FIELDS = ("data:", "event:", "id:", "retry:", ":")
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")


class Parsed(NamedTuple):
    """What JSON text holds. `document` is None where it could not be read as a whole.

    `early_end` is true where the text ends in the middle; `text` is then its start.
    """

    form: Form
    document: Any
    notes: tuple[str, ...] = ()
    early_end: bool = False
    text: str = ""


def read_json(text: str, content_type: str, *, cut: bool) -> Parsed | None:
    """Return what the JSON in `text` holds, or None where it is not JSON.

    A bare number under a text type is taken for text: a body `403` is a remark, not a document.
    """
    body = text.strip(_BLANK)
    if not body:
        return None
    if body[0] == "\x1e":
        return _records(body.split("\x1e")[1 : _STREAM_LINES + 1], "a JSON text sequence", cut=cut)
    body, notes = _without_wrapping(body)
    parsed = _value(body, content_type, cut=cut, wrapped=bool(notes))
    return parsed._replace(notes=notes + parsed.notes) if parsed and notes else parsed


def _value(body: str, content_type: str, *, cut: bool, wrapped: bool) -> Parsed | None:
    if body[:1] in {"{", "["}:
        return _document(body, cut=cut) or _stream(body, cut=cut)
    if wrapped or body[:1] == '"' or body[:5].rstrip() in {"true", "false", "null"}:
        return _document(body, cut=cut)
    if _NUMBER.fullmatch(body[:120]):
        return None if "text/" in content_type.lower() else _document(body, cut=cut)
    return _event_stream(body, cut=cut) if body.startswith(_EVENT_FIELDS) else None


def _without_wrapping(body: str) -> tuple[str, tuple[str, ...]]:
    """Take off a guard prefix or a JSONP call."""
    for prefix in _PREFIXES:
        if body.startswith(prefix):
            return body[len(prefix) :].strip(_BLANK), (f"the JSON stands behind the prefix {prefix}",)
    call = _JSONP.match(body[:400])
    end = body.rstrip("; \t\r\n")
    if call and end.endswith(")"):
        return end[call.end() : -1].strip(_BLANK), ("the JSON is wrapped in a JSONP call",)
    return body, ()


def _document(body: str, *, cut: bool) -> Parsed | None:
    if cut:  # it will not parse as a whole, save by luck
        return _leniently(body, cut=cut)
    try:
        return Parsed(Form.JSON, msgspec.json.decode(body))
    except RecursionError:
        return _too_deep(body)
    except (ValueError, UnicodeError):
        return _leniently(body, cut=cut)


def _leniently(body: str, *, cut: bool) -> Parsed | None:
    """Parse what strict parsers refuse: NaN, huge numbers, control characters, lone surrogates."""
    try:
        document = json.loads(body, strict=False, parse_int=_integer)
    except RecursionError:
        return _too_deep(body)
    except json.JSONDecodeError as error:
        if not _ends_early(body, error) or (body[:1] not in {"{", "["} and not cut):
            return None
        notes = () if cut else ("the JSON ends in the middle",)
        return Parsed(Form.JSON, None, notes, early_end=True, text=body[:8192])
    except ValueError:
        return None
    return Parsed(Form.JSON, document, () if cut else ("the JSON holds what strict JSON does not allow",))


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float("inf")


def _too_deep(body: str) -> Parsed:
    return Parsed(Form.JSON, None, ("the JSON is nested too deep to be read",), text=body[:256])


def _ends_early(body: str, error: json.JSONDecodeError) -> bool:
    """Return whether parsing failed only because the text ended."""
    if error.msg.startswith("Unterminated string"):
        return True
    rest = body[error.pos :].strip()
    if error.msg.startswith("Invalid"):
        return len(rest) < 8 and "\\" in rest  # noqa: PLR2004 - the longest escape
    if error.msg.startswith("Extra data"):
        return False
    return not rest or rest == "-" or any(word.startswith(rest) for word in _LITERALS)


def _stream(body: str, *, cut: bool) -> Parsed | None:
    """Read JSON values one after another: a line each, or joined without anything between."""
    values: list[Any] = []
    place, decoder = 0, json.JSONDecoder(strict=False, parse_int=_integer)
    while place < len(body) and len(values) < _STREAM_LINES:
        try:
            value, place = decoder.raw_decode(body, place)
        except (ValueError, RecursionError):
            break
        if not isinstance(value, dict | list):
            return None
        values.append(value)
        place += len(body[place : place + 1000]) - len(body[place : place + 1000].lstrip(_BLANK + ","))
    complete = place >= len(body) or len(values) == _STREAM_LINES
    if len(values) < 2 and not (values and cut and body[place : place + 1] in {"{", "["}):  # noqa: PLR2004 - one value is a document
        return None
    if not complete and body[place : place + 1] not in {"{", "["}:
        return None
    return Parsed(Form.JSON_STREAM, values[0], ("several JSON values one after another",))


def _records(pieces: list[str], what: str, *, cut: bool) -> Parsed | None:
    read = [_document(piece.strip(_BLANK), cut=cut) for piece in pieces if piece.strip(_BLANK)]
    found = [parsed for parsed in read if parsed]
    if not found:
        return None
    return Parsed(
        Form.JSON_STREAM, found[0].document, (what,), early_end=found[0].early_end, text=found[0].text
    )


def _event_stream(body: str, *, cut: bool) -> Parsed | None:
    """Read the first event's data of a text/event-stream, if that is JSON (WHATWG server-sent events)."""
    lines = body[: 64 * 1024].splitlines()
    data = [line[5:].strip() for line in lines[:_STREAM_LINES] if line.startswith("data:")]
    first = next((piece for piece in data if piece[:1] in {"{", "["}), "")
    return _records([first], "an event stream", cut=cut) if first else None
