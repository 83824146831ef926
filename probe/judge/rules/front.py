"""Rules for what stands in front of the API and answers in its place: never evidence about a plan.

Comes in: a Case. Goes out: a Diagnosis or None. Strong headers come first, then the marks of
products, then wording. Pure.
"""

from __future__ import annotations

from http import HTTPStatus

from probe.evidence import Form
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules import words
from probe.judge.rules.base import FIRST_ERROR, FIRST_SERVER_ERROR, Case, Rule, say, what
from probe.patterns import Pattern

_GATEWAY_STATUSES = frozenset({502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530})
_TEXT_CODE = Pattern(r"error code: ?(1\d{3}|5\d\d)\b")
_GENERIC_PROXY = frozenset({"proxy.policy", "proxy.captive", "proxy.other"})
_GENERIC_EDGE = frozenset({"edge.generic-challenge", "edge.ip-block", "edge.friendly"})
_PROXY_SERVERS = Pattern(
    r"squid|zscaler|privoxy|bluecoat|blue coat|proxysg|mcafee|mwg|ironport|wsa/|forcepoint|websense|netskope|"
    r"tinyproxy|mitmproxy|fortiproxy|skyhigh|barracuda/|webmarshal|contentgateway|cisco-wsa|swg\b"
)
_WAF_SERVERS = Pattern(
    "akamaighost|sucuri|imperva|incapsula|ddos-guard|yunjiasu|wangzhan|safedog|datadome|qrator|cloudbric|wallarm|bunnycdn-shield|aliyunwaf|hw-waf|yundun|fortiweb|barracuda|bigip|big-ip|stackpath"
)


def _waf_header(case: Case) -> Diagnosis | None:
    """Judge by headers that only a WAF's own answer carries."""
    if case.response is None or case.kind is Kind.JSON_SUCCESS:
        return None
    for name in (
        "cf-mitigated",
        "x-amzn-waf-action",
        "x-sucuri-block",
        "x-vercel-mitigated",
        "x-px-block",
        "x-waf-event-info",
    ):
        if case.header(name):
            return _edge("waf_header", f"{case.status} with the header {name}: {case.header(name)}")
    blocked = FIRST_ERROR <= case.status < FIRST_SERVER_ERROR
    for name in ("x-datadome", "x-dd-b", "x-kpsdk-ct"):
        if blocked and case.header(name) and case.status in {403, 405, 429}:
            return _edge("waf_header", f"{case.status} with the header {name}")
    return None


def _edge(rule: str, seen: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    reason = f"{seen}: a firewall or content network answered, not the API"
    return say(rule, Cause.EDGE, confidence, reason, settle="ask from another network address")


def _proxy(rule: str, seen: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    reason = f"{seen}: a proxy or filter of this network answered, not the API"
    return say(rule, Cause.PROXY, confidence, reason, settle="ask from another network")


def _proxy_header(case: Case) -> Diagnosis | None:
    if case.response is None or case.kind is Kind.JSON_SUCCESS:
        return None
    if case.status in {407, 511}:
        return _proxy("proxy_header", f"status {case.status}, which only a network in between sends")
    for name in ("x-squid-error", "proxy-authenticate", "x-bluecoat-via", "x-zscaler"):
        if case.header(name):
            return _proxy("proxy_header", f"the header {name}")
    server = case.header("server")
    if not case.is_json and case.status != 0 and _PROXY_SERVERS.search(server):
        return _proxy("proxy_header", f"the server calls itself {server}", Confidence.LIKELY)
    return None


def _marked(case: Case, prefix: str, without: frozenset[str] = frozenset()) -> str:
    return next((name for name in case.markers if name.startswith(prefix) and name not in without), "")


def _proxy_mark(case: Case) -> Diagnosis | None:
    mark = _marked(case, "proxy.", _GENERIC_PROXY)
    if not mark:
        return None
    return _proxy("proxy_mark", f"{what(case)} carries the marks of {_name(mark)}")


def _gateway_mark(case: Case) -> Diagnosis | None:
    """Judge a page by a gateway's own marks, or a content network's page by a gateway's status."""
    mark = _marked(case, "gateway.")
    edge = _marked(case, "edge.", _GENERIC_EDGE)
    by_status = case.status in _GATEWAY_STATUSES or (
        case.status == HTTPStatus.SERVICE_UNAVAILABLE
        and edge in {"edge.azure", "edge.cloudfront", "edge.fastly"}
    )
    if by_status and edge and "challenge" not in edge:
        mark = mark or edge
    elif not mark or 0 < case.status < FIRST_ERROR or (edge and case.status < FIRST_SERVER_ERROR):
        return None
    return _gateway("gateway_mark", f"{what(case)} carries the marks of {_name(mark)}")


def _gateway(rule: str, seen: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    reason = f"{seen}: a gateway could not reach the server behind it"
    return say(rule, Cause.GATEWAY, confidence, reason, settle="ask again later")


def _edge_mark(case: Case) -> Diagnosis | None:
    mark = _marked(case, "edge.", _GENERIC_EDGE)
    if not mark:
        return None
    return _edge("edge_mark", f"{what(case)} carries the marks of {_name(mark)}")


def _login_mark(case: Case) -> Diagnosis | None:
    mark = _marked(case, "login.")
    if not mark or case.status >= FIRST_SERVER_ERROR or _marked(case, "proxy.captive"):
        return None
    if case.status == HTTPStatus.NOT_FOUND and not _asks_for_login(case):
        return None
    return _login("login_mark", f"{what(case)} carries the marks of {_name(mark)}")


def _login(rule: str, seen: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    reason = f"{seen}: a sign-in page stands in the place of the API's answer"
    return say(rule, Cause.LOGIN, confidence, reason, settle="ask the same with a made-up token")


def _asks_for_login(case: Case) -> bool:
    return case.page is not None and (case.page.password_input or bool(words.LOGIN.search(case.headline)))


def _generic_mark(case: Case) -> Diagnosis | None:
    """Judge by wording that names no product: a filter's policy, a portal, a test for robots."""
    if case.page is None or case.page.app_shell:
        return None
    if _marked(case, "edge.generic-challenge"):
        return _edge("generic_mark", f"{what(case)} tests for robots", Confidence.LIKELY)
    for mark in sorted(_GENERIC_PROXY):
        if mark in case.markers:
            return _proxy("generic_mark", f"{what(case)} speaks of {_name(mark)}", Confidence.LIKELY)
    if _marked(case, "edge."):
        return _edge("generic_mark", f"{what(case)} speaks of a block by address", Confidence.LIKELY)
    return None


def _name(mark: str) -> str:
    kind, _, product = mark.partition(".")
    plain = {"policy": "a network policy", "captive": "a captive portal", "other": f"a {kind}"}
    return plain.get(product, product.replace("-", " "))


def _server_header(case: Case) -> Diagnosis | None:
    """Judge a bare refusal by the WAF that calls itself the server."""
    if case.is_json or case.status not in {400, 403, 405, 406, 409, 429, 503}:
        return None
    server, body = case.header("server"), case.response.body if case.response else None
    if _WAF_SERVERS.search(server):
        return _edge(
            "server_header", f"{what(case)} from a server that calls itself {server}", Confidence.LIKELY
        )
    if (
        body is not None
        and server == "cloudflare"
        and case.status == HTTPStatus.FORBIDDEN
        and body.form is not Form.JSON
    ):
        return _edge("server_header", f"{what(case)} from {server}", Confidence.LIKELY)
    return None


def _plain_code(case: Case) -> Diagnosis | None:
    """Judge the short text that Cloudflare sends to what is no browser."""
    if case.kind is not Kind.OTHER or not case.text:
        return None
    code = _TEXT_CODE.search(case.text[:200])
    if code is None:
        return None
    if code[1].startswith("5") or code[1] in {"1016", "1033"}:
        return _gateway("plain_code", f"{what(case)}")
    return _edge("plain_code", f"{what(case)}")


FRONT_RULES = (
    Rule(
        "waf_header",
        (Cause.EDGE,),
        "a header that only a firewall's own answer carries: cf-mitigated, x-amzn-waf-action, "
        "x-sucuri-block, ...",
        "Cloudflare docs detect-response; AWS WAF guide captcha-and-challenge-actions; wafw00f "
        "sucuri, vercel",
        _waf_header,
    ),
    Rule(
        "proxy_header",
        (Cause.PROXY,),
        "407, 511, x-squid-error, proxy-authenticate, or a server that calls itself a forward proxy",
        "RFC 9110 section 15.5.8; RFC 6585 section 6; squid src/errorpage.cc; wafw00f zscaler, squidproxy",
        _proxy_header,
    ),
    Rule(
        "proxy_mark",
        (Cause.PROXY,),
        "a page with the marks of a forward proxy or web filter",
        "squid errors/templates; wafw00f zscaler, squidproxy; epub-press-clients #20",
        _proxy_mark,
    ),
    Rule(
        "gateway_mark",
        (Cause.GATEWAY,),
        "an error page with the marks of a reverse proxy or content network that cannot reach its origin",
        "Cloudflare docs error-page-types; nginx ngx_http_special_response.c; haproxy src/http.c; Kong #927",
        _gateway_mark,
    ),
    Rule(
        "edge_mark",
        (Cause.EDGE,),
        "a page with the marks of a firewall, bot check or content network",
        "web-check #268; python-gitlab #2510; wafw00f kona, incapsula, sucuri, vercel, anubis, "
        "f5bigipasm, cloudfront",
        _edge_mark,
    ),
    Rule(
        "login_mark",
        (Cause.LOGIN,),
        "a page with the marks of a sign-in product",
        "oauth2-proxy oauthproxy.go; cloudflared #1637",
        _login_mark,
    ),
    Rule(
        "generic_mark",
        (Cause.EDGE, Cause.PROXY),
        "a page that tests for robots, or speaks of a network's policy, a portal or a blocked address",
        "evertpot.com/http/511; RFC 6585 section 6; NPSP #7247",
        _generic_mark,
    ),
    Rule(
        "server_header",
        (Cause.EDGE,),
        "a refusal that is no JSON from a server that calls itself a firewall",
        "wafw00f kona, sucuri; Cloudflare docs 1xxx errors",
        _server_header,
    ),
    Rule(
        "plain_code",
        (Cause.EDGE, Cause.GATEWAY),
        "the text `error code: 1001` and its like",
        "Cloudflare docs 1xxx errors; docrot-api v1.4.0 notes",
        _plain_code,
    ),
)
