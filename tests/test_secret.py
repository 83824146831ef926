import copy
import gc
import json
import pickle
import traceback

import msgspec
import pytest

from probe.secret import Secret, Token, secrets_alive

TEXT = "retool_01h5pq8canary9x7z"


@pytest.mark.parametrize(
    "show",
    [str, repr, "{}".format, "{!r:>40}".format, lambda s: f"{s}", lambda s: f"{s!s:.8}", lambda s: "%s" % s],  # noqa: UP031 - each way to format
)
def test_no_way_of_printing_shows_it(show):
    assert TEXT[:8] not in show(Secret(TEXT))
    assert TEXT[:8] not in show(Token(name="admin", secret=Secret(TEXT)))


def test_it_cannot_be_pickled_copied_or_serialised():
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, msgspec.json.encode):
        with pytest.raises(TypeError) as caught:
            attempt(Secret(TEXT))
        assert TEXT not in "".join(traceback.format_exception(caught.value))


def test_it_compares_by_value_and_reveals_on_request():
    assert Secret(TEXT) == Secret(TEXT) != Secret("other")
    assert Secret(TEXT).reveal() == TEXT


def test_a_secret_is_known_as_long_as_something_holds_its_token():
    text = "retool_01h5pq8other0x0"
    first, second = Token(name="a", secret=Secret(text)), Token(name="b", secret=Secret(text))
    assert [secret.reveal() for secret in secrets_alive()].count(text) == 2
    del first
    gc.collect()
    assert text in [secret.reveal() for secret in secrets_alive()]
    del second
    gc.collect()
    assert text not in [secret.reveal() for secret in secrets_alive()]
