"""What is different from an earlier run, and whether what was expected holds: parts of the report.

Comes in: nothing; these are plain frozen records that `probe.history` fills and every format reads.
Three states only: allowed, blocked, and not measured. What was not measured is never a loss or a gain.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from probe.judge.model import Cause, Confidence, TokenStatus, Verdict


class ChangeKind(StrEnum):
    """How a capability differs from the baseline; of two organizations, which of them alone allows it."""

    LOST = "lost"
    GAINED = "gained"
    CAUSE = "cause"
    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"


class CapabilityChange(Struct, frozen=True, kw_only=True):
    """One capability that was told in both runs and differs.

    `asked_again` counts the times it was asked again before it counted; `inferred` is true where
    either side was not asked itself.
    """

    operation: str
    group: str
    kind: ChangeKind
    before: Verdict
    after: Verdict
    cause_before: Cause
    cause_after: Cause
    confidence: Confidence
    inferred: bool
    asked_again: int = 0


class TokenChange(Struct, frozen=True, kw_only=True):
    """A token that fares differently, with one sentence for the first line of a message.

    `operations` are those whose loss this token alone explains: they are not counted as lost.
    """

    name: str
    before: TokenStatus
    after: TokenStatus
    scopes_lost: tuple[str, ...]
    scopes_gained: tuple[str, ...]
    reason: str
    operations: tuple[str, ...] = ()


class WallChange(Struct, frozen=True, kw_only=True):
    """Operations that met another page than before; fingerprints as in `walls`."""

    before: str
    after: str
    title_before: str
    title_after: str
    operations: tuple[str, ...]


class BaselineRef(Struct, frozen=True, kw_only=True):
    """The run that was compared with: `run` is its id in the history, or empty for a file."""

    label: str
    run: str
    started_at: str
    plan: str


class HistoryPoint(Struct, frozen=True, kw_only=True):
    """One run of the chart. `plan` is the estimate's id or empty; counts are of capabilities.

    Where `complete` is false, the run was cut short and the counts are no totals.
    """

    run: str
    started_at: str
    measured: bool
    allowed: int
    blocked: int
    unknown: int
    plan: str
    complete: bool = True


class Changes(Struct, frozen=True, kw_only=True):
    """The report compared with its baseline.

    `comparable` is false, with the reason, where either run was not measured or was cut short before
    anything could be compared. `headline` is the first line of every message about it. `lost_since`
    is the time of the last run in which all that is lost was still allowed. `apart` are differences
    that do not count: seen in inference only, not confirmed, or the rest of a loss that was told.
    `organizations` are the addresses of two organizations that are set side by side, the baseline's
    first, and else empty: between them nothing is lost or gained.
    """

    baseline: BaselineRef
    comparable: bool
    reason: str
    headline: str
    capabilities: tuple[CapabilityChange, ...] = ()
    tokens: tuple[TokenChange, ...] = ()
    walls: tuple[WallChange, ...] = ()
    plan_before: str = ""
    plan_after: str = ""
    server_before: str = ""
    server_after: str = ""
    catalog_before: str = ""
    catalog_after: str = ""
    operations_added: tuple[str, ...] = ()
    operations_removed: tuple[str, ...] = ()
    lost_since: str = ""
    history: tuple[HistoryPoint, ...] = ()
    apart: tuple[CapabilityChange, ...] = ()
    organizations: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[CapabilityChange, ...]:
        """The capabilities that were allowed and are blocked now."""
        return tuple(change for change in self.capabilities if change.kind is ChangeKind.LOST)

    @property
    def gained(self) -> tuple[CapabilityChange, ...]:
        """The capabilities that were blocked and are allowed now."""
        return tuple(change for change in self.capabilities if change.kind is ChangeKind.GAINED)

    @property
    def took_away(self) -> bool:
        """Whether something was lost: capabilities, or what a token alone could do."""
        return self.comparable and bool(self.lost or any(token.operations for token in self.tokens))


class ExpectationVerdict(StrEnum):
    """What became of an expectation."""

    MET = "met"
    FAILED = "failed"
    UNTESTED = "untested"


class ExpectationResult(Struct, frozen=True, kw_only=True):
    """One line of `[expect]`: `key` is `plan_at_least`, `allow` or `block`, `value` what was expected."""

    key: str
    value: str
    verdict: ExpectationVerdict
    reason: str
    operations: tuple[str, ...] = ()
