"""What only a browser can tell of the report: nothing runs, nothing leaves, everything can be read."""

from __future__ import annotations

import pytest
from hostile_forms import hostile_report
from hostile_texts import MORE
from synthetic_changes import with_changes
from synthetic_report import FEW, HOSTILE, not_measured_report, synthetic_report

from probe.report.html import render_html

PHONE = {"width": 380, "height": 800}


@pytest.fixture(scope="module")
def page_text():
    return render_html(with_changes(synthetic_report(names=FEW)))


@pytest.fixture(scope="module")
def hostile_text():
    return render_html(with_changes(synthetic_report(hostile=True, names=FEW), HOSTILE))


def opened_all(page):
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    return page


def test_no_script_of_a_server_runs(open_page, hostile_text):
    page = opened_all(open_page(hostile_text))
    page.mouse.move(50, 50)
    assert page.evaluate("window.pwned") is None
    assert page.said == []


def test_no_script_of_a_server_would_run_without_the_policy_either(open_page, hostile_text):
    page = opened_all(open_page(hostile_text, bypass_csp=True))
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.images.length") == 0
    assert page.evaluate("document.scripts.length") == 1


WHAT_WORKS = """() => {
    const all = [...document.querySelectorAll('*')];
    const acts = a => /^on/.test(a.name) || /^\\s*(javascript|data):/i.test(a.value)
        || ['style', 'srcset', 'srcdoc', 'ping'].includes(a.name);
    return {
        tags: [...new Set(all.map(e => e.tagName))].sort(),
        acting: all.filter(e => [...e.attributes].some(acts)).length,
        styles: document.styleSheets.length,
        led_away: [...document.links].filter(a => /evil/i.test(a.host)).length,
        shown: getComputedStyle(document.body).display,
        pwned: window.pwned || null,
    };
}"""


def test_no_text_of_a_server_brings_an_element_a_style_or_a_link(open_page):
    """Without the policy, which would hide what was not escaped. In code, backticks make `code` of a word."""
    calm = opened_all(open_page(render_html(hostile_report("calm")), bypass_csp=True))
    page = opened_all(open_page(render_html(hostile_report("\n".join(MORE))), bypass_csp=True))
    page.mouse.move(60, 60)
    page.wait_for_function("document.querySelectorAll('button').length > 0")
    calm.wait_for_function("document.querySelectorAll('button').length > 0")
    assert page.evaluate(WHAT_WORKS) == calm.evaluate(WHAT_WORKS)
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
    assert page.said == []


def test_nothing_but_the_file_itself_is_asked_for(open_page, hostile_text):
    page = opened_all(open_page(hostile_text))
    page.emulate_media(media="print")
    page.evaluate("document.body.offsetHeight")
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]


def test_an_injected_script_is_refused_by_the_policy(open_page, page_text):
    page = open_page(page_text.replace("</main>", "<script>window.pwned=1</script></main>"))
    assert page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in said for said in page.said)


def test_everything_can_be_read_with_script_off(open_page, page_text):
    page = open_page(page_text, java_script_enabled=False)
    assert page.get_by_role("heading", name="Behaves like Business").is_visible()
    assert not page.locator("#filter").is_visible()
    finding = page.locator("details.op").first
    finding.locator("summary").click()
    assert finding.locator("pre").first.is_visible()


def test_a_link_to_a_finding_opens_it(open_page, page_text):
    page = open_page(page_text)
    page.locator("#matrix th a").first.click()
    assert page.locator("details.op").first.locator("pre").is_visible()


def test_the_filter_leaves_what_fits(open_page, page_text):
    page = open_page(page_text)
    page.locator("#filter-text").fill("user_invites")
    visible = page.locator("details.op:visible")
    assert 0 < visible.count() < page.locator("details.op").count()
    page.locator("#filter-text").fill("")
    page.locator("#filter-verdict").select_option("unknown")
    assert set(page.locator("details.op:visible > summary .b").all_inner_texts()) == {"unknown"}
    assert page.locator("#findings h3:visible").count() < page.locator("#findings h3").count()


@pytest.mark.parametrize("text", ["page_text", "hostile_text"])
def test_a_phone_needs_no_sideways_scrolling(open_page, request, text):
    page = opened_all(open_page(request.getfixturevalue(text), viewport=PHONE))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("width", [380, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, page_text, scheme, width):
    page = open_page(
        page_text, color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 900}
    )
    assert axe_violations(opened_all(page)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_run_that_was_not_measured(open_page, scheme):
    page = open_page(render_html(not_measured_report()), color_scheme=scheme, bypass_csp=True)
    assert axe_violations(opened_all(page)) == []


def test_axe_would_find_a_weak_contrast(open_page, page_text):
    page = open_page(page_text, bypass_csp=True)
    page.evaluate("document.querySelector('.lead').style.color = '#ccc'")
    assert {violation["id"] for violation in axe_violations(page)} == {"color-contrast"}


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_print_shows_closed_findings_too(open_page, page_text, size):
    page = open_page(page_text, java_script_enabled=False)
    page.emulate_media(media="print")
    assert page.locator("details.op .f p").first.bounding_box()["height"] > 0
    assert not page.locator("details.op pre").first.is_visible(), "nobody copies a command from paper"
    assert not page.locator("#matrix").is_visible(), "each finding says it, token by token"
    assert page.locator(".paper").is_visible()
    assert page.pdf(format=size).startswith(b"%PDF")


def axe_violations(page) -> list[dict]:
    from axe_playwright_python.sync_playwright import Axe

    options = {
        "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    }
    found = Axe().run(page, options=options).response["violations"]
    return [
        {"id": item["id"], "where": [node["target"] for node in item["nodes"]][:5], "n": len(item["nodes"])}
        for item in found
    ]
