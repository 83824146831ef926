"""Scans on a schedule in one process: APScheduler says when, this says what happens then.

Comes in: what loads the settings, what to do with an outcome, a trigger. Goes out: nothing; it returns
when it is told to stop. One scan at a time; what goes wrong in one never stops the next.
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from probe.errors import ConfigError, ExitCode, ProbeError, UsageError, short_reason

Setup = TypeVar("Setup")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIELDS = 5


def interval_trigger(seconds: int, jitter_s: int) -> Any:  # noqa: ANN401 - APScheduler brings no types
    """Return what fires every so many seconds."""
    from apscheduler.triggers.interval import IntervalTrigger

    return IntervalTrigger(seconds=seconds, jitter=jitter_s or None, timezone="UTC")


def cron_trigger(expression: str, jitter_s: int, timezone: str) -> Any:  # noqa: ANN401 - APScheduler brings no types
    """Return what fires as a crontab's five fields say. Raises UsageError.

    APScheduler counts weekdays from Monday and joins the two day fields by "and"; cron counts from
    Sunday and joins them by "or". So numbers become names, and both fields at once are refused.
    """
    from apscheduler.triggers.cron import CronTrigger

    fields = expression.split()
    if len(fields) != _FIELDS:
        raise UsageError("--cron needs five fields.", "For example: --cron '0 6 * * *'")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise UsageError(
            "--cron names a day of the month and of the week.", "Say one of them; * for the other."
        )
    names = re.sub(r"(?<![/\d])[0-7](?!\d)", lambda found: _DAYS[int(found[0])], weekday.lower())
    try:
        return CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=names,
            timezone=timezone,
            jitter=jitter_s or None,
        )
    except (ValueError, LookupError):
        raise UsageError(
            f"--cron '{expression}' or --timezone {timezone} is not understood.",
            "For example: --cron '0 6 * * *' --timezone Europe/Berlin",
        ) from None


class Watch(Generic[Setup]):
    """The schedule. `load` reads the settings, `scan` does one round and returns its exit code."""

    def __init__(
        self,
        load: Callable[[], Setup],
        scan: Callable[[Setup, asyncio.Event], Awaitable[ExitCode]],
        say: Callable[[str], None],
        *,
        runs: int | None = None,
    ) -> None:
        self._load = load
        self._scan = scan
        self._say = say
        self._left = runs
        self._setup = load()
        self._busy = asyncio.Lock()
        self._done = asyncio.Event()
        self.last_code = ExitCode.DONE

    async def run(self, trigger: Any, stop: asyncio.Event, *, at_once: bool) -> None:  # noqa: ANN401 - as above
        """Scan as `trigger` says, and at once if asked to, until `stop` or after the last of `runs`."""
        from apscheduler.events import EVENT_JOB_MAX_INSTANCES
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        logging.getLogger("apscheduler").addHandler(logging.NullHandler())
        scheduler = AsyncIOScheduler(timezone="UTC")
        rules = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        scheduler.add_job(self._tick, trigger, args=[stop], id="scan", **rules)
        overlap = "A scan was due while the last one still ran; it was left out."
        scheduler.add_listener(lambda _event: self._say(overlap), EVENT_JOB_MAX_INSTANCES)
        self._listen_for_hangup()
        scheduler.start()
        if at_once:
            from datetime import UTC, datetime

            scheduler.modify_job("scan", next_run_time=datetime.now(UTC))
        await _first_of(stop, self._done)
        scheduler.pause()
        async with self._busy:  # a scan that runs was told to stop, and writes what it gathered
            scheduler.shutdown(wait=False)

    async def _tick(self, stop: asyncio.Event) -> None:
        async with self._busy:
            if stop.is_set() or self._done.is_set():
                return
            try:
                self.last_code = await self._scan(self._setup, stop)
            except ProbeError as error:
                self.last_code = error.exit_code
                self._say(f"This scan failed: {error.message} {error.hint}".rstrip())
            except Exception as error:  # noqa: BLE001 - the next scan goes on whatever this one met
                self.last_code = ExitCode.INTERNAL
                self._say(f"This scan failed: this is a bug in probe ({type(error).__name__}).")
            if self._left is not None:
                self._left -= 1
                if self._left <= 0:
                    self._done.set()

    def _listen_for_hangup(self) -> None:
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()

        def reload() -> None:
            task = loop.create_task(self._reload())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        with suppress(NotImplementedError, RuntimeError, AttributeError):  # not on every system
            loop.add_signal_handler(signal.SIGHUP, reload)

    async def _reload(self) -> None:
        """Read the configuration again; a bad one changes nothing. A scan that runs keeps what it has."""
        try:
            self._setup = await asyncio.to_thread(self._load)
        except ProbeError as error:
            self._say(f"The new configuration is not used: {error.message} The old one stays.")
        except Exception as error:  # noqa: BLE001 - whatever it is, the old one works
            self._say(f"The new configuration is not used: {short_reason(error)}. The old one stays.")
        else:
            self._say("The configuration was read again.")


async def _first_of(*events: asyncio.Event) -> None:
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    _, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


def require_scheduler() -> None:
    """Raise ConfigError where the extra `watch` is not installed."""
    import importlib.util

    if importlib.util.find_spec("apscheduler") is None:
        raise ConfigError(
            "`probe watch` needs APScheduler, which is not installed.",
            "Run `pip install 'plan-probe[watch]'`, or use `probe schedule`.",
        )
