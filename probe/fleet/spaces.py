"""A fleet of an organization and its child spaces, which the organization's own API lists.

Comes in: a scan that is prepared for the organization, and what the catalog says of such a list. Goes
out: a Fleet. Sends one read with each token until one is answered with a list. A space is asked with the
same tokens, so what the list names is no reason by itself to send them there: only an address under the
organization's own, under the vendor's cloud as the organization is, or under a domain that the user named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from probe.catalog.model import SpaceListing, Vendor
from probe.errors import ConfigError, InconclusiveError, UsageError
from probe.evidence import Failure, Response
from probe.fleet.entries import name_in, name_of_space
from probe.fleet.model import BadEntry, Fleet, Organization, Reference
from probe.report.display import one_line
from probe.scan.answered import refuse_upgrade
from probe.scan.calls import operation_call
from probe.scan.client import Answer, Client
from probe.scan.trust import tls_context
from probe.settings import Prepared
from probe.target import origin_of

_MOST = 10_000
_LONGEST = 200
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?")
WENT_ON = "The list of spaces went on; those after it are not in this fleet."


class Listed(Struct, frozen=True, kw_only=True):
    """What the API lists: name and address of each space, as they came; `partial` where the list goes on."""

    spaces: tuple[tuple[str, str], ...]
    partial: bool = False


def listing_of(vendor: Vendor) -> SpaceListing:
    """Return what the catalog says of listing spaces. Raises UsageError where it says nothing."""
    if vendor.space_listing is None:
        raise UsageError(
            f"The catalog does not know how {vendor.title} lists spaces.", "Write the fleet's list by hand."
        )
    return vendor.space_listing


async def list_spaces(prepared: Prepared) -> Listed:
    """Ask for the list. Raises InconclusiveError where no token gets one, ConfigError before http moves."""
    request = prepared.request
    listing = listing_of(request.catalog.vendor)
    operation = request.catalog.by_id[listing.operation]
    tls = tls_context(request.ca_bundle) if request.ca_bundle else None
    why = ""
    async with Client(request.origin, request.limits, prepared.mask, tls=tls) as client:
        if request.origin.startswith("http:"):
            first = await client.ask(operation_call(operation, (), None))
            refuse_upgrade(request.origin, [first.attempts[-1].outcome], "no token was sent")
        for token in request.tokens:
            answer = await client.ask(operation_call(operation, (), token))
            listed = _read(answer, listing)
            if listed is not None:
                return listed
            why = why or _reason(answer)
    raise InconclusiveError(
        f"{request.origin} gave no list of its spaces: {why}",
        f"`probe scan --base-url {request.origin} --only '{listing.operation}'` says why.",
    )


def fleet_of(
    origin: str,
    listed: Listed,
    tokens: tuple[Reference, ...],
    vendor: Vendor,
    domains: Iterable[str] = (),
    *,
    allow_http: bool = False,
) -> Fleet:
    """Return the organization and its spaces as a fleet; a space that is not asked stands in `bad`.

    A line is a space's place in the list, from 1; the organization itself has 0.
    """
    parent = urlsplit(origin).netloc
    found = [Organization(name=parent, base_url=origin, tokens=tokens, line=0)]
    names, addresses = {parent}, {origin}
    bad: list[BadEntry] = []
    for place, (name, address) in enumerate(listed.spaces, start=1):
        try:
            where = _origin(address, origin, vendor, tuple(domains), allow_http=allow_http)
            _refuse_known(where, addresses)
        except ConfigError as error:
            named = name_in({"name": name})
            bad.append(BadEntry(where="space", line=place, name=named, reason=error.message, hint=error.hint))
            continue
        title = name_of_space(name, urlsplit(where).netloc, names)
        names.add(title)
        addresses.add(where)
        found.append(Organization(name=title, base_url=where, tokens=tokens, line=place))
    return Fleet(organizations=tuple(found), bad=tuple(bad))


def _refuse_known(address: str, known: set[str]) -> None:
    if address in known:
        raise ConfigError(f"{address} stands in the list already.", "It is asked once.")


def _origin(address: str, parent: str, vendor: Vendor, domains: tuple[str, ...], *, allow_http: bool) -> str:
    """Return the origin of a space that may have the tokens. Raises ConfigError."""
    listing, parts = listing_of(vendor), urlsplit(parent)
    own = parts.hostname or ""
    cloud = _under(own, listing.cloud_domain)
    if not _HOST.fullmatch(address):
        raise ConfigError("The API gives no address for this space.", "Scan it by its own address.")
    host, _, port = address.lower().partition(":")
    if "." not in host and cloud:
        host = f"{host}.{listing.cloud_domain}"
    allowed = (own, listing.cloud_domain if cloud else "", *(domain.lower().strip(".") for domain in domains))
    if not any(_under(host, domain) for domain in allowed):
        raise ConfigError(
            f"Its address {host} is not under {own}, so no token was sent there.",
            f"Is it yours? Then add --space-domain {host}, or a domain above it.",
        )
    port = port or str(parts.port or "")
    return origin_of(f"{parts.scheme}://{host}{f':{port}' if port else ''}", vendor, allow_http=allow_http)


def _under(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _read(answer: Answer, listing: SpaceListing) -> Listed | None:
    outcome = answer.attempts[-1].outcome
    items = _at(answer.document, listing.items)
    if not isinstance(outcome, Response) or outcome.status != HTTPStatus.OK or not isinstance(items, list):
        return None
    spaces = tuple(
        (_text(item.get(listing.name)), _text(item.get(listing.address)))
        for item in items[:_MOST]
        if isinstance(item, dict)
    )
    more = bool(listing.more) and _at(answer.document, listing.more) is True
    return Listed(spaces=spaces, partial=more or len(items) > _MOST)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""


def _at(document: Any, place: str) -> Any:  # noqa: ANN401 - any JSON value
    for key in place.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _reason(answer: Answer) -> str:
    """Say what came back in the list's place, in words that are masked already."""
    outcome = answer.attempts[-1].outcome
    if isinstance(outcome, Failure):
        return f"no answer ({outcome.reason})."
    messages = outcome.body.json.messages if outcome.body.json is not None else ()
    said = f": {one_line(messages[0], _LONGEST)}" if messages else ""
    return f"it answered with status {outcome.status} and {outcome.body.form}{said}."
