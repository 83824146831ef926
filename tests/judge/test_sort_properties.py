"""Whatever comes back gets exactly one kind and one diagnosis, and can be written to a file."""

# ruff: noqa: E501 - one case a line reads best

import gzip
import zlib

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.evidence import Attempt, ControlRole, Exchange, Request, Response
from probe.explain import explain
from probe.judge.context import Context
from probe.judge.diagnose import diagnose
from probe.judge.model import Kind
from probe.judge.sort import sort
from probe.masking import Mask
from probe.reading import read_body
from probe.reading.headers import keep_headers

PIECES = st.sampled_from(
    [
        b"<!doctype html>", b"<html>", b"<title>", b"</title>", b"<script>", b"<!--", b"-->", b"<?xml", b"?>",
        b'{"success":', b"false", b"true", b'"message":"', b'"errors":[', b"]", b"}", b"{", b"[", b",", b'"',
        b"data: ", b"\n", b"\x1e", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"NaN", b"9" * 500,
        b"cb(", b");", b")]}'", b"\x1f\x8b\x08", b"<meta http-equiv=refresh content='0;url=", b"401", b"not found",
        b"sign in", b"upgrade your plan", b"\\ud800", b"&#x0;", b"<pre>Cannot GET /", b"scope", b"'", b"<a" * 50,
    ]
)  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(PIECES, max_size=30).map(b"".join),
    st.lists(PIECES, max_size=10).map(lambda parts: gzip.compress(b"".join(parts))),
    st.lists(PIECES, max_size=10).map(lambda parts: zlib.compress(b"".join(parts))[:20]),
)
NAMES = st.sampled_from(
    ["content-type", "content-encoding", "location", "server", "retry-after", "set-cookie", "www-authenticate",
     "cf-ray", "x-squid-error", "allow", "x-ratelimit-remaining", "x-anything"]
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["application/json", "text/html; charset=utf-16", "text/html; charset=zip", "gzip", "br, gzip, gzip",
         "http://[::1", "//evil/login?next=x", "0", 'Bearer error="insufficient_scope"', "cloudflare", "a=b; c"]
    ),
)  # fmt: skip
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=8).map(tuple)
STATUSES = st.one_of(st.integers(min_value=0, max_value=999), st.sampled_from([200, 204, 302, 403, 404, 503]))


def exchange(body, headers, status, cut, role=None):
    mask = Mask()
    reading = read_body(body, headers, status=status, cut=cut, mask=mask)
    outcome = Response(status=status, headers=keep_headers(headers, mask), body=reading.body)
    attempts = (Attempt(started_at="2026-01-01T00:00:00Z", elapsed_ms=1, outcome=outcome),)
    return Exchange(role=role, request=Request(method="GET", path="/api/x"), attempts=attempts)


@settings(deadline=None, max_examples=300)
@given(BODIES, HEADERS, STATUSES, st.booleans())
def test_any_answer_has_one_kind_one_diagnosis_and_fits_into_a_file(body, headers, status, cut):
    seen = exchange(body, headers, status, cut)
    kind = sort(seen.outcome)
    assert kind in set(Kind) - {Kind.NO_RESPONSE}
    finding = diagnose(seen, Context(exchanges=(seen,)))
    assert finding.kind is kind
    assert finding.diagnosis.rule != "none"
    assert finding.diagnosis.reason
    written = msgspec.json.encode(seen).decode("utf-8")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in written if char != "\n")
    assert msgspec.json.decode(written, type=Exchange) == seen


@settings(deadline=None, max_examples=100)
@given(BODIES, HEADERS, STATUSES, BODIES)
def test_controls_never_make_a_diagnosis_fail(body, headers, status, other):
    control = exchange(other, headers, status, cut=False, role=ControlRole.NO_SUCH_ROUTE)
    seen = exchange(body, headers, status, cut=False)
    assert diagnose(seen, Context(controls=(control,), exchanges=(seen,))).diagnosis.reason


@settings(deadline=None, max_examples=100)
@given(BODIES, STATUSES)
def test_the_same_answer_is_judged_the_same(body, status):
    a, b = exchange(body, (), status, cut=False), exchange(body, (), status, cut=False)
    assert a == b
    assert diagnose(a, Context()).diagnosis == diagnose(b, Context()).diagnosis


@settings(deadline=None, max_examples=200)
@given(
    st.one_of(st.binary(min_size=1, max_size=200), st.lists(PIECES, min_size=1, max_size=12).map(b"".join))
)
def test_anything_can_be_explained_or_is_refused_with_a_reason(raw):
    from probe.errors import InputError

    try:
        found = explain(b"HTTP/1.1 200 OK\r\n\r\n" + raw)
    except InputError:
        return
    assert found.reason
    assert found.status == 200 or raw.startswith(b"HTTP/")
