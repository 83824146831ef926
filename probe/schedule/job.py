"""What a scheduler has to start, from a configuration and where things are on this machine.

Comes in: a ConfigFile with its path, and what the command line says. Goes out: a Job, which every
renderer reads. Secrets are never read here, only named; one that stands in the file is refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from probe.config import ConfigFile, TokenEntry
from probe.errors import ConfigError, UsageError
from probe.schedule.quoting import printable, variable
from probe.schedule.when import When

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
BASELINE = ("--baseline", "last-good")
# A history that other machines reach: one in a variable is there because it holds a password.
_SHARED = ("postgres", "env:")
# Where a scheduler cannot be told which exit codes are fine: no conclusion ends with 0.
QUIET_CODES = ("--fail-on", "lost,expectation")


class Places(Struct, frozen=True, kw_only=True):
    """Where things are on this machine: absolute paths.

    `program` starts probe; `config` is the configuration, `repository` the folder of the version
    control that it stands in, or its own folder.
    """

    program: tuple[str, ...]
    config: str
    repository: str
    env_file: str
    output_dir: str
    data_dir: str
    user: str


class Wishes(Struct, frozen=True, kw_only=True):
    """What the command line says beside the configuration."""

    name: str
    when: When
    jitter_s: int
    history: str = ""
    package: str = ""
    image: str = ""


class TokenNeed(Struct, frozen=True, kw_only=True):
    """A token by name, and the environment variable that another machine gives it by.

    `from_env` is true where the configuration itself reads that variable.
    """

    name: str
    variable: str
    scopes: tuple[str, ...]
    from_env: bool


class Job(Struct, frozen=True, kw_only=True):
    """A scheduled scan. `variables` are those that the configuration reads, tokens' and others'."""

    places: Places
    wishes: Wishes
    tokens: tuple[TokenNeed, ...]
    variables: tuple[str, ...]
    other_variables: tuple[str, ...]
    host: str
    history: str
    extras: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The configuration's own folder, where relative paths in it begin."""
        return str(Path(self.places.config).parent)

    @property
    def local_command(self) -> tuple[str, ...]:
        """The words that scan on this machine."""
        where = ("--config", self.places.config, "--output-dir", self.places.output_dir)
        history = ("--history", self.wishes.history) if self.wishes.history else ()
        return (*self.places.program, "scan", "--quiet", *where, *history, *BASELINE)

    def remote_arguments(self, config: str, output_dir: str, history: str) -> tuple[str, ...]:
        """Return the words after `probe` on another machine; tokens come from variables there."""
        history = self.wishes.history or history
        said = ("--history", history) if history else ()
        tokens: tuple[str, ...] = ()
        if not all(token.from_env for token in self.tokens):
            tokens = tuple(word for token in self.tokens for word in _token_options(token))
        return ("scan", "--config", config, "--output-dir", output_dir, *tokens, *said, *BASELINE)

    @property
    def remote_variables(self) -> tuple[str, ...]:
        """The secrets that another machine has to set, by the name of the variable."""
        return tuple(dict.fromkeys([*(token.variable for token in self.tokens), *self.other_variables]))

    @property
    def shared_history(self) -> bool:
        """Whether the history is a database that other machines reach."""
        return self.history.startswith(_SHARED)

    @property
    def moved(self) -> tuple[TokenNeed, ...]:
        """The tokens that come from a file or a command here, and from a variable elsewhere."""
        return tuple(token for token in self.tokens if not token.from_env)


def job_from(config: ConfigFile, places: Places, wishes: Wishes) -> Job:
    """Check that the configuration can be scheduled. Raises ConfigError or UsageError."""
    _check_places(places)
    if not _NAME.fullmatch(wishes.name):
        raise UsageError(
            "--name needs small letters, digits and hyphens, at most 40.", "For example: --name plan-probe"
        )
    if wishes.history and _holds_password(wishes.history):
        raise ConfigError(
            "--history holds a password, which would stand in the printed file.",
            "Leave it out of the address: PostgreSQL reads PGPASSWORD or ~/.pgpass.",
        )
    if not config.tokens:
        raise ConfigError("The configuration names no token.", "Add a [tokens.NAME] table; see `probe init`.")
    tokens = tuple(_token_need(name, entry) for name, entry in config.tokens.items())
    own = [token.variable for token in tokens if token.from_env]
    others = _other_variables(config)
    return Job(
        places=places,
        wishes=wishes,
        tokens=tokens,
        variables=tuple(dict.fromkeys([*own, *others])),
        other_variables=others,
        host=_host(config.base_url),
        history=wishes.history or _configured_history(config),
        extras=_extras(config, wishes),
    )


def _check_places(places: Places) -> None:
    printable(places.config, "The configuration's path")
    printable(places.repository, "The configuration's folder")
    printable(places.output_dir, "The report folder's path")
    printable(places.env_file, "The path of the file with the variables")
    printable(places.data_dir, "The path of the history")
    for word in places.program:
        printable(word, "The path of the program")


def _token_need(name: str, entry: TokenEntry) -> TokenNeed:
    if entry.secret is not None:
        raise ConfigError(
            f'Token "{printable(name, "The name of a token")}" stands in the configuration in clear text.',
            'Move it out first: env = "VARIABLE", file = "PATH" or cmd = "COMMAND" in its table.',
        )
    what = f'Token "{printable(name, "The name of a token")}"'
    scopes = tuple(printable(scope, f"{what}: a scope") for scope in entry.scopes)
    if entry.env is not None:
        return TokenNeed(name=name, variable=variable(entry.env, what), scopes=scopes, from_env=True)
    made = re.sub(r"[^A-Z0-9]", "_", f"PROBE_TOKEN_{name.upper()}")
    return TokenNeed(name=name, variable=variable(made, what), scopes=scopes, from_env=False)


def _token_options(token: TokenNeed) -> tuple[str, ...]:
    said = ("--token", f"{token.name}=env:{token.variable}")
    return (*said, "--scopes", f"{token.name}={','.join(token.scopes)}") if token.scopes else said


def _other_variables(config: ConfigFile) -> tuple[str, ...]:
    """Name the variables that the rest of the configuration refers to as `env:NAME`."""
    notify = config.notify
    texts = list(notify.urls)
    if notify.webhook:
        texts += [notify.webhook.url, notify.webhook.secret]
    texts.append(_configured_history(config))
    named = [text.removeprefix("env:") for text in texts if text.startswith("env:")]
    return tuple(variable(name, "[notify] or [history]") for name in dict.fromkeys(named))


def _configured_history(config: ConfigFile) -> str:
    """Return the `url` of `[history]`, or an empty text where the configuration has none."""
    return config.history.url or ""


def _extras(config: ConfigFile, wishes: Wishes) -> tuple[str, ...]:
    postgres = (wishes.history or _configured_history(config)).startswith(_SHARED)
    return tuple(name for name, needed in (("notify", config.notify.urls), ("postgres", postgres)) if needed)


def _host(base_url: str | None) -> str:
    """Return the host that is scanned, for a comment, or an empty text."""
    try:
        host = urlsplit(base_url or "").hostname or ""
    except ValueError:
        return ""
    return host if re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", host) else ""


def _holds_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return parts.password is not None or "password" in parts.query.lower()
