"""The one write that may take effect: asked for by name, by a person who was told what it does.

Comes in: the catalog's embed call, what the person gave, a token. Goes out: a Consented, and the lock
on it. Sends nothing. It is a path of its own: the agenda never makes one, and the client's ordinary
way refuses what is in it.
"""

from __future__ import annotations

import json
import re

from msgspec import Struct

from probe.catalog.model import Catalog, EmbedBody, Hazard, Operation
from probe.errors import CatalogError
from probe.scan.calls import Call
from probe.secret import Token

# Letters, digits, dashes: nothing that a server could decode, cut off or climb by.
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_-]+)+/?")
_OF_EMBEDDING = re.compile(r"/embed(?:ded|ding|s)?(?:[_-][a-z0-9_-]+)?(?=/|$)", re.IGNORECASE)
_FIELDS = 3
_PLAIN_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class EmbedWish(Struct, frozen=True, kw_only=True):
    """What a person wants embedded, and for whom."""

    page: str
    groups: tuple[int, ...]
    person: str


class Consented(Struct, frozen=True, kw_only=True):
    """A call with what the catalog says of it, by which the lock knows that it is this call."""

    call: Call
    operation: Operation
    embed: EmbedBody


def embed_call(catalog: Catalog, wish: EmbedWish, token: Token) -> Consented:
    """Return the call that asks for one embed address.

    Raises CatalogError where the catalog knows no such call, or one that is not safe to make.
    """
    embed = catalog.vendor.embed
    operation = catalog.by_id.get(embed.operation) if embed else None
    if embed is None or operation is None:
        raise CatalogError(
            f"The catalog {catalog.vendor.id} names no operation that makes an embed address.",
            "`vendor.embed` of a catalog names it; a built-in catalog shows how.",
        )
    body = {embed.page: wish.page, embed.groups: list(wish.groups), embed.person: wish.person}
    call = Call(
        method=operation.method,
        template=operation.path,
        hazard=operation.hazard,
        body=json.dumps(body, separators=(",", ":")),
        token=token,
    )
    consented = Consented(call=call, operation=operation, embed=embed)
    locked = consented_lock(consented)
    if locked:
        raise CatalogError(f"The catalog's embed operation {operation.id} is not sent: {locked}.")
    return consented


def consented_lock(consented: Consented) -> str:
    """Say why the call must not be sent, or return an empty text.

    It looks only at the call: a POST to the operation's own path, plain and with a part that names
    embedding, without ids or query, that carries a token and exactly three fields. So a catalog that
    names another write here, whatever it calls it, gets nothing sent.
    """
    call, operation, embed = consented.call, consented.operation, consented.embed
    body = json.loads(call.body) if call.body else None
    fields = {embed.page, embed.groups, embed.person}
    refusals = (
        (operation.id != embed.operation, "it is not the catalog's embed operation"),
        (call.method != "POST" or operation.method != "POST", "it is no POST"),
        (operation.hazard is not Hazard.UNSAFE, "the catalog does not mark it as a write with an effect"),
        (call.template != operation.path, "its path is not the operation's"),
        ("{" in call.path or bool(call.ids) or bool(call.query), "its path has parameters"),
        (not call.path.startswith("/") or call.path.startswith("//"), "its path leaves the origin"),
        (not _PLAIN_PATH.fullmatch(call.path), "its path is not plain"),
        (not _OF_EMBEDDING.search(call.path), "its path does not name embedding"),
        (len(fields) < _FIELDS, "its fields are not three different ones"),
        (not all(map(_PLAIN_FIELD.fullmatch, fields)), "a field of it has no plain name"),
        (not isinstance(body, dict) or set(body) != fields, "its body is not that of an embed call"),
        (call.token is None, "it carries no token"),
    )
    return next((reason for refused, reason in refusals if refused), "")
