"""An artefact is written whole, for its owner only and free of secrets, or not at all."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic_report import FEW, synthetic_report

from probe.errors import ArtefactError
from probe.masking import Mask
from probe.report import formats, write
from probe.report.write import FORMATS, claim_run_folder, prepare_folder, write_artefact
from probe.secret import Secret

SECRET = "retool_01abcdefghijklmnopqrstuvwxyz"
MASK = Mask([Secret(SECRET)])


def names_in(folder) -> list[str]:
    return [path.name for path in folder.iterdir()]


def rights(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_holds_the_pieces_and_is_the_owners(tmp_path):
    path = tmp_path / "new" / "run" / "report.html"
    write_artefact(path, iter(["one\n", "", "two — ✓\n"]), MASK)
    assert path.read_bytes() == "one\ntwo — ✓\n".encode()
    assert (rights(path), rights(path.parent), rights(path.parent.parent)) == (0o600, 0o700, 0o700)
    assert names_in(path.parent) == ["report.html"]


def test_a_folder_that_was_there_keeps_its_rights(tmp_path):
    tmp_path.chmod(0o755)
    write_artefact(tmp_path / "report.json", ["{}\n"], MASK)
    assert rights(tmp_path) == 0o755


@pytest.mark.parametrize(
    "encode", [str, lambda text: base64.b64encode(text.encode()).decode(), lambda t: t[-14:]]
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_secret_is_found_across_any_border(tmp_path, encode, size):
    text = "a line of text\n" * 50 + f"<p>{encode(SECRET)}</p>\nmore\n"
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    with pytest.raises(ArtefactError) as caught:
        write_artefact(tmp_path / "report.html", pieces, MASK)
    assert "report.html" in caught.value.message
    assert SECRET[:8] not in caught.value.message + caught.value.hint
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("block", [1, 5, 64])
def test_a_secret_is_found_across_the_border_of_two_blocks(tmp_path, monkeypatch, block):
    monkeypatch.setattr(write, "_BLOCK", block)
    pieces = ["x" * 100, "\n", *SECRET, "\n", "y\n"]
    with pytest.raises(ArtefactError):
        write_artefact(tmp_path / "report.html", pieces, MASK)
    write_artefact(tmp_path / "report.html", ["x" * 100, "\n", *"harmless", "\n", "y\n"], MASK)
    assert (tmp_path / "report.html").read_text() == f"{'x' * 100}\nharmless\ny\n"


def test_an_earlier_file_survives_a_held_back_one(tmp_path):
    path = tmp_path / "report.html"
    write_artefact(path, ["first\n"], MASK)
    with pytest.raises(ArtefactError):
        write_artefact(path, ["second ", SECRET], MASK)
    assert path.read_text() == "first\n"


def test_a_renderer_that_fails_leaves_nothing(tmp_path):
    def pieces():
        yield "half of it\n"
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        write_artefact(tmp_path / "report.html", pieces(), MASK)
    assert names_in(tmp_path) == []


def test_no_half_written_file_has_the_final_name(tmp_path):
    path, seen = tmp_path / "report.html", []

    def pieces():
        for _ in range(3):
            seen.append(path.exists())
            yield "x" * 300_000 + "\n"

    write_artefact(path, pieces(), MASK)
    assert seen == [False] * 3
    assert path.stat().st_size == 900_003


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_an_error_with_a_sentence(tmp_path, monkeypatch):
    def full(**_options):
        name = tmp_path / "part"
        name.symlink_to("/dev/full")
        return os.open(name, os.O_WRONLY), str(name)

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(ArtefactError, match="No space left"):
        write_artefact(tmp_path / "report.html", ["x" * 100_000], MASK)
    assert names_in(tmp_path) == []


def test_a_folder_that_is_a_file_is_an_error_with_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ArtefactError, match="could not be written") as caught:
            prepare_folder(folder)
        assert caught.value.hint


def test_a_folder_that_may_not_be_written_is_an_error_with_a_sentence(tmp_path, monkeypatch):
    def refused(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    with pytest.raises(ArtefactError, match="Permission denied"):
        prepare_folder(tmp_path)
    with pytest.raises(ArtefactError, match=r"report\.csv could not be written"):
        write_artefact(tmp_path / "report.csv", ["text\n"], MASK)


def test_every_format_renders_and_has_a_name(tmp_path):
    assert set(FORMATS) == set(formats.NAMES)
    for name, (file_name, render) in FORMATS.items():
        write_artefact(tmp_path / file_name, render(synthetic_report(names=FEW)), MASK)
        assert (tmp_path / file_name).stat().st_size
        assert f".{name}" in file_name


def test_two_scans_of_one_second_get_a_folder_each(tmp_path, monkeypatch):
    taken = tmp_path / "host" / "second"
    places = iter([taken, taken, tmp_path / "host" / "second-2"])
    monkeypatch.setattr("probe.report.write.run_folder", lambda *_args: next(places))
    folders = [claim_run_folder(tmp_path, "https://example.com") for _ in range(2)]
    assert [folder.name for folder in folders] == ["second", "second-2"]
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in folders)


def test_a_disk_that_becomes_read_only_is_an_error_with_a_sentence(tmp_path, monkeypatch):
    def refused(*_args, **_options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "replace", refused)
    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(ArtefactError, match="Read-only file system"):
        write_artefact(tmp_path / "report.html", ["text\n"], MASK)
    assert not (tmp_path / "report.html").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from probe.masking import Mask
from probe.report.write import write_artefact
from probe.secret import Secret
def pieces():
    yield "a line that was checked\\n" * 20_000
    yield "{secret}\\n" * {leak}
    os.kill(os.getpid(), signal.SIGKILL)
write_artefact(Path("report.html"), pieces(), Mask([Secret("{secret}")]))
"""


@pytest.mark.parametrize("leak", [0, 1])
def test_what_a_kill_leaves_was_checked_and_goes_with_the_next_write(tmp_path, leak):
    code = KILLED.format(secret=SECRET, leak=leak)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(".part")
    assert left.stat().st_mode & 0o777 == 0o600
    assert SECRET not in left.read_text()
    other = tmp_path / ".report.json.x.part"
    other.write_text("")
    write_artefact(tmp_path / "report.html", ["text\n"], MASK)
    assert set(names_in(tmp_path)) == {"report.html", left.name, other.name}  # somebody may still write
    for path in (left, other):
        os.utime(path, (0, 0))
    write_artefact(tmp_path / "report.html", ["text\n"], MASK)
    assert set(names_in(tmp_path)) == {"report.html", other.name}
