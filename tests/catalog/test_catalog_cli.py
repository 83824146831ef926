"""`probe catalog` lists, shows and checks; its JSON can be read by a program."""

import json
import shutil
from pathlib import Path

import pytest

from probe.cli.main import main

BUILT_IN = Path(__file__).parents[2] / "probe" / "catalog" / "retool"


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def run(capsys, *args):
    code = main(["catalog", *args])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_whole_list_fits_80_columns(capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert "166 of 166" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_on_a_narrow_terminal_each_operation_is_an_item_of_a_list(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = run(capsys, "list")
    assert max(map(len, out.splitlines())) <= 40
    assert out.count("\n- ") == 166
    assert "- users.list: GET, read, " in out


def listed(capsys, *args):
    code, out, _ = run(capsys, "list", "--format", "json", *args)
    assert code == 0
    return json.loads(out)


def test_a_choice_of_the_list(capsys):
    assert {entry["id"].split(".")[0] for entry in listed(capsys, "--only", "users.*")} == {"users"}
    assert {entry["group"] for entry in listed(capsys, "--group", "groups")} == {"groups"}
    assert {entry["hazard"] for entry in listed(capsys, "--hazard", "unsafe")} == {"unsafe"}
    two = listed(capsys, "--only", "scim.*", "--only", "health", "--hazard", "read")
    assert {"scim.users.list", "health"} <= {entry["id"] for entry in two}


def test_a_plan_includes_the_lower_ones(capsys):
    assert {entry["plan"] for entry in listed(capsys, "--plan", "business")} == {"business"}
    assert {entry["plan"] for entry in listed(capsys, "--plan", "enterprise_base")} == {
        "business",
        "enterprise_base",
    }
    assert listed(capsys, "--plan", "free") == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["list", "--plan", "platinum"], "enterprise_base"),
        (["list", "--group", "user"], "users"),
        (["show", "user.create"], "users.create"),
        (["show", "zzz"], "catalog list"),
        (["list", "--catalog", "nothing"], "retool"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(capsys, args, said):
    code, out, err = run(capsys, *args)
    assert code == 2
    assert out == ""
    assert said in err


def test_a_read_says_how_it_is_asked(capsys):
    _, out, _ = run(capsys, "show", "users.get")
    assert "users.list" in out
    assert "user_" + "0" * 32 in out


def test_a_guarded_write_says_what_is_sent_and_why_it_is_refused(capsys):
    _, out, _ = run(capsys, "show", "POST /api/v2/users")
    assert "--guarded-writes" in out
    assert "{}" in out
    assert "email" in out


def test_an_unsafe_operation_says_that_it_is_never_sent(capsys):
    _, out, _ = run(capsys, "show", "source_control.deploy")
    assert "never" in out


def test_every_operation_can_be_shown_in_80_columns(capsys):
    for entry in listed(capsys):
        code, out, _ = run(capsys, "show", entry["id"])
        assert code == 0
        assert entry["summary"] in out
        assert all(len(line) <= 80 or " " not in line.strip() for line in out.splitlines()[1:]), entry["id"]


def test_an_operation_as_json_is_the_entry_of_the_file(capsys):
    _, out, _ = run(capsys, "show", "users.list", "--format", "json")
    shown = json.loads(out)
    written = json.loads((BUILT_IN / "operations" / "users.json").read_text())[0]
    assert {name: shown[name] for name in written if name != "ask"} == {
        name: value for name, value in written.items() if name != "ask"
    }


def test_the_built_in_catalog_passes_the_check(capsys):
    code, out, _ = run(capsys, "check")
    assert code == 0
    assert "nothing is wrong" in out
    assert run(capsys, "check", "--format", "json")[1].strip() == "[]"


def test_a_check_says_what_is_wrong_and_ends_with_2(capsys, tmp_path):
    folder = Path(shutil.copytree(BUILT_IN, tmp_path / "copy"))
    file = folder / "operations" / "users.json"
    document = json.loads(file.read_text())
    document[2]["hazard"] = "read"
    document[0]["scopes"] = ["nobody:knows"]
    file.write_text(json.dumps(document))
    code, out, _ = run(capsys, "check", "--catalog", str(folder))
    assert code == 2
    assert "users.create" in out
    assert "nobody:knows" in out
    code, out, _ = run(capsys, "check", "--catalog", str(folder), "--format", "json")
    assert code == 2
    assert [problem["grave"] for problem in json.loads(out)] == [True, False, False]
    code, _, err = run(capsys, "list", "--catalog", str(folder))
    assert code == 2
    assert "users.create" in err


@pytest.mark.parametrize("name", ["list", "show", "check"])
def test_each_command_has_help_with_an_example(capsys, name):
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert "Example:" in out
