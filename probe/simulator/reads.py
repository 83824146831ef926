"""The acts that only read, one small function each.

Comes in: an accepted call. Goes out: an answer. The state stays as it is.
"""

from __future__ import annotations

from typing import Any

from probe.simulator.answers import Answer, RefusedError, listing, no_such, success
from probe.simulator.call import Call
from probe.simulator.state import Item

OBJECTS = {
    "folder": "folders",
    "app": "apps",
    "resource": "resources",
    "resource_configuration": "resource_configurations",
    "workflow": "workflows",
}
SUBJECTS = {"user": "users", "group": "groups", "userInvite": "user_invites"}
_SCIM = "urn:ietf:params:scim:"


def read_list(call: Call) -> Answer:
    """Return a collection, with its counts unless the vendor's document shows it without."""
    items = [_without_secrets(item) for item in call.state.items(call.behaviour.of).values()]
    return _listed(call, items)


def read_item(call: Call) -> Answer:
    """One item by the last id in the path."""
    return call.answer(_without_secrets(call.item(-1)))


def read_single(call: Call) -> Answer:
    """Return a single object of the organization, or 404 (documented) where there is none."""
    found = call.state.singles.get(call.behaviour.of)
    if found is None:
        raise RefusedError(no_such(call.behaviour.of, "this organization"))
    return call.answer(found)


def read_children(call: Call) -> Answer:
    """Return what belongs to an item, or a fixed value where the simulator keeps none."""
    parent = call.item()
    if call.behaviour.value is not None:
        return success(call.behaviour.value)
    rows = call.state.items(call.behaviour.children).values()
    return success([row for row in rows if parent["id"] in row.values()])


def read_value(call: Call) -> Answer:
    """Return a fixed value: what has no state here."""
    if call.behaviour.counted:
        return _listed(call, call.behaviour.value)
    return success(call.behaviour.value, call.behaviour.status)


def list_objects(call: Call) -> Answer:
    """Return what a subject may reach (a POST that only reads; recorded)."""
    asked = call.body
    rows = [
        {**grant["object"], "access_level": grant["access_level"]}
        for grant in call.state.items("grants").values()
        if grant["subject"] == asked["subject"] and grant["object"]["type"] == asked["object_type"]
    ]
    return listing(rows, "", "")


def read_access_list(call: Call) -> Answer:
    """Who may reach an object."""
    kind, key = call.ids
    call.named(OBJECTS.get(kind, kind), key)
    rows: dict[str, list[Item]] = {"group": [], "user": [], "userInvite": []}
    for grant in call.state.items("grants").values():
        if grant["object"]["id"] == key:
            subject = {"id": str(grant["subject"]["id"]), "type": grant["subject"]["type"]}
            row = {"subject": subject, "sources": {"direct": True}, "accessLevel": grant["access_level"]}
            rows[subject["type"]].append(row)
    return success(rows)


def read_role_grants(call: Call) -> Answer:
    """Return the role grants of a subject."""
    kind, key = call.ids
    call.named(SUBJECTS.get(kind, kind), key)
    grants = call.state.items("role_grants").values()
    return success([row for row in grants if (row["subject_type"], row["subject_id"]) == (kind, key)])


def scim_list(call: Call) -> Answer:
    """All people or groups in the shape of RFC 7644; the vendor has no pages here (documented)."""
    rows = [scim_shape(call.behaviour.of, item) for item in call.state.items(call.behaviour.of).values()]
    return Answer(
        body={
            "schemas": [f"{_SCIM}api:messages:2.0:ListResponse"],
            "totalResults": len(rows),
            "Resources": rows,
        }
    )


def scim_read(call: Call) -> Answer:
    """One person or group in the shape of RFC 7643."""
    return Answer(body=scim_shape(call.behaviour.of, call.item()))


def scim_shape(of: str, item: Item) -> Item:
    """Return a person or a group as SCIM writes it."""
    if of == "users":
        return {
            "schemas": [f"{_SCIM}schemas:core:2.0:User"],
            "id": item["id"],
            "userName": item["email"],
            "name": {"givenName": item["first_name"], "familyName": item["last_name"]},
            "active": item["active"],
        }
    members = [{"value": member["id"]} for member in item["members"]]
    return {
        "schemas": [f"{_SCIM}schemas:core:2.0:Group"],
        "id": str(item["id"]),
        "displayName": item["name"],
        "members": members,
    }


def _listed(call: Call, items: list[Any]) -> Answer:
    if call.behaviour.wrap:
        return success({call.behaviour.wrap: items})
    paged = listing(items, call.query.get("limit", ""), call.query.get("next_token", ""))
    return success(paged.body["data"]) if call.behaviour.counted is False else paged


def _without_secrets(item: Item) -> Item:
    """Return an item without what is shown only once, when it is made."""
    return {name: value for name, value in item.items() if name != "access_token"}
