"""The acts around people: members, invitations, attributes, sessions, grants, SCIM.

Comes in: an accepted call. Goes out: an answer, and a state that really changed.
"""

from __future__ import annotations

from probe.simulator.answers import Answer, RefusedError, bad_reference, listing, no_such, nothing, success
from probe.simulator.call import Call
from probe.simulator.reads import OBJECTS, SUBJECTS, scim_shape
from probe.simulator.state import Item


def add_members(call: Call) -> Answer:
    """Put people into a group."""
    group = call.item()
    people = call.state.items("users")
    new = [{**row, "email": people[row["id"]]["email"]} for row in call.body["members"]]
    known = {row["id"] for row in new}
    kept = [row for row in group["members"] if row["id"] not in known]
    return call.answer(call.state.change(group, {"members": kept + new}))


def remove_member(call: Call) -> Answer:
    """Take a person out of a group."""
    group = call.item()
    return call.answer(_without(call, group, "members", "users"))


def add_invites(call: Call) -> Answer:
    """Put invitations into a group."""
    group = call.item()
    invites = call.state.items("user_invites")
    new = [invites[str(key)] for key in call.body["userInviteIds"]]
    return call.answer(call.state.change(group, {"user_invites": group["user_invites"] + new}))


def remove_invite(call: Call) -> Answer:
    """Take an invitation out of a group."""
    group = call.item()
    return call.answer(_without(call, group, "user_invites", "user_invites"))


def set_attribute(call: Call) -> Answer:
    """Set one attribute of a person or an invitation."""
    item = call.item()
    metadata = {**item["metadata"], call.body["name"]: call.body["value"]}
    return success({"metadata": call.state.change(item, {"metadata": metadata})["metadata"]})


def unset_attribute(call: Call) -> Answer:
    """Take one attribute away; an unknown one is refused like an unknown id (ours)."""
    item, name = call.item(), call.ids[-1]
    if name not in item["metadata"]:
        raise RefusedError(no_such("user_attributes", name))
    metadata = {key: value for key, value in item["metadata"].items() if key != name}
    return success({"metadata": call.state.change(item, {"metadata": metadata})["metadata"]})


def end_sessions_of(call: Call) -> Answer:
    """Log a person out everywhere."""
    person = call.item()
    sessions = call.state.items("sessions")
    for key in [key for key, row in sessions.items() if row["user_id"] == person["id"]]:
        del sessions[key]
    call.state.log("logouts", {"user": person["id"]})
    return Answer(body={"success": True})


def grant(call: Call) -> Answer:
    """Give a subject access to an object (recorded)."""
    _check_ends(call)
    _drop_grants(call)
    call.state.create("grants", dict(call.body))
    return _objects_of(call)


def revoke(call: Call) -> Answer:
    """Take that access away (recorded)."""
    _check_ends(call)
    call.state.wrote()
    _drop_grants(call)
    return _objects_of(call)


def remove_role_grants(call: Call) -> Answer:
    """Take a role away from a subject."""
    call.state.wrote()
    grants = call.state.items("role_grants")
    wanted = {name: call.body[name] for name in ("role_id", "subject_type", "subject_id")}
    for key in [key for key, row in grants.items() if wanted.items() <= row.items()]:
        del grants[key]
    return nothing()


def scim_create(call: Call) -> Answer:
    """Add a person or a group; 201 as RFC 7644 has it (the vendor's status is not documented)."""
    of = call.behaviour.of
    people = {"email": str(call.body.get("userName"))}
    groups = {"name": str(call.body.get("displayName"))}
    item = call.state.create(of, people if of == "users" else groups)
    return Answer(status=201, body=scim_shape(of, item))


def _without(call: Call, group: Item, member: str, of: str) -> Item:
    key = call.ids[-1]
    kept = [row for row in group[member] if str(row["id"]) != key]
    if len(kept) == len(group[member]):
        raise RefusedError(no_such(of, key))
    return call.state.change(group, {member: kept})


def _check_ends(call: Call) -> None:
    """Raise RefusedError unless subject and object exist."""
    for end in (call.body["subject"], call.body["object"]):
        of = (OBJECTS | SUBJECTS)[end["type"]]
        if str(end["id"]) not in call.state.items(of):
            raise RefusedError(bad_reference(of, str(end["id"])))


def _drop_grants(call: Call) -> None:
    grants = call.state.items("grants")
    ends = {"subject": call.body["subject"], "object": call.body["object"]}
    for key in [key for key, row in grants.items() if ends.items() <= row.items()]:
        del grants[key]


def _objects_of(call: Call) -> Answer:
    rows = call.state.items("grants").values()
    mine = [row for row in rows if row["subject"] == call.body["subject"]]
    return listing([{**row["object"], "access_level": row["access_level"]} for row in mine], "", "")
