"""Puts a text into a file of some other program's grammar, so that it stays one text there.

Comes in: paths, names and values of a configuration, which may hold anything. Goes out: the text in
the quoting of a shell, of crontab, of systemd, of YAML. What cannot be quoted is a ConfigError.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable

from probe.errors import ConfigError

_PLAIN_PATH = re.compile(r"/[A-Za-z0-9_./+-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def printable(text: str, what: str) -> str:
    """Return `text` where it is one line of visible characters. Raises ConfigError that names `what`."""
    if text and text.isprintable() and text == text.strip():
        return text
    raise ConfigError(
        f"{what} is empty, ends with a space, or holds a line break or another unseen character.",
        "Rename it; a scheduler's file is read line by line.",
    )


def variable(text: str, what: str) -> str:
    """Return `text` where it can name an environment variable everywhere. Raises ConfigError."""
    if _VARIABLE.fullmatch(text):
        return text
    raise ConfigError(
        f"{what}: a scheduler can only set an environment variable named by letters, digits and `_`.",
        "Rename the variable; for example: API_TOKEN",
    )


def shell(words: Iterable[str]) -> str:
    """Return words as a POSIX shell reads them back."""
    return shlex.join(words)


def cron_command(command: str) -> str:
    """Return a shell command as crontab's sixth field, where a percent sign is a line break.

    Raises ConfigError for a line that is longer than cron reads.
    """
    line = command.replace("%", "\\%")
    if len(line.encode()) > 990:  # noqa: PLR2004 - Debian's cron reads 1000 bytes of a command
        raise ConfigError(
            "The line would be longer than cron reads (1000 bytes).",
            "Use shorter paths, or `probe schedule systemd`.",
        )
    return line


def systemd_words(words: Iterable[str]) -> str:
    """Return words as systemd's ExecStart= reads them: quoted, without specifiers or variables."""
    program, *rest = words
    if not _PLAIN_PATH.fullmatch(program):  # systemd refuses quotes in the name of a program
        program, rest = "/usr/bin/env", [program, *rest]
    return " ".join([program, *(systemd_paths([word]).replace("$", "$$") for word in rest)])


def systemd_path(path: str) -> str:
    """Return a path for a setting that takes one to the end of the line: only specifiers are read."""
    return path.replace("%", "%%")


def systemd_paths(paths: Iterable[str]) -> str:
    """Return paths for a setting that takes several: quoted, but no variables are read there."""
    quotes = str.maketrans({"\\": "\\\\", '"': '\\"'})
    return " ".join(f'"{systemd_path(path).translate(quotes)}"' for path in paths)


def yaml_text(text: str) -> str:
    """Return a text as a double-quoted YAML scalar, which JSON's quoting of visible characters is."""
    return json.dumps(text, ensure_ascii=False)


def xml_comment(text: str) -> str:
    """Return a text that may stand in an XML comment, where two hyphens may not."""
    return text.replace("--", "- -")
