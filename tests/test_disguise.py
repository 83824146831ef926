"""Ways to write a secret so that a search for it would pass it by: each is seen through."""

import base64
import html
import json
import re
from urllib.parse import quote, unquote

import pytest
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


def each(form, text, every=1):
    return "".join(form(char) if place % every == 0 else char for place, char in enumerate(text))


def percent(text):
    return each(lambda char: f"%{ord(char):02x}", text)


def pieces(text, size=4):
    return re.findall(f".{{1,{size}}}", text)


def full_width(text):
    return each(lambda char: chr(ord(char) + 0xFEE0), text)


SILENT = "\u00ad\u034f\u061c\u180e\u200b\u2060\u3164\ufe0f\U000e0020\0"
PIECES = ["%", "25", "41", "&#", "x41;", "\\u", "{", "0041", "amp;", "<b>", "\u200b", "\uff21", "\u0130"]
WAYS = {
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent three times": lambda text: quote(quote(percent(text), safe=""), safe=""),
    "percent, here and there": lambda text: each(lambda char: f"%{ord(char):02X}", text, 3),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "escaped JSON escapes": lambda text: each(lambda char: f"\\\\u{ord(char):04x}", text),
    "JSON escapes, here and there": lambda text: each(lambda char: f"\\u{ord(char):04X}", text, 4),
    "escapes of a script": lambda text: each(lambda char: f"\\x{ord(char):02x}", text),
    "braced escapes": lambda text: each(lambda char: f"\\u{{{ord(char):x}}}", text),
    "octal": lambda text: each(lambda char: f"\\{ord(char):03o}", text),
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "entities with zeros": lambda text: each(lambda char: f"&#{ord(char):07d};", text),
    "hex entities with zeros": lambda text: each(lambda char: f"&#X{ord(char):05X};", text),
    "entities without an end": lambda text: each(lambda char: f"&#{ord(char)}", text) + " ",
    "entities, here and there": lambda text: each(lambda char: f"&#{ord(char)};", text, 3),
    "entities behind percent signs": lambda text: quote(each(lambda char: f"&#{ord(char)};", text)),
    "full width": full_width,
    "a blank between all": " ".join,
    "lines of four": lambda text: "\n".join(pieces(text)),
    "line separators": lambda text: "\u2028".join(pieces(text)),
    "hard spaces": lambda text: "\u00a0".join(pieces(text)),
    **{f"marks of U+{ord(mark):04X}": mark.join for mark in SILENT},
    "tags": lambda text: "".join(f"<b>{piece}</b>" for piece in pieces(html.escape(text))),
    "comments": lambda text: "<!-- -->".join(pieces(text)),
    "the wrong way round": lambda text: f"\u202e{text[::-1]}\u202c",
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with blanks": lambda text: text.encode().hex(" "),
    "hex of its start": lambda text: text[:12].encode().hex(),
    "base64 of its end": lambda text: base64.b64encode(text[-15:].encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode() * 3).decode(),
    "base64, percent": lambda text: quote(base64.b64encode(text.encode()), safe=""),
    "base64url": lambda text: base64.urlsafe_b64encode(b"x" + text.encode()).decode().rstrip("="),
    "its start, reversed": lambda text: text[:14][::-1],
    "its start, in entities": lambda text: each(lambda char: f"&#{ord(char)};", text[:9]),
    "its end, in percent signs": lambda text: percent(text[-9:]),
}  # fmt: skip


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


def gives_away(token, text):
    """Return the part of a token, of nine letters or more, that stands in a text or behind it."""
    seen = {plain(text), plain(text)[::-1], *map(bytes_of, HEXES.findall(text))}
    seen |= {form for one in (text, unquote(text), "".join(text.split())) for form in decoded(one)}
    token = plain(token)
    parts = [token[start : start + 9] for start in range(len(token) - 8)]
    return [part for part in parts if any(part in one for one in seen)]


HEXES = re.compile(r"(?:[0-9a-fA-F]{2}[: ]?){9,}")
BASE64S = re.compile(r"[\w+/-]{12,}", re.ASCII)


def bytes_of(text):
    return plain(bytes.fromhex(text.replace(":", "")).decode("latin-1"))


def decoded(text):
    """Give what each piece may be in base64, wherever it was cut."""
    for piece in BASE64S.findall(text.replace("-", "+").replace("_", "/")):
        for start in range(4):
            whole = piece[start:][: (len(piece) - start) // 4 * 4]
            yield plain(base64.b64decode(whole).decode("latin-1"))


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
