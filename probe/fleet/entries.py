"""One entry of a fleet's list, checked: names, address, token references. A secret is never taken.

Comes in: an entry as its file has it, with its line. Goes out: an Organization, or a ConfigError that
repeats nothing that could be a secret. Fetches no secret and sends nothing.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from probe.catalog.model import Vendor
from probe.config import TokenEntry, in_words
from probe.errors import ConfigError
from probe.fleet.model import Organization, Reference
from probe.masking import mask_personal
from probe.report.display import one_line
from probe.target import origin_of
from probe.tokens import SourceKind, TokenSource, token_from_entry, token_from_option

_LONGEST_NAME = 80
_LONGEST_LABEL = 60
_MOST_LABELS = 20


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One organization as it is written in TOML or JSON."""

    name: str
    base_url: str
    tokens: dict[str, TokenEntry | str]
    labels: tuple[str, ...] = ()


def organization_from(
    data: object, line: int, folder: Path, vendor: Vendor, *, allow_http: bool
) -> Organization:
    """Check an entry. Raises ConfigError. A relative token file is looked for in `folder`."""
    try:
        entry = msgspec.convert(data, Entry)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"An organization is not as it should be: {in_words(str(error))}",
            "It needs name, base_url and tokens; labels may be there.",
        ) from None
    return Organization(
        name=_checked(entry.name, "name", _LONGEST_NAME),
        base_url=origin_of(entry.base_url, vendor, allow_http=allow_http),
        tokens=_references(entry.tokens, folder),
        labels=_labels(entry.labels),
        line=line,
    )


def name_in(data: object) -> str:
    """Return an entry's name for a message, or an empty text where it has no fit one."""
    name = data.get("name") if isinstance(data, dict) else None
    return mask_personal(one_line(name, _LONGEST_NAME)) if isinstance(name, str) else ""


def name_of_space(said: str, host: str, known: set[str]) -> str:
    """Return a name that no other organization has: as the API says, if it is fit, else of its host."""
    said = mask_personal(one_line(said, _LONGEST_NAME)) if said.isprintable() else ""
    if said and said not in known:
        return said
    return f"{said} ({host})"[-_LONGEST_NAME:] if said else host[-_LONGEST_NAME:]


def _checked(text: str, what: str, longest: int) -> str:
    text = text.strip()
    if text and len(text) <= longest and text.isprintable():
        return text
    raise ConfigError(
        f"An organization's {what} must have 1 to {longest} characters that can be seen.",
        "It stands in the fleet's page, so that you can tell the organizations apart.",
    )


def _labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(labels) > _MOST_LABELS:
        raise ConfigError(f"An organization can have {_MOST_LABELS} labels at most.", "Take some out.")
    return tuple(dict.fromkeys(_checked(label, "label", _LONGEST_LABEL) for label in labels))


def _references(tokens: dict[str, TokenEntry | str], folder: Path) -> tuple[Reference, ...]:
    if not tokens:
        raise ConfigError("The organization has no token to ask with.", "Such as admin, from env:ACME_TOKEN.")
    return tuple(_reference(name, entry, folder) for name, entry in tokens.items())


def _reference(name: str, entry: TokenEntry | str, folder: Path) -> Reference:
    if isinstance(entry, str):
        return reference_to(token_from_option(f"{name}={entry}", {}), folder)
    return reference_to(token_from_entry(name, entry), folder)


def reference_to(source: TokenSource, folder: Path) -> Reference:
    """Return a token as it may stand in a list; one that holds its secret raises ConfigError."""
    if source.kind is SourceKind.LITERAL:
        raise ConfigError(
            f'Token "{source.name}" is no reference; a secret does not belong into a list.',
            "Put the secret into a variable or a file, and write env:NAME, file:PATH or cmd:COMMAND.",
        )
    return Reference(name=source.name, source=_placed(source, folder), scopes=source.scopes)


def _placed(source: TokenSource, folder: Path) -> str:
    """Return the reference as text; a file beside the list by its whole path."""
    value = source.value.reveal()
    if source.kind is not SourceKind.FILE or value.startswith("~") or not value.strip():
        return f"{source.kind}:{value}"
    return f"{source.kind}:{(folder / value).absolute()}"
