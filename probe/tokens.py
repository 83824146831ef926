"""Tokens: how a user names one, and where its secret comes from.

Comes in: words of the command line or of probe.toml. Goes out: token sources, and tokens with their
secrets. Runs a user's own command for a secret; sends nothing. No error text repeats a secret.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import threading
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from probe.config import TokenEntry
from probe.errors import ConfigError, short_reason
from probe.masking import SHORTEST_PART
from probe.secret import Secret, Token

_COMMAND_TIMEOUT_S = 60
_GRACE_S = 1.0
_LONGEST = 16 * 1024
# What looks like a token where a name should stand: `env:$TOKEN`, which the shell has filled in.
_LIKE_SECRET = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?!.*\.[a-z]{2,5}$)[A-Za-z0-9_.=+-]{16,}")
# No token, but a word that our own sentences hold too.
_PLAIN_WORD = re.compile(r"(?=.{1,15}$)[A-Za-z]?[a-z_.:]*")
# A secret where a name should stand, which would go into the report: a long run of letters and digits.
_RANDOM = re.compile(r"(?=[A-Za-z]*\d[A-Za-z]*\d)[A-Za-z0-9]{16,}")
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
    if _NAME.fullmatch(name) and not _RANDOM.search(name):
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
        scopes[_checked_name(name)] = tuple(scope.strip() for scope in listed.split(",") if scope.strip())
    return scopes


def resolve(source: TokenSource, folder: Path) -> Token:
    """Fetch a token's secret; a relative file is looked for in `folder`.

    Raises ConfigError that names the token and its source, never the secret.
    """
    value = source.value.reveal()
    _refuse_unusable(source, value)
    match source.kind:
        case SourceKind.ENV:
            text = _from_env(source.name, value)
        case SourceKind.FILE:
            text = _from_file(source.name, folder, value)
        case SourceKind.CMD:
            text = _from_command(source.name, value)
        case SourceKind.LITERAL:
            text = value
    return Token(name=source.name, secret=Secret(_checked_secret(source, text)), scopes=source.scopes)


def _refuse_unusable(source: TokenSource, value: str) -> None:
    """Raise ConfigError where a source names nothing, or what no system can name."""
    if source.kind is SourceKind.LITERAL:
        return
    if not value.strip():
        raise ConfigError(
            f'Token "{source.name}": {source.kind} names nothing.',
            "For example: env:API_TOKEN, file:token.txt, or cmd: and a command that prints the token.",
        )
    if "\0" in value:
        raise ConfigError(f'Token "{source.name}": {source.kind} holds a NUL character.', "Take it out.")
    if source.kind is SourceKind.ENV and "=" in value:
        raise ConfigError(
            f'Token "{source.name}": the name of an environment variable cannot hold "=".',
            "Give the variable's name alone; for example: env:API_TOKEN",
        )


def _from_env(name: str, variable: str) -> str:
    try:
        return os.environ[variable]
    except KeyError:
        _refuse_pasted(name, SourceKind.ENV, variable)
        raise ConfigError(
            f'Token "{name}": the environment variable {variable} is not set.',
            f"Set it in this shell (export {variable}=...), then run the command again.",
        ) from None


def _refuse_pasted(name: str, kind: SourceKind, value: str) -> None:
    """Raise ConfigError, without repeating it, where what should be a name looks like the secret itself."""
    if _LIKE_SECRET.fullmatch(value):
        raise ConfigError(
            f'Token "{name}": what stands after {kind}: looks like a secret, not a name.',
            f"Give the name alone, without a dollar sign; for example: {kind}:"
            + ("API_TOKEN" if kind is SourceKind.ENV else "token.txt"),
        ) from None


def _from_file(name: str, folder: Path, value: str) -> str:
    try:
        path = folder / Path(value).expanduser()
    except RuntimeError:
        raise ConfigError(
            f'Token "{name}": the home folder that {value} names is not known.', "Write the whole path."
        ) from None
    try:
        with path.open("rb") as file:
            return _decoded(file.read(_LONGEST + 1))
    except OSError as error:
        _refuse_pasted(name, SourceKind.FILE, value)
        raise ConfigError(
            f'Token "{name}": the file {path} cannot be read: {short_reason(error)}.',
            "Check the path and its rights.",
        ) from None


def _from_command(name: str, command: str) -> str:
    hint = "Run it in this shell to see why; its output must be the token alone."
    try:
        words = shlex.split(command)
    except ValueError:
        raise ConfigError(f'Token "{name}": its command has an open quote.', hint) from None
    try:
        code, printed = _run(words)
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f'Token "{name}": its command did not end within {_COMMAND_TIMEOUT_S} seconds.', hint
        ) from None
    except OSError as error:
        raise ConfigError(
            f'Token "{name}": its command cannot be run: {short_reason(error)}.', hint
        ) from None
    if len(printed) > _LONGEST:
        return _decoded(printed)
    if code != 0:
        # Its output is not shown: a password manager may print the secret beside the error.
        raise ConfigError(f'Token "{name}": its command ended with exit code {code}.', hint)
    return _decoded(printed)


def _run(words: list[str]) -> tuple[int, bytes]:
    """Run a command; return its exit code and what it printed, up to a byte more than may be.

    The pipe is read by a thread, as a command's own children can keep it open beyond the time limit.
    """
    read: list[bytes] = []
    process = subprocess.Popen(  # noqa: S603 - running the user's own command is what cmd: means
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    pipe = process.stdout
    assert pipe is not None  # noqa: S101 - it was asked for

    def read_pipe() -> None:
        with pipe:
            read.append(pipe.read(_LONGEST + 1))

    reader = threading.Thread(target=read_pipe, daemon=True)
    reader.start()
    try:
        reader.join(_COMMAND_TIMEOUT_S)
        if not read:
            raise subprocess.TimeoutExpired(words, _COMMAND_TIMEOUT_S)
        if len(read[0]) > _LONGEST:
            process.kill()
        return process.wait(_COMMAND_TIMEOUT_S), read[0]
    finally:
        process.kill()
        process.wait()
        reader.join(_GRACE_S)


def _decoded(raw: bytes) -> str:
    """Return text; what is no UTF-8 becomes a mark, which no token may hold."""
    return raw.decode("utf-8", errors="replace")


def _checked_secret(source: TokenSource, text: str) -> str:
    if len(text.encode("utf-8", errors="replace")) > _LONGEST:
        raise ConfigError(
            f'Token "{source.name}" is longer than {_LONGEST // 1024} KiB ({_place(source)}).',
            "The source must give the token alone, as the vendor showed it.",
        )
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
    if source.kind is SourceKind.LITERAL and secret in os.environ:
        raise ConfigError(
            f'Token "{source.name}" is the name of an environment variable, not a token; nothing was sent.',
            f"To take the token from that variable, write env: before it: {source.name}=env:NAME.",
        )
    if len(secret) < SHORTEST_PART or _PLAIN_WORD.fullmatch(secret):
        raise ConfigError(
            f'Token "{source.name}" is too short, or a plain word ({_place(source)}): it could not be told '
            "from other words, and so not be kept out of the report.",
            "Put the token there as the vendor showed it; nothing was sent.",
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
