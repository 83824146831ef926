"""Any JSON value under any status is read and explained: never an exception, never a plan by itself."""

import json

from hypothesis import given
from hypothesis import strategies as st

from probe.explain import explain

KEYS = st.sampled_from(
    [
        "success",
        "ok",
        "message",
        "status",
        "code",
        "error",
        "errors",
        "data",
        "queue",
        "redirect",
        "url",
        "id",
        "x",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(
    VALUES, st.sampled_from([0, 200, 201, 202, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 501, 503])
)
def test_any_json_value_is_explained(value, status):
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\r\n" if status else ""
    found = explain((head + json.dumps(value)).encode(), method="GET", path="/api/v2/users")
    assert found.kind
    assert found.reason.encode()
