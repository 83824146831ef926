"""A run made by hand from raw answers: a small vendor, its controls, and what each operation answered."""

# ruff: noqa: E501, PLR0913, S107 - a world has many parts, and "token" is a name here

from __future__ import annotations

import msgspec

from probe.catalog.model import (
    Asking,
    Basis,
    Catalog,
    Group,
    Hazard,
    MessagePattern,
    Operation,
    PathId,
    Plan,
    Since,
    Vendor,
)
from probe.evidence import (
    Attempt,
    ControlRole,
    Exchange,
    Failure,
    Limits,
    Request,
    Response,
    Run,
    Target,
    TokenInfo,
)
from probe.masking import Mask
from probe.reading import read_body
from probe.reading.headers import keep_headers

AT = "2026-01-01T00:00:00Z"
JSON = (("content-type", "application/json"),)
HTML = (("content-type", "text/html; charset=utf-8"),)
SHELL = (
    b"<!doctype html><html><head><title>Tool</title><script src='/assets/index-a1b2c3d4.js'></script></head>"
    b"<body><div id='root'></div></body></html>"
)
OTHER_PAGE = b"<!doctype html><html><head><title>About</title></head><body><h1>About us</h1><p>A page.</p></body></html>"
SUCCESS = b'{"success": true, "data": [{"id": 1}]}'


def answer(status: int = 200, body: bytes = SUCCESS, headers=None) -> Response:
    """Return an answer as it would be recorded."""
    if headers is None:
        headers = HTML if body.startswith(b"<") else JSON
    reading = read_body(body, headers, status=status, cut=False, mask=Mask())
    return Response(status=status, headers=keep_headers(headers, Mask()), body=reading.body)


def refusal(status: int, message: str) -> Response:
    """Return a JSON refusal."""
    return answer(status, msgspec.json.encode({"success": False, "message": message}))


SHELL_ANSWER = answer(200, SHELL)
UNAUTHORIZED = refusal(401, "Authentication failure")


def operation(
    name: str,
    plan: str | None,
    *,
    method: str = "GET",
    group: str = "",
    hazard: Hazard | None = None,
    since: str = "",
    ids: bool = False,
    reported: bool = False,
) -> Operation:
    """Return an operation; its group is the first part of its name."""
    path_ids = (PathId(name="id", sentinel="0"),) if ids else ()
    return Operation(
        id=name,
        method=method,
        path=f"/api/{name.replace('.', '/')}" + ("/{id}" if ids else ""),
        group=group or name.split(".", maxsplit=1)[0],
        summary=name,
        hazard=hazard or (Hazard.READ if method == "GET" else Hazard.GUARDED),
        hazard_reason="made up",
        scopes=(f"{name.split('.', maxsplit=1)[0]}:{'read' if method == 'GET' else 'write'}",),
        plan=plan,
        plan_basis=Basis.OPERATION if plan else Basis.UNKNOWN,
        since=(Since(product="acme", version=since),) if since else (),
        reported_only=reported,
        ask=Asking(ids=path_ids),
    )


OPERATIONS = (
    operation("invites.list", "basic"),
    operation("attributes.list", "basic", since="1.5"),
    operation("workflows.list", "pro"),
    operation("releases.list", "pro"),
    operation("users.list", "max"),
    operation("users.get", "max", ids=True),
    operation("users.create", "max", method="POST"),
    operation("groups.list", "max"),
    operation("folders.list", "max", since="3.0"),
    operation("rumour.list", "max", reported=True),
    operation("misc.list", None),
)


def catalog(operations=OPERATIONS, messages: tuple[MessagePattern, ...] = ()) -> Catalog:
    """Return the small vendor's catalog."""
    return Catalog(
        version="1",
        vendor=Vendor(
            id="acme", title="Acme", api_prefix="/api", document="/api/spec", version_pointer="/info/version",
            version_product="acme", calibration="invites.list", base_url_example="https://acme.example.com",
            requests_per_minute=60, requests_per_minute_reason="made up",
        ),
        plans=tuple(Plan(id=name, title=name.title()) for name in ("free", "basic", "pro", "max")),
        groups=tuple(Group(id=name, title=name) for name in sorted({item.group for item in operations})),
        scopes={},
        operations=operations,
        messages=messages,
    )  # fmt: skip


def exchange(
    name: str = "", outcome=SHELL_ANSWER, *, token: str = "all", role=None, path: str = "", method: str = ""
) -> Exchange:
    """Return an exchange of an operation, or of a control; several outcomes are several attempts."""
    found = next((item for item in OPERATIONS if item.id == name), None)
    outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
    ids = {"id": "sentinel 0"} if found and found.ask.ids else {}
    request = Request(
        method=method or (found.method if found else "GET"),
        path=path or (found.path if found else "/api/x"),
        ids=ids,
    )
    attempts = tuple(Attempt(started_at=AT, elapsed_ms=1, outcome=item) for item in outcomes)
    return Exchange(operation=name, token=token, role=role, request=request, attempts=attempts)


def control(
    role: ControlRole, outcome: Response | Failure, *, token: str = "", method: str = "GET", name: str = ""
) -> Exchange:
    """Return a control."""
    return exchange(name, outcome, token=token, role=role, method=method)


def controls(
    *,
    unmounted=SHELL_ANSWER,
    anonymous_unmounted=None,
    document=None,
    root=SHELL_ANSWER,
    anonymous=UNAUTHORIZED,
    garbage=UNAUTHORIZED,
    real=None,
    methods=("GET", "POST"),
    tokens=("all",),
) -> tuple[Exchange, ...]:
    """Return the controls of a run; each answer may be given, and is that of a working server otherwise."""
    role, calibration = ControlRole, "invites.list"
    return (
        control(role.ROOT, root),
        control(
            role.API_DOCUMENT, document or answer(200, b'{"openapi": "3.0.0", "info": {"version": "4.0"}}')
        ),
        control(role.NO_SUCH_ROUTE, anonymous_unmounted or unmounted),
        control(role.ANONYMOUS, anonymous, name=calibration),
        *(control(role.NO_SUCH_ROUTE, unmounted, token="all", method=m) for m in methods for _ in range(2)),
        control(role.GARBAGE_TOKEN, garbage, token="garbage", name=calibration),
        *(control(role.REAL_TOKEN, real or answer(), token=token, name=calibration) for token in tokens),
    )


def run(
    answers: dict[str, object],
    *,
    base: tuple[Exchange, ...] | None = None,
    looks: dict[str, Response] | None = None,
    stable: dict[str, Response] | None = None,
    version: str = "4.0",
    tokens: tuple[TokenInfo, ...] = (TokenInfo(name="all"),),
    extra: tuple[Exchange, ...] = (),
) -> Run:
    """Return a run of what the operations answered.

    Walled reads were asked again without a token and later with it, and met the same, unless `looks`
    or `stable` say otherwise; an empty dict there means that nothing was asked again.
    """
    exchanges = tuple(exchange(name, outcome) for name, outcome in answers.items()) + extra
    walled = [item for item in exchanges if item.request.method == "GET" and _is_page(item.outcome)]
    looks = {item.operation: item.outcome for item in walled} if looks is None else looks
    stable = {item.operation: item.outcome for item in walled} if stable is None else stable
    again = (
        *(exchange(name, outcome, token="", role=ControlRole.SECOND_LOOK) for name, outcome in looks.items()),
        *(exchange(name, outcome, role=ControlRole.STABILITY) for name, outcome in stable.items()),
    )
    return Run(
        target=Target(base_url="https://acme.example.com", vendor="acme", catalog_version="1", server_version=version),
        tokens=tokens,
        limits=Limits(
            concurrency=1, requests_per_minute=None, connect_timeout_s=1, first_byte_timeout_s=1, body_timeout_s=1,
            body_cap_bytes=1024, retries=0, retry_after_cap_s=1,
        ),
        started_at=AT,
        finished_at=AT,
        duration_s=1.0,
        complete=True,
        simulated=False,
        controls=(*(base if base is not None else controls()), *again),
        exchanges=exchanges,
        skipped=(),
        requests_sent={"GET": 1},
    )  # fmt: skip


def _is_page(outcome: Response | Failure) -> bool:
    return isinstance(outcome, Response) and outcome.body.page is not None
