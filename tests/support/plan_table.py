"""The measured table: simulated plan x refusal style x token set, and what the estimate says.

Real scans of the simulator on loopback. `python tests/support/plan_table.py` prints it as Markdown.
The simulator and the judge share a catalog, so this measures inference and not the documents.
"""

from __future__ import annotations

import asyncio
from itertools import product
from typing import NamedTuple

from probe.catalog.load import load_catalog
from probe.catalog.model import Catalog
from probe.demo import scan_simulator
from probe.pipeline import judge
from probe.report.model import Report
from probe.secret import Secret, Token
from probe.simulator.options import Refusal, SimulatorOptions
from probe.simulator.tokens import grants_of

UNDETERMINED = "undetermined"


class Row(NamedTuple):
    """One simulated organization and token set, with the report of its scan."""

    plan: str
    refusal: Refusal
    tokens: str
    report: Report

    @property
    def result(self) -> str:
        estimate = self.report.plan.estimate
        return "right" if estimate == self.plan else estimate if estimate == UNDETERMINED else "WRONG"


def token_sets(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return the scopes of each set; a token without any declares one that opens nothing."""
    every = tuple(sorted(catalog.scopes))
    reads = tuple(scope for scope in every if scope.endswith("read") or scope.startswith("usage"))
    return {"all scopes": every, "read-only": reads, "one scope": ("users:read",), "none": ()}


async def measure(catalog: Catalog) -> list[Row]:
    """Scan every combination, one after the other."""
    rows = []
    for plan, refusal, (name, scopes) in product(
        [plan.id for plan in catalog.plans], Refusal, token_sets(catalog).items()
    ):
        token = Token(name="asker", secret=Secret("sim-asker-w8Rb3Vn6Kx1Tz9Qd"), scopes=scopes)
        options = SimulatorOptions(plan=plan, refusal=refusal, tokens=grants_of([token]))
        run = await scan_simulator(options, (token,), catalog, asyncio.Event())
        rows.append(Row(plan, refusal, name, judge(run, catalog)))
    return rows


def markdown(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| plan | refusal | token | estimate | | floor | at most | why |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        plan = row.report.plan
        cells = (
            row.plan,
            row.refusal.value,
            row.tokens,
            f"{plan.estimate} ({plan.confidence})",
            row.result,
            plan.floor or "none",
            plan.ceiling or "none",
            plan.reason.replace("|", "/"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(asyncio.run(measure(load_catalog()))))
