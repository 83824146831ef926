"""Rules for refusals in words: JSON errors first, and plain text, XML or an empty body by their status.

Comes in: a Case. Goes out: a Diagnosis or None. The order of a server's own checks is unknown, so an
answer about what was sent says only likely that the rest was passed. Pure.
"""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus

from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules import words
from probe.judge.rules.base import FIRST_SERVER_ERROR, Case, Rule, say, what
from probe.patterns import Pattern

# What some frameworks send for a session or token that ran out.
_EXPIRED_STATUSES = frozenset({419, 440, 498, 499})
# Where a refusal for the plan can stand: not where a status names another cause, nor a server's failure.
PLAN_STATUSES = frozenset({0, 200, 400, 402, 403, 404, 406, 409, 412, 422, 501})
_REFUSED_INPUT = frozenset({400, 404, 409, 412, 422})
# Where the status itself says that the caller is refused, or says nothing.
_REFUSING = frozenset({0, 200, 402, 403})
_GRADES = {"documented": Confidence.CERTAIN, "recorded": Confidence.CERTAIN, "reported": Confidence.LIKELY}


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Pattern:
    return Pattern(pattern, re.IGNORECASE)


def _vendor_message(case: Case) -> Diagnosis | None:
    """Judge by the vendor's own wording, from its catalog."""
    if not case.is_refusal or case.context.catalog is None or not case.text:
        return None
    for message in case.context.catalog.messages:
        fits = not message.statuses or case.status in message.statuses
        if fits and message.cause == Cause.PLAN:
            fits = case.status in PLAN_STATUSES and not (message.grade == "reported" and _says_other(case))
        if fits and message.cause in set(Cause) and _compiled(message.pattern).search(case.text):
            reason = (
                f"{what(case)} is the vendor's {message.grade} wording for {message.cause} ({message.source})"
            )
            return say(
                "vendor_message", Cause(message.cause), _GRADES.get(message.grade, Confidence.WEAK), reason
            )
    return None


def _says_other(case: Case) -> bool:
    """Return whether words of another cause stand there: a reported wording must not drown them."""
    others = (words.SCOPE, words.TOKEN, words.RATE, words.MAINTENANCE, words.IP_BLOCK, words.PASSING)
    return (
        any(case.says(other) for other in others)
        or bool(case.has_code(words.TOKEN_CODE))
        or _SWITCHED_OFF.search(case.text) is not None
    )


# A person's decision, not a plan's.
_SWITCHED_OFF = Pattern(r"\badmin(?:istrator)?s?\b|\bdisabled\b|\bdeactivated\b|\bsuspended\b")


def _ip_block(case: Case) -> Diagnosis | None:
    if not case.is_refusal or case.status not in {0, 200, 401, 403, 406, 451}:
        return None
    found = case.says(words.IP_BLOCK) or case.has_code(words.IP_BLOCK)
    if not found:
        return None
    reason = f"{what(case)} speaks of the address that was asked from ({found})"
    return say("ip_block", Cause.EDGE, Confidence.LIKELY, reason, settle="ask from an allowed address")


def _plan_words(case: Case) -> Diagnosis | None:
    """Judge by wording on the plan; a 402 counts by itself, unless the bill is what is open."""
    paid = case.status == HTTPStatus.PAYMENT_REQUIRED
    if not paid and not _may_mean_plan(case):
        return None  # in front of an API others speak in pages and plain text, of licences of their own
    if case.says(words.UNPAID) and not case.says(words.PLAN):
        return _unpaid(case)
    code, said = _plan_code(case), _plan_said(case)
    if code or said:
        confidence = Confidence.CERTAIN if code and said else Confidence.LIKELY
        reason = f"{what(case)} speaks of the plan ({code or said})"
        return say("plan_words", Cause.PLAN, confidence, reason, runner_up="scope")
    return (
        say("plan_words", Cause.PLAN, Confidence.LIKELY, f"{what(case)}: payment required") if paid else None
    )


def _may_mean_plan(case: Case) -> bool:
    fits = case.status in PLAN_STATUSES or case.status == HTTPStatus.UNAUTHORIZED
    return fits and case.kind is Kind.JSON_ERROR


def _plan_said(case: Case) -> str:
    """Return words on the plan; where the status does not refuse the caller, only a whole statement."""
    if case.status != HTTPStatus.PAYMENT_REQUIRED and case.says(words.PASSING):
        return ""
    said = case.says(words.PLAN)
    if case.status in {401, 402, 403, 501}:
        said = said or case.says(words.PLAN_REFUSED)
    return said if case.status in _REFUSING or case.says(words.PLAN_STATEMENT) else ""


def _plan_code(case: Case) -> str:
    """Return a code word that means the plan; where input is refused, one may name a field or an object."""
    code = case.has_code(words.PLAN_CODE)
    if "not_found" in code or "notfound" in code:
        return ""
    vague = case.status in _REFUSED_INPUT and (
        code.startswith(("invalid", "missing", "no_", "wrong")) or code.endswith(("invalid", "missing"))
    )
    return "" if vague else code


def _unpaid(case: Case) -> Diagnosis | None:
    if case.status != HTTPStatus.PAYMENT_REQUIRED:
        return None
    reason = f"{what(case)}: a bill is open, which says nothing about what the plan includes"
    return say(
        "plan_words",
        Cause.UNKNOWN,
        Confidence.LIKELY,
        reason,
        runner_up="plan",
        settle="settle the bill, then ask again",
    )


def _scope_words(case: Case) -> Diagnosis | None:
    if not case.is_refusal or "<code>accessdenied</code>" in case.text:  # an object store's default
        return None
    demand = case.header("www-authenticate")
    if "insufficient_scope" in demand:
        return say(
            "scope_words",
            Cause.SCOPE,
            Confidence.CERTAIN,
            f"{what(case)} with www-authenticate: insufficient_scope",
        )
    if case.status in {400, 404, 405, 406, 409, 410, 413, 415, 422} or case.status >= FIRST_SERVER_ERROR:
        strict = case.has_code(_SCOPE_PLAIN)
        return _scope(case, strict) if strict else None
    code, said = case.has_code(words.SCOPE_CODE), case.says(words.SCOPE)
    by_token = _TOKEN_SURE.search(case.text) or (
        case.status == HTTPStatus.UNAUTHORIZED and (case.has_code(words.TOKEN_CODE) or case.says(words.TOKEN))
    )
    if by_token and not _SCOPE_ITSELF.search(f"{code} {said}"):
        return None
    return _scope(case, code or said) if code or said else None


_SCOPE_PLAIN = Pattern(r"(?:insufficient|missing|invalid)_?(?:oauth_?)?(?:scopes?|permissions?|privileges?)")
_SCOPE_ITSELF = Pattern(r"scope|permission|privilege|role|right")


def _scope(case: Case, seen: str) -> Diagnosis:
    declared = case.context.declared_scopes(case.exchange.token)
    needed = case.operation.scopes if case.operation else ()
    held = [scope for scope in needed if scope in declared]
    note = f"; the token declares {held[0]}, so it may be a right of its owner" if held else ""
    confidence = Confidence.LIKELY if held or case.status not in {401, 403} else Confidence.CERTAIN
    reason = f"{what(case)} speaks of a missing right ({seen}){note}"
    return say("scope_words", Cause.SCOPE, confidence, reason, runner_up="plan" if held else "")


def _token_refused(case: Case) -> Diagnosis | None:
    if not case.is_refusal:
        return None
    if "invalid_token" in case.header("www-authenticate"):
        reason = f"{what(case)} with www-authenticate: invalid_token"
        return say("token_refused", Cause.TOKEN, Confidence.CERTAIN, reason)
    if case.status == HTTPStatus.UNAUTHORIZED:
        reason = f"{what(case)}: the credential was refused"
        return say("token_refused", Cause.TOKEN, Confidence.CERTAIN, reason)
    seen = _speaks_of_token(case)
    if not seen:
        return None
    reason = f"{what(case)} speaks of the credential ({seen})"
    return say("token_refused", Cause.TOKEN, Confidence.LIKELY, reason)


def _speaks_of_token(case: Case) -> str:
    if case.status in _EXPIRED_STATUSES:
        return f"status {case.status}"
    if case.status not in {0, 200, 400, 403}:
        return ""
    code, said = case.has_code(words.TOKEN_CODE), case.says(words.TOKEN)
    if case.status == HTTPStatus.BAD_REQUEST and not code and not _TOKEN_SURE.search(case.text):
        return ""
    return code or said


_TOKEN_SURE = Pattern(
    r"token (?:\S+ ){0,6}(?:is |has |was )*(?:invalid|expired|revoked)"
    r"|(?:invalid|expired|revoked|missing|bad|incorrect|no) (?:\S+ )?"
    r"(?:api[- _]?key|access[- _]?token|auth\w* token|credentials|authentication|authorization header)"
    r"|api[- _]?key (?:\S+ ){0,2}(?:invalid|expired|missing|required|not valid|not found)"
    r"|not (?:logged in|authenticated)|authentication (?:failed|required)"
)


# A field of what was sent may be called a version.
_A_FIELD = Pattern(
    r"\b(?:parameter|field|property|attribute|argument|request body|body)s?\b"
    r"|\bversion(?:_\w+)? (?:must|should|is (?:required|missing|not a)|cannot be|may not be)\b"
)


def _version_words(case: Case) -> Diagnosis | None:
    if (
        not case.is_refusal
        or case.status in {401, 403}
        or (case.status >= FIRST_SERVER_ERROR and case.status not in {501, 505})
    ):
        return None
    code, said = case.has_code(words.VERSION_CODE), case.says(words.VERSION)
    if case.status in _REFUSED_INPUT and _A_FIELD.search(case.text):
        said = ""
    asked = case.status == HTTPStatus.UPGRADE_REQUIRED and case.is_json
    if code or said or asked:
        reason = f"{what(case)} speaks of a version ({code or said or 'upgrade required'})"
        return say("version_words", Cause.VERSION, Confidence.LIKELY, reason)
    if case.status == HTTPStatus.UPGRADE_REQUIRED:
        reason = f"{what(case)}: another protocol is asked for, which says nothing of the route"
        return say("version_words", Cause.UNKNOWN, Confidence.LIKELY, reason, runner_up="version")
    return None


def _method_words(case: Case) -> Diagnosis | None:
    if case.kind is Kind.JSON_SUCCESS or case.page or not case.is_refusal:
        return None
    if case.status == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = case.header("allow")
        note = f"; it allows {allow}" if allow else ""
        return say(
            "method_words",
            Cause.METHOD,
            Confidence.CERTAIN,
            f"{what(case)}: the route exists, the method does not{note}",
        )
    plainly = case.status in {0, 200, 400, 403, 404, 501} and case.says(words.METHOD)
    if plainly and not case.has_code(words.ROUTE_CODE):
        return say("method_words", Cause.METHOD, Confidence.LIKELY, f"{what(case)} speaks of the method")
    return None


REFUSAL_RULES = (
    Rule(
        "vendor_message",
        (Cause.PLAN, Cause.SCOPE, Cause.TOKEN, Cause.VALIDATION, Cause.MISSING_RESOURCE),
        "an error in wording that the catalog knows of this vendor",
        "the catalog's messages, each with its source",
        _vendor_message,
    ),
    Rule(
        "ip_block",
        (Cause.EDGE,),
        "an error that names the address or an allow list",
        "NPSP #7247; DataDog/documentation PR 40039",
        _ip_block,
    ),
    Rule(
        "plan_words",
        (Cause.PLAN, Cause.UNKNOWN),
        "402, or an error whose words or code speak of plan, subscription, licence or upgrade",
        "trufflehog groq, elevenlabs, ngrok; docs.warp.dev feature_not_available; dotCMS #18762; "
        "DataDog/documentation PR 17359",
        _plan_words,
    ),
    Rule(
        "scope_words",
        (Cause.SCOPE,),
        "an error that speaks of a scope, permission or role, or www-authenticate: insufficient_scope",
        "RFC 6750 section 3.1",
        _scope_words,
    ),
    Rule(
        "token_refused",
        (Cause.TOKEN,),
        "401, www-authenticate: invalid_token, or an error that speaks of the credential",
        "RFC 9110 section 15.5.2; RFC 6750 section 3.1",
        _token_refused,
    ),
    Rule(
        "version_words",
        (Cause.VERSION, Cause.UNKNOWN),
        "426 in JSON, or an error that speaks of a version; a bare 426 asks for another protocol",
        "RFC 9110 section 15.5.22",
        _version_words,
    ),
    Rule(
        "method_words",
        (Cause.METHOD,),
        "405 that is no page, or an error that speaks of the method",
        "RFC 9110 section 15.5.6",
        _method_words,
    ),
)
