"""Tells HTML from XML and from text that only looks like it, by the first bytes that matter.

Comes in: decoded text. Goes out: Form.HTML, Form.XML, or None where it is neither.
"""

from __future__ import annotations

import re

from probe.evidence import Form

_WINDOW = 64 * 1024
_SKIPPED = (("<!--", "-->"), ("<?", "?>"))
_MOST_SKIPPED = 50
_DOCTYPE = re.compile(r"<!doctype\s*(\w+)", re.IGNORECASE)
_FIRST_TAG = re.compile(r"</?([A-Za-z][\w:-]{0,60})")
_HTML_TAGS = frozenset(
    [
        "html",
        "head",
        "body",
        "title",
        "meta",
        "link",
        "script",
        "style",
        "base",
        "noscript",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "div",
        "span",
        "center",
        "a",
        "b",
        "i",
        "u",
        "em",
        "strong",
        "small",
        "big",
        "font",
        "br",
        "hr",
        "img",
        "iframe",
        "form",
        "input",
        "button",
        "label",
        "table",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "dl",
        "pre",
        "code",
        "blockquote",
        "main",
        "section",
        "header",
        "footer",
        "nav",
        "article",
        "aside",
        "template",
        "frameset",
        "marquee",
        "address",
    ]
)
_ANY_HTML_TAG = re.compile(
    r"</(?:html|body|head|title|p|div|h[1-6]|b|a|pre|center|span|table|script)\s*>|<(?:br|hr|p)\s*/?>"
)


def markup_form(text: str, content_type: str) -> Form | None:
    """Return what kind of markup `text` is.

    A document is HTML by its doctype or first tag, after any byte order mark, blank lines, XML
    prologue and comments; a fragment that begins with text is HTML only where its header says so.
    """
    labelled = "html" in content_type.lower()
    start = _skip_prologue(text)
    head = text[start : start + 4096]
    if not head.startswith("<"):
        return Form.HTML if labelled and _ANY_HTML_TAG.search(head.lower()) else None
    doctype = _DOCTYPE.match(head)
    if doctype:
        return Form.HTML if doctype[1].lower() == "html" else Form.XML
    tag = _FIRST_TAG.match(head)
    if tag is None:
        return Form.HTML if labelled and start else _prologue_form(text)
    if tag[1].lower() in _HTML_TAGS:
        return Form.HTML
    if text.lstrip().startswith("<?xml") or not labelled:
        return Form.XML if text.lstrip().startswith("<?xml") or _is_closed(head, tag[1]) else None
    return Form.HTML if _ANY_HTML_TAG.search(head.lower()) else Form.XML


def _skip_prologue(text: str) -> int:
    """Return where the first thing stands that is no blank, XML prologue or comment."""
    place = 0
    for _ in range(_MOST_SKIPPED):
        while place < min(len(text), _WINDOW) and (text[place].isspace() or text[place] in "\ufeff\x00"):
            place += 1
        for opening, closing in _SKIPPED:
            if text.startswith(opening, place):
                end = text.find(closing, place, _WINDOW)
                if end < 0:
                    return place
                place = end + len(closing)
                break
        else:
            return place
    return place


def _prologue_form(text: str) -> Form | None:
    return Form.XML if text.lstrip().startswith("<?xml") else None


def _is_closed(head: str, tag: str) -> bool:
    return f"</{tag}" in head or "/>" in head or "xmlns" in head or len(head) >= 1024  # noqa: PLR2004 - longer than a remark in angle brackets
