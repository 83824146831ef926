"""`probe embed` as a user runs it: consent, dry run, the answer without the address."""

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer

from probe.cli.main import cli

PATH = "/api/embed-url/external-user"
ADDRESS = "https://sim.example.com/embedded/only-once-7f3a"
WISH = (
    "--landing-page-uuid",
    "00000000-0000-4000-8000-000000000000",
    "--group-ids",
    "1, 2",
    "--external-identifier",
    "user1",
)


@pytest.fixture
def server():
    with HTTPServer(host="127.0.0.1") as running:
        running.expect_request(PATH, method="POST").respond_with_json({"embedUrl": ADDRESS})
        yield running


def run(server, *args, token="mine=env:MINE_TOKEN", wish=WISH):  # noqa: S107 - a token's name and source
    base = ("embed", "--base-url", server.url_for("").rstrip("/"), "--token", token)
    return CliRunner().invoke(
        cli, [*base, *wish, *args], env={"MINE_TOKEN": "made-up-secret-5kT9xQ2w"}, standalone_mode=False
    )


def test_with_consent_it_says_yes_and_shows_no_address(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(server, "--yes")
    assert done.return_value == 0
    assert len(server.log) == 1
    assert server.log[0][0].json["groupIds"] == [1, 2]
    assert "only-once" not in done.output
    assert "session" in done.output
    assert not list(tmp_path.iterdir())


def test_without_consent_nothing_is_sent(server):
    done = run(server)
    assert done.exception is not None
    assert "consent" in str(done.exception)
    assert not server.log


def test_a_dry_run_sends_nothing_and_shows_no_secret(server):
    done = run(server, "--dry-run")
    assert done.return_value == 0
    assert f"POST {server.url_for(PATH)}" in done.output
    assert "made-up-secret" not in done.output
    assert not server.log


def test_a_refusal_ends_with_exit_code_3(server):
    server.clear()
    server.expect_request(PATH).respond_with_json({"message": "Embedding is not enabled"}, status=400)
    done = run(server, "--yes")
    assert done.return_value == 3
    assert "Embedding is not enabled" in done.output


@pytest.mark.parametrize("groups", ["", "a", "1,,2", "-1", "1.5"])
def test_groups_are_whole_numbers(server, groups):
    wish = (*WISH[:3], groups, *WISH[4:])
    assert "whole numbers" in str(run(server, "--yes", wish=wish).exception)
    assert not server.log


def test_an_unknown_token_name_is_said(server, tmp_path):
    config = tmp_path / "probe.toml"
    config.write_text('[tokens.other]\nenv = "MINE_TOKEN"\n')
    done = run(server, "--yes", "--config", str(config), token="mine")
    assert 'no token "mine"' in str(done.exception)
    assert not server.log
