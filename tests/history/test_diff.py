"""The comparison as a law: nothing is lost that was not told twice, and nothing that only a blip says."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_report import synthetic_report

from probe.history.diff import compare, suspects
from probe.history.model import KnownCapability
from probe.history.state import state_of
from probe.judge.model import Cause, Confidence, TokenStatus, Verdict
from probe.report.changes import ChangeKind

REPLACE = msgspec.structs.replace
PLAIN = REPLACE(synthetic_report(), measured=True, complete=True, changes=None)
NUMBER = 14
OPERATIONS = PLAIN.capabilities[:NUMBER]
SHUT = [Cause.PLAN, Cause.ROUTE, Cause.VERSION]
DISTURBED = [Cause.EDGE, Cause.GATEWAY, Cause.LOGIN, Cause.MAINTENANCE, Cause.NETWORK, Cause.PROXY,
             Cause.RATE_LIMIT, Cause.SERVER, Cause.REDIRECT, Cause.INTERNAL, Cause.UNKNOWN]  # fmt: skip
SIDES = st.one_of(
    st.tuples(st.just(Verdict.ALLOWED), st.just(Cause.OK)),
    st.tuples(st.just(Verdict.BLOCKED), st.sampled_from(SHUT)),
    st.tuples(st.just(Verdict.UNKNOWN), st.sampled_from(DISTURBED)),
)
ENTRY = st.tuples(SIDES, st.booleans(), st.sampled_from([Confidence.CERTAIN, Confidence.LIKELY]))
RUNS = st.lists(ENTRY, min_size=NUMBER, max_size=NUMBER)


def report(entries, **changed):
    """Return a report in which each operation has the verdict that is given."""
    told = tuple(
        REPLACE(item, verdict=verdict, cause=cause, inferred=inferred, confidence=confidence, tokens=())
        for item, ((verdict, cause), inferred, confidence) in zip(OPERATIONS, entries, strict=True)
    )
    plain = REPLACE(PLAIN, capabilities=told, findings=(), controls=())
    return REPLACE(plain, **changed)


def changes(before, after, **options):
    return compare(state_of(before, label="before"), after, **options)


def names(found, kind):
    return {item.operation for item in (*found.capabilities, *found.apart) if item.kind is kind}


@given(RUNS)
def test_a_run_does_not_differ_from_itself(entries):
    run = report(entries)
    found = changes(run, run)
    assert (found.capabilities, found.apart, found.tokens, found.walls) == ((), (), (), ())
    assert not found.took_away


@given(RUNS, RUNS)
def test_what_is_lost_one_way_is_gained_the_other(one, two):
    there, back = changes(report(one), report(two)), changes(report(two), report(one))
    assert names(there, ChangeKind.LOST) == names(back, ChangeKind.GAINED)
    assert names(there, ChangeKind.CAUSE) == names(back, ChangeKind.CAUSE)


@given(RUNS, RUNS)
def test_a_change_needs_both_sides_told(one, two):
    before, after = report(one), report(two)
    then = {item.operation: item for item in before.capabilities}
    now = {item.operation: item for item in after.capabilities}
    found = changes(before, after)
    for item in (*found.capabilities, *found.apart):
        assert Verdict.UNKNOWN not in {then[item.operation].verdict, now[item.operation].verdict}
        assert item.cause_after not in DISTURBED or item.kind is ChangeKind.GAINED
    assert not {item.operation for item in found.capabilities} & {item.operation for item in found.apart}


@given(RUNS, RUNS)
def test_nothing_counts_without_something_that_was_asked(one, two):
    found = changes(report(one), report(two))
    for item in found.lost:
        asked = [other for other in found.lost if other.group == item.group and not other.inferred]
        assert asked


@given(RUNS, RUNS, st.sampled_from(["measured", "complete"]))
def test_a_run_that_was_not_measured_or_cut_short_takes_nothing_away(one, two, what):
    found = changes(report(one), report(two, **{what: False}))
    assert not found.comparable
    assert not found.took_away
    assert found.capabilities == found.apart == ()
    assert not suspects(state_of(report(one), label="x"), report(two, **{what: False}))


@given(RUNS, RUNS)
def test_a_baseline_that_was_not_measured_tells_nothing(one, two):
    found = changes(report(one, measured=False), report(two))
    assert not found.comparable
    assert not found.took_away


@given(RUNS, RUNS)
def test_a_loss_that_was_not_asked_again_does_not_count_where_it_must_be(one, two):
    found = changes(report(one), report(two), least_asked=2)
    reads = {item.operation for item in OPERATIONS if item.hazard == "read"}
    assert not {item.operation for item in found.lost if not item.inferred} & reads


@given(RUNS, RUNS, RUNS)
@settings(max_examples=60)
def test_a_blip_between_two_nights_hides_nothing_and_adds_nothing(one, blip, two):
    """What last night left unknown, an earlier night may have told: the loss is seen tonight, once."""
    first, last = report(one), report(two)
    unknown = {item.operation for item in report(blip).capabilities if item.verdict is Verdict.UNKNOWN}
    middle = REPLACE(
        first,
        capabilities=tuple(
            REPLACE(item, verdict=Verdict.UNKNOWN, cause=Cause.GATEWAY) if item.operation in unknown else item
            for item in first.capabilities
        ),
    )
    earlier = state_of(first, label="first").capabilities
    state = state_of(middle, label="middle")
    state = REPLACE(state, capabilities={**earlier, **state.capabilities})
    plain, through = changes(first, last), compare(state, last)
    assert names(plain, ChangeKind.LOST) == names(through, ChangeKind.LOST)
    assert plain.lost == through.lost


def test_since_is_the_last_run_in_which_everything_lost_was_allowed():
    down = [((Verdict.BLOCKED, Cause.PLAN), False, Confidence.CERTAIN)] * NUMBER
    up = [((Verdict.ALLOWED, Cause.OK), False, Confidence.CERTAIN)] * NUMBER
    state = state_of(report(up), label="last-good")
    name = OPERATIONS[0].operation
    old = KnownCapability(
        operation=name, group=OPERATIONS[0].group, verdict=Verdict.ALLOWED, cause=Cause.OK,
        confidence=Confidence.CERTAIN, inferred=False, run="1", started_at="2026-11-20T00:00:00Z",
    )  # fmt: skip
    state = REPLACE(state, capabilities={**state.capabilities, name: old})
    found = compare(state, report(down))
    assert found.lost_since == "2026-11-20T00:00:00Z"
    assert f"lost: {NUMBER} operations (" in found.headline
    assert "since 2026-11-20, cause: plan wall" in found.headline


def test_another_vendor_is_not_compared():
    up = [((Verdict.ALLOWED, Cause.OK), False, Confidence.CERTAIN)] * NUMBER
    other = report(up)
    other = REPLACE(other, target=REPLACE(other.target, vendor="acme"))
    assert not changes(report(up), other).comparable


def test_a_token_whose_status_nobody_could_tell_is_no_change():
    up = [((Verdict.ALLOWED, Cause.OK), False, Confidence.CERTAIN)] * NUMBER
    before = report(up)
    after = REPLACE(
        before, tokens=tuple(REPLACE(token, status=TokenStatus.UNKNOWN) for token in before.tokens)
    )
    assert not changes(before, after).tokens
