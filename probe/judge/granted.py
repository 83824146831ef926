"""What the server's own list of tokens says of a token's scopes, compared with the declared ones.

Comes in: the token's findings. Goes out: the scopes read, those declared but not granted, and a
sentence. Pure. A token that did not find itself in the list says so; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from probe.evidence import OwnScopes, Recognition, TokenInfo
from probe.judge.lookup import holds, is_success
from probe.judge.model import Finding


def granted_scopes(own: Iterable[Finding]) -> OwnScopes | None:
    """Return what a list of tokens said of the token that asked; a recognition before a failed one."""
    read = [
        item.exchange.own_scopes for item in own if item.exchange.own_scopes is not None and is_success(item)
    ]
    known = [item for item in read if item.recognised is Recognition.ENDING]
    return next(iter((*known, *read)), None)


def not_granted(token: TokenInfo, granted: OwnScopes | None) -> tuple[str, ...]:
    """Return declared scopes that the token was not granted, where that is sure.

    A granted scope whose name the catalog does not know may be a declared one in another spelling.
    """
    if granted is None or granted.recognised is not Recognition.ENDING or granted.unknown:
        return ()
    return tuple(scope for scope in token.declared_scopes if not holds(granted.scopes, scope))


def granted_words(token: TokenInfo, granted: OwnScopes | None) -> str:
    """Say how the list was read and what it means, or nothing where none was read."""
    if granted is None:
        return ""
    more = ", and the list goes on beyond its first page" if granted.partial else ""
    match granted.recognised:
        case Recognition.ENDING:
            return _compared(token, granted)
        case Recognition.ABSENT:
            return f"the list of tokens was read, but no entry in it ends like this token{more}"
        case Recognition.AMBIGUOUS:
            return "the list of tokens was read, but several entries in it end like this token"
        case Recognition.UNREADABLE:
            return "the list of tokens was read, but it does not say enough to find this token in it"
        case _ as never:
            assert_never(never)


def _compared(token: TokenInfo, granted: OwnScopes) -> str:
    number = len(granted.scopes) + granted.unknown
    said = f"the server's list of tokens names {number} scope{'' if number == 1 else 's'} for this token"
    if granted.unknown:
        said += f", {granted.unknown} of them by a name that the catalog does not know"
    if not token.declared_scopes:
        return f"{said}; none were declared to compare with"
    if granted.unknown:
        return f"{said}; so what is declared but not granted cannot be said for sure"
    differs = not_granted(token, granted) or [
        scope for scope in granted.scopes if not holds(token.declared_scopes, scope)
    ]
    return f"{said}; they {'differ from' if differs else 'fit'} the declared ones"
