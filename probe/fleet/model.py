"""What a fleet is made of: the organizations that were listed, and the row that each leaves.

Comes in: nothing. Goes out: plain frozen records. A row is small and is all that is kept of an
organization in memory or in `fleet.jsonl`; its report is a file, and a run in the history. The rows
are also what `fleet.json` holds: changing a field there raises FLEET_SCHEMA_VERSION.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

from msgspec import Struct

from probe.judge.model import Confidence
from probe.report.model import Tool

FLEET_SCHEMA_VERSION = 1
_ID_DIGITS = 12


class Reference(Struct, frozen=True, kw_only=True):
    """A token by name: the reference to its secret (`env:NAME`, `file:PATH`, `cmd:COMMAND`), its scopes."""

    name: str
    source: str
    scopes: tuple[str, ...] = ()


class Organization(Struct, frozen=True, kw_only=True):
    """One entry of the list, checked. `base_url` is an origin; `line` is where the entry begins."""

    name: str
    base_url: str
    tokens: tuple[Reference, ...]
    labels: tuple[str, ...] = ()
    line: int

    @property
    def id(self) -> str:
        """A short name of its own, made from name and address: the same in every fleet run."""
        return hashlib.sha256(f"{self.name}\n{self.base_url}".encode()).hexdigest()[:_ID_DIGITS]


class BadEntry(Struct, frozen=True, kw_only=True):
    """An entry that was left out: the line where it begins, its name if it has a fit one, why, what to do.

    `where` says what `line` counts: lines of a list, or the spaces that an API listed.
    """

    line: int
    name: str
    reason: str
    hint: str
    where: str = "line"


class Fleet(Struct, frozen=True, kw_only=True):
    """A list of organizations as it was read, in its order, and what was left out of it."""

    organizations: tuple[Organization, ...]
    bad: tuple[BadEntry, ...]


class OrganizationState(StrEnum):
    """How an organization's round ended: with verdicts, without any, or not at all."""

    MEASURED = "measured"
    NOT_MEASURED = "not_measured"
    FAILED = "failed"


class GroupCount(Struct, frozen=True, kw_only=True):
    """How many operations of a group are allowed, blocked and unknown."""

    id: str
    title: str
    allowed: int
    blocked: int
    unknown: int


class Row(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="organization", tag_field="type"):
    """What is kept of one organization.

    `id` is made from name and address. `reason` says why it was not measured, or what failed; `advice`
    what to do then. `plan` is the title of the plan that it behaves like, or empty; `groups` are in the
    catalog's order. `lost` are the operations that were allowed in the run compared with and are blocked
    now, `headline` says it in a sentence, `lost_since` is the time of the last run in which they worked.
    `report` is the path of the report beside the fleet's page, `run` its id in the history; both are
    empty where there is none. `exit_code` is what a scan of this organization alone would end with.
    Durations are in seconds.
    """

    id: str
    name: str
    base_url: str
    labels: tuple[str, ...] = ()
    state: OrganizationState
    reason: str = ""
    advice: str = ""
    plan: str = ""
    plan_confidence: Confidence | None = None
    allowed: int = 0
    blocked: int = 0
    unknown: int = 0
    groups: tuple[GroupCount, ...] = ()
    compared: bool = False
    headline: str = ""
    lost: tuple[str, ...] = ()
    lost_since: str = ""
    gained: tuple[str, ...] = ()
    expectations_failed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    report: str = ""
    run: str = ""
    started_at: str = ""
    duration_s: float = 0.0
    requests: int = 0
    exit_code: int = 0


class Opening(Struct, frozen=True, kw_only=True, tag="fleet", tag_field="type"):
    """The first line of `fleet.jsonl`: which fleet run this is."""

    version: int
    run: str
    started_at: str
    tool: Tool


class Ending(Struct, frozen=True, kw_only=True, tag="end", tag_field="type"):
    """The line that a fleet run ends with, once every organization has its row."""

    finished_at: str


class FleetSummary(Struct, frozen=True, kw_only=True):
    """Counts of organizations.

    `compared` are the measured ones that could be compared with an earlier run, `waiting` those without
    a row, where the run was interrupted. `plans` counts the measured ones by the plan's title,
    `expectations_failed` those of which an expectation failed.
    """

    organizations: int
    measured: int
    not_measured: int
    failed: int
    waiting: int
    compared: int
    lost: int
    bad_entries: int
    plans: dict[str, int]
    expectations_failed: int = 0


class FleetHead(Struct, frozen=True, kw_only=True):
    """What `fleet.json` says before its organizations. Times are UTC in RFC 3339."""

    schema_version: int
    tool: Tool
    run: str
    started_at: str
    finished_at: str
    complete: bool
    exit_code: int
    summary: FleetSummary
    bad_entries: tuple[BadEntry, ...]


class FleetReport(FleetHead, frozen=True, kw_only=True):
    """The whole of `fleet.json`. It is written in pieces, so this is never in memory at once."""

    organizations: tuple[Row, ...]
