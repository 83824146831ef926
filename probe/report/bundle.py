"""One zip for a ticket: the report in the forms that a support agent opens, and a note about each.

Comes in: a Report and the run's mask. Goes out: the bytes of a zip, the same for the same report. A text
that holds a secret is not packed.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from probe.errors import ArtefactError
from probe.masking import Mask
from probe.report.display import moment
from probe.report.host import host_folder
from probe.report.model import Report
from probe.report.write import FORMATS

MEMBERS = ("html", "md", "json", "csv", "har")
_ABOUT = {
    "html": "the whole report, for any browser; it needs no script and loads nothing",
    "md": "the same in short, to be pasted into a ticket",
    "json": "everything that was seen, for `probe judge` and other programs",
    "csv": "a row for each request, for a spreadsheet",
    "har": "the requests and answers, for a browser's network tools",
}
_OLDEST = (1980, 1, 1, 0, 0, 0)  # what the format can say


def bundle_of(report: Report, mask: Mask) -> bytes:
    """Return the zip. Raises ArtefactError where a secret would stand in it."""
    file = io.BytesIO()
    when = _time(report.finished_at)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "README.txt", _readme(report), when, mask)
        for name in MEMBERS:
            member, render = FORMATS[name]
            _add(archive, member, "".join(render(report)), when, mask)
    return file.getvalue()


def bundle_name(report: Report) -> str:
    """Return a file name that says which organization and when."""
    stamp = report.started_at.partition(".")[0].rstrip("Z").replace(":", "-")
    return f"{host_folder(report.target.base_url)}-{stamp}.zip"


def _add(
    archive: zipfile.ZipFile, name: str, text: str, when: tuple[int, int, int, int, int, int], mask: Mask
) -> None:
    if mask.found_in(text):
        raise ArtefactError(
            f"The bundle was not written: {name} would have held what is to stay out of it.",
            "Nothing left the machine. Please report it.",
        )
    entry = zipfile.ZipInfo(name, when)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, so that the rights below are read the same on every machine
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, text.encode("utf-8", "backslashreplace"))


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
    return "\n".join(lines) + "\n"


def _time(text: str) -> tuple[int, int, int, int, int, int]:
    try:
        when = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return _OLDEST
    return max(_OLDEST, (when.year, when.month, when.day, when.hour, when.minute, when.second))
