"""Ways to write a secret so that a search for it would pass it by: each is seen through."""

import html
import json
from urllib.parse import quote

import pytest
from disguises import WAYS, full_width, gives_away, percent
from hypothesis import given
from hypothesis import strategies as st

from probe.disguise import plain, traced
from probe.evidence import Response
from probe.masking import Mask
from probe.reading import read_body
from probe.reading.headers import keep_headers
from probe.secret import Secret

TOKEN = 'retool_01hqz4/AB+CD="EF>GH<&JK'
HEX = "9f86d081884c7d659a2feaa0c55ad015"
MASK = Mask([Secret(TOKEN), Secret(HEX)])


PIECES = ["%", "25", "41", "&#", "x41;", "\\u", "{", "0041", "amp;", "<b>", "\u200b", "\uff21", "\u0130"]


def sent_as(text, place):
    """Return what is kept of a server's answer with a text in it."""
    kind, body, status, headers = {
        "message": ("application/json", json.dumps({"success": False, "message": f"bad {text} x"}), 403, []),
        "key": ("application/json", json.dumps({"success": False, "error": {text: text}, text: 1}), 403, []),
        "code": ("application/json", json.dumps({"success": False, "code": text, "type": text}), 403, []),
        "cut JSON": ("application/json", json.dumps({"success": False, "message": text})[:-1], 403, []),
        "data": ("application/json", json.dumps({"success": True, "data": [{text: text}]}), 200, []),
        "page": ("text/html", f"<!doctype html><title>{text}</title><h1>{text}</h1><p>Hi {text}!", 200, []),
        "text": ("text/plain", f"no {text} here", 500, []),
        "address": ("text/plain", "", 302, [("Location", f"https://x.example/a/{text}/?{text}#{text}")]),
        "host": ("text/plain", "", 302, [("Location", f"https://{text}.example.com/")]),
        "headers": ("text/plain", "", 403, [(name, text) for name in ("Server", "Via", "X-Request-Id")]),
        "name": ("text/plain", "", 403, [(f"x-{text}-request-id", "1"), ("Set-Cookie", f"{text}=1")]),
        "encoding": ("text/plain", "x", 403, [("Content-Encoding", text)]),
    }[place]
    pairs = (("content-type", kind), *((name.lower(), value) for name, value in headers))
    reading = read_body(body.encode(), pairs, status=status, cut=False, mask=MASK)
    return Response(status=status, headers=keep_headers(pairs, MASK), body=reading.body)


def texts_in(value):
    """Give each text of a record by itself, so that no escape of ours stands between."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from texts_in(part)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from texts_in(getattr(value, name))


PLACES = ["message", "key", "code", "cut JSON", "data", "page", "text"]
PLACES += ["address", "host", "headers", "name", "encoding"]


@pytest.mark.parametrize("token", [TOKEN, HEX], ids=["any characters", "hex"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_write_a_token_gets_it_into_what_is_kept(way, token):
    form = WAYS[way](token)
    for place in PLACES:
        for text in texts_in(sent_as(form, place)):
            assert not gives_away(token, text), (place, text)


def test_the_search_finds_what_is_not_masked():
    for way in WAYS.values():
        assert gives_away(TOKEN, way(TOKEN))


def test_a_header_s_own_name_is_masked():
    (kept,) = keep_headers([(f"x-{HEX}-request-id", "1")], MASK)
    assert HEX[:8] not in kept[0]


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_what_is_traced_is_what_is_found(text):
    behind, places = traced(text)
    assert behind == plain(text)
    assert len(places) == len(behind)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


ONCE = st.sampled_from(
    [lambda t: quote(t, safe=""), percent, html.escape, json.dumps, full_width, "\u200b".join]
)


@given(st.text(max_size=20), st.lists(ONCE, max_size=2), st.text(max_size=20))
def test_no_stack_of_escapes_hides_a_token(before, ways, after):
    form = TOKEN
    for way in ways:
        form = way(form) if form.isascii() or way is html.escape else form
    masked = Mask([Secret(TOKEN)]).text(f"{before} {form} {after}")
    assert plain(TOKEN)[4:-4] not in plain(masked)
    assert masked.startswith(before)


def test_words_that_blanks_part_are_not_taken_for_a_short_part():
    mask = Mask([Secret("accessde-1234567")])
    assert mask.text("Access denied") == "Access denied"
    assert mask.text("accessde") == "[masked]"
