"""What judgement says: kinds, causes, findings, capabilities, the plan. Words of DESIGN section 2."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from probe.catalog.model import Hazard
from probe.evidence import Exchange, Skipped


class Kind(StrEnum):
    """What came back."""

    JSON_SUCCESS = "json_success"
    JSON_ERROR = "json_error"
    HTML_WALL = "html_wall"
    OTHER = "other"
    NO_RESPONSE = "no_response"


class Cause(StrEnum):
    """Why it came back."""

    OK = "ok"
    VALIDATION = "validation"
    MISSING_RESOURCE = "missing_resource"
    SCOPE = "scope"
    TOKEN = "token"  # noqa: S105 - the name of a cause, not a password
    PLAN = "plan"
    ROUTE = "route"
    VERSION = "version"
    LOGIN = "login"
    EDGE = "edge"
    PROXY = "proxy"
    GATEWAY = "gateway"
    MAINTENANCE = "maintenance"
    RATE_LIMIT = "rate_limit"
    METHOD = "method"
    REDIRECT = "redirect"
    SERVER = "server"
    NETWORK = "network"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure a judgement is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    WEAK = "weak"


class Verdict(StrEnum):
    """What the organization may do with an operation."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What one rule says of one exchange.

    `rule` is the rule's name; `runner_up` the rule that came second, where that matters; `settle`
    the one request that would settle a doubt, or empty.
    """

    cause: Cause
    confidence: Confidence
    rule: str
    reason: str
    runner_up: str = ""
    settle: str = ""


class Finding(Struct, frozen=True, kw_only=True):
    """An exchange with what it means. `wall` is the id of the page that it met, or empty."""

    exchange: Exchange
    kind: Kind
    diagnosis: Diagnosis
    wall: str = ""


class Wall(Struct, frozen=True, kw_only=True):
    """One distinct HTML page of a run and who met it: `operations` are ids, sorted, each once."""

    id: str
    title: str
    excerpt: str
    fingerprint: str
    statuses: tuple[int, ...]
    operations: tuple[str, ...]
    controls: tuple[str, ...]


class Measured(Struct, frozen=True, kw_only=True):
    """Whether the controls let the run speak about the plan; why not, and what to do, when not."""

    measured: bool
    reason: str
    cause: Cause = Cause.OK
    advice: str = ""


class Diagnosed(Struct, frozen=True, kw_only=True):
    """What diagnosis says of a run: all that inference reads besides the run and the catalog."""

    measured: Measured
    controls: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    walls: tuple[Wall, ...]


class TokenStatus(StrEnum):
    """What the server makes of a token."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


class TokenVerdict(Struct, frozen=True, kw_only=True):
    """One token: accepted or not, why, and how its declared scopes fit what it could do.

    `scopes_shown` are those that its successes show, `scopes_missing` declared ones that the server
    refused, `scopes_undeclared` shown ones that nobody declared (the token is broader than it should
    be), `scopes_unused` declared or granted ones that nothing asked in this run needs.
    `scopes_granted` are those that the server's own list of tokens names for it, and `granted_note`
    says how that list was read; both are empty where no list was read.
    """

    name: str
    declared_scopes: tuple[str, ...]
    status: TokenStatus
    reason: str
    scopes_shown: tuple[str, ...] = ()
    scopes_missing: tuple[str, ...] = ()
    scopes_undeclared: tuple[str, ...] = ()
    scopes_unused: tuple[str, ...] = ()
    scopes_granted: tuple[str, ...] = ()
    granted_note: str = ""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes to count on: declared ones and those of the server's own list; empty for no word."""
        return tuple(dict.fromkeys((*self.declared_scopes, *self.scopes_granted)))

    @property
    def incomplete(self) -> bool:
        """Whether a success shows that the list leaves scopes out, so that what it lacks may be there too."""
        return not self.scopes_granted and not set(self.scopes_shown).isdisjoint(self.scopes_undeclared)


class Capability(Struct, frozen=True, kw_only=True):
    """An operation's verdict for the organization over all tokens.

    `inferred` is true where the operation was not asked itself. `tokens` are the names of the
    tokens whose findings decided.
    """

    operation: str
    method: str
    path: str
    group: str
    hazard: Hazard
    scope: tuple[str, ...]
    documented_plan: str | None
    verdict: Verdict
    cause: Cause
    confidence: Confidence
    inferred: bool
    reason: str
    tokens: tuple[str, ...] = ()


class PlanAgreement(Struct, frozen=True, kw_only=True):
    """How the verdicts fit one plan: operations that agree, disagree (by id), and say nothing."""

    plan: str
    agree: int
    disagree: tuple[str, ...]
    silent: int


class PlanEstimate(Struct, frozen=True, kw_only=True):
    """The plan that the organization behaves like.

    `floor` is the lowest plan that explains every success, `ceiling` the highest that the walls
    leave, `estimate` the one plan where both agree, or "undetermined". `contradictions` are
    operations whose verdict does not fit the estimate.
    """

    estimate: str
    confidence: Confidence
    reason: str
    floor: str | None
    ceiling: str | None
    candidates: tuple[PlanAgreement, ...]
    contradictions: tuple[str, ...] = ()


class ClaimStatus(StrEnum):
    """What the run says of a claim."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNTESTED = "untested"


class ClaimVerdict(Struct, frozen=True, kw_only=True):
    """A claim with its status and the operations that say so."""

    id: str
    text: str
    source: str
    url: str
    status: ClaimStatus
    reason: str
    operations: tuple[str, ...]
    date: str = ""


class Answer(StrEnum):
    """What the run answers to a question that people come with."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"


class QuestionVerdict(Struct, frozen=True, kw_only=True):
    """A question with its answer, why, and the operations (ids) that say so.

    `inferred` is true where none of them was asked itself; `confidence` is that of the surest of them.
    """

    id: str
    text: str
    answer: Answer
    reason: str
    operations: tuple[str, ...]
    inferred: bool = False
    confidence: Confidence = Confidence.LIKELY


class GuidanceItem(Struct, frozen=True, kw_only=True):
    """What to do instead, for the blocked operations that it helps with."""

    id: str
    title: str
    text: str
    steps: tuple[str, ...]
    url: str
    operations: tuple[str, ...]


class Judgement(Struct, frozen=True, kw_only=True):
    """Everything that a run means."""

    measured: Measured
    tokens: tuple[TokenVerdict, ...]
    controls: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    walls: tuple[Wall, ...]
    capabilities: tuple[Capability, ...]
    plan: PlanEstimate
    claims: tuple[ClaimVerdict, ...]
    guidance: tuple[GuidanceItem, ...]
    questions: tuple[QuestionVerdict, ...] = ()
