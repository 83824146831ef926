"""The proxy that the environment names for an origin, and the secrets in its address.

Comes in: an address, and HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY (or what the system has set).
Goes out: the proxy to use, or none. Its user name and password are shown nowhere. Sends nothing.
"""

from __future__ import annotations

import base64
import urllib.request
from typing import TypedDict
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from probe.errors import ConfigError
from probe.masking import SHORTEST_PART
from probe.secret import Secret
from probe.target import is_loopback


class Proxy(Struct, frozen=True, kw_only=True):
    """A proxy: `address` to connect to, without credentials; `login` is `user:password`, or None.

    `variable` is the environment variable that names it.
    """

    address: str
    variable: str
    login: Secret | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must never show: the password, and the login as the proxy gets it."""
        if self.login is None:
            return ()
        login = self.login.reveal()
        password = login.partition(":")[2]
        parts = [login, base64.b64encode(login.encode()).decode()]
        if len(password) >= SHORTEST_PART and not password.isalpha():  # a plain word would hide our own
            parts.append(password)
        return tuple(map(Secret, parts))

    @property
    def headers(self) -> dict[str, str]:
        """The header that logs in to the proxy, or none."""
        if self.login is None:
            return {}
        encoded = base64.b64encode(self.login.reveal().encode()).decode()
        return {"Proxy-Authorization": f"Basic {encoded}"}


class Route(TypedDict):
    """The part of a request's options, as aiohttp takes them, that says which way it goes."""

    headers: dict[str, str]
    proxy: str | None
    proxy_headers: dict[str, str] | None


def route(proxy: Proxy | None, headers: dict[str, str], *, in_clear: bool) -> Route:
    """Return the options for a request with `headers` through `proxy`, or straight where it is None.

    `in_clear` says that the request goes by plain http: then the proxy reads the login in the request
    itself; otherwise it gets it once, with the request for a tunnel.
    """
    if proxy is None:
        return Route(headers=headers, proxy=None, proxy_headers=None)
    if in_clear:
        return Route(headers={**headers, **proxy.headers}, proxy=proxy.address, proxy_headers=None)
    return Route(headers=headers, proxy=proxy.address, proxy_headers=proxy.headers)


def proxy_for(origin: str) -> Proxy | None:
    """Return the environment's proxy for this address; never one for this machine's own addresses.

    aiohttp's own reading of the environment would also send credentials from .netrc; ours does not.
    Raises ConfigError, without repeating the address, where it cannot be used.
    """
    parts = urlsplit(origin)
    if is_loopback(parts.hostname or "") or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    named = urllib.request.getproxies()
    for kind in (parts.scheme, "all"):
        if named.get(kind, "").strip():
            return _proxy(named[kind], f"{kind.upper()}_PROXY")
    return None


def _proxy(text: str, variable: str) -> Proxy:
    split = _split(text.strip() if "://" in text else f"http://{text.strip()}", variable)
    host = f"[{split.hostname}]" if ":" in (split.hostname or "") else split.hostname
    address = f"{split.scheme}://{host}" + (f":{split.port}" if split.port else "")
    if split.username is None and split.password is None:
        return Proxy(address=address, variable=variable)
    login = f"{unquote(split.username or '')}:{unquote(split.password or '')}"
    return Proxy(address=address, variable=variable, login=Secret(login))


def _split(text: str, variable: str) -> SplitResult:
    example = f"Set {variable} to an address such as http://proxy.example:3128, or NO_PROXY to this host."
    try:
        split = urlsplit(text)
        _ = split.port
    except ValueError:
        raise ConfigError(f"The proxy that {variable} names is no address.", example) from None
    if not split.hostname or not text.isprintable() or " " in text:
        raise ConfigError(f"The proxy that {variable} names is no address.", example)
    if split.scheme not in {"http", "https"}:
        raise ConfigError(
            f"The proxy that {variable} names is of a kind that cannot be used ({split.scheme[:10]}).",
            example,
        )
    return split
