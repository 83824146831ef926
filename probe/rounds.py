"""One whole scan: gather, ask again what looks lost, judge, compare, check what was expected, record.

Comes in: a Prepared scan and, where there is one, an open history. Goes out: an Outcome. What `scan`,
`watch` and `fleet` share. Prints nothing and writes no file: those that call it do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from probe.errors import ExitCode
from probe.report.model import Report
from probe.scan.request import Progress
from probe.settings import Prepared

if TYPE_CHECKING:
    from probe.history.model import StoredRun
    from probe.history.store import History


class Outcome(Struct, frozen=True, kw_only=True):
    """How a round ended.

    `report` holds the changes and expectations. `exit_code` is what `--fail-on` makes of it (see
    probe.verdicts). `stored` is the run in the history, or None where there is none or it could not
    be written: then `trouble` says why, and the report is there all the same. `notes` are sentences to
    show on stderr, such as that there is no baseline yet.
    """

    report: Report
    exit_code: ExitCode
    stored: StoredRun | None = None
    trouble: str = ""
    notes: tuple[str, ...] = ()


async def run_round(
    prepared: Prepared,
    *,
    history: History | None = None,
    stop: asyncio.Event,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    key: str = "",
    label: str = "",
) -> Outcome:
    """Scan once, compare, and record in `history` where one is given; `stop` ends it early.

    What is compared with, how often a loss is asked again and what decides the exit code stand in
    `prepared`. `key` and `label` go to the history. `pause` waits before a loss is asked again.
    Raises ConfigError or InputError before anything is sent; nothing after that.
    """
    raise NotImplementedError
