"""A token finds itself in a list of tokens by the end of its secret, or says that it did not."""

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from probe.catalog.load import load_catalog
from probe.demo import scan_simulator
from probe.evidence import OwnScopes, Recognition
from probe.pipeline import judge, judge_again
from probe.scan.ownscopes import own_scopes
from probe.secret import Secret, Token
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
LISTING = CATALOG.vendor.token_listing
TOKEN = Token(name="own", secret=Secret("sim-own-secret-AB12"))


def entry(ending, *scopes):
    return {"label": "person@example.com", "last4": ending, "scopes": list(scopes), "owner_legacy_id": 7}


def read(*entries, more=False):
    return own_scopes({"data": list(entries), "has_more": more}, TOKEN, LISTING, CATALOG.scopes)


def test_only_scopes_that_the_catalog_knows_are_kept():
    seen = read(entry("ZZ99", "groups:read"), entry("AB12", "users:read", "person@example.com"))
    assert seen == OwnScopes(recognised=Recognition.ENDING, scopes=("users:read",), unknown=1)


@pytest.mark.parametrize(
    ("entries", "recognised"),
    [
        ([entry("ZZ99", "users:read")], Recognition.ABSENT),
        ([entry("AB12", "users:read"), entry("AB12", "groups:read")], Recognition.AMBIGUOUS),
        ([entry("12", "users:read")], Recognition.UNREADABLE),
        ([entry("AB12", "users:read"), {"scopes": ["users:read"]}], Recognition.UNREADABLE),
        ([{"last4": "AB12", "scopes": "users:read"}], Recognition.UNREADABLE),
        ([], Recognition.UNREADABLE),
    ],
)
def test_nothing_is_guessed(entries, recognised):
    seen = read(*entries)
    assert (seen.recognised, seen.scopes, seen.unknown) == (recognised, (), 0)


@pytest.mark.parametrize("document", [None, [], "text", {"data": {"a": 1}}, {"data": ["x", 1]}])
def test_any_document_is_read(document):
    assert own_scopes(document, TOKEN, LISTING, CATALOG.scopes).recognised is Recognition.UNREADABLE


def scanned(declared, granted=None):
    tokens = demo_tokens(CATALOG)
    asked = tuple(replace(token, scopes=declared.get(token.name, token.scopes)) for token in tokens)
    real = tuple(replace(token, scopes=(granted or {}).get(token.name, token.scopes)) for token in tokens)
    options = SimulatorOptions(plan="enterprise", tokens=grants_of(real))
    return asyncio.run(scan_simulator(options, asked, CATALOG, asyncio.Event()))


def test_a_scan_compares_real_scopes_with_declared_ones_and_keeps_nothing_else():
    run = scanned(
        {"reader": ("users:read", "access_tokens:read", "groups:write")},
        {"reader": ("users:read", "access_tokens:read", "apps:embed")},
    )
    report = judge(run, CATALOG)
    reader = next(token for token in report.tokens if token.name == "reader")
    assert reader.scopes_granted == ("access_tokens:read", "apps:embed", "users:read")
    assert reader.scopes_missing == ("groups:write",)
    assert reader.scopes_undeclared == ("apps:embed",)
    assert judge_again(report, CATALOG).tokens == report.tokens
    text = msgspec.json.encode(run).decode()
    endings = [token.secret.reveal()[-4:] for token in demo_tokens(CATALOG)]
    assert not [ending for ending in endings if ending in text]


def test_a_scope_that_the_list_shows_is_not_called_missing():
    report = judge(scanned({"admin": ("access_tokens:read",), "reader": ("access_tokens:read",)}), CATALOG)
    groups = next(item for item in report.capabilities if item.operation == "groups.create")
    assert groups.verdict == "allowed"


def test_a_token_that_may_not_list_tokens_says_nothing_of_them():
    report = judge(scanned({}), CATALOG)
    embedder = next(token for token in report.tokens if token.name == "embedder")
    assert (embedder.scopes_granted, embedder.granted_note) == ((), "")
