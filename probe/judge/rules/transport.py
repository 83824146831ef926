"""Rules for what is no answer at all, and for redirects.

Comes in: a Case. Goes out: a Diagnosis or None. Pure.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

from probe.evidence import Failure, FailureReason
from probe.judge.model import Cause, Confidence, Diagnosis
from probe.judge.rules import words
from probe.judge.rules.base import Case, Rule, say

_BUGS = frozenset({FailureReason.INTERNAL, FailureReason.LOCKED})
_TRANSPORT = {
    FailureReason.DNS: "the host name could not be resolved",
    FailureReason.CONNECT: "no connection could be made",
    FailureReason.TLS: "the TLS connection failed",
    FailureReason.TIMEOUT: "no answer came in time",
    FailureReason.RESET: "the connection was closed before an answer came",
    FailureReason.PROTOCOL: "what came back is not valid HTTP",
}


def _internal(case: Case) -> Diagnosis | None:
    outcome = case.exchange.outcome
    if not isinstance(outcome, Failure) or outcome.reason not in _BUGS:
        return None
    reason = (
        f"nothing was asked: {outcome.detail or outcome.reason.value} (a fault of this tool, not of the "
        "server)"
    )
    return say("internal", Cause.INTERNAL, Confidence.CERTAIN, reason)


def _proxy_failure(case: Case) -> Diagnosis | None:
    outcome = case.exchange.outcome
    if not isinstance(outcome, Failure) or outcome.reason is not FailureReason.PROXY:
        return None
    return say(
        "proxy_failure",
        Cause.PROXY,
        Confidence.CERTAIN,
        f"the proxy of this network failed: {outcome.detail}",
    )


def _no_answer(case: Case) -> Diagnosis | None:
    outcome = case.exchange.outcome
    if not isinstance(outcome, Failure):
        return None
    what = _TRANSPORT.get(outcome.reason, outcome.reason.value)
    reason = f"{what}{f' ({outcome.detail})' if outcome.detail else ''}"
    return say("no_answer", Cause.NETWORK, Confidence.CERTAIN, reason, settle="ask again later")


def _redirect(case: Case) -> tuple[str, str] | None:
    """Return the path asked and the place that it was sent to, if it was."""
    if not 300 <= case.status < 400:  # noqa: PLR2004 - the range of redirects
        return None
    return case.exchange.request.path, case.header("location")


def _parts(base: str, location: str) -> SplitResult:
    """Split where a location leads to; what is no URL leads nowhere."""
    try:
        return urlsplit(urljoin(base, location))
    except ValueError:
        return SplitResult("", "", "", "", "")


def _login_redirect(case: Case) -> Diagnosis | None:
    places = _redirect(case)
    if places is None or not words.LOGIN_PLACE.search(places[1].replace("[masked]", "")):
        return None
    reason = (
        f"{case.status} redirect to a sign-in place ({places[1]}): a credential or a session is asked for"
    )
    return say(
        "login_redirect", Cause.LOGIN, Confidence.LIKELY, reason, settle="ask the same with a made-up token"
    )


def _portal_redirect(case: Case) -> Diagnosis | None:
    places = _redirect(case)
    if places is None or case.status not in {302, 303, 307}:
        return None
    target = _parts("", places[1])
    if not target.netloc or not words.PORTAL_PLACE.search(f"//{target.netloc}{target.path}?{target.query}"):
        return None
    reason = f"{case.status} redirect to another host that looks like a network's own page ({places[1]})"
    return say("portal_redirect", Cause.PROXY, Confidence.LIKELY, reason, settle="ask from another network")


def _other_redirect(case: Case) -> Diagnosis | None:
    places = _redirect(case)
    if places is None:
        return None
    path, location = places
    if not location:
        return say("redirect", Cause.REDIRECT, Confidence.LIKELY, f"{case.status} without a usable location")
    target = _parts(f"//host{path}", location)
    same_path = target.path.rstrip("/") == _parts("", path).path.rstrip("/")
    settle = f"ask {location}"
    if target.scheme not in {"", "http", "https"}:
        detail, settle = "no address of the web, which no API answers with", ""
    elif location.lower().startswith("http:"):
        detail = "a plain http address, over which a token would travel in clear"
        settle = "ask the server's administrators why it names a plain http address"
    elif same_path and location.startswith("https:"):
        detail = "the same path over https: plain http is not served, and a token sent over it was in clear"
    elif same_path:
        detail = "the same path in another spelling or on another host: ask there directly"
    else:
        detail = "another place: the base URL, the region or the host may be another"
    reason = f"{case.status} redirect, not followed, to {location}: {detail}"
    confidence = Confidence.CERTAIN if same_path else Confidence.LIKELY
    return say("redirect", Cause.REDIRECT, confidence, reason, settle=settle)


TRANSPORT_RULES = (
    Rule(
        "internal",
        (Cause.INTERNAL,),
        "a request that was not sent, or a fault of this tool",
        "own",
        _internal,
    ),
    Rule(
        "proxy_failure",
        (Cause.PROXY,),
        "the configured proxy could not be used",
        "RFC 9110 section 15.5.8",
        _proxy_failure,
    ),
    Rule(
        "no_answer",
        (Cause.NETWORK,),
        "a name, connection, TLS, time or protocol failure",
        "RFC 9110 section 9.2.2",
        _no_answer,
    ),
)
REDIRECT_RULES = (
    Rule(
        "login_redirect",
        (Cause.LOGIN,),
        "a 3xx whose location is a sign-in path or an identity provider's host",
        "oauth2-proxy oauthproxy.go; cloudflared #1637; speakr #333; gitlabber #80; devlake #8704",
        _login_redirect,
    ),
    Rule(
        "portal_redirect",
        (Cause.PROXY,),
        "a 302, 303 or 307 to another host named like a captive portal or a block page",
        "RFC 6585 section 6; evertpot.com/http/511",
        _portal_redirect,
    ),
    Rule(
        "redirect",
        (Cause.REDIRECT,),
        "any other 3xx, which is never followed across origins",
        "httpx _client.py #1850; aspnetcore #54562; n8n #8375; letta #3189",
        _other_redirect,
    ),
)
