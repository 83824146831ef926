"""Real scans of simulated plans x refusals x token sets: the estimate is never wrong.

`python tests/support/plan_table.py` prints the table that this checks.
"""

import asyncio

import pytest
from plan_table import UNDETERMINED, markdown, measure

from probe.catalog.load import load_catalog
from probe.judge.model import Verdict

CATALOG = load_catalog()
PAID = {"business", "enterprise_base", "enterprise_premium"}


@pytest.fixture(scope="module")
def rows():
    return asyncio.run(measure(CATALOG))


def test_the_estimate_is_right_or_undetermined_and_the_floor_is_never_above_the_plan(rows):
    for row in rows:
        plan, truth = row.report.plan, CATALOG.rank[row.plan]
        assert plan.estimate in {row.plan, UNDETERMINED}, row[:3]
        assert plan.floor is None or CATALOG.rank[plan.floor] <= truth, row[:3]
        # A plan without operations of its own cannot be told from the one above it by its walls.
        bound = plan.ceiling is None or CATALOG.rank[plan.ceiling] >= truth
        assert bound, row[:3]


def test_little_evidence_is_undetermined_and_much_is_not(rows):
    for row in rows:
        estimate = row.report.plan.estimate
        assert estimate not in {"free", "team"}, row[:3]
        if row.plan in PAID and row.tokens in {"all scopes", "read-only"}:
            assert estimate == row.plan, row[:3]


def test_every_blocked_operation_gets_some_guidance(rows):
    """What no vendor document names is missing on every plan and calls for no way around it."""
    for row in rows:
        helped = {name for item in row.report.guidance for name in item.operations}
        blocked = {
            item.operation
            for item in row.report.capabilities
            if item.verdict is Verdict.BLOCKED and not CATALOG.by_id[item.operation].reported_only
        }
        assert blocked <= helped, (row[:3], blocked - helped)


def test_the_table_has_a_line_for_each_combination(rows):
    assert len(markdown(rows).splitlines()) == 2 + len(rows) == 42
