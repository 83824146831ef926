"""What to do next where a scan could not speak about the plan.

Comes in: the cause, and the outcome that shows it best. Goes out: a sentence or two for somebody who sees
the tool for the first time. Pure.
"""

from __future__ import annotations

from typing import assert_never

from probe.evidence import CertificateFault, Failure, FailureReason, Response
from probe.judge.model import Cause

_ADVICE = {
    Cause.EDGE: "Ask from a network address that the firewall lets through, or have this one allowed.",
    Cause.LOGIN: "Ask from behind the sign-in gateway, or have the API's path exempted; check the token.",
    Cause.PROXY: "Ask from a network without this proxy or filter, or have the host allowed in it.",
    Cause.GATEWAY: "Ask again later; if it stays so, tell the server's administrators.",
    Cause.SERVER: "Ask again later; if it stays so, tell the server's administrators.",
    Cause.MAINTENANCE: "Ask again when the maintenance is over.",
    Cause.RATE_LIMIT: "Wait, then ask with fewer requests a minute (--requests-per-minute).",
    Cause.NETWORK: "Check the host name, the network and the certificate, then ask again.",
    Cause.ROUTE: "Check the base URL: the host, the region and the organization's own address.",
    Cause.REDIRECT: "Use the address that the redirect names as the base URL.",
    Cause.TOKEN: "Check the tokens: their value, their expiry, and that they belong to this organization.",
    Cause.UNKNOWN: "Look at the pages that came back, listed under walls, and check the base URL.",
}
_PROXY_LOGIN = 407
_LOGIN_OF_PROXY = (
    "Give the proxy its user name and password, or correct them: set HTTPS_PROXY (HTTP_PROXY for a plain "
    "http address) to http://USER:PASSWORD@HOST:PORT, then ask again."
)
_CUT = (
    "Check the base URL's port, and whether it is https or http. A firewall in between may also cut "
    "connections."
)
# What fits how no answer came; the others are faults of ours, of which the cause says as much.
_WITHOUT_ANSWER = {
    FailureReason.PROXY: (
        "Check the proxy that HTTPS_PROXY or HTTP_PROXY names: its host, its port, and that it runs. "
        "Set NO_PROXY to the API's host to ask without it."
    ),
    FailureReason.DNS: (
        "Check the spelling of the host in the base URL. If it is right, this machine cannot look it up: "
        "check its DNS, and the VPN that knows the name."
    ),
    FailureReason.CONNECT: (
        "Check that the server runs, and the base URL's host and port. A firewall, or a VPN that is not "
        "connected, looks the same."
    ),
    FailureReason.TLS: (
        "Check that the base URL's port speaks https (a port of plain http needs http:// and --allow-http); "
        "a network in between may also break it."
    ),
    FailureReason.TIMEOUT: (
        "Check that this machine reaches the server: its network, a VPN, a firewall, a proxy that "
        "HTTPS_PROXY must name, and the base URL's port."
    ),
    FailureReason.RESET: _CUT,
    FailureReason.PROTOCOL: _CUT,
}


def advice_for(cause: Cause, outcome: Response | Failure | None) -> str:
    """Return what to do next; the outcome, where there is one, tells more than the cause."""
    match outcome:
        case Failure(certificate=CertificateFault() as fault):
            return _for_certificate(fault)
        case Response(status=407) if cause is Cause.PROXY:
            return _LOGIN_OF_PROXY
        case Failure(proxy_status=int() as status) if cause is Cause.PROXY:
            return _LOGIN_OF_PROXY if status == _PROXY_LOGIN else _ADVICE[cause]
        case Failure() if cause in {Cause.NETWORK, Cause.PROXY}:
            return _WITHOUT_ANSWER.get(outcome.reason, _ADVICE[cause])
        case _:
            return _ADVICE.get(cause, _ADVICE[Cause.UNKNOWN])


def _for_certificate(fault: CertificateFault) -> str:
    match fault:
        case CertificateFault.UNKNOWN_AUTHORITY:
            return (
                "If the server, or the network in between, is your own: scan again with --ca-bundle FILE, "
                "where FILE is the certificate (PEM) of the authority that signs there. If it is not, do not "
                "go on: somebody may read along."
            )
        case CertificateFault.EXPIRED:
            return "Check this machine's clock; if it is right, the server's certificate must be renewed."
        case CertificateFault.NOT_YET_VALID:
            return "Check this machine's clock, then ask again."
        case CertificateFault.OTHER_NAME:
            return (
                "Use the host name that the certificate is for as the base URL, or have the server given a "
                "certificate for this one."
            )
        case CertificateFault.REVOKED | CertificateFault.OTHER:
            return "Tell the server's administrators: its certificate must be replaced."
        case _:
            assert_never(fault)
