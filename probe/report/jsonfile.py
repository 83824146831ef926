"""The JSON run: a Report as text, and back. The one place where older versions are upgraded.

Comes in: a Report, or the text of a `report.json`. Goes out: the other. Opens no file.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from probe.errors import InputError
from probe.evidence import ControlRole
from probe.jsonbytes import encoded
from probe.report.display import one_line
from probe.report.model import SCHEMA_VERSION, Report, ReportControl, ReportFinding

_NEXT_STEP = "Give the report.json that a scan wrote."
# msgspec learns a type when it is used first; two threads that do so at once crash the process.
_ONE_AT_A_TIME = threading.Lock()


def render_json(report: Report) -> str:
    """Return the report as JSON: the model's order, two spaces, a line feed at the end."""
    return "".join(stream_json(report))


def stream_json(report: Report) -> Iterator[str]:
    """Yield the report as JSON in pieces: the entries of its lists come one by one."""
    before = "{\n"
    for name in report.__struct_encode_fields__:
        yield f'{before}  "{name}": '
        yield from _value(getattr(report, name))
        before = ",\n"
    yield "\n}\n"


def _value(value: object) -> Iterator[str]:
    """Yield a member of the report, below the first level."""
    if not isinstance(value, tuple) or not value:
        yield _indented(value, 1)
        return
    before = "[\n"
    for entry in value:
        yield f"{before}    {_indented(entry, 2)}"
        before = ",\n"
    yield "\n  ]"


def _indented(value: object, level: int) -> str:
    """Return a value as JSON that stands `level` steps deep; no line feed of a text is a real one."""
    return msgspec.json.format(encoded(value), indent=2).decode().replace("\n", f"\n{'  ' * level}")


def parse_report(text: str) -> Report:
    """Return the report that `text` holds, upgraded from an older version where it is one.

    Raises InputError where it is not JSON, not a run, of a newer version, or damaged.
    """
    document = _upgraded(_document(text))
    try:
        with _ONE_AT_A_TIME:
            report = msgspec.convert(document, Report)
    except msgspec.ValidationError as error:
        raise _damaged(str(error)) from None
    _check_whole(report)
    return report


def _damaged(what: str) -> InputError:
    return InputError(f"The run is damaged or was edited: {one_line(what, 200)}.", _NEXT_STEP)


def _check_whole(report: Report) -> None:
    """Raise InputError where the parts do not fit together as a scan always leaves them."""
    try:
        urlsplit(report.target.base_url)
    except ValueError:
        raise _damaged("its base_url is no address") from None
    names = {token.name for token in report.tokens}
    if not names:
        raise _damaged("it has no tokens")
    asked: tuple[ReportFinding | ReportControl, ...] = (*report.findings, *report.controls)
    for entry in asked:
        if not entry.evidence.attempts:
            raise _damaged(f"{entry.method} {entry.path} was asked without any attempt")
    pairs = [(finding.operation, finding.token) for finding in report.findings]
    pairs += [(item.operation, item.token) for item in report.skipped]
    lent = {control.token for control in report.controls if control.role is not ControlRole.GARBAGE_TOKEN}
    unknown = ({token for _operation, token in pairs} | lent - {""}) - names
    if unknown:
        raise _damaged(f"it names the token {min(unknown)}, which it does not list")
    for (operation, token), times in Counter(pairs).items():
        if times > 1:
            raise _damaged(f"{operation} with the token {token} stands in it {times} times")


def _document(text: str) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(text.removeprefix("\ufeff").encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        raise InputError("This is not JSON, so it is no saved run.", _NEXT_STEP) from None
    if not isinstance(document, dict) or type(document.get("schema_version")) is not int:
        raise InputError("This is JSON, but not a saved run: it has no schema_version.", _NEXT_STEP)
    if "findings" not in document or "target" not in document:
        raise InputError("This is JSON, but not a saved run: it has no findings or no target.", _NEXT_STEP)
    return document


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of the present version; each older version gets one step here."""
    version = document["schema_version"]
    if version > SCHEMA_VERSION:
        raise InputError(
            f"The run has schema version {version}; this version of probe reads up to {SCHEMA_VERSION}.",
            "Read it with the version that wrote it, or a newer one.",
        )
    if version < 1:
        raise InputError(f"The run has schema version {version}, which never existed.", _NEXT_STEP)
    return document
