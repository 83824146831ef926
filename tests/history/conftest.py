"""A history in each database that can hold one."""

import pytest

from probe.history.store import open_history


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of a database that holds nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/folder/history.db"
    return request.getfixturevalue("postgresql").emptied()


@pytest.fixture
def history(url):
    with open_history(url) as opened:
        yield opened
