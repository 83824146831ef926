"""The API's own document, small: what there is at all in this version, whatever the plan.

Comes in: the routes. Goes out: an OpenAPI document whose info.version is the server's.
"""

from __future__ import annotations

from typing import Any

from probe.catalog.model import Catalog
from probe.simulator.routes import Presence, Routes

_THERE = {Presence.MOUNTED, Presence.ABOVE_PLAN}


def api_document(catalog: Catalog, routes: Routes, version: str) -> dict[str, Any]:
    """Return the document that the server serves of itself."""
    prefix = catalog.vendor.api_prefix.rstrip("/")
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation = route.operation
        if route.presence in _THERE and route.key.split(" ")[1].startswith(prefix):
            statuses = operation.success_statuses or (200,)
            paths.setdefault(operation.path.removeprefix(prefix), {})[operation.method.lower()] = {
                "operationId": operation.id,
                "summary": operation.summary,
                "tags": [operation.group],
                "responses": {str(status): {"description": "Success"} for status in statuses},
            }
    return {
        "openapi": "3.0.3",
        "info": {"title": f"{catalog.vendor.title} API (simulated)", "version": version},
        "servers": [{"url": f"{prefix}/"}],
        "paths": {path: paths[path] for path in sorted(paths)},
    }
