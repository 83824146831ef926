"""Bodies that carry no data but only a notice, such as `{"login_required": true}` under a 200.

Comes in: a parsed JSON object. Goes out: the notice as text, or nothing. Says of what a body is made,
not what it means.
"""

from __future__ import annotations

from typing import Any

_MOST_MEMBERS = 6
# What a notice is made of; any other key makes the body one of data.
_KEYS = frozenset(
    {
        "authenticated",
        "blocked",
        "captcha",
        "code",
        "description",
        "detail",
        "errcode",
        "errmsg",
        "error_code",
        "error_message",
        "info",
        "location",
        "login",
        "login_required",
        "login_url",
        "logged_in",
        "maintenance",
        "message",
        "msg",
        "position",
        "queue",
        "queued",
        "reason",
        "redirect",
        "redirect_to",
        "redirect_url",
        "redirecturl",
        "redirecturi",
        "login_uri",
        "loginurl",
        "eta",
        "estimated_wait",
        "wait",
        "result",
        "ret",
        "retry_after",
        "signin",
        "state",
        "status",
        "statuscode",
        "text",
        "title",
        "unauthenticated",
        "url",
        "waiting",
    }
)
# What a health check says when all is well.
_GOOD = frozenset({"ok", "up", "healthy", "pass", "passed", "success", "running", "alive", "live", "ready"})


def notice_in(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return what an object says where it says nothing else.

    >>> notice_in({"status": "maintenance"}), notice_in({"status": "ok"}), notice_in({"id": 1})
    ('status: maintenance', '', '')
    """
    if not isinstance(value, dict) or not 0 < len(value) <= _MOST_MEMBERS:
        return ""
    members = [(str(key).lower(), inner) for key, inner in value.items()]
    if any(key not in _KEYS or _holds_data(inner) for key, inner in members):
        return ""
    texts = [f"{key}: {str(inner).lower() if isinstance(inner, bool) else inner}" for key, inner in members]
    return "" if all(_is_good(key, inner) for key, inner in members) else ", ".join(texts)


def _holds_data(inner: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether a member holds more than a word: a list, or an object of other keys."""
    if isinstance(inner, dict):
        return any(
            str(key).lower() not in _KEYS or isinstance(deep, dict | list) for key, deep in inner.items()
        )
    return isinstance(inner, list)


def _is_good(key: str, inner: Any) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(inner, bool):
        return inner is (key in {"authenticated", "logged_in"})
    return str(inner).strip().lower() in _GOOD or (isinstance(inner, int) and inner in {0, 200})
