"""Two runs that a user names to be compared: of one organization, or of two and then side by side.

Comes in: what the earlier run tells, the later report, what the user says of the two. Goes out: Changes.
Raises UsageError with the next step where the two are no pair. Pure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from msgspec.structs import replace

from probe.errors import UsageError
from probe.history.across import set_side_by_side
from probe.history.diff import compare
from probe.history.origins import Kinship, kinship
from probe.history.state import KnownState
from probe.report.changes import Changes
from probe.report.model import Report


class Pair(StrEnum):
    """What the user says of the two runs: nothing, one organization, or two."""

    UNSAID = "unsaid"
    SAME = "same"
    ACROSS = "across"


def compare_pair(before: KnownState, after: Report, said: Pair) -> Changes:
    """Return what changed in one organization, or what differs between two where that was asked for.

    Raises UsageError where the addresses do not fit what was said.
    """
    _require_one_vendor(before, after)
    match said:
        case Pair.SAME:
            return compare(replace(before, said_to_be_the_same=True), after)
        case Pair.ACROSS:
            _require_two(before, after)
            return set_side_by_side(before, after)
        case Pair.UNSAID:
            _require_one(before, after)
            return compare(before, after)
        case never:
            assert_never(never)


def _require_one_vendor(before: KnownState, after: Report) -> None:
    if before.vendor != after.target.vendor:
        raise UsageError(
            f"The two runs asked different APIs: {before.vendor} and {after.target.vendor}.",
            "Compare two runs of one vendor's API.",
        )


def _require_one(before: KnownState, after: Report) -> None:
    match kinship(before.base_url, after.target.base_url):
        case Kinship.SAME:
            return
        case Kinship.OTHER:
            raise UsageError(
                f"These are two organizations, {before.base_url} and {after.target.base_url}: "
                "nothing can be lost between them.",
                "--across sets them side by side. If it is one that has moved, say --same-organization.",
            )
        case Kinship.UNKNOWN:
            raise UsageError(
                "A run was anonymized, so nothing says whether both are of one organization.",
                "Say --same-organization if they are, or --across to set two side by side.",
            )
        case never:
            assert_never(never)


def _require_two(before: KnownState, after: Report) -> None:
    if kinship(before.base_url, after.target.base_url) is Kinship.SAME:
        raise UsageError(
            f"Both runs are of {after.target.base_url}, so there is nothing to compare across.",
            "Leave --across out to see what changed.",
        )
