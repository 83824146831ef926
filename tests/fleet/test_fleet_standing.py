"""The colour of a fleet's page follows the worst thing that it says, and says it in words."""

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from probe.fleet.ledger import begin
from probe.fleet.model import BadEntry, Fleet, Organization, OrganizationState, Row
from probe.fleet.page import head_of, stream_fleet_html
from probe.report.standing import Level

MEASURED = {"state": OrganizationState.MEASURED, "plan": "Business", "compared": True}
CASES = {
    "all well": ([MEASURED], Level.GOOD, "Measured"),
    "lost": ([MEASURED, {**MEASURED, "lost": ("users.list",)}], Level.BAD, "Lost"),
    "lost, and one dead": (
        [{**MEASURED, "lost": ("users.list",)}, {"state": OrganizationState.NOT_MEASURED}],
        Level.BAD,
        "Lost",
    ),
    "not as expected": (
        [{**MEASURED, "expectations_failed": ("allow users.*",)}],
        Level.BAD,
        "Not as expected",
    ),
    "a dead host": ([MEASURED, {"state": OrganizationState.NOT_MEASURED}], Level.DOUBT, "Not measured"),
    "not asked": ([MEASURED, {"state": OrganizationState.FAILED}], Level.DOUBT, "Not asked"),
    "undetermined": ([{**MEASURED, "plan": ""}], Level.DOUBT, "Undetermined"),
    "not finished": ([MEASURED, None], Level.DOUBT, "Not finished"),
}


def page_of(folder, rows, bad=()):
    organizations = tuple(
        Organization(name=f"o{place}", base_url=f"https://o{place}.example.com", tokens=(), line=place)
        for place in range(len(rows))
    )
    fleet = Fleet(organizations=organizations, bad=bad)
    with begin(folder, "0123456789abcdef", "2026-11-24T06:15:01Z") as ledger:
        for organization, row in zip(organizations, rows, strict=True):
            if row is not None:
                ledger.add(
                    Row(id=organization.id, name=organization.name, base_url=organization.base_url, **row)
                )
        head = head_of(fleet, ledger, "2026-11-24T06:20:01Z", stopped=False)
        return LexborHTMLParser("".join(stream_fleet_html(head, fleet, ledger)))


@pytest.mark.parametrize("case", CASES)
def test_the_bar_is_that_of_the_worst_organization(tmp_path, case):
    rows, level, label = CASES[case]
    tree = page_of(tmp_path, rows)
    answer = tree.css_first("#answer")
    assert f"l-{level}" in answer.attributes["class"].split()
    assert answer.css_first(".points .b").text() == label
    ids = {node.attributes["id"] for node in tree.css("[id]")}
    assert {link.attributes["href"][1:] for link in answer.css(".points a")} <= ids


def test_an_entry_that_was_left_out_is_a_doubt(tmp_path):
    bad = (BadEntry(line=1, name="", reason="x", hint=""),)
    assert "l-doubt" in page_of(tmp_path, [MEASURED], bad).css_first("#answer").attributes["class"]


def test_a_failed_expectation_is_named_beside_its_organization(tmp_path):
    rows, _, _ = CASES["not as expected"]
    assert "allow users.*" in page_of(tmp_path, rows).css_first("#all").text()


def test_the_summary_counts_them(tmp_path):
    rows = [{**MEASURED, "expectations_failed": ("allow users.*",)}, MEASURED]
    organizations = tuple(Organization(name=name, base_url="", tokens=(), line=1) for name in "ab")
    with begin(tmp_path, "0", "2026-11-24T06:15:01Z") as ledger:
        for organization, row in zip(organizations, rows, strict=True):
            ledger.add(Row(id=organization.id, name=organization.name, base_url="", **row))
        head = head_of(Fleet(organizations=organizations, bad=()), ledger, "", stopped=False)
    assert msgspec.to_builtins(head)["summary"]["expectations_failed"] == 1
