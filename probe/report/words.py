"""The words that people read for each outcome, and what each means. English lives here and in templates.

Comes in: members of the enums. Goes out: labels and one-sentence meanings. A test walks all members.
"""

from __future__ import annotations

from typing import NamedTuple

from probe.catalog.model import Hazard
from probe.evidence import ControlRole
from probe.judge.model import Answer, Cause, ClaimStatus, Confidence, Kind, TokenStatus, Verdict
from probe.report.changes import ChangeKind, ExpectationVerdict


class Word(NamedTuple):
    """A label and its meaning in one sentence."""

    label: str
    meaning: str


VERDICTS: dict[Verdict, Word] = {
    Verdict.ALLOWED: Word("allowed", "At least one token got through to the operation."),
    Verdict.BLOCKED: Word("blocked", "It was refused, or its route is not there for this organization."),
    Verdict.UNKNOWN: Word("unknown", "The answers do not say. This is neither allowed nor blocked."),
}

KINDS: dict[Kind, Word] = {
    Kind.JSON_SUCCESS: Word("JSON success", "The API answered with data, or with an empty success."),
    Kind.JSON_ERROR: Word("JSON error", "The API answered, and said in JSON that it refuses or cannot."),
    Kind.HTML_WALL: Word("HTML wall", "A web page came back where the API should have answered."),
    Kind.OTHER: Word("other", "Something came back that is neither JSON nor a web page."),
    Kind.NO_RESPONSE: Word("no answer", "Nothing came back: no connection, a timeout, or a broken answer."),
}

# The shortest word for a cell of the matrix.
KINDS_SHORT: dict[Kind, str] = {
    Kind.JSON_SUCCESS: "ok",
    Kind.JSON_ERROR: "error",
    Kind.HTML_WALL: "wall",
    Kind.OTHER: "other",
    Kind.NO_RESPONSE: "none",
}

CAUSES: dict[Cause, Word] = {
    Cause.OK: Word("works", "The operation answered as it should."),
    Cause.VALIDATION: Word(
        "open, the request was refused", "The server read our request and found it invalid."
    ),
    Cause.MISSING_RESOURCE: Word(
        "open, no such item", "The route works; the item that we named does not exist."
    ),
    Cause.SCOPE: Word("the token lacks the scope", "The token was not granted what the operation needs."),
    Cause.TOKEN: Word("the token is not accepted", "The server does not know the token, or no longer."),
    Cause.PLAN: Word("not in the plan", "The plan does not include the operation."),
    Cause.ROUTE: Word("the route is not there", "The server has no such route for this organization."),
    Cause.VERSION: Word(
        "newer than the server", "The operation appeared in a later version than the server's."
    ),
    Cause.LOGIN: Word("a login page", "A login stood in the way; this says nothing about the plan."),
    Cause.EDGE: Word("a firewall", "A firewall or delivery network answered instead of the API."),
    Cause.PROXY: Word("a proxy", "A proxy on the way answered instead of the API."),
    Cause.GATEWAY: Word("a gateway error", "A gateway could not reach the API."),
    Cause.MAINTENANCE: Word("maintenance", "The service said that it is under maintenance."),
    Cause.RATE_LIMIT: Word("too many requests", "The server asked us to slow down."),
    Cause.METHOD: Word("method not supported", "The route exists, but not with this method."),
    Cause.REDIRECT: Word("a redirect", "The server pointed elsewhere; we do not follow with a token."),
    Cause.SERVER: Word("a server error", "The server failed while it answered."),
    Cause.NETWORK: Word("no connection", "The network failed before an answer was complete."),
    Cause.INTERNAL: Word("a fault of this tool", "This tool failed; it says nothing about the server."),
    Cause.UNKNOWN: Word("cause unknown", "The evidence does not say why."),
}

CONFIDENCES: dict[Confidence, Word] = {
    Confidence.CERTAIN: Word("certain", "The answer itself says so, or there is no other explanation left."),
    Confidence.LIKELY: Word("likely", "The evidence points one way; another explanation remains possible."),
    Confidence.WEAK: Word("weak", "A hint only; do not rely on it alone."),
}

HAZARDS: dict[Hazard, Word] = {
    Hazard.READ: Word("read", "Only reads."),
    Hazard.GUARDED: Word(
        "guarded write", "A write that the server must refuse in the form that we could send."
    ),
    Hazard.UNSAFE: Word("unsafe write", "A write that could take effect. It is never sent."),
}

ANSWERS: dict[Answer, Word] = {
    Answer.YES: Word("Yes", "Seen to work."),
    Answer.NO: Word("No", "Seen to be blocked."),
    Answer.CANNOT_TELL: Word("Cannot tell", "The answers do not settle it."),
}

CLAIMS: dict[ClaimStatus, Word] = {
    ClaimStatus.CONFIRMED: Word("confirmed", "What we saw agrees with it."),
    ClaimStatus.CONTRADICTED: Word("contradicted", "What we saw speaks against it."),
    ClaimStatus.UNTESTED: Word("not tested", "This run says nothing about it."),
}

TOKENS: dict[TokenStatus, Word] = {
    TokenStatus.ACCEPTED: Word("accepted", "The server treats it as a valid token."),
    TokenStatus.REFUSED: Word("refused", "The server does not accept it."),
    TokenStatus.IGNORED: Word("ignored", "The server answers the same with it and without it."),
    TokenStatus.UNKNOWN: Word("unknown", "The answers do not say."),
}

CONTROLS: dict[ControlRole, Word] = {
    ControlRole.NO_SUCH_ROUTE: Word("a route that cannot exist", "Shows what the server says to nonsense."),
    ControlRole.API_DOCUMENT: Word("the API's own document", "Shows the server's version."),
    ControlRole.ROOT: Word("the site's front page", "Shows the page that a browser gets."),
    ControlRole.ANONYMOUS: Word("without a token", "Shows how a missing token is refused."),
    ControlRole.GARBAGE_TOKEN: Word("with a made-up token", "Shows how a false token is refused."),
    ControlRole.REAL_TOKEN: Word("with a real token", "Shows that the token is accepted at all."),
    ControlRole.SECOND_LOOK: Word(
        "a walled read without a token", "What met a page, asked once more without a token."
    ),
    ControlRole.STABILITY: Word(
        "a walled read asked again later", "Shows whether the server answers the same twice."
    ),
    ControlRole.CONFIRMATION: Word(
        "asked again", "Something that was allowed before looked blocked; it counts only if it stays so."
    ),
    ControlRole.CLOSING: Word("at the end", "Shows that the API still answered when everything was asked."),
}

CHANGES: dict[ChangeKind, Word] = {
    ChangeKind.LOST: Word("lost", "It was allowed in the baseline and is blocked now."),
    ChangeKind.GAINED: Word("gained", "It was blocked in the baseline and is allowed now."),
    ChangeKind.CAUSE: Word("another cause", "The verdict is the same, but for another reason."),
    ChangeKind.ONLY_FIRST: Word(
        "only in the first", "The first organization allows it, the second does not."
    ),
    ChangeKind.ONLY_SECOND: Word(
        "only in the second", "The second organization allows it, the first does not."
    ),
}

# What a link to a part of the page is called.
PLACES: dict[str, str] = {
    "changes": "What changed",
    "expectations": "What was expected",
    "method": "What was asked, and what not",
    "writes": "Every write",
    # of a fleet's page
    "lost": "What was lost",
    "all": "Organization by organization",
    "not-measured": "Why",
    "failed": "Why not",
    "bad": "Which entries",
}

EXPECTATIONS: dict[ExpectationVerdict, Word] = {
    ExpectationVerdict.MET: Word("met", "What was expected is so."),
    ExpectationVerdict.FAILED: Word("failed", "What was expected is not so."),
    ExpectationVerdict.UNTESTED: Word("not told", "This run does not say; that is neither met nor failed."),
}
