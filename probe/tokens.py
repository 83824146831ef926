"""Tokens: how a user names one, and where its secret comes from.

Comes in: words of the command line or of probe.toml. Goes out: token sources, and tokens with their
secrets. Runs a user's own command for a secret; sends nothing. No error text repeats a secret.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from probe.config import TokenEntry
from probe.errors import ConfigError, short_reason
from probe.secret import Secret, Token

_COMMAND_TIMEOUT_S = 60
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


class SourceKind(StrEnum):
    """Where a token's secret comes from."""

    ENV = "env"
    FILE = "file"
    CMD = "cmd"
    LITERAL = "literal"


class TokenSource(Struct, frozen=True, kw_only=True):
    """A token by name: where its secret comes from, and its declared scopes.

    The value of a literal is wrapped, so that no print of the settings shows it.
    """

    name: str
    kind: SourceKind
    value: Secret
    scopes: tuple[str, ...] = ()


def token_from_entry(name: str, entry: TokenEntry) -> TokenSource:
    """Turn a `[tokens.NAME]` table into a source. Raises ConfigError."""
    given = {
        SourceKind.ENV: entry.env,
        SourceKind.FILE: entry.file,
        SourceKind.CMD: entry.cmd,
        SourceKind.LITERAL: entry.secret,
    }
    said = [(kind, value) for kind, value in given.items() if value is not None]
    if len(said) != 1:
        raise ConfigError(
            f"[tokens.{name}] must say one of env, file, cmd or secret; it says {len(said)} of them.",
            'For example: env = "API_TOKEN".',
        )
    kind, value = said[0]
    return TokenSource(name=_checked_name(name), kind=kind, value=Secret(value), scopes=entry.scopes)


def token_from_option(text: str, scopes: dict[str, tuple[str, ...]]) -> TokenSource:
    """Turn `NAME=env:VAR`, `NAME=file:PATH`, `NAME=cmd:COMMAND` or `NAME=SECRET` into a source.

    Raises ConfigError, without repeating the text: it may hold a secret.
    """
    name, equals, rest = text.partition("=")
    if not equals:
        raise ConfigError(
            "--token needs NAME=env:VARIABLE, NAME=file:PATH or NAME=cmd:COMMAND.",
            "For example: --token admin=env:API_TOKEN",
        )
    kind, value = SourceKind.LITERAL, rest
    for named in (SourceKind.ENV, SourceKind.FILE, SourceKind.CMD):
        if rest.startswith(f"{named}:"):
            kind, value = named, rest.removeprefix(f"{named}:")
    name = _checked_name(name)
    return TokenSource(name=name, kind=kind, value=Secret(value), scopes=scopes.get(name, ()))


def _checked_name(name: str) -> str:
    if _NAME.fullmatch(name):
        return name
    raise ConfigError(
        "A token's name must be a short word of letters, digits, `-` and `_`.",
        "It stands in the report, so that you can tell the tokens apart; for example: admin",
    )


def scopes_from_options(texts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Turn each `NAME=users:read,groups:read` into declared scopes by token name. Raises ConfigError."""
    scopes: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        if not equals:
            raise ConfigError("--scopes needs NAME=SCOPE,SCOPE.", "For example: --scopes admin=users:read")
        scopes[name] = tuple(scope.strip() for scope in listed.split(",") if scope.strip())
    return scopes


def resolve(source: TokenSource, folder: Path) -> Token:
    """Fetch a token's secret; a relative file is looked for in `folder`.

    Raises ConfigError that names the token and its source, never the secret.
    """
    value = source.value.reveal()
    match source.kind:
        case SourceKind.ENV:
            text = _from_env(source.name, value)
        case SourceKind.FILE:
            text = _from_file(source.name, folder / Path(value).expanduser())
        case SourceKind.CMD:
            text = _from_command(source.name, value)
        case SourceKind.LITERAL:
            text = value
    return Token(name=source.name, secret=Secret(_checked_secret(source, text)), scopes=source.scopes)


def _from_env(name: str, variable: str) -> str:
    try:
        return os.environ[variable]
    except KeyError:
        raise ConfigError(
            f'Token "{name}": the environment variable {variable} is not set.',
            f"Set it in this shell (export {variable}=...), then run the command again.",
        ) from None


def _from_file(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f'Token "{name}": the file {path} cannot be read: {short_reason(error)}.',
            "Check the path and its rights.",
        ) from None


def _from_command(name: str, command: str) -> str:
    hint = "Run it in this shell to see why; its output must be the token alone."
    try:
        done = subprocess.run(  # noqa: S603 - running the user's own command is what cmd: means
            shlex.split(command), capture_output=True, timeout=_COMMAND_TIMEOUT_S, check=False
        )
    except ValueError:
        raise ConfigError(f'Token "{name}": its command has an open quote.', hint) from None
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f'Token "{name}": its command did not end within {_COMMAND_TIMEOUT_S} seconds.', hint
        ) from None
    except OSError as error:
        raise ConfigError(
            f'Token "{name}": its command cannot be run: {short_reason(error)}.', hint
        ) from None
    if done.returncode != 0:
        # Its output is not shown: a password manager may print the secret beside the error.
        raise ConfigError(f'Token "{name}": its command ended with exit code {done.returncode}.', hint)
    return done.stdout.decode("utf-8", errors="replace")


def _checked_secret(source: TokenSource, text: str) -> str:
    secret = text.strip().removeprefix("Bearer ").strip()
    if not secret:
        raise ConfigError(
            f'Token "{source.name}" is empty ({_place(source)}).',
            "Put the token there, then run the command again.",
        )
    if not re.fullmatch(r"[\x21-\x7e]+", secret):
        raise ConfigError(
            f'Token "{source.name}" is no single ASCII word ({_place(source)}).',
            "The source must give the token alone, as the vendor showed it.",
        )
    return secret


def _place(source: TokenSource) -> str:
    match source.kind:
        case SourceKind.ENV:
            return f"environment variable {source.value.reveal()}"
        case SourceKind.FILE:
            return f"file {source.value.reveal()}"
        case SourceKind.CMD:
            return "its command"
        case SourceKind.LITERAL:
            return "given in clear"
