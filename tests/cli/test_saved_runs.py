"""`probe show` and `probe bundle`: a saved run, read and packed."""

import json
import re
import stat
import zipfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from synthetic_changes import with_changes
from synthetic_report import FEW, HOSTILE, synthetic_report

from probe.cli.main import cli, main
from probe.report.credential_shapes import credential_in
from probe.report.jsonfile import parse_report, render_json


@pytest.fixture
def saved(tmp_path):
    report = with_changes(synthetic_report(names=FEW))
    (tmp_path / "report.json").write_text(render_json(report))
    return report, tmp_path


def shown(*args):
    done = CliRunner().invoke(cli, ["show", *map(str, args)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_a_run_is_shown_whole_from_its_folder(saved):
    report, folder = saved
    text = shown(folder)
    assert all(item.operation in text for item in report.capabilities)
    assert text == shown(folder / "report.json")


def test_only_what_is_wanted_is_shown(saved):
    report, folder = saved
    text = shown(folder, "--verdict", "blocked", "--only", "users.*")
    listed = set(re.findall(r"^  [+x?] (\S+?)(?: \(i\))? \(", text, re.MULTILINE))
    fitting = {
        item.operation
        for item in report.capabilities
        if item.verdict == "blocked" and item.operation.startswith("users.")
    }
    assert listed == fitting


def test_one_operation_is_shown_in_full(saved):
    report, folder = saved
    finding = report.findings[0]
    text = shown(folder, "--operation", finding.operation, "--token", finding.token)
    assert finding.rule in text
    assert f"{finding.evidence.request.method} {finding.evidence.request.path}" in text
    assert "curl -sS" in text
    others = {token.name for token in report.tokens} - {finding.token}
    assert not any(f"token {name}:" in text for name in others)


def test_lines_fit_the_terminal(saved):
    for line in shown(saved[1], "--verdict", "blocked").splitlines():
        assert len(line) <= 80


def test_no_escape_sequence_of_a_server_reaches_the_terminal(tmp_path):
    report = with_changes(synthetic_report(hostile=True, names=FEW), HOSTILE)
    (tmp_path / "report.json").write_text(render_json(report))
    texts = [shown(tmp_path)]
    texts += [shown(tmp_path, "--operation", item.operation) for item in report.capabilities]
    for text in texts:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize(
    "args",
    [
        ("--operation", "no.such"),
        ("--token", "nobody"),
    ],
)
def test_what_the_run_does_not_have_is_said_in_one_sentence(saved, args, capsys):
    assert main(["show", str(saved[1]), *args]) == 2
    assert "Error: The run has no" in capsys.readouterr().err


def test_a_file_that_is_no_run_is_refused(tmp_path, capsys):
    (tmp_path / "x.json").write_text("{}")
    assert main(["show", str(tmp_path / "x.json")]) == 2
    assert main(["bundle", str(tmp_path / "gone.json")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def packed(folder: Path, *args) -> Path:
    path = folder / "ticket.zip"
    assert main(["bundle", str(folder), "-o", str(path), *args]) == 0
    return path


def test_a_bundle_takes_the_place_of_a_bundle_and_of_nothing_else(saved, capsys):
    config, ticket = saved[1] / "probe.toml", saved[1] / "ticket.zip"
    config.write_text("[tokens]")
    assert main(["bundle", str(saved[1]), "-o", str(config)]) == 2
    assert config.read_text() == "[tokens]"
    assert str(config) in capsys.readouterr().err
    assert main(["bundle", str(saved[1]), "-o", str(ticket)]) == 0
    assert main(["bundle", str(saved[1]), "-o", str(ticket)]) == 0


def test_a_bundle_holds_the_forms_and_a_note_about_each(saved):
    report, folder = saved
    path = packed(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert parse_report(archive.read("report.json").decode()) == report
        note = archive.read("README.txt").decode()
        assert json.loads(archive.read("report.har"))
    assert all(name in note for name in names if name != "README.txt")


def test_the_same_run_gives_the_same_bytes(saved):
    first = packed(saved[1]).read_bytes()
    assert packed(saved[1]).read_bytes() == first


def test_an_anonymized_bundle_does_not_name_the_organization(tmp_path):
    run = Path(__file__).parents[2] / "reports" / "samples" / "business.json"
    text = run.read_text().replace("http://127.0.0.1:8080", "https://brightwater.example")
    (tmp_path / "report.json").write_text(text)
    with zipfile.ZipFile(packed(tmp_path, "--anonymize")) as archive:
        for name in archive.namelist():
            assert b"brightwater" not in archive.read(name), name


@pytest.mark.parametrize(
    "time",
    [
        "9999-12-31T23:59:59-23:00",
        "0001-01-01T00:00:00+14:00",
        "9999-01-01T00:00:00Z",
        "\x1b[2J",
        "a/b",
    ],
)
def test_a_bundle_of_a_run_whose_time_is_nonsense_stays_where_it_belongs(saved, time, monkeypatch):
    report, folder = saved
    edited = msgspec.structs.replace(report, started_at=time, finished_at=time)
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "report.json").write_text(render_json(edited))
    monkeypatch.chdir(inner)
    assert main(["bundle", "report.json"]) == 0
    (path,) = folder.rglob("*.zip")
    assert path.parent == inner
    assert path.name.isprintable()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_a_run_whose_address_is_none_is_refused(saved, capsys):
    report, folder = saved
    target = msgspec.structs.replace(report.target, base_url="http://[")
    (folder / "report.json").write_text(render_json(msgspec.structs.replace(report, target=target)))
    for args in (["bundle", "-o", str(folder / "x.zip"), "--anonymize"], ["show"]):
        assert main([*args, str(folder)]) == 2
        assert "damaged" in capsys.readouterr().err


def test_a_secret_in_a_run_keeps_it_from_being_packed(saved, monkeypatch, capsys):
    monkeypatch.setattr("probe.masking.Mask.found_in", lambda _mask, text: "curl" in text)
    assert main(["bundle", str(saved[1]), "-o", str(saved[1] / "ticket.zip")]) == 1
    assert not (saved[1] / "ticket.zip").exists()
    assert "was not written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "planted",
    [
        "Authorization: Bearer abcdefghij0123456789",
        "Basic dXNlcjpwYXNzd29yZA==",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
        "set-cookie: session=abcdef123456; Path=/",
        "https://user:hunter2@example.com/",
        "-----BEGIN RSA PRIVATE KEY-----",
        "sk_live_abcdefghij0123456789",
    ],
)
def test_what_has_the_form_of_a_credential_is_not_packed(saved, planted, capsys):
    report, folder = saved
    edited = msgspec.structs.replace(report, measured_reason=f"it said {planted} there")
    (folder / "report.json").write_text(render_json(edited))
    assert main(["bundle", str(folder), "-o", str(folder / "ticket.zip")]) == 1
    said = capsys.readouterr().err
    assert "was not written" in said
    assert planted not in said
    assert [path.name for path in folder.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    "text",
    [
        '"authorization": "Bearer [masked]"',
        '"Authorization: Bearer $TOKEN_READ_ONLY_2"',
        "basic authentication is refused",
        "set-cookie: session=[masked]; path=/",
        "http://127.0.0.1:8080/api/v2/users?email=[email]",
        "user_00000000000000000000000000000000",
        "x-request-id: req_01jd2w8x6y9z0a1b2c3d4e5f6g",
    ],
)
def test_what_is_masked_or_no_credential_is_no_alarm(text):
    assert credential_in(text) == ""


def test_the_lines_of_an_operation_are_wrapped_and_not_cut(saved):
    report, folder = saved
    long = "a-very-long-name-" * 6
    renamed = [msgspec.structs.replace(report.capabilities[0], operation=long), *report.capabilities[1:]]
    (folder / "report.json").write_text(
        render_json(msgspec.structs.replace(report, capabilities=tuple(renamed)))
    )
    assert long in "".join(shown(folder, "--only", "a-very*").split())
