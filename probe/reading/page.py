"""What is kept of an HTML page: enough to name it, to tell it from another, and to see who made it.

Comes in: the page's text. Goes out: a PageView, masked and bounded. Work is bounded too: of a
page with thousands of tags only the start is read, for parsing is quadratic in the depth of nesting.
"""

from __future__ import annotations

import re
from typing import Any

from probe.evidence import PageView
from probe.masking import Mask
from probe.reading.clean import cut, kept
from probe.reading.headers import mask_location
from probe.reading.marks import marks_in
from probe.reading.pages import fingerprint, sketch, structure
from probe.reading.samepages import SamePages

LONGEST_TEXT = 400
LONGEST_TITLE = 160
MOST_HEADINGS = 4
MOST_SCRIPTS = 6
_COMPARED_TEXT = 4000
_SHORT = 8 * 1024
_PARSED = 64 * 1024
_PARSED_WHEN_DEEP = 16 * 1024
_MOST_TAGS = 4000
_MOST_STYLES = 200
_SHELL_TEXT = 120
_HIDDEN = ["script", "style", "noscript", "template", "svg", "option", "datalist"]
_PARTS = "script,link[rel=stylesheet],input,button,form,iframe,frame,meta[http-equiv],h1,h2,h3"
_SHELL_ROOT = re.compile(
    rb"<(?:div|main|section|span)[^>]{0,200}\bid\s*=\s*[\"']?[\w-]{0,40}(?:root|app|mount|main|__next|nuxt|gatsby|svelte|ember|"
    rb"container|wrapper|page|content|body|viewport|shell|spa|q-app|outlet)[\w-]{0,40}\b"
    rb"|<(?:flutter-view|ak-interface|[a-z][a-z0-9]{0,30}-[a-z0-9-]{1,40})[\s>]",
    re.IGNORECASE,
)
_SENT_ON = re.compile(
    rb"(?:\blocation(?:\.href)?\s*=\s*|\blocation\.(?:replace|assign)\s*\(\s*)[\"']([^\"'\s]{1,300})[\"']"
)
_REFRESH = re.compile(r"\d+\s*[;,]\s*url\s*=\s*[\"']?([^\"'\s]{1,300})", re.IGNORECASE)


def read_page(text: str, mask: Mask) -> PageView:
    """Return the view of the HTML page whose source is `text`."""
    return _PAGES.view(text, mask) if len(text) <= _PARSED else _view(text, mask)


def _view(text: str, mask: Mask) -> PageView:
    from selectolax.lexbor import LexborHTMLParser  # late: only a page needs a parser

    source = _bounded(text.encode("utf-8", "replace"))
    tree = LexborHTMLParser(source)
    found = _Found(tree, mask)
    tree.strip_tags(_HIDDEN)
    body = tree.body
    visible = body.text(separator=" ")[: _COMPARED_TEXT * 2] if body is not None else ""
    visible = " ".join(visible.split())[:_COMPARED_TEXT]
    features, built = sketch(visible), structure(found.parts)
    return PageView(
        title=found.title,
        headings=tuple(found.headings),
        text=kept(visible, mask, LONGEST_TEXT),
        fingerprint=fingerprint(found.title, features, built, found.password),
        features=features,
        structure=built,
        markers=marks_in(source),
        scripts=tuple(found.scripts[:MOST_SCRIPTS]),
        password_input=found.password,
        app_shell=_is_shell(source, visible, found),
        leads_to=_leads_to(source, visible, found, mask),
    )


def _bounded(source: bytes) -> bytes:
    """Return what is parsed: without styles where the page is long, only the start where it may be deep."""
    if len(source) > _SHORT:
        source = _without(source, b"<style", b"</style>")
    source = source[:_PARSED].replace(b"\x00", b"")
    if source.count(b"<") > _MOST_TAGS:
        return source[:_PARSED_WHEN_DEEP]
    return source


def _without(source: bytes, opening: bytes, closing: bytes) -> bytes:
    pieces: list[bytes] = []
    place = 0
    while len(pieces) < _MOST_STYLES and (start := source.find(opening, place)) >= 0:
        end = source.find(closing, start)
        if end < 0:
            break
        pieces.append(source[place:start])
        place = end + len(closing)
    return b"".join([*pieces, source[place:]])


class _Found:
    """The parts of a page that tell pages apart."""

    def __init__(self, tree: Any, mask: Mask) -> None:  # noqa: ANN401 - the parser is imported late
        title = tree.css_first("title")
        self.title = kept(title.text(), mask, LONGEST_TITLE) if title is not None else ""
        self.headings: list[str] = []
        self.parts: list[str] = []
        self.scripts: list[str] = []
        self.inline_scripts = 0
        self.fields = 0
        self.frames = 0
        self.password = False
        self.refresh = ""
        for node in tree.css(_PARTS):
            self._take(node, node.tag, node.attributes, mask)

    def _take(self, node: Any, tag: str, attributes: dict[str, str | None], mask: Mask) -> None:  # noqa: ANN401 - a parser's node
        match tag:
            case "script":
                self._script(attributes.get("src") or "", mask)
            case "link":
                self.parts.append(f"css {attributes.get('href') or ''}")
            case "input" | "button":
                self._field(attributes)
            case "meta":
                refresh = _REFRESH.match(attributes.get("content") or "")
                if refresh and (attributes.get("http-equiv") or "").lower() == "refresh":
                    self.refresh = refresh[1]
            case "iframe" | "frame":
                self.frames += 1
                self.parts.append(f"frame {attributes.get('src') or ''}")
            case "form":
                self.parts.append("form")
            case _:
                heading = (
                    kept(node.text(separator=" "), mask, LONGEST_TITLE)
                    if len(self.headings) < MOST_HEADINGS
                    else ""
                )
                if heading:
                    self.headings.append(heading)

    def _script(self, source: str, mask: Mask) -> None:
        if not source or source.startswith("data:"):
            self.inline_scripts += 1
            return
        self.parts.append(f"js {source}")
        if len(self.scripts) < MOST_SCRIPTS:
            self.scripts.append(mask_location(source.split("?", 1)[0].split("#", 1)[0], mask))

    def _field(self, attributes: dict[str, str | None]) -> None:
        kind = (attributes.get("type") or "text").lower()
        if kind == "hidden":
            return
        self.fields += 1
        self.parts.append(f"field {kind} {attributes.get('name') or ''}")
        self.password = self.password or kind == "password"


def _is_shell(source: bytes, visible: str, found: _Found) -> bool:
    """Return whether this is the nearly empty document of a single-page application."""
    if len(visible) > _SHELL_TEXT or found.fields or found.frames or found.refresh:
        return False
    if not found.scripts:
        return False
    return not visible or _SHELL_ROOT.search(source) is not None


def _leads_to(source: bytes, visible: str, found: _Found, mask: Mask) -> str:
    """Return where a page sends its reader on by itself, masked; only a nearly empty one does."""
    target = found.refresh
    if not target and found.inline_scripts and len(visible) <= _SHELL_TEXT and not found.scripts:
        sent = _SENT_ON.search(source)
        target = sent[1].decode("utf-8", "replace") if sent else ""
    return cut(mask_location(target, mask), LONGEST_TITLE)


_PAGES = SamePages(_view)
