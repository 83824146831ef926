"""Markdown in which nothing that a server or a user chose is markup.

Comes in: any text. Goes out: Markdown for one line, a code span, or a block of code. Escaped is what
CommonMark and GitHub read as markup. Mentions, references and addresses are looked for after the Markdown
is rendered, in all that is not code: no backslash stops that, an invisible space (`&#8203;`) does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from probe.report.display import one_line

# Only what is markup where it stands, so that the text can be read as it is too: an underscore between
# letters, a bracket after no link text, a hyphen within a line are none.
_MARKUP = re.compile(r"([\\`*\[\]#|<>&~@$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[-+=!])")
_NUMBERED = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")  # the start of a list
_SPACE = "&#8203;"
_LOOKED_FOR = re.compile(r"@|#|:(?=//)|\b(?:mailto|xmpp):|\bwww(?=\.)|\bGH(?=-\d)", re.IGNORECASE)
_CELL = 200


def escaped(text: str, limit: int = _CELL) -> str:
    r"""Return a text on one line in which no character is markup.

    >>> print(escaped("# [a](b) @c"))
    \#&#8203; \[a\](b) \@&#8203;c
    """
    parted = _LOOKED_FOR.sub(lambda found: f"{found[0]}\0", one_line(text, limit))
    return _NUMBERED.sub(r"\1\\", _MARKUP.sub(r"\\\1", parted)).replace("\0", _SPACE)


def code(text: str, limit: int = _CELL) -> str:
    """Return a code span for one line, whatever backticks stand in the text; safe in a table's cell.

    >>> code("a`b")
    '``a`b``'
    """
    line = one_line(text, limit).replace("|", "¦")  # a bar would end the cell, inside a span too
    fence = "`" * (_longest_run(line) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}" if line else "``  ``"


def code_block(lines: Iterable[str], language: str = "") -> str:
    """Return a fenced block; each entry is one line of it."""
    text = "\n".join(one_line(line) for line in lines)
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
