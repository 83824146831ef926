"""The HTML pages, in our own words; only technical marks are those of the real programs.

Comes in: a serial source for what differs from page to page, and the request's method and path.
Goes out: HTML text.
"""

from __future__ import annotations

import hashlib
import html
import itertools
from collections.abc import Iterator


class Serial:
    """Gives out nonces and ids that differ from request to request and are the same in each run."""

    def __init__(self, seed: int = 0, *, fixed: bool = False) -> None:
        self._seed = seed
        self._numbers: Iterator[int] = itertools.repeat(0) if fixed else itertools.count(1)

    def next(self, length: int = 32) -> str:
        """Return the next one, in hexadecimal digits; at most 64."""
        text = f"{self._seed} {next(self._numbers)}"
        return hashlib.sha256(text.encode()).hexdigest()[:length]


def app_shell(title: str, nonce: str, request_id: str) -> str:
    """Return the nearly empty document of a single-page application: for a route that is not there.

    Nobody has published the vendor's own page; this one has the form that such pages have.
    """
    return f"""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{html.escape(title)}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="request-id" content="{request_id}">
    <link rel="icon" href="/favicon.png">
    <link rel="stylesheet" href="/static/css/main.3b1f9c20.css">
    <script nonce="{nonce}">window.__BOOT__ = {{"requestId": "{request_id}"}};</script>
  </head>
  <body>
    <noscript>This application needs JavaScript.</noscript>
    <div id="root"></div>
    <script defer nonce="{nonce}" src="/static/js/runtime.8ad24e17.js"></script>
    <script defer nonce="{nonce}" src="/static/js/vendor.51c0de9b.js"></script>
    <script defer nonce="{nonce}" src="/static/js/main.f72e6a03.js"></script>
  </body>
</html>
"""


def no_route(method: str, path: str) -> str:
    """Return the error page of a web framework that has no such route; it repeats the path."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>Cannot {html.escape(method)} {html.escape(path)}</pre>
</body>
</html>
"""


def challenge(host: str, ray: str, token: str) -> str:
    """Return a bot check that wants a browser."""
    return f"""<!DOCTYPE html>
<html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="360"></head>
<body><div class="main-wrapper" role="main"><h1>{html.escape(host)}</h1>
<p>A check of your browser is under way. Scripts must be on.</p>
<noscript>Turn on JavaScript to go on.</noscript></div>
<script>(function(){{window._cf_chl_opt={{cRay:'{ray}',cType:'managed',cH:'{token}'}};
var s=document.createElement('script');
s.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray={ray}';
document.head.appendChild(s);}}());</script>
</body></html>
"""


def firewall_block(host: str, ray: str) -> str:
    """Return a web application firewall's refusal."""
    return f"""<!DOCTYPE html>
<html lang="en-US"><head><title>Attention Required! | Cloudflare</title>
<meta name="robots" content="noindex, nofollow">
<link rel="stylesheet" id="cf_styles-css" href="/cdn-cgi/styles/cf.errors.css"></head>
<body><div id="cf-wrapper"><div id="cf-error-details" class="cf-error-details-wrapper">
<h1>You cannot reach this site</h1><h2>{html.escape(host)} has a guard that turned this request away</h2>
<p>Something in the request matched one of its rules. Ask the site's owner, and name the id below.</p>
<p>Error code 1020 &bull; Ray ID: <strong>{ray}</strong></p></div></div></body></html>
"""


def sign_in(csrf: str) -> str:
    """Return a sign-in form."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head>
<body><main><h1>Sign in to go on</h1>
<form method="post" action="/login"><input type="hidden" name="csrf_token" value="{csrf}">
<label>E-mail <input type="email" name="email" autocomplete="username"></label>
<label>Password <input type="password" name="password" autocomplete="current-password"></label>
<button>Sign in</button></form><a href="/login/sso">Use single sign-on</a></main></body></html>
"""


def proxy_refusal(url: str, proxy: str) -> str:
    """Return a forward proxy's refusal."""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>ERROR: The requested URL could not be retrieved</title></head>
<body id="ERR_ACCESS_DENIED"><div id="titles"><h1>ERROR</h1></div><hr>
<div id="content"><p>Asked for: {html.escape(url)}</p>
<p>This network's rules do not let you go there. Your cache administrator can change that.</p></div>
<hr><div id="footer"><p>{html.escape(proxy)} (squid/6.6)</p></div></body></html>
"""


def bad_gateway() -> str:
    """Return what nginx itself says where the server behind it does not answer."""
    return (
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
        "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )


def maintenance() -> str:
    """Return a notice that everything is down on purpose."""
    return """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Down for maintenance</title></head>
<body><main><h1>Scheduled maintenance</h1>
<p>We are upgrading our servers and will be back soon. Nothing is lost.</p></main></body></html>
"""


def marketing_site(title: str) -> str:
    """Return the vendor's public site: what answers where the base URL is not the API's host."""
    name = html.escape(title)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{name}: made for teams that build</title>
<meta name="description" content="A public site, not an API."></head>
<body><header><nav><a href="/">{name}</a> <a href="/product">Product</a> <a href="/pricing">Pricing</a>
<a href="/customers">Customers</a></nav></header>
<main><h1>Build what your team needs</h1><p>Put a tool together in an afternoon, and share it.</p>
<a href="/signup">Start for free</a><h2>Trusted by teams of every size</h2>
<p>See how others work with it, or talk to somebody who knows it well.</p></main>
<footer><a href="/terms">Terms</a> <a href="/privacy">Privacy</a></footer></body></html>
"""
