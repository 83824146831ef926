import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.masking import Mask, mask_personal
from probe.secret import Secret

TOKEN = 'retool_01hqz4/AB+CD="EF<GH>&JK'

FORMS = {
    "plain": TOKEN,
    "upper": TOKEN.upper(),
    "reversed": TOKEN[::-1],
    "base64": base64.b64encode(TOKEN.encode()).decode(),
    "basic, after a user name": base64.b64encode(b"user:" + TOKEN.encode()).decode(),
    "basic, before a password": base64.b64encode(TOKEN.encode() + b":x").decode(),
    "base64url": base64.urlsafe_b64encode(TOKEN.encode()).decode(),
    "percent": quote(TOKEN, safe=""),
    "percent, every byte": "".join(f"%{byte:02x}" for byte in TOKEN.encode()),
    "json": json.dumps(TOKEN)[1:-1],
    "json unicode escapes": "".join(f"\\u{ord(char):04X}" for char in TOKEN),
    "html": html.escape(TOKEN),
    "html numbers": "".join(f"&#{ord(char)};" for char in TOKEN),
    "hex": TOKEN.encode().hex(),
    "hex upper": TOKEN.encode().hex().upper(),
    "prefix": TOKEN[:8],
    "suffix": TOKEN[-8:],
    "longer prefix": TOKEN[:-1],
    "longer suffix": TOKEN[1:],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_a_token_is_masked(form):
    masked = Mask([Secret(TOKEN)]).text(f"before {form} after")
    # Base64 keeps a few characters at its ends, which also depend on the neighbours.
    core = form[4:-4] if len(form) > 16 else form
    assert core not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


@pytest.mark.parametrize(
    "form", [FORMS[name] for name in ("plain", "base64", "percent", "json", "html", "hex")]
)
def test_the_last_check_finds_a_leak(form):
    mask = Mask([Secret(TOKEN)])
    assert mask.found_in(f"x{form}y")
    assert not mask.found_in(mask.text(f"x{form}y"))


def test_our_own_words_are_no_leak():
    mask = Mask([Secret("garbage-token-1"), Secret("tok")])
    assert not mask.found_in("a token, garbage or not")
    assert mask.text("a token") == "a token"
    assert mask.text("is tok here") != "is tok here"


@given(st.text(min_size=8, max_size=40), st.text(max_size=60), st.text(max_size=60))
def test_a_secret_never_survives_whatever_stands_around_it(secret, before, after):
    assert secret not in Mask([Secret(secret)]).text(before + secret + after).replace("[masked]", "\0")


def test_no_secret_no_change():
    assert Mask().text("anything") == "anything"
    assert "secret-text-1234" not in repr(Mask([Secret("secret-text-1234")]))


@pytest.mark.parametrize("address", ["jo@example.com", "jo.do+x@mail.example.co.uk", "jo%40example.com"])
def test_email_addresses_are_masked(address):
    assert address not in mask_personal(f"no user <{address}> here")
    assert "no user" in mask_personal(f"no user <{address}> here")
