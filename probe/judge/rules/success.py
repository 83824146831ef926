"""Rules for success, and the last word on an answer that no rule knows.

Comes in: a Case. Goes out: a Diagnosis or None. Pure.
"""

from __future__ import annotations

from probe.evidence import Response
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules import words
from probe.judge.rules.base import Case, Rule, say, what
from probe.patterns import Pattern


def _token_ignored(case: Case) -> Diagnosis | None:
    ignored = case.context.token_ignored
    if case.kind is not Kind.JSON_SUCCESS or not ignored or not case.exchange.token or case.exchange.role:
        return None
    reason = (
        f"{what(case)}, but the calibration read gives {ignored} a success too: it proves nothing about "
        "this token"
    )
    return say("token_ignored", Cause.OK, Confidence.WEAK, reason, settle="ask the same with a made-up token")


def _success(case: Case) -> Diagnosis | None:
    if case.kind is not Kind.JSON_SUCCESS or case.response is None:
        return None
    body = case.response.body
    if case.is_guarded_write:
        reason = f"{what(case)}: a write that should have been refused was not"
        return say("success", Cause.OK, Confidence.CERTAIN, reason)
    shape = body.json.shape if body.json else ""
    cut = body.cut or shape.endswith("(not read to its end)")
    doubt = _doubt(shape, body.json.items if body.json else None, cut=cut)
    if case.status == 0:
        doubt = f", but the status is not known{doubt}"
    confidence = Confidence.LIKELY if doubt else Confidence.CERTAIN
    return say("success", Cause.OK, confidence, f"{what(case)}{doubt}")


def _notice(case: Case) -> Diagnosis | None:
    """Judge a body that carries only a notice by its words: it is no proof of anything."""
    view = case.response.body.json if case.response else None
    if case.kind is not Kind.JSON_SUCCESS or view is None or not view.notice:
        return None
    text = view.notice.lower()
    cause = next((cause for cause, wording in _NOTICES if wording.search(text)), Cause.UNKNOWN)
    reason = f'{what(case)} that carries no data, only a notice ("{view.notice}")'
    return say("notice", cause, Confidence.WEAK, reason, runner_up="success")


_NOTICES = (
    (Cause.MAINTENANCE, words.MAINTENANCE),
    (Cause.LOGIN, Pattern(r"log_?-?in|sign_?-?in|auth/|authenticated: false|logged_in: false|/sso")),
    (Cause.EDGE, Pattern(r"captcha|challenge|blocked|firewall")),
    (Cause.RATE_LIMIT, Pattern(r"queue|waiting|slow down|too many|rate.?limit")),
    (Cause.TOKEN, Pattern(r"unauthori[sz]ed|unauthenticated|invalid (?:\w+ )?token|token expired")),
    (Cause.ROUTE, Pattern(r"not found|no such")),
)


def _doubt(shape: str, items: int | None, *, cut: bool) -> str:
    if cut:
        return ", not read to its end"
    if items == 0:
        return " with an empty list, which may also mean that there is nothing this token may see"
    if shape and shape[0] not in "{[":
        return f", but only a bare value ({shape})"
    return ""


def _unknown_words(case: Case) -> Diagnosis | None:
    """Say what came back where no rule knows it."""
    if case.page or not isinstance(case.exchange.outcome, Response):
        return None
    if case.kind is Kind.OTHER and 200 <= case.status < 300:  # noqa: PLR2004 - the range of success
        reason = f"{what(case)} where JSON was expected"
        return say("unknown", Cause.UNKNOWN, Confidence.WEAK, reason)
    return say("unknown", Cause.UNKNOWN, Confidence.WEAK, f"{what(case)} fits no rule")


SUCCESS_RULES = (
    Rule(
        "notice",
        (
            Cause.UNKNOWN,
            Cause.MAINTENANCE,
            Cause.LOGIN,
            Cause.EDGE,
            Cause.RATE_LIMIT,
            Cause.TOKEN,
            Cause.ROUTE,
        ),
        "a 2xx JSON object that carries no data: only a message, a state, a place to go",
        'some APIs answer 200 to what failed, such as {"success": false} or a body that says 404; '
        "trufflehog #2098",
        _notice,
    ),
    Rule(
        "token_ignored",
        (Cause.OK,),
        "a success, where a made-up token or none gets a success on the calibration read too",
        "trufflehog #3721",
        _token_ignored,
    ),
    Rule(
        "success",
        (Cause.OK,),
        "JSON with a 2xx status that reports no failure, or 204 or 205",
        "RFC 9110 section 15.3; dotCMS #18762 on empty lists",
        _success,
    ),
)
LAST_WORD_RULES = (Rule("unknown", (Cause.UNKNOWN,), "an answer that no rule knows", "own", _unknown_words),)
