"""Reads a fleet's list: TOML, CSV or JSON lines, one entry after the other.

Comes in: a file. Goes out: a Fleet; an entry that cannot be used is in it with its line, and stops none
of the others. Only a file that cannot be read at all is a ConfigError. Sends nothing.

TOML has `[[organizations]]` tables, JSON lines the same keys. CSV has the columns name, base_url and
labels, and for each token `token.NAME` and, if wanted, `scopes.NAME`.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from probe.catalog.model import Vendor
from probe.errors import ConfigError, short_reason
from probe.fleet.entries import name_in, organization_from
from probe.fleet.model import BadEntry, Fleet, Organization

# An entry as its file has it, or what is wrong with its text; and the line where it begins.
Raw: TypeAlias = tuple[int, dict[str, Any] | ConfigError]

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*organizations[ \t]*\]\]", re.MULTILINE)
_TOML_LINE = re.compile(r"\(at line (\d+)")
_COLUMNS = ("name", "base_url", "labels")
_TOKEN, _SCOPES = "token.", "scopes."
_FORMS = "A fleet's list is a .toml, .csv, .jsonl or .ndjson file."


def read_fleet(path: Path, vendor: Vendor, *, allow_http: bool = False) -> Fleet:
    """Read and check a list. Raises ConfigError where it cannot be read or names nobody."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ConfigError(f"{path} has no ending that tells its form.", _FORMS)
    found: list[Organization] = []
    bad: list[BadEntry] = []
    names: dict[str, int] = {}
    addresses: dict[str, int] = {}
    for line, raw in reader(_text(path), path):
        try:
            if isinstance(raw, ConfigError):
                raise raw
            organization = organization_from(raw, line, path.parent, vendor, allow_http=allow_http)
            _refuse_known(organization, names, addresses)
        except ConfigError as error:
            name = "" if isinstance(raw, ConfigError) else name_in(raw)
            bad.append(BadEntry(line=line, name=name, reason=error.message, hint=error.hint))
            continue
        names[organization.name] = addresses[organization.base_url] = line
        found.append(organization)
    if not found:
        raise ConfigError(f"{path} names no organization that can be asked.", _next_step(path, bad))
    return Fleet(organizations=tuple(found), bad=tuple(bad))


def _next_step(path: Path, bad: list[BadEntry]) -> str:
    """Say what is wrong with the first entry, or, where there is none, what an entry looks like."""
    if not bad:
        return _example(path)
    return f"The first entry, in line {bad[0].line}: {bad[0].reason} {bad[0].hint}"


def _example(path: Path) -> str:
    if path.suffix.lower() == ".csv":
        return "Its first line names the columns, such as name,base_url,token.admin."
    if path.suffix.lower() == ".toml":
        return "Each begins with [[organizations]] and has name, base_url and tokens."
    return "Each line is an object with name, base_url and tokens."


def _refuse_known(organization: Organization, names: dict[str, int], addresses: dict[str, int]) -> None:
    if organization.name in names:
        raise ConfigError(
            f"The name stands in line {names[organization.name]} already.", "Give each a name of its own."
        )
    if organization.base_url in addresses:
        raise ConfigError(
            f"The address stands in line {addresses[organization.base_url]} already.",
            "Give one organization all its tokens in one entry.",
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"There is no {path}.", _FORMS) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read: {short_reason(error)}.", "Check the file and its rights."
        ) from None


def _from_toml(text: str, path: Path) -> Iterator[Raw]:
    """Yield each table; every entry is read alone, so that a slip in one spoils no other."""
    starts = [found.start() for found in _HEADER.finditer(text)]
    if not starts:
        _refuse_rest(_toml(text, 1), path)
        return
    head = text[: starts[0]]
    _refuse_rest(_toml(head, 1), path)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line = text.count("\n", 0, start) + 1
        read = _toml(text[start:end], line)
        if isinstance(read, ConfigError):
            yield line, read
        elif set(read) != {"organizations"}:
            name = min(set(read) - {"organizations"})
            yield line, ConfigError(f"After the entry stands a table [{name}].", "Take it out.")
        else:
            yield line, read["organizations"][0]


def _toml(text: str, line: int) -> dict[str, Any] | ConfigError:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        where = line + int(found[1]) - 1 if found else line
        return ConfigError(f"Line {where} is not valid TOML.", "Correct that line.")
    except (ValueError, RecursionError):
        return ConfigError("It holds a number or a nesting that is too long to read.", "Shorten it.")


def _refuse_rest(read: dict[str, Any] | ConfigError, path: Path) -> None:
    """Raise ConfigError where something stands outside the entries."""
    if isinstance(read, ConfigError):
        raise ConfigError(f"{path}: {read.message}", read.hint)
    if read:
        raise ConfigError(
            f"{path} holds {min(read)}, which is no [[organizations]] table.",
            "Limits and the like stand in probe.toml, which --config names.",
        )


def _from_lines(text: str, _path: Path) -> Iterator[Raw]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            read = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            yield number, ConfigError("The line is not JSON.", "Each line is one object.")
            continue
        if isinstance(read, dict):
            yield number, read
        else:
            yield number, ConfigError("The line holds no object.", "Each line is one object.")


def _from_csv(text: str, path: Path) -> Iterator[Raw]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [cell.strip() for cell in next(reader, [])]
    except csv.Error:
        columns = []
    _check_columns(columns, path)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, ConfigError("The line is not valid CSV.", "Look for an open quote.")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            yield (
                line,
                ConfigError(
                    f"The line has {len(cells)} cells, and there are {len(columns)} columns.",
                    "Quote a cell that holds a comma.",
                ),
            )
        else:
            yield line, _entry_of(dict(zip(columns, cells, strict=False)))


def _check_columns(columns: list[str], path: Path) -> None:
    tokens = {name for name in columns if name.startswith((_TOKEN, _SCOPES))}
    unknown = [name for name in columns if name not in _COLUMNS and name not in tokens]
    hint = "The columns: name, base_url, labels, and token.NAME and scopes.NAME for each token."
    if unknown or not columns or len(set(columns)) != len(columns):
        raise ConfigError(f"{path}: the first line does not name the columns, each once.", hint)
    missing = [name for name in ("name", "base_url") if name not in columns]
    if missing:
        raise ConfigError(f"{path} has no column {missing[0]}.", hint)


def _entry_of(cells: dict[str, str]) -> dict[str, Any]:
    tokens: dict[str, Any] = {}
    for column, cell in cells.items():
        if column.startswith(_TOKEN) and cell.strip():
            name = column.removeprefix(_TOKEN)
            scopes = re.split(r"[\s,;]+", cells.get(f"{_SCOPES}{name}", "").strip())
            tokens[name] = _token(cell.strip(), [scope for scope in scopes if scope])
    labels = [label.strip() for label in cells.get("labels", "").split(";") if label.strip()]
    return {
        "name": cells.get("name", ""),
        "base_url": cells.get("base_url", ""),
        "tokens": tokens,
        "labels": labels,
    }


def _token(reference: str, scopes: list[str]) -> dict[str, Any]:
    kind, colon, value = reference.partition(":")
    if colon and kind in {"env", "file", "cmd"}:
        return {kind: value, "scopes": scopes}
    return {"secret": "-", "scopes": scopes}  # refused as a literal, and not carried on


_READERS: dict[str, Callable[[str, Path], Iterator[Raw]]] = {
    ".toml": _from_toml,
    ".csv": _from_csv,
    ".jsonl": _from_lines,
    ".ndjson": _from_lines,
}
