"""What is inferred of operations that were not asked."""

import pytest
from findings import catalog, diagnosed, finding, operation, run, small_catalog

from probe.catalog.model import Hazard, Since
from probe.judge.infer import infer
from probe.judge.model import Cause, Confidence, Kind, Verdict

CATALOG = small_catalog()
READER = {"reader": ("users:read",)}
WRITER = {"writer": ("users:write",)}


def inferred(name, found, tokens, of=CATALOG, **more):
    judgement = infer(run(of, tokens, found, **more), diagnosed(found), of)
    seen = next(item for item in judgement.capabilities if item.operation == name)
    assert seen.inferred
    assert seen.confidence is not Confidence.CERTAIN
    return seen


def test_a_write_is_blocked_by_plan_where_its_reads_are():
    found = [finding("invites.list", "reader"), finding("users.list", "reader", Cause.PLAN)]
    seen = inferred("users.create", found, READER)
    assert (seen.verdict, seen.cause, seen.confidence) == (Verdict.BLOCKED, Cause.PLAN, Confidence.LIKELY)


def test_a_write_is_allowed_where_its_reads_are_and_a_token_declares_its_scope():
    seen = inferred("users.create", [finding("users.list", "writer")], WRITER)
    assert (seen.verdict, seen.confidence, seen.tokens) == (Verdict.ALLOWED, Confidence.LIKELY, ("writer",))


def test_a_write_is_blocked_by_scope_where_no_token_declares_its_scope():
    seen = inferred("users.create", [finding("users.list", "reader")], READER)
    assert (seen.verdict, seen.cause) == (Verdict.BLOCKED, Cause.SCOPE)
    assert "no configured token has `users:write`" in seen.reason


def test_a_write_stays_unknown_where_nobody_declared_scopes():
    seen = inferred("users.create", [finding("users.list", "any")], {"any": ()})
    assert (seen.verdict, seen.cause) == (Verdict.UNKNOWN, Cause.UNKNOWN)


def test_siblings_that_disagree_say_nothing():
    found = [finding("users.list", "writer"), finding("users.get", "writer", Cause.PLAN)]
    seen = inferred("users.create", found, WRITER)
    assert seen.verdict is Verdict.UNKNOWN
    assert "disagrees" in seen.reason


def test_nothing_is_inferred_where_nothing_like_it_was_asked():
    assert inferred("groups.create", [finding("users.list", "writer")], WRITER).verdict is Verdict.UNKNOWN


def test_an_unclear_sibling_says_nothing():
    found = [finding("users.list", "writer", Cause.NETWORK), finding("users.get", "writer", Cause.SERVER)]
    assert inferred("users.create", found, WRITER).verdict is Verdict.UNKNOWN


def test_a_wall_is_not_carried_down_to_a_lower_plan_nor_a_success_up_to_a_higher():
    """A group can hold operations of several plans."""
    of = catalog(
        operation("users.list", "users:read", "pro"),
        operation("users.invite", "invites:write", "basic"),
        operation("users.merge", "merge:write", "max"),
        operation("other.list", "other:read", "basic"),
    )
    walled = [finding("other.list", "t"), finding("users.list", "t", Cause.PLAN)]
    passed = [finding("users.list", "t")]
    tokens = {"t": ("users:read", "other:read", "invites:write", "merge:write")}
    assert inferred("users.invite", walled, tokens, of).verdict is Verdict.UNKNOWN
    assert inferred("users.merge", walled, tokens, of).cause is Cause.PLAN
    assert inferred("users.invite", passed, tokens, of).verdict is Verdict.ALLOWED
    assert inferred("users.merge", passed, tokens, of).verdict is Verdict.UNKNOWN


def test_where_only_the_group_matches_the_inference_is_weak():
    of = catalog(operation("users.list", "users:read", "pro"), operation("users.logout", "users:write"))
    seen = inferred("users.logout", [finding("users.list", "writer")], WRITER, of)
    assert (seen.verdict, seen.confidence) == (Verdict.ALLOWED, Confidence.WEAK)


@pytest.mark.parametrize("kind", [Kind.HTML_WALL, Kind.JSON_ERROR])
def test_a_plan_wall_does_not_carry_over_to_what_no_document_gives_to_a_plan(kind):
    of = catalog(
        operation("users.list", "users:read", "pro"),
        operation("users.logout", "users:write"),
        operation("zoo.list", "users:read", "basic"),
    )
    found = [finding("zoo.list", "writer"), finding("users.list", "writer", Cause.PLAN, kind=kind)]
    seen = inferred("users.logout", found, WRITER, of)
    assert seen.verdict is Verdict.UNKNOWN


def test_a_group_without_any_read_is_judged_weakly_by_its_plan():
    of = catalog(
        operation("users.list", "users:read", "pro"),
        operation("embed.open", "apps:embed", "basic", hazard=Hazard.UNSAFE),
    )
    found = [finding("users.list", "t")]
    seen = inferred("embed.open", found, {"t": ("users:read", "apps:embed")}, of)
    assert (seen.verdict, seen.confidence) == (Verdict.ALLOWED, Confidence.WEAK)
    lacking = inferred("embed.open", found, {"t": ("users:read",)}, of)
    assert (lacking.verdict, lacking.cause) == (Verdict.BLOCKED, Cause.SCOPE)


def test_what_is_only_reported_is_never_inferred():
    of = catalog(
        operation("users.list", "users:read", "pro"),
        operation("users.embed", "users:write", reported_only=True),
    )
    assert inferred("users.embed", [finding("users.list", "writer")], WRITER, of).verdict is Verdict.UNKNOWN


def test_another_spelling_takes_over_the_verdict():
    of = catalog(
        operation("users.list", "users:read", "pro"),
        operation("users.read", "groups:read", "max", same_as="users.list"),
    )
    seen = inferred("users.read", [finding("users.list", "writer")], WRITER, of)
    assert (seen.verdict, seen.confidence) == (Verdict.ALLOWED, Confidence.LIKELY)


def test_a_write_that_is_newer_than_the_server_is_not_taken_for_allowed():
    newer = (Since(product="acme", version="3.164"),)
    of = catalog(
        operation("users.list", "users:read", "pro"),
        operation("users.create", "users:write", "pro", since=newer),
    )
    found = [finding("users.list", "writer")]
    assert inferred("users.create", found, WRITER, of, server_version="3.150.1").cause is Cause.VERSION
    assert inferred("users.create", found, WRITER, of, server_version="3.164.0").verdict is Verdict.ALLOWED
    assert inferred("users.create", found, WRITER, of, server_version="").verdict is Verdict.ALLOWED


def test_a_write_needs_an_accepted_token():
    tokens = {"reader": ("users:read",), "dead": ("users:write",)}
    found = [finding("users.list", "reader"), finding("users.list", "dead", Cause.TOKEN)]
    seen = inferred("users.create", found, tokens)
    assert (seen.verdict, seen.cause) == (Verdict.UNKNOWN, Cause.TOKEN)
