"""Two askings of one page are one page; two pages are two, though they share a layout."""

# ruff: noqa: E501 - one case a line reads best

import random

import pytest
from page_pairs import SHELLS, corpus_pages, different_pairs, fill, same_pairs, view

from probe.reading.marks import marks_in
from probe.reading.pages import same_page


def test_precision_and_recall_without_the_corpus():
    same, different = list(same_pairs(None)), list(different_pairs(None))
    assert [name for name, a, b in different if same_page(a, b)] == []
    assert [name for name, a, b in same if not same_page(a, b)] == []


def test_precision_and_recall_on_the_corpus(shared):
    same, different = list(same_pairs(shared / "corpus")), list(different_pairs(shared / "corpus"))
    assert [name for name, a, b in different if same_page(a, b)] == []
    missed = [name for name, a, b in same if not same_page(a, b)]
    assert len(missed) <= 0.02 * len(same), missed


def test_it_is_the_same_from_both_sides(shared):
    pages = [view(source) for source in corpus_pages(shared / "corpus").values()]
    for a in pages:
        assert same_page(a, a)
        for b in pages[:8]:
            assert same_page(a, b) == same_page(b, a)


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_with_nonces_has_one_fingerprint(name):
    rng = random.Random(3)  # noqa: S311 - test data
    assert len({view(fill(SHELLS[name], rng)).fingerprint for _ in range(20)}) == 1


def test_a_nonce_changes_nothing_that_is_kept_of_a_page():
    page = (
        "<title>App</title><script src=/main.js nonce='{0}'></script><script nonce=\"{0}\">a()</script>"
        "<p>Loading</p>"
    )
    views = {view(page.format(nonce)) for nonce in ("r4nd0m+Value/1==", "0therRandomValue", "")}
    assert len(views) == 1
    assert views.pop().scripts == ("/main.js",)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("<title>A</title><p>Service unavailable", "<title>A</title><p>Service forbidden"),
        ("<title>Not found</title>", "<title>Sign in</title>"),
        ("<title>A</title><h1>Gone</h1>", "<title>A</title><h1>Down</h1>"),
        ("<title>A</title><form><input name=q></form>", "<title>A</title><form><input type=password></form>"),
        ("<title>A</title><script src=/a.js></script>", "<title>A</title><script src=/b.js></script>"),
        ("<title>A</title>", "<title>A</title><p>Your plan does not include this"),
    ],
)
def test_what_means_something_else_is_another_page(one, two):
    assert not same_page(view(one), view(two))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("<pre>Cannot GET /api/users", "<pre>Cannot GET /api/no-such-route-1f2e3d4c"),
        ("<p>Ray ID: 7a1b2c3d4e5f", "<p>Ray ID: 6f5e4d3c2b1a"),
        ("<p>Generated Mon, 23 Nov 2026 23:57:41 GMT", "<p>Generated Tue, 01 Dec 2026 01:02:03 GMT"),
        ("<script src=/a/main-AbC123xY.js></script>", "<script src=/a/main-Zz98Qw12.js></script>"),
        ("<script src=/a/main.js?v=1></script>", "<script src=/a/main.js?v=2></script>"),
        ("<input type=hidden name=csrf value=a1>", "<input type=hidden name=csrf value=b2>"),
        ("<p>3 of 17 attempts", "<p>4 of 18 attempts"),
        ("<p>The action users could not be found", "<p>The action groups could not be found"),
    ],
)
def test_what_only_varies_is_the_same_page(one, two):
    assert same_page(view(f"<title>T</title>{one}"), view(f"<title>T</title>{two}"))


@pytest.mark.parametrize(
    "innocent",
    [
        "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
        "<script>window.__CF$cv$params={r:'1'}</script>",
        "<script src='https://js.datadome.co/tags.js'></script>",
        "<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script>",
        "<script src='/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3'></script>",
        "<script src='https://accounts.google.com/gsi/client'></script>",
        "<script src='https://x.awswaf.com/x/challenge.js'></script>",
        "<a href='/cdn-cgi/l/email-protection'>[email protected]</a>",
    ],
)
def test_scripts_that_ride_in_ordinary_pages_are_no_marks(innocent):
    page = f"<!doctype html><html><head><title>Tool</title>{innocent}</head><body><div id=root></div></body></html>"
    assert marks_in(page.encode()) == ()


def test_deep_nesting_is_read_from_its_start():
    page = view("<title>Deep</title>" + "<div>" * 100_000 + "x")
    assert page.title == "Deep"


@pytest.mark.parametrize(
    ("source", "shell"),
    [
        ("<title>A</title><script src=/a.js></script><div id=root></div>", True),
        ("<title>A</title><script src=/a.js></script><app-root></app-root>", True),
        ("<title>A</title><script src=/a.js></script><div id=root>Loading...</div>", True),
        ("<title>A</title><div id=root></div>", False),
        ("<title>A</title><script src=/a.js></script><form><input name=q></form>", False),
        ("<title>A</title><script src=/a.js></script><iframe src=/x></iframe>", False),
        ("<title>A</title><script src=/a.js></script><p>" + "Words of a page. " * 30, False),
    ],
)
def test_a_shell_is_nearly_empty_and_has_a_script(source, shell):
    assert view(source).app_shell is shell


@pytest.mark.parametrize(
    ("source", "leads_to"),
    [
        ("<meta http-equiv=refresh content='0; url=/login?next=/api'>", "/login?next=[masked]"),
        ("<script>window.location.replace('/login')</script>", "/login"),
        ("<script>location.href = 'http://portal.example/x';</script>", "http://portal.example/x"),
        ("<script src=/a.js></script><script>location.href='/x'</script>", ""),
        ("<meta http-equiv=refresh content='30'>", ""),
    ],
)
def test_where_a_page_sends_its_reader_on(source, leads_to):
    assert view(source).leads_to == leads_to
