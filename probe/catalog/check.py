"""Finds what is wrong with a catalog: first of all what would make a scan unsafe.

Comes in: a Catalog. Goes out: problems, each with its place. A grave problem is one that a scan must
not start with; the others mean that a statement would be missing or wrong. Reads no files.
"""

from __future__ import annotations

from collections.abc import Iterable

from probe.catalog.check_facts import fact_problems
from probe.catalog.check_safety import safety_problems
from probe.catalog.known import contradictions
from probe.catalog.model import Catalog
from probe.catalog.problem import Problem

__all__ = ["Problem", "check_catalog", "grave_problems"]


def check_catalog(catalog: Catalog, known: Iterable[Catalog] = ()) -> tuple[Problem, ...]:
    """Return everything that is wrong with a catalog, the grave problems first.

    `known` are catalogs that are trusted: what they call unsafe, no other may call anything else.
    """
    return (*grave_problems(catalog, known), *fact_problems(catalog))


def grave_problems(catalog: Catalog, known: Iterable[Catalog] = ()) -> tuple[Problem, ...]:
    """Return only what forbids using the catalog at all."""
    return (*safety_problems(catalog), *contradictions(catalog, known))
