"""The acts that change items and single objects, one small function each.

Comes in: an accepted call. Goes out: an answer, and a state that really changed.
"""

from __future__ import annotations

from typing import Any

from probe.simulator.answers import Answer, RefusedError, failure, invalid, no_such, nothing, success
from probe.simulator.behaviour import Json
from probe.simulator.call import Call
from probe.simulator.state import Item


def create(call: Call) -> Answer:
    """Add an item."""
    return call.answer(call.state.create(call.behaviour.of, call.fields()))


def create_child(call: Call) -> Answer:
    """Add an item below another."""
    parent = call.item()
    fields = {**call.fields(), call.behaviour.parent: parent["id"]}
    return call.answer(call.state.create(call.behaviour.children, fields))


def clone(call: Call) -> Answer:
    """Add a copy of the item that the body names."""
    rule = call.behaviour
    fields = call.fields()
    original = call.named(rule.of, str(fields.pop(rule.source)))
    return call.answer(call.state.create(rule.of, {**original, **fields}))


def update(call: Call) -> Answer:
    """Set the fields that the body carries."""
    return call.answer(call.state.change(call.item(-1), call.fields()))


def upsert(call: Call) -> Answer:
    """Replace the item that the body names, or add it (200 and 201 documented)."""
    rule, fields = call.behaviour, call.fields()
    for item in call.state.items(rule.of).values():
        if item[rule.match] == fields[rule.match]:
            return success(call.state.change(item, fields))
    return success(call.state.create(rule.of, fields), 201)


def patch(call: Call) -> Answer:
    """Carry out JSON Patch operations on the members of an item."""
    item = call.item(-1)
    return call.answer(call.state.change(item, _patched(item, call.body["operations"])))


def set_fields(call: Call) -> Answer:
    """Set what the act itself sets, such as `active` to false."""
    item = call.state.change(call.item(), call.behaviour.set)
    if call.behaviour.log:
        call.state.log(call.behaviour.log, {"id": item["id"]})
    return call.answer(item)


def delete(call: Call) -> Answer:
    """Remove an item."""
    call.item(-1)
    call.state.remove(call.behaviour.of, call.ids[-1])
    return nothing()


def put_single(call: Call) -> Answer:
    """Replace a single object of the organization."""
    call.state.wrote()
    before = call.state.singles.get(call.behaviour.of) or {}
    call.state.singles[call.behaviour.of] = {**before, **call.fields()}
    return call.answer(call.state.singles[call.behaviour.of])


def create_single(call: Call) -> Answer:
    """Set a single object where there is none; 409 (documented) where there is one."""
    if call.state.singles.get(call.behaviour.of) is not None:
        raise RefusedError(failure(409, "This organization has such a configuration already"))
    return put_single(call)


def patch_single(call: Call) -> Answer:
    """Carry out JSON Patch operations on the members of a single object."""
    item = call.state.singles[call.behaviour.of] or {}
    return call.answer(call.state.change(item, _patched(item, call.body["operations"])))


def delete_single(call: Call) -> Answer:
    """Remove a single object; 404 (documented) where there is none."""
    if call.state.singles.get(call.behaviour.of) is None:
        raise RefusedError(no_such(call.behaviour.of, "this organization"))
    call.state.wrote()
    call.state.singles[call.behaviour.of] = None
    return nothing()


def clear(call: Call) -> Answer:
    """Empty a collection: log everybody out."""
    call.state.wrote()
    call.state.items(call.behaviour.of).clear()
    return nothing()


def log(call: Call) -> Answer:
    """Write down an effect that happens elsewhere, such as a push to a git server."""
    call.state.log(call.behaviour.of, {"ids": list(call.ids), "body": dict(call.body)})
    shown = call.behaviour.value
    return call.answer(dict(call.body) if shown is None else shown)


def log_for(call: Call) -> Answer:
    """Write down such an effect for an item that must exist."""
    call.item()
    call.state.log(call.behaviour.log, {"ids": list(call.ids), "body": dict(call.body)})
    return call.answer(call.behaviour.value)


def embed(call: Call) -> Answer:
    """Open a session for an external user and give its link (the response field is documented)."""
    if call.body["landingPageUuid"] not in call.state.items("apps"):
        raise RefusedError(failure(403, "Page does not belong to organization"))  # reported
    session = call.state.create("sessions", {"user_id": call.body["externalIdentifier"]})
    return Answer(body={"embedUrl": f"https://sim.example.com/embedded/{session['id']}"})


def _patched(item: Item, operations: list[dict[str, Any]]) -> Item:
    """Return the members that the operations give new values; only top-level members are known."""
    changed: Item = {}
    for operation in operations:
        name, _, rest = operation["path"].strip("/").partition("/")
        removing = operation["op"] == "remove"
        if not rest:
            changed[name] = _fitting(name, item.get(name), None if removing else operation.get("value"))
        elif isinstance(item.get(name), dict):
            value = None if removing else operation.get("value")
            changed[name] = {**item[name], **(changed.get(name) or {}), rest: value}
    return changed


def _fitting(name: str, old: Json, new: Json) -> Json:
    """Return the new value; raise RefusedError where it would break what other routes rely on."""
    match old:
        case dict():
            fits = isinstance(new, dict)
        case list():
            fits = isinstance(new, list) and all(isinstance(row, dict) and "id" in row for row in new)
        case _:
            fits = True
    if not fits:
        raise RefusedError(invalid(f"Invalid value for body parameter: {name}"))
    return new
