"""The base URL: forgiving where the meaning is plain, strict where a token could go astray.

Comes in: what the user wrote and what the catalog knows of hosts. Goes out: an origin such as
`https://example.retool.com`, without a slash at the end. Sends nothing.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from probe.catalog.model import Vendor
from probe.errors import ConfigError


def origin_of(text: str, vendor: Vendor, *, allow_http: bool = False) -> str:
    """Return the origin that `text` names.

    A slash at the end and the API's own prefix pasted along are taken off. Raises ConfigError for
    anything else that is no plain https origin; plain http is allowed for loopback or by `allow_http`.
    """
    parts = _split(text.strip(), vendor)
    _refuse_extras(parts, vendor)
    for hint in vendor.host_hints:
        if parts.hostname == hint.host:
            raise ConfigError(f"{hint.host} is not where your organization's API lives.", hint.message)
    _refuse_clear_text(parts, allow_http=allow_http)
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
    example = f"Give your organization's address, for example {vendor.base_url_example}."
    if not text:
        raise ConfigError("There is no base URL.", example)
    if "://" not in text:
        raise ConfigError(
            f"The base URL must begin with https://, not just {text.split('/', maxsplit=1)[0]}.", example
        )
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ConfigError("The base URL cannot be read as a URL.", example) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError("The base URL must be an https:// address with a host name.", example)
    return parts


def _refuse_extras(parts: SplitResult, vendor: Vendor) -> None:
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "The base URL holds a user name or password.", "Leave it out; tokens are configured by --token."
        )
    path = parts.path.rstrip("/")
    if path not in {"", *vendor.prefixes_to_strip} or parts.query or parts.fragment:
        raise ConfigError(
            "The base URL must end after the host name: it has a path, a query or a fragment.",
            f"Use {parts.scheme}://{_host_and_port(parts)}",
        )


def _refuse_clear_text(parts: SplitResult, *, allow_http: bool) -> None:
    if parts.scheme == "https" or allow_http or is_loopback(parts.hostname or ""):
        return
    raise ConfigError(
        "With http:// the tokens would travel in clear text.",
        f"Use https://{_host_and_port(parts)}, or add --allow-http if you are sure of the network.",
    )


def _host_and_port(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None else f"{host}:{parts.port}"
