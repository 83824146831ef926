"""The one type in which a token lives.

Comes in: a secret text from the environment, a file or a command. Goes out: the text, by the one
method that is named for it. Nothing that prints, formats, pickles or serialises it shows anything.
"""

from __future__ import annotations

from typing import NoReturn
from weakref import WeakValueDictionary

from msgspec import Struct

_SHOWN = "<secret>"
_ALIVE: WeakValueDictionary[int, Secret] = WeakValueDictionary()


def secrets_alive() -> tuple[Secret, ...]:
    """Return the secret of each token that something still holds: what a crash may not show."""
    return tuple(_ALIVE.values())


class Secret:
    """A secret text that does not show itself.

    >>> print(Secret("example"))
    <secret>
    """

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret text: for the request that carries it and for the mask that hides it."""
        return self._text

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied into a file")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class Token(Struct, frozen=True, kw_only=True):
    """A named credential with the scopes that its owner says it has (empty where none are said)."""

    name: str
    secret: Secret
    scopes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Remember the secret as long as something holds it; one that is no token's may be a common word."""
        _ALIVE[id(self.secret)] = self.secret
