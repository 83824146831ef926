"""Reading a fleet's list: each form, bad entries with their line, and no secret in it."""

from __future__ import annotations

import json

import pytest

from probe.catalog.load import load_catalog
from probe.errors import ConfigError
from probe.fleet.reading import read_fleet

VENDOR = load_catalog().vendor
PASTED = "rt_Zq7Canary8fK2mXw9Lr4"

TOML = """
[[organizations]]
name = "Acme"
base_url = "https://acme.example.com"
labels = ["gold", "emea"]
[organizations.tokens.admin]
env = "ACME"
scopes = ["users:read", "groups:read"]

[[organizations]]
name = "Beta"
base_url = "https://beta.example.com"
tokens = { admin = "file:beta.txt", reader = "cmd:pass show beta" }
"""
CSV = (
    "name,base_url,labels,token.admin,scopes.admin,token.reader\n"
    "Acme,https://acme.example.com,gold; emea,env:ACME,users:read groups:read,\n"
    "\n"
    "Beta,https://beta.example.com,,file:beta.txt,,cmd:pass show beta\n"
)
LINES = "\n".join(
    json.dumps(item)
    for item in (
        {
            "name": "Acme",
            "base_url": "https://acme.example.com/",
            "labels": ["gold", "emea"],
            "tokens": {"admin": {"env": "ACME", "scopes": ["users:read", "groups:read"]}},
        },
        {
            "name": "Beta",
            "base_url": "https://beta.example.com",
            "tokens": {"admin": "file:beta.txt", "reader": "cmd:pass show beta"},
        },
    )
)


def read(tmp_path, text, ending="toml"):
    path = tmp_path / f"fleet.{ending}"
    path.write_text(text, encoding="utf-8")
    return read_fleet(path, VENDOR)


@pytest.mark.parametrize(("ending", "text"), [("toml", TOML), ("csv", CSV), ("jsonl", LINES)])
def test_each_form_says_the_same(tmp_path, ending, text):
    fleet = read(tmp_path, text, ending)
    assert fleet.bad == ()
    acme, beta = fleet.organizations
    assert (acme.name, acme.base_url, acme.labels) == ("Acme", "https://acme.example.com", ("gold", "emea"))
    assert [(token.name, token.source, token.scopes) for token in acme.tokens] == [
        ("admin", "env:ACME", ("users:read", "groups:read"))
    ]
    assert [(token.name, token.source) for token in beta.tokens] == [
        ("admin", f"file:{tmp_path / 'beta.txt'}"),
        ("reader", "cmd:pass show beta"),
    ]


GOOD = '[[organizations]]\nname="{0}"\nbase_url="https://{0}.example.com"\ntokens.admin="env:A"\n'


@pytest.mark.parametrize(
    "bad",
    [
        '[[organizations]]\nname="x\n',
        '[[organizations]]\nname="x"\nbase_url=3\ntokens.admin="env:A"\n',
        '[[organizations]]\nname="x"\nbase_url="https://x.example.com"\n',
        '[[organizations]]\nname="x"\nbase_url="https://x.example.com"\ntokens={}\n',
        '[[organizations]]\nname="x"\nbase_url="http://x.example.com"\ntokens.admin="env:A"\n',
        '[[organizations]]\nname="x"\nbase_url="https://x.example.com"\ntokens.admin="env:A"\nmore=1\n',
        '[[organizations]]\nname=""\nbase_url="https://x.example.com"\ntokens.admin="env:A"\n',
        '[[organizations]]\nname="x\\u202e"\nbase_url="https://x.example.com"\ntokens.admin="env:A"\n',
        '[[organizations]]\nname="a"\nbase_url="https://x.example.com"\ntokens.admin="env:A"\n',
        '[[organizations]]\nname="x"\nbase_url="https://A.example.com/"\ntokens.admin="env:A"\n',
        '[[organizations]]\nname="x"\nbase_url="https://x.example.com"\ntokens.admin="env:A"\n[limits]\n',
        f'[[organizations]]\nname="x"\nbase_url="https://x.example.com"\ntokens.admin="{PASTED}"\n',
        f'[[organizations]]\nname="x"\nbase_url="https://x.example.com"\ntokens.admin.secret="{PASTED}"\n',
    ],
)
def test_a_bad_entry_is_told_with_its_line_and_stops_no_other(tmp_path, bad):
    fleet = read(tmp_path, GOOD.format("a") + bad + "\n" + GOOD.format("b"))
    assert [organization.name for organization in fleet.organizations] == ["a", "b"]
    (entry,) = fleet.bad
    assert entry.line == 5
    assert entry.reason
    assert entry.hint
    assert PASTED not in repr(fleet)


@pytest.mark.parametrize(
    "bad", ["not json", "[1]", '{"name": "x"}', '{"name": "x", "base_url": 1, "tokens": {}}', "{" * 100]
)
def test_a_bad_line_of_json_is_told_with_its_number(tmp_path, bad):
    good = '{"name": "%s", "base_url": "https://%s.example.com", "tokens": {"admin": "env:A"}}'
    fleet = read(tmp_path, f"{good % ('a', 'a')}\n\n{bad}\n{good % ('b', 'b')}\n", "jsonl")
    assert len(fleet.organizations) == 2
    assert [entry.line for entry in fleet.bad] == [3]


@pytest.mark.parametrize(
    "bad",
    [
        "b,https://b.example.com,",
        "b,https://b.example.com,env:A,more",
        f"b,https://b.example.com,{PASTED}",
        "b,nonsense,env:A",
        'b,"https://b.example.com"x,env:A',
    ],
)
def test_a_bad_line_of_csv_is_told_with_its_number(tmp_path, bad):
    text = f"name,base_url,token.admin\na,https://a.example.com,env:A\n{bad}\nc,https://c.example.com,env:A\n"
    fleet = read(tmp_path, text, "csv")
    assert [organization.name for organization in fleet.organizations] == ["a", "c"]
    assert [entry.line for entry in fleet.bad] == [3]
    assert PASTED not in repr(fleet)


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("toml", ""),
        ("toml", "base_url = 3\n" + GOOD.format("a")),
        ("toml", "x ="),
        ("csv", ""),
        ("csv", "name,base_url,token.admin\n"),
        ("csv", "name,base_url,colour\na,https://a.example.com,red\n"),
        ("csv", "name,token.admin\na,env:A\n"),
        ("jsonl", "\n"),
        ("txt", GOOD.format("a")),
    ],
)
def test_a_list_that_names_nobody_is_one_clear_error(tmp_path, ending, text):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, ending)
    assert caught.value.hint


def test_a_list_that_is_not_there_or_not_text_is_one_clear_error(tmp_path):
    with pytest.raises(ConfigError):
        read_fleet(tmp_path / "none.toml", VENDOR)
    path = tmp_path / "fleet.csv"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError):
        read_fleet(path, VENDOR)
