"""What a check of a catalog says."""

from __future__ import annotations

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True):
    """Something wrong in a catalog: the entry and field, and what it is.

    `grave` is true where a scan must not start with the catalog.
    """

    where: str
    what: str
    grave: bool = False
