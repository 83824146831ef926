"""Pairs of pages, labelled: the same page asked twice, or different pages.

The same page comes with other nonces, tokens, ids, dates, counts, asset hashes and an echoed path;
different pages are those of one site with one layout, and those of different sites.
"""

# ruff: noqa: E501 - one case a line reads best

from __future__ import annotations

import itertools
import random
import re
import string
from pathlib import Path

from probe.masking import Mask
from probe.reading.page import read_page

_HEX = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b")
_LONG = re.compile(r"(?<=[=\"'/.\-_])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{12,}(?=[\"'.&<])")
_TIME = re.compile(r"\b\d{2}:\d{2}:\d{2}\b")
_NUMBER = re.compile(r"(?<=[\s#>])\d{4,}(?=[\s<.])")
_PATHS = ("/api/v2/users", "/api/v2/no-such-route-3fa4b1c2d5e6f708", "/api/v2/groups/17", "/v1/apps?limit=1")

LAYOUTS = {
    "bare": "{message}",
    "short": "<header><a href='/'>Acme</a></header><main>{message}</main><footer>(c) 2026 Acme</footer>",
    "long": (
        "<nav>" + "".join(f"<a href='/{w}'>{w.title()}</a> " for w in
        ["products", "solutions", "pricing", "customers", "documentation", "community", "blog", "events", "careers", "partners", "security", "status", "support", "contact", "academy", "templates", "integrations", "changelog", "roadmap", "enterprise", "startups"])
        + "</nav><main>{message}</main><footer>" + "Acme helps teams to build internal tools quickly. "
        "Terms of service, privacy policy, cookie settings, imprint and all rights reserved.</footer>"
    ),
}  # fmt: skip

MESSAGES = {
    "not found": ("Page not found", "<h1>Page not found</h1><p>There is nothing at {path}. Check the address.</p>"),
    "login": ("Sign in", "<h1>Sign in</h1><form><input name='user'><input type='password' name='pass'></form>"),
    "sso": ("Sign in", "<h1>Sign in</h1><p>Continue with your company's single sign-on to go on.</p>"),
    "maintenance": ("Maintenance", "<h1>Down for maintenance</h1><p>We will be back at 10:30. Request {id}.</p>"),
    "forbidden": ("Forbidden", "<h1>Forbidden</h1><p>You may not see {path}. Reference {id}.</p>"),
    "error": ("Something went wrong", "<h1>Something went wrong</h1><p>Error {id} on {date}.</p>"),
    "rate": ("Too many requests", "<h1>Too many requests</h1><p>Wait {count} seconds.</p>"),
    "plan": ("Upgrade", "<h1>Upgrade your plan</h1><p>This feature is part of the Enterprise plan.</p>"),
    "expired": ("Session expired", "<h1>Session expired</h1><p>Sign in again to continue.</p>"),
    "echo": ("Error", "<pre>Cannot GET {path}</pre>"),
    "echo post": ("Error", "<pre>SyntaxError: unexpected token in what was sent to {path}</pre>"),
}  # fmt: skip
# Pages of one site that share even the title and the heading: only the sentence tells them apart.
SAME_HEAD = {
    "gone": ("Acme", "<h1>Oops</h1><p>The page that you are looking for has moved or never existed.</p>"),
    "down": ("Acme", "<h1>Oops</h1><p>Our servers are being upgraded and will return in an hour.</p>"),
    "denied": ("Acme", "<h1>Oops</h1><p>Your account has no access to this part of the product.</p>"),
}
# Pages that echo a name that does not look like a path.
NAMED = {
    "action": ("Error", "<h1>Error</h1><p>The action {name} could not be found in its controller.</p>"),
    "module": ("Acme", "<h1>Oops</h1><p>There is no page called {name} here.</p>"),
}
# Pages of one site that differ in a single word.
ONE_WORD = {
    "unavailable": ("Acme", "<h1>Error</h1><p>This service is currently unavailable to you.</p>"),
    "forbidden": ("Acme", "<h1>Error</h1><p>This service is currently forbidden to you.</p>"),
    "unknown": ("Acme", "<h1>Error</h1><p>This service is currently unknown to you.</p>"),
}

SHELLS = {
    name: (
        f"<!doctype html><html lang=en><head><title>{title}</title><meta name=csp-nonce content={{nonce}}>"
        f"<script nonce={{nonce}}>window.boot={{{{id:'{{id}}'}}}}</script>"
        f"<script type=module src='{script}-{{hash}}.js'></script>"
        f"<link rel=stylesheet href='{style}-{{hash}}.css'></head><body><div id='{root}'></div></body></html>"
    )
    for name, title, script, style, root in (
        ("tool", "Tool", "/static/index", "/static/index", "root"),
        ("console", "Console", "/assets/main", "/assets/theme", "app"),
        ("portal", "Portal", "/build/app", "/build/app", "root"),
        ("admin", "Admin", "/js/vendor", "/css/admin", "__next"),
    )
}


def view(source: str):
    """Return the view of a page's source."""
    return read_page(source, Mask())


def fill(template: str, rng: random.Random) -> str:
    """Fill in what differs between two askings of one page."""
    hexes = "".join(rng.choices("0123456789abcdef", k=16))
    values = {
        "name": rng.choice(("users", "groups", "folders", "spaces", "apps")),
        "path": rng.choice(_PATHS),
        "id": f"{hexes[:8]}-{hexes[8:12]}-{hexes[12:]}{rng.randrange(10**6)}",
        "nonce": "".join(rng.choices(string.ascii_letters + string.digits, k=22)),
        "hash": "".join(rng.choices(string.ascii_letters + string.digits, k=8)) + str(rng.randrange(10)),
        "date": f"Tue, {rng.randrange(1, 29):02} Nov 2026 {rng.randrange(24):02}:10:{rng.randrange(60):02} GMT",
        "count": str(rng.randrange(1, 500)),
    }
    return re.sub(
        r"\{(\w+)\}",
        lambda match: values.get(match[1], match[0]),
        template.replace("{{", "{").replace("}}", "}"),
    )


def site(layout: str, title: str, message: str) -> str:
    """Return the template of a page of a made-up site."""
    head = f"<title>{title}</title><meta name=csrf content={{nonce}}><script src='/js/site-{{hash}}.js'></script>"
    return f"<!doctype html><html><head>{head}</head><body>{LAYOUTS[layout].format(message=message)}</body></html>"


def again(source: str, rng: random.Random) -> str:
    """Return a captured page as it would come when asked again: other ids, times, hashes and paths."""

    def other_hex(match: re.Match[str]) -> str:
        return "".join(rng.choices("0123456789abcdef", k=len(match[0]) - 1)) + "7"

    def other_word(match: re.Match[str]) -> str:
        name, dash, tail = match[0].rpartition("-")  # of a file's name only the hash changes
        return name + dash + "".join(rng.choices(string.ascii_letters + string.digits, k=len(tail) - 1)) + "7"

    source = _HEX.sub(other_hex, source)
    source = _LONG.sub(other_word, source)
    source = _TIME.sub(lambda _: f"{rng.randrange(24):02}:{rng.randrange(60):02}:07", source)
    source = _NUMBER.sub(
        lambda match: str(rng.randrange(10 ** (len(match[0]) - 1), 10 ** len(match[0]))), source
    )
    return source.replace("/api/v2/users", rng.choice(_PATHS)).replace("23 Nov", "24 Nov")


def corpus_pages(corpus: Path) -> dict[str, str]:
    """Return the HTML pages of the corpus by name."""
    found = {}
    for folder in sorted(path for path in corpus.iterdir() if path.is_dir()):
        body = (folder / "response.http").read_bytes().partition(b"\r\n\r\n")[2].decode("utf-8", "replace")
        if body.lstrip().lower().startswith(("<!doctype html", "<html", "<h2", "\ufeff<!doctype")):
            found[folder.name] = body
    return found


def same_pairs(corpus: Path | None, seed: int = 7):
    """Yield (name, page, the same page asked again)."""
    rng = random.Random(seed)  # noqa: S311 - test data
    for name, source in (corpus_pages(corpus) if corpus else {}).items():
        for number in range(5):
            yield f"{name} {number}", view(source), view(again(source, rng))
    for layout, (name, (title, message)) in itertools.product(
        LAYOUTS, (MESSAGES | SAME_HEAD | ONE_WORD | NAMED).items()
    ):
        template = site(layout, title, message)
        for number in range(3):
            yield f"{layout} {name} {number}", view(fill(template, rng)), view(fill(template, rng))
    for name, template in SHELLS.items():
        for number in range(5):
            yield f"shell {name} {number}", view(fill(template, rng)), view(fill(template, rng))


def different_pairs(corpus: Path | None, seed: int = 7):
    """Yield (name, page, another page): of one site with one layout, and of different sites."""
    rng = random.Random(seed)  # noqa: S311 - test data
    for layout in LAYOUTS:
        for messages in (MESSAGES, SAME_HEAD, ONE_WORD):
            for (a, one), (b, two) in itertools.combinations(messages.items(), 2):
                first, second = fill(site(layout, *one), rng), fill(site(layout, *two), rng)
                yield f"{layout}: {a} / {b}", view(first), view(second)
    pages = {name: view(source) for name, source in (corpus_pages(corpus) if corpus else {}).items()}
    for (a, one), (b, two) in itertools.combinations(pages.items(), 2):
        yield f"{a} / {b}", one, two
    for (a, one), (b, two) in itertools.combinations(SHELLS.items(), 2):
        yield f"shell {a} / {b}", view(fill(one, rng)), view(fill(two, rng))
