"""Reads a catalog from its files: a built-in one, a folder of the same layout, or a single file.

Comes in: a name or a path. Goes out: a Catalog that is safe to use. Raises CatalogError, which names
file, entry and field. Sends nothing and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from probe.catalog.check import grave_problems
from probe.catalog.model import (
    Catalog,
    Claim,
    Group,
    Guidance,
    MessagePattern,
    Operation,
    Plan,
    Question,
    Vendor,
)
from probe.errors import CatalogError, short_reason

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

BUILT_IN = ("retool",)
_HINT = "`probe catalog check --catalog FILE` lists everything that is wrong with a catalog."
_FIRST = "Correct that; then `probe catalog check --catalog FILE` says whether anything else is wrong."
_ENTRY = re.compile(r"at `\$(?:\.(\w+))?\[(\d+)\]")
T = TypeVar("T")


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What catalog.json holds: the catalog's own version."""

    version: str


def load_catalog(name_or_path: str = "retool") -> Catalog:
    """Return the catalog of that built-in name, or the one in that folder, .json or .toml file.

    Raises CatalogError if it cannot be read, does not fit its model, or is not safe to use.
    """
    catalog = read_catalog(name_or_path)
    known = () if name_or_path in BUILT_IN else built_in_catalogs()
    problems = grave_problems(catalog, known)
    if problems:
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CatalogError(
            f"The catalog {name_or_path} is not safe to use: {first.where}: {first.what}{more}.", _HINT
        )
    return catalog


@cache
def built_in_catalogs() -> tuple[Catalog, ...]:
    """Return the catalogs that are checked against documents: no other may contradict them."""
    return tuple(read_catalog(name) for name in BUILT_IN)


def read_catalog(name_or_path: str) -> Catalog:
    """Return a catalog that fits its model, safe or not. Raises CatalogError."""
    if name_or_path in BUILT_IN:
        return _from_folder(_built_in(name_or_path))
    path = Path(name_or_path)
    try:
        if path.is_dir():
            return _from_folder(path)
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        known = ", ".join(BUILT_IN)
        raise CatalogError(
            f"There is no catalog {name_or_path!r}.",
            f"Built in: {known}. Otherwise give a folder, a .json file or a .toml file.",
        )
    return _from_file(path)


def _built_in(name: str) -> Traversable:
    """Return a built-in catalog's folder; importlib.resources takes longer than reading the catalog."""
    folder = Path(__file__).parent / name
    if folder.is_dir():
        return folder
    from importlib.resources import files

    return files("probe.catalog") / name


def _from_folder(folder: Traversable) -> Catalog:
    """Read the layout of the built-in catalogs; the last four files may be absent."""
    return Catalog(
        version=_read(folder, "catalog.json", _Head).version,
        vendor=_read(folder, "vendor.json", Vendor),
        plans=_read(folder, "plans.json", tuple[Plan, ...]),
        groups=(groups := _read(folder, "groups.json", tuple[Group, ...])),
        scopes=_read(folder, "scopes.json", dict[str, str]),
        operations=tuple(_operations(folder, groups)),
        messages=_read(folder, "messages.json", tuple[MessagePattern, ...], optional=True),
        claims=_read(folder, "claims.json", tuple[Claim, ...], optional=True),
        guidance=_read(folder, "guidance.json", tuple[Guidance, ...], optional=True),
        questions=_read(folder, "questions.json", tuple[Question, ...], optional=True),
    )


def _operations(folder: Traversable, groups: tuple[Group, ...]) -> Iterator[Operation]:
    """Read operations/*.json: first the groups' files in the order of the groups, then any others."""
    inner = folder / "operations"
    try:
        present = {item.name for item in inner.iterdir() if item.name.endswith(".json")}
    except OSError as error:
        raise CatalogError(f"{inner}: cannot be read: {short_reason(error)}.", _FIRST) from None
    named = [name for group in groups if (name := f"{group.id}.json") in present]
    for name in [*named, *sorted(present - set(named))]:
        yield from _read(inner, name, tuple[Operation, ...])


def _read(folder: Traversable, name: str, wanted: type[T], *, optional: bool = False) -> T:
    file = folder / name
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        if not optional:
            raise CatalogError(f"{file}: this file of the catalog is missing.", _FIRST) from None
        raw = b"[]"
    except OSError as error:
        raise CatalogError(f"{file}: cannot be read: {short_reason(error)}.", _FIRST) from None
    return _decode(raw, str(file), wanted)


def _from_file(path: Path) -> Catalog:
    if path.suffix not in {".json", ".toml"}:
        raise CatalogError(f"{path}: a catalog is a folder, a .json file or a .toml file.")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{path}: cannot be read: {short_reason(error)}.") from None
    return _decode(raw, str(path), Catalog)


def _decode(raw: bytes, file: str, wanted: type[T]) -> T:
    toml = file.endswith(".toml")
    try:
        return msgspec.toml.decode(raw, type=wanted) if toml else msgspec.json.decode(raw, type=wanted)
    except msgspec.ValidationError as error:
        text = _with_entry(str(error), raw, toml=toml)
        text = text.replace("Object contains unknown field", "there is no key")
        raise CatalogError(f"{file}: {text}.", _FIRST) from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"{file}: {short_reason(error)}.", _FIRST) from None
    except msgspec.DecodeError as error:
        kind = "TOML" if toml else "JSON"
        raise CatalogError(f"{file}: this is not valid {kind}: {error}.", _FIRST) from None
    except RecursionError:
        raise CatalogError(f"{file}: it is nested too deeply.", _FIRST) from None


def _with_entry(message: str, raw: bytes, *, toml: bool) -> str:
    """Put the entry's id before a message that only knows its place in the file."""
    found = _ENTRY.search(message)
    if not found:
        return message
    try:
        document: Any = msgspec.toml.decode(raw) if toml else msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return message  # the file is broken further on, too
    entries = document[found[1]] if found[1] else document
    entry = entries[int(found[2])]
    name = entry.get("id") if isinstance(entry, dict) else None
    return f"{name}: {message}" if isinstance(name, str) else message
