"""What is told after a scan, once, and that nothing is forgotten when it cannot be delivered."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys

import msgspec
import pytest
from pytest_httpserver import HTTPServer
from raw_server import http, raw_server
from synthetic_report import synthetic_report
from werkzeug import Response

from probe.channels import channels_from, report_place, rules_from
from probe.config import ConfigFile, NotifyEntry, WebhookEntry
from probe.errors import ConfigError
from probe.judge.model import Cause, Confidence, Verdict
from probe.notify.delivery import DeliveryError, announce
from probe.notify.events import notice
from probe.notify.model import Event, Message, Rules, State, state_from, state_text
from probe.notify.services import Service
from probe.notify.webhook import Webhook, signature
from probe.notify.words import plain
from probe.report.changes import BaselineRef, CapabilityChange, ChangeKind, Changes, TokenChange
from probe.report.host import run_folder
from probe.secret import Secret

REPORT = synthetic_report()
ALLOWED = [item.operation for item in REPORT.capabilities if item.verdict is Verdict.ALLOWED]
URL = "http://127.0.0.1:{port}/hidden-address"


def lost(*operations, report=REPORT, **more):
    """Return a report in which these were lost since the baseline."""
    blocked = tuple(
        msgspec.structs.replace(item, verdict=Verdict.BLOCKED, cause=Cause.PLAN)
        if item.operation in operations
        else item
        for item in report.capabilities
    )  # fmt: skip
    changes = tuple(
        CapabilityChange(
            operation=name, group=name.partition(".")[0], kind=ChangeKind.LOST, before=Verdict.ALLOWED,
            after=Verdict.BLOCKED, cause_before=Cause.OK, cause_after=Cause.PLAN,
            confidence=Confidence.LIKELY, inferred=False, asked_again=2,
        )
        for name in operations
    )  # fmt: skip
    before = BaselineRef(label="last-good", run="x", started_at="2026-11-20T06:00:00Z", plan="business")
    said = {
        "baseline": before,
        "comparable": True,
        "reason": "",
        "headline": f"lost: {len(operations)} operations",
    }
    changes = Changes(**said, capabilities=changes, **more)
    return msgspec.structs.replace(report, capabilities=blocked, changes=changes)


UNMEASURED = msgspec.structs.replace(
    REPORT, measured=False, measured_reason="a login page <!channel> answered"
)


class Memory(dict):
    def state_get(self, key):
        return self.get(key)

    def state_set(self, key, value):
        self[key] = value


class Recorder:
    name = "a recorder"

    def __init__(self, failures=0):
        self.failures, self.tries, self.messages = failures, 0, []

    async def send(self, message):
        self.tries += 1
        if self.tries <= self.failures:
            raise DeliveryError("it answered 500")
        self.messages.append(message)


async def no_pause(_seconds):
    return None


async def tell(report, store, *channels, rules=Rules(), place="/r/report.html"):  # noqa: B008 - it is frozen
    return await announce(report, store, channels, rules, place=place, pause=no_pause)


async def test_a_loss_is_told_once_and_its_end_once():
    store, channel = Memory(), Recorder()
    names = ALLOWED[:2]
    for report in (REPORT, lost(*names), lost(*names), lost(), REPORT, REPORT):
        assert await tell(report, store, channel) == ()
    assert [message.events for message in channel.messages] == [(Event.LOST,), (Event.RECOVERED,)]
    first, second = channel.messages
    assert first.title == "lost: 2 operations"
    assert first.operations_lost == tuple(sorted(names)) == second.operations_recovered
    assert "/r/report.html" in first.body
    assert "cause: plan" in first.body


def with_verdict(verdict, *operations, report=REPORT, confidence=Confidence.LIKELY):
    """Return a report in which these have another verdict."""
    told = tuple(
        msgspec.structs.replace(item, verdict=verdict, cause=Cause.SERVER, confidence=confidence)
        if item.operation in operations
        else item
        for item in report.capabilities
    )
    return msgspec.structs.replace(report, capabilities=told)


async def test_what_could_not_be_seen_when_the_rest_came_back_is_no_message_of_its_own():
    store, channel = Memory(), Recorder()
    hidden = with_verdict(Verdict.UNKNOWN, ALLOWED[0])
    for report in (lost(*ALLOWED[:3]), hidden, hidden, REPORT, lost(ALLOWED[0])):
        await tell(report, store, channel)
    assert [message.events for message in channel.messages] == [
        (Event.LOST,),
        (Event.RECOVERED,),
        (Event.LOST,),
    ]
    assert channel.messages[2].operations_lost == (ALLOWED[0],)


async def test_what_stays_lost_while_the_rest_comes_back_is_told_when_it_does():
    store, channel = Memory(), Recorder()
    hidden = with_verdict(Verdict.UNKNOWN, ALLOWED[0])
    shut = with_verdict(Verdict.BLOCKED, ALLOWED[0])
    for report in (lost(*ALLOWED[:3]), hidden, shut, REPORT):
        await tell(report, store, channel)
    assert channel.messages[-1].operations_recovered == (ALLOWED[0],)


async def test_a_hint_is_no_recovery():
    store, channel = Memory(), Recorder()
    await tell(lost(ALLOWED[0]), store, channel)
    await tell(with_verdict(Verdict.ALLOWED, ALLOWED[0], confidence=Confidence.WEAK), store, channel)
    assert len(channel.messages) == 1


async def test_the_next_loss_names_only_what_is_new():
    store, channel = Memory(), Recorder()
    await tell(lost(ALLOWED[0]), store, channel)
    await tell(lost(*ALLOWED[:3]), store, channel)
    assert channel.messages[1].operations_lost == tuple(sorted(ALLOWED[1:3]))


async def test_one_scan_is_one_message():
    store, channel = Memory(), Recorder()
    await tell(lost(ALLOWED[0]), store, channel)
    await tell(lost(ALLOWED[1]), store, channel)
    assert channel.messages[1].events == (Event.LOST, Event.RECOVERED)


async def test_what_a_token_alone_lost_is_told():
    channel = Recorder()
    token = TokenChange(
        name="admin",
        before=REPORT.tokens[0].status, after=REPORT.tokens[0].status, scopes_lost=("users:read",),
        scopes_gained=(), reason="lost a scope", operations=(ALLOWED[0],),
    )  # fmt: skip
    await tell(lost(tokens=(token,)), Memory(), channel)
    assert channel.messages[0].operations_lost == (ALLOWED[0],)


async def test_not_measured_is_told_after_so_many_in_a_row_and_its_end():
    store, channel = Memory(), Recorder()
    for report in (*[UNMEASURED] * 2, REPORT, *[UNMEASURED] * 5, REPORT):
        await tell(report, store, channel)
    assert [message.events for message in channel.messages] == [(Event.NOT_MEASURED,), (Event.RECOVERED,)]
    assert "<!channel>" not in channel.messages[0].body
    assert "login page" in channel.messages[0].body


async def test_an_outage_ends_no_loss_and_starts_none():
    store, channel = Memory(), Recorder()
    for report in (lost(ALLOWED[0]), UNMEASURED, lost(ALLOWED[0])):
        await tell(report, store, channel)
    assert len(channel.messages) == 1


@pytest.mark.parametrize("report", [msgspec.structs.replace(lost(ALLOWED[0]), complete=False)])
def test_a_scan_that_was_cut_short_says_nothing(report):
    assert notice(report, State(), Rules()) == (State(), None)


async def test_only_what_is_asked_for_is_told():
    channel = Recorder()
    store, rules = Memory(), Rules(on=frozenset({Event.RECOVERED}))
    for report in (lost(ALLOWED[0]), REPORT, *[UNMEASURED] * 4):
        await tell(report, store, channel, rules=rules)
    assert [message.events for message in channel.messages] == [(Event.RECOVERED,)]


async def test_a_failure_is_tried_again():
    channel = Recorder(failures=2)
    assert await tell(lost(ALLOWED[0]), Memory(), channel) == ()
    assert (channel.tries, len(channel.messages)) == (3, 1)


async def test_what_was_not_delivered_comes_with_the_next_scan_and_only_where_it_is_missing():
    store, dead, fine = Memory(), Recorder(failures=3), Recorder()
    dead.name = "another"
    (trouble,) = await tell(lost(ALLOWED[0]), store, dead, fine)
    assert "another" in trouble
    assert "it answered 500" in trouble
    assert await tell(lost(ALLOWED[0]), store, dead, fine) == ()
    assert len(fine.messages) == len(dead.messages) == 1
    assert fine.messages[0].key == dead.messages[0].key


async def test_a_crash_while_sending_forgets_nothing():
    class Crash(Recorder):
        async def send(self, _message):
            raise KeyboardInterrupt

    store, after = Memory(), Recorder()
    with pytest.raises(KeyboardInterrupt):
        await tell(lost(ALLOWED[0]), store, Crash())
    await tell(lost(ALLOWED[0]), store, after)
    assert len(after.messages) == 1


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"lost": 3}'])
def test_a_state_that_cannot_be_read_is_none(text):
    assert state_from(text) == State()
    assert state_from(state_text(State(unmeasured=2))) == State(unmeasured=2)


def test_text_of_a_server_calls_nobody():
    assert not set("<>@`|\n\u202e") & set(plain("<@U1> @everyone `x` a|b\n\u202e"))


@pytest.fixture
def message():
    return notice(lost(ALLOWED[0]), State(), Rules())[1]


async def test_the_webhook_takes_no_login_from_netrc(httpserver: HTTPServer, message, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {httpserver.host} login jo password not-for-this\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    httpserver.expect_request("/hook", method="POST").respond_with_data("", status=204)
    await Webhook(Secret(httpserver.url_for("/hook")), Secret("x" * 16)).send(message)
    assert "Authorization" not in httpserver.log[0][0].headers


async def test_the_webhook_goes_through_the_proxy_of_the_environment(message, monkeypatch):
    async with raw_server(http(204)) as server:
        monkeypatch.setenv("http_proxy", server.origin.replace("//", "//jo:a-pass%2Fword@"))
        await Webhook(Secret("http://hooks.invalid/hook"), Secret("x" * 16)).send(message)
    login = base64.b64encode(b"jo:a-pass/word")
    assert server.requests[0].startswith(b"POST http://hooks.invalid/hook ")
    assert b"Proxy-Authorization: Basic " + login in server.requests[0]


async def test_a_proxy_that_cannot_be_used_is_a_delivery_that_failed(message, monkeypatch):
    monkeypatch.setenv("http_proxy", "socks5://jo:hidden@proxy.invalid")
    with pytest.raises(DeliveryError) as caught:
        await Webhook(Secret("http://hooks.invalid/hook"), Secret("x" * 16)).send(message)
    assert "hidden" not in str(caught.value)


async def test_the_webhook_is_signed_so_that_it_can_be_checked(httpserver: HTTPServer, message):
    httpserver.expect_request("/hook", method="POST").respond_with_data("")
    secret = Secret("0123456789abcdef")
    await Webhook(Secret(httpserver.url_for("/hook")), secret, clock=lambda: 1_800_000_000.7).send(message)
    ((request, _),) = httpserver.log
    body, timestamp = request.get_data(), request.headers["Plan-Probe-Timestamp"]
    expected = hmac.new(b"0123456789abcdef", timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert request.headers["Plan-Probe-Signature"] == f"v1={expected}"
    assert timestamp == "1800000000"
    assert signature(secret, "1800000001", body) != f"v1={expected}"
    assert signature(secret, timestamp, body + b" ") != f"v1={expected}"
    sent = json.loads(body)
    assert sent["key"] == request.headers["Plan-Probe-Event"]
    assert sent["operations_lost"] == [ALLOWED[0]]


@pytest.mark.parametrize("status", [301, 404, 500])
async def test_an_answer_that_is_no_success_is_a_failure_without_the_address(httpserver, message, status):
    answer = Response(status=status, headers={"Location": httpserver.url_for("/elsewhere")})
    httpserver.expect_request("/hidden-address").respond_with_response(answer)
    with pytest.raises(DeliveryError) as caught:
        await Webhook(Secret(httpserver.url_for("/hidden-address")), Secret("x" * 16)).send(message)
    assert str(caught.value) == f"it answered {status}"
    assert len(httpserver.log) == 1


async def test_no_answer_is_a_failure_without_the_address(message):
    for channel in (
        Webhook(Secret(URL.format(port=9)), Secret("x" * 16)),
        Service(Secret("json://127.0.0.1:9/hidden-address"), "number 1"),
    ):
        with pytest.raises(DeliveryError) as caught:
            await channel.send(message)
        assert "hidden" not in str(caught.value)
        assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (URL.format(port=9), "Connection refused"),
        ("no-scheme-hidden", "no URL"),
    ],
)
async def test_why_no_answer_came_is_said_in_words(message, address, why):
    with pytest.raises(DeliveryError) as caught:
        await Webhook(Secret(address), Secret("x" * 16)).send(message)
    assert why in str(caught.value)
    assert "Error" not in str(caught.value)
    assert "hidden" not in str(caught.value)


async def test_apprise_delivers(httpserver: HTTPServer, message):
    httpserver.expect_request("/take", method="POST").respond_with_data("")
    await Service(Secret(f"json://127.0.0.1:{httpserver.port}/take"), "number 1").send(message)
    ((request, _),) = httpserver.log
    sent = json.loads(request.get_data())
    assert sent["title"] == message.title
    assert sent["message"] == message.body


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (NotifyEntry(urls=("slack://hidden/word",)), "env:"),
        (NotifyEntry(urls=("env:NO_SUCH_VARIABLE",)), "NO_SUCH_VARIABLE"),
        (NotifyEntry(urls=("env:HIDDEN",)), "Apprise"),
        (NotifyEntry(webhook=WebhookEntry(url="https://x.example.com", secret="hidden")), "env:"),
        (NotifyEntry(webhook=WebhookEntry(url="https://x.example.com", secret="env:HIDDEN")), "16"),
        (NotifyEntry(webhook=WebhookEntry(url="http://hidden.example.com", secret="env:LONG")), "https"),
        (NotifyEntry(webhook=WebhookEntry(url="ftp://hidden", secret="env:LONG")), "https"),
    ],
)
def test_a_wrong_channel_is_said_without_what_it_holds(entry, named, tmp_path, monkeypatch):
    monkeypatch.setenv("HIDDEN", "hidden-word")
    monkeypatch.setenv("LONG", "hidden-word-hidden-word")
    with pytest.raises(ConfigError) as caught:
        channels_from(ConfigFile(notify=entry), tmp_path)
    said = f"{caught.value.message} {caught.value.hint}"
    assert named in said
    assert "hidden" not in said


def test_without_apprise_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigError) as caught:
        Service(Secret("json://x"), "number 1")
    assert "plan-probe[notify]" in caught.value.hint


def test_the_link_of_a_report_is_made_by_a_template(tmp_path):
    entry = NotifyEntry(report_url="https://r.example.com/{host}/{time}")
    place = report_place(rules_from(ConfigFile(notify=entry)), REPORT, tmp_path / "report.html")
    assert place.startswith("https://r.example.com/")
    assert "{" not in place
    folder = run_folder(tmp_path, REPORT.target.base_url)
    linked = report_place(rules_from(ConfigFile(notify=entry)), REPORT, folder / "report.html")
    assert linked == f"https://r.example.com/{folder.parent.name}/{folder.name}"
    assert report_place(Rules(), REPORT, tmp_path / "report.html") == str(tmp_path / "report.html")
    for bad in ("{x}", "{", "{0}", "{host.x}"):
        with pytest.raises(ConfigError):
            rules_from(ConfigFile(notify=NotifyEntry(report_url=bad)))


def test_the_command_tries_each_channel(httpserver: HTTPServer, tmp_path):
    httpserver.expect_request("/hook").respond_with_data("")
    httpserver.expect_request("/take").respond_with_data("")
    (tmp_path / "probe.toml").write_text(
        f'[notify]\nurls = ["env:APPRISE"]\n[notify.webhook]\nurl = "{httpserver.url_for("/hook")}"\n'
        'secret = "env:HOOK"\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "probe", "notify", "test"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "HOOK": "s" * 20, "APPRISE": f"json://127.0.0.1:{httpserver.port}/take"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("taken") == 2
    assert {request.path for request, _ in httpserver.log} == {"/hook", "/take"}


def test_a_message_is_known_again_by_its_key():
    one, two = (notice(lost(ALLOWED[0]), State(), Rules())[1] for _ in range(2))
    assert isinstance(one, Message)
    assert one == two
