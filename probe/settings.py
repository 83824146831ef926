"""Command line and probe.toml together: everything that a scan needs, checked before anything is sent.

Comes in: the options as they were said. Goes out: a Prepared scan, with warnings to show. Reads
files, environment and the user's commands for secrets; sends nothing. Mistakes are ConfigErrors.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from probe import failing
from probe.catalog.load import load_catalog
from probe.catalog.model import Catalog
from probe.config import DEFAULT_FILE, ConfigFile, LimitsEntry, limits_from, read_config
from probe.errors import ConfigError
from probe.expectations import Expectations, check_patterns
from probe.failing import ALL, FailOn, fail_on_from
from probe.history.location import Location, locate
from probe.masking import Mask
from probe.proxy import Proxy, proxy_for
from probe.report.formats import formats_from
from probe.scan.agenda import Agenda, make_agenda
from probe.scan.request import ScanRequest
from probe.secret import Secret, Token
from probe.target import origin_of
from probe.tokens import (
    SourceKind,
    TokenSource,
    resolve,
    scopes_from_options,
    token_from_entry,
    token_from_option,
)

MOST_CONFIRMATIONS = 10
_LONGEST_PAUSE_S = 600.0
_MOST_DIGITS = 18  # of a number on the command line; its bounds are those of the limits


class ScanOptions(Struct, frozen=True, kw_only=True):
    """What the command line says; None and empty where it says nothing."""

    config: Path | None = None
    base_url: str | None = None
    tokens: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    catalog: str | None = None
    only: tuple[str, ...] = ()
    concurrency: int | None = None
    requests_per_minute: str | None = None
    formats: str | None = None
    output_dir: Path | None = None
    allow_http: bool = False
    guarded_writes: bool = False
    ca_bundle: Path | None = None
    anonymize: bool = False
    baseline: str | None = None
    same_organization: bool | None = None
    confirm: int | None = None
    confirm_after: float | None = None
    fail_on: str | None = None
    history: str | None = None
    no_history: bool = False


class Comparing(Struct, frozen=True, kw_only=True):
    """How a scan is compared and what decides its exit code.

    `baseline` is what was named, or empty where nothing was: then the history's last known state is
    compared with, and shown, but a loss does not decide the exit code (it is not in `fail_on`).
    `same_organization` says that the baseline is of this organization, whatever its address.
    """

    baseline: str = ""
    same_organization: bool = False
    confirm: int = 2
    confirm_after_s: float = 5.0
    fail_on: frozenset[FailOn] = ALL
    expect: Expectations = Expectations()


class Prepared(Struct, frozen=True, kw_only=True):
    """A scan that is ready to run, with what belongs to its output. `mask` is made of the `secrets`."""

    request: ScanRequest
    mask: Mask
    formats: tuple[str, ...]
    output_dir: Path | None
    warnings: tuple[str, ...]
    anonymize: bool = False
    comparing: Comparing = Comparing()
    history: Location | None = None
    secrets: tuple[Secret, ...] = ()


def prepare(options: ScanOptions, *, only_token: str = "", catalog: Catalog | None = None) -> Prepared:
    """Check everything and fetch the secrets. Raises ConfigError or CatalogError.

    With `only_token`, only the token of that name is taken, and no other secret is fetched. With
    `catalog`, that one is taken: many scans share it.
    """
    path, config = _config(options.config)
    catalog = catalog or load_catalog(catalog_name(options, config))
    origin = origin_of(
        (config.base_url or "") if options.base_url is None else options.base_url,
        catalog.vendor,
        allow_http=options.allow_http or config.allow_http,
        in_file=options.base_url is None,
    )
    limits = limits_from(_limits_entry(options, config), catalog.vendor.requests_per_minute)
    sources = _chosen(token_sources(options, config), only_token)
    tokens = tuple(resolve(source, path.parent) for source in sources)
    agenda = _agenda(options, config, catalog, [token.name for token in tokens])
    ca_bundle = _ca_bundle(options, config, path.parent)
    proxy = proxy_for(origin)
    secrets = (*(token.secret for token in tokens), *(proxy.secrets if proxy else ()))
    output_dir = options.output_dir or (Path(config.output_dir) if config.output_dir else None)
    return Prepared(
        request=ScanRequest(
            origin=origin, catalog=catalog, tokens=tokens, agenda=agenda, limits=limits, ca_bundle=ca_bundle
        ),
        mask=Mask(secrets),
        secrets=secrets,
        formats=formats_from(",".join(config.formats) if options.formats is None else options.formats),
        output_dir=output_dir,
        comparing=_comparing(options, config, catalog),
        history=history_of(options, config, path.parent),
        warnings=(
            *_literal_warnings(sources),
            *_scope_warnings(tokens, catalog),
            *_proxy_warnings(proxy),
        ),
        anonymize=options.anonymize or config.anonymize,
    )


def _config(said: Path | None) -> tuple[Path, ConfigFile]:
    path = said or Path(DEFAULT_FILE)
    if said is None and not path.exists():
        return path, ConfigFile()
    return path, read_config(path)


def catalog_name(options: ScanOptions, config: ConfigFile) -> str:
    """Return the name or path of the catalog to use. Raises ConfigError."""
    name = config.catalog if options.catalog is None else options.catalog
    if not name.strip():
        raise ConfigError("The catalog's name is empty.", "Leave it out, or name a catalog or its file.")
    return name


def _ca_bundle(options: ScanOptions, config: ConfigFile, folder: Path) -> Path | None:
    """Return the CA bundle, checked; one of the file is looked for beside the file."""
    from probe.scan.trust import tls_context

    if options.ca_bundle is not None:
        bundle = options.ca_bundle
    elif config.ca_bundle is not None:
        bundle = folder / config.ca_bundle
    else:
        return None
    tls_context(bundle)
    return bundle


def _comparing(options: ScanOptions, config: ConfigFile, catalog: Catalog) -> Comparing:
    entry = config.regression
    baseline = (entry.baseline if options.baseline is None else options.baseline) or ""
    same = options.same_organization
    confirm = entry.confirm if options.confirm is None else options.confirm
    after = entry.confirm_after if options.confirm_after is None else options.confirm_after
    if not 0 <= confirm <= MOST_CONFIRMATIONS:
        where = "[regression] confirm" if options.confirm is None else "--confirm"
        raise ConfigError(f"{where} must be between 0 and {MOST_CONFIRMATIONS}.", "It is 2 by default.")
    if not 0 <= after <= _LONGEST_PAUSE_S:  # NaN is refused too
        where = "[regression] confirm_after" if options.confirm_after is None else "--confirm-after"
        raise ConfigError(
            f"{where} must be between 0 and {_LONGEST_PAUSE_S:.0f} seconds.", "It is 5 by default."
        )
    words = entry.fail_on if options.fail_on is None else options.fail_on.split(",")
    where = failing.IN_FILE if options.fail_on is None else "--fail-on"
    fail_on = ALL if words is None else fail_on_from(words, where)
    if words is None and not baseline:
        fail_on -= {FailOn.LOST}
    expect = Expectations(
        plan_at_least=config.expect.plan_at_least or "",
        allow=config.expect.allow,
        block=config.expect.block,
    )
    check_patterns(expect, catalog.rank, dict(catalog.by_id))
    return Comparing(
        baseline=baseline,
        same_organization=entry.same_organization if same is None else same,
        confirm=confirm,
        confirm_after_s=after,
        fail_on=fail_on,
        expect=expect,
    )


def history_of(options: ScanOptions, config: ConfigFile, folder: Path) -> Location | None:
    """Return where the run is to be recorded, or None for nowhere."""
    if options.no_history and options.history is not None:
        raise ConfigError("--history and --no-history contradict each other.", "Give one of them.")
    if options.no_history or (options.history is None and not config.history.enabled):
        return None
    return locate(options.history, config.history.url, base=folder)


def _limits_entry(options: ScanOptions, config: ConfigFile) -> LimitsEntry:
    entry = config.limits
    if options.concurrency is not None:
        entry = msgspec.structs.replace(entry, concurrency=options.concurrency)
    said = options.requests_per_minute
    if said is None:
        return entry
    if said != "off" and not (said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS):
        raise ConfigError(
            "--requests-per-minute needs a whole number, or off.", "For example: --requests-per-minute 45"
        )
    return msgspec.structs.replace(entry, requests_per_minute="off" if said == "off" else int(said))


def token_sources(options: ScanOptions, config: ConfigFile) -> tuple[TokenSource, ...]:
    """Return the token sources: those of the command line, or else those of the file. Raises ConfigError."""
    scopes = scopes_from_options(options.scopes)
    if options.tokens:
        sources = tuple(token_from_option(text, scopes) for text in options.tokens)
    else:
        sources = tuple(_with_scopes(token_from_entry(*item), scopes) for item in config.tokens.items())
    names = [source.name for source in sources]
    if not names:
        other = "" if options.config else " --token NAME=env:VARIABLE, or"
        path = options.config or DEFAULT_FILE
        raise ConfigError(
            "There is no token to ask with.", f"Give one:{other} a [tokens.NAME] table in {path}."
        )
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f'The token name "{name}" is given twice.', "Give each token a name of its own."
            )
    unknown = sorted(set(scopes) - set(names))
    if unknown:
        raise ConfigError(
            f'--scopes names "{unknown[0]}", which is no token.', f"The tokens: {', '.join(names)}."
        )
    return sources


def _chosen(sources: tuple[TokenSource, ...], name: str) -> tuple[TokenSource, ...]:
    if not name:
        return sources
    chosen = tuple(source for source in sources if source.name == name)
    if not chosen:
        known = ", ".join(source.name for source in sources)
        raise ConfigError(f'There is no token "{name}".', f"The tokens: {known}.")
    return chosen


def _with_scopes(source: TokenSource, scopes: dict[str, tuple[str, ...]]) -> TokenSource:
    return msgspec.structs.replace(source, scopes=scopes.get(source.name, source.scopes))


def _agenda(options: ScanOptions, config: ConfigFile, catalog: Catalog, tokens: list[str]) -> Agenda:
    only = options.only or config.only
    agenda = make_agenda(catalog, tokens, only, guarded_writes=options.guarded_writes)
    if only and not agenda.waves:
        where = "--only" if options.only else "`only` in the configuration:"
        raise ConfigError(
            f"Nothing to ask matches {where} {' '.join(only)}.",
            "`probe catalog list` shows the operations; writes need `probe scan --guarded-writes`.",
        )
    return agenda


def require_match(options: ScanOptions, config: ConfigFile, catalog: Catalog) -> None:
    """Raise ConfigError where what is to be asked matches no read: for many scans, before the first."""
    _agenda(options, config, catalog, ["any"])


def _literal_warnings(sources: tuple[TokenSource, ...]) -> list[str]:
    return [
        f'Token "{source.name}" stands in clear text, where other programs and the shell history read it; '
        "env:, file: or cmd: is safer."
        for source in sources
        if source.kind is SourceKind.LITERAL
    ]


def _proxy_warnings(proxy: Proxy | None) -> list[str]:
    if proxy is None:
        return []
    return [f"The requests go through the proxy {proxy.address}, which {proxy.variable} names."]


def _scope_warnings(tokens: tuple[Token, ...], catalog: Catalog) -> list[str]:
    return [
        f'Token "{token.name}" declares the scope {scope}, which the catalog does not know.'
        for token in tokens
        for scope in token.scopes
        if scope not in catalog.scopes
    ]
