"""Whether two runs asked the same organization: by their addresses, which are all that a report says of it.

Comes in: base URLs as reports have them. Goes out: a Kinship. Pure.

One organization is one scheme, host, port and path. Written differently (letters' case, a slash or a dot
at the end, the scheme's own port) it is still one, and so is a host that moved from http to https on the
usual ports. An anonymized report has given its address away: it may be of any organization.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from probe.anonymize import PLACEHOLDER_HOST

_PORTS = {"http": 80, "https": 443}


class Kinship(StrEnum):
    """What the addresses of two runs say: one organization, two, or nothing."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class Place(NamedTuple):
    """An address without what makes no difference. `port` is None where it is the scheme's own."""

    scheme: str
    host: str
    port: int | None
    path: str


def kinship(one: str, other: str) -> Kinship:
    """Return what two base URLs say of their organizations.

    >>> kinship("http://Example.com:80/", "https://example.com").value
    'same'
    >>> kinship("https://staging.example.com", "https://example.com").value
    'other'
    """
    first, second = place_of(one), place_of(other)
    if PLACEHOLDER_HOST in {first.host, second.host}:
        return Kinship.UNKNOWN
    return Kinship.SAME if _organization(first) == _organization(second) else Kinship.OTHER


def _organization(place: Place) -> Place:
    """Return the place without the scheme where it uses its own port: http became https."""
    return place if place.port is not None else place._replace(scheme="")


def one_of_each(base_urls: Iterable[str]) -> tuple[str, ...]:
    """Return one address of each organization, in the order in which they first appear.

    Of several it is the last one, which in sorted addresses is that with https.

    >>> one_of_each(["http://a.example.com", "http://b.example.com", "https://a.example.com"])
    ('https://a.example.com', 'http://b.example.com')
    """
    found: dict[object, str] = {}
    for base_url in base_urls:
        place = place_of(base_url)
        found[base_url if place.host == PLACEHOLDER_HOST else _organization(place)] = base_url
    return tuple(found.values())


def place_of(base_url: str) -> Place:
    """Return the address that a base URL names; what is none stands for itself alone."""
    try:
        parts = urlsplit(base_url.strip())
        port, host = parts.port, (parts.hostname or "").removesuffix(".")
    except ValueError:
        return Place("", base_url, None, "")
    usual = port in {None, _PORTS.get(parts.scheme)}
    return Place(parts.scheme, host, None if usual else port, parts.path.rstrip("/"))


def plain_url(base_url: str) -> str:
    """Return a base URL as reports have it, so that what a user writes finds it.

    >>> plain_url("https://Example.com:443/"), plain_url("http://[::1]:8080")
    ('https://example.com', 'http://[::1]:8080')
    """
    place = place_of(base_url)
    if not place.scheme or not place.host:
        return base_url.strip().rstrip("/")
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{place.scheme}://{host}{'' if place.port is None else f':{place.port}'}{place.path}"
