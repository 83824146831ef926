"""Folder names: readable, safe on every file system, never the same twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.report.host import host_folder, run_folder, time_folder

AT = datetime(2026, 11, 24, 6, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("https://example.retool.com", "example.retool.com"),
        ("https://EXAMPLE.retool.com/", "example.retool.com"),
        ("http://127.0.0.1:8080", "127.0.0.1_8080"),
        ("http://[::1]:8080", "1_8080"),
        ("https://user:password@example.com", "example.com"),
        ("https://nul.example", "host-nul.example"),
        ("https://../../etc", "unknown-host"),
        ("a[^1]", "unknown-host"),
        ("", "unknown-host"),
    ],
)
def test_a_host_becomes_a_name(origin, name):
    assert host_folder(origin) == name


@given(st.text())
def test_any_origin_becomes_one_harmless_name(text):
    name = host_folder(f"https://{text}")
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    assert not name.startswith(".")
    assert not name.endswith(".")


def test_the_time_is_utc_and_sorts():
    assert time_folder(AT) == "2026-11-24T06-15-01Z"
    assert time_folder(AT.astimezone(timezone(timedelta(hours=9)))) == "2026-11-24T06-15-01Z"


def test_a_second_run_in_the_same_second_gets_a_folder_of_its_own(tmp_path):
    first = run_folder(tmp_path, "https://example.com", AT)
    assert first == tmp_path / "example.com" / "2026-11-24T06-15-01Z"
    first.mkdir(parents=True)
    assert run_folder(tmp_path, "https://example.com", AT) != first
