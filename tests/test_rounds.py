"""A loss counts only if it stays one: organizations that change, over real HTTP, asked again or not."""

import msgspec
import pytest
from changing_world import CATALOG, TOKENS, organization, saved, scan

from probe.errors import ExitCode, InputError
from probe.evidence import ControlRole
from probe.expectations import Expectations
from probe.failing import FailOn
from probe.history.diff import compare
from probe.history.state import state_of
from probe.judge.model import Cause, TokenStatus, Verdict
from probe.pipeline import judge_again
from probe.report.changes import ExpectationVerdict
from probe.secret import Secret, Token
from probe.simulator.options import Disturbance, Grant

ADMIN = TOKENS["admin"]


def grant(token, *, without=()):
    return {token.secret.reveal(): Grant(name=token.name, scopes=tuple(set(token.scopes) - set(without)))}


@pytest.fixture
def earlier(tmp_path):
    """Scan and write the run; give the file's name."""

    async def run(running, *tokens, **options):
        outcome = await scan(running, tokens or ("admin",), **options)
        assert outcome.report.measured
        return saved(outcome, tmp_path / "earlier.json")

    return run


async def test_a_downgrade_is_one_line_with_its_cause(earlier):
    async with organization("enterprise_premium") as running:
        before = await earlier(running, only=())
        running.become(plan="business")
        outcome = await scan(running, baseline=before, only=())
    changes = outcome.report.changes
    assert outcome.exit_code is ExitCode.REGRESSION
    assert changes.headline.startswith(f"lost: {len(changes.lost)} operations (")
    assert "users.list" in {change.operation for change in changes.lost}
    assert 'token "admin" still valid' in changes.headline
    assert changes.lost_since == changes.baseline.started_at
    assert {change.after for change in changes.lost} == {Verdict.BLOCKED}
    assert all(change.asked_again == 2 for change in changes.lost if not change.inferred)
    assert (changes.plan_before, changes.plan_after) == ("enterprise_premium", "business")
    assert not changes.tokens
    assert running.counts.by_method.keys() == {"GET"}


async def test_the_same_organization_twice_has_no_change(earlier):
    async with organization("business") as running:
        before = await earlier(running)
        outcome = await scan(running, baseline=before)
    changes = outcome.report.changes
    assert outcome.exit_code is ExitCode.DONE
    assert changes.comparable
    assert (changes.capabilities, changes.apart, changes.tokens, changes.walls) == ((), (), (), ())
    assert changes.headline.startswith("nothing lost since ")
    assert not [item for item in outcome.report.controls if item.role is ControlRole.CONFIRMATION]


async def test_what_gets_through_on_asking_again_is_allowed(earlier):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.become(plan="business")

        async def back(_seconds):
            running.become(plan="enterprise_premium")

        outcome = await scan(running, baseline=before, pause=back)
    assert outcome.exit_code is ExitCode.DONE
    assert not outcome.report.changes.lost
    told = {item.operation: item for item in outcome.report.capabilities}
    assert told["users.list"].verdict is Verdict.ALLOWED
    assert not told["users.list"].inferred


async def test_what_got_through_once_by_mistake_is_no_gain(earlier):
    """Else it would be known as allowed, and lost the night after."""
    async with organization("business") as running:
        before = await earlier(running)
        running.become(plan="enterprise_premium")

        async def back(_seconds):
            running.become(plan="business")

        outcome = await scan(running, baseline=before, pause=back)
    assert not outcome.report.changes.gained
    told = {item.operation: item.verdict for item in outcome.report.capabilities}
    assert told["users.list"] is Verdict.UNKNOWN


async def test_one_time_of_several_is_enough(earlier):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.become(plan="business")
        plans = iter(["business", "enterprise_premium", "business"])

        async def flap(_seconds):
            running.become(plan=next(plans))

        outcome = await scan(running, baseline=before, confirm=3, pause=flap)
    assert not outcome.report.changes.lost
    assert outcome.exit_code is ExitCode.DONE


@pytest.mark.parametrize(
    "trouble",
    [Disturbance.GATEWAY_502, Disturbance.LOGIN],
)
async def test_an_outage_that_begins_while_asking_again_is_no_loss(earlier, trouble):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.become(plan="business")

        async def begins(_seconds):
            running.put_in_front(trouble)

        outcome = await scan(running, baseline=before, pause=begins)
    assert not outcome.report.changes.lost
    assert outcome.exit_code in {ExitCode.DONE, ExitCode.INCONCLUSIVE}


async def test_a_server_that_goes_silent_while_asking_again_is_not_measured(earlier):
    """It answers its front page for everything: only the closing controls tell."""
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.become(plan="business")

        async def silent(_seconds):
            running.become(plan="free", tokens={})
            running.trouble = running.not_there

        outcome = await scan(running, baseline=before, pause=silent)
    assert not outcome.report.measured
    assert outcome.exit_code is ExitCode.INCONCLUSIVE
    assert not outcome.report.changes.comparable
    assert not outcome.report.changes.took_away


@pytest.mark.parametrize("trouble", [item for item in Disturbance if item is not Disturbance.SPA_VERSION_OLD])
async def test_a_disturbed_day_is_no_loss_and_no_gain(earlier, trouble):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.put_in_front(trouble)
        outcome = await scan(running, baseline=before)
    changes = outcome.report.changes
    assert not changes.lost
    assert not changes.gained
    assert outcome.exit_code in {ExitCode.DONE, ExitCode.INCONCLUSIVE}


@pytest.mark.parametrize("trouble", [Disturbance.GATEWAY_502, Disturbance.WAF_BLOCK])
async def test_a_part_that_is_disturbed_is_no_loss(earlier, trouble):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.put_in_front(trouble, only="/users")
        outcome = await scan(running, baseline=before)
    assert outcome.report.measured
    assert not outcome.report.changes.lost
    assert outcome.exit_code is ExitCode.DONE


async def test_an_expired_token_is_one_line(earlier):
    small = Token(name="small", secret=Secret("sim-small-k3Jd8Fh2Gs7Lp4Qw"), scopes=("groups:read",))
    async with organization() as running:
        running.become(tokens={**grant(ADMIN), **grant(small)})
        before = await earlier(running, "admin", small)
        running.become(tokens=grant(small))
        outcome = await scan(running, ("admin", small), baseline=before)
    changes = outcome.report.changes
    assert not changes.lost
    named = {token.name: token for token in changes.tokens}
    assert named["admin"].after is TokenStatus.REFUSED
    assert "users.list" in named["admin"].operations
    assert changes.headline.startswith('lost: token "admin" is refused now')
    assert "\n" not in changes.headline
    assert outcome.exit_code is ExitCode.REGRESSION


async def test_an_expired_token_beside_one_that_does_the_same_loses_nothing(earlier):
    twin = Token(name="twin", secret=Secret("sim-twin-r6Yk3Wd9Fp2Hs5Nc"), scopes=ADMIN.scopes)
    async with organization() as running:
        running.become(tokens={**grant(ADMIN), **grant(twin)})
        before = await earlier(running, "admin", twin)
        running.become(tokens=grant(twin))
        outcome = await scan(running, ("admin", twin), baseline=before)
    changes = outcome.report.changes
    assert not changes.took_away
    assert [token.reason for token in changes.tokens] == ['token "admin" is refused now']
    assert outcome.exit_code is ExitCode.DONE


async def test_the_only_token_expired_is_not_measured_and_named(earlier):
    async with organization() as running:
        before = await earlier(running)
        running.become(tokens={})
        outcome = await scan(running, baseline=before)
    assert outcome.exit_code is ExitCode.INCONCLUSIVE
    assert outcome.report.changes.headline == 'not compared: token "admin" is refused now'


async def test_a_rotated_token_is_no_change(earlier):
    fresh = Token(name="admin", secret=Secret("sim-admin-z9Xy8Wv7Ut6Sr5Qp"), scopes=ADMIN.scopes)
    async with organization() as running:
        before = await earlier(running)
        running.become(tokens=grant(fresh))
        outcome = await scan(running, (fresh,), baseline=before)
    assert outcome.exit_code is ExitCode.DONE
    assert not outcome.report.changes.tokens
    assert not outcome.report.changes.capabilities


async def test_a_scope_that_was_taken_away_is_named_as_that(earlier):
    async with organization() as running:
        before = await earlier(running)
        running.become(tokens=grant(ADMIN, without=["users:read", "users:write"]))
        outcome = await scan(running, baseline=before)
    changes = outcome.report.changes
    (token,) = changes.tokens
    assert not changes.lost
    assert set(token.scopes_lost) <= {"users:read", "users:write"}
    assert "users:read" in token.scopes_lost
    assert "users.list" in token.operations
    assert 'token "admin" lost the scope' in changes.headline
    assert outcome.exit_code is ExitCode.REGRESSION


async def test_a_scope_that_another_token_still_has_is_no_loss(earlier):
    async with organization(tokens=("admin", "reader")) as running:
        before = await earlier(running, "admin", "reader")
        gone = grant(TOKENS["reader"], without=["users:read"])
        running.become(tokens={**grant(ADMIN), **gone})
        outcome = await scan(running, ("admin", "reader"), baseline=before)
    changes = outcome.report.changes
    assert not changes.took_away
    assert [(token.name, token.scopes_lost) for token in changes.tokens] == [("reader", ("users:read",))]
    assert outcome.exit_code is ExitCode.DONE


async def test_a_token_that_was_taken_out_of_the_configuration_is_named(earlier):
    async with organization(tokens=("admin", "embedder")) as running:
        before = await earlier(running, "admin", "embedder")
        outcome = await scan(running, ("embedder",), baseline=before)
    changes = outcome.report.changes
    assert not changes.lost
    assert changes.tokens[-1].reason == 'token "admin" is not configured any more'


async def test_an_upgrade_that_adds_and_an_older_server_that_lacks_routes(earlier):
    async with organization(version="3.40.0") as running:
        before = await earlier(running, only=())
        running.become(version="4.0.0")
        newer = await scan(running, baseline=before, only=())
        again = await earlier(running, only=())
        running.become(version="3.40.0")
        older = await scan(running, baseline=again, only=())
    assert newer.report.changes.gained
    assert not newer.report.changes.lost
    assert newer.exit_code is ExitCode.DONE
    assert "server 3.40.0 before, 4.0.0 now" in newer.report.changes.headline
    assert older.exit_code is ExitCode.REGRESSION
    lost = {item.operation for item in older.report.changes.lost if not item.inferred}
    assert lost == {item.operation for item in newer.report.changes.gained if not item.inferred}


async def test_routes_that_a_server_drops_are_lost(earlier):
    async with organization() as running:
        before = await earlier(running)
        running.trouble = lambda request: running.not_there(request) if "/folders" in request.path else None
        outcome = await scan(running, baseline=before)
    lost = {item.operation: item for item in outcome.report.changes.lost}
    assert "folders.list" in lost
    assert {name.split(".")[0] for name in lost} == {"folders"}
    assert outcome.exit_code is ExitCode.REGRESSION


async def test_new_and_removed_operations_of_the_catalog_are_no_change_of_the_server(earlier):
    few = msgspec.structs.replace(
        CATALOG, operations=tuple(item for item in CATALOG.operations if item.group != "folders")
    )
    async with organization() as running:
        before = await earlier(running, catalog=few)
        outcome = await scan(running, baseline=before)
    changes = outcome.report.changes
    assert changes.operations_added
    assert not changes.capabilities
    assert outcome.exit_code is ExitCode.DONE


async def test_judging_again_gives_the_verdict_that_asking_again_gave(earlier):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.become(plan="business")

        async def back(_seconds):
            running.become(plan="enterprise_premium")

        report = (await scan(running, baseline=before, pause=back)).report
    again = judge_again(report, CATALOG)
    assert again.capabilities == report.capabilities
    assert again.plan == report.plan
    assert again.tokens == report.tokens


async def test_a_guarded_write_is_never_repeated(earlier):
    async with organization("enterprise_premium") as running:
        before = await earlier(running, writes=True)
        running.become(plan="business")
        running.counts.by_method.clear()
        outcome = await scan(running, baseline=before, writes=True)
    writes = [item for item in outcome.report.findings if item.method != "GET"]
    again = [item for item in outcome.report.controls if item.role is ControlRole.CONFIRMATION]
    assert writes
    assert {item.method for item in again} == {"GET"}
    operations = [item.operation for item in writes]
    assert len(operations) == len(set(operations))
    lost = {item.operation for item in outcome.report.changes.lost}
    assert "users.create" in lost


async def test_confirm_zero_does_not_ask_again(earlier):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.become(plan="business")
        outcome = await scan(running, baseline=before, confirm=0)
    assert not [item for item in outcome.report.controls if item.role is ControlRole.CONFIRMATION]
    assert outcome.exit_code is ExitCode.REGRESSION


async def test_a_baseline_that_was_not_measured_is_refused_before_anything_is_sent(tmp_path):
    async with organization() as running:
        running.put_in_front(Disturbance.WAF_BLOCK)
        before = saved(await scan(running), tmp_path / "earlier.json")
        running.counts.by_method.clear()
        with pytest.raises(InputError, match="not measured"):
            await scan(running, baseline=before)
        assert running.counts.total == 0


async def test_no_history_yet_is_said_and_is_no_failure():
    async with organization() as running:
        outcome = await scan(running, baseline="last-good")
    assert outcome.exit_code is ExitCode.DONE
    assert outcome.notes
    assert outcome.report.changes is None


async def test_expectations_are_checked_and_asked_again():
    expect = Expectations(
        plan_at_least="enterprise_base", allow=("users.*", "user_invites.*"), block=("users.*",)
    )
    async with organization("business") as running:
        outcome = await scan(running, expect=expect, only=())
    by_line = {(item.key, item.value): item.verdict for item in outcome.report.expectations}
    assert by_line == {
        ("plan_at_least", "enterprise_base"): ExpectationVerdict.FAILED,
        ("allow", "users.*"): ExpectationVerdict.FAILED,
        ("allow", "user_invites.*"): ExpectationVerdict.MET,
        ("block", "users.*"): ExpectationVerdict.MET,
    }
    assert outcome.exit_code is ExitCode.EXPECTATION
    assert "users.list" in {
        item.operation for item in outcome.report.controls if item.role is ControlRole.CONFIRMATION
    }


async def test_an_expectation_that_nothing_tells_is_untested():
    expect = Expectations(plan_at_least="business", allow=("users.*",), block=("folders.*",))
    async with organization("business") as running:
        running.put_in_front(Disturbance.MAINTENANCE)
        outcome = await scan(running, expect=expect)
        chosen = await scan(running, expect=expect, fail_on=frozenset({FailOn.EXPECTATION}))
    assert {item.verdict for item in outcome.report.expectations} == {ExpectationVerdict.UNTESTED}
    assert outcome.exit_code is ExitCode.INCONCLUSIVE
    assert chosen.exit_code is ExitCode.DONE


async def test_a_loss_decides_nothing_where_it_was_not_asked_for(earlier):
    async with organization("enterprise_premium") as running:
        before = await earlier(running)
        running.become(plan="business")
        outcome = await scan(running, baseline=before, fail_on=frozenset({FailOn.NOT_MEASURED}))
    assert outcome.report.changes.lost
    assert outcome.exit_code is ExitCode.DONE


async def test_flapping_nights_raise_no_alarm():
    """Every request may fail by itself, with and without repetition; whatever was known before."""
    async with organization("enterprise_premium") as running:
        good = (await scan(running)).report
        before = state_of(good, label="good")
        for seed in range(4):
            async with organization("enterprise_premium", behind=Disturbance.FLAPPING, seed=seed) as flapping:
                report = (await scan(flapping)).report
            changes = compare(before, report)
            assert not changes.took_away, changes.headline
            assert not any(item.cause_after is Cause.PLAN for item in changes.capabilities)
