"""The headline: a plan only where there is one, bounds as they are, nothing when nothing was measured."""

from __future__ import annotations

import msgspec
import pytest
from synthetic_report import FEW, not_measured_report, synthetic_report

from probe.report.answer import headline


def answer(**plan):
    report = synthetic_report(names=FEW)
    return headline(msgspec.structs.replace(report, plan=msgspec.structs.replace(report.plan, **plan)))


@pytest.mark.parametrize(
    ("floor", "ceiling", "says"),
    [
        ("business", "business", "At least Business; nothing above it answered."),
        ("business", "enterprise_base", "At least Business, at most Enterprise Base."),
        ("business", None, "At least Business. How far up is open."),
        (None, "business", "At most Business: nothing above it answered. How far down is open."),
        (None, None, "The answers set neither a lowest nor a highest plan."),
    ],
)
def test_the_bounds_are_said_as_they_are(floor, ceiling, says):
    assert answer(floor=floor, ceiling=ceiling).bounds == says


@pytest.mark.parametrize("ceiling", ["enterprise_premium", None])
def test_the_highest_plan_has_nothing_above_it(ceiling):
    bounds = answer(floor="enterprise_premium", ceiling=ceiling).bounds
    assert "nothing above" not in bounds
    assert "open" not in bounds
    assert "highest" in bounds


def test_undetermined_names_no_plan_and_no_confidence():
    undetermined = answer(estimate="undetermined", floor=None, ceiling=None)
    assert undetermined.title == "Plan undetermined"
    assert undetermined.confidence == ""


def test_not_measured_has_a_cause_and_no_plan():
    title, confidence, bounds, reason = headline(not_measured_report())
    assert (title, confidence) == ("Not measured", "")
    assert "a login page" in bounds
    assert "Business" not in bounds + reason
