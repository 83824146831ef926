"""What makes a scan end with another exit code than 0.

Comes in: a Report with its changes and expectations, and what the user wants to fail on. Goes out: an
exit code. Pure. The first of these that holds decides: interrupted (130), lost (10), a failed
expectation (11), not measured (3).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from probe.errors import ConfigError, ExitCode
from probe.report.changes import ExpectationVerdict
from probe.report.display import one_line
from probe.report.model import Report


class FailOn(StrEnum):
    """What may decide the exit code."""

    LOST = "lost"
    EXPECTATION = "expectation"
    NOT_MEASURED = "not-measured"


ALL = frozenset(FailOn)
IN_FILE = "[regression] fail_on"


def fail_on_from(words: Iterable[str], where: str = "--fail-on") -> frozenset[FailOn]:
    """Return what the words name; `none` alone is nothing. Raises ConfigError, which says `where`."""
    said = [word.strip() for word in words if word.strip()]
    if said == ["none"]:
        return frozenset()
    unknown = [word for word in said if word not in set(FailOn)]
    if unknown or not said:
        raise ConfigError(
            f'{where} does not know "{one_line(unknown[0])}".' if unknown else f"{where} names nothing.",
            f"Choose some of: {', '.join(FailOn)}; or none.",
        )
    return frozenset(FailOn(word) for word in said)


def exit_code(report: Report, fail_on: frozenset[FailOn] = ALL) -> ExitCode:
    """Return how a scan ends."""
    if not report.complete:
        return ExitCode.INTERRUPTED
    if FailOn.LOST in fail_on and report.changes is not None and report.changes.took_away:
        return ExitCode.REGRESSION
    if FailOn.EXPECTATION in fail_on and has_failed(report):
        return ExitCode.EXPECTATION
    if FailOn.NOT_MEASURED in fail_on and not report.measured:
        return ExitCode.INCONCLUSIVE
    return ExitCode.DONE


def has_failed(report: Report) -> bool:
    """Return whether an expectation failed."""
    return any(item.verdict is ExpectationVerdict.FAILED for item in report.expectations)
