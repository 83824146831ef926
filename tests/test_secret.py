import copy
import json
import pickle
import traceback

import msgspec
import pytest

from probe.secret import Secret, Token

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
