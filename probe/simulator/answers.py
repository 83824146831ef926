"""The JSON answers, and how well each is founded.

documented  the vendor's document states the status or the shape
recorded    a real answer of the vendor's has this shape
reported    somebody outside the vendor says so
ours        nobody has published it; the wording is the simulator's own

Comes in: what an act found. Goes out: a status and a body. Sends nothing.
"""

from __future__ import annotations

from msgspec import Struct

from probe.simulator.behaviour import Json


class Answer(Struct, frozen=True, kw_only=True):
    """A status and a JSON body; `body` is None for an answer without one."""

    status: int = 200
    body: Json = None


class RefusedError(Exception):
    """A request that the API refuses, with the answer that says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def failure(status: int, message: str) -> Answer:
    """Return the vendor's error envelope (documented, and recorded with status 400)."""
    return Answer(status=status, body={"success": False, "message": message})


def unauthorized() -> Answer:
    """Say that there was no token or no valid one (status documented, wording ours)."""
    return failure(401, "Authentication failure: no valid access token was sent")


def missing_scope(scopes: tuple[str, ...]) -> Answer:
    """Say that the token lacks the scope (status and first words documented)."""
    return failure(403, f"Forbidden: API token is missing required scope {' or '.join(scopes)}".rstrip())


def not_in_plan() -> Answer:
    """Say that the plan lacks the operation (first two words reported, the rest and the status ours)."""
    return failure(403, "API access to this endpoint is not part of your organization's plan")


def invalid(message: str) -> Answer:
    """Say that the query or the body is not acceptable (recorded)."""
    return failure(400, message)


def no_such(of: str, key: str, status: int = 404) -> Answer:
    """Say that nothing has this id (404, in places 422, documented; wording after the recorded 400)."""
    return failure(status, f'{_singular(of)} with id "{key}" does not exist')


def bad_reference(of: str, key: str) -> Answer:
    """Say that the body names something that does not exist (recorded)."""
    return failure(400, f'{_singular(of)} with id "{key}" does not exist')


def not_on_allow_list() -> Answer:
    """Say that the asker's address is not on the organization's list (wording ours)."""
    return failure(403, "Your IP address is not on the IP allow list of this organization")


def success(data: Json, status: int = 200) -> Answer:
    """Return one object in the envelope (recorded)."""
    return Answer(status=status, body={"success": True, "data": data})


def listing(items: list[Json], query_limit: str, start: str) -> Answer:
    """Return a list with its counts (recorded), or a page of it where a limit is asked for (documented)."""
    first = int(start) if start.isascii() and start.isdigit() else 0
    last = first + int(query_limit) if query_limit else len(items)
    more = last < len(items)
    return Answer(
        body={
            "success": True,
            "data": items[first:last],
            "total_count": len(items),
            "next_token": str(last) if more else None,
            "has_more": more,
        }
    )


def nothing() -> Answer:
    """Say that it is done, without a body and a content type (recorded for ten kinds of deletion)."""
    return Answer(status=204)


def _singular(of: str) -> str:
    words = of.removesuffix("ies") + "y" if of.endswith("ies") else of.removesuffix("s")
    return words.replace("_", " ").capitalize()
