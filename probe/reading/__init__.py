"""From bytes to evidence: decoding, telling the form of a body, and what is kept of it, masked.

Comes in: the bytes of a body as they came, its headers and status. Goes out: a Body that any file can
hold, and for a moment the parsed document. Never raises for what a server sends; knows no vendor and
judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from probe.evidence import Body, Form, Headers
from probe.masking import Mask
from probe.reading.charset import decode
from probe.reading.clean import kept, one_line
from probe.reading.jsontext import Parsed, read_json
from probe.reading.jsonview import view_json
from probe.reading.markup import markup_form
from probe.reading.unpack import CAP, Unpacked, unpack

__all__ = ["CAP", "Reading", "read_body"]

LONGEST_EXCERPT = 300
_FIRST_ERROR_STATUS = 400
_BLANK = " \t\r\n\x00\ufeff\x0b\x0c"


@dataclass(frozen=True, slots=True)
class Reading:
    """A body as evidence, and its parsed JSON or None.

    `document` may hold anything that the server sent: it is for finding ids and is never stored.
    """

    body: Body
    document: Any = field(default=None, repr=False)


def read_body(raw: bytes, headers: Headers, *, status: int, cut: bool, mask: Mask) -> Reading:
    """Read a body: undo its encodings, tell its form by its bytes, and keep what may be kept.

    `cut` says that there was more than `raw`. At most CAP bytes are looked at, before and after
    decoding.
    """
    content_type = _header(headers, "content-type")
    unpacked = unpack(raw, _header(headers, "content-encoding"))
    text, decoding_notes = decode(unpacked.data, content_type)
    notes = tuple(one_line(mask.text(note)) for note in (*unpacked.notes, *decoding_notes))
    cut = cut or unpacked.cut
    if text is None:
        return Reading(_body(Form.BINARY, unpacked, notes, cut=cut))
    if not text.strip(_BLANK):
        return Reading(_body(Form.EMPTY, unpacked, notes, cut=cut))
    markup = markup_form(text, content_type)
    parsed = None if markup else read_json(text, content_type, cut=cut)
    if parsed:
        return _json_reading(parsed, unpacked, notes, content_type, status=status, cut=cut, mask=mask)
    form = markup or Form.TEXT
    notes += _label_notes(form, content_type, mask)
    if form is Form.HTML:
        from probe.reading.page import read_page  # late: it brings the HTML parser

        return Reading(_body(form, unpacked, notes, cut=cut, page=read_page(text, mask)))
    excerpt = kept(text, mask, LONGEST_EXCERPT) if _may_keep_text(status) else ""
    return Reading(_body(form, unpacked, notes, cut=cut, excerpt=excerpt))


def _json_reading(
    parsed: Parsed,
    unpacked: Unpacked,
    notes: tuple[str, ...],
    content_type: str,
    *,
    status: int,
    cut: bool,
    mask: Mask,
) -> Reading:
    notes += parsed.notes + _label_notes(parsed.form, content_type, mask)
    view = view_json(parsed, status, mask)
    body = _body(parsed.form, unpacked, notes, cut=cut or parsed.early_end, json=view)
    return Reading(body, parsed.document if parsed.form is Form.JSON else None)


def _body(form: Form, unpacked: Unpacked, notes: tuple[str, ...], *, cut: bool, **views: Any) -> Body:  # noqa: ANN401 - passed on
    return Body(form=form, size=len(unpacked.data), cut=cut, notes=tuple(dict.fromkeys(notes)), **views)


def _label_notes(form: Form, content_type: str, mask: Mask) -> tuple[str, ...]:
    """Say where the Content-Type header does not fit what the bytes are."""
    label = one_line(mask.text(content_type.split(";", 1)[0])).strip().lower()[:60]
    if not label:
        return (f"no Content-Type; the body looks like {form.value}",)
    says_json, is_json = "json" in label, form in {Form.JSON, Form.JSON_STREAM}
    says_html = "html" in label
    if (is_json and says_html) or (says_json and not is_json) or (form is Form.HTML and not says_html):
        return (f"Content-Type says {label}, but the body is {form.value}",)
    return ()


def _may_keep_text(status: int) -> bool:
    """Return whether a text may be an error's text: the text of a success is data."""
    return status >= _FIRST_ERROR_STATUS or status < 200  # noqa: PLR2004 - the 2xx and 3xx ranges carry data


def _header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
