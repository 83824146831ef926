"""The organization's state: what its writes really change.

Comes in: the seed, then acts. Goes out: items, and a digest to compare. Ids and times come from
counters, so that the same requests in the same order give the same state.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from probe.simulator.behaviour import Json, seed

_BEGINNING = datetime(2026, 1, 2, tzinfo=UTC)

Item = dict[str, Any]


class State:
    """Collections of items, single objects (None where there is none), and journals of effects."""

    def __init__(self) -> None:
        fresh = seed()
        rows = fresh["collections"]
        self.collections: dict[str, dict[str, Item]] = {
            name: {str(item["id"]): item for item in row["items"]} for name, row in rows.items()
        }
        self.singles: dict[str, Item | None] = dict(fresh["singles"])
        self.journals: dict[str, list[Item]] = {}
        self.writes = 0
        self._rules: dict[str, Item] = {
            name: {"ids": row["ids"], "template": row["template"]} for name, row in rows.items()
        }

    def digest(self) -> bytes:
        """Return the whole state as canonical JSON: equal bytes mean that nothing changed."""
        whole = [self.collections, self.singles, self.journals, self.writes]
        return msgspec.json.encode(whole, order="sorted")

    def items(self, of: str) -> dict[str, Item]:
        """Return a collection; an unknown one is empty."""
        return self.collections.get(of, {})

    def wrote(self) -> str:
        """Count a write; return its time, in RFC 3339 with milliseconds as the vendor writes it."""
        self.writes += 1
        moment = _BEGINNING + timedelta(seconds=self.writes)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def create(self, of: str, fields: Item) -> Item:
        """Add an item made of the collection's template and `fields`; return it."""
        now = self.wrote()
        item = {**msgspec.json.decode(msgspec.json.encode(self._rules[of]["template"])), **fields}
        number = len(self.items(of)) + self.writes + 100
        item["id"] = self._new_id(of, number, item)
        if "legacy_id" in item:
            item["legacy_id"] = number if self._rules[of]["ids"] == "user" else item["id"]
        item.update({key: now for key in ("created_at", "updated_at") if key in item})
        self.items(of)[str(item["id"])] = item
        return item

    def change(self, item: Item, fields: Item) -> Item:
        """Set fields of an item; its id stays. Return it."""
        now = self.wrote()
        item.update({key: value for key, value in fields.items() if key not in ("id", "legacy_id")})
        if "updated_at" in item:
            item["updated_at"] = now
        return item

    def remove(self, of: str, key: str) -> None:
        """Remove an item."""
        self.wrote()
        del self.items(of)[key]

    def log(self, journal: str, entry: Item) -> None:
        """Write down an effect that leaves no other trace here, such as a push to a git server."""
        self.journals.setdefault(journal, []).append({"at": self.wrote(), **entry})

    def _new_id(self, of: str, number: int, item: Item) -> Json:
        digits = hashlib.sha256(f"{of} {number}".encode()).hexdigest()[:32]
        match self._rules[of]["ids"]:
            case "number":
                return number
            case "user":
                return f"user_{digits}"
            case "space":
                return f"org_{digits}"
            case "folder":
                return f"{item['folder_type']}_{number}"
            case _:
                return str(uuid.UUID(digits, version=4))
