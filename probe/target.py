"""The base URL: forgiving where the meaning is plain, strict where a token could go astray.

Comes in: what the user wrote and what the catalog knows of hosts. Goes out: an origin such as
`https://example.retool.com`, without a slash at the end. Sends nothing.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from probe.catalog.model import Vendor
from probe.errors import ConfigError

# A host's label after IDNA encoding; the underscore is no host's by RFC 1123, but networks use it.
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_HOST_LENGTH = 253
_PORTS = {"http": 80, "https": 443}


def origin_of(text: str, vendor: Vendor, *, allow_http: bool = False, in_file: bool = False) -> str:
    """Return the origin that `text` names.

    A slash at the end, a dot after the host name and the API's own prefix pasted along are taken off.
    Raises ConfigError for
    anything else that is no plain https origin; plain http is allowed for loopback or by `allow_http`.
    """
    parts = _split(text.strip(" "), vendor)
    _refuse_credentials(parts)
    host = _checked_host(parts, vendor)
    _refuse_extras(parts, vendor)
    for hint in vendor.host_hints:
        if host == hint.host:
            raise ConfigError(f"{hint.host} is not where your organization's API lives.", hint.message)
    _refuse_clear_text(parts, allow_http=allow_http, in_file=in_file)
    return f"{parts.scheme}://{_host_and_port(parts)}"


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str, vendor: Vendor) -> SplitResult:
    example = _example(vendor)
    if not text:
        raise ConfigError("There is no base URL.", example)
    if " " in text or "\\" in text or not text.isprintable():
        # urlsplit would drop a tab without a word, and readers of URLs disagree about a backslash.
        raise ConfigError(
            "The base URL holds a space, a backslash or a character that cannot be seen.", example
        )
    if "://" not in text:
        raise ConfigError(
            f"The base URL must begin with https://, not just {text.split('/', maxsplit=1)[0]}.", example
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ConfigError("The base URL cannot be read as a URL.", example) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError("The base URL must be an https:// address with a host name.", example)
    if port == 0:
        raise ConfigError("The base URL has port 0, where nothing can listen.", example)
    return parts


def _example(vendor: Vendor) -> str:
    return f"Give your organization's address, for example {vendor.base_url_example}."


def _checked_host(parts: SplitResult, vendor: Vendor) -> str:
    """Return the host as it goes over the wire. Raises ConfigError where it can be no host."""
    host = _host(parts)
    try:
        if "[" in parts.netloc:
            return str(ipaddress.IPv6Address(host))
        encoded = host.encode("idna").decode().lower()
    except ValueError:
        encoded = ""
    if len(encoded) > _HOST_LENGTH or not all(map(_LABEL.fullmatch, encoded.split("."))):
        raise ConfigError("The base URL's host is not a host name.", _example(vendor))
    return encoded


def _refuse_credentials(parts: SplitResult) -> None:
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "The base URL holds a user name or password.", "Leave it out; a token stands apart from it."
        )


def _refuse_extras(parts: SplitResult, vendor: Vendor) -> None:
    path = parts.path.rstrip("/")
    if path not in {"", *vendor.prefixes_to_strip} or parts.query or parts.fragment:
        raise ConfigError(
            "The base URL must end after the host name: it has a path, a query or a fragment.",
            f"Use {parts.scheme}://{_host_and_port(parts)}",
        )


def _refuse_clear_text(parts: SplitResult, *, allow_http: bool, in_file: bool) -> None:
    if parts.scheme == "https" or allow_http or is_loopback(_host(parts)):
        return
    how = "write allow_http = true" if in_file else "add --allow-http"
    raise ConfigError(
        "With http:// the tokens would travel in clear text.",
        f"Use https://{_host_and_port(parts)}, or {how} if you are sure of the network.",
    )


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").lower().removesuffix(".")


def _host_and_port(parts: SplitResult) -> str:
    host = _host(parts)
    host = f"[{host}]" if ":" in host else host
    usual = parts.port in {None, _PORTS.get(parts.scheme)}  # written or not, it is one organization
    return host if usual else f"{host}:{parts.port}"
