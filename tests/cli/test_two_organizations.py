"""Runs of two organizations: refused as one, set side by side on request; `last` never picks one silently."""

import asyncio
import json
import os
import subprocess
import sys

import msgspec
import pytest
from changing_world import FEW, TOKENS, organization
from history_world import OTHER, URL, run_at

from probe.cli.fleets import shared_options
from probe.cli.main import main
from probe.errors import InputError
from probe.history.resolve import baseline_state
from probe.history.schema import PINS
from probe.history.store import open_history
from probe.report.jsonfile import render_json
from probe.settings import prepare

LOWER = {"users__list": "blocked", "groups__list": "blocked"}
HIGHER = {"users__list": "allowed", "groups__list": "allowed"}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A run of one organization, and of another that may do less; the first again, and anonymized."""
    monkeypatch.chdir(tmp_path)
    hidden = "https://organization.example"
    runs = {
        "one": run_at(1, **HIGHER),
        "other": run_at(2, base_url=OTHER, **LOWER),
        "moved": run_at(2, base_url=URL.replace("https", "http") + ":80", **LOWER),
        "hidden": run_at(3, base_url=hidden, **LOWER),
        "unmeasured": run_at(4, base_url=OTHER, measured=False),
    }
    target = runs["other"].target
    acme = msgspec.structs.replace(target, vendor="acme", base_url=URL)
    runs["acme"] = msgspec.structs.replace(runs["other"], target=acme)
    for name, run in runs.items():
        (tmp_path / f"{name}.json").write_text(render_json(run), encoding="utf-8")
    return tmp_path


def probe(*args, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "probe", *args],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def diff(capsys, *args):
    code = main(["diff", *args])
    done = capsys.readouterr()
    return code, done.out, done.err


@pytest.mark.usefixtures("files")
def test_two_organizations_are_no_loss(capsys):
    code, out, err = diff(capsys, "one.json", "other.json")
    assert (code, out) == (2, "")
    assert URL in err
    assert OTHER in err
    assert "--across" in err
    assert "--same-organization" in err


@pytest.mark.usefixtures("files")
def test_side_by_side_nothing_is_lost_or_gained(capsys):
    code, out, _ = diff(capsys, "one.json", "other.json", "--across")
    first, *rest = out.splitlines()
    assert code == 0
    assert first.startswith("two organizations compared: ")
    assert "lost" not in first
    assert any("users.list: in B not in the plan" in line for line in rest)
    assert not any(line.startswith(("Lost", "Gained")) for line in rest)
    code, back, _ = diff(capsys, "other.json", "one.json", "--across")
    assert code == 0
    assert "Allowed only in B" in back
    assert "Allowed only in A" not in back


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("form", ["json", "md"])
def test_side_by_side_in_the_other_forms(capsys, form):
    code, out, _ = diff(capsys, "one.json", "other.json", "--across", "--format", form)
    assert code == 0
    if form == "md":
        assert "Allowed only in A" in out
        assert "Lost" not in out
        return
    changes = json.loads(out)
    assert changes["organizations"] == [URL, OTHER]
    assert {item["kind"] for item in changes["capabilities"]} == {"only_first"}
    assert changes["tokens"] == []


@pytest.mark.usefixtures("files")
def test_an_organization_that_moved_is_one_when_that_is_said(capsys):
    code, out, _ = diff(capsys, "one.json", "other.json", "--same-organization")
    assert code == 10
    assert out.startswith("lost: ")
    assert diff(capsys, "one.json", "moved.json")[0] == 10, "http to https is no move"


@pytest.mark.usefixtures("files")
def test_an_anonymized_run_may_be_anybodys(capsys):
    for pair in (("one.json", "hidden.json"), ("hidden.json", "hidden.json")):
        code, out, err = diff(capsys, *pair)
        assert (code, out) == (2, "")
        assert "anonymized" in err
    assert diff(capsys, "one.json", "hidden.json", "--same-organization")[0] == 10
    assert diff(capsys, "one.json", "hidden.json", "--across")[0] == 0


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "args",
    [
        ("one.json", "one.json", "--across"),
        ("one.json", "other.json", "--across", "--same-organization"),
        ("one.json", "acme.json"),
        ("one.json", "acme.json", "--across"),
    ],
)
def test_what_is_no_pair_is_refused(capsys, args):
    code, out, err = diff(capsys, *args)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")


@pytest.mark.usefixtures("files")
def test_side_by_side_needs_two_runs_that_were_measured(capsys):
    code, out, _ = diff(capsys, "one.json", "unmeasured.json", "--across")
    assert code == 3
    assert "not compared" in out.splitlines()[0]


@pytest.fixture
def url(tmp_path, monkeypatch):
    """A history of two organizations."""
    monkeypatch.chdir(tmp_path)
    place = f"sqlite:///{tmp_path}/two.db"
    with open_history(place) as history:
        history.record(run_at(1, **HIGHER))
        history.record(run_at(2, **HIGHER))
        history.record(run_at(3, base_url=OTHER, **LOWER))
    return place


@pytest.mark.parametrize(
    "command",
    [
        "show last",
        "show last-good",
        "bundle last -o run.zip",
        "check last --allow users.list",
        "history show last",
        "history timeline users.*",
        "diff last-good last",
        "baseline set last-good",
        "baseline clear",
    ],
)
def test_of_several_organizations_none_is_picked(url, capsys, command):
    assert main([*command.split(), "--history", url]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert all(f"--base-url {known}" in said.err for known in (URL, OTHER))
    named = main([*command.split(), "--history", url, "--base-url", f"{URL}/"])
    assert named == 0, capsys.readouterr().err


def test_the_organization_of_the_configuration_is_the_one_that_is_meant(url, tmp_path, capsys):
    (tmp_path / "probe.toml").write_text(f'base_url = "{OTHER}"\n', encoding="utf-8")
    assert main(["show", "last", "--history", url, "--only", "users.list"]) == 0
    assert "x users.list" in capsys.readouterr().out


def test_an_organization_without_a_run_is_said_to_have_none(url, capsys):
    assert main(["show", "last", "--history", url, "--base-url", "https://nobody.example.com"]) == 2
    assert "no run of https://nobody.example.com" in capsys.readouterr().err


def test_an_id_names_its_run_whatever_the_organization(url, capsys):
    with open_history(url) as history:
        ours, other = history.find("last", URL).id, history.find("last", OTHER).id
    assert main(["diff", ours, other, "--history", url]) == 2
    assert "two organizations" in capsys.readouterr().err
    assert main(["diff", ours, other, "--history", url, "--across"]) == 0
    assert main(["show", other, "--history", url, "--base-url", URL]) == 0


async def test_a_baseline_of_another_organization_is_refused_before_anything_is_sent(
    files, url, monkeypatch, capsys
):
    monkeypatch.setenv("SECRET", TOKENS["admin"].secret.reveal())
    with open_history(url) as history:
        run = history.find("last", OTHER).id
    async with organization("business") as running:
        args = ["scan", "--base-url", running.base_url, "--token", "admin=env:SECRET", "--history", url]
        args += ["--requests-per-minute", "off", "--output-dir", "out", "--format", "json", "-q"]
        args += ["--confirm-after", "0", *(f"--only={glob}" for glob in FEW)]
        for baseline in ("other.json", "hidden.json", "acme.json", run):
            assert await asyncio.to_thread(main, [*args, "--baseline", baseline]) == 2
        assert running.counts.total == 0
        assert "nothing says" in capsys.readouterr().err
        last = [*args, "--baseline", "last", "--fail-on", "lost"]
        assert await asyncio.to_thread(main, last) == 0, "the first run of this one has nothing before it"
        assert await asyncio.to_thread(main, last) == 0
        changes = json.loads((files / "out" / "report.json").read_bytes())["changes"]
        assert changes["comparable"]
        assert changes["reason"] == "", "compared with its own last run, not with the other organization's"
        moved = [*args, "--baseline", "one.json", "--same-organization"]
        assert await asyncio.to_thread(main, moved) == 10


PLAIN = URL.replace("https", "http")
WITH_PORT = f"{URL}:443"


@pytest.mark.parametrize("former", [PLAIN, WITH_PORT])
def test_a_pinned_baseline_stays_when_its_address_is_written_otherwise(tmp_path, monkeypatch, capsys, former):
    monkeypatch.chdir(tmp_path)
    place = f"sqlite:///{tmp_path}/kin.db"
    with open_history(place) as history:
        pin = history.record(run_at(1, base_url=former, **HIGHER)).id
        history.pin(former, pin)
        for day in (2, 3):
            history.record(run_at(day, **LOWER))
            known = baseline_state("last-good", history, URL)
            assert known is not None
            assert known.baseline.run == pin, f"after the run of day {day}"
        last = history.find("last", former).id
        assert last == history.find("last").id, "two spellings are one organization"
    assert main(["baseline", "show", "--history", place]) == 0
    assert capsys.readouterr().out.count(pin) == 1
    assert main(["diff", "baseline", "last", "--history", place]) == 10
    assert main(["baseline", "set", last, "--history", place]) == 0
    capsys.readouterr()
    assert main(["baseline", "show", "--history", place, "--base-url", former]) == 0
    shown = capsys.readouterr().out
    assert last in shown, "another takes the place of the one that was pinned under the former address"
    assert pin not in shown
    assert main(["baseline", "clear", "--history", place, "--base-url", former]) == 0
    with open_history(place) as history:
        assert history.pinned(URL) is None
        assert history.pinned(former) is None


def test_what_was_known_is_known_when_the_address_is_written_otherwise(tmp_path, capsys):
    place = f"sqlite:///{tmp_path}/kin.db"
    with open_history(place) as history:
        good = history.record(run_at(1, base_url=PLAIN, **HIGHER)).id
        history.record(run_at(2, base_url=PLAIN, users__list="unknown"))
        history.record(run_at(3, measured=False))
        history.record(run_at(4, users__list="unknown"))
        known = baseline_state("last-good", history, URL)
        assert known is not None
        assert known.capabilities["users.list"].run == good
        assert [run.started_at[8:10] for run in history.runs(base_url=URL)] == ["04", "03", "02", "01"]
        history.record(run_at(5, **LOWER))
    assert main(["history", "timeline", "users.list", "--history", place, "--format", "json"]) == 0
    marks = [item["mark"] for item in json.loads(capsys.readouterr().out)[0]["entries"]]
    assert marks[0] == "allowed"
    assert marks[-1] == "blocked"
    assert main(["diff", "last-good", "last", "--history", place]) == 10


def test_the_pin_of_the_address_itself_goes_before_that_of_another_spelling(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/kin.db") as history:
        run = history.record(run_at(1, **HIGHER))
        other = history.record(run_at(2, base_url=PLAIN, **LOWER))
        history.pin(URL, run.id)
        with history._database.writing() as connection:  # noqa: SLF001 - as an earlier version left it
            connection.execute(PINS.insert().values(base_url=PLAIN, run_seq=2))
        assert history.pinned(URL) == run
        assert history.pinned(PLAIN) == other


@pytest.mark.parametrize("name", ["last", "last-good", "baseline"])
def test_a_name_cannot_say_which_run_of_a_former_address_is_meant(url, tmp_path, name):
    moved = "https://moved.example.com"
    with open_history(url) as history:
        assert baseline_state(name, history, moved) is None
        assert baseline_state("", history, moved, same_organization=True) is None
        with pytest.raises(InputError) as refused:
            baseline_state(name, history, moved, same_organization=True)
        assert moved in refused.value.message
        assert "its id or file" in refused.value.hint
        run = history.find("last", URL).id
        assert baseline_state(run, history, moved, same_organization=True) is not None
    with open_history(f"sqlite:///{tmp_path}/empty.db") as empty:
        assert baseline_state(name, empty, moved, same_organization=True) is None, "there is none to name"


def test_a_run_of_another_vendor_is_no_baseline_by_any_name(url):
    acme = msgspec.structs.replace(run_at(4, **LOWER).target, vendor="acme")
    with open_history(url) as history:
        own = history.find("last", URL).id
        foreign = history.record(msgspec.structs.replace(run_at(4, **LOWER), target=acme)).id
        with pytest.raises(InputError, match="acme"):
            baseline_state(foreign, history, URL, vendor="retool")
        assert _found("last", history, "retool") == _found("last-good", history, "retool") == own
        assert _found("last", history, "acme") == _found("", history, "acme") == foreign
        history.pin(URL, foreign)
        assert _found("baseline", history, "retool") is None
        assert _found("last-good", history, "retool") == own
        assert _found("last-good", history, "acme") == foreign
        assert _found("last", history, "third") is None


def _found(name, history, vendor):
    state = baseline_state(name, history, URL, vendor=vendor)
    return None if state is None else state.baseline.run


@pytest.mark.parametrize(
    ("command", "key", "option", "code"),
    [
        ("scan", "", [], 2),
        ("scan", "same_organization = true\n", [], 10),
        ("watch", "", [], 2),
        ("watch", "same_organization = true\n", [], 10),
        ("watch", "", ["--same-organization"], 10),
    ],
)
async def test_the_configuration_says_that_an_organization_has_moved(files, command, key, option, code):
    secret = TOKENS["admin"].secret.reveal()
    async with organization("business") as running:
        only = ", ".join(f'"{glob}"' for glob in FEW)
        text = f'base_url = "{running.base_url}"\nonly = [{only}]\nformats = ["json"]\n'
        text += f'output_dir = "out"\n[regression]\nbaseline = "one.json"\nconfirm_after = 0.0\n{key}'
        text += '[tokens.admin]\nenv = "SECRET"\n[limits]\nrequests_per_minute = "off"\n'
        (files / "probe.toml").write_text(text, encoding="utf-8")
        args = ["--no-history", *(["--once"] if command == "watch" else ["-q"]), *option]
        done = await asyncio.to_thread(probe, command, *args, cwd=files, SECRET=secret)
        assert done.returncode == code, done.stderr
        if code == 2:
            assert running.counts.total == 0
            assert "same_organization" in done.stderr


def test_a_fleet_takes_the_key_for_one_run_and_not_for_names(files):
    options = dict.fromkeys(("config", "history", "catalog", "output_dir", "processes", "spaces_of"))
    options |= {"space_domain": (), "notify": False, "no_history": True}
    for baseline, counts in (("one.json", True), ("last-good", False)):
        text = f'[regression]\nbaseline = "{baseline}"\nsame_organization = true\n'
        (files / "probe.toml").write_text(text, encoding="utf-8")
        shared, _ = shared_options(options, 8, 1)
        said = msgspec.structs.replace(shared.scan, base_url=URL, tokens=("admin=s3cr3t-of-a-test",))
        assert prepare(said).comparing.same_organization is counts
