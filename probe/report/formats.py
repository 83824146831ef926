"""The names of the report's formats, as users say them."""

from __future__ import annotations

from probe.errors import ConfigError

NAMES = ("html", "json", "md", "junit", "csv", "har")


def formats_from(text: str) -> tuple[str, ...]:
    """Turn `html,json` or `all` into names, each once. Raises ConfigError for an unknown one."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if names == ("all",):
        return NAMES
    for name in names:
        if name not in NAMES:
            raise ConfigError(
                f'There is no report format "{name}".', f"The formats: {', '.join(NAMES)}, all."
            )
    if not names:
        raise ConfigError("No report format was given.", f"The formats: {', '.join(NAMES)}, all.")
    return names
