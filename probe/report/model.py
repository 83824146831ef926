"""The report: a versioned projection of a run and its judgement. Every format is made from it.

Comes in: a Run and a Judgement (see `build`). Goes out: plain frozen records, which are also the
JSON run (`report.json`). The field names are published in the JSON Schema; changing one raises
SCHEMA_VERSION.
"""

from __future__ import annotations

from msgspec import Struct

from probe.catalog.model import Hazard
from probe.evidence import Attempt, ControlRole, Limits, OwnScopes, Request, Skipped
from probe.judge.model import (
    Cause,
    ClaimVerdict,
    Confidence,
    GuidanceItem,
    Kind,
    PlanEstimate,
    QuestionVerdict,
    TokenStatus,
    Verdict,
    Wall,
)
from probe.report.changes import Changes, ExpectationResult

SCHEMA_VERSION = 1


class Tool(Struct, frozen=True, kw_only=True):
    """The program that wrote the report."""

    name: str
    version: str


class ReportTarget(Struct, frozen=True, kw_only=True):
    """The organization that was asked. `server_version` is empty where the server does not say."""

    base_url: str
    vendor: str
    vendor_title: str
    catalog_version: str
    server_version: str


class ReportToken(Struct, frozen=True, kw_only=True):
    """A token and how it fared."""

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


class Evidence(Struct, frozen=True, kw_only=True):
    """What was sent and what came back, for every attempt.

    `own_scopes` is what a list of tokens says of the token that asked for it.
    """

    request: Request
    attempts: tuple[Attempt, ...]
    own_scopes: OwnScopes | None = None


class ReportFinding(Struct, frozen=True, kw_only=True):
    """One operation asked with one token: what came back and what it means.

    `status` is the HTTP status, or None where no answer came. `attempts` counts the sends.
    `wall` is the id in `walls` of the page that came back, or empty.
    """

    operation: str
    method: str
    path: str
    group: str
    token: str
    kind: Kind
    cause: Cause
    confidence: Confidence
    rule: str
    runner_up: str
    reason: str
    settle: str
    wall: str
    status: int | None
    elapsed_ms: int
    attempts: int
    evidence: Evidence


class ReportControl(Struct, frozen=True, kw_only=True):
    """A probe whose answer calibrates the rest. `operation` is empty where it is none."""

    role: ControlRole
    operation: str
    method: str
    path: str
    token: str
    kind: Kind
    cause: Cause
    confidence: Confidence
    rule: str
    reason: str
    wall: str
    status: int | None
    elapsed_ms: int
    attempts: int
    evidence: Evidence


class WriteSent(Struct, frozen=True, kw_only=True):
    """A write that went out, such as the server must refuse. `operation` is empty for a control.

    `status` is the HTTP status that came back, or None where no answer came.
    """

    operation: str
    method: str
    path: str
    token: str
    status: int | None


class ReportCapability(Struct, frozen=True, kw_only=True):
    """What the organization may do with one operation, over all tokens."""

    operation: str
    method: str
    path: str
    group: str
    group_title: str
    summary: str
    hazard: Hazard
    scope: tuple[str, ...]
    documented_plan: str | None
    verdict: Verdict
    cause: Cause
    confidence: Confidence
    inferred: bool
    reason: str
    tokens: tuple[str, ...]


class Coverage(Struct, frozen=True, kw_only=True):
    """How much was asked of what was to be asked; what was left out on purpose is not counted.

    A probe is an operation asked with one token. In a run that is complete the numbers are equal.
    """

    operations: int = 0
    of_operations: int = 0
    probes: int = 0
    of_probes: int = 0


class Summary(Struct, frozen=True, kw_only=True):
    """Counts, computed when written: findings by kind, capabilities by verdict.

    `coverage` says how much of what was to be asked was asked. Where a scan was stopped, the other
    counts are of what was seen until then, and no totals.
    """

    coverage: Coverage = Coverage()

    findings: int
    skipped: int
    kinds: dict[str, int]
    verdicts: dict[str, int]
    walls: int


class Report(Struct, frozen=True, kw_only=True):
    """The whole run. Every operation x token stands in it once, in `findings` or in `skipped`.

    `writes` are the writes that were sent, computed when written; all others of `requests_sent` are reads.
    `plan_titles` gives the plans from the lowest to the highest, id to title. `changes` is None where
    the run was compared with no other.
    """

    schema_version: int
    tool: Tool
    complete: bool
    measured: bool
    measured_reason: str
    measured_cause: Cause
    advice: str
    simulated: bool
    target: ReportTarget
    started_at: str
    finished_at: str
    duration_s: float
    limits: Limits
    requests_sent: dict[str, int]
    tokens: tuple[ReportToken, ...]
    plan: PlanEstimate
    plan_titles: dict[str, str]
    summary: Summary
    capabilities: tuple[ReportCapability, ...]
    claims: tuple[ClaimVerdict, ...]
    guidance: tuple[GuidanceItem, ...]
    walls: tuple[Wall, ...]
    controls: tuple[ReportControl, ...]
    findings: tuple[ReportFinding, ...]
    skipped: tuple[Skipped, ...]
    questions: tuple[QuestionVerdict, ...] = ()
    changes: Changes | None = None
    expectations: tuple[ExpectationResult, ...] = ()
    writes: tuple[WriteSent, ...] = ()
