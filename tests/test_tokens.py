import os
import subprocess
import sys
from pathlib import Path

import pytest

from probe.config import TokenEntry
from probe.errors import ConfigError
from probe.secret import Secret
from probe.tokens import SourceKind, resolve, scopes_from_options, token_from_entry, token_from_option

TEXT = "retool_01h5pq8canary9x7z"


def resolved(text: str, folder: Path = Path()) -> str:
    return resolve(token_from_option(text, {}), folder).secret.reveal()


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("PROBE_TEST_TOKEN", f"  {TEXT}\n")
    assert resolved("admin=env:PROBE_TEST_TOKEN") == TEXT


def test_from_a_file_beside_the_configuration(tmp_path):
    (tmp_path / "token.txt").write_text(f"Bearer {TEXT}\n")
    assert resolved("admin=file:token.txt", tmp_path) == TEXT


def test_from_a_command():
    assert resolved(f"admin=cmd:{sys.executable} -c 'print(\"{TEXT}\")'") == TEXT


def test_a_variable_named_without_its_source_is_no_token(monkeypatch):
    monkeypatch.setenv("PROBE_TEST_TOKEN", TEXT)
    with pytest.raises(ConfigError) as caught:
        resolved("admin=PROBE_TEST_TOKEN")
    assert "env:" in caught.value.hint


def test_a_literal_is_known_as_one():
    source = token_from_option(f"admin={TEXT}", {})
    assert source.kind is SourceKind.LITERAL
    assert resolve(source, Path()).secret == Secret(TEXT)
    assert TEXT not in repr(source)


@pytest.mark.parametrize(
    "text",
    [
        "admin",
        "=env:X",
        "two words=env:X",
        "retool_01HJ8K3M2N5P7Q9R4T6V8W=env:X",
        "admin=env:PROBE_NO_SUCH_VARIABLE",
        "admin=file:no-such-file",
        "admin=cmd:no-such-command-here",
        "admin=cmd:'open quote",
        "admin=cmd:",
        "admin=cmd:  ",
        "admin=cmd:echo \0",
        "admin=file:",
        "admin=file:~no-such-user-here/token",
        "admin=file:a\0b",
        "admin=env:",
        "admin=env:A=B",
        "admin=env:A\0B",
        "admin=",
    ],
)
def test_a_source_that_gives_nothing_is_one_sentence(text):
    with pytest.raises(ConfigError) as caught:
        resolved(text)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["tok", "1234567", "admin", "Business", "organization", "users:read"])
def test_a_secret_that_no_mask_could_tell_from_a_word_is_refused_before_it_is_sent(text):
    with pytest.raises(ConfigError, match="plain word") as caught:
        resolved(f"admin={text}")
    assert text not in (caught.value.message + caught.value.hint).replace('"admin"', "").split()


def test_a_name_may_be_long_and_hold_a_number():
    assert token_from_option("production-admin-2-of-10=env:X", {}).name == "production-admin-2-of-10"


@pytest.mark.parametrize("text", ["12345678", "aB3dEfGh", "aBcDeFgH", "a-made-up-secret"])
def test_a_short_secret_that_is_no_word_is_taken(text):
    assert resolved(f"admin={text}") == text


@pytest.mark.parametrize("source", ["env", "file", "cmd", "literal", "endless file", "endless cmd"])
def test_a_source_is_read_within_a_bound(source, tmp_path, monkeypatch):
    long = "x" * (16 * 1024 + 1)
    monkeypatch.setenv("PROBE_TEST_TOKEN", long)
    (tmp_path / "token").write_text(long)
    endless = "while True: print('x' * 1000)"
    text = {
        "env": "env:PROBE_TEST_TOKEN",
        "file": "file:token",
        "cmd": f"cmd:{sys.executable} -c \"print('x' * {len(long)})\"",
        "literal": long,
        "endless file": "file:/dev/zero",
        "endless cmd": f'cmd:{sys.executable} -c "{endless}"',
    }[source]
    with pytest.raises(ConfigError, match="16 KiB") as caught:
        resolved(f"admin={text}", tmp_path)
    assert len(caught.value.message) < 200


def test_a_command_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr("probe.tokens._COMMAND_TIMEOUT_S", 0.2)
    with pytest.raises(ConfigError, match="did not end"):
        resolved(f"admin=cmd:{sys.executable} -c 'import time; time.sleep(60)'")


def test_a_failing_command_does_not_show_what_it_printed():
    script = f"import sys; print('{TEXT}'); print('{TEXT}', file=sys.stderr); sys.exit(3)"
    with pytest.raises(ConfigError) as caught:
        resolved(f'admin=cmd:{sys.executable} -c "{script}"')
    assert TEXT not in caught.value.message + caught.value.hint
    assert "3" in caught.value.message


@pytest.mark.parametrize("secret", ["", "   \n", "two words", "line\nbreak", "naïve", "nul\0"])
def test_an_unusable_secret_is_refused_and_not_repeated(tmp_path, secret):
    (tmp_path / "token").write_text(secret)
    with pytest.raises(ConfigError) as caught:
        resolved("admin=file:token", tmp_path)
    if secret.strip():
        assert secret not in caught.value.message + caught.value.hint


def test_a_table_says_exactly_one_source():
    with pytest.raises(ConfigError):
        token_from_entry("admin", TokenEntry())
    with pytest.raises(ConfigError):
        token_from_entry("admin", TokenEntry(env="A", file="B"))
    assert token_from_entry("admin", TokenEntry(env="A", scopes=("users:read",))).scopes == ("users:read",)


def test_scopes_are_read_by_token():
    assert scopes_from_options(("a=x:read, y:read", "b=")) == {"a": ("x:read", "y:read"), "b": ()}
    with pytest.raises(ConfigError):
        scopes_from_options(("users:read",))


@pytest.mark.parametrize("kind", ["env", "file"])
@pytest.mark.parametrize("secret", [TEXT, "sk-Ab12Cd34Ef56Gh78", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.c2ln"])
def test_a_secret_pasted_in_place_of_a_name_is_not_repeated(kind, secret):
    with pytest.raises(ConfigError) as caught:
        resolved(f"admin={kind}:{secret}")
    assert secret not in caught.value.message + caught.value.hint
    assert "looks like a secret" in caught.value.message


@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_what_a_secret_command_prints_and_has_never_shows(code, debug, tmp_path):
    """Neither its output, its error output, its arguments nor its environment."""
    script = tmp_path / "fetch.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $1 $VAULT two words"; echo "$1 $VAULT" >&2; exit {code}\n')
    script.chmod(0o700)
    args = ["scan", "--base-url", "http://127.0.0.1:9", "--token", f"admin=cmd:{script} {TEXT}"]
    done = subprocess.run(
        [sys.executable, "-m", "probe", *debug, *args],
        env={**os.environ, "VAULT": "vault-canary-77x"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert TEXT not in done.stdout + done.stderr
    assert "vault-canary" not in done.stdout + done.stderr


@pytest.mark.parametrize("where", ["option", "file", "init"])
def test_a_login_in_the_base_url_is_refused_and_never_shows(where, tmp_path):
    url = "https://jo:hunter22secret@example.com"
    (tmp_path / "probe.toml").write_text(f'base_url = "{url}"\n[tokens.admin]\nsecret = "{TEXT}"\n')
    args = {
        "option": ["scan", "--base-url", url, "--token", f"admin={TEXT}"],
        "file": ["scan"],
        "init": ["init", "--base-url", url, "--yes", "--file", "other.toml"],
    }[where]
    done = subprocess.run(
        [sys.executable, "-m", "probe", "--debug", *args],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "user name or password" in done.stderr
    assert "hunter22secret" not in done.stdout + done.stderr
    assert TEXT not in done.stdout + done.stderr
