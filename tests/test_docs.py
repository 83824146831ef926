"""The examples in the documents are commands and files that this version takes."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from probe.cli.main import cli
from probe.config import read_config

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[tuple[str, str]]:
    pattern = re.compile(rf"```{language}\n(.*?)```", re.DOTALL)
    return [(path.name, found) for path in DOCUMENTS for found in pattern.findall(path.read_text())]


def commands() -> list[str]:
    found = []
    for _name, block in blocks("sh"):
        for line in block.replace("\\\n", " ").splitlines():
            for part in line.split("|"):
                words = part.split(" #")[0].strip()
                if words.startswith("probe "):
                    found.append(words)
    return found


@pytest.mark.parametrize("text", commands())
def test_a_command_in_the_documents_is_understood(text):
    words = shlex.split(text)[1:]
    context = cli.make_context("probe", list(words), resilient_parsing=True)
    name, command, rest = cli.resolve_command(context, [*context._protected_args, *context.args])  # noqa: SLF001 - click keeps the rest there
    command.make_context(name, rest, resilient_parsing=False)


@pytest.mark.parametrize("text", [text for _name, text in blocks("toml")])
def test_a_configuration_in_the_documents_is_read(text, tmp_path):
    if "base_url" not in text:
        return
    path = tmp_path / "probe.toml"
    path.write_text(text)
    assert read_config(path).tokens


def test_the_documents_name_files_that_exist():
    for path in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} names {target}"


def test_every_command_is_in_the_changelog_or_the_readme():
    text = (ROOT / "README.md").read_text() + (ROOT / "CHANGELOG.md").read_text()
    done = subprocess.run(
        [sys.executable, "-m", "probe", "--help"], capture_output=True, text=True, check=True
    )
    names = re.findall(r"^  (\w+)  +\S", done.stdout.split("Commands:")[1], re.MULTILINE)
    assert len(names) > 5
    for name in names:
        assert f"probe {name}" in text, name
