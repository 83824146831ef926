"""Laws of inference that hold for any findings."""

from findings import INCONCLUSIVE, diagnosed, finding, run, small_catalog
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.infer import infer
from probe.judge.lookup import Coverage, coverage
from probe.judge.model import Cause, Confidence, Kind, Verdict

CATALOG = small_catalog()
NAMES = [item.id for item in CATALOG.operations]
READS = [item.id for item in CATALOG.operations if item.method == "GET"]
SCOPES = sorted(CATALOG.scopes)
TOKENS = ("a", "b", "c")

declared = st.lists(st.sampled_from(SCOPES), unique=True, max_size=3).map(tuple)
token_sets = st.fixed_dictionaries(dict.fromkeys(TOKENS, declared))
confidences = st.sampled_from(list(Confidence))
answers = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(TOKENS)),
    st.tuples(st.sampled_from(list(Cause)), confidences, st.sampled_from([None, 0, 1])),
    max_size=24,
)


def findings(table):
    return [
        finding(name, token, cause, confidence=confidence, items=items)
        for (name, token), (cause, confidence, items) in sorted(table.items())
    ]


def judge(tokens, table):
    found = findings(table)
    return infer(run(CATALOG, tokens, found), diagnosed(found), CATALOG)


def by_id(judgement):
    return {item.operation: item for item in judgement.capabilities}


@given(token_sets, answers)
def test_every_operation_has_one_capability_in_the_catalogs_order(tokens, table):
    judgement = judge(tokens, table)
    assert [item.operation for item in judgement.capabilities] == NAMES
    asked = {name for name, _ in table}
    assert all(item.inferred is (item.operation not in asked) for item in judgement.capabilities)
    assert all(item.reason for item in judgement.capabilities)


@given(token_sets, answers)
def test_the_same_evidence_gives_the_same_judgement(tokens, table):
    assert judge(tokens, table) == judge(tokens, dict(reversed(table.items())))


@given(token_sets, answers, st.sampled_from(NAMES), st.sampled_from(TOKENS), st.sampled_from(INCONCLUSIVE))
def test_an_inconclusive_finding_never_blocks(tokens, table, name, token, cause):
    """Neither the operation itself nor any other turns from allowed to blocked."""
    table = {key: value for key, value in table.items() if key != (name, token)}
    before = by_id(judge(tokens, table))
    after = by_id(judge(tokens, table | {(name, token): (cause, Confidence.CERTAIN, None)}))
    turned = [
        item
        for item in NAMES
        if before[item].verdict is Verdict.ALLOWED and after[item].verdict is Verdict.BLOCKED
    ]
    assert not turned


@given(token_sets, answers)
def test_blocked_by_plan_rests_on_a_wall_of_the_plan(tokens, table):
    """Met by a token that may have the scope, or by one that is told of scopes in JSON; or inferred."""
    found = findings(table)
    telling = {
        item.exchange.token
        for item in found
        if item.diagnosis.cause is Cause.SCOPE and item.kind is Kind.JSON_ERROR
    }
    for seen in judge(tokens, table).capabilities:
        if (seen.verdict, seen.cause) != (Verdict.BLOCKED, Cause.PLAN):
            continue
        walls = [
            item.exchange.token
            for item in found
            if item.exchange.operation == seen.operation and item.diagnosis.cause is Cause.PLAN
        ]
        if seen.inferred:
            assert not walls
            assert seen.confidence is not Confidence.CERTAIN
            continue
        operation = CATALOG.by_id[seen.operation]
        covering = [name for name in walls if coverage(operation, tokens[name]) is not Coverage.ABSENT]
        assert covering or (set(walls) & telling and seen.confidence is not Confidence.CERTAIN)


@given(token_sets, answers)
def test_no_statement_rests_on_inconclusive_answers_alone(tokens, table):
    table = {key: value for key, value in table.items() if value[0] in {*INCONCLUSIVE, Cause.TOKEN}}
    judgement = judge(tokens, table)
    assert {item.verdict for item in judgement.capabilities} <= {Verdict.UNKNOWN}
    assert judgement.plan.estimate == "undetermined"


@given(token_sets, answers)
def test_inferred_verdicts_are_never_certain_nor_do_they_vote_for_a_plan(tokens, table):
    judgement = judge(tokens, table)
    asked = {name for name, _ in table if CATALOG.by_id[name].plan}
    assert not any(item.inferred and item.confidence is Confidence.CERTAIN for item in judgement.capabilities)
    for candidate in judgement.plan.candidates:
        assert candidate.agree + len(candidate.disagree) + candidate.silent == len(asked)


@given(token_sets, answers)
def test_an_estimate_has_a_success_behind_its_floor(tokens, table):
    plan = judge(tokens, table).plan
    if plan.estimate != "undetermined":
        assert plan.floor is not None
        assert any(cause is Cause.OK for cause, _, _ in table.values())


@given(answers)
def test_a_success_that_is_added_never_lowers_the_floor(table):
    tokens = dict.fromkeys(TOKENS, tuple(SCOPES))
    before = judge(tokens, table).plan.floor
    after = judge(tokens, table | {("users.list", "a"): (Cause.OK, Confidence.CERTAIN, 1)}).plan.floor
    assert after == "max"
    assert before is None or CATALOG.rank[before] <= CATALOG.rank[after]
