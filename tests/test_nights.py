"""Night after night with a history: each loss is reported once, and a blip hides and adds nothing."""

# ruff: noqa: ARG002 - what stands in for a history has its signatures

from changing_world import TOKENS, organization, scan

from probe.errors import ExitCode, InputError
from probe.history.model import KnownCapability, StoredRun
from probe.history.state import plan_of
from probe.judge.model import Confidence, Verdict
from probe.simulator import answers
from probe.simulator.options import Disturbance
from probe.simulator.replies import json_reply


class Nights:
    """A history in memory, with what the comparison asks of one; every organization is the same."""

    def __init__(self):
        self.reports = []
        self.pin_id = None

    def record(self, report, *, key="", label=""):
        self.reports.append(report)
        return self._stored(len(self.reports) - 1)

    def runs(self, *, base_url=None, limit=None):
        return tuple(self._stored(place) for place in reversed(range(len(self.reports))))[:limit]

    def base_urls(self):
        return tuple(sorted({report.target.base_url for report in self.reports}))

    def find(self, reference, base_url=None):
        for run in self.runs():
            if run.id == reference or (reference == "last-good" and run.good):
                return run
        raise InputError("There is no such run.")

    def load(self, run_id):
        return self.reports[int(run_id)]

    def pinned(self, base_url):
        return None if self.pin_id is None else self._stored(int(self.pin_id))

    def known_state(self, base_url, *, before=None):
        found = {}
        for place, report in enumerate(self.reports):
            for item in report.capabilities if report.measured else ():
                if item.verdict is not Verdict.UNKNOWN:
                    found[item.operation] = KnownCapability(
                        operation=item.operation, group=item.group, verdict=item.verdict, cause=item.cause,
                        confidence=item.confidence, inferred=item.inferred, run=str(place),
                        started_at=report.started_at,
                    )  # fmt: skip
        return found

    def _stored(self, place):
        report = self.reports[place]
        return StoredRun(
            id=str(place), key="", label="", base_url=report.target.base_url, vendor="", catalog_version="",
            server_version="", tool_version="", started_at=report.started_at, finished_at=report.finished_at,
            duration_s=1.0, measured=report.measured, complete=report.complete, simulated=True,
            plan=plan_of(report), plan_confidence=Confidence.LIKELY, allowed=1, blocked=1, unknown=0,
        )  # fmt: skip


async def night(running, nights, **options):
    return await scan(running, history=nights, baseline="last-good", **options)


async def test_a_loss_is_reported_once():
    nights = Nights()
    async with organization() as running:
        first = await night(running, nights)
        second = await night(running, nights)
        running.become(plan="business")
        third = await night(running, nights)
        fourth = await night(running, nights)
    codes = [item.exit_code for item in (first, second, third, fourth)]
    assert codes == [ExitCode.DONE, ExitCode.DONE, ExitCode.REGRESSION, ExitCode.DONE]
    assert first.notes
    assert not second.notes
    assert len(third.report.changes.history) == 3
    assert third.stored.id == "2"


async def test_a_pinned_run_is_compared_with_every_night():
    nights = Nights()
    async with organization() as running:
        await night(running, nights)
        nights.pin_id = "0"
        running.become(plan="business")
        codes = [(await night(running, nights)).exit_code for _ in range(2)]
    assert codes == [ExitCode.REGRESSION, ExitCode.REGRESSION]


async def test_what_was_unknown_last_night_and_is_lost_tonight_is_lost():
    nights = Nights()
    async with organization() as running:
        first = await night(running, nights)
        running.put_in_front(Disturbance.GATEWAY_502, only="/users")
        blip = await night(running, nights)
        running.trouble = lambda _request: None
        running.become(plan="business")
        last = await night(running, nights)
    assert blip.exit_code is ExitCode.DONE
    told = {item.operation: item.verdict for item in blip.report.capabilities}
    assert told["users.list"] is Verdict.UNKNOWN
    assert "users.list" in {item.operation for item in last.report.changes.lost}
    assert last.report.changes.lost_since == first.report.started_at


async def test_the_rest_of_a_loss_that_could_not_be_seen_is_not_lost_once_more():
    """The plan went down on a night when some reads failed; they are seen to be walled the night after."""
    nights = Nights()
    async with organization() as running:
        await night(running, nights)
        running.become(plan="business")
        running.put_in_front(Disturbance.GATEWAY_502, only="/users")
        first = await night(running, nights)
        running.trouble = lambda _request: None
        second = await night(running, nights)
        third = await night(running, nights)
    assert [item.exit_code for item in (first, second, third)] == [
        ExitCode.REGRESSION,
        ExitCode.DONE,
        ExitCode.DONE,
    ]
    told = {item.operation for item in first.report.changes.lost}
    assert "groups.list" in told
    assert "users.list" not in told
    assert "users.list" in {item.operation for item in second.report.changes.apart}
    assert third.report.changes.apart == ()


async def test_a_not_found_of_a_gateway_gives_and_takes_nothing():
    """It looks like an answer about an id, so like a route that is there; only weakly."""
    nights = Nights()
    async with organization("business") as running:
        await night(running, nights)
        running.trouble = lambda request: (
            json_reply(answers.failure(404, "Not found")) if "/users/" in request.path else None
        )
        strange = await night(running, nights)
        running.trouble = lambda _request: None
        after = await night(running, nights)
    told = {item.operation: item.verdict for item in strange.report.capabilities}
    assert told["users.get"] is Verdict.ALLOWED
    assert not strange.report.changes.gained
    assert (after.exit_code, after.report.changes.lost) == (ExitCode.DONE, ())


async def test_an_outage_between_two_nights_changes_nothing():
    nights = Nights()
    async with organization() as running:
        await night(running, nights)
        running.put_in_front(Disturbance.MAINTENANCE)
        outage = await night(running, nights)
        running.trouble = lambda _request: None
        after = await night(running, nights)
    assert outage.exit_code is ExitCode.INCONCLUSIVE
    assert after.exit_code is ExitCode.DONE
    assert not after.report.changes.gained


async def test_an_expired_token_is_reported_once():
    nights, both = Nights(), ("admin", "embedder")
    async with organization(tokens=both) as running:
        await night(running, nights, tokens=both)
        running.become(tokens={TOKENS["embedder"].secret.reveal(): running.options.tokens[
            TOKENS["embedder"].secret.reveal()]})  # fmt: skip
        codes = [(await night(running, nights, tokens=both)).exit_code for _ in range(3)]
    assert codes == [ExitCode.REGRESSION, ExitCode.DONE, ExitCode.DONE]


async def test_a_lost_scope_is_reported_once():
    nights = Nights()
    async with organization() as running:
        await night(running, nights)
        secret, grant = next(iter(running.options.tokens.items()))
        fewer = tuple(scope for scope in grant.scopes if not scope.startswith("users:"))
        running.become(tokens={secret: type(grant)(name=grant.name, scopes=fewer)})
        outcomes = [await night(running, nights) for _ in range(2)]
    assert [item.exit_code for item in outcomes] == [ExitCode.REGRESSION, ExitCode.DONE]
    assert not outcomes[0].report.changes.lost


async def test_the_rest_of_a_lost_scope_is_not_lost_once_more():
    """On the night of the loss a gateway's "not found" hides that an operation needs the scope too."""
    nights = Nights()
    async with organization() as running:
        await night(running, nights)
        secret, grant = next(iter(running.options.tokens.items()))
        fewer = tuple(scope for scope in grant.scopes if not scope.startswith("users:"))
        running.become(tokens={secret: type(grant)(name=grant.name, scopes=fewer)})
        running.trouble = lambda request: (
            json_reply(answers.failure(404, "Not found")) if "/users/" in request.path else None
        )
        first = await night(running, nights)
        running.trouble = lambda _request: None
        codes = [(await night(running, nights)).exit_code for _ in range(2)]
    told = {item.operation: item for item in first.report.capabilities}
    assert (first.exit_code, told["users.get"].verdict) == (ExitCode.REGRESSION, Verdict.ALLOWED)
    assert codes == [ExitCode.DONE, ExitCode.DONE]


async def test_a_history_that_fails_loses_no_report():
    class Full(Nights):
        def record(self, report, *, key="", label=""):
            raise InputError("The disk is full.", "Make room.")

    async with organization() as running:
        outcome = await night(running, Full())
    assert outcome.report.measured
    assert outcome.stored is None
    assert outcome.trouble == "The disk is full. Make room."
