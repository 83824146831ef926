"""Takes the organization's name out of a run: its host, and what of the host's name identifies it.

Comes in: a base URL, a catalog, and records or text that may hold the name. Goes out: the same with a
placeholder that is the same for every organization. Names of tokens stay. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from probe.catalog.model import Catalog
from probe.evidence import Attempt, Exchange, PageView, Response, Run
from probe.reading.pages import fingerprint, words_of

PLACEHOLDER_HOST = "organization.example"
PLACEHOLDER_NAME = "organization"

T = TypeVar("T", bound=msgspec.Struct)
# Labels that say what a host is for, or where it stands, and not whose it is.
_GENERIC = re.compile(
    r"[a-z]{2}-[a-z]+-\d|[\d-]+|.{1,2}|www\d?|apis?|apps?|tools?|internal|intranet|admin|portal|home|main|host|server|"
    r"dev|devel|test|testing|stage|staging|stg|prod|production|preview|sandbox|demo|local|localhost|lan|corp|cloud|"
    r"com|net|org|gov|edu|mil|info|biz|example|invalid|svc|cluster|default|eu|apac|emea|organization"
)
# Members that hold a word of ours, a number in words or a time: never a server's text.
_OURS = frozenset({"form", "reason", "type", "started_at", "method", "fingerprint", "markers"})


class Anonymizer:
    """Replaces one organization's host and name."""

    def __init__(self, base_url: str, catalog: Catalog) -> None:
        host = (urlsplit(base_url).hostname or "").removesuffix(".")
        self.hosts = tuple(sorted({form for form in (host, _ascii(host), _unicode(host)) if form}))
        labels = [] if _is_address(host) else host.split(".")[:-1]
        ours = _words_of(catalog)
        self._names = [label for label in labels if not _GENERIC.fullmatch(label) and label not in ours]
        self._patterns = [_host_pattern(self.hosts), *map(_name_pattern, self._names)]
        self._numbers = words_of(" ".join(_forms(self._names)))

    def text(self, text: str) -> str:
        """Return `text` without the host and the name."""
        for pattern, instead in zip(
            self._patterns, (PLACEHOLDER_HOST, *[PLACEHOLDER_NAME] * len(self._names)), strict=True
        ):
            text = pattern.sub(instead, text)
        return text

    def texts(self, record: T, members: Iterable[str]) -> T:
        """Return a record with the named members, at any depth, without the name."""
        wanted = frozenset(members)

        def walk(value: Any, key: str) -> Any:  # noqa: ANN401 - any JSON value
            match value:
                case str():
                    return self.text(value) if key in wanted else value
                case list():
                    return [walk(part, key) for part in value]
                case dict():
                    return {name: walk(part, name) for name, part in value.items()}
                case _:
                    return value

        return msgspec.convert(walk(msgspec.to_builtins(record), ""), type(record))

    def run(self, run: Run) -> Run:
        """Return the evidence without the name. Its judgement is made anew from this."""
        exchanges = (*run.controls, *run.exchanges)
        ranks = _ranks(page for exchange in exchanges for page in _pages(exchange))
        return msgspec.structs.replace(
            run,
            target=msgspec.structs.replace(run.target, base_url=f"https://{PLACEHOLDER_HOST}"),
            controls=tuple(self._exchange(exchange, ranks) for exchange in run.controls),
            exchanges=tuple(self._exchange(exchange, ranks) for exchange in run.exchanges),
            skipped=tuple(self.texts(item, {"reason"}) for item in run.skipped),
        )

    def _exchange(self, exchange: Exchange, ranks: dict[int, int]) -> Exchange:
        request = msgspec.convert(self._walk(msgspec.to_builtins(exchange.request)), type(exchange.request))
        attempts = tuple(self._attempt(attempt, ranks) for attempt in exchange.attempts)
        return msgspec.structs.replace(exchange, request=request, attempts=attempts)

    def _attempt(self, attempt: Attempt, ranks: dict[int, int]) -> Attempt:
        found = msgspec.convert(self._walk(msgspec.to_builtins(attempt)), Attempt)
        outcome = found.outcome
        if not isinstance(outcome, Response) or outcome.body.page is None:
            return found
        body = msgspec.structs.replace(outcome.body, page=self._page(outcome.body.page, ranks))
        return msgspec.structs.replace(found, outcome=msgspec.structs.replace(outcome, body=body))

    def _page(self, page: PageView, ranks: dict[int, int]) -> PageView:
        """Return a page whose numbers tell no word and no address that somebody could guess."""
        features = tuple(number for number in page.features if number not in self._numbers)
        built = tuple(sorted(ranks[number] for number in page.structure))
        name = fingerprint(page.title, features, built, page.password_input)
        return msgspec.structs.replace(page, features=features, structure=built, fingerprint=name)

    def _walk(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        match value:
            case str():
                return self.text(value)
            case list() | tuple():
                return [self._walk(part) for part in value]
            case dict():
                return {key: part if key in _OURS else self._walk(part) for key, part in value.items()}
            case _:
                return value


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""


def _unicode(host: str) -> str:
    try:
        return host.encode().decode("idna")
    except UnicodeError:
        return ""


def _is_address(host: str) -> bool:
    return ":" in host or re.fullmatch(r"[\d.]+", host) is not None


def _words_of(catalog: Catalog) -> frozenset[str]:
    """Return the catalog's own words: a name that is one of them says nothing by itself."""
    return frozenset(re.findall(r"[a-z]+", msgspec.json.encode(catalog).decode().lower()))


def _host_pattern(hosts: Iterable[str]) -> re.Pattern[str]:
    forms = "|".join(rf"\[{re.escape(host)}\]|{re.escape(host)}" for host in hosts) or r"(?!)"
    return re.compile(rf"(?<![\w-])(?:{forms})\.?(?::\d{{1,5}})?(?![\w-])", re.IGNORECASE)


def _name_pattern(label: str) -> re.Pattern[str]:
    """Return a pattern for a label as a word, however its parts are joined: acme-it, Acme IT, acme_it."""
    parts = r"[\s_-]?".join(map(re.escape, re.split(r"[_-]+", label)))
    return re.compile(rf"(?<![^\W_]){parts}(?![^\W_])", re.IGNORECASE)


def _forms(labels: Iterable[str]) -> list[str]:
    """Return the words under which a label may stand on a page."""
    found: list[str] = []
    for label in labels:
        parts = re.split(r"[_-]+", label)
        words = {label, "".join(parts), "_".join(parts), *(part for part in parts if len(part) > 2)}  # noqa: PLR2004 - shorter is no name
        found += [form for word in sorted(words) for form in (word, f"{word}'s", f"{word}\u2019s")]
    return found


def _pages(exchange: Exchange) -> list[PageView]:
    outcomes = [attempt.outcome for attempt in exchange.attempts]
    bodies = [outcome.body for outcome in outcomes if isinstance(outcome, Response)]
    return [body.page for body in bodies if body.page is not None]


def _ranks(pages: Iterable[PageView]) -> dict[int, int]:
    """Return new numbers for the parts of all pages: equal stays equal, and none tells of what it is."""
    numbers = sorted({number for page in pages for number in page.structure})
    return {number: rank for rank, number in enumerate(numbers, start=1)}
