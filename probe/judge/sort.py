"""Sorting: what came back, by the look of the body and the status. Total: every outcome has a kind.

Comes in: an outcome. Goes out: its Kind. Says nothing about why; that is diagnosis.
"""

from __future__ import annotations

from probe.evidence import Failure, Form, JsonView, Response
from probe.judge.model import Kind

_NO_CONTENT = frozenset({204, 205})


def sort(outcome: Response | Failure) -> Kind:
    """Return the kind of an outcome.

    JSON is a success with a 2xx status unless it reports a failure itself; a 204 or 205 is one
    without a body. A redirect is `other` whatever its body says; any other HTML is a wall, whatever
    its status. A status of 0 means that none is known: the body alone decides.
    """
    if isinstance(outcome, Failure):
        return Kind.NO_RESPONSE
    if 300 <= outcome.status < 400:  # noqa: PLR2004 - the range of redirects
        return Kind.OTHER
    match outcome.body.form:
        case Form.HTML:
            return Kind.HTML_WALL
        case Form.JSON | Form.JSON_STREAM:
            succeeded = _is_success_status(outcome.status) and not reports_failure(outcome.body.json)
            return Kind.JSON_SUCCESS if succeeded else Kind.JSON_ERROR
        case _:
            return Kind.JSON_SUCCESS if outcome.status in _NO_CONTENT else Kind.OTHER


def reports_failure(view: JsonView | None) -> bool:
    """Return whether a JSON body says itself that it is a failure.

    Errors beside usable data are a partial success, as in GraphQL; `success: false` never is.
    """
    if view is None:
        return False
    return view.flag is False or (view.errors and not view.data)


def _is_success_status(status: int) -> bool:
    return 200 <= status < 300 or status == 0  # noqa: PLR2004 - the range of success
