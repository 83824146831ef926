"""One accepted request on its way to its act, and the look-ups that every act needs.

Comes in: a route's behaviour, ids, query, body and the state. Goes out: items, or a RefusedError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from probe.simulator.answers import Answer, RefusedError, bad_reference, no_such, success
from probe.simulator.behaviour import Behaviour, Json
from probe.simulator.state import Item, State

# What the API never shows again once it was set (recorded).
HIDDEN = "---encrypted-on-server---"
_SECRETS = ("secret", "private_key", "access_token", "api_key", "password", "dsn")


class Call(Struct, frozen=True, kw_only=True):
    """A request whose token, scope, query and body were accepted."""

    behaviour: Behaviour
    state: State
    ids: tuple[str, ...] = ()
    query: Mapping[str, str] = {}
    body: Mapping[str, Any] = {}

    def item(self, place: int = 0) -> Item:
        """Return the item that a path id names; raise RefusedError where there is none."""
        return self.named(self.behaviour.of, self.ids[place])

    def named(self, of: str, key: str) -> Item:
        """Return an item of a collection; raise RefusedError where there is none."""
        found = self.state.items(of).get(key)
        if found is None:
            raise RefusedError(no_such(of, key, self.behaviour.missing))
        return found

    def fields(self) -> Item:
        """Return what the body gives an item: taken out, renamed, secrets hidden."""
        take = self.behaviour.take
        given: Mapping[str, Any] = self.body.get(take, {}) if take else self.body
        renamed = {self.behaviour.rename.get(name, name): value for name, value in given.items()}
        hidden: Item = _hidden({name: value for name, value in renamed.items() if name})
        return hidden | self._embedded()

    def answer(self, item: Json) -> Answer:
        """Return an item as this route shows it."""
        rule = self.behaviour
        if rule.status == 204:  # noqa: PLR2004 - the status itself
            return Answer(status=204)
        data = {rule.wrap: item} if rule.wrap else item
        return Answer(status=rule.status, body=data) if rule.bare else success(data, rule.status)

    def check_references(self) -> None:
        """Raise RefusedError where the body names an item that does not exist."""
        for place, of in self.behaviour.refs.items():
            for key in _at(self.body, place.split(".")):
                if str(key) not in self.state.items(of):
                    raise RefusedError(bad_reference(of, str(key)))

    def _embedded(self) -> Item:
        return {
            name: self.state.items(of)[str(self.body[field])]
            for name, (field, of) in self.behaviour.embed.items()
        }


def _at(value: Json, steps: list[str]) -> Iterator[Json]:
    """Yield what stands at a dotted place, in every element where a list is on the way."""
    if isinstance(value, list):
        for element in value:
            yield from _at(element, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _hidden(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {
        name: HIDDEN if isinstance(inner, str) and name.endswith(_SECRETS) else _hidden(inner)
        for name, inner in value.items()
    }
