"""Catalogs, runs and findings made by hand, for tests of inference."""

from __future__ import annotations

from probe.catalog.model import Basis, Catalog, Group, Hazard, Operation, Plan, Vendor
from probe.evidence import (
    Attempt,
    Body,
    ControlRole,
    Exchange,
    Failure,
    FailureReason,
    Form,
    JsonView,
    Limits,
    PageView,
    Request,
    Response,
    Run,
    Skipped,
    Target,
    TokenInfo,
)
from probe.judge.model import Cause, Confidence, Diagnosed, Diagnosis, Finding, Kind, Measured

AT = "2026-01-01T00:00:00Z"
PLANS = ("free", "basic", "pro", "max")
INCONCLUSIVE = (
    Cause.NETWORK,
    Cause.EDGE,
    Cause.GATEWAY,
    Cause.PROXY,
    Cause.MAINTENANCE,
    Cause.RATE_LIMIT,
    Cause.SERVER,
    Cause.METHOD,
    Cause.REDIRECT,
    Cause.LOGIN,
    Cause.INTERNAL,
    Cause.UNKNOWN,
)
_JSON_ERRORS = {
    Cause.SCOPE: 403,
    Cause.TOKEN: 401,
    Cause.VALIDATION: 400,
    Cause.MISSING_RESOURCE: 404,
}


def vendor(calibration: str) -> Vendor:
    return Vendor(
        id="acme",
        title="Acme",
        api_prefix="/api",
        document="/api/spec",
        version_pointer="/info/version",
        version_product="acme",
        calibration=calibration,
        base_url_example="https://acme.example.com",
        requests_per_minute=60,
        requests_per_minute_reason="a guess",
    )


def operation(name: str, scope: str = "", plan: str | None = None, **more) -> Operation:
    """`things.list` is a read and `things.create` a write, unless `method` or `hazard` say otherwise."""
    group, _, act = name.partition(".")
    method = more.pop("method", "GET" if act in {"list", "get", "read"} else "POST")
    hazard = more.pop("hazard", Hazard.READ if method == "GET" else Hazard.GUARDED)
    return Operation(
        id=name,
        method=method,
        path=f"/api/{group}/{act}",
        group=more.pop("group", group),
        summary=f"{act} {group}",
        hazard=hazard,
        hazard_reason="by hand",
        scopes=tuple(scope.split("|")) if scope else (),
        plan=plan,
        plan_basis=more.pop("plan_basis", Basis.OPERATION if plan else Basis.UNKNOWN),
        **more,
    )


def catalog(*operations: Operation, plans=PLANS, **more) -> Catalog:
    groups = dict.fromkeys(item.group for item in operations)
    return Catalog(
        version="1",
        vendor=vendor(operations[0].id),
        plans=tuple(Plan(id=plan, title=plan.title()) for plan in plans),
        groups=tuple(Group(id=group, title=group.title()) for group in groups),
        scopes={scope: scope for item in operations for scope in item.scopes},
        operations=operations,
        **more,
    )


def small_catalog(**more) -> Catalog:
    """Three operations of each paid plan, two reads and a write of one group, and an open one."""
    return catalog(
        operation("invites.list", "users:read", "basic"),
        operation("invites.get", "users:read", "basic"),
        operation("invites.create", "users:write", "basic"),
        operation("repos.list", "repos:read", "pro"),
        operation("repos.get", "repos:read", "pro"),
        operation("repos.read", "repos:read", "pro"),
        operation("repos.drop", "repos:write", "pro", hazard=Hazard.UNSAFE),
        operation("users.list", "users:read", "max"),
        operation("users.get", "users:read", "max"),
        operation("users.create", "users:write", "max"),
        operation("groups.list", "groups:read", "max"),
        operation("groups.create", "groups:write", "max"),
        operation("health.read"),
        **more,
    )


def exchange(name: str, token: str, outcome, role=None) -> Exchange:
    return Exchange(
        operation=name,
        token=token,
        role=role,
        request=Request(method="GET", path=f"/api/{name}"),
        attempts=(Attempt(started_at=AT, elapsed_ms=1, outcome=outcome),),
    )


def finding(
    name: str,
    token: str,
    cause: Cause = Cause.OK,
    *,
    kind: Kind | None = None,
    confidence: Confidence = Confidence.CERTAIN,
    items: int | None = 1,
    role: ControlRole | None = None,
) -> Finding:
    """A finding as a perfect diagnosis would give it; `items` is the length of a success's list."""
    kind = kind or _kind(cause)
    return Finding(
        exchange=exchange(name, token, _outcome(kind, cause, items), role),
        kind=kind,
        diagnosis=Diagnosis(cause=cause, confidence=confidence, rule="by hand", reason=f"looks like {cause}"),
        wall="wall-1" if kind is Kind.HTML_WALL else "",
    )


def _kind(cause: Cause) -> Kind:
    if cause is Cause.OK:
        return Kind.JSON_SUCCESS
    if cause in _JSON_ERRORS:
        return Kind.JSON_ERROR
    return Kind.NO_RESPONSE if cause in {Cause.NETWORK, Cause.INTERNAL} else Kind.HTML_WALL


def _outcome(kind: Kind, cause: Cause, items: int | None):
    match kind:
        case Kind.JSON_SUCCESS:
            return Response(
                status=200, body=Body(form=Form.JSON, json=JsonView(shape="{}", flag=True, items=items))
            )
        case Kind.JSON_ERROR:
            view = JsonView(shape="{}", flag=False, messages=(cause.value,))
            return Response(status=_JSON_ERRORS.get(cause, 403), body=Body(form=Form.JSON, json=view))
        case Kind.NO_RESPONSE:
            return Failure(reason=FailureReason.TIMEOUT)
        case _:
            return Response(
                status=200, body=Body(form=Form.HTML, page=PageView(title="Acme", fingerprint="f"))
            )


def run(
    catalog: Catalog, tokens: dict[str, tuple[str, ...]], findings=(), *, server_version: str = ""
) -> Run:
    """A run of these tokens (name to declared scopes); what has no finding is skipped."""
    asked = {(item.exchange.operation, item.exchange.token) for item in findings}
    return Run(
        target=Target(
            base_url="https://acme.example.com",
            vendor="acme",
            catalog_version="1",
            server_version=server_version,
        ),
        tokens=tuple(TokenInfo(name=name, declared_scopes=scopes) for name, scopes in tokens.items()),
        limits=Limits(
            concurrency=1,
            requests_per_minute=None,
            connect_timeout_s=1,
            first_byte_timeout_s=1,
            body_timeout_s=1,
            body_cap_bytes=1,
            retries=0,
            retry_after_cap_s=0,
        ),
        started_at=AT,
        finished_at=AT,
        duration_s=0,
        complete=True,
        simulated=False,
        controls=(),
        exchanges=tuple(item.exchange for item in findings),
        skipped=tuple(
            Skipped(operation=item.id, token=name, reason="by hand")
            for item in catalog.operations
            for name in tokens
            if (item.id, name) not in asked
        ),
        requests_sent={"GET": len(findings)},
    )


def diagnosed(findings=(), controls=(), measured: Measured | None = None) -> Diagnosed:
    return Diagnosed(
        measured=measured or Measured(measured=True, reason="the controls agree"),
        controls=tuple(controls),
        findings=tuple(findings),
        walls=(),
    )
