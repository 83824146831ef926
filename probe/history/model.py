"""What the history says of past runs: plain frozen records.

Comes in: nothing. Goes out: what `store` returns, and what the comparison of runs and the commands
read. Nothing here knows a database. Times are UTC in RFC 3339, as the report has them.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from probe.judge.model import Cause, Confidence, Verdict


class StoredRun(Struct, frozen=True, kw_only=True):
    """A run in the history, without its report.

    `id` is 16 hexadecimal digits, made from the report and its key: the same report gets the same id
    in every history. `key` is the name under which a caller records a run once only, or empty.
    `plan` is the estimate's id, empty where it is undetermined or the run was not measured.
    `allowed`, `blocked` and `unknown` count capabilities.
    """

    id: str
    key: str
    label: str
    base_url: str
    vendor: str
    catalog_version: str
    server_version: str
    tool_version: str
    started_at: str
    finished_at: str
    duration_s: float
    measured: bool
    complete: bool
    simulated: bool
    plan: str
    plan_confidence: Confidence
    allowed: int
    blocked: int
    unknown: int

    @property
    def good(self) -> bool:
        """Whether the run is measured and complete, so that later ones can be compared with it."""
        return self.measured and self.complete


class KnownCapability(Struct, frozen=True, kw_only=True):
    """What is known of one operation: from the latest run that told it.

    `verdict` is allowed or blocked, never unknown. `run` is the id of that run, `started_at` its time.
    """

    operation: str
    group: str
    verdict: Verdict
    cause: Cause
    confidence: Confidence
    inferred: bool
    run: str
    started_at: str


class Mark(StrEnum):
    """What one run says of one operation.

    `not_measured` is a run that speaks about nothing; `absent` one whose catalog lacked the operation.
    """

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    NOT_MEASURED = "not_measured"
    ABSENT = "absent"


class RunRef(Struct, frozen=True, kw_only=True):
    """A run by its id, and when it started."""

    run: str
    started_at: str


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """Runs in a row that say the same of an operation: how many, the first and the last of them.

    `cause` is that of the last one.
    """

    mark: Mark
    cause: Cause
    runs: int
    first: RunRef
    last: RunRef


class Timeline(Struct, frozen=True, kw_only=True):
    """One operation over all runs of an organization, the oldest first.

    `last_allowed` is the last run in which it worked. `first_blocked` is the first run in which it was
    blocked since then, or the first of all where it never worked. Either is None where there is none.
    """

    operation: str
    group: str
    entries: tuple[TimelineEntry, ...]
    last_allowed: RunRef | None
    first_blocked: RunRef | None


class Pruned(Struct, frozen=True, kw_only=True):
    """What was removed, and what is left: numbers of runs."""

    removed: int
    kept: int


class Imported(Struct, frozen=True, kw_only=True):
    """What came in: runs that were new, and runs that were there before."""

    added: int
    known: int
