"""Rules for states that pass: rate limits, maintenance, gateways' failures.

Comes in: a Case. Goes out: a Diagnosis or None. None of this says anything about a plan. Pure.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules import words
from probe.judge.rules.base import Case, Rule, say, what
from probe.patterns import Pattern

_TOO_MANY = frozenset({429, 420})  # 420 is what some vendors send for 429
_MAINTENANCE_STATUSES = frozenset({0, 200, 403, 404, 500, 502, 503, 504, 521})
# A default page says no more than this many characters.
_DEFAULT_PAGE_TEXT = 240
_GATEWAY_STATUSES = frozenset({502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530})
_UNAVAILABLE_TITLE = re.compile(r"service (?:temporarily )?unavailable|temporarily unavailable")
_SPENT = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")


def _rate_limit(case: Case) -> Diagnosis | None:
    if case.status in _TOO_MANY:
        return _limited(case, f"{what(case)}: too many requests", Confidence.CERTAIN)
    if not (case.page or case.is_refusal):
        return None
    code, said = case.has_code(words.RATE_CODE), _headline_or_text(case, words.RATE)
    if code or said:
        return _limited(case, f"{what(case)} speaks of a rate limit ({code or said})")
    spent = next((name for name in _SPENT if case.header(name) in {"0", "0.0"}), "")
    if spent and case.status == HTTPStatus.FORBIDDEN:  # which some vendors send for 429
        return _limited(case, f"{what(case)} with {spent}: 0")
    return None


def _headline_or_text(case: Case, pattern: Pattern) -> str:
    """Search a page's headline only, for its text may speak of anything; else all that is said."""
    found = pattern.search(case.headline if case.page else case.text)
    return found[0] if found else ""


def _limited(case: Case, reason: str, confidence: Confidence = Confidence.LIKELY) -> Diagnosis:
    after = case.header("retry-after")
    settle = (
        f"ask again after {after}{' seconds' if after.isdigit() else ''}" if after else "wait and ask again"
    )
    return say("rate_limit", Cause.RATE_LIMIT, confidence, reason, settle=settle)


def _maintenance(case: Case) -> Diagnosis | None:
    if any(name.startswith("maintenance.") for name in case.markers):
        return _maintained(case, "a maintenance page", Confidence.CERTAIN)
    if case.header("x-maintenance") or case.header("x-maintenance-mode"):
        return _maintained(case, "a maintenance header", Confidence.CERTAIN)
    unavailable = case.status == HTTPStatus.SERVICE_UNAVAILABLE
    if _speaks_of_maintenance(case, unavailable=unavailable):
        confidence = Confidence.CERTAIN if unavailable else Confidence.LIKELY
        return _maintained(case, "it speaks of maintenance", confidence)
    return None


def _maintained(case: Case, seen: str, confidence: Confidence) -> Diagnosis:
    reason = f"{what(case)}: {seen}"
    return say("maintenance", Cause.MAINTENANCE, confidence, reason, settle="ask again later")


def _speaks_of_maintenance(case: Case, *, unavailable: bool) -> bool:
    phrase = words.MAINTENANCE_PHRASE.search(case.text)
    if case.page:
        if case.page.app_shell or case.status not in _MAINTENANCE_STATUSES:
            return False
        return bool(phrase or words.MAINTENANCE.search(case.headline))
    if not case.is_refusal or case.status in {400, 401, 422}:
        return False
    return bool(phrase or (unavailable and words.MAINTENANCE.search(case.text)))


def _gateway_status(case: Case) -> Diagnosis | None:
    if case.status in _GATEWAY_STATUSES:
        reason = f"{what(case)}: a gateway could not get an answer from the server behind it"
        return say("gateway_status", Cause.GATEWAY, Confidence.CERTAIN, reason, settle="ask again later")
    if case.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    if _is_gateways_own(case):
        return _no_server(
            case, "a gateway's own words, it has no server to hand the request to", Confidence.LIKELY
        )
    if case.page and _UNAVAILABLE_TITLE.search(case.headline) and len(case.page.text) < _DEFAULT_PAGE_TEXT:
        return _no_server(case, "a server's default page", Confidence.WEAK)
    return None


def _is_gateways_own(case: Case) -> bool:
    if case.says(words.GATEWAY) or (case.page and case.says(words.DEFAULT_PAGE)):
        return True
    return case.kind is Kind.OTHER and "unavailable" in case.text


def _no_server(case: Case, seen: str, confidence: Confidence) -> Diagnosis:
    reason = f"{what(case)}: {seen}"
    settle = "ask again later"
    return say("gateway_status", Cause.GATEWAY, confidence, reason, runner_up="maintenance", settle=settle)


RATE_RULES = (
    Rule(
        "rate_limit",
        (Cause.RATE_LIMIT,),
        "429, or an error that speaks of a rate limit or a spent quota of requests",
        "RFC 6585 section 4; nginx ngx_http_special_response.c; Cloudflare docs error-page-types",
        _rate_limit,
    ),
)
MAINTENANCE_RULES = (
    Rule(
        "maintenance",
        (Cause.MAINTENANCE,),
        "a page or an error that speaks of maintenance in its title, headings or text, in a dozen languages",
        "mastodon #25939; e621ng #483; perma #2649; NodeBB #2292",
        _maintenance,
    ),
)
GATEWAY_RULES = (
    Rule(
        "gateway_status",
        (Cause.GATEWAY,),
        "502, 504 or 52x, or a 503 in a gateway's own words",
        "nginx ngx_http_special_response.c; haproxy src/http.c; packetfence #4521; Frappe-Manager PR 416",
        _gateway_status,
    ),
)
