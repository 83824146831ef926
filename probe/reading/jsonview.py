"""What is kept of a JSON body: its shape, and what it says of failure.

Comes in: parsed JSON and the HTTP status. Goes out: a JsonView. Texts and code words are kept of a
body that reports a failure, and of no other; they are masked before they are cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from probe.evidence import Form, JsonView
from probe.masking import Mask, mask_personal
from probe.reading.clean import cut, kept, one_line
from probe.reading.credentials import without_credentials
from probe.reading.jsonfailure import (
    CODE_KEYS,
    FIRST_ERROR_STATUS,
    MESSAGE_KEYS,
    MOST_NODES,
    first_items,
    flag_of,
    has_data,
    inner_status,
    items_of,
    only_error_object,
    reports_errors,
)
from probe.reading.jsonnotice import notice_in
from probe.reading.jsonshape import shape_of
from probe.reading.jsontext import Parsed
from probe.reading.people import without_people

LONGEST_MESSAGE = 300
LONGEST_CODE = 80
MOST_MESSAGES = 8
MOST_CODES = 12
_DEEPEST = 6
# What a server may repeat of the request, or carry as data beside the failure.
_ECHOES = frozenset(
    {"input", "ctx", "context", "request", "params", "query", "payload", "attributes", "data", "headers"}
)
# Members that are about somebody or about a credential: what stands in them is data.
_WHO = (
    "user|users|actor|owner|owners|creator|author|member|members|person|profile|currentuser|current_user|viewer|"
    "created_by|createdby|updated_by|updatedby|invited_by|invitedby|requested_by|requestedby|invitee|inviter|"
    "requester|assignee|contact|invite|invitation|session|token|access_token|accesstoken|api_key|apikey|secret|"
    "credential|credentials"
)
_WHO_KEYS = frozenset(_WHO.split("|"))
_WHO_PIECE = re.compile(rf'"(?:{_WHO})"\s*:\s*\{{[^{{}}]*', re.IGNORECASE)
_FLAG_PIECE = re.compile(r'"(?:success|ok)"\s*:\s*(true|false)')
_CODE_WORD = re.compile(r"[A-Za-z][\w.:/#-]{1,79}|-?\d{1,9}")
_RANDOM_ID = re.compile(r"(?=.*\d)[A-Za-z]{0,10}[_-]?(?:[0-9a-f]{16,}|[0-9A-Za-z]{24,}|[0-9a-f-]{36})")
_PIECE = re.compile(
    r'"(message|msg|detail|error|error_description|code|errorCode|error_code|title|reason)"\s*:\s*"((?:[^"\\]|\\.){1,600})'
)


def view_json(parsed: Parsed, status: int, mask: Mask) -> JsonView:
    """Return the view of a parsed body that came with `status`."""
    if parsed.document is None and parsed.text:
        return _view_of_start(parsed, status, mask)
    value = parsed.document
    top = value if isinstance(value, dict) else only_error_object(value)
    flag, data = flag_of(top), has_data(value)
    errors = reports_errors(top, value)
    failed = flag is False or (errors and not data) or not 200 <= status < FIRST_ERROR_STATUS  # noqa: PLR2004 - 2xx and 3xx
    messages, codes = _texts(_error_part(value, top, failed=failed), mask) if failed or errors else ((), ())
    return JsonView(
        shape=_shape_text(parsed, mask),
        flag=flag,
        errors=errors,
        data=data,
        messages=messages,
        codes=codes,
        status=inner_status(top) if failed or errors else None,
        items=items_of(value),
        notice="" if failed or flag else kept(notice_in(value), mask, LONGEST_MESSAGE),
    )


def _shape_text(parsed: Parsed, mask: Mask) -> str:
    shape = shape_of(parsed.document, mask)
    return f"{shape} and more" if parsed.form is Form.JSON_STREAM else shape


def _view_of_start(parsed: Parsed, status: int, mask: Mask) -> JsonView:
    """Return what can be said of a body that was not read to its end."""
    flag = _FLAG_PIECE.search(parsed.text)
    said = flag[1] == "true" if flag else None
    messages: tuple[str, ...] = ()
    if status >= FIRST_ERROR_STATUS or said is False:
        text = _WHO_PIECE.sub("", parsed.text)
        found = [kept(match[2], mask, LONGEST_MESSAGE) for match in _PIECE.finditer(text)]
        messages = tuple(dict.fromkeys(found[:MOST_MESSAGES]))
    return JsonView(shape=f"{parsed.text[:1]}... (not read to its end)", flag=said, messages=messages)


def _error_part(value: Any, top: dict[str, Any], *, failed: bool) -> Any:  # noqa: ANN401 - any JSON value
    """Return what speaks of the failure: beside usable data, that is only the error members."""
    if failed:
        return value
    return {key: inner for key, inner in first_items(top) if str(key).lower() in {"error", "errors"}}


def _texts(value: Any, mask: Mask) -> tuple[tuple[str, ...], tuple[str, ...]]:  # noqa: ANN401 - any JSON value
    messages: dict[str, None] = {}
    codes: dict[str, None] = {}
    if isinstance(value, str):
        messages[kept(value, mask, LONGEST_MESSAGE)] = None
    for key, text in _leaves(value):
        if key in CODE_KEYS and len(codes) < MOST_CODES and _CODE_WORD.fullmatch(text):
            codes[_kept_code(text, mask)] = None
        elif key in MESSAGE_KEYS and len(messages) < MOST_MESSAGES and isinstance(text, str):
            shown = kept(text, mask, LONGEST_MESSAGE)
            if shown:
                messages[shown] = None
    return tuple(messages), tuple(codes)


def _is_data(name: str, part: Any) -> bool:  # noqa: ANN401 - any JSON value
    return name in _ECHOES or (name in _WHO_KEYS and isinstance(part, dict | list))


def _kept_code(text: str, mask: Mask) -> str:
    """Return a code word as it may be kept: a random id, which no code is, is masked."""
    shown = without_people(mask_personal(without_credentials(mask.text(one_line(text)))))
    return cut("[id]" if _RANDOM_ID.fullmatch(shown) else shown, LONGEST_CODE)


def _leaves(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Walk texts and whole numbers with the lower-case key that they stand under, breadth first."""
    queue: list[tuple[str, Any, int]] = [("message", value, 0)] if not isinstance(value, str) else []
    for place, (key, inner, deep) in enumerate(queue):
        if place > MOST_NODES:
            return
        if isinstance(inner, dict) and deep < _DEEPEST:
            named = ((str(name).lower()[:40], part) for name, part in first_items(inner))
            queue += [(name, part, deep + 1) for name, part in named if not _is_data(name, part)]
        elif isinstance(inner, list) and deep < _DEEPEST:
            queue += [(key, part, deep + 1) for part in inner[:20]]
        elif isinstance(inner, str) and inner:
            yield key, inner
        elif isinstance(inner, int) and not isinstance(inner, bool) and abs(inner) < 10**9:
            yield key, str(inner)
