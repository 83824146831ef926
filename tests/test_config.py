from pathlib import Path

import pytest

from probe.config import LimitsEntry, limits_from, read_config
from probe.errors import ConfigError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "probe.toml"
    path.write_text(text)
    return path


def test_a_whole_file_is_read(tmp_path):
    config = read_config(
        written(
            tmp_path,
            """
            base_url = "https://example.retool.com"
            only = ["users.*"]
            ca_bundle = "company-ca.pem"
            anonymize = true
            [tokens.admin]
            env = "RETOOL_TOKEN"
            scopes = ["users:read"]
            [limits]
            requests_per_minute = "off"
            """,
        )
    )
    assert config.tokens["admin"].env == "RETOOL_TOKEN"
    assert config.tokens["admin"].scopes == ("users:read",)
    assert limits_from(config.limits, 240).requests_per_minute is None
    assert (config.ca_bundle, config.anonymize) == ("company-ca.pem", True)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('base_ulr = "x"', "base_ulr"),
        ('[tokens.admin]\nenvv = "X"', "envv"),
        ("[limits]\nconcurency = 3", "concurency"),
        ('[limits]\nconcurrency = "3"', "[limits] concurrency: expected a whole number, got text."),
        ("[tokens.admin]\nenv = 3", "[tokens.admin] env: expected text, got a number."),
        ("[tokens.admin]\nscopes = [1]", "[tokens.admin] scopes: expected text, got a number."),
        ("[tokens]\nadmin = 3", "[tokens] admin: expected a table, got a number."),
        ("tokens = 3", "tokens: expected a table, got a number."),
        ("base_url = true", "base_url: expected text, got true or false."),
        ('[limits]\nrequests_per_minute = "fast"', '"off"'),
        ("base_url = ", "not valid TOML"),
        pytest.param(f"base_url = {'9' * 5000}", "too long", id="a number without end"),
        pytest.param(f"base_url = {'[' * 5000}", "too long", id="a nesting without end"),
    ],
)
def test_a_wrong_key_is_named(tmp_path, text, named):
    with pytest.raises(ConfigError) as caught:
        read_config(written(tmp_path, text))
    assert named in caught.value.message
    assert caught.value.hint


def test_a_misspelt_key_gets_a_suggestion(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read_config(written(tmp_path, 'base_ulr = "x"'))
    assert "base_url" in caught.value.hint


def test_a_missing_or_unreadable_file_says_so(tmp_path):
    with pytest.raises(ConfigError):
        read_config(tmp_path / "none.toml")
    with pytest.raises(ConfigError):
        read_config(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_config(tmp_path / "binary.toml")


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    assert read_config(written(tmp_path, '\ufeffcatalog = "x"')).catalog == "x"


def test_limits_at_their_bounds_are_fine():
    entry = LimitsEntry(concurrency=256, requests_per_minute=100_000, retries=0, retry_after_cap=0.0)
    assert limits_from(entry, 240).concurrency == 256


@pytest.mark.parametrize(
    "wrong",
    [
        {"concurrency": 0},
        {"requests_per_minute": 0},
        {"concurrency": 257},
        {"requests_per_minute": 100_001},
        {"retries": 11},
        {"retries": -1},
        {"body_cap": 1},
        {"connect_timeout": 0.0},
        {"connect_timeout": float("inf")},
        {"first_byte_timeout": float("nan")},
        {"body_timeout": 1e300},
        {"retry_after_cap": float("inf")},
        {"retry_after_cap": float("nan")},
        {"retry_after_cap": -1.0},
    ],
)
def test_limits_out_of_bounds_are_refused(wrong):
    with pytest.raises(ConfigError):
        limits_from(LimitsEntry(**wrong), 240)


def test_the_pace_is_the_vendors_unless_said():
    assert limits_from(LimitsEntry(), 240).requests_per_minute == 240
    assert limits_from(LimitsEntry(requests_per_minute=45), 240).requests_per_minute == 45
