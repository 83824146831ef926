"""Metrics for Prometheus: of the last scan, and counted over all of them.

Comes in: reports as they are made, and the text of an earlier file. Goes out: the text format, or a
registry that serves it. Own registry: nothing of the process or of Python is in it. Needs the extra
`watch` (prometheus-client).
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from probe.errors import ConfigError, ExitCode
from probe.evidence import Attempt, Response
from probe.judge.model import Verdict
from probe.report.display import one_line
from probe.report.model import Report

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

_LONGEST_LABEL = 80

# Name (without `_total`), whether it only grows, its labels beside `organization`, what it is.
_FAMILIES: dict[str, tuple[bool, tuple[str, ...], str]] = {
    "plan_probe_capabilities": (
        False,
        ("group", "verdict"),
        "Operations by verdict, in the last scan that measured.",
    ),
    "plan_probe_plan_floor": (False, ("plan",), "1 for the lowest plan that explains every success, else 0."),
    "plan_probe_measured": (False, (), "1 if the last scan reached a conclusion, else 0."),
    "plan_probe_last_scan_timestamp_seconds": (False, (), "When the last scan ended."),
    "plan_probe_last_success_timestamp_seconds": (False, (), "When the last scan that measured ended."),
    "plan_probe_scan_duration_seconds": (False, (), "How long the last scan took."),
    "plan_probe_requests": (True, ("outcome",), "Requests sent, by class of status or reason of failure."),
    "plan_probe_scans": (True, ("result",), "Scans, by how they ended."),
    "plan_probe_regressions": (True, (), "Scans that found something lost."),
}
_RESULTS = {
    ExitCode.DONE: "done",
    ExitCode.REGRESSION: "regression",
    ExitCode.EXPECTATION: "expectation",
    ExitCode.INCONCLUSIVE: "not_measured",
    ExitCode.INTERRUPTED: "interrupted",
}


class Board:
    """The present values. A reader on another thread sees those before or after a scan, never between."""

    def __init__(self) -> None:
        _require_library()
        self._values: dict[tuple[str, tuple[str, ...]], float] = {}

    def take_up(self, text: str) -> None:
        """Go on from an earlier file; what is no metric of ours is left out."""
        from prometheus_client.parser import text_string_to_metric_families

        values = dict(self._values)
        try:
            samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        except ValueError:
            return
        for sample in samples:
            name = sample.name.removesuffix("_total")
            if name in _FAMILIES:
                labels = tuple(sample.labels.get(label, "") for label in _labels(name))
                values[name, labels] = sample.value
        self._values = values

    def update(self, report: Report, code: ExitCode) -> None:
        """Take in a report. What a scan without a conclusion cannot tell stays as it was."""
        values = dict(self._values)
        own = _label(urlsplit(report.target.base_url).hostname or "unknown")
        ended = datetime.fromisoformat(report.finished_at).timestamp()
        if report.measured and report.complete:
            _set_conclusion(values, own, report)
            values["plan_probe_last_success_timestamp_seconds", (own,)] = ended
        values["plan_probe_measured", (own,)] = float(report.measured)
        values["plan_probe_last_scan_timestamp_seconds", (own,)] = ended
        values["plan_probe_scan_duration_seconds", (own,)] = report.duration_s
        for outcome, number in _requests(report).items():
            _add(values, "plan_probe_requests", (own, outcome), number)
        _add(values, "plan_probe_scans", (own, _RESULTS.get(code, "failed")), 1)
        lost = report.changes is not None and report.changes.took_away
        _add(values, "plan_probe_regressions", (own,), int(lost))
        self._values = values

    def failed(self, base_url: str) -> None:
        """Count a scan that ended in an error."""
        values = dict(self._values)
        _add(values, "plan_probe_scans", (_label(urlsplit(base_url).hostname or "unknown"), "failed"), 1)
        self._values = values

    def collect(self) -> Iterable[Metric]:
        """Yield the families, as a registry asks for them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        values = sorted(self._values.items())
        for name, (grows, _own, text) in _FAMILIES.items():
            kind: Any = CounterMetricFamily if grows else GaugeMetricFamily
            family = kind(name, text, labels=_labels(name))
            for (other, labels), value in values:
                if other == name:
                    family.add_metric(labels, value)
            yield family

    def registry(self) -> CollectorRegistry:
        """Return a registry that holds these metrics and no others."""
        from prometheus_client import CollectorRegistry

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return registry

    def text(self) -> str:
        """Return the text format, the same for the same values."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry()).decode()


def _require_library() -> None:
    if importlib.util.find_spec("prometheus_client") is None:
        raise ConfigError(
            "Metrics need prometheus-client, which is not installed.",
            "Run `pip install 'plan-probe[watch]'`.",
        )


def _labels(name: str) -> tuple[str, ...]:
    return ("organization", *_FAMILIES[name][1])


def _label(text: str) -> str:
    """Return a label's value: visible, on one line, and of bounded length."""
    return one_line(text, _LONGEST_LABEL)


def _add(
    values: dict[tuple[str, tuple[str, ...]], float], name: str, labels: tuple[str, ...], by: int
) -> None:
    values[name, labels] = values.get((name, labels), 0.0) + by


def _set_conclusion(values: dict[tuple[str, tuple[str, ...]], float], own: str, report: Report) -> None:
    """Replace what the last conclusion said of capabilities and the plan."""
    for name, labels in list(values):
        if name in {"plan_probe_capabilities", "plan_probe_plan_floor"} and labels[0] == own:
            del values[name, labels]
    counts = Counter((item.group, item.verdict) for item in report.capabilities)
    for group in {item.group for item in report.capabilities}:
        for verdict in Verdict:
            key = ("plan_probe_capabilities", (own, _label(group), verdict.value))
            values[key] = float(counts[group, verdict])
    for plan in report.plan_titles:
        values["plan_probe_plan_floor", (own, _label(plan))] = float(plan == report.plan.floor)


def _requests(report: Report) -> Counter[str]:
    """Count sends by class of status, or by the reason why no answer came: a closed set."""
    sent = [item.evidence.attempts for item in report.controls]
    sent += [item.evidence.attempts for item in report.findings]
    return Counter(_outcome(attempt) for attempts in sent for attempt in attempts)


def _outcome(attempt: Attempt) -> str:
    outcome = attempt.outcome
    if not isinstance(outcome, Response):
        return outcome.reason.value
    first = outcome.status // 100
    return f"{first}xx" if 1 <= first <= 5 else "other"  # noqa: PLR2004 - the classes of HTTP
