"""What is loaded while a scan waits for the server, so that its report is not kept waiting after it.

Comes in: the formats to write. Goes out: nothing; modules and templates are loaded, in a thread.
"""

from __future__ import annotations

import threading
from contextlib import suppress


def load_for_report(formats: tuple[str, ...]) -> None:
    """Begin to load what the report in these formats and the summary need; return at once."""
    threading.Thread(target=_load, args=(formats,), daemon=True).start()


def _load(formats: tuple[str, ...]) -> None:
    with suppress(Exception):  # whoever writes the report meets the same fault, and says so
        if "html" in formats:
            from probe.report.html import prepare

            prepare()
        from probe.report import jsonfile, terminal  # noqa: F401 - loading them is all that is wanted
