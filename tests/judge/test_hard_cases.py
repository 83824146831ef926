"""The hard cases, numbered as in the evidence base, served byte for byte over a real socket.

Each goes through the scan's own client, so that what is tested is what a scan would say.
"""

# ruff: noqa: E501 - one case a line reads best

import codecs
import gzip
import json
import zlib

import pytest
from raw_server import http, raw_server
from virtual_time import Clock

from probe.catalog.model import Hazard
from probe.evidence import Limits
from probe.judge.context import Context
from probe.judge.diagnose import diagnose
from probe.judge.model import Cause, Kind
from probe.judge.sort import sort
from probe.masking import Mask
from probe.scan.calls import Call
from probe.scan.client import Client

LIMITS = Limits(
    concurrency=1,
    requests_per_minute=None,
    connect_timeout_s=5,
    first_byte_timeout_s=5,
    body_timeout_s=5,
    body_cap_bytes=1024 * 1024,
    retries=0,
    retry_after_cap_s=0,
)
CALL = Call(method="GET", template="/api/v2/users", hazard=Hazard.READ)
JSON = "Content-Type: application/json"
HTML = "Content-Type: text/html; charset=utf-8"
PAGE = b"<!doctype html><html><head><title>Tool</title></head><body><p>A page of its own.</p></body></html>"
OK = b'{"data": [{"id": 1}]}'
SUCCESS, ERROR, WALL, OTHER = Kind.JSON_SUCCESS, Kind.JSON_ERROR, Kind.HTML_WALL, Kind.OTHER
DEEP = b"[" * 100_000 + b"]" * 100_000


def login(path: str) -> bytes:
    return http(302, b"", f"Location: {path}")


async def exchange(raw: bytes):
    clock = Clock()
    async with (
        raw_server(raw) as server,
        Client(server.origin, LIMITS, Mask(), clock=clock, sleep=clock.sleep) as client,
    ):
        answer = await client.ask(CALL)
    from probe.evidence import Exchange

    return Exchange(request=answer.request, attempts=answer.attempts)


CASES = [
    ("1 JSON under text/html", http(200, OK, HTML), SUCCESS, Cause.OK),
    ("2 HTML under application/json", http(200, PAGE, JSON), WALL, None),
    ("3 no content type, JSON", http(200, OK), SUCCESS, Cause.OK),
    ("3 no content type, HTML", http(404, PAGE), WALL, Cause.ROUTE),
    ("4 204", http(204), SUCCESS, Cause.OK),
    ("4 205", http(205), SUCCESS, Cause.OK),
    ("4 empty 200", http(200), OTHER, Cause.UNKNOWN),
    ("4 blank 200", http(200, b" \r\n\t \n", JSON), OTHER, Cause.UNKNOWN),
    ("5 202 of a firewall", http(202, b"", "x-amzn-waf-action: challenge"), OTHER, Cause.EDGE),
    ("5 202 with JSON", http(202, OK, JSON), SUCCESS, Cause.OK),
    ("6 redirect to a login", login("/auth/login"), OTHER, Cause.LOGIN),
    ("6 the login page itself", http(200, b"<html><title>Log in</title><form><input type=password></form>", HTML), WALL, Cause.LOGIN),
    ("7 to another host", http(301, b"", "Location: https://www.example.com/api/v2/users"), OTHER, Cause.REDIRECT),
    ("8 403 page of an edge", http(403, b"<html><title>Attention Required! | Cloudflare</title>", HTML, "cf-ray: 1-FRA"), WALL, Cause.EDGE),
    ("8 403 JSON behind an edge", http(403, b'{"message": "missing scope users:read"}', JSON, "cf-ray: 1-FRA", "Server: cloudflare"), ERROR, Cause.SCOPE),
    ("9 401 page", http(401, b"<html><title>401 Authorization Required</title></html>", HTML), WALL, Cause.TOKEN),
    ("9 401 JSON", http(401, b'{"message": "Authentication failure"}', JSON), ERROR, Cause.TOKEN),
    ("9 401 JSON with a demand", http(401, b"{}", JSON, 'WWW-Authenticate: Bearer error="invalid_token"'), ERROR, Cause.TOKEN),
    ("9 407", http(407, PAGE, HTML), WALL, Cause.PROXY),
    ("10 BOM", http(200, codecs.BOM_UTF8 + OK, JSON), SUCCESS, Cause.OK),
    ("10 UTF-16 with a mark", http(200, OK.decode().encode("utf-16"), JSON), SUCCESS, Cause.OK),
    ("10 UTF-16 without", http(200, OK.decode().encode("utf-16-be"), JSON), SUCCESS, Cause.OK),
    ("10 UTF-32", http(200, OK.decode().encode("utf-32"), JSON), SUCCESS, Cause.OK),
    ("11 BOM and blank lines", http(200, codecs.BOM_UTF8 + b"\n\n  " + PAGE, HTML), WALL, None),
    ("11 XML prologue", http(200, b'<?xml version="1.0"?>\n' + PAGE, HTML), WALL, None),
    ("11 comment first", http(200, b"<!-- built by x -->\n<!-- and y -->" + PAGE, HTML), WALL, None),
    ("11 XHTML", http(200, b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "Content-Type: application/xhtml+xml"), WALL, None),
    ("12 null", http(200, b"null", JSON), SUCCESS, Cause.OK),
    ("12 true", http(200, b"true", JSON), SUCCESS, Cause.OK),
    ("12 text", http(200, b'"text"', JSON), SUCCESS, Cause.OK),
    ("12 zero", http(200, b"0", JSON), SUCCESS, Cause.OK),
    ("13 JSON text of HTML", http(200, b'"<!doctype html><html></html>"', JSON), SUCCESS, Cause.OK),
    ("13 JSON field of HTML", http(200, json.dumps({"page": PAGE.decode()}).encode(), JSON), SUCCESS, Cause.OK),
    ("14 XML", http(200, b'<?xml version="1.0"?><users><user/></users>', "Content-Type: application/xml"), OTHER, None),
    ("14 SVG", http(200, b'<svg xmlns="http://www.w3.org/2000/svg"><path/></svg>', "Content-Type: image/svg+xml"), OTHER, None),
    ("14 RSS", http(200, b'<rss version="2.0"><channel><title>x</title></channel></rss>'), OTHER, None),
    ("14 SOAP", http(500, b'<soap:Envelope xmlns:soap="x"><soap:Body/></soap:Envelope>', "Content-Type: text/xml"), OTHER, Cause.SERVER),
    ("14 object store", http(403, b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "Content-Type: application/xml"), OTHER, Cause.ROUTE),
    ("15 JSONP", http(200, b"cb(" + OK + b");", "Content-Type: text/javascript"), SUCCESS, Cause.OK),
    ("15 guard prefix", http(200, b")]}'\n" + OK, JSON), SUCCESS, Cause.OK),
    ("15 endless loop prefix", http(200, b"while(1);" + OK, JSON), SUCCESS, Cause.OK),
    ("16 NDJSON", http(200, b'{"a": 1}\n{"a": 2}\n', "Content-Type: application/x-ndjson"), SUCCESS, Cause.OK),
    ("16 text sequence", http(200, b'\x1e{"a": 1}\n\x1e{"a": 2}\n', "Content-Type: application/json-seq"), SUCCESS, Cause.OK),
    ("16 event stream", http(200, b'event: x\ndata: {"a": 1}\n\n', "Content-Type: text/event-stream"), SUCCESS, Cause.OK),
    ("16 NDJSON of an error", http(500, b'{"a": 1}\n{"a": 2}\n', "Content-Type: application/x-ndjson"), ERROR, Cause.SERVER),
    ("17 problem+json", http(403, b'{"title": "Forbidden", "detail": "missing permission", "status": 403}', "Content-Type: application/problem+json"), ERROR, Cause.SCOPE),
    ("17 vendor +json", http(200, OK, "Content-Type: application/vnd.example.v2+json"), SUCCESS, Cause.OK),
    ("17 scim+json with a status in text", http(404, b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "User not found"}', "Content-Type: application/scim+json"), ERROR, Cause.MISSING_RESOURCE),
    ("18 success false", http(200, b'{"success": false, "message": "name is required"}', JSON), ERROR, Cause.VALIDATION),
    ("18 ok false", http(200, b'{"ok": false, "error": "not_authed"}', JSON), ERROR, Cause.TOKEN),
    ("18 GraphQL errors alone", http(200, b'{"errors": [{"message": "x is required"}], "data": null}', JSON), ERROR, Cause.VALIDATION),
    ("18 GraphQL errors beside data", http(200, b'{"errors": [{"message": "x"}], "data": {"a": 1}}', JSON), SUCCESS, Cause.OK),
    ("18 success true under 4xx", http(400, b'{"success": true}', JSON), ERROR, None),
    ("19 404 inside a 200", http(200, b'{"status": 404, "message": "no such user"}', JSON), ERROR, Cause.MISSING_RESOURCE),
    ("19 401 inside a 200", http(200, b'{"code": 401, "message": "Token expired"}', JSON), ERROR, Cause.TOKEN),
    ("20 empty list", http(200, b'{"success": true, "data": []}', JSON), SUCCESS, Cause.OK),
    ("21 402 JSON", http(402, b'{"message": "Payment Required"}', JSON), ERROR, Cause.PLAN),
    ("21 402 page", http(402, b"<html><title>Payment required</title></html>", HTML), WALL, Cause.PLAN),
    ("21 402, merely unpaid", http(402, b'{"message": "Your invoice is past due"}', JSON), ERROR, Cause.UNKNOWN),
    ("22 no such object", http(404, b'{"success": false, "message": "User with id 1 does not exist"}', JSON), ERROR, Cause.MISSING_RESOURCE),
    ("22 no such route", http(404, b'{"message": "Route GET:/x not found"}', JSON), ERROR, Cause.ROUTE),
    ("22 no such route, page", http(404, b"<html><title>Error</title><pre>Cannot GET /api/x</pre></html>", HTML), WALL, Cause.ROUTE),
    ("23 405 JSON", http(405, b'{"message": "Method Not Allowed"}', JSON), ERROR, Cause.METHOD),
    ("23 405 page", http(405, b"<html><title>405 Not Allowed</title><hr><center>nginx</center></html>", HTML), WALL, Cause.METHOD),
    ("23 405 captcha", http(405, PAGE, HTML, "x-amzn-waf-action: captcha"), WALL, Cause.EDGE),
    ("24 501 licence", http(501, b'{"message": "Your license does not support this feature"}', JSON), ERROR, Cause.PLAN),
    ("24 426", http(426, b'{"message": "Upgrade required"}', JSON), ERROR, Cause.VERSION),
    ("24 410 version", http(410, b'{"message": "API version 1 is no longer supported"}', JSON), ERROR, Cause.VERSION),
    ("24 421", http(421, b"<html><title>421 Misdirected Request</title></html>", HTML), WALL, Cause.UNKNOWN),
    ("25 stack page", http(500, b"<html><title>ValueError at /api</title><pre>Traceback (most recent call last)</pre></html>", HTML), WALL, Cause.SERVER),
    ("26 502 page", http(502, b"<html><title>502 Bad Gateway</title><hr><center>nginx</center></html>", HTML), WALL, Cause.GATEWAY),
    ("27 503 maintenance", http(503, b"<html><title>Down for maintenance</title></html>", HTML), WALL, Cause.MAINTENANCE),
    ("27 200 maintenance", http(200, b"<html><title>Under maintenance</title></html>", HTML), WALL, Cause.MAINTENANCE),
    ("28 429 page", http(429, b"<html><title>429 Too Many Requests</title></html>", HTML), WALL, Cause.RATE_LIMIT),
    ("28 429 JSON with a date", http(429, b'{"message": "slow down"}', JSON, "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"), ERROR, Cause.RATE_LIMIT),
    ("28 403 for 429", http(403, b'{"message": "API rate limit exceeded"}', JSON), ERROR, Cause.RATE_LIMIT),
    ("29 gzip without a header", http(200, gzip.compress(OK), JSON), SUCCESS, Cause.OK),
    ("29 gzip twice", http(200, gzip.compress(gzip.compress(OK)), JSON, "Content-Encoding: gzip, gzip"), SUCCESS, Cause.OK),
    ("29 gzip twice, said once", http(200, gzip.compress(gzip.compress(OK)), JSON, "Content-Encoding: gzip"), SUCCESS, Cause.OK),
    ("29 gzip said, plain sent", http(200, OK, JSON, "Content-Encoding: gzip"), SUCCESS, Cause.OK),
    ("29 deflate with a wrapper", http(200, zlib.compress(OK), JSON, "Content-Encoding: deflate"), SUCCESS, Cause.OK),
    ("29 raw deflate", http(200, zlib.compress(OK)[2:-4], JSON, "Content-Encoding: deflate"), SUCCESS, Cause.OK),
    ("29 an encoding nobody knows", http(200, OK, JSON, "Content-Encoding: zorp"), SUCCESS, Cause.OK),
    ("29 gzip cut short", http(200, gzip.compress(json.dumps({"data": list(range(9999))}).encode())[:-2000], JSON, "Content-Encoding: gzip"), SUCCESS, Cause.OK),
    ("29 bomb", http(200, gzip.compress(b"[" + b"0," * 30_000_000), JSON, "Content-Encoding: gzip"), SUCCESS, Cause.OK),
    ("29 gzip of a page", http(404, gzip.compress(PAGE), HTML, "Content-Encoding: gzip"), WALL, Cause.ROUTE),
    ("30 latin-1 as utf-8", http(400, '{"message": "ungültig"}'.encode("latin-1"), "Content-Type: application/json; charset=utf-8"), ERROR, Cause.VALIDATION),
    ("30 NUL bytes", http(200, b'{"a": "x\x00y"}\x00', JSON), SUCCESS, Cause.OK),
    ("30 lone surrogate", http(400, b'{"message": "invalid \\ud800 name"}', JSON), ERROR, Cause.VALIDATION),
    ("31 cut at the cap", http(200, json.dumps({"data": ["x" * 99] * 20_000}).encode(), JSON), SUCCESS, Cause.OK),
    ("31 cut page", http(404, PAGE[:-20] + b"<p>x" * 400_000, HTML), WALL, Cause.ROUTE),
    ("31 connection ends early", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n" + OK[:-3], SUCCESS, Cause.OK),
    ("32 NaN", http(200, b'{"a": NaN, "b": -Infinity}', JSON), SUCCESS, Cause.OK),
    ("32 5,000 digits", http(200, b'{"a": ' + b"9" * 5000 + b"}", JSON), SUCCESS, Cause.OK),
    ("32 100,000 arrays", http(200, DEEP, JSON), SUCCESS, Cause.OK),
    ("32 the same key twice", http(200, b'{"success": false, "success": true}', JSON), SUCCESS, Cause.OK),
    ("38 plain text under JSON", http(403, b"User is not authorized to perform this action", JSON), OTHER, Cause.SCOPE),
    ("39 token of another tenant", http(401, b'{"message": "Invalid access token"}', JSON), ERROR, Cause.TOKEN),
    ("40 scope named", http(403, b'{"message": "API token is missing scope users:read"}', JSON), ERROR, Cause.SCOPE),
    ("binary", http(200, bytes(range(256)) * 20, "Content-Type: application/octet-stream"), OTHER, Cause.UNKNOWN),
    ("PNG", http(200, b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "Content-Type: image/png"), OTHER, Cause.UNKNOWN),
    ("plain text", http(404, b"404 page not found", "Content-Type: text/plain"), OTHER, Cause.ROUTE),
    ("a number as plain text", http(404, b"404", "Content-Type: text/plain"), OTHER, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "kind", "cause"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
async def test_a_hard_case_gets_its_kind_and_cause(raw, kind, cause):
    seen = await exchange(raw)
    assert sort(seen.outcome) is kind
    finding = diagnose(seen, Context(exchanges=(seen,)))
    assert cause is None or finding.diagnosis.cause is cause, finding.diagnosis


async def test_44_no_answer_is_a_kind_of_its_own():
    seen = await exchange(b"")
    assert sort(seen.outcome) is Kind.NO_RESPONSE
    assert diagnose(seen, Context()).diagnosis.cause is Cause.NETWORK


async def test_44_what_is_no_http_is_no_answer():
    seen = await exchange(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    assert sort(seen.outcome) is Kind.NO_RESPONSE


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        (http(200, OK, HTML), "Content-Type says text/html"),
        (http(200, PAGE, JSON), "Content-Type says application/json"),
        (http(200, OK), "no Content-Type"),
        (http(200, gzip.compress(OK), JSON), "without a header"),
        (http(200, OK, JSON, "Content-Encoding: gzip"), "is not gzip"),
        (http(200, b"cb(" + OK + b")", JSON), "JSONP"),
        (http(200, DEEP, JSON), "too deep"),
    ],
    ids=["lie", "other lie", "none", "packed", "not packed", "jsonp", "deep"],
)
async def test_what_is_odd_is_noted(raw, note):
    seen = await exchange(raw)
    assert any(note in text for text in seen.outcome.body.notes), seen.outcome.body.notes


@pytest.mark.parametrize(
    "name", ["31 cut at the cap", "31 connection ends early", "29 bomb", "29 gzip cut short"]
)
async def test_what_was_cut_says_so(name):
    raw = next(case[1] for case in CASES if case[0] == name)
    seen = await exchange(raw)
    assert seen.outcome.body.cut
    assert seen.outcome.body.size <= 1024 * 1024
