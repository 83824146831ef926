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
from probe.reading.jsonshape import shape_of
from probe.reading.jsontext import Parsed

LONGEST_MESSAGE = 300
LONGEST_CODE = 80
MOST_MESSAGES = 8
MOST_CODES = 12
_DEEPEST = 6
_MOST_NODES = 200
_FIRST_ERROR_STATUS = 400
_STATUSES = range(100, 600)

_MESSAGE_KEYS = frozenset(
    [
        "message",
        "messages",
        "msg",
        "detail",
        "details",
        "error",
        "errors",
        "error_description",
        "errordescription",
        "errormessage",
        "error_message",
        "errorsummary",
        "error_summary",
        "reason",
        "title",
        "description",
        "explanation",
        "fault",
        "faultstring",
        "usermessage",
        "user_message",
        "developermessage",
        "developer_message",
        "hint",
        "statusmessage",
        "status_message",
        "localizedmessage",
        "text",
        "info",
        "warning",
        "warnings",
        "cause",
        "causes",
        "exception",
        "errordetail",
        "error_detail",
        "statustext",
        "statusdescription",
        "status_description",
        "errmsg",
        "err_msg",
        "err",
        "errortext",
        "response_metadata",
        "fieldviolations",
        "violations",
        "validationerrors",
        "body",
        "errorcauses",
        "upsell",
        "resultmessage",
    ]
)
_CODE_KEYS = frozenset(
    [
        "code",
        "codes",
        "error",
        "errors",
        "errorcode",
        "error_code",
        "errorcodes",
        "errcode",
        "err_code",
        "err",
        "type",
        "__type",
        "errortype",
        "error_type",
        "reason",
        "status",
        "statuscode",
        "status_code",
        "scimtype",
        "id",
        "name",
        "subcode",
        "error_subcode",
        "errorname",
        "error_name",
        "exception",
        "error_class",
        "kind",
        "domain",
        "exceptioncode",
        "sub_code",
        "key",
        "slug",
        "internal_code",
        "internalcode",
        "resultcode",
        "errorid_type",
        "class",
        "needed",
        "required_scope",
        "required_scopes",
    ]
)
# What an error body is made of; a body of other keys carries data.
_ERROR_KEYS = (
    _MESSAGE_KEYS
    | _CODE_KEYS
    | frozenset(
        [
            "ok",
            "success",
            "data",
            "result",
            "status",
            "http_status",
            "httpstatus",
            "statuscode",
            "requestid",
            "request_id",
            "traceid",
            "trace_id",
            "timestamp",
            "time",
            "path",
            "url",
            "instance",
            "documentation_url",
            "docs",
            "doc_url",
            "help",
            "links",
            "link",
            "error_uri",
            "more_info",
            "moreinfo",
            "meta",
            "errorlink",
            "errorid",
            "fields",
            "field",
            "param",
            "params",
            "parameter",
            "jsonrpc",
            "provided",
            "needed",
            "schemas",
            "correlationid",
            "correlation_id",
            "host",
            "method",
            "stack",
            "trace",
            "logref",
            "extensions",
            "response",
            "expected",
            "actual",
            "additional_error",
            "retry_after",
            "retryafter",
            "support",
            "version",
            "apiversion",
            "succeeded",
            "issuccess",
            "is_success",
        ]
    )
) - {"name", "id", "text", "description", "title", "type", "kind", "key", "slug"}
# What a server may repeat of the request, or carry as data beside the failure.
_ECHOES = frozenset(
    {"input", "ctx", "context", "request", "params", "query", "payload", "attributes", "data", "headers"}
)
_FLAGS = ("success", "ok", "succeeded", "issuccess", "is_success")
_FLAG_PIECE = re.compile(r'"(?:success|ok)"\s*:\s*(true|false)')
_FAILED_WORDS = frozenset({"error", "fail", "failed", "failure", "ko", "nok"})
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
    top = value if isinstance(value, dict) else _only_object(value)
    flag, data = _flag(top), _has_data(value)
    errors = _reports_errors(top, value)
    failed = flag is False or (errors and not data) or not 200 <= status < _FIRST_ERROR_STATUS  # noqa: PLR2004 - 2xx and 3xx
    messages, codes = _texts(_error_part(value, top, failed=failed), mask) if failed or errors else ((), ())
    return JsonView(
        shape=_shape_text(parsed, mask),
        flag=flag,
        errors=errors,
        data=data,
        messages=messages,
        codes=codes,
        status=_inner_status(top) if failed or errors else None,
        items=_items(value),
    )


def _shape_text(parsed: Parsed, mask: Mask) -> str:
    shape = shape_of(parsed.document, mask)
    return f"{shape} and more" if parsed.form is Form.JSON_STREAM else shape


def _view_of_start(parsed: Parsed, status: int, mask: Mask) -> JsonView:
    """Return what can be said of a body that was not read to its end."""
    flag = _FLAG_PIECE.search(parsed.text)
    said = flag[1] == "true" if flag else None
    messages: tuple[str, ...] = ()
    if status >= _FIRST_ERROR_STATUS or said is False:
        found = [kept(match[2], mask, LONGEST_MESSAGE) for match in _PIECE.finditer(parsed.text)]
        messages = tuple(dict.fromkeys(found[:MOST_MESSAGES]))
    return JsonView(shape=f"{parsed.text[:1]}... (not read to its end)", flag=said, messages=messages)


def _only_object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the first item of a short list, for vendors that answer an error as a list of one."""
    if isinstance(value, list) and 0 < len(value) <= MOST_MESSAGES and isinstance(value[0], dict):
        keys = {str(key).lower() for key in value[0]}
        return value[0] if keys & {"errorcode", "error", "code"} and keys <= _ERROR_KEYS else {}
    return {}


def _flag(top: dict[str, Any]) -> bool | None:
    for key, value in _first_items(top):
        if str(key).lower() in _FLAGS:
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value.lower() in {"true", "false"}:
                return value.lower() == "true"
            if isinstance(value, int) and value in {0, 1}:
                return bool(value)
    return None


def _reports_errors(top: dict[str, Any], value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if not top:
        return False
    if isinstance(value, list):
        return True
    lowered = {str(key).lower(): inner for key, inner in _first_items(top)}
    only_error = set(lowered) <= _ERROR_KEYS
    if _meant(lowered.get("errors")) or _is_object_error(lowered.get("error")):
        return True
    for key in ("error", "err", "fault", "errormessage", "error_message", "errorcode", "error_code"):
        if _meant(lowered.get(key)) and lowered.get(key) not in ("0", "none", "None", "OK", "ok", "success"):
            return only_error or (key in {"errorcode", "error_code", "fault"} and "message" in lowered)
    if str(lowered.get("status", "")).lower() in _FAILED_WORDS and only_error:
        return True
    stated = _inner_status(top)
    if "urn:ietf:params:scim:api:messages:2.0:Error" in str(lowered.get("schemas", ""))[:200]:
        return True
    return only_error and stated is not None and stated >= _FIRST_ERROR_STATUS


def _is_object_error(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return (
        isinstance(value, dict)
        and bool(value)
        and bool({"message", "code", "status", "type", "msg"} & value.keys())
    )


def _meant(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return bool(value) and value is not False


def _has_data(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether usable data stands beside what is said of errors."""
    if not isinstance(value, dict):
        return bool(value)
    for key in ("data", "result", "results", "items"):
        inner = value.get(key)
        if isinstance(inner, dict):
            return any(part not in (None, [], {}) for part in inner.values())
        if inner not in (None, [], "", False):
            return True
    return False


def _items(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict):
        for key in ("data", "items", "results", "result", "Resources", "value", "records"):
            if isinstance(value.get(key), list):
                return len(value[key])
    return None


def _inner_status(top: dict[str, Any]) -> int | None:
    error = top.get("error")
    for source in (top, error if isinstance(error, dict) else {}):
        for key in ("status", "statusCode", "status_code", "http_status", "httpStatus", "code", "error"):
            found = _as_status(source.get(key))
            if found is not None:
                return found
    return None


def _as_status(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:  # noqa: PLR2004 - digits of a status
        value = int(value)
    return value if isinstance(value, int) and value in _STATUSES else None


def _first_items(top: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [item for item, _ in zip(top.items(), range(_MOST_NODES), strict=False)]


def _error_part(value: Any, top: dict[str, Any], *, failed: bool) -> Any:  # noqa: ANN401 - any JSON value
    """Return what speaks of the failure: beside usable data, that is only the error members."""
    if failed:
        return value
    return {key: inner for key, inner in _first_items(top) if str(key).lower() in {"error", "errors"}}


def _texts(value: Any, mask: Mask) -> tuple[tuple[str, ...], tuple[str, ...]]:  # noqa: ANN401 - any JSON value
    messages: dict[str, None] = {}
    codes: dict[str, None] = {}
    if isinstance(value, str):
        messages[kept(value, mask, LONGEST_MESSAGE)] = None
    for key, text in _leaves(value):
        if key in _CODE_KEYS and len(codes) < MOST_CODES and _CODE_WORD.fullmatch(text):
            codes[_kept_code(text, mask)] = None
        elif key in _MESSAGE_KEYS and len(messages) < MOST_MESSAGES and isinstance(text, str):
            shown = kept(text, mask, LONGEST_MESSAGE)
            if shown:
                messages[shown] = None
    return tuple(messages), tuple(codes)


def _kept_code(text: str, mask: Mask) -> str:
    """Return a code word as it may be kept: a random id, which no code is, is masked."""
    shown = mask_personal(mask.text(one_line(text)))
    return cut("[id]" if _RANDOM_ID.fullmatch(shown) else shown, LONGEST_CODE)


def _leaves(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Walk texts and whole numbers with the lower-case key that they stand under, breadth first."""
    queue: list[tuple[str, Any, int]] = [("message", value, 0)] if not isinstance(value, str) else []
    for place, (key, inner, deep) in enumerate(queue):
        if place > _MOST_NODES:
            return
        if isinstance(inner, dict) and deep < _DEEPEST:
            named = ((str(name).lower()[:40], part) for name, part in _first_items(inner))
            queue += [(name, part, deep + 1) for name, part in named if name not in _ECHOES]
        elif isinstance(inner, list) and deep < _DEEPEST:
            queue += [(key, part, deep + 1) for part in inner[:20]]
        elif isinstance(inner, str) and inner:
            yield key, inner
        elif isinstance(inner, int) and not isinstance(inner, bool) and abs(inner) < 10**9:
            yield key, str(inner)
