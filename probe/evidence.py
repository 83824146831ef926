"""The record of what was seen, which everything after the asking reads.

Comes in: requests sent and what came back, already masked. Goes out: frozen records that can be
written to a file and judged again later. Nothing here says what an answer means: that is judgement.

Times are UTC in RFC 3339; durations are milliseconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

Headers: TypeAlias = tuple[tuple[str, str], ...]


class Form(StrEnum):
    """What a body is by its bytes, whatever its header says."""

    JSON = "json"
    JSON_STREAM = "json_stream"
    HTML = "html"
    XML = "xml"
    TEXT = "text"
    BINARY = "binary"
    EMPTY = "empty"


class JsonView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a JSON body: its shape, and what it says of success or failure.

    `shape` names keys, types and lengths, never values. `flag` is what a top-level `success` or
    `ok` says. `errors` is true where the body carries a non-empty error member. `data` is true
    where it carries usable data beside it. `messages` and `codes` are the texts and code words of
    an error body, masked, and empty for a body that reports no failure. `status` is a status that
    the body states inside. `items` is the length of the list that it carries. `notice` is the text,
    masked, of a body without failure that carries no data but only a notice.
    """

    shape: str
    flag: bool | None = None
    errors: bool = False
    data: bool = False
    messages: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    status: int | None = None
    items: int | None = None
    notice: str = ""


class PageView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of an HTML page: enough to name it and to tell it from another, masked.

    `text` is the start of the visible text. `fingerprint` is a short stable name of the page;
    `features` is what similarity is computed on. `markers` are the names of known technical marks
    (of a WAF, a proxy, a framework) found in the source. `app_shell` is true for the nearly empty
    document of a single-page application. `structure` is what a page is built of (scripts, inputs),
    for comparison. `leads_to` is where a page sends its reader on by itself, or empty.
    """

    title: str = ""
    headings: tuple[str, ...] = ()
    text: str = ""
    fingerprint: str = ""
    features: tuple[int, ...] = ()
    markers: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    password_input: bool = False
    app_shell: bool = False
    structure: tuple[int, ...] = ()
    leads_to: str = ""


class Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A body as it was read.

    `size` counts bytes after decoding, as far as they were read; `cut` is true where there was
    more. `notes` are odd things that a reader should know, such as a header that lies. `excerpt`
    is the start of a text or XML body, masked; JSON and HTML have views of their own.
    """

    form: Form
    size: int = 0
    cut: bool = False
    notes: tuple[str, ...] = ()
    excerpt: str = ""
    json: JsonView | None = None
    page: PageView | None = None


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request as it was sent, masked.

    `path` is relative to the origin, with its query; an id that came from the server stands in it
    as `{name}`. `ids` says of each path id where it came from: `discovered from users.list`, or
    the sentinel's text. `body` is what was sent, as JSON text, or empty.
    """

    method: str
    path: str
    headers: Headers = ()
    ids: dict[str, str] = {}
    body: str = ""


class Response(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="response"):
    """An answer: status, headers (lower-case names, masked), and what its body is."""

    status: int
    headers: Headers = ()
    body: Body

    def header(self, name: str) -> str:
        """Return the first header of that lower-case name, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")


class FailureReason(StrEnum):
    """Why no answer came back."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    PROXY = "proxy"
    LOCKED = "locked"
    INTERNAL = "internal"


class CertificateFault(StrEnum):
    """Why a server's certificate was refused."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    OTHER_NAME = "other_name"
    UNKNOWN_AUTHORITY = "unknown_authority"
    REVOKED = "revoked"
    OTHER = "other"


class Failure(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="failure"):
    """No answer: why, with one masked sentence of detail.

    `certificate` is set where a certificate was refused; `proxy_status` where a proxy refused to connect.
    """

    reason: FailureReason
    detail: str = ""
    certificate: CertificateFault | None = None
    proxy_status: int | None = None


class Attempt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One send and its outcome. `waited_ms` is the pause before it, for a retry."""

    started_at: str
    elapsed_ms: int
    outcome: Response | Failure
    waited_ms: int = 0


class ControlRole(StrEnum):
    """What a control calibrates."""

    NO_SUCH_ROUTE = "no_such_route"
    API_DOCUMENT = "api_document"
    ROOT = "root"
    ANONYMOUS = "anonymous"
    GARBAGE_TOKEN = "garbage_token"  # noqa: S105 - the name of a role, not a password
    REAL_TOKEN = "real_token"  # noqa: S105 - the name of a role, not a password
    SECOND_LOOK = "second_look"
    STABILITY = "stability"
    CONFIRMATION = "confirmation"
    CLOSING = "closing"


class Recognition(StrEnum):
    """Whether a token found itself in a list of tokens, and by what."""

    ENDING = "ending"
    ABSENT = "absent"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"


class OwnScopes(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a list of tokens says of the token that asked for it. Nothing else of the list is kept.

    `scopes` are the granted ones that the catalog knows by name; of others only the number is kept
    (`unknown`). Both are empty unless the token was recognised. `partial` is true where the list
    went on.
    """

    recognised: Recognition
    scopes: tuple[str, ...] = ()
    unknown: int = 0
    partial: bool = False


class Exchange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A probe with all its attempts, in the order they were made; at least one.

    `operation` is the catalog's id, or empty for a control that is no operation. `token` is the
    token's name, or empty where none was sent. `role` is set for a control. `own_scopes` is set where the
    answer lists the organization's tokens.
    """

    operation: str = ""
    token: str = ""
    role: ControlRole | None = None
    request: Request
    attempts: tuple[Attempt, ...]
    own_scopes: OwnScopes | None = None

    @property
    def outcome(self) -> Response | Failure:
        """What the last attempt brought."""
        return self.attempts[-1].outcome


class TokenInfo(Struct, frozen=True, kw_only=True):
    """A token by name; `declared_scopes` is empty where nobody declared any."""

    name: str
    declared_scopes: tuple[str, ...] = ()


# Why a probe that was to be asked has no answer: the scan was stopped before, meanwhile, or with a kill.
INTERRUPTED = "not asked: the scan was interrupted"
UNANSWERED = "no answer: the scan was interrupted before it came"
CUT_OFF = "no answer was recorded: the scan was cut off"


class Skipped(Struct, frozen=True, kw_only=True):
    """An operation that was not asked with a token, and why."""

    operation: str
    token: str
    reason: str


def was_cut_off(skipped: Skipped) -> bool:
    """Return whether it was to be asked, and only the end of the scan kept it from that."""
    return skipped.reason in {INTERRUPTED, UNANSWERED, CUT_OFF}


class Target(Struct, frozen=True, kw_only=True):
    """What was asked. `server_version` is empty where the server does not say."""

    base_url: str
    vendor: str
    catalog_version: str
    server_version: str = ""


class Limits(Struct, frozen=True, kw_only=True):
    """The bounds that the scan kept to; `requests_per_minute` is None for no bound."""

    concurrency: int
    requests_per_minute: int | None
    connect_timeout_s: float
    first_byte_timeout_s: float
    body_timeout_s: float
    body_cap_bytes: int
    retries: int
    retry_after_cap_s: float


class Run(Struct, frozen=True, kw_only=True):
    """All evidence of one scan: what `judge` needs, without a network and without a token."""

    target: Target
    tokens: tuple[TokenInfo, ...]
    limits: Limits
    started_at: str
    finished_at: str
    duration_s: float
    complete: bool
    simulated: bool
    controls: tuple[Exchange, ...]
    exchanges: tuple[Exchange, ...]
    skipped: tuple[Skipped, ...]
    requests_sent: dict[str, int]
