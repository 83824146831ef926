"""The fleet's page: what a mark stands for."""

import msgspec
import pytest

from probe.fleet.model import GroupCount, Organization
from probe.fleet.page import columns_of, strip_of
from probe.fleet.rows import failed_row

NOBODY = Organization(name="a", base_url="https://a.example.com", tokens=(), line=1)


@pytest.mark.parametrize(
    ("allowed", "blocked", "unknown", "word"),
    [
        (2, 0, 0, "allowed"),
        (2, 0, 4, "partly allowed"),
        (2, 1, 0, "partly allowed"),
        (0, 2, 4, "blocked"),
        (0, 0, 4, "unknown"),
    ],
)
def test_a_whole_mark_is_for_a_whole_group(allowed, blocked, unknown, word):
    group = GroupCount(id="users", title="Users", allowed=allowed, blocked=blocked, unknown=unknown)
    row = msgspec.structs.replace(failed_row(NOBODY, ValueError()), groups=(group,))
    assert strip_of(row, columns_of(iter([row]))).text.startswith(f"{word}: Users")
