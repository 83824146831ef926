"""What is known of a vendor: operations, plans, messages, claims, guidance. The only such place.

Comes in: a catalog's files. Goes out: frozen records. Nothing else in the package names a vendor.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Any

from msgspec import Struct


class Hazard(StrEnum):
    """What sending an operation could do.

    READ asks only; GUARDED is a write that the server must refuse as we send it; UNSAFE is a write
    that could take effect and is never sent.
    """

    READ = "read"
    GUARDED = "guarded"
    UNSAFE = "unsafe"


class Basis(StrEnum):
    """How well a fact is founded."""

    OPERATION = "operation"
    GROUP = "group"
    REPORTED = "reported"
    UNKNOWN = "unknown"


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pricing plan. A catalog lists its plans from the lowest to the highest."""

    id: str
    title: str
    note: str = ""


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A family of operations under one heading, in the vendor's words."""

    id: str
    title: str


class Since(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version in which an operation appeared, in one numbering (`product`: "retool", "api").

    `part` narrows it to a part of the operation ("folder"), `channel` to a release channel; a
    version with either of them is no bound for the whole operation.
    """

    product: str
    version: str
    part: str = ""
    channel: str = ""


class PathId(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a path parameter is filled.

    `source` is the list operation that an id is read from and `field` the dotted place of it in
    each item; both are empty where there is none. `sentinel` fits the id's format (`pattern`, a
    regular expression) and cannot exist. `values` lists the values of an enumeration instead.
    """

    name: str
    sentinel: str
    source: str = ""
    field: str = ""
    pattern: str = ""
    values: tuple[str, ...] = ()


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an operation is asked: its query, its path ids, and for a write the body that is refused.

    `required` are the body's fields that the vendor requires; `refusal` says why the server must
    refuse a guarded write as we send it.
    """

    query: dict[str, str] = {}
    ids: tuple[PathId, ...] = ()
    required: tuple[str, ...] = ()
    body: Any = None
    refusal: str = ""


class Operation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A method and a path template of the vendor's API, with what is documented of it.

    Any one of `scopes` suffices; it is empty where the vendor states none. `plan` is the lowest
    plan that it is documented for, or None. `reported_only` marks what no vendor document names.
    `same_as` names the operation that this one repeats under another spelling, and is asked instead.
    """

    id: str
    method: str
    path: str
    group: str
    summary: str
    hazard: Hazard
    hazard_reason: str
    scopes: tuple[str, ...] = ()
    scope_basis: str = ""
    plan: str | None = None
    plan_basis: Basis = Basis.UNKNOWN
    plan_source: str = ""
    plan_note: str = ""
    since: tuple[Since, ...] = ()
    deprecated: bool = False
    reported_only: bool = False
    same_as: str = ""
    success_statuses: tuple[int, ...] = ()
    error_statuses: tuple[int, ...] = ()
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ask: Asking = Asking()


class MessagePattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Wording of the vendor's error messages: a regular expression and the cause that it means.

    `cause` is one of the words of DESIGN's cause list; `grade` is documented, recorded or reported.
    `meaning` says in a sentence what the message tells its reader.
    """

    id: str
    pattern: str
    cause: str
    grade: str
    source: str
    statuses: tuple[int, ...] = ()
    meaning: str = ""


class Claim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a document says of a plan, to be compared with what was seen.

    `operations` are globs over operation ids; `expect` is what the claim says of them for an
    organization on one of `plans`: allowed, blocked, html_wall or json_error (blocked in that form),
    scopes or untestable (not shown by asking). `date` is the document's, or "not given".
    """

    id: str
    text: str
    plans: tuple[str, ...]
    operations: tuple[str, ...]
    expect: str
    source: str
    url: str = ""
    date: str = ""
    verdict_of_documents: str = ""


class Guidance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do instead where a capability is blocked.

    It applies to blocked operations that match one of `operations` (globs), if the cause is one of
    `causes`; `needs` are operations of which one must not be blocked for it to work; `steps` are in
    order.
    """

    id: str
    title: str
    operations: tuple[str, ...]
    text: str
    steps: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    causes: tuple[str, ...] = ("plan", "route")
    url: str = ""
    source: str = ""


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that people come with, and the operations (globs) that answer it."""

    id: str
    text: str
    operations: tuple[str, ...]


class HostHint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host that is no API host although people enter it, and what to enter instead."""

    host: str
    message: str


class TokenListing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to read a token's real scopes from the answer of a read `operation` that lists tokens.

    `items` is the dotted place of the list; in each entry `scopes` names the list of scopes and
    `ending` the last characters of the token's secret, by which the asking token knows itself.
    `more` is the place of the flag that says that the list goes on, or empty.
    """

    operation: str
    items: str
    scopes: str
    ending: str
    more: str = ""
    source: str = ""


class SpaceListing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to read an organization's child spaces, each an organization of its own, from a read `operation`.

    `items` is the dotted place of the list; in each entry `name` and `address` are the fields of its name
    and its host. An address without a dot is a name under `cloud_domain`, which is the vendor's own.
    `more` is the place of the flag that says that the list goes on, or empty.
    """

    operation: str
    items: str
    name: str
    address: str
    more: str = ""
    cloud_domain: str = ""
    source: str = ""


class EmbedBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one write that a user may ask for by name: it makes an address of an embedded page.

    `operation` is the catalog's id. `page`, `groups` and `person` are the fields of its body, and
    `address` the field of the answer that holds the address. `effect` says what the call does to
    the organization. `answers` explain statuses (as text) in the vendor's terms.
    """

    operation: str
    page: str
    groups: str
    person: str
    address: str
    effect: str
    answers: dict[str, str] = {}


class Vendor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vendor's API as a whole.

    `document` is the path of the API's own document and `version_pointer` the JSON pointer of the
    server's version in it; `version_product` is the numbering (see Since) that this version counts
    in; a version whose first number is less than `earlier_version_below` counts in
    `earlier_version_product` instead. `calibration` is the read of the lowest plan that the controls ask.
    """

    id: str
    title: str
    api_prefix: str
    document: str
    version_pointer: str
    version_product: str
    calibration: str
    base_url_example: str
    requests_per_minute: int
    requests_per_minute_reason: str
    prefixes_to_strip: tuple[str, ...] = ()
    host_hints: tuple[HostHint, ...] = ()
    earlier_version_product: str = ""
    earlier_version_below: int = 0
    token_listing: TokenListing | None = None
    space_listing: SpaceListing | None = None
    embed: EmbedBody | None = None

    def product_of(self, version: str) -> str:
        """Return the numbering that a version of the API's document counts in."""
        first = version.split(".", maxsplit=1)[0]
        earlier = first.isdecimal() and int(first) < self.earlier_version_below
        return self.earlier_version_product if earlier else self.version_product


class Catalog(Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """A vendor's catalog. `version` is the catalog's own."""

    version: str
    vendor: Vendor
    plans: tuple[Plan, ...]
    groups: tuple[Group, ...]
    scopes: dict[str, str]
    operations: tuple[Operation, ...]
    messages: tuple[MessagePattern, ...] = ()
    claims: tuple[Claim, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    questions: tuple[Question, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Operation]:
        """The operations by id."""
        return {operation.id: operation for operation in self.operations}

    @cached_property
    def rank(self) -> dict[str, int]:
        """The place of each plan in their order, from 0 for the lowest."""
        return {plan.id: place for place, plan in enumerate(self.plans)}
