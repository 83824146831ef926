"""Which addresses are one organization's: a wrong "same" is a false alarm, a wrong "other" a missed loss."""

import msgspec
import pytest
from history_world import OTHER, URL, run_at

from probe.history.diff import compare, suspects
from probe.history.origins import Kinship, kinship, plain_url
from probe.history.resolve import baseline_state
from probe.history.state import state_of
from probe.history.store import open_history


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://example.com", "https://example.com/", Kinship.SAME),
        ("https://example.com", "HTTPS://EXAMPLE.com.:443", Kinship.SAME),
        ("http://example.com", "https://example.com", Kinship.SAME),
        ("http://example.com:80", "https://example.com:443/", Kinship.SAME),
        ("https://[2001:db8::1]/", "https://[2001:DB8::1]:443", Kinship.SAME),
        ("https://example.com", "https://staging.example.com", Kinship.OTHER),
        ("https://example.com", "https://example.com:8443", Kinship.OTHER),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081", Kinship.OTHER),
        ("http://example.com:8080", "https://example.com:8443", Kinship.OTHER),
        ("https://example.com/one", "https://example.com/two", Kinship.OTHER),
        ("https://organization.example", "https://example.com", Kinship.UNKNOWN),
        ("https://organization.example", "https://organization.example", Kinship.UNKNOWN),
        ("no address", "no address", Kinship.SAME),
        ("https://[", "https://example.com", Kinship.OTHER),
    ],
)
def test_an_organization_is_its_address_however_it_is_written(one, other, expected):
    assert kinship(one, other) is kinship(other, one) is expected


@pytest.mark.parametrize("written", [f"{URL}/", URL.upper(), f"{URL}:443", f" {URL} "])
def test_what_a_user_writes_finds_what_a_report_says(written):
    assert plain_url(written) == URL


def test_two_organizations_are_never_compared_as_one():
    before = state_of(run_at(1, users__list="allowed"), label="before")
    after = run_at(2, base_url=OTHER, users__list="blocked")
    found = compare(before, after)
    assert not found.comparable
    assert not found.took_away
    assert found.capabilities == found.tokens == ()
    assert URL in found.reason
    assert suspects(before, after) == ()
    said = msgspec.structs.replace(before, said_to_be_the_same=True)
    assert compare(said, after).comparable


@pytest.mark.parametrize("reference", ["", "last-good", "last", "baseline"])
def test_a_scan_finds_its_own_runs_and_those_by_http_before(tmp_path, reference):
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        ours = history.record(run_at(1, base_url="http://moved.example.com"))
        history.pin(ours.base_url, ours.id)
        history.record(run_at(3, base_url=OTHER))
        found = baseline_state(reference, history, "https://moved.example.com")
        assert found is not None
        assert found.baseline.run == ours.id
        assert baseline_state(reference, history, "https://moved.example.com:8443") is None
        assert baseline_state(reference, history, "https://nobody.example.com") is None
