"""One strange answer explained: a raw response, without a scan.

Comes in: what `curl -si URL` prints, or a HAR file, and perhaps answers of routes that cannot exist.
Goes out: an Explanation. Sends nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from probe.catalog.model import Catalog
from probe.errors import InputError
from probe.evidence import Attempt, ControlRole, Exchange, Headers, Request, Response
from probe.judge.context import Context
from probe.judge.diagnose import diagnose
from probe.judge.model import Cause, Confidence, Kind
from probe.masking import Mask, mask_personal
from probe.reading import read_body
from probe.reading.headers import keep_headers, mask_location

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})[^\r\n]*(?:\r?\n|$)")
_HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:")
_NOT_FINAL = frozenset(range(100, 200))
_MOST_BYTES = 16 * 1024 * 1024


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a response is, why, how sure that is, and what to do to be surer."""

    status: int | None
    kind: Kind
    cause: Cause
    confidence: Confidence
    rule: str
    reason: str
    runner_up: str
    settle: str
    notes: tuple[str, ...]


class RawResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A response as it was captured. A status of 0 means that none was."""

    status: int
    headers: Headers
    body: bytes
    method: str = ""
    path: str = ""
    notes: tuple[str, ...] = ()


def explain(
    raw: bytes,
    *,
    method: str = "",
    path: str = "",
    controls: tuple[bytes, ...] = (),
    catalog: Catalog | None = None,
    entry: int | None = None,
) -> Explanation:
    """Explain one raw response.

    `controls` are raw responses of routes that cannot exist; `entry` chooses one of a HAR file, from 1.
    Raises InputError where there is nothing to read.
    """
    response = parse_response(raw, entry=entry)
    method, path = method or response.method or "GET", path or response.path or "/"
    exchange = _exchange(response, method, path)
    others = [
        _exchange(parse_response(item), method, "/no-such-route", ControlRole.NO_SUCH_ROUTE)
        for item in controls
    ]
    operation = _operation(catalog, method, path)
    exchange = msgspec.structs.replace(exchange, operation=operation)
    finding = diagnose(exchange, Context(controls=others, exchanges=(exchange,), catalog=catalog))
    outcome = exchange.outcome
    notes = outcome.body.notes if isinstance(outcome, Response) else ()
    said = finding.diagnosis
    return Explanation(
        status=response.status or None,
        kind=finding.kind,
        cause=said.cause,
        confidence=said.confidence,
        rule=said.rule,
        reason=said.reason,
        runner_up=said.runner_up,
        settle=said.settle,
        notes=(*response.notes, *notes),
    )


def _exchange(response: RawResponse, method: str, path: str, role: ControlRole | None = None) -> Exchange:
    mask = Mask()
    reading = read_body(response.body, response.headers, status=response.status, cut=False, mask=mask)
    outcome = Response(
        status=response.status, headers=keep_headers(response.headers, mask), body=reading.body
    )
    request = Request(method=method.upper(), path=mask_location(path, mask))
    return Exchange(
        role=role, request=request, attempts=(Attempt(started_at="", elapsed_ms=0, outcome=outcome),)
    )


def _operation(catalog: Catalog | None, method: str, path: str) -> str:
    """Return the id of the operation that a request is, or an empty text."""
    if catalog is None:
        return ""
    bare = path.split("?", 1)[0].rstrip("/")
    for operation in catalog.operations:
        pattern = re.sub(r"\\\{[^/]*?\\\}|:[A-Za-z_]\w*", "[^/]+", re.escape(operation.path.rstrip("/")))
        if operation.method == method.upper() and re.fullmatch(pattern, bare):
            return operation.id
    return ""


def parse_response(raw: bytes, *, entry: int | None = None) -> RawResponse:
    """Parse a raw response or a HAR entry. Raises InputError where there is nothing to read."""
    raw = raw[:_MOST_BYTES]
    if not raw.strip():
        raise InputError(
            "There is no response to explain: the input is empty.", "Use: curl -si URL | probe explain"
        )
    har = _har_entries(raw)
    if har is not None:
        return _from_har(har, entry)
    if entry is not None:
        raise InputError("--entry chooses from a HAR file, and this is none.")
    return _from_text(raw)


def _from_text(raw: bytes) -> RawResponse:
    """Parse `curl -si` output: the last of several header blocks counts."""
    headers: list[tuple[str, str]] = []
    rest, status, seen = raw.lstrip(b"\r\n\xef\xbb\xbf"), 0, 0
    while (line := _STATUS_LINE.match(rest)) is not None:
        status, block = int(line[1]), rest[line.end() :]
        headers, rest = _header_block(block)
        seen += 1
        if not _followed_by_another(status, rest, seen):
            break
    notes: tuple[str, ...] = () if seen else ("no status line: the status is not known",)
    if seen > 1:
        notes = (f"the last of {seen} responses is explained",)
    if not seen and _HEADER_LINE.match(rest) and b"\n\n" in rest.replace(b"\r", b"")[:65536]:
        headers, rest = _header_block(rest)
    pairs = tuple(headers)
    return RawResponse(status=status, headers=pairs, body=_dechunked(rest, pairs), notes=notes)


def _followed_by_another(status: int, rest: bytes, seen: int) -> bool:
    """Return whether what follows is the next response: after 1xx, a redirect or a proxy's CONNECT."""
    nothing_between = _STATUS_LINE.match(rest) is not None
    return nothing_between and seen < 50 and (status in _NOT_FINAL or 200 <= status < 500)  # noqa: PLR2004 - any but a failure


def _header_block(block: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """Split header lines from what follows the empty line."""
    headers: list[tuple[str, str]] = []
    while block:
        line, _, block = block.partition(b"\n")
        text = line.rstrip(b"\r").decode("utf-8", "replace")
        if not text:
            break
        name, colon, value = text.partition(":")
        if text[:1] in {" ", "\t"} and headers:
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {text.strip()}")
        elif colon:
            headers.append((name.strip().lower(), value.strip()))
    return headers, block


def _dechunked(body: bytes, headers: Headers) -> bytes:
    """Undo chunking where the body still has it, which `curl` has undone already."""
    if not any(name == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        return body
    out, place = bytearray(), 0
    while place < len(body):
        end = body.find(b"\n", place)
        line = body[place : end if end >= 0 else len(body)]
        size = line.split(b";", 1)[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
            return bytes(out) if out else body
        length, place = int(size, 16), place + len(line) + 1
        if length == 0:
            return bytes(out)
        if len(body) - place < length and not out:  # no chunk: the body itself begins like a number
            return body
        out += body[place : place + length]
        place += length
        place += (
            len(body[place : place + 2])
            if body[place : place + 2] == b"\r\n"
            else body[place : place + 1] == b"\n"
        )
    return bytes(out)


def _har_entries(raw: bytes) -> list[Any] | None:
    """Return the entries of a HAR file, or one entry by itself; None if it is neither."""
    if not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    log = value.get("log")
    if isinstance(log, dict) and isinstance(log.get("entries"), list):
        return list(log["entries"])
    response = value.get("response")
    if isinstance(response, dict) and isinstance(response.get("content"), dict) and "status" in response:
        return [value]
    return None


def _from_har(entries: list[Any], entry: int | None) -> RawResponse:
    if not entries:
        raise InputError("The HAR file has no entries.")
    if entry is None and len(entries) > 1:
        raise InputError(f"The HAR file has {len(entries)} entries.", "Choose one with --entry N, from 1.")
    place = entry or 1
    if not 1 <= place <= len(entries):
        number = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
        raise InputError(f"The HAR file has {number}, and no entry {place}.", "They count from 1.")
    try:
        return _har_response(entries[place - 1])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(
            f"Entry {place} of the HAR file is not complete.", "It needs request and response."
        ) from None


def _har_response(entry: Any) -> RawResponse:  # noqa: ANN401 - any JSON value
    import base64
    from urllib.parse import urlsplit

    request, response = entry.get("request") or {}, entry["response"]
    content = response.get("content") or {}
    text = content.get("text") or ""
    body = (
        base64.b64decode(text)
        if content.get("encoding") == "base64"
        else text.encode("utf-8", "surrogatepass")
    )
    pairs = [(str(item["name"]).lower(), str(item["value"])) for item in response.get("headers", [])]
    # The text of a HAR entry is already decoded, whatever its headers say.
    headers = tuple(
        (name, value) for name, value in pairs if name not in {"content-encoding", "transfer-encoding"}
    )
    if not any(name == "content-type" for name, _ in headers) and content.get("mimeType"):
        headers = (*headers, ("content-type", str(content["mimeType"])))
    parts = urlsplit(str(request.get("url", "")))
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return RawResponse(
        status=int(response["status"]),
        headers=headers,
        body=body,
        method=str(request.get("method", "")),
        path=path,
    )


def masked(text: str) -> str:
    """Return text for the terminal without personal data."""
    return mask_personal(text)
