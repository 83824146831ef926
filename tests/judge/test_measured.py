"""A run whose controls met something in between says so, and nothing about the plan."""

import re

import pytest
from run_world import (
    OTHER_PAGE,
    SHELL_ANSWER,
    UNAUTHORIZED,
    answer,
    catalog,
    control,
    controls,
    refusal,
    run,
)

from probe.evidence import CertificateFault, ControlRole, Failure, FailureReason, TokenInfo
from probe.judge.diagnose import diagnose_run
from probe.judge.model import Cause

CHALLENGE = answer(403, b"<html><title>Just a moment...</title></html>", (("cf-mitigated", "challenge"),))
WAF = answer(403, b"<html><title>Attention Required! | Cloudflare</title></html>")
LOGIN = answer(200, b"<html><title>Sign in</title><form><input type=password></form></html>")
LOGIN_REDIRECT = answer(302, b"", (("location", "/auth/login?next=x"),))
PROXY = answer(
    403,
    b"<html><title>ERROR: The requested URL could not be retrieved</title></html>",
    (("x-squid-error", "ERR_ACCESS_DENIED 0"),),
)
PORTAL = answer(302, b"", (("location", "http://captive.example.net/hotspot"),))
GATEWAY = answer(502, b"<html><title>502 Bad Gateway</title><hr><center>nginx</center></html>")
MAINTENANCE = answer(503, b"<html><title>Down for maintenance</title></html>")
MAINTENANCE_200 = answer(200, b"<html><title>Scheduled maintenance</title></html>")
LIMITED = answer(429, b"<html><title>429 Too Many Requests</title></html>")
ADDRESS = refusal(403, "Your IP address is not on the allow list")
BROKEN = answer(500, b"<html><title>Internal Server Error</title></html>")
DNS = Failure(reason=FailureReason.DNS, detail="no such host")

IN_BETWEEN = {
    "challenge": (CHALLENGE, Cause.EDGE),
    "firewall": (WAF, Cause.EDGE),
    "login page": (LOGIN, Cause.LOGIN),
    "login redirect": (LOGIN_REDIRECT, Cause.LOGIN),
    "proxy": (PROXY, Cause.PROXY),
    "captive portal": (PORTAL, Cause.PROXY),
    "gateway": (GATEWAY, Cause.GATEWAY),
    "maintenance": (MAINTENANCE, Cause.MAINTENANCE),
    "maintenance with 200": (MAINTENANCE_200, Cause.MAINTENANCE),
    "rate limit": (LIMITED, Cause.RATE_LIMIT),
    "allow list": (ADDRESS, Cause.EDGE),
    "server failure": (BROKEN, Cause.SERVER),
    "no host": (DNS, Cause.NETWORK),
    "wrong base URL": (SHELL_ANSWER, Cause.ROUTE),
    "another site": (answer(404, OTHER_PAGE), Cause.ROUTE),
    "redirect": (answer(301, b"", (("location", "https://www.example.com/"),)), Cause.REDIRECT),
}


def everywhere(outcome):
    """Return controls that all met the same."""
    return controls(
        unmounted=outcome, document=outcome, root=outcome, anonymous=outcome, garbage=outcome, real=outcome
    )


@pytest.mark.parametrize("what", IN_BETWEEN)
def test_a_run_behind_something_is_not_measured(what):
    outcome, cause = IN_BETWEEN[what]
    answers = {"invites.list": outcome, "users.list": outcome, "users.create": outcome}
    found = diagnose_run(run(answers, base=everywhere(outcome)), catalog())
    assert not found.measured.measured
    assert found.measured.cause is cause
    assert found.measured.reason
    assert found.measured.advice
    assert not {item.diagnosis.cause for item in found.findings} & {Cause.PLAN, Cause.ROUTE, Cause.VERSION}


@pytest.mark.parametrize("what", IN_BETWEEN)
def test_the_reason_says_nothing_twice(what):
    measured = diagnose_run(run({}, base=everywhere(IN_BETWEEN[what][0])), catalog()).measured
    ours = re.sub(r'".*?"|\(.*?\)', "", measured.reason)  # without what is quoted
    words = ours.replace(":", "").split()
    runs = [" ".join(words[place : place + 3]) for place in range(len(words) - 2)]
    assert len(set(runs)) == len(runs)
    assert measured.reason.count("answer") <= 1


@pytest.mark.parametrize("what", IN_BETWEEN)
def test_controls_alone_are_enough_to_stop(what):
    found = diagnose_run(run({}, base=everywhere(IN_BETWEEN[what][0])), catalog())
    assert not found.measured.measured
    assert found.findings == ()


@pytest.mark.parametrize(
    "what", [name for name in IN_BETWEEN if name not in {"wrong base URL", "another site"}]
)
def test_what_a_single_operation_met_is_never_the_plans(what):
    """One operation meets it while the rest of the run is well."""
    outcome, cause = IN_BETWEEN[what]
    answers = {"invites.list": answer(), "groups.list": SHELL_ANSWER, "users.list": outcome}
    found = diagnose_run(run(answers), catalog())
    assert found.measured.measured
    by_id = {item.exchange.operation: item.diagnosis.cause for item in found.findings}
    assert by_id["users.list"] is cause
    assert by_id["groups.list"] is Cause.PLAN


@pytest.mark.parametrize("what", ["challenge", "firewall", "login page", "proxy", "gateway", "maintenance"])
def test_what_unmounted_routes_meet_too_is_still_never_the_plans(what):
    """Only the calibration read gets through: then pages cannot be compared."""
    outcome, _ = IN_BETWEEN[what]
    answers = {"invites.list": answer(), "users.list": outcome, "groups.list": outcome}
    found = diagnose_run(run(answers, base=controls(unmounted=outcome)), catalog())
    assert not {item.diagnosis.cause for item in found.findings} & {Cause.PLAN, Cause.ROUTE, Cause.VERSION}


def test_a_run_with_a_working_api_is_measured():
    found = diagnose_run(run({"invites.list": answer()}), catalog()).measured
    assert (found.measured, found.cause) == (True, Cause.OK)


def test_an_applications_own_login_page_for_unknown_routes_does_not_stop_a_run():
    found = diagnose_run(
        run({"invites.list": answer(), "users.list": LOGIN}, base=controls(unmounted=LOGIN)), catalog()
    )
    assert found.measured.measured
    assert [item.diagnosis.cause for item in found.findings] == [Cause.OK, Cause.LOGIN]


def test_all_tokens_refused_is_inconclusive():
    found = diagnose_run(
        run({}, base=controls(real=UNAUTHORIZED, tokens=("all", "second"))), catalog()
    ).measured
    assert (found.measured, found.cause) == (False, Cause.TOKEN)
    assert "2 tokens" in found.reason


def test_a_blip_on_one_tokens_calibration_hides_no_refusal_of_all():
    base = (
        *controls(real=UNAUTHORIZED),
        control(ControlRole.REAL_TOKEN, answer(status=502), token="second", name="invites.list"),
    )
    tokens = (TokenInfo(name="all"), TokenInfo(name="second"))
    asked = diagnose_run(run({"invites.list": UNAUTHORIZED}, base=base, tokens=tokens), catalog()).measured
    assert (asked.measured, asked.cause) == (False, Cause.TOKEN)
    assert diagnose_run(run({}, base=base, tokens=tokens), catalog()).measured.measured  # ask first


def test_one_accepted_token_is_enough():
    base = (*controls(), control(ControlRole.REAL_TOKEN, UNAUTHORIZED, token="old", name="invites.list"))
    made = run({"invites.list": answer()}, base=base, tokens=(TokenInfo(name="all"), TokenInfo(name="old")))
    assert diagnose_run(made, catalog()).measured.measured


def test_a_protected_document_alone_does_not_stop_a_run():
    assert diagnose_run(
        run({"invites.list": answer()}, base=controls(document=LOGIN)), catalog()
    ).measured.measured


def test_the_wrong_base_url_names_the_root_page():
    found = diagnose_run(run({}, base=everywhere(SHELL_ANSWER)), catalog()).measured
    assert "wrong base URL" in found.reason
    assert "root" in found.reason


def test_an_organization_whose_calibration_is_walled_is_measured_by_its_document():
    base = controls(real=SHELL_ANSWER, anonymous=SHELL_ANSWER, garbage=SHELL_ANSWER)
    found = diagnose_run(run({"invites.list": SHELL_ANSWER}, base=base), catalog())
    assert found.measured.measured
    assert found.findings[0].diagnosis.cause is Cause.ROUTE


@pytest.mark.parametrize(
    ("outcome", "to_do"),
    [
        (DNS, "DNS"),
        (Failure(reason=FailureReason.CONNECT), "port"),
        (Failure(reason=FailureReason.TIMEOUT), "VPN"),
        (Failure(reason=FailureReason.RESET), "https or http"),
        (Failure(reason=FailureReason.PROTOCOL), "https or http"),
        (Failure(reason=FailureReason.TLS), "https"),
        (Failure(reason=FailureReason.TLS, certificate=CertificateFault.UNKNOWN_AUTHORITY), "--ca-bundle"),
        (Failure(reason=FailureReason.TLS, certificate=CertificateFault.NOT_YET_VALID), "clock"),
        (Failure(reason=FailureReason.TLS, certificate=CertificateFault.REVOKED), "administrators"),
        (Failure(reason=FailureReason.PROXY, proxy_status=407), "USER:PASSWORD"),
        (Failure(reason=FailureReason.PROXY, proxy_status=403), "without this proxy"),
        (Failure(reason=FailureReason.PROXY), "NO_PROXY"),
        (answer(407, b"<html><title>Denied</title></html>"), "USER:PASSWORD"),
    ],
)
def test_what_to_do_fits_how_it_failed(outcome, to_do):
    assert to_do in diagnose_run(run({}, base=everywhere(outcome)), catalog()).measured.advice
