"""Rules for what the API itself says of the object, the input or its own failure.

Comes in: a Case. Goes out: a Diagnosis or None. Pure.
"""

from __future__ import annotations

from http import HTTPStatus

from probe.evidence import Form, Response
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules import words
from probe.judge.rules.base import FIRST_ERROR, FIRST_SERVER_ERROR, Case, Rule, say, what
from probe.patterns import Pattern

_BY_STATUS = {
    400: Cause.VALIDATION,
    401: Cause.TOKEN,
    402: Cause.PLAN,
    403: Cause.SCOPE,
    404: Cause.MISSING_RESOURCE,
    405: Cause.METHOD,
    409: Cause.VALIDATION,
    422: Cause.VALIDATION,
    429: Cause.RATE_LIMIT,
    500: Cause.SERVER,
    502: Cause.GATEWAY,
    503: Cause.SERVER,
    504: Cause.GATEWAY,
}
_BARE = Pattern(r"(?:(?:error|404|not found|notfound|resource not found|http 404|status)[\s.!:|-]*)*")
_FRAMEWORK_BARE = Pattern(r"not found")


def _no_such_route(case: Case) -> Diagnosis | None:
    if not case.is_refusal or case.status not in {0, 200, 400, 403, 404, 410, 501}:
        return None
    seen = _speaks_of_route(case)
    default = case.status == HTTPStatus.NOT_FOUND and _is_default_404(case)
    if (seen or default) and _says_otherwise(case):
        reason = f"{what(case)} cannot be attributed: routes that cannot exist are answered otherwise here"
        return say("no_such_route", Cause.UNKNOWN, Confidence.WEAK, reason, runner_up="route")
    if seen:
        reason = f"{what(case)} speaks of the route ({seen})"
        return say("no_such_route", Cause.ROUTE, Confidence.LIKELY, reason, runner_up="missing_resource")
    if default:
        reason = f"{what(case)} is what a server says of a route that it does not have"
        return say("no_such_route", Cause.ROUTE, Confidence.WEAK, reason, runner_up="missing_resource")
    return None


def _says_otherwise(case: Case) -> bool:
    """Return whether this is no JSON, and not the kind of answer that routes that cannot exist get here."""
    if case.kind is not Kind.OTHER or not case.unlike_unmounted or case.response is None:
        return False
    form = case.response.body.form
    routes = (item.outcome for item in case.context.unmounted(case.exchange.request.method))
    return not any(
        isinstance(route, Response) and (route.status, route.body.form) == (case.status, form)
        for route in routes
    )


def _speaks_of_route(case: Case) -> str:
    """Return the words or the code that say that the route is not there.

    Any but a 404 must say so plainly: a 400 about an invalid URL is about a field.
    """
    code = case.has_code(words.ROUTE_CODE)
    plain = _ROUTE_PLAIN.search(case.text)
    if code or plain:
        return code or (plain[0] if plain else "")
    if case.status != HTTPStatus.NOT_FOUND or case.has_code(words.MISSING_CODE):
        return ""
    return case.says(words.ROUTE)


_ROUTE_PLAIN = Pattern(
    r"no (?:such )?(?:api )?(?:route|endpoint)\b"
    r"|(?:unknown|unrecogni[sz]ed|invalid|undefined|no such) (?:api )?"
    r"(?:request url|endpoint|route|api method|api path|request path)"
    r"|cannot (?:get|post|put|patch|delete|head) /"
    r"|(?:endpoint|route|api method)(?: \S+){0,3} "
    r"(?:does not exist|doesn't exist|not found|is not defined|could not be found)"
    r"|missing authentication token|method not found|no static resource|no handler found"
)


def _is_default_404(case: Case) -> bool:
    """Return whether a 404 is the default of a server: no JSON, or the bare words of a framework."""
    if case.response is None:
        return False
    body = case.response.body
    if body.form is Form.EMPTY:
        return not case.is_guarded_write
    if body.form in {Form.TEXT, Form.XML}:
        return (
            bool(_BARE.fullmatch(case.text.replace("page", "")))
            or "nosuchkey" in case.text
            or "accessdenied" in case.text
        )
    keys = body.json.shape if body.json else ""
    return bool(_FRAMEWORK_BARE.fullmatch(case.text)) and (
        keys == "{detail: text(9)}" or "path: text" in keys
    )


def _missing_resource(case: Case) -> Diagnosis | None:
    if not case.is_refusal or case.status not in {0, 200, 400, 403, 404, 409, 410, 422}:
        return None
    code, said = case.has_code(words.MISSING_CODE), case.says(words.MISSING)
    if case.status not in {404, 410} and not code and (case.status != HTTPStatus.OK or not said):
        return None
    if case.kind is Kind.OTHER and case.status == HTTPStatus.NOT_FOUND and not (code or said):
        return None
    bare = not code and (not case.text or _BARE.fullmatch(case.text))
    confidence = Confidence.WEAK if bare else Confidence.LIKELY
    reason = (
        f"{what(case)} speaks of the object{_asked_ids(case)}, so the route is there and let the token "
        "through so far"
    )
    return say(
        "missing_resource",
        Cause.MISSING_RESOURCE,
        confidence,
        reason,
        runner_up="route" if bare else "",
        settle=_settle(case),
    )


def _validation(case: Case) -> Diagnosis | None:
    if not case.is_refusal or case.status >= FIRST_SERVER_ERROR:
        return None
    by_status = case.status in {400, 406, 409, 411, 412, 413, 414, 415, 416, 417, 422, 428, 431}
    by_words = case.status in {0, 200} and case.kind is Kind.JSON_ERROR and case.says(words.VALIDATION)
    by_code = case.status in {0, 200} and any(
        code == "fail" or "invalid" in code or "missing" in code or "validation" in code
        for code in case.codes
    )
    if not (by_status or by_words or by_code):
        return None
    reason = (
        f"{what(case)}: the request was refused for what it holds, so the route is there and let the "
        "token through so far"
    )
    return say("validation", Cause.VALIDATION, Confidence.LIKELY, reason, settle=_settle(case))


def _asked_ids(case: Case) -> str:
    invented = [name for name, origin in case.exchange.request.ids.items() if origin.startswith("sentinel")]
    return f" ({', '.join(invented)} was made up)" if invented else ""


def _settle(case: Case) -> str:
    if case.is_guarded_write:
        return "a real write would settle it; this tool never sends one"
    return "ask an object that surely exists" if case.exchange.request.ids else ""


def _forbidden(case: Case) -> Diagnosis | None:
    if not case.is_refusal or case.status != HTTPStatus.FORBIDDEN:
        return None
    in_text = case.response is not None and case.response.body.form is Form.TEXT
    if in_text and case.exchange.token and case.context.json_with(case.exchange.token):
        reason = f"{what(case)}: not how this API answers, which speaks JSON to the same token"
        return say("forbidden", Cause.EDGE, Confidence.WEAK, reason, runner_up="scope")
    if case.kind is Kind.JSON_ERROR or in_text:
        reason = f"{what(case)}: forbidden, without saying why"
        return say(
            "forbidden",
            Cause.SCOPE,
            Confidence.WEAK,
            reason,
            runner_up="plan",
            settle="ask with a token that has every scope",
        )
    if case.response and case.response.body.form is Form.XML and "accessdenied" in case.text:
        if _says_otherwise(case):
            reason = f"{what(case)}: an object store's, but not what routes that cannot exist get here"
            return say("forbidden", Cause.UNKNOWN, Confidence.WEAK, reason, runner_up="route")
        reason = f"{what(case)}: an object store's default for a path that it does not have"
        return say("forbidden", Cause.ROUTE, Confidence.WEAK, reason, runner_up="scope")
    return None


def _server_error(case: Case) -> Diagnosis | None:
    if case.page or case.kind is Kind.JSON_SUCCESS:
        return None
    if case.status >= FIRST_SERVER_ERROR:
        confidence = Confidence.CERTAIN if case.status == FIRST_SERVER_ERROR else Confidence.LIKELY
        return say(
            "server_error",
            Cause.SERVER,
            confidence,
            f"{what(case)}: the server failed",
            settle="ask again later",
        )
    inner = case.response.body.json.status if case.response and case.response.body.json else None
    if case.kind is Kind.JSON_ERROR and (
        case.says(words.SERVER) or case.has_code(words.SERVER_CODE) or (inner or 0) >= FIRST_SERVER_ERROR
    ):
        return say(
            "server_error",
            Cause.SERVER,
            Confidence.LIKELY,
            f"{what(case)}: the server says that it failed",
            settle="ask again later",
        )
    return None


def _by_inner_status(case: Case) -> Diagnosis | None:
    """Judge a 2xx body that states an error's status inside."""
    view = case.response.body.json if case.response else None
    if case.kind is not Kind.JSON_ERROR or view is None or view.status is None or case.status >= FIRST_ERROR:
        return None
    cause = _BY_STATUS.get(view.status)
    if cause is None:
        return None
    return say(
        "inner_status",
        cause,
        Confidence.LIKELY,
        f"{what(case)} with {case.status} states {view.status} inside",
    )


ANSWER_RULES = (
    Rule(
        "no_such_route",
        (Cause.ROUTE, Cause.UNKNOWN),
        "an error that speaks of the route, or a server's default 404",
        "feroxbuster #784; AWS API Gateway docs",
        _no_such_route,
    ),
    Rule(
        "missing_resource",
        (Cause.MISSING_RESOURCE,),
        "a 404 or 410, or an error that speaks of an object that does not exist",
        "RFC 9110 section 15.5.5",
        _missing_resource,
    ),
    Rule(
        "validation",
        (Cause.VALIDATION,),
        "a 4xx status or words about what was sent",
        "RFC 9110 section 15.5.1",
        _validation,
    ),
    Rule(
        "forbidden",
        (Cause.SCOPE, Cause.ROUTE, Cause.EDGE, Cause.UNKNOWN),
        "a 403 that does not say why",
        "RFC 9110 section 15.5.4; covid-data-model #180",
        _forbidden,
    ),
    Rule(
        "inner_status",
        (Cause.TOKEN, Cause.PLAN, Cause.SCOPE, Cause.MISSING_RESOURCE, Cause.VALIDATION, Cause.SERVER),
        "a 2xx body that states an error's status",
        "trufflehog #2098",
        _by_inner_status,
    ),
    Rule(
        "server_error",
        (Cause.SERVER,),
        "a 5xx, or an error that says that the server failed",
        "RFC 9110 section 15.6.1",
        _server_error,
    ),
)
