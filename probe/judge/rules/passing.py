"""Rules for states that pass: rate limits, maintenance, gateways' failures.

Comes in: a Case. Goes out: a Diagnosis or None. None of this says anything about a plan. Pure.
"""

from __future__ import annotations

from http import HTTPStatus

import re

from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules import words
from probe.judge.rules.base import FIRST_ERROR, Case, Rule, say, what

_TOO_MANY = 429
_UNAVAILABLE = 503
_GATEWAY_STATUSES = frozenset({502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530})
_UNAVAILABLE_TITLE = re.compile(r"service (?:temporarily )?unavailable|temporarily unavailable")
_SPENT = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")


def _rate_limit(case: Case) -> Diagnosis | None:
    settle = _wait(case)
    if case.status in {_TOO_MANY, 420}:  # 420 is what some vendors send for 429
        return say(
            "rate_limit",
            Cause.RATE_LIMIT,
            Confidence.CERTAIN,
            f"{what(case)}: too many requests",
            settle=settle,
        )
    if case.kind is Kind.JSON_SUCCESS or (
        0 < case.status < FIRST_ERROR and case.kind is not Kind.JSON_ERROR and not case.page
    ):
        return None
    code = case.has_code(words.RATE_CODE)
    said = words.RATE.search(case.headline)[0] if case.page and words.RATE.search(case.headline) else ""
    if not case.page:
        said = case.says(words.RATE)
    if code or said:
        reason = f"{what(case)} speaks of a rate limit ({code or said})"
        return say("rate_limit", Cause.RATE_LIMIT, Confidence.LIKELY, reason, settle=settle)
    spent = next((name for name in _SPENT if case.header(name) in {"0", "0.0"}), "")
    if spent and case.status == HTTPStatus.FORBIDDEN:  # noqa: PLR2004 - Forbidden, which some vendors send for 429
        return say(
            "rate_limit", Cause.RATE_LIMIT, Confidence.LIKELY, f"{what(case)} with {spent}: 0", settle=settle
        )
    return None


def _wait(case: Case) -> str:
    after = case.header("retry-after")
    return (
        f"ask again after {after}{' seconds' if after.isdigit() else ''}" if after else "wait and ask again"
    )


def _maintenance(case: Case) -> Diagnosis | None:
    settle = "ask again later"
    if any(name.startswith("maintenance.") for name in case.markers):
        return say(
            "maintenance",
            Cause.MAINTENANCE,
            Confidence.CERTAIN,
            f"{what(case)}: a maintenance page",
            settle=settle,
        )
    if case.header("x-maintenance") or case.header("x-maintenance-mode"):
        return say(
            "maintenance",
            Cause.MAINTENANCE,
            Confidence.CERTAIN,
            f"{what(case)}: a maintenance header",
            settle=settle,
        )
    confidence = Confidence.CERTAIN if case.status == _UNAVAILABLE else Confidence.LIKELY
    if case.page:
        in_headline = words.MAINTENANCE.search(case.headline)
        found = in_headline or words.MAINTENANCE_PHRASE.search(case.text)
        if (
            found
            and case.status in {0, 200, 500, _UNAVAILABLE, 403, 404, 502, 504, 521}
            and not case.page.app_shell
        ):
            return say(
                "maintenance",
                Cause.MAINTENANCE,
                confidence,
                f"{what(case)} speaks of maintenance",
                settle=settle,
            )
        return None
    found = words.MAINTENANCE_PHRASE.search(case.text) or (
        case.status == _UNAVAILABLE and words.MAINTENANCE.search(case.text)
    )
    if case.is_refusal and found and case.status not in {400, 401, 422}:
        return say(
            "maintenance", Cause.MAINTENANCE, confidence, f"{what(case)} speaks of maintenance", settle=settle
        )
    return None


def _gateway_status(case: Case) -> Diagnosis | None:
    if case.status in _GATEWAY_STATUSES:
        reason = f"{what(case)}: a gateway could not get an answer from the server behind it"
        return say("gateway_status", Cause.GATEWAY, Confidence.CERTAIN, reason, settle="ask again later")
    if case.status != _UNAVAILABLE:
        return None
    if (
        case.says(words.GATEWAY)
        or (case.page and case.says(words.DEFAULT_PAGE))
        or (case.kind is Kind.OTHER and "unavailable" in case.text)
    ):
        reason = f"{what(case)}: a gateway's own words, it has no server to hand the request to"
        return say(
            "gateway_status",
            Cause.GATEWAY,
            Confidence.LIKELY,
            reason,
            runner_up="maintenance",
            settle="ask again later",
        )
    if case.page and _UNAVAILABLE_TITLE.search(case.headline) and len(case.page.text) < 240:  # noqa: PLR2004 - a default page says no more
        reason = f"{what(case)}: a server's default page"
        return say(
            "gateway_status",
            Cause.GATEWAY,
            Confidence.WEAK,
            reason,
            runner_up="maintenance",
            settle="ask again later",
        )
    return None


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
