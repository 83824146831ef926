"""What a JSON body says of failure: flags, error members, a status of its own, data beside errors.

Comes in: any parsed JSON value. Goes out: plain answers about it. Knows no vendor: which keys speak of
errors is a matter of habit, and those habits stand here as data.
"""

from __future__ import annotations

from typing import Any

FIRST_ERROR_STATUS = 400
MOST_NODES = 200
_STATUSES = range(100, 600)
_MOST_LISTED_ERRORS = 8
# That many keys that no error body has make a body of data, whatever it says of errors.
_KEYS_OF_DATA = 3


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Keys under which texts for people stand, in lower case.
MESSAGE_KEYS = _words(
    """
    body cause causes description detail details developer_message developermessage err err_msg
    errmsg error error_description error_detail error_message error_summary errorcauses
    errordescription errordetail errormessage errormessages errors errorsummary errortext exception
    explanation
    fault faultstring fieldviolations hint info localizedmessage message messages msg reason
    response_metadata resultmessage status_description status_message statusdescription
    statusmessage statustext text title upsell user_message usermessage validationerrors violations
    warning warnings
    """
)
# Keys under which code words stand.
CODE_KEYS = _words(
    """
    __type class code codes domain err err_code errcode error error_class error_code error_name
    error_subcode error_type errorcode errorcodes errorid_type errorname errors errortype exception
    exceptioncode id internal_code internalcode key kind name needed reason required_scope
    required_scopes resultcode scimtype slug status status_code statuscode sub_code subcode type
    """
)
# What else an error body is made of; a body of other keys carries data.
_BESIDE_ERRORS = _words(
    """
    actual additional_error apiversion correlation_id correlationid data doc_url docs
    documentation_url error_uri errorid errorlink expected extensions field fields help host
    http_status httpstatus instance is_success issuccess jsonrpc link links logref meta method
    more_info moreinfo ok param parameter params path provided request_id requestid response result
    retry_after retryafter schemas stack succeeded success support time timestamp trace trace_id
    traceid url version
    """
)
_ALSO_DATA = _words("description id key kind name slug text title type")
ERROR_KEYS = (MESSAGE_KEYS | CODE_KEYS | _BESIDE_ERRORS) - _ALSO_DATA
_FLAGS = ("success", "ok", "succeeded", "issuccess", "is_success")
_FLAG_WORDS = {"true": True, "1": True, "false": False, "0": False}
_PLAIN_MEMBERS = frozenset({"errorcode", "error_code", "fault"})
_FAILED_WORDS = _words("error fail failed failure ko nok")
_NO_ERRORS = ("0", "none", "None", "OK", "ok", "success")
_ERROR_MEMBERS = ("error", "err", "fault", "errormessage", "error_message", "errorcode", "error_code")
_SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def only_error_object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the first item of a short list, for vendors that answer an error as a list of one."""
    if isinstance(value, list) and 0 < len(value) <= _MOST_LISTED_ERRORS and isinstance(value[0], dict):
        keys = {str(key).lower() for key in value[0]}
        return value[0] if keys & {"errorcode", "error", "code"} and keys <= ERROR_KEYS else {}
    return {}


def flag_of(top: dict[str, Any]) -> bool | None:
    """Return what a member such as `success` or `ok` says, or None where there is none."""
    for key, value in first_items(top):
        if str(key).lower() in _FLAGS:
            said = _FLAG_WORDS.get(str(value).lower())
            if said is not None:
                return said
    return None


def reports_errors(top: dict[str, Any], value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether a body speaks of an error, be there data beside it or not."""
    if not top:
        return False
    return isinstance(value, list) or _meant(_lowered(top).get("errors")) or _fails_as_a_whole(top)


def _fails_as_a_whole(top: dict[str, Any]) -> bool:
    """Return whether a body says that the request failed, in a way that data beside it does not soften."""
    lowered = _lowered(top)
    if _is_object_error(lowered.get("error")) or _SCIM_ERROR in str(lowered.get("schemas", ""))[:200]:
        return True
    only_error = set(lowered) <= ERROR_KEYS
    for key in _ERROR_MEMBERS:
        if _meant(lowered.get(key)) and lowered.get(key) not in _NO_ERRORS:
            return only_error or (key in _PLAIN_MEMBERS and "message" in lowered)
    if not only_error:
        return False
    stated = inner_status(top)
    failed_word = str(lowered.get("status", "")).lower() in _FAILED_WORDS
    return failed_word or (stated is not None and stated >= FIRST_ERROR_STATUS)


def _lowered(top: dict[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): inner for key, inner in first_items(top)}


def _is_object_error(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return (
        isinstance(value, dict)
        and bool(value)
        and bool({"message", "code", "status", "type", "msg"} & value.keys())
    )


def _meant(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return bool(value) and value is not False


def has_data(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether usable data stands beside a list of errors, as in a partial answer of GraphQL."""
    if not isinstance(value, dict):
        return bool(value)
    if _fails_as_a_whole(value):
        return False
    for key in ("data", "result", "results", "items"):
        inner = value.get(key)
        if isinstance(inner, dict):
            return any(part not in (None, [], {}) for part in inner.values())
        if inner not in (None, [], "", False):
            return True
    return len(set(_lowered(value)) - ERROR_KEYS) >= _KEYS_OF_DATA


def items_of(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    """Return the length of the list that a body is or carries, or None."""
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict):
        for key in ("data", "items", "results", "result", "Resources", "value", "records"):
            if isinstance(value.get(key), list):
                return len(value[key])
    return None


def inner_status(top: dict[str, Any]) -> int | None:
    """Return the HTTP status that a body states, or None."""
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


def first_items(top: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return the first members of an object: as many as are looked at."""
    return [item for item, _ in zip(top.items(), range(MOST_NODES), strict=False)]
