"""The page's structure, and what may not stand in it; what only a browser can tell is in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from itertools import pairwise

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser
from synthetic_changes import with_changes
from synthetic_report import FEW, HOSTILE, PLANS, not_measured_report, synthetic_report

from probe.report import words
from probe.report.html import prose, render_html, stream_html, web_link

LINKS_OUT = {"https://docs.example.com/embed", "https://example.com/article"}


@pytest.fixture(scope="module")
def report():
    return synthetic_report()


@pytest.fixture(scope="module")
def text(report):
    return render_html(report)


@pytest.fixture(scope="module")
def tree(text):
    return LexborHTMLParser(text)


@pytest.fixture(scope="module")
def hostile():
    return render_html(with_changes(synthetic_report(hostile=True, guarded=True, names=FEW), HOSTILE))


def words_of(node) -> str:
    return " ".join(node.text().split())


def test_the_first_screen_answers(tree):
    answer = words_of(tree.css_first("#answer"))
    for part in ("Behaves like Business", "likely", "24 November 2026, 06:15 UTC", "admin", "complete"):
        assert part in answer
    assert words_of(tree.css_first("h1")) == "example.retool.com"


def test_seen_and_inferred_are_counted_apart(report, tree):
    rows = {cells[0]: cells[1:] for cells in rows_of(tree, "#answer table")}
    for verdict in ("allowed", "blocked", "unknown"):
        members = [item for item in report.capabilities if item.verdict == verdict]
        inferred = sum(item.inferred for item in members)
        assert rows[verdict] == [str(len(members)), str(len(members) - inferred), str(inferred)]


def rows_of(tree, selector):
    rows = tree.css_first(selector).css("tbody tr")
    return [[words_of(cell) for cell in row.css("th, td")] for row in rows]


def test_every_operation_that_was_asked_has_its_own_anchor(report, tree):
    asked = {item.operation for item in report.findings}
    anchors = [node.attributes["id"] for node in tree.css("details.op")]
    assert len(anchors) == len(set(anchors)) == len(asked)
    linked = [node.attributes["href"] for node in tree.css("#matrix th a")]
    assert sorted(linked) == sorted(f"#{anchor}" for anchor in anchors)


def test_an_operation_goes_by_its_name_with_method_and_path_beside_it(report, tree):
    named = {item.operation: f"{item.method} {item.path}" for item in report.capabilities}
    rows = [words_of(node) for node in tree.css("#matrix th[scope=row]")]
    heads = [words_of(node.css_first("b")) for node in tree.css("details.op summary")]
    paths = [words_of(node.css_first("code")) for node in tree.css("details.op summary")]
    assert set(rows) == {f"{name} {named[name]}" for name in heads}
    assert paths == [named[name] for name in heads]


def test_a_long_reason_is_told_once_and_the_others_lead_to_it(report):
    reason = "same page as three routes that cannot exist (wall-1); nothing of that plan answered"
    findings = tuple(msgspec.structs.replace(item, reason=reason) for item in report.findings)
    tree = LexborHTMLParser(render_html(msgspec.structs.replace(report, findings=findings)))
    answers = [words_of(node.css_first("p")) for node in tree.css("#findings .f")]
    told = [text for text in answers if reason in text]
    assert told
    assert len(told) < len(answers)
    assert all("as said of" in text for text in answers if reason not in text)
    causes = {(item.cause, item.confidence, item.settle) for item in findings}
    assert {item.reason for item in findings} == {reason}
    assert len(told) <= len(causes) * len(report.tokens)


def test_ids_are_unique_and_every_link_inside_leads_somewhere(tree):
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    inside = {node.attributes["href"] for node in tree.css("[href^='#']")}
    assert {link[1:] for link in inside} <= set(ids)


def test_every_operation_stands_in_the_map(report, tree):
    listed = [words_of(node).partition(" ")[0] for node in tree.css("#map .oplist li")]
    assert sorted(listed) == sorted(item.operation for item in report.capabilities)
    assert len(tree.css("#map summary svg use")) == len(report.capabilities)


def test_every_picture_has_a_text(tree):
    for svg in tree.css("svg"):
        assert svg.attributes.get("aria-label") or "aria-hidden" in svg.attributes


def test_the_skipped_are_grouped_by_reason(report, tree):
    reasons = {item.reason.partition(": ")[0] for item in report.skipped}
    lines = [words_of(node) for node in tree.css("#method > details > summary")]
    assert len(lines) == len(reasons)
    assert all(any(reason in line for line in lines) for reason in reasons)


def test_one_h1_and_headings_in_order(tree):
    levels = [int(node.tag[1]) for node in tree.css("h1, h2, h3, h4, h5, h6")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_captions_and_scopes(tree):
    for table in tree.css("table"):
        assert table.css_first("caption")
        assert all(cell.attributes.get("scope") for cell in table.css("th"))


def test_the_policy_lets_in_this_style_and_this_script_only(tree):
    policy = tree.css_first("meta[http-equiv='Content-Security-Policy']").attributes["content"]
    for tag in ("style", "script"):
        (only,) = tree.css(tag)
        digest = base64.b64encode(hashlib.sha256(only.text().encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["text", "hostile"])
def test_nothing_is_loaded_and_no_attribute_runs(request, name):
    tree = LexborHTMLParser(request.getfixturevalue(name))
    for node in tree.css("*"):
        for attribute, value in node.attributes.items():
            assert not attribute.startswith("on")
            assert attribute not in {"style", "src", "srcset", "action", "formaction", "background"}
            if attribute == "href":
                assert value.startswith("#") or value in LINKS_OUT or value == "data:,"
    assert not tree.css("img, iframe, object, embed, base, link:not([rel=icon])")


def test_a_hostile_text_stays_text(hostile):
    assert hostile.count("<script") == 1
    assert hostile.count("</script") == 1
    assert hostile.count("</style") == 1
    assert "<!--" not in hostile
    assert "<svg onload" not in hostile
    assert "49" not in re.findall(r"onerror=(?:\S+ ){0,9}", hostile)
    assert "{{7*7}}" in hostile


def test_invisible_characters_are_shown(hostile):
    invisible = {
        char for char in hostile if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    }
    assert invisible <= {"\n"}
    assert r"\u202e" in hostile
    assert r"\u001b[31m" in hostile
    hostile.encode()


def test_names_that_carry_invisible_characters_are_shown_too(report):
    odd = "\x1b[31m\u202eodd"
    named = msgspec.structs.replace(
        report,
        tokens=tuple(msgspec.structs.replace(token, name=odd) for token in report.tokens),
        guidance=tuple(msgspec.structs.replace(item, title=odd) for item in report.guidance),
        findings=tuple(msgspec.structs.replace(item, token=odd, rule=odd) for item in report.findings[:1]),
        capabilities=tuple(msgspec.structs.replace(item, group_title=odd) for item in report.capabilities),
    )
    text = render_html(named)
    assert not {"\x1b", "\u202e"} & set(text)
    assert text.count(r"\u001b[31m\u202eodd") > len(report.tokens)


def test_a_secret_variable_stands_in_the_command(tree):
    commands = [node.text() for node in tree.css("pre")]
    assert commands
    assert all('"Authorization: Bearer $TOKEN_' in command for command in commands)


def test_a_run_that_was_not_measured_says_nothing_about_the_plan():
    text = render_html(not_measured_report())
    tree = LexborHTMLParser(text)
    answer = words_of(tree.css_first("#answer"))
    assert "Not measured" in answer
    assert "a login page" in answer
    assert "Run the scan from a network" in answer
    assert not tree.css("#map, #questions, #guidance, #claims")
    answered = " ".join(words_of(tree.css_first(part)) for part in ("title", "header", "#answer"))
    assert not any(f"{title}" in answered for title in PLANS.values())


def test_a_simulation_says_so_first(report):
    tree = LexborHTMLParser(render_html(msgspec.structs.replace(report, simulated=True)))
    assert words_of(tree.body).removeprefix("Skip to the answer ").startswith("Simulation.")


def test_an_incomplete_run_says_so(report):
    tree = LexborHTMLParser(render_html(msgspec.structs.replace(report, complete=False)))
    assert "Incomplete" in words_of(tree.css_first("#answer"))


def test_an_empty_run_renders(report):
    empty = msgspec.structs.replace(
        report,
        findings=(),
        capabilities=(),
        walls=(),
        controls=(),
        tokens=(),
        skipped=(),
        claims=(),
        guidance=(),
    )
    assert "Behaves like" in render_html(empty)


def test_the_whole_surface_with_three_tokens_is_small():
    assert len(render_html(synthetic_report(guarded=True)).encode()) < 400_000


def test_the_page_comes_in_pieces(report):
    pieces = list(stream_html(report))
    assert max(map(len, pieces)) < 40_000
    assert "".join(pieces) == render_html(report)


def test_the_same_report_gives_the_same_page(report, text):
    assert render_html(report) == text


def test_the_hostile_text_is_hostile():
    assert {"Cc", "Cf", "Cs"} <= {unicodedata.category(char) for char in HOSTILE}


def test_controls_with_the_same_answer_share_a_line(report):
    control = report.controls[0]
    many = msgspec.structs.replace(report, controls=(control,) * 58)
    tree = LexborHTMLParser(render_html(many))
    (line,) = [words_of(node) for node in tree.css("#method table details > summary")]
    assert line == "58 requests"


def test_claims_that_were_not_tested_come_last(tree):
    shown = [words_of(node) for node in tree.css("#claims td .b")]
    assert shown == sorted(shown, key=["contradicted", "confirmed", "not tested"].index)


@pytest.mark.parametrize(
    ("sentence", "markup"),
    [
        ("needs `users:read`", "<bdi>needs <code>users:read</code>.</bdi>"),
        ("ends here.", "<bdi>ends here.</bdi>"),
        ("`<b>` & \u202e", r"<bdi><code>&lt;b&gt;</code> &amp; \u202e.</bdi>"),
        ("an odd ` stays", "<bdi>an odd ` stays.</bdi>"),
        ("", "<bdi></bdi>"),
    ],
)
def test_a_sentence_becomes_harmless_markup(sentence, markup):
    assert prose(sentence) == markup


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.com", "http://[", "https://a\u202eb", ""]
)
def test_only_a_plain_web_address_becomes_a_link(url):
    assert web_link(url) == ""


def test_what_changed_is_said_on_the_first_screen_and_in_its_section(report):
    changed = with_changes(report)
    tree = LexborHTMLParser(render_html(changed))
    assert changed.changes.headline.removeprefix("lost: ") in words_of(tree.css_first("#answer"))
    assert "1 expectation failed" in words_of(tree.css_first("#answer"))
    rows = [row[:2] for row in rows_of(tree, "#changes table")]
    expected = [[item.operation, words.CHANGES[item.kind].label] for item in changed.changes.capabilities]
    assert rows == expected
    assert "read-only" in words_of(tree.css_first("#changes ul"))
    assert len(tree.css("#changes svg g")) == len(changed.changes.history)


def test_what_is_not_counted_stands_apart(report):
    changed = with_changes(report)
    tree = LexborHTMLParser(render_html(changed))
    shown = [words_of(node) for node in tree.css("#apart li .ops")]
    assert shown == [item.operation for item in changed.changes.apart] != []


def test_a_run_that_was_compared_with_none_has_no_such_section(tree):
    assert tree.css_first("#changes") is None


def test_columns_of_unmeasured_runs_have_no_bars(report):
    changed = with_changes(report)
    tree = LexborHTMLParser(render_html(changed))
    empty = [group for group in tree.css("#changes svg g") if not group.css("rect")]
    assert len(empty) == sum(not point.measured for point in changed.changes.history)
    assert all("not measured" in words_of(group) for group in empty)


def test_every_write_that_was_sent_is_listed():
    guarded = synthetic_report(guarded=True, names=FEW)
    writes = [item for item in guarded.findings if item.method != "GET"]
    assert writes
    tree = LexborHTMLParser(render_html(guarded))
    shown = {}
    for answers, requests in zip(
        tree.css("#writes p + p, #writes ul + p"), tree.css("#writes ul"), strict=True
    ):
        for row in requests.css("li"):
            shown[words_of(row.css_first("b"))] = f"{words_of(row)} {words_of(answers)}"
    sent = {f"{item.evidence.request.method} {item.evidence.request.path}" for item in writes}
    assert set(shown) == sent
    for item in writes:
        said = shown[f"{item.evidence.request.method} {item.evidence.request.path}"]
        assert item.token in said
        assert item.operation in said
        assert str(item.status) in said or item.status is None


def test_where_no_write_was_sent_the_report_says_so(tree):
    assert tree.css_first("#writes") is None
    assert "No write was sent" in words_of(tree.css_first("#method"))
