"""Which reasons a page has to spell out: each once, where it is told first.

Comes in: capabilities, findings. Goes out: the part of a capability's reason that its findings do not say,
and where the reason of a finding was told first. Many operations are refused for one reason, word for word.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from probe.report.model import ReportCapability, ReportFinding

_SHORT = 60  # characters that are read sooner than a link is followed


def own_reason(capability: ReportCapability, findings: Sequence[ReportFinding]) -> str:
    """Return a capability's reason without that of the finding which decided it, as it stands there too."""
    if capability.inferred:
        return capability.reason
    told = {item.reason for item in findings if item.cause is capability.cause and item.reason}
    for reason in sorted(told, key=len, reverse=True):
        if capability.reason.endswith(reason):
            return capability.reason.removesuffix(reason).rstrip(" :;,")
    return capability.reason


class ToldFirst:
    """Where each reason stands in full: with the operation whose finding gives it first."""

    def __init__(self, findings: Iterable[ReportFinding]) -> None:
        self._first: dict[tuple[str, ...], str] = {}
        for finding in findings:
            self._first.setdefault(_key(finding), finding.operation)

    def elsewhere(self, finding: ReportFinding) -> str:
        """Return the operation that gives the same long reason before this one, or an empty text."""
        first = self._first[_key(finding)]
        said = len(finding.reason) + len(finding.settle)
        return first if first != finding.operation and said > _SHORT else ""


def _key(finding: ReportFinding) -> tuple[str, ...]:
    return finding.cause, finding.confidence, finding.reason, finding.settle
