"""probe.toml: what may stand in it, and reading it.

Comes in: a file. Goes out: the file as a frozen record, and checked limits. Where the tokens'
secrets come from is the affair of probe.tokens. Every mistake is a ConfigError with the next step.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from probe.errors import ConfigError, short_reason
from probe.evidence import Limits

DEFAULT_FILE = "probe.toml"

T = TypeVar("T")
_MOST_AT_A_TIME = 256
_MOST_PER_MINUTE = 100_000
_MOST_RETRIES = 10
_LEAST_BODY_CAP = 1024
_LONGEST_S = 86_400.0
# msgspec's names of types, as a reader of the file would say them.
_EXPECTED = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_FOUND = {**_EXPECTED, "int": "a number", "datetime": "a date", "date": "a date", "time": "a time"}


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


class RegressionEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[regression]` table. `confirm_after` is in seconds.

    `same_organization` says that the baseline is of this organization, whatever its address.
    """

    baseline: str | None = None
    same_organization: bool = False
    confirm: int = 2
    confirm_after: float = 5.0
    fail_on: tuple[str, ...] | None = None


class ExpectEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[expect]` table: the least plan (its id), and globs of operations."""

    plan_at_least: str | None = None
    allow: tuple[str, ...] = ()
    block: tuple[str, ...] = ()


class WebhookEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[notify.webhook]` table; `url` may be a reference, `secret` must be one (env:, file:, cmd:)."""

    url: str
    secret: str


class NotifyEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[notify]` table. `urls` are references to secrets: `env:NAME`, `file:PATH`, `cmd:COMMAND`.

    `on` names the events; `not_measured_after` counts the scans in a row; `report_url` is a template.
    """

    on: tuple[Literal["lost", "recovered", "not-measured"], ...] = ("lost", "recovered", "not-measured")
    urls: tuple[str, ...] = ()
    webhook: WebhookEntry | None = None
    not_measured_after: int = 3
    report_url: str = ""


class HistoryEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[history]` table. `url` may be `env:VARIABLE`, as it can hold a password."""

    url: str | None = None
    enabled: bool = True


class ConfigFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """probe.toml as it is written."""

    base_url: str | None = None
    catalog: str = "retool"
    allow_http: bool = False
    only: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("html", "json")
    output_dir: str | None = None
    ca_bundle: str | None = None
    anonymize: bool = False
    tokens: dict[str, TokenEntry] = {}
    limits: LimitsEntry = LimitsEntry()
    regression: RegressionEntry = RegressionEntry()
    expect: ExpectEntry = ExpectEntry()
    notify: NotifyEntry = NotifyEntry()
    history: HistoryEntry = HistoryEntry()


def read_config(path: Path) -> ConfigFile:
    """Read and check a probe.toml.

    Raises ConfigError where it cannot be read, is no TOML, or has an unknown or wrong key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path}.", "`probe init` writes one; --config names another."
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read: {short_reason(error)}.", "Check the file and its rights."
        ) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.", "Correct that line.") from None
    except (ValueError, RecursionError):
        raise ConfigError(
            f"{path} holds a number or a nesting that is too long to read.", "Shorten it."
        ) from None
    return _convert(data, path)


def _convert(data: dict[str, object], path: Path) -> ConfigFile:
    tokens = data.get("tokens")
    for name, entry in tokens.items() if isinstance(tokens, dict) else ():
        _as(TokenEntry, entry, path, ("tokens", name))  # alone, so that an error can name the token
    return _as(ConfigFile, data, path)


def _as(model: type[T], data: object, path: Path, table: tuple[str, ...] = ()) -> T:
    try:
        return msgspec.convert(data, model)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {in_words(str(error), table)}", _nearest_key(str(error))) from None


def in_words(message: str, table: tuple[str, ...] = ()) -> str:
    """Turn msgspec's message, met in that table of the file, into the file's own terms.

    ``Expected `str`, got `int` - at `$.env` `` becomes `[tokens.admin] env: expected text, got a number.`
    """
    text, _, place = message.partition(" - at `$")
    keys = [*table, *re.findall(r"[\w-]+", re.sub(r"\[.*?\]", "", place))]
    if "unknown field" in text:
        text = text.replace("Object contains unknown field", "there is no key")
        return f"[{'.'.join(keys)}] {text}." if keys else f"{text}."
    text = re.sub(r"^Expected `(.+?)`", lambda found: f"expected {_types(found[1], _EXPECTED)}", text)
    text = re.sub(r"got `(.+?)`", lambda found: f"got {_types(found[1], _FOUND)}", text)
    if text.startswith("Invalid enum value") and keys[-1:] == ["on"]:
        text = 'expected "lost", "recovered" or "not-measured", got another text'
    elif text.startswith("Invalid enum value"):  # the other key with a word for a value is the pace
        text = 'expected a whole number or "off", got another text'
    where = f"[{'.'.join(keys[:-1])}] {keys[-1]}" if len(keys) > 1 else "".join(keys)
    return f"{where}: {text}." if where else f"{text}."


def _types(names: str, words: dict[str, str]) -> str:
    said = [words.get(name, name) for name in names.split(" | ") if name != "null"]
    return " or ".join(said) or "nothing"


def _nearest_key(message: str) -> str:
    unknown = re.search(r"unknown field `(.+?)`", message)
    if not unknown:
        return "`probe init` writes a file with every key and its meaning."
    fields = {
        field.name
        for model in (
            ConfigFile,
            LimitsEntry,
            TokenEntry,
            RegressionEntry,
            ExpectEntry,
            NotifyEntry,
            WebhookEntry,
            HistoryEntry,
        )
        for field in msgspec.structs.fields(model)
    }
    near = difflib.get_close_matches(unknown[1], sorted(fields), n=1)
    return f"Did you mean `{near[0]}`?" if near else "Remove it; `probe init` writes a file with every key."


def limits_from(entry: LimitsEntry, default_per_minute: int) -> Limits:
    """Check the limits and fill in the vendor's default pace. Raises ConfigError."""
    per_minute = entry.requests_per_minute
    if per_minute is None:
        per_minute = default_per_minute
    _require_between("concurrency", entry.concurrency, 1, _MOST_AT_A_TIME)
    if per_minute != "off":
        _require_between("requests_per_minute", per_minute, 1, _MOST_PER_MINUTE, ', or "off"')
    _require_between("retries", entry.retries, 0, _MOST_RETRIES)
    _require(entry.body_cap >= _LEAST_BODY_CAP, f"body_cap must be at least {_LEAST_BODY_CAP} bytes")
    for name in ("connect_timeout", "first_byte_timeout", "body_timeout"):
        seconds = getattr(entry, name)
        _require(
            math.isfinite(seconds) and 0 < seconds <= _LONGEST_S,
            f"{name} must be more than 0 and at most {_LONGEST_S:.0f} seconds",
        )
    cap = entry.retry_after_cap
    _require(
        math.isfinite(cap) and 0 <= cap <= _LONGEST_S,
        f"retry_after_cap must be between 0 and {_LONGEST_S:.0f} seconds",
    )
    return Limits(
        concurrency=entry.concurrency,
        requests_per_minute=None if per_minute == "off" else per_minute,
        connect_timeout_s=entry.connect_timeout,
        first_byte_timeout_s=entry.first_byte_timeout,
        body_timeout_s=entry.body_timeout,
        body_cap_bytes=entry.body_cap,
        retries=entry.retries,
        retry_after_cap_s=entry.retry_after_cap,
    )


def _require_between(name: str, value: int, least: int, most: int, otherwise: str = "") -> None:
    _require(least <= value <= most, f"{name} must be between {least} and {most}{otherwise}")


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ConfigError(f"In the limits: {sentence}.", "Correct it in [limits] or on the command line.")
