"""Finds out, by asking, what a SaaS plan lets its API tokens do.

Public names, loaded when they are used: `load_catalog`, `gather` (asks, and returns a `Run`), `judge_again`
(judges a `Report`'s evidence), `Run`, `Report`. The packages `probe.judge` and the module `probe.explain`
keep their own names.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "load_catalog": "probe.catalog.load",
    "gather": "probe.pipeline",
    "judge_again": "probe.pipeline",
    "Run": "probe.evidence",
    "Report": "probe.report.model",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - each public name has a type of its own
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
