"""What a stranger does wrong ends in one sentence that names the place, and a next step that exists."""

import re
import shutil
from pathlib import Path

import pytest

from probe.cli.main import main
from probe.errors import short_reason
from probe.history.store import open_history
from probe.report.jsonfile import parse_report

SAMPLE = Path(__file__).parents[2] / "reports" / "samples" / "business.json"
CONFIG = 'base_url = "http://127.0.0.1:9"\n[tokens.admin]\nenv = "ADMIN_SECRET"\n[limits]\nretries = 0\n'


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a saved run, a history of it, and things that are not what they should be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMIN_SECRET", "retool_01h5pq8canary9x7z")
    monkeypatch.setenv("PROBE_HISTORY", "sqlite:///history.db")
    (tmp_path / "run").mkdir()
    shutil.copy(SAMPLE, tmp_path / "run" / "report.json")
    with open_history(f"sqlite:///{tmp_path}/history.db") as history:
        history.record(parse_report(SAMPLE.read_text()))
    (tmp_path / "probe.toml").write_text(CONFIG)
    (tmp_path / "file").write_text("not json")
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(bytes(range(128, 256)))
    (tmp_path / "fleet.jsonl").write_text(
        '{"name": "Acme", "base_url": "http://127.0.0.1:9", "tokens": {"admin": "env:ADMIN_SECRET"}}\n'
    )
    return tmp_path


@pytest.fixture
def said(place, capsys):  # noqa: ARG001 - it is run there
    """Run a command line; return its exit code and what it said on stderr."""

    def run(text):
        capsys.readouterr()
        code = main(text.split())
        return code, capsys.readouterr().err

    return run


def options_of(command, capsys):
    capsys.readouterr()
    main([*command, "--help"])
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", capsys.readouterr().out))


# Each command that writes, told to write below a file.
WRITING = {
    ("scan",): "scan --output-dir file/x",
    ("demo",): "demo --output-dir file/x",
    ("judge",): "judge run/report.json --output-dir file/x",
    ("watch",): "watch --once --output-dir file/x",
    ("fleet",): "fleet fleet.jsonl --output-dir file/x",
    ("bundle",): "bundle run -o file/x.zip",
    ("history", "show"): "history show last --base-url http://127.0.0.1:8080 --output-dir file/x",
    ("history", "export"): "history export --output file/x",
    ("schedule",): "schedule cron --write file/x",
    ("init",): "init --yes --file file/x.toml",
}


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_what_cannot_be_written_is_one_exit_code_and_an_option_that_there_is(command, said, capsys):
    code, err = said(WRITING[command])
    assert code == 1
    assert "file/x" in err
    assert "could not be written: Not a directory" in err
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", err))
    assert named
    assert named <= options_of(command, capsys)


READING = ("judge {}", "show {}", "bundle {}", "diff run {}", "check {} --allow users.*", "history import {}")


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("file", ["./file", "./empty", "./binary", "./missing.json"])
def test_what_cannot_be_read_is_named(command, file, said):
    code, err = said(command.format(file))
    assert code == 2
    assert file.removeprefix("./") in err
    assert "Error: " in err
    assert not re.search(r"[A-Z]\w+Error\b|errno|Traceback", err.replace("Error: ", "", 1))


def test_a_folder_is_judged_by_its_report(said):
    assert said("judge run --summary")[0] == 0
    code, err = said("judge .")
    assert code == 2
    assert "report.json" in err


@pytest.mark.parametrize(
    "error",
    [
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"),
        ValueError("embedded null byte"),
        TimeoutError(),
        MemoryError(),
        OSError(),
        KeyError("x"),
        OSError(2, "No such file or directory"),
    ],
)
def test_no_reason_is_an_error_name(error):
    words = short_reason(error)
    assert " " in words
    assert type(error).__name__ not in words
    assert "byte" not in words


# Where a wrong word was said, by option and by file.
PLACES = {
    "only": ("--only nope.*", 'only = ["nope.*"]\n', "--only", "`only`"),
    "fail-on": ("--fail-on bad", '[regression]\nfail_on = ["bad"]\n', "--fail-on", "[regression] fail_on"),
    "confirm": ("--confirm 99", "[regression]\nconfirm = 99\n", "--confirm", "[regression] confirm"),
    "pause": (
        "--confirm-after 999",
        "[regression]\nconfirm_after = 999\n",
        "--confirm-after",
        "confirm_after",
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_wrong_word_is_named_as_it_was_said(case, said, place):
    option, text, by_option, by_file = PLACES[case]
    (place / "other.toml").write_text(text + CONFIG if case == "only" else CONFIG + text)
    code, err = said(f"scan {option}")
    assert (code, by_option in err, by_file in err) == (2, True, False)
    code, err = said("scan --config other.toml")
    assert (code, by_option in err, by_file in err) == (2, False, True)


@pytest.mark.parametrize(
    ("option", "key"),
    [("--allow nope.*", "allow"), ("--block nope.*", "block"), ("--plan-at-least x", "plan")],
)
def test_an_expectation_is_named_as_it_was_said(option, key, said, place):
    code, err = said(f"check run {option}")
    assert code == 2
    assert option.split()[0] in err
    assert "[expect]" not in err
    text = '[expect]\nplan_at_least = "x"\n' if key == "plan" else f'[expect]\n{key} = ["nope.*"]\n'
    (place / "probe.toml").write_text(text)
    code, err = said("check run")
    assert code == 2
    assert f"[expect] {key}" in err
    assert "--" not in err


@pytest.mark.usefixtures("place")
def test_what_fails_the_check_is_read_before_anything_is_printed(capsys):
    assert main(["check", "run", "--allow", "users.*", "--fail-on", "bad"]) == 2
    assert capsys.readouterr().out == ""


def test_a_command_without_an_option_for_it_names_the_file(said, place):
    (place / "http.toml").write_text('base_url = "http://example.retool.com"\n')
    (place / "none.toml").write_text('base_url = "https://example.retool.com"\n')
    for command, wanted in (
        ("watch --once --config http.toml", "allow_http = true"),
        ("watch --once --config none.toml", "none.toml"),
        ("watch --once --config missing.toml", "missing.toml"),
        ("schedule cron --config missing.toml", "missing.toml"),
        ("notify test --config missing.toml", "missing.toml"),
    ):
        code, err = said(command)
        assert code == 2
        assert wanted in err
        assert set(re.findall(r"--[a-z-]+", err)) <= {"--config"}


def test_a_fleet_is_not_begun_with_nothing_to_ask(said, place):
    code, err = said("fleet fleet.jsonl --only nope.* --output-dir out")
    assert code == 2
    assert "--only nope.*" in err
    assert not (place / "out").exists()


def test_one_organization_is_no_organizations(said):
    _, err = said("fleet fleet.jsonl --only users.list --output-dir out --no-history")
    assert "1 organization;" in err


def test_a_baseline_without_a_history_is_said_to_need_one(said):
    _, err = said("scan --only users.list --baseline last-good --no-history --output-dir out")
    assert "history" in err
    assert "next scan" not in err


def test_what_shows_one_operation_takes_no_filter(said):
    for option in ("--verdict blocked", "--only users.*"):
        code, err = said(f"show run --operation users.list {option}")
        assert code == 2
        assert "--operation" in err
    code, err = said("show run --only nope.*")
    assert code == 2
    assert "nope.*" in err


def test_what_is_no_run_is_repeated(said):
    code, err = said("show nosuchrun")
    assert code == 2
    assert '"nosuchrun"' in err


def test_a_misspelt_command_is_answered_with_the_nearest(said):
    code, err = said("bundel run")
    assert code == 2
    assert "'bundel'" in err
    assert "bundle?" in err


def test_an_export_of_an_unknown_organization_is_no_empty_file(said):
    code, err = said("history export --base-url https://x.example.com")
    assert code == 2
    assert "https://x.example.com" in err
