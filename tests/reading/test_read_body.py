"""What is kept of a body, and that nothing of what may not be kept stays."""

# ruff: noqa: E501 - one case a line reads best

import gzip
import json

import msgspec
import pytest

from probe.evidence import Form
from probe.masking import Mask
from probe.reading import CAP, read_body
from probe.reading.headers import keep_headers
from probe.secret import Secret

TEXT = "retool_01h5pq8canary9x7z"
MASK = Mask([Secret(TEXT)])
JSON = (("content-type", "application/json"),)
HTML = (("content-type", "text/html"),)


def read(body, headers=JSON, status=200, cut=False, mask=MASK):
    return read_body(
        body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers,
        status=status,
        cut=cut,
        mask=mask,
    )


def kept(body, headers=JSON, status=200, cut=False):
    """Return everything that would be written to a file."""
    return msgspec.json.encode(read(body, headers, status, cut).body).decode()


PEOPLE = {
    "success": True,
    "data": [
        {"id": "user_e7d2cea90af0415eb04f332d0ef7cd13", "email": "user1@example.com", "first_name": "Ariadne"}
    ],
    "total_count": 1,
}


def test_of_a_success_only_the_shape_stays():
    written = kept(PEOPLE)
    for value in ("e7d2cea9", "user1", "example.com", "Ariadne"):
        assert value not in written
    view = read(PEOPLE).body.json
    assert view.shape.startswith("{success: true, data: [1 x {id: text(37), email: text(17)")
    assert (view.items, view.flag, view.messages, view.codes) == (1, True, (), ())


def test_the_document_is_handed_over_for_finding_ids():
    assert read(PEOPLE).document == PEOPLE
    assert "Ariadne" not in repr(read(PEOPLE))


@pytest.mark.parametrize(
    "keys",
    [
        ["user1@example.com", "user2@example.com"],
        ["e7d2cea90af0415eb04f332d0ef7cd13"],
        ["23ba02f3-12c2-456e-826f-13b616daa5ce"],
        ["Ariadne Example", "Bela Example"],
        ["12345", "67890"],
    ],
)
def test_keys_that_are_data_are_masked(keys):
    written = kept({"data": {key: {"role": "x"} for key in keys}})
    assert not any(key in written for key in keys)


def test_a_map_of_many_alike_shows_none_of_its_keys():
    written = kept({name: {"role": "x", "since": 1} for name in ("ariadne", "bela", "cleo", "dora")})
    assert "ariadne" not in written
    assert "4 keys" in written


def test_a_shape_is_bounded():
    assert (
        len(read({f"key_{n}x": [{"a": {"b": {"c": {"d": 1}}}}] for n in range(999)}).body.json.shape) <= 300
    )


def test_an_errors_texts_and_codes_stay():
    view = read(
        {"success": False, "message": "Invalid uuid type", "error": {"code": "bad_uuid"}}, status=400
    ).body.json
    assert view.messages == ("Invalid uuid type",)
    assert view.codes == ("bad_uuid",)


@pytest.mark.parametrize(
    "message",
    [
        "no user user1@example.com",
        "no user Ariadne Example <user1@example.com>",
        "id 23ba02f3-12c2-456e-826f-13b616daa5ce is unknown",
        "user_e7d2cea90af0415eb04f332d0ef7cd13 is unknown",
        'no user "Ariadne Example"',
        'no user "ariadne-17"',
        f"bad token {TEXT}",
        f"bad token {TEXT[::-1]}",
        f"bad token {TEXT[:12]}...",
        "asked from 203.0.113.77",
    ],
)
def test_personal_data_and_secrets_leave_an_errors_text(message):
    written = kept({"message": message}, status=400)
    for value in ("user1", "Ariadne", "ariadne", "23ba02f3", "e7d2cea9", TEXT[:8], "203.0.113"):
        assert value not in written
    assert read({"message": message}, status=400).body.json.messages


def test_words_that_an_error_is_about_stay():
    message = "Field 'userName' is required; see \"Accept\" and version 3.334.0"
    assert read({"message": message}, status=400).body.json.messages == (message,)


@pytest.mark.parametrize("length", [200, 280, 296, 299, 300, 301, 310, 4380])
def test_no_half_secret_survives_the_cut(length):
    for filler in ("x" * length, "word " * (length // 5)):
        written = kept({"message": f"{filler} {TEXT} and more " * 3}, status=400)
        assert TEXT[:8] not in written
        assert TEXT[-8:] not in written


@pytest.mark.parametrize(
    "page",
    [
        f"<html><title>{TEXT}</title></html>",
        f"<html><h1>bad token {TEXT}</h1></html>",
        f"<html><body>{'x ' * 150}{TEXT} and more</body></html>",
        f"<html><script src='/a.js?token={TEXT}'></script></html>",
        f"<html><script src='/{TEXT}/a.js'></script></html>",
        f"<html><meta http-equiv=refresh content='0;url=/login?t={TEXT}'></html>",
        "<html><title>user1@example.com</title><body>Hello Ariadne Example (user1@example.com)</body></html>",
    ],
)
def test_pages_are_masked(page):
    written = kept(page.encode(), HTML)
    assert TEXT[:8] not in written
    assert "user1" not in written
    assert "Ariadne" not in written


def test_a_page_keeps_what_names_it():
    page = read(
        b"<html><head><title>Tool</title><script src='/a/index-1a2b3c.js?v=1'></script></head><body><h1>Hi</h1><p>Some text</p>"
        b"<script>var secret = 1</script><style>p{}</style></body></html>",
        HTML,
    ).body.page
    assert (page.title, page.headings, page.text) == ("Tool", ("Hi",), "Hi Some text")
    assert page.scripts == ("/a/index-1a2b3c.js",)


def test_the_text_of_a_success_is_not_kept():
    assert read(b"id,email\n1,user1@example.com\n", (("content-type", "text/csv"),)).body.excerpt == ""
    assert read(b"404 page not found", (), status=404).body.excerpt == "404 page not found"


def test_a_body_that_is_longer_than_the_cap_costs_no_more():
    body = read(gzip.compress(b"x" * (CAP * 20)), (("content-encoding", "gzip"),)).body
    assert body.size == CAP
    assert body.cut


def test_many_small_gzip_members_cost_no_more():
    body = read(gzip.compress(b"") * 30_000 + gzip.compress(b"{}"), (("content-encoding", "gzip"),)).body
    assert body.size < CAP


@pytest.mark.parametrize(
    ("value", "data", "errors", "flag"),
    [
        ({"data": {"a": 1}, "errors": [{"message": "x"}]}, True, True, None),
        ({"data": {"a": None}, "errors": [{"message": "x"}]}, False, True, None),
        ({"data": None, "errors": [{"message": "x"}]}, False, True, None),
        ({"error": None, "result": 1}, True, False, None),
        ({"error": "", "errors": []}, False, False, None),
        ({"error": False, "id": 1}, False, False, None),
        ({"error": "invalid_grant"}, False, True, None),
        ({"status": "error", "message": "no"}, False, True, None),
        ({"status": "success", "data": []}, False, False, None),
        ({"success": "false"}, False, False, False),
        ({"ok": 0}, False, False, False),
        ({"id": 1, "name": "job", "error": "timeout", "created_at": "x"}, False, False, None),
        ([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}], True, True, None),
    ],
)
def test_what_a_body_says_of_failure(value, data, errors, flag):
    view = read(value).body.json
    assert (view.errors, view.flag) == (errors, flag)
    if errors and isinstance(value, dict):
        assert view.data is data


def test_a_list_of_data_is_data():
    assert not read([{"id": 1, "message": "hello"}]).body.json.errors


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (b"[ERROR] something happened", Form.TEXT),
        (b"{not json}", Form.TEXT),
        (b"true story", Form.TEXT),
        (b"403", Form.TEXT),
        (b"<3 you", Form.TEXT),
        (b"\x89PNG\r\n\x1a\n", Form.BINARY),
        (b"%PDF-1.7", Form.BINARY),
        (b"  \n", Form.EMPTY),
        (b"<h2>Blocked</h2>", Form.HTML),
        (b"Not <b>found</b>", Form.TEXT),
        (b": ping\n\n", Form.TEXT),
        (b"data: hello\n\n", Form.TEXT),
        (b"<!DOCTYPE svg><svg/>", Form.XML),
        (b"<Error><Code>x</Code></Error>", Form.XML),
    ],
)
def test_forms_by_the_bytes(raw, form):
    assert read(raw, (("content-type", "text/plain"),)).body.form is form


def test_a_fragment_that_begins_with_text_is_a_page_where_its_header_says_so():
    assert read(b"Not <b>found</b>", HTML).body.form is Form.HTML
    assert read(b"Not found", HTML).body.form is Form.TEXT


def test_headers_are_kept_by_an_allow_list_and_masked():
    raw = (
        ("Content-Type", "application/json"),
        ("Set-Cookie", f"session={TEXT}; Path=/"),
        ("Set-Cookie", "incap_ses_1_2=abc; Path=/"),
        ("Location", f"https://user:pass@host.example/login?next=/a&token={TEXT}#state=1"),
        ("X-Request-Id", "abc-1"),
        ("X-Secret-Thing", "value"),
        ("ETag", "abc"),
        ("Server", f"nginx {TEXT}"),
        ("Authorization", "Bearer x"),
    )
    found = dict(keep_headers(raw, MASK))
    assert found["content-type"] == "application/json"
    assert (
        found["location"] == "https://[masked]@host.example/login?next=[masked]&token=[masked]#state=[masked]"
    )
    assert found["x-request-id"] == "abc-1"
    assert not {"x-secret-thing", "etag", "authorization"} & found.keys()
    cookies = [value for name, value in keep_headers(raw, MASK) if name == "set-cookie"]
    assert cookies == ["session=[masked]", "incap_ses_1_2=[masked]"]
    assert TEXT not in str(keep_headers(raw, MASK))


def test_headers_are_bounded():
    found = keep_headers(tuple(("server", "x" * 9999) for _ in range(999)), MASK)
    assert len(found) <= 40
    assert all(len(value) <= 300 for _, value in found)


def test_an_encoding_that_lies_about_a_token_is_masked_in_the_note():
    written = kept(b"{}", (("content-type", TEXT), ("content-encoding", TEXT)))
    assert TEXT[:8] not in written
