"""Who asks, and what they may do.

Comes in: an Authorization header. Goes out: the grant it stands for, and whether its scopes suffice.
The secrets here are made up and open no door but the simulator's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from probe.catalog.model import Catalog
from probe.secret import Secret, Token
from probe.simulator.options import Grant

_DEMO_SECRETS = {
    "admin": "sim-admin-q7Vn2Lk9Xw4Rt6Zb8Jh3Mf5c",
    "reader": "sim-reader-d4Ty8Gs2Pq6Nv9Wk3Bm7Hx5z",
    "embedder": "sim-embedder-u3Cj7Fr5Kp9Sd2Ln6Vt8Qg4y",
}
# Write includes read (documented by the vendor), under both spellings in use.
_WIDER = ((":read", ":write"), ("_read", "_write"))


def demo_tokens(catalog: Catalog) -> tuple[Token, ...]:
    """Return three made-up tokens that see different things: `admin`, `reader` and `embedder`.

    `admin` has every scope of the catalog, `reader` every scope that only reads, `embedder` what an
    embedding application asks for: to embed, and to invite the people it embeds for.
    """
    every = tuple(sorted(catalog.scopes))
    scopes = {
        "admin": every,
        "reader": tuple(scope for scope in every if _only_reads(scope)),
        "embedder": tuple(scope for scope in every if scope in {"apps:embed", "users:read", "users:write"}),
    }
    return tuple(
        Token(name=name, secret=Secret(text), scopes=scopes[name]) for name, text in _DEMO_SECRETS.items()
    )


def grants_of(tokens: Iterable[Token]) -> dict[str, Grant]:
    """Return the tokens as SimulatorOptions takes them."""
    return {token.secret.reveal(): Grant(name=token.name, scopes=token.scopes) for token in tokens}


def bearer(authorization: str) -> str:
    """Return the secret text of an Authorization header, or an empty text where it carries none."""
    kind, _, text = authorization.partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


def grant_for(authorization: str, tokens: Mapping[str, Grant]) -> Grant | None:
    """Return what the header's token stands for, or None for no token or one that is not known."""
    return tokens.get(bearer(authorization))


def suffices(grant: Grant, wanted: tuple[str, ...]) -> bool:
    """Return whether the grant covers any one of the scopes, or none is wanted."""
    return not wanted or any(_covers(grant.scopes, scope) for scope in wanted)


def _covers(scopes: tuple[str, ...], wanted: str) -> bool:
    if wanted in scopes:
        return True
    return any(
        wanted.endswith(read) and wanted.removesuffix(read) + write in scopes for read, write in _WIDER
    )


def _only_reads(scope: str) -> bool:
    return scope.endswith(("read", "_read")) or scope.startswith("usage")
