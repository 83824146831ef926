"""What changed, as JSON: the same records as `changes` in report.json.

Comes in: Changes. Goes out: JSON text.
"""

from __future__ import annotations

import msgspec

from probe.report.changes import Changes


def render_changes_json(changes: Changes) -> str:
    """Return the comparison as JSON: the model's order, two spaces, a line feed at the end."""
    return f"{msgspec.json.format(msgspec.json.encode(changes), indent=2).decode()}\n"
