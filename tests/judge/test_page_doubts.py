"""The page of a route that cannot exist, before operations that are there: each sign that it says nothing."""

import msgspec
import pytest
from run_world import (
    HTML,
    JSON,
    OTHER_PAGE,
    SHELL,
    SHELL_ANSWER,
    UNAUTHORIZED,
    answer,
    catalog,
    controls,
    exchange,
    operation,
    refusal,
    run,
)

from probe.evidence import ControlRole, TokenInfo
from probe.judge.diagnose import diagnose_run
from probe.judge.infer import infer
from probe.judge.model import Cause, Confidence, Verdict

# An organization on Basic, whose plan shows in its pages.
BASIC = {
    "invites.list": answer(),
    "attributes.list": answer(),
    "workflows.list": SHELL_ANSWER,
    "users.list": SHELL_ANSWER,
    "groups.list": SHELL_ANSWER,
}
GONE = frozenset({Cause.PLAN, Cause.ROUTE, Cause.VERSION})
KEPT = answer(200, SHELL, (*HTML, ("age", "86")))
HIT = answer(200, SHELL, (*HTML, ("x-cache", "HIT from cache.example.com")))
MISSING = refusal(404, "Not here")


def said(made, chosen=None):
    found = diagnose_run(made, chosen or catalog())
    return {item.exchange.operation: item.diagnosis for item in found.findings}


def cause(made, name="users.list", chosen=None):
    return said(made, chosen)[name].cause


def capabilities(made, chosen=None):
    chosen = chosen or catalog()
    found = infer(made, diagnose_run(made, chosen), chosen)
    return found.plan, {item.operation: item for item in found.capabilities}


def areas(count):
    return tuple(operation(f"area{number}.list", "max") for number in range(count))


def many(count):
    """Return a catalog with many operations of the highest plan, and their pages."""
    chosen = catalog((operation("invites.list", "basic"), operation("users.list", "max"), *areas(count)))
    return chosen, {"invites.list": answer()} | {item.id: SHELL_ANSWER for item in areas(count)}


# --- what comes and goes


def test_a_page_that_gave_way_elsewhere_says_nothing_of_any_operation():
    made = run(BASIC, stable={"users.list": answer(), "groups.list": SHELL_ANSWER})
    found = said(made)
    assert {found[name].cause for name in ("users.list", "groups.list", "workflows.list")} == {Cause.UNKNOWN}
    assert "users.list" in found["groups.list"].reason


def test_one_of_many_that_gave_way_is_named_and_lowers_the_confidence():
    chosen, answers = many(20)
    stable = dict.fromkeys(answers, SHELL_ANSWER) | {"area0.list": answer()}
    found = said(run(answers, stable=stable), chosen)["area3.list"]
    assert (found.cause, found.confidence) == (Cause.PLAN, Confidence.WEAK)
    assert "area0.list" in found.reason


def test_a_write_is_doubted_with_the_reads_for_it_is_never_asked_again():
    page = answer(404, OTHER_PAGE)
    base = (*controls(methods=("GET",)), *controls(unmounted=page, methods=("POST",))[4:6])
    answers = {"invites.list": answer(), "users.create": page, "users.list": SHELL_ANSWER}
    assert cause(run(answers, base=base), "users.create") in GONE
    assert cause(run(answers, base=base, stable={"users.list": answer()}), "users.create") is Cause.UNKNOWN


def test_a_page_that_gave_way_for_one_token_says_nothing_to_another():
    made = run(
        {"invites.list": answer(), "users.list": SHELL_ANSWER},
        stable={"users.list": answer()},
        extra=(exchange("users.list", SHELL_ANSWER, token="second"),),
        tokens=(TokenInfo(name="all"), TokenInfo(name="second")),
    )
    found = diagnose_run(made, catalog()).findings
    pages = [item.diagnosis.cause for item in found if item.exchange.operation == "users.list"]
    assert pages == [Cause.UNKNOWN, Cause.UNKNOWN]


def test_an_attempt_that_was_told_to_slow_down_leaves_the_plan():
    made = run(BASIC | {"users.list": (refusal(429, "slow down"), SHELL_ANSWER)})
    assert cause(made) is Cause.PLAN


def test_failures_in_json_show_no_other_operation_to_be_there():
    made = run(BASIC | {"workflows.list": (refusal(500, "down"), SHELL_ANSWER)})
    found = said(made)
    assert (found["workflows.list"].cause, found["users.list"].cause) == (Cause.UNKNOWN, Cause.PLAN)


def _at(name, outcome, second):
    made = exchange(name, outcome)
    attempts = tuple(
        msgspec.structs.replace(item, started_at=f"2026-01-01T00:00:{second:02}.000Z")
        for item in made.attempts
    )
    return msgspec.structs.replace(made, attempts=attempts)


@pytest.mark.parametrize(("mixed", "expected"), [(False, Cause.UNKNOWN), (True, Cause.ROUTE)])
def test_answers_and_then_only_pages_mean_that_something_changed(mixed, expected):
    chosen = catalog((operation("invites.list", "basic"), *areas(16)))
    order = [number % 8 * 2 + number // 8 if mixed else number for number in range(16)]
    exchanges = tuple(
        _at(f"area{number}.list", answer() if number < 8 else SHELL_ANSWER, order[number])
        for number in range(16)
    )
    walled = {f"area{number}.list": SHELL_ANSWER for number in range(8, 16)}
    made = run({"invites.list": answer()}, extra=exchanges, looks=walled, stable=walled)
    assert cause(made, "area12.list", chosen) is expected


# --- what somebody else is told


@pytest.mark.parametrize("look", [answer(200, OTHER_PAGE), answer(404, OTHER_PAGE), answer(403, b"no", HTML)])
def test_another_answer_without_a_token_is_no_missing_route(look):
    assert cause(run(BASIC, looks={"users.list": look})) is Cause.UNKNOWN


def test_a_route_that_refuses_callers_without_a_token_is_not_too_new():
    made = run(BASIC | {"folders.list": SHELL_ANSWER}, version="2.9.1", looks={"folders.list": UNAUTHORIZED})
    assert cause(made, "folders.list") is Cause.UNKNOWN


@pytest.mark.parametrize("page", [KEPT, HIT])
def test_a_page_out_of_a_cache_says_nothing(page):
    assert cause(run(BASIC | {"users.list": page})) is Cause.UNKNOWN


@pytest.mark.parametrize("page", [KEPT, HIT])
def test_a_cache_that_keeps_the_pages_of_routes_that_cannot_exist_too_leaves_the_plan(page):
    answers = {name: page if item is SHELL_ANSWER else item for name, item in BASIC.items()}
    assert cause(run(answers, base=controls(unmounted=page))) is Cause.PLAN


# --- what an id, a version, a lower plan explain


def test_a_made_up_id_explains_the_page_where_the_list_answers():
    answers = {"invites.list": answer(), "users.list": answer(), "users.get": SHELL_ANSWER}
    found = said(run(answers))["users.get"]
    assert found.cause is Cause.UNKNOWN
    assert "made up" in found.reason


def test_a_made_up_id_explains_nothing_where_the_list_met_the_page_too():
    assert cause(run(BASIC | {"users.get": SHELL_ANSWER}), "users.get") is Cause.PLAN


def test_a_page_before_a_higher_plan_says_nothing_of_a_made_up_id_of_the_own():
    """Both are of one group; what is not known of the one is no doubt of the plan's walls."""
    chosen = catalog(
        (
            *catalog().operations,
            operation("mail.list", "max", group="users"),
            operation("users.get", "basic", ids=True),
        )
    )
    chosen = catalog(
        tuple(item for item in chosen.operations if (item.id, item.plan) != ("users.get", "max"))
    )
    found = said(run(BASIC | {"users.get": SHELL_ANSWER, "mail.list": SHELL_ANSWER}), chosen)
    assert found["users.get"].cause is Cause.UNKNOWN
    assert (found["mail.list"].cause, found["mail.list"].confidence) == (Cause.PLAN, Confidence.LIKELY)


def test_a_version_that_something_newer_refutes_says_nothing():
    """The document may be another product's, or an old one."""
    answers = BASIC | {"attributes.list": answer(), "folders.list": SHELL_ANSWER}
    assert cause(run(answers, version="2.9.1"), "folders.list") is Cause.VERSION
    assert cause(run(answers, version="1.4"), "folders.list") is not Cause.VERSION


def test_a_version_in_an_earlier_numbering_is_not_compared_with_the_later_one():
    vendor = msgspec.structs.replace(catalog().vendor, earlier_version_product="doc", earlier_version_below=3)
    chosen = msgspec.structs.replace(catalog(), vendor=vendor)
    made = run(BASIC | {"folders.list": SHELL_ANSWER}, version="2.12.0")
    assert cause(made, "folders.list", chosen) is Cause.PLAN


def test_a_page_before_what_lower_plans_have_is_no_plans():
    made = run(BASIC | {"attributes.list": SHELL_ANSWER})
    found = said(made)
    assert not {found[name].cause for name in ("users.list", "attributes.list")} & {Cause.PLAN}
    assert "attributes.list" in found["users.list"].reason
    plan, _ = capabilities(made)
    assert plan.estimate == "undetermined" or plan.confidence is Confidence.WEAK


def test_one_page_before_a_lower_plan_among_many_is_named_and_lowers_the_confidence():
    chosen, answers = many(20)
    chosen = catalog((*chosen.operations, operation("attributes.list", "basic")))
    found = said(run(answers | {"attributes.list": SHELL_ANSWER}), chosen)["area3.list"]
    assert (found.cause, found.confidence) == (Cause.PLAN, Confidence.WEAK)
    assert "attributes.list" in found.reason


def test_where_nothing_of_the_api_is_there_neither_an_id_nor_a_look_is_a_doubt():
    """A plan without an API: the read that looks are calibrated by is missing too."""
    answers = dict.fromkeys((*BASIC, "users.get"), SHELL_ANSWER) | {"misc.list": answer()}
    found = said(run(answers, base=controls(anonymous=SHELL_ANSWER, real=SHELL_ANSWER)))
    gone = {(found[name].cause, found[name].confidence) for name in ("users.get", "users.list")}
    assert gone == {(Cause.ROUTE, Confidence.LIKELY)}


def test_where_every_caller_without_a_token_meets_the_page_a_missing_route_is_a_hint():
    found = said(run(BASIC, base=controls(anonymous=SHELL_ANSWER)))["users.list"]
    assert (found.cause, found.confidence) == (Cause.ROUTE, Confidence.WEAK)


# --- what this server does not say of missing routes

SHELL_OF_ANOTHER = SHELL.replace(b"Tool", b"Portal").replace(b"index", b"portal")
NOT_FOUND = b"<!doctype html><html><head><title>Page not found</title></head><body><h1>404</h1></body></html>"
UNLIKE = {
    "another 404 page": answer(404, NOT_FOUND),
    "a 200 page that says not found": answer(200, NOT_FOUND),
    "another application's shell": answer(200, SHELL_OF_ANOTHER),
    "the shell with a refusal": answer(403, SHELL),
    "the shell with another status": answer(404, SHELL),
    "a neutral 404 page": answer(404, OTHER_PAGE),
    "a 404 in text": answer(404, b"404 page not found", (("content-type", "text/plain"),)),
    "an empty 404": answer(404, b"", ()),
    "an object store's refusal": answer(
        403, b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", (("content-type", "text/xml"),)
    ),
    "a refusal in text": answer(403, b"Forbidden", (("content-type", "text/plain"),)),
    "an upgrade of the protocol": answer(426, b"Upgrade Required", (("content-type", "text/plain"),)),
}


@pytest.mark.parametrize("what", UNLIKE)
def test_what_missing_routes_are_not_told_here_is_no_missing_route(what):
    made = run({"invites.list": answer(), "users.list": UNLIKE[what]})
    assert cause(made) not in GONE
    assert capabilities(made)[1]["users.list"].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("what", ["another 404 page", "a neutral 404 page", "the shell with another status"])
def test_the_same_is_one_where_missing_routes_are_told_it(what):
    made = run({"invites.list": answer(), "users.list": UNLIKE[what]}, base=controls(unmounted=UNLIKE[what]))
    assert cause(made) in GONE


# --- the same in JSON


def test_json_like_a_missing_routes_that_gave_way_says_nothing():
    base = controls(unmounted=MISSING)
    answers = {"invites.list": answer(), "users.list": MISSING, "groups.list": MISSING}
    assert cause(run(answers, base=base)) is Cause.ROUTE
    assert cause(run(answers, base=base, stable={"users.list": answer()})) is Cause.UNKNOWN
    assert cause(run(answers, base=base, stable={"groups.list": answer()})) is Cause.UNKNOWN
    assert cause(run(answers, base=base, looks={"users.list": UNAUTHORIZED})) is Cause.UNKNOWN
    assert cause(run(answers, base=base, looks={"users.list": MISSING})) is Cause.ROUTE


def test_a_calibration_read_that_seems_to_be_missing_at_the_end_ends_the_measurement():
    base = controls(unmounted=MISSING)
    closing = exchange("invites.list", MISSING, role=ControlRole.CLOSING)
    made = run({"invites.list": answer(), "users.list": MISSING}, base=(*base, closing))
    assert not diagnose_run(made, catalog()).measured.measured
    assert cause(made) is Cause.UNKNOWN


def test_json_like_a_missing_routes_to_one_token_alone_says_nothing():
    made = run(
        {"invites.list": answer(), "users.list": MISSING},
        base=controls(unmounted=MISSING),
        extra=(exchange("users.list", answer(), token="second"),),
        tokens=(TokenInfo(name="all"), TokenInfo(name="second")),
    )
    found = [item.diagnosis.cause for item in diagnose_run(made, catalog()).findings]
    assert found == [Cause.OK, Cause.UNKNOWN, Cause.OK]


# --- what is said to people


def test_an_estimate_by_pages_alone_names_what_would_look_the_same():
    chosen, answers = many(5)
    plan, _ = capabilities(run(answers), chosen)
    assert plan.ceiling == "pro"
    assert "filter" in plan.reason
    told = refusal(403, "This endpoint is not available on your current plan")
    answers |= {item.id: told for item in areas(5)}
    plan, _ = capabilities(run(answers), chosen)
    assert plan.ceiling == "pro"
    assert "filter" not in plan.reason


def test_the_headers_of_these_answers_are_kept_as_evidence():
    assert KEPT.header("age") == "86"
    assert answer(200, b"{}", (*JSON, ("age", "3"))).header("age") == "3"
