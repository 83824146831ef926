"""How often a scan runs, as each scheduler writes it.

Comes in: `6h`, `06:30`, and a text that spreads the minutes. Goes out: a When, as crontab fields, as
systemd's OnCalendar and as launchd's keys. Reads no clock. Mistakes are UsageErrors.
"""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

from probe.errors import UsageError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d)")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# The divisors of an hour in minutes and of a day in hours: what every scheduler can say.
_MINUTES = (5, 6, 10, 12, 15, 20, 30)
_HOURS = (1, 2, 3, 4, 6, 8, 12)
_EARLY_HOUR = 5


class When(Struct, frozen=True, kw_only=True):
    """Every `every_s` seconds (a divisor of a day), first at `hour`:`minute`."""

    every_s: int
    hour: int
    minute: int

    @property
    def cron(self) -> str:
        """The five fields of a crontab line.

        >>> When(every_s=21600, hour=0, minute=7).cron
        '7 0,6,12,18 * * *'
        """
        if self.every_s < _HOUR:
            return f"{_listed(self.minute, self.every_s // _MINUTE, 60)} * * * *"
        if self.every_s == _HOUR:
            return f"{self.minute} * * * *"
        return f"{self.minute} {_listed(self.hour, self.every_s // _HOUR, 24)} * * *"

    @property
    def on_calendar(self) -> str:
        """Systemd's calendar expression, in UTC."""
        if self.every_s < _HOUR:
            return f"*-*-* *:{_listed(self.minute, self.every_s // _MINUTE, 60)}:00 UTC"
        hours = "*" if self.every_s == _HOUR else _listed(self.hour, self.every_s // _HOUR, 24)
        return f"*-*-* {hours}:{self.minute:02}:00 UTC"

    @property
    def launchd(self) -> list[dict[str, int]]:
        """Launchd's StartCalendarInterval: one entry for each start of a day, or of an hour."""
        if self.every_s < _HOUR:
            return [{"Minute": minute} for minute in _starts(self.minute, self.every_s // _MINUTE, 60)]
        if self.every_s == _HOUR:
            return [{"Minute": self.minute}]
        hours = _starts(self.hour, self.every_s // _HOUR, 24)
        return [{"Hour": hour, "Minute": self.minute} for hour in hours]

    @property
    def words(self) -> str:
        """Say it for a comment."""
        if self.every_s == _DAY:
            return f"every day at {self.hour:02}:{self.minute:02}"
        if self.every_s < _HOUR:
            return f"every {self.every_s // _MINUTE} minutes"
        hours = self.every_s // _HOUR
        return f"every {'hour' if hours == 1 else f'{hours} hours'}, at minute {self.minute}"


def seconds_in(text: str, option: str) -> int:
    """Return the seconds of `30s`, `10m`, `6h` or `1d`. Raises UsageError that names the option.

    >>> seconds_in("6h", "--every")
    21600
    """
    found = _DURATION.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise UsageError(f"{option} needs a number with s, m, h or d.", f"For example: {option} 6h")
    return int(found[1]) * _UNITS[found[2]]


def when_of(every: str | None, at: str | None, seed: str) -> When:
    """Return when to scan: `every` so long, or every day `at` HH:MM; else every day, early.

    `seed` chooses the minute where nobody did, so that not everybody asks the server at full hours;
    the same seed gives the same minute. Raises UsageError.
    """
    if every is not None and at is not None:
        raise UsageError("--every and --at exclude each other.", "Say one of them.")
    minute = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") % 60
    if at is not None:
        return _daily(at)
    if every is None:
        return When(every_s=_DAY, hour=_EARLY_HOUR, minute=minute)
    seconds = seconds_in(every, "--every")
    _require_divisor(seconds)
    if seconds == _DAY:
        return When(every_s=_DAY, hour=_EARLY_HOUR, minute=minute)
    if seconds < _HOUR:
        return When(every_s=seconds, hour=0, minute=minute % (seconds // _MINUTE))
    return When(every_s=seconds, hour=0, minute=minute)


def _daily(at: str) -> When:
    found = _CLOCK.fullmatch(at.strip())
    if not found:
        raise UsageError("--at needs a time of day, HH:MM.", "For example: --at 06:30")
    return When(every_s=_DAY, hour=int(found[1]), minute=int(found[2]))


def _require_divisor(seconds: int) -> None:
    fine = {number * _MINUTE for number in _MINUTES} | {number * _HOUR for number in _HOURS} | {_DAY}
    if seconds in fine:
        return
    nearest = min(sorted(fine), key=lambda other: abs(other - seconds))
    said = f"{nearest // _HOUR}h" if nearest >= _HOUR else f"{nearest // _MINUTE}m"
    raise UsageError(
        "A scheduler's calendar cannot say that interval evenly.",
        f"The nearest that it can: --every {said}. `probe watch` takes any interval.",
    )


def _starts(first: int, step: int, end: int) -> list[int]:
    return list(range(first % step if step < end else first, end, step))


def _listed(first: int, step: int, end: int) -> str:
    return ",".join(map(str, _starts(first, step, end)))
