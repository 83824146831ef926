"""Finds the asking token in a list of tokens, and keeps its scopes and nothing else.

Comes in: the parsed answer of the operation that lists tokens, the token that asked, the catalog's
word on where things stand. Goes out: an OwnScopes, which holds only names that the catalog knows: no
label, person, date or ending of a token. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from probe.catalog.model import TokenListing
from probe.evidence import OwnScopes, Recognition
from probe.secret import Token

# A shorter ending would fit too many tokens by chance.
_SHORTEST_ENDING = 4


def own_scopes(
    document: Any,  # noqa: ANN401 - any JSON value
    token: Token,
    listing: TokenListing,
    known: Collection[str],
) -> OwnScopes:
    """Return what the list says of the token's own scopes. Never guesses: one entry fits, or none does."""
    items = _at(document, listing.items)
    entries = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    partial = bool(listing.more) and _at(document, listing.more) is True
    endings = [_ending(entry, listing) for entry in entries]
    if not entries or not all(endings):
        return OwnScopes(recognised=Recognition.UNREADABLE, partial=partial)
    secret = token.secret.reveal()
    own = [entry for entry, ending in zip(entries, endings, strict=True) if secret.endswith(ending)]
    if len(own) != 1:
        recognised = Recognition.AMBIGUOUS if own else Recognition.ABSENT
        return OwnScopes(recognised=recognised, partial=partial)
    return _scopes(own[0].get(listing.scopes), known, partial=partial)


def _scopes(listed: object, known: Collection[str], *, partial: bool) -> OwnScopes:
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        return OwnScopes(recognised=Recognition.UNREADABLE, partial=partial)
    names: Iterable[str] = set(listed)
    granted = tuple(sorted(name for name in names if name in known))
    return OwnScopes(
        recognised=Recognition.ENDING,
        scopes=granted,
        unknown=len(set(listed)) - len(granted),
        partial=partial,
    )


def _ending(entry: dict[str, Any], listing: TokenListing) -> str:
    ending = entry.get(listing.ending)
    return ending if isinstance(ending, str) and len(ending) >= _SHORTEST_ENDING else ""


def _at(document: Any, place: str) -> Any:  # noqa: ANN401 - any JSON value
    for key in place.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document
