"""probe.toml: what may stand in it, and reading it.

Comes in: a file. Goes out: the file as a frozen record, and checked limits. Where the tokens'
secrets come from is the affair of probe.tokens. Every mistake is a ConfigError with the next step.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from probe.errors import ConfigError, short_reason
from probe.evidence import Limits

DEFAULT_FILE = "probe.toml"


class TokenEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[tokens.NAME]` table. Exactly one of env, file, cmd and secret is set."""

    env: str | None = None
    file: str | None = None
    cmd: str | None = None
    secret: str | None = None
    scopes: tuple[str, ...] = ()


class LimitsEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[limits]` table; durations in seconds, the body cap in bytes."""

    concurrency: int = 8
    requests_per_minute: int | Literal["off"] | None = None
    connect_timeout: float = 10.0
    first_byte_timeout: float = 30.0
    body_timeout: float = 30.0
    body_cap: int = 1024 * 1024
    retries: int = 2
    retry_after_cap: float = 60.0


class ConfigFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """probe.toml as it is written."""

    base_url: str | None = None
    catalog: str = "retool"
    allow_http: bool = False
    only: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("html", "json")
    output_dir: str | None = None
    tokens: dict[str, TokenEntry] = {}
    limits: LimitsEntry = LimitsEntry()


def read_config(path: Path) -> ConfigFile:
    """Read and check a probe.toml.

    Raises ConfigError where it cannot be read, is no TOML, or has an unknown or wrong key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path}.", "Run `probe init`, or give --base-url and --token."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {short_reason(error)}.", "Check the file and its rights."
        ) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.", "Correct that line.") from None
    return _convert(data, path)


def _convert(data: dict[str, object], path: Path) -> ConfigFile:
    try:
        return msgspec.convert(data, ConfigFile)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_in_words(str(error))}", _nearest_key(str(error))) from None


def _in_words(message: str) -> str:
    """Turn msgspec's place into the file's: ``... - at `$.limits` `` becomes `in [limits]: ...`."""
    text, _, place = message.partition(" - at `$")
    text = text.replace("Object contains unknown field", "there is no key")
    place = place.strip("`.").replace("[...]", ".NAME")
    return f"{text}." if not place else f"in [{place.strip('.')}]: {text}."


def _nearest_key(message: str) -> str:
    unknown = re.search(r"unknown field `(.+?)`", message)
    if not unknown:
        return "`probe init` writes a file with every key and its meaning."
    fields = {
        field.name
        for model in (ConfigFile, LimitsEntry, TokenEntry)
        for field in msgspec.structs.fields(model)
    }
    near = difflib.get_close_matches(unknown[1], sorted(fields), n=1)
    return f"Did you mean `{near[0]}`?" if near else "Remove it; `probe init` writes a file with every key."


def limits_from(entry: LimitsEntry, default_per_minute: int) -> Limits:
    """Check the limits and fill in the vendor's default pace. Raises ConfigError."""
    per_minute = entry.requests_per_minute
    if per_minute is None:
        per_minute = default_per_minute
    _require(entry.concurrency >= 1, "concurrency must be at least 1")
    _require(per_minute == "off" or int(per_minute) >= 1, 'requests_per_minute must be at least 1, or "off"')
    _require(0 <= entry.retries <= 10, "retries must be between 0 and 10")  # noqa: PLR2004 - the bound stands in the message
    _require(entry.body_cap >= 1024, "body_cap must be at least 1024 bytes")  # noqa: PLR2004 - the bound stands in the message
    for name in ("connect_timeout", "first_byte_timeout", "body_timeout"):
        _require(getattr(entry, name) > 0, f"{name} must be more than 0 seconds")
    return Limits(
        concurrency=entry.concurrency,
        requests_per_minute=None if per_minute == "off" else int(per_minute),
        connect_timeout_s=entry.connect_timeout,
        first_byte_timeout_s=entry.first_byte_timeout,
        body_timeout_s=entry.body_timeout,
        body_cap_bytes=entry.body_cap,
        retries=entry.retries,
        retry_after_cap_s=entry.retry_after_cap,
    )


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ConfigError(f"In the limits: {sentence}.", "Correct it in [limits] or on the command line.")
