"""The table of acts: which function answers a route, and what happens where nothing is known of one.

Comes in: an accepted call. Goes out: an answer.
"""

from __future__ import annotations

from collections.abc import Callable

from probe.simulator import people, reads, writes
from probe.simulator.answers import Answer, RefusedError, listing, no_such, success
from probe.simulator.call import Call

ACTS: dict[str, Callable[[Call], Answer]] = {
    "list": reads.read_list,
    "read": reads.read_item,
    "read_one": reads.read_single,
    "children": reads.read_children,
    "value": reads.read_value,
    "list_objects": reads.list_objects,
    "access_list": reads.read_access_list,
    "role_grants_of": reads.read_role_grants,
    "scim_list": reads.scim_list,
    "scim_read": reads.scim_read,
    "create": writes.create,
    "create_child": writes.create_child,
    "clone": writes.clone,
    "update": writes.update,
    "upsert": writes.upsert,
    "patch": writes.patch,
    "set": writes.set_fields,
    "delete": writes.delete,
    "put_one": writes.put_single,
    "create_one": writes.create_single,
    "patch_one": writes.patch_single,
    "delete_one": writes.delete_single,
    "clear": writes.clear,
    "log": writes.log,
    "log_for": writes.log_for,
    "embed": writes.embed,
    "add_members": people.add_members,
    "remove_member": people.remove_member,
    "add_invites": people.add_invites,
    "remove_invite": people.remove_invite,
    "set_attribute": people.set_attribute,
    "unset_attribute": people.unset_attribute,
    "end_sessions_of": people.end_sessions_of,
    "grant": people.grant,
    "revoke": people.revoke,
    "remove_role_grants": people.remove_role_grants,
    "scim_create": people.scim_create,
}


def perform(call: Call) -> Answer:
    """Carry out what the route does; raise RefusedError where an id names nothing."""
    call.check_references()
    return ACTS[call.behaviour.act](call)


def perform_unknown(method: str, key: str, call: Call) -> Answer:
    """Answer for an operation that the simulator knows only from the catalog.

    A read of a list is an empty one, an id never exists, and a write is taken at its word.
    """
    if call.ids:
        raise RefusedError(no_such("items", call.ids[-1]))
    if method == "GET":
        return listing([], "", "")
    call.state.log("other_writes", {"route": key, "body": dict(call.body)})
    return success({})
