"""What only a browser can tell of the fleet's page: the same rules as for a report."""

from __future__ import annotations

from collections import Counter

import pytest

from probe.fleet.ledger import begin
from probe.fleet.model import BadEntry, Fleet, GroupCount, Organization, OrganizationState, Row
from probe.fleet.page import head_of, stream_fleet_html
from probe.judge.model import Confidence

HOSTILE = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>\u202e\"'"
GROUPS = (("users", 3, 0, 0), ("groups", 1, 2, 0), ("apps", 0, 4, 1), ("info", 0, 0, 2))


def page_of(folder, text="", number=6):
    """Return the page of a fleet with an organization of each kind; `text` stands wherever one can."""
    organizations = tuple(
        Organization(
            name=f"Organization {place} {text}",
            base_url=f"https://o{place}.example.com",
            tokens=(),
            line=place,
        )
        for place in range(number)
    )
    bad = (BadEntry(line=9, name=f"bad {text}", reason=f"It is wrong: {text}", hint="Correct it."),)
    fleet = Fleet(organizations=organizations, bad=bad)
    with begin(folder, "0123456789abcdef", "2026-11-24T06:15:01Z") as ledger:
        for place, organization in enumerate(organizations):
            ledger.add(row_of(organization, place, text))
        head = head_of(fleet, ledger, "2026-11-24T06:20:00Z", stopped=False)
        return "".join(stream_fleet_html(head, fleet, ledger))


def row_of(organization, place, text):
    state = (
        *(OrganizationState.MEASURED, OrganizationState.MEASURED, OrganizationState.MEASURED),
        *(OrganizationState.NOT_MEASURED, OrganizationState.FAILED),
    )[place % 5]
    measured = state is OrganizationState.MEASURED
    return Row(
        id=organization.id,
        name=organization.name,
        base_url=organization.base_url,
        labels=(f"gold {text}",),
        state=state,
        reason="" if measured else f"no answer {text}",
        plan=f"Business {text}" if place != 2 else "",
        plan_confidence=Confidence.LIKELY if place != 2 else None,
        allowed=(4, 40, 5)[place % 3],
        groups=tuple(
            GroupCount(id=name, title=f"{name.title()} {text}", allowed=a, blocked=b, unknown=u)
            for name, a, b, u in GROUPS
        )
        if measured
        else (),
        compared=measured and place != 2,
        headline=f"lost: users.list since 2026-11-23 {text}" if place == 1 else "",
        lost=("users.list", f"groups.{text}") if place == 1 else (),
        report="organizations/x/report.html",
    )


@pytest.fixture(scope="module")
def page_text(tmp_path_factory):
    return page_of(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def hostile_text(tmp_path_factory):
    return page_of(tmp_path_factory.mktemp("fleet"), HOSTILE)


@pytest.mark.parametrize("bypass", [False, True])
def test_no_text_of_a_server_or_a_list_runs(open_page, hostile_text, bypass):
    page = open_page(hostile_text, bypass_csp=bypass)
    page.mouse.move(50, 50)
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("[document.images.length, document.scripts.length]") == [0, 1]
    assert page.said == []
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
    assert "\u202e" not in page.content()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
def test_axe_finds_nothing(open_page, page_text, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(
        page_text, color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 900}
    )
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    assert [(item["id"], [node["target"] for node in item["nodes"]]) for item in found] == []


WIDE = "[...document.querySelectorAll('.scroll, html')].filter(e => e.scrollWidth > e.clientWidth).length"


@pytest.mark.parametrize("name", ["page_text", "hostile_text"])
@pytest.mark.parametrize("script", [True, False])
def test_a_phone_needs_no_sideways_scrolling(open_page, request, name, script):
    """Not even of the table, whose rows are stacked there; the wide one of many groups is cut nowhere."""
    page = open_page(
        request.getfixturevalue(name), viewport={"width": 380, "height": 800}, java_script_enabled=script
    )
    if script:
        assert page.evaluate(WIDE) == 0
    assert page.locator("html").bounding_box()["width"] == 380
    assert page.locator("table.fleet").bounding_box()["width"] <= 380
    row = page.locator("table.fleet tbody tr").first
    assert all(cell.bounding_box()["x"] >= 0 for cell in row.locator("th, td").all())
    assert row.locator(".strip").bounding_box()["width"] <= 348


ROLES = ("table", "row", "columnheader", "rowheader", "cell")


def roles_of(page):
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return Counter(role for node in tree if not node["ignored"] and (role := node["role"]["value"]) in ROLES)


@pytest.mark.parametrize("script", [True, False])
def test_a_stacked_table_is_the_same_table_to_a_screen_reader(open_page, page_text, script):
    wide, narrow = (
        roles_of(open_page(page_text, viewport={"width": width, "height": 800}, java_script_enabled=script))
        for width in (1400, 380)
    )
    assert wide == narrow
    assert narrow["cell"] > 4 * 7


def test_what_sorts_a_stacked_table_can_be_seen(open_page, page_text):
    page = open_page(page_text, viewport={"width": 380, "height": 800})
    page.get_by_role("button", name="Blocked").click()
    for button in page.locator("table.fleet thead button").all():
        box = button.bounding_box()
        assert box["x"] + box["width"] <= 380
        assert box["height"] >= 24


def test_everything_can_be_read_with_script_off(open_page, page_text):
    page = open_page(page_text, java_script_enabled=False)
    assert page.get_by_role("heading", name="1 organization lost something").is_visible()
    assert page.locator("table.fleet button").count() == 0
    assert page.locator("table.fleet tbody tr").count() == 4
    picture = page.locator("table.fleet tbody .strip").first.get_attribute("aria-label")
    assert picture == "allowed: Users; partly allowed: Groups; blocked: Apps; unknown: Info"
    assert page.locator("#not-measured tbody tr").count() == 1
    assert page.locator("#failed tbody tr").count() == 1
    assert page.locator("#bad tbody tr").count() == 1


def test_the_table_is_sorted_by_a_column(open_page, page_text):
    page = open_page(page_text)
    page.get_by_role("button", name="Allowed").click()
    cells = "rows => rows.map(row => Number(row.children[4].textContent))"
    assert page.eval_on_selector_all("table.fleet tbody tr", cells) == [4, 5, 5, 40]
    page.get_by_role("button", name="Allowed").click()
    assert page.eval_on_selector_all("table.fleet tbody tr", cells) == [40, 5, 5, 4]
    assert page.locator("th[aria-sort=descending]").count() == 1


def test_it_can_be_printed(open_page, page_text):
    page = open_page(page_text, java_script_enabled=False)
    assert page.pdf(format="A4").startswith(b"%PDF")
