"""One zip for a ticket: the report in the forms that a support agent opens, and a note about each.

Comes in: a Report and the run's mask. Goes out: a zip file, the same bytes for the same report, written whole
or not at all. A text that holds a secret, or what has the form of one, is not packed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from probe.errors import ArtefactError
from probe.masking import Mask
from probe.report.credential_shapes import credential_in
from probe.report.display import moment, one_line
from probe.report.host import host_folder
from probe.report.model import Report
from probe.report.write import FORMATS, blocks_of_lines, write_by

_LONGEST_STAMP = 40
MEMBERS = ("html", "md", "json", "csv", "har")
_ABOUT = {
    "html": "the whole report, for any browser; it needs no script and loads nothing",
    "md": "the same in short, to be pasted into a ticket",
    "json": "everything that was seen, for `probe judge` and other programs",
    "csv": "a row for each request, for a spreadsheet",
    "har": "the requests and answers, for a browser's network tools",
}
_OLDEST = (1980, 1, 1, 0, 0, 0)  # what the format can say
_NEWEST = (2107, 12, 31, 23, 59, 58)


def write_bundle(path: Path, report: Report, mask: Mask) -> None:
    """Write the zip to `path`. Raises ArtefactError where it cannot, or a secret would stand in it."""

    def fill(file: IO[bytes]) -> None:
        when = _time(report.finished_at)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, _entry("README.txt", when), [_readme(report)], mask)
            for name in MEMBERS:
                member, render = FORMATS[name]
                _add(archive, _entry(member, when), render(report), mask)

    write_by(path, fill)


def bundle_name(report: Report) -> str:
    """Return a file name that says which organization and when."""
    stamp = report.started_at.partition(".")[0].rstrip("Z")
    stamp = re.sub(r"[^0-9A-Za-z-]+", "-", stamp)[:_LONGEST_STAMP]  # a run may say anything of its time
    return f"{host_folder(report.target.base_url)}-{stamp}.zip"


def _entry(name: str, when: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, when)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, so that the rights below are read the same on every machine
    entry.external_attr = 0o600 << 16
    return entry


def _add(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, chunks: Iterable[str], mask: Mask) -> None:
    """Add a text, a block of lines at a time, so that a large report is never held whole."""
    with archive.open(entry, "w") as file:
        for block in blocks_of_lines(chunks):
            form = credential_in(block)
            if form or mask.found_in(block):
                raise ArtefactError(
                    f"The bundle was not written: {entry.filename} would have held "
                    f"{form or 'what is to stay out of it'}.",
                    "Nothing left the machine. If the run was not edited, please report it.",
                )
            file.write(block.encode("utf-8", "backslashreplace"))


def _readme(report: Report) -> str:
    lines = [
        f"{report.tool.name} {report.tool.version}: what the plan allows the API to do",
        f"Organization: {report.target.base_url}",
        f"Asked: {moment(report.started_at)}",
        *(["This is a simulated organization, not a real one."] if report.simulated else []),
        "",
        *(f"{FORMATS[name][0]}: {_ABOUT[name]}" for name in MEMBERS),
        "",
        "Tokens, cookies and e-mail addresses are masked. Of successful answers only the shape was kept.",
    ]
    return "\n".join(map(one_line, lines)) + "\n"


def _time(text: str) -> tuple[int, int, int, int, int, int]:
    try:
        when = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return _OLDEST
    said = (when.year, when.month, when.day, when.hour, when.minute, when.second)
    return min(_NEWEST, max(_OLDEST, said))
