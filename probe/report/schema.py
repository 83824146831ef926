"""The JSON Schema of `report.json`, made from the report model so that the two cannot differ.

Comes in: nothing. Goes out: a JSON Schema (draft 2020-12) as a dictionary.
"""

from __future__ import annotations

from typing import Any

import msgspec

from probe.report.model import SCHEMA_VERSION, Report


def report_schema() -> dict[str, Any]:
    """Return the schema of a run of the present SCHEMA_VERSION."""
    made = msgspec.json.schema(Report)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:plan-probe:report:{SCHEMA_VERSION}",
        "title": f"Plan probe run, schema version {SCHEMA_VERSION}",
        "description": "What was asked of an API, what came back, and what it means for the plan.",
        **made,
    }
