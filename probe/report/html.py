"""The HTML report: one file that needs no script, loads nothing, and is streamed as it is made.

Comes in: a Report. Goes out: HTML text. Whatever is shown passes `shown` and then autoescaping, in this
one environment; nothing that a server chose stands in a link, a style or a script.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from probe.report import words
from probe.report.answer import confidence_words, headline, question_style, question_words
from probe.report.display import capital, count, duration, milliseconds, moment, one_line, shown
from probe.report.exchange_text import attempts_text, curl_line, traces, variable
from probe.report.model import Report
from probe.report.standing import standing_of
from probe.report.view import View, anchor

_BUFFERED_PIECES = 256


def render_html(report: Report) -> str:
    """Return the whole page as one text."""
    return "".join(stream_html(report))


def stream_html(report: Report) -> Iterator[str]:
    """Yield the page in pieces, made as they are read."""
    parts = {
        "report": report,
        "view": View(report),
        "headline": headline(report),
        "standing": standing_of(report),
    }
    return stream_page("report.html", ("style.css",), "script.js", parts)


def stream_page(
    template: str, styles: tuple[str, ...], script_file: str, parts: dict[str, object]
) -> Iterator[str]:
    """Yield a page of one of the templates in pieces, under a policy for these styles and this script."""
    style, script = "".join(map(_asset, styles)), _asset(script_file)
    stream = (
        _environment()
        .get_template(template)
        .stream(
            **parts,
            style=Markup(style),  # noqa: S704 - files of this package
            script=Markup(script),  # noqa: S704 - a file of this package
            policy=content_policy(style, script),
        )
    )
    stream.enable_buffering(_BUFFERED_PIECES)
    yield from stream


def content_policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy that lets in this style and this script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def web_link(url: str) -> str:
    """Return a URL that may stand in a link, or an empty text: only http and https may."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:  # no address at all
        return ""
    return url if scheme in {"http", "https"} and url.isprintable() else ""


def prose(text: str) -> Markup:
    """Return a sentence as markup: escaped, with `code` for what stands in backticks, ended by a stop.

    It may quote a server, so its reading direction is kept apart from what stands around it.
    """
    sentence = text.strip()
    stop = "" if sentence.endswith((".", "?", "!", ":")) or not sentence else "."
    escaped = str(in_text(sentence))
    coded = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escaped)
    return Markup(f"<bdi>{coded}{stop}</bdi>")  # noqa: S704 - escaped above, and not in an attribute


def in_text(text: str) -> Markup:
    """Return a text as markup that may stand between tags, never in an attribute: quotes stay as they are."""
    escaped = str(escape(shown(text))).replace("&#34;", '"').replace("&#39;", "'")
    return Markup(escaped)  # noqa: S704 - escaped one line above; quotes end nothing between tags


def prepare() -> None:
    """Load the templates now, so that the first page is quick."""
    for name in _environment().list_templates(extensions=["html"]):
        _environment().get_template(name)


class _CompiledBeside(FileSystemBytecodeCache):
    """Keeps compiled templates where Python keeps the package's own compiled modules.

    A package that cannot be written to is compiled each time, as Python does too.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


def _compiled() -> _CompiledBeside | None:
    folder = Path(__file__).parent / "__pycache__"
    return _CompiledBeside(str(folder), "template-%s.cache") if folder.is_dir() else None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("probe.report"),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "anchor": anchor,
        "attempts_text": attempts_text,
        "count": count,
        "curl_line": curl_line,
        "traces": traces,
        "variable": variable,
        "words": words,
    }
    environment.filters |= {
        "capital": capital,
        "confidence_words": confidence_words,
        "duration": duration,
        "in_text": in_text,
        "milliseconds": milliseconds,
        "question_style": question_style,
        "question_words": question_words,
        "moment": moment,
        "one_line": one_line,
        "prose": prose,
        "web_link": web_link,
    }
    return environment


def _finalize(value: object) -> object:
    """Make every text that is put out visible; markup was made so when its parts were."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _asset(name: str) -> str:
    loader = _environment().loader
    assert loader is not None  # noqa: S101 - set two functions above
    return loader.get_source(_environment(), name)[0]


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
