"""Rules for web pages that carry no mark of anything in front of the API: judged on their own merits.

Comes in: a Case. Goes out: a Diagnosis or None. A page says `route` only by something that servers
and frameworks say of routes that they do not have; what cannot be attributed is unknown. Pure.
"""

from __future__ import annotations

from http import HTTPStatus

from probe.judge.model import Cause, Confidence, Diagnosis
from probe.judge.rules import words
from probe.judge.rules.base import FIRST_SERVER_ERROR, Case, Rule, say, what
from probe.patterns import Pattern

# Headings of a page that has one business: a title and a remark.
_FEW = 2
_OK = frozenset({0, 200, 203})
_SERVER_ERRORS = frozenset({503, *range(505, 600)})
_PARSE_ERROR = Pattern(
    "syntaxerror|json|unexpected (?:token|end)|parse error|malformed|bad "
    "request|invalid|payload|entity too large|unsupported media"
)
_NO_FAULT_OF_THE_REQUEST = Pattern(
    "plain http request was sent to https|ssl certificate|no required ssl|header or cookie too "
    "large|invalid host|disallowedhost|instead use the https scheme"
)
_STANDARD_404 = (
    "route.express",
    "route.werkzeug",
    "route.django",
    "route.rails",
    "route.symfony",
    "route.phoenix",
    "route.next",
    "route.hosting",
)


def _server_page(case: Case) -> Diagnosis | None:
    if case.page is None:
        return None
    marked = any(name.startswith("server.") for name in case.markers)
    if case.status in {500, 501, 505, 507, 508} or (
        marked and (case.status >= FIRST_SERVER_ERROR or case.status in {0, 200})
    ):
        if case.page.app_shell and case.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            return None
        return say(
            "server_page",
            Cause.SERVER,
            Confidence.LIKELY,
            f"{what(case)}: the server's own error page",
            settle="ask again later",
        )
    if case.status not in _SERVER_ERRORS:
        return None
    said = case.says(words.SERVER)
    reason = f"{what(case)}: a server's error page that names no gateway and no maintenance"
    return say(
        "server_page",
        Cause.SERVER,
        Confidence.LIKELY if said else Confidence.WEAK,
        reason,
        runner_up="maintenance",
        settle="ask again later",
    )


def _login_page(case: Case) -> Diagnosis | None:
    page = case.page
    if page is None or case.status >= FIRST_SERVER_ERROR:
        return None
    settle = "ask the same with a made-up token"
    if page.leads_to and words.LOGIN_PLACE.search(page.leads_to.replace("[masked]", "")):
        reason = f"{what(case)} sends its reader on to a sign-in place ({page.leads_to})"
        return say("login_page", Cause.LOGIN, Confidence.CERTAIN, reason, settle=settle)
    if words.NOT_FOUND.search(case.headline) or case.status in {404, 405}:
        return None
    named = words.LOGIN.search(case.headline)
    if page.password_input or (named and _is_short(case) and not page.app_shell):
        confidence = Confidence.CERTAIN if page.password_input and named else Confidence.LIKELY
        return say("login_page", Cause.LOGIN, confidence, f"{what(case)} asks for a sign-in", settle=settle)
    if page.app_shell and words.LOGIN.search(page.title.lower()):
        return say(
            "login_page",
            Cause.LOGIN,
            Confidence.LIKELY,
            f"{what(case)} is the shell of a sign-in page",
            settle=settle,
        )
    return None


def _is_short(case: Case) -> bool:
    """Return whether the headline is the page's business and not one heading of many."""
    return case.page is not None and (
        bool(words.LOGIN.search(case.page.title.lower())) or len(case.page.headings) <= _FEW
    )


def _sent_elsewhere(case: Case) -> Diagnosis | None:
    """Judge a page that only sends its reader on: a portal, where it leads to another host's page."""
    page = case.page
    if page is None or not page.leads_to or case.status >= FIRST_SERVER_ERROR:
        return None
    if "//" in page.leads_to and words.PORTAL_PLACE.search(page.leads_to):
        reason = f"{what(case)} sends its reader on to a network's own page ({page.leads_to})"
        return say(
            "sent_elsewhere", Cause.PROXY, Confidence.LIKELY, reason, settle="ask from another network"
        )
    reason = f"{what(case)} sends its reader on to {page.leads_to}"
    return say("sent_elsewhere", Cause.REDIRECT, Confidence.LIKELY, reason, settle=f"ask {page.leads_to}")


def _unauthorized_page(case: Case) -> Diagnosis | None:
    if case.page is None or case.status != HTTPStatus.UNAUTHORIZED:
        return None
    return say(
        "unauthorized_page",
        Cause.TOKEN,
        Confidence.LIKELY,
        f"{what(case)}: the credential was refused",
        runner_up="login",
    )


def _forbidden_page(case: Case) -> Diagnosis | None:
    """Judge a 403 page: a server's default is its access rule, a framework's is about a right."""
    if case.page is None or case.status not in {403, 406, 451}:
        return None
    cause, confidence, seen, runner_up = _why_forbidden(case)
    return say("forbidden_page", cause, confidence, f"{what(case)}: {seen}", runner_up=runner_up)


def _why_forbidden(case: Case) -> tuple[Cause, Confidence, str, str]:
    readings = (
        (words.IP_BLOCK, Cause.EDGE, Confidence.LIKELY, "it speaks of the address that was asked from", ""),
        (words.PLAN, Cause.UNKNOWN, Confidence.WEAK, "it speaks of the plan, but is a web page", "plan"),
        (words.FRAMEWORK_FORBIDDEN, Cause.SCOPE, Confidence.LIKELY, "a framework's refusal", "edge"),
        (words.DEFAULT_FORBIDDEN, Cause.EDGE, Confidence.LIKELY, "a server's own access rule", "scope"),
        (words.SCOPE, Cause.SCOPE, Confidence.WEAK, "it speaks of a right", "edge"),
    )
    if "route.whitelabel" in case.markers:
        return Cause.SCOPE, Confidence.LIKELY, "a framework's refusal", "edge"
    for pattern, cause, confidence, seen, runner_up in readings:
        if case.says(pattern):
            return cause, confidence, seen, runner_up
    return Cause.EDGE, Confidence.WEAK, "a refusal that is no API's", "scope"


def _method_page(case: Case) -> Diagnosis | None:
    if case.page is None or case.status != HTTPStatus.METHOD_NOT_ALLOWED:
        return None
    allow = case.header("allow")
    return say(
        "method_page",
        Cause.METHOD,
        Confidence.LIKELY,
        f"{what(case)}: the method is not served{f'; it allows {allow}' if allow else ''}",
    )


def _bad_request_page(case: Case) -> Diagnosis | None:
    if case.page is None or case.status not in {400, 411, 412, 413, 414, 415, 417, 421, 422, 431}:
        return None
    if case.says(_NO_FAULT_OF_THE_REQUEST) or case.status == HTTPStatus.MISDIRECTED_REQUEST:
        return say(
            "bad_request_page",
            Cause.UNKNOWN,
            Confidence.LIKELY,
            f"{what(case)}: the server refused how it was asked, before the API",
        )
    if case.says(_PARSE_ERROR) or case.status != HTTPStatus.BAD_REQUEST:
        return say(
            "bad_request_page",
            Cause.VALIDATION,
            Confidence.LIKELY,
            f"{what(case)}: what was sent was refused",
        )
    return say(
        "bad_request_page",
        Cause.VALIDATION,
        Confidence.WEAK,
        f"{what(case)}: the request was refused",
        runner_up="edge",
    )


def _blocked_page(case: Case) -> Diagnosis | None:
    """Judge by the words of a firewall's page, which some send with a 404 or a 200."""
    if case.page is None or any(name in _STANDARD_404 for name in case.markers):
        return None
    found = words.BLOCKED_PAGE.search(case.text)
    if found is None or case.status not in {404, 410, *_OK}:
        return None
    reason = f"{what(case)}: a page that speaks of a block ({found[0]}), whatever its status says"
    return say("blocked_page", Cause.EDGE, Confidence.WEAK, reason, runner_up="route")


def _not_found_page(case: Case) -> Diagnosis | None:
    if case.page is None or case.status not in {404, 410, *_OK}:
        return None
    marked = next((name for name in case.markers if name in _STANDARD_404), "")
    if not marked and case.unlike_unmounted:
        return None  # this server says something else of a route that it does not have
    if case.status not in _OK:
        seen = f"the {marked.partition('.')[2]} page for" if marked else "a page for"
        confidence = Confidence.LIKELY if marked or words.NOT_FOUND.search(case.text) else Confidence.WEAK
        return say(
            "not_found_page",
            Cause.ROUTE,
            Confidence.WEAK if case.unlike_unmounted else confidence,
            f"{what(case)}: {seen} a route that is not there",
            settle=_settle(case),
        )
    if marked or (words.NOT_FOUND.search(case.headline) and not case.page.password_input):
        return say(
            "not_found_page",
            Cause.ROUTE,
            Confidence.WEAK if case.unlike_unmounted else Confidence.LIKELY,
            f"{what(case)} says that the route is not there",
            settle=_settle(case),
        )
    return None


def _settle(case: Case) -> str:
    return "" if case.context.controls else "ask a route that cannot exist and compare (--control FILE)"


def _shell_page(case: Case) -> Diagnosis | None:
    if case.page is None or case.status not in {*_OK, 403} or case.unlike_unmounted:
        return None
    if case.page.app_shell:
        reason = (
            f"{what(case)}: the shell of a single-page application, which servers send for any route "
            "that this caller cannot reach, be it a wrong path or one that the plan lacks"
        )
        settle = _settle(case)
        return say("shell_page", Cause.ROUTE, Confidence.LIKELY, reason, runner_up="plan", settle=settle)
    marked = next(
        (name for name in case.markers if name in {"route.welcome", "route.docs", "route.framework"}), ""
    )
    if marked and case.status in _OK:
        reason = f"{what(case)}: a server's {marked.partition('.')[2]} page, not the API"
        return say("shell_page", Cause.ROUTE, Confidence.LIKELY, reason, settle=_settle(case))
    return None


def _unknown_page(case: Case) -> Diagnosis | None:
    if case.page is None:
        return None
    likeness = "no likeness to a route that cannot exist"
    if case.unlike_unmounted:
        likeness = "routes that cannot exist are answered otherwise here"
    reason = f"{what(case)} cannot be attributed: no mark of a product, and {likeness}"
    return say("unknown_page", Cause.UNKNOWN, Confidence.WEAK, reason, settle=_settle(case))


PAGE_RULES_BEFORE_CONTROLS = (
    Rule(
        "server_page",
        (Cause.SERVER,),
        "a page with a 5xx status or a framework's error marks",
        "Django, Rails, Spring, Tomcat, ASP.NET error pages",
        _server_page,
    ),
    Rule(
        "login_page",
        (Cause.LOGIN,),
        "a page with a password field, a sign-in title in one of two dozen languages, or one that "
        "leads to a sign-in place",
        "laravel/sanctum #228 #271; vc-platform PR 3093; speakr #333",
        _login_page,
    ),
    Rule(
        "sent_elsewhere",
        (Cause.PROXY, Cause.REDIRECT),
        "a nearly empty page that sends its reader on",
        "evertpot.com/http/511",
        _sent_elsewhere,
    ),
    Rule(
        "unauthorized_page",
        (Cause.TOKEN,),
        "a page with status 401",
        "RFC 9110 section 15.5.2",
        _unauthorized_page,
    ),
    Rule(
        "forbidden_page",
        (Cause.EDGE, Cause.SCOPE, Cause.UNKNOWN),
        "a page with status 403, 406 or 451",
        "nginx ngx_http_special_response.c; NPSP #7247",
        _forbidden_page,
    ),
)
PAGE_RULES_AFTER_CONTROLS = (
    Rule(
        "method_page",
        (Cause.METHOD,),
        "a page with status 405 that routes that cannot exist do not get",
        "RFC 9110 section 15.5.6",
        _method_page,
    ),
    Rule(
        "bad_request_page",
        (Cause.VALIDATION, Cause.UNKNOWN),
        "a page with a 4xx status about the request",
        "nginx ngx_http_special_response.c; parrot #32",
        _bad_request_page,
    ),
    Rule(
        "blocked_page",
        (Cause.EDGE,),
        "a page with a 2xx status, 404 or 410 that says that the request was blocked",
        "wafw00f's collection of block pages",
        _blocked_page,
    ),
    Rule(
        "not_found_page",
        (Cause.ROUTE,),
        "a page with status 404 or 410, or one that says not found",
        "pillarjs/finalhandler index.js; feroxbuster #784",
        _not_found_page,
    ),
    Rule(
        "shell_page",
        (Cause.ROUTE,),
        "the shell of a single-page application, a welcome page or a page of API documents",
        "connect-history-api-fallback lib/index.js; utopia #614; BrainPilot #30; appstrate #215",
        _shell_page,
    ),
    Rule("unknown_page", (Cause.UNKNOWN,), "any other page", "own", _unknown_page),
)
