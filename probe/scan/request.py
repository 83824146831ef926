"""What a scan is asked to do, and how it tells how far it is."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from probe.catalog.model import Catalog
from probe.evidence import Limits
from probe.scan.agenda import Agenda
from probe.scan.pace import Waiting
from probe.secret import Token


class ScanRequest(Struct, frozen=True, kw_only=True):
    """What to scan: an origin, a catalog, at least one token, an agenda, limits.

    `ca_bundle` is a PEM file of authorities to trust beside the system's, or None.
    """

    origin: str
    catalog: Catalog
    tokens: tuple[Token, ...]
    agenda: Agenda
    limits: Limits
    simulated: bool = False
    ca_bundle: Path | None = None


class Phase(StrEnum):
    """The parts of a scan, in their order."""

    CONTROLS = "controls"
    OPERATIONS = "operations"
    AGAIN = "asking again"


class Progress(Struct, frozen=True, kw_only=True):
    """How far the scan is: `done` of the `total` questions that are known by now, controls among them.

    `done` never falls, `total` may grow. Where a pause has just begun: how long, and for what.
    """

    phase: Phase
    done: int
    total: int
    waiting_s: float = 0.0
    waiting: Waiting | None = None
