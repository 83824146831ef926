import pytest

from probe.catalog.load import load_catalog
from probe.errors import ConfigError
from probe.target import origin_of

VENDOR = load_catalog("retool").vendor


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://example.retool.com", "https://example.retool.com"),
        ("https://example.retool.com/", "https://example.retool.com"),
        (" https://Example.Retool.com/api/v2/ ", "https://example.retool.com"),
        ("https://example.retool.com/api/v2", "https://example.retool.com"),
        ("https://retool.example.com:8443/api", "https://retool.example.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://192.0.2.7:8443", "https://192.0.2.7:8443"),
        ("https://my_host.example.com.", "https://my_host.example.com"),
        ("https://bücher.example.com", "https://bücher.example.com"),
    ],
)
def test_a_base_url_is_read_forgivingly(text, origin):
    assert origin_of(text, VENDOR) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.retool.com",
        "ftp://example.retool.com",
        "https://",
        "https://example.retool.com/apps/123",
        "https://example.retool.com/?x=1",
        "https://example.retool.com/#x",
        "https://retool.com",
        "http://example.retool.com",
        "http://127.0.0.1.example.com",
        "https://example.retool.com:port",
        "https://RETOOL.com.",
        "https://login.retool.com",
        "https://example.ret\tool.com",
        "https://example.retool.com\t",
        "https://example.retool.com/\n",
        "https://exam ple.com",
        "https://example.com\\@example.org",
        "https://exam\u200bple.com",
        "https://a..b",
        "https://.example.com",
        "https://example.com..",
        "https://ex%61mple.com",
        'https://"example".com',
        "https://example.com:0",
        "https://[::1",
        "https://[v1.x]",
        f"https://{'a' * 64}.com",
        f"https://{'a.' * 130}com",
    ],
)
def test_a_wrong_base_url_is_one_sentence_with_the_next_step(text):
    with pytest.raises(ConfigError) as caught:
        origin_of(text, VENDOR)
    assert caught.value.message.count(". ") == 0
    assert caught.value.hint


def test_credentials_in_the_url_are_refused_and_not_repeated():
    with pytest.raises(ConfigError) as caught:
        origin_of("https://user:hunter2secret@example.retool.com", VENDOR)
    assert "hunter2secret" not in caught.value.message + caught.value.hint


def test_http_is_allowed_on_request():
    assert origin_of("http://retool.internal", VENDOR, allow_http=True) == "http://retool.internal"
