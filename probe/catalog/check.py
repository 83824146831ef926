"""Finds what is wrong with a catalog: first of all what would make a scan unsafe.

Comes in: a Catalog. Goes out: problems, each with its place. A grave problem is one that a scan must
not start with; the others mean that a statement would be missing or wrong. Reads no files.
"""

from __future__ import annotations

from probe.catalog.check_facts import fact_problems
from probe.catalog.check_safety import safety_problems
from probe.catalog.model import Catalog
from probe.catalog.problem import Problem

__all__ = ["Problem", "check_catalog", "grave_problems"]


def check_catalog(catalog: Catalog) -> tuple[Problem, ...]:
    """Return everything that is wrong with a catalog, the grave problems first."""
    return (*safety_problems(catalog), *fact_problems(catalog))


def grave_problems(catalog: Catalog) -> tuple[Problem, ...]:
    """Return only what forbids using the catalog at all."""
    return tuple(safety_problems(catalog))
