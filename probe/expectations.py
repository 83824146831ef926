"""Whether what `[expect]` says holds: the least plan, what must be allowed, what must be blocked.

Comes in: expectations and a Report. Goes out: one ExpectationResult a line. Pure. What was not
measured or not told is untested, never failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from msgspec import Struct

from probe.errors import ConfigError
from probe.judge.model import Confidence, Verdict
from probe.report.changes import ExpectationResult, ExpectationVerdict
from probe.report.display import count, one_line
from probe.report.model import Report, ReportCapability

_NEXT_STEP = "`probe catalog list` shows the operations."
# What is expected, by the names that it has in probe.toml.
IN_FILE = {
    "plan_at_least": "[expect] plan_at_least",
    "allow": "[expect] allow",
    "block": "[expect] block",
}


class Expectations(Struct, frozen=True, kw_only=True):
    """What is expected: `plan_at_least` is a plan's id or empty; the others are globs of operations."""

    plan_at_least: str = ""
    allow: tuple[str, ...] = ()
    block: tuple[str, ...] = ()


class Named(Protocol):
    """What a glob can name: an operation of the catalog or of a report."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The path template."""

    @property
    def group(self) -> str:
        """The id of the group."""


def check_patterns(
    expect: Expectations,
    plans: Iterable[str],
    operations: dict[str, Named],
    places: Mapping[str, str] = IN_FILE,
) -> None:
    """Raise ConfigError where a plan is not known or a glob matches nothing.

    `places` says by which name the user wrote each of the fields.
    """
    known = list(plans)
    if expect.plan_at_least and expect.plan_at_least not in known:
        raise ConfigError(
            f'{places["plan_at_least"]}: there is no plan "{one_line(expect.plan_at_least)}".',
            f"The plans: {', '.join(known)}.",
        )
    for key, globs in (("allow", expect.allow), ("block", expect.block)):
        for glob in globs:
            if not any(_names(glob, name, item) for name, item in operations.items()):
                raise ConfigError(f'{places[key]}: "{one_line(glob)}" matches no operation.', _NEXT_STEP)


def check(
    expect: Expectations, report: Report, places: Mapping[str, str] = IN_FILE
) -> tuple[ExpectationResult, ...]:
    """Return what became of each expectation. Raises ConfigError as `check_patterns` does."""
    operations: dict[str, Named] = {item.operation: item for item in report.capabilities}
    check_patterns(expect, report.plan_titles, operations, places)
    plan = [_plan(expect.plan_at_least, report)] if expect.plan_at_least else []
    globs = (("allow", Verdict.ALLOWED, expect.allow), ("block", Verdict.BLOCKED, expect.block))
    lines = [_line(key, glob, wanted, report) for key, wanted, found in globs for glob in found]
    return (*plan, *lines)


def _names(glob: str, name: str, item: Named) -> bool:
    return any(fnmatchcase(text, glob) for text in (name, item.group, f"{item.method} {item.path}"))


def _plan(wanted: str, report: Report) -> ExpectationResult:
    verdict, reason = _plan_verdict(wanted, report)
    return ExpectationResult(key="plan_at_least", value=wanted, verdict=verdict, reason=reason)


def _plan_verdict(wanted: str, report: Report) -> tuple[ExpectationVerdict, str]:
    if not report.measured:
        return ExpectationVerdict.UNTESTED, f"not measured: {report.measured_reason}"
    rank = {plan: place for place, plan in enumerate(report.plan_titles)}
    plan = report.plan
    if plan.floor in rank and rank[plan.floor] >= rank[wanted]:
        return ExpectationVerdict.MET, f"what got through needs at least {report.plan_titles[plan.floor]}"
    sure = plan.confidence is not Confidence.WEAK and report.complete
    if plan.ceiling in rank and rank[plan.ceiling] < rank[wanted] and sure:
        return ExpectationVerdict.FAILED, f"at most {report.plan_titles[plan.ceiling]}: {plan.reason}"
    return ExpectationVerdict.UNTESTED, f"the answers do not settle it: {plan.reason}"


def _line(key: str, glob: str, wanted: Verdict, report: Report) -> ExpectationResult:
    found = [item for item in report.capabilities if _names(glob, item.operation, item)]
    verdict, reason, named = _globbed(wanted, found, report)
    return ExpectationResult(
        key=key,
        value=glob,
        verdict=verdict,
        reason=reason,
        operations=tuple(item.operation for item in named),
    )


def _globbed(
    wanted: Verdict, found: Sequence[ReportCapability], report: Report
) -> tuple[ExpectationVerdict, str, Sequence[ReportCapability]]:
    if not report.measured:
        return ExpectationVerdict.UNTESTED, f"not measured: {report.measured_reason}", ()
    against = [item for item in found if _speaks(item) and item.verdict is not wanted]
    if not report.complete:  # what was not asked speaks against nothing
        against = [item for item in against if not item.inferred]
    if against:
        said = f"{count(len(against), 'operation')} {against[0].verdict.value}: {against[0].reason}"
        return ExpectationVerdict.FAILED, said, against
    agree = [item for item in found if item.verdict is wanted]
    open_ones = [item for item in found if item.verdict is not wanted and not _left_out(item)]
    if open_ones or not agree:
        named = open_ones or found
        said = f"{count(len(named), 'operation')} could not be told: {named[0].reason}"
        return ExpectationVerdict.UNTESTED, said, named
    inferred = sum(item.inferred for item in agree)
    note = f", {inferred} of them inferred" if inferred else ""
    return ExpectationVerdict.MET, f"{count(len(agree), 'operation')} {wanted.value}{note}", ()


def _speaks(item: ReportCapability) -> bool:
    """Return whether a verdict is more than a hint."""
    return item.verdict is not Verdict.UNKNOWN and item.confidence is not Confidence.WEAK


def _left_out(item: ReportCapability) -> bool:
    """Return whether nobody meant to ask it: its silence, or a hint, says nothing against the rest."""
    return item.inferred and not _speaks(item)
