"""Reports made by hand for the tests of the formats: nothing in them was ever asked or answered.

`synthetic_report()` is an organization on a Business plan with three tokens; `hostile=True` puts a
text that tries to break out wherever a server can choose the text, and `hostile="..."` puts that text.
"""

from __future__ import annotations

from itertools import product

import msgspec

from probe.catalog.model import Hazard
from probe.evidence import (
    Attempt,
    Body,
    ControlRole,
    Failure,
    FailureReason,
    Form,
    JsonView,
    Limits,
    PageView,
    Request,
    Response,
    Skipped,
)
from probe.judge.model import (
    Answer,
    Cause,
    ClaimStatus,
    ClaimVerdict,
    Confidence,
    GuidanceItem,
    Kind,
    PlanAgreement,
    PlanEstimate,
    QuestionVerdict,
    TokenStatus,
    Verdict,
    Wall,
)
from probe.report.build import summarize
from probe.report.model import (
    SCHEMA_VERSION,
    Evidence,
    Report,
    ReportCapability,
    ReportControl,
    ReportFinding,
    ReportTarget,
    ReportToken,
    Tool,
)

HOSTILE = (
    '"><script>window.pwned=1</script></script><img src=x onerror="window.pwned=2">'
    "</style><svg onload=window.pwned=3> javascript:window.pwned=4 {{7*7}} {% raw %} ${7*7} "
    "\x1b[31mred\x1b]8;;https://evil.example\x07link \u202egnp.exe\u2066 \x00\x9b2J \ufeff\u200b \ud800 "
    "--><!-- ]]> &lt;b&gt; https://evil.example/pixel.png"
)
PLANS = {
    "free": "Free",
    "team": "Team",
    "business": "Business",
    "enterprise_base": "Enterprise Base",
    "enterprise_premium": "Enterprise Premium",
}
TOKENS = ("admin", "apps-only", "read-only")
PREFIX = "/api/v2"
STARTED = "2026-11-24T06:15:01Z"

# Group, title, lowest plan, reads, writes: about as many as a real API has.
GROUPS = (
    ("users", "Users", "enterprise_premium", 2, 5),
    ("user_invites", "User invites", "business", 2, 4),
    ("user_attributes", "User attributes", "business", 1, 5),
    ("groups", "Groups", "enterprise_premium", 2, 8),
    ("folders", "Folders", "enterprise_premium", 2, 3),
    ("spaces", "Spaces", "enterprise_premium", 2, 4),
    ("apps", "Apps", "enterprise_premium", 4, 6),
    ("custom_components", "Custom component libraries", "business", 3, 3),
    ("resources", "Resources", "enterprise_premium", 2, 4),
    ("resource_configurations", "Resource configurations", "enterprise_premium", 2, 3),
    ("environments", "Environments", "enterprise_premium", 2, 3),
    ("configuration_variables", "Configuration variables", "enterprise_premium", 2, 3),
    ("source_control", "Source control", "enterprise_base", 5, 8),
    ("releases", "Release management", "enterprise_base", 7, 10),
    ("permissions", "Permissions", "enterprise_premium", 4, 5),
    ("observability", "Observability", "enterprise_premium", 2, 5),
    ("usage", "Usage", "enterprise_premium", 6, 0),
    ("organization", "Organization", "enterprise_premium", 3, 3),
    ("sso", "Single sign-on", "enterprise_premium", 1, 3),
    ("themes", "App themes", "enterprise_premium", 1, 2),
    ("access_requests", "Access requests", None, 2, 3),
    ("access_tokens", "Access tokens", None, 2, 2),
    ("workflows", "Workflows", "enterprise_base", 2, 3),
    ("tasks", "User tasks", None, 2, 3),
    ("embed", "Embed", "business", 0, 2),
    ("scim", "SCIM (user provisioning by a directory)", None, 3, 4),
    ("health", "Health and documents", "free", 2, 0),
)
# Enough to show every kind and every verdict.
FEW = ("users", "user_invites", "access_requests", "tasks", "scim")
_VERBS = ("list", "get", "list_all", "details", "members", "history", "status")
_WRITES = ("create", "update", "delete", "replace", "grant", "revoke", "deploy", "reset", "copy", "send")


def synthetic_report(
    *, hostile: bool | str = False, guarded: bool = False, names: tuple[str, ...] = (), repeat: int = 1
) -> Report:
    """Return a report; `guarded` asks the writes too, `names` are the groups, `repeat` multiplies all."""
    text = hostile if isinstance(hostile, str) else HOSTILE if hostile else ""
    wanted = [group for group in GROUPS if not names or group[0] in names]
    operations = [operation for group in wanted for operation in _operations(group)]
    operations = [
        {**operation, "id": operation["id"] + (f"_{copy}" if copy else "")}
        for copy in range(repeat)
        for operation in operations
    ]
    asked = [
        operation
        for operation in operations
        if operation["read"] or (guarded and operation["hazard"] is Hazard.GUARDED)
    ]
    findings = tuple(_finding(operation, token, text) for operation, token in product(asked, TOKENS))
    skipped = tuple(
        Skipped(operation=operation["id"], token=token, reason=_skip_reason(operation))
        for operation, token in product(operations, TOKENS)
        if operation not in asked
    )
    capabilities = tuple(_capability(operation, asked=operation in asked) for operation in operations)
    walls = _walls(findings, text)
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="plan-probe", version="0.1.0"),
        complete=True,
        measured=True,
        measured_reason="The controls answered as an API answers.",
        measured_cause=Cause.OK,
        advice="",
        simulated=False,
        target=ReportTarget(
            base_url="https://example.retool.com",
            vendor="retool",
            vendor_title="Retool",
            catalog_version="2026.11",
            server_version=text or "3.334.2",
        ),
        started_at=STARTED,
        finished_at="2026-11-24T06:16:36Z",
        duration_s=95.2,
        limits=Limits(
            concurrency=8,
            requests_per_minute=240,
            connect_timeout_s=10.0,
            first_byte_timeout_s=30.0,
            body_timeout_s=60.0,
            body_cap_bytes=1 << 20,
            retries=2,
            retry_after_cap_s=60.0,
        ),
        requests_sent={"GET": 229, "POST": 3},
        tokens=_tokens(text),
        plan=_plan(),
        plan_titles=PLANS,
        summary=summarize(findings, capabilities, skipped, len(walls)),
        capabilities=capabilities,
        claims=_claims(),
        guidance=_guidance(capabilities),
        walls=walls,
        controls=_controls(text),
        findings=findings,
        skipped=skipped,
        questions=_questions(),
    )


def not_measured_report() -> Report:
    """Return the report of a run where a gateway's login page answered everything."""
    report = synthetic_report(names=FEW)
    return msgspec.structs.replace(
        report,
        measured=False,
        measured_reason="Every answer, also to routes that cannot exist, was the same login page.",
        measured_cause=Cause.LOGIN,
        advice="Run the scan from a network that may reach the API, or let this machine through the gateway.",
        capabilities=tuple(
            msgspec.structs.replace(
                item, verdict=Verdict.UNKNOWN, cause=Cause.LOGIN, reason="The run was not measured."
            )
            for item in report.capabilities
        ),
    )


def _operations(group):
    name, title, plan, reads, writes = group
    made = [(verb, "GET", True) for verb in _VERBS[:reads]] + [
        (verb, "DELETE" if verb == "delete" else "POST", False) for verb in _WRITES[:writes]
    ]
    for place, (verb, method, read) in enumerate(made):
        path = f"{PREFIX}/{name}" + ("" if verb in {"list", "create"} else f"/{{{name}Id}}/{verb}")
        unsafe = verb in {"replace", "deploy", "reset"}
        hazard = Hazard.READ if read else Hazard.UNSAFE if unsafe else Hazard.GUARDED
        yield {
            "id": f"{name}.{verb}",
            "method": method,
            "path": path,
            "group": name,
            "title": title,
            "plan": plan,
            "read": read,
            "hazard": hazard,
            "scope": f"{name}:{'read' if read else 'write'}",
            "place": place,
        }


def _skip_reason(operation) -> str:
    if operation["hazard"] is Hazard.UNSAFE:
        return f"unsafe write, never sent: {operation['id']} could take effect without a body."
    return "guarded write, not sent without --guarded-writes"


def _fate(operation, token):
    """Return kind, cause, confidence, rule, reason of an operation asked with a token."""
    plan, group = operation["plan"], operation["group"]
    if group == "tasks":
        reason = "No answer within 30 s, three times in a row."
        return Kind.NO_RESPONSE, Cause.NETWORK, Confidence.CERTAIN, "no-answer", reason
    if group == "access_requests":
        return Kind.OTHER, Cause.UNKNOWN, Confidence.WEAK, "nothing-fits", "The answer is plain text."
    if plan in {"enterprise_base", "enterprise_premium"}:
        reason = "The same page as for a route that cannot exist, and the plan is not documented to have it."
        return Kind.HTML_WALL, Cause.PLAN, Confidence.LIKELY, "wall-is-the-missing-route-page", reason
    if token == "apps-only" and group != "health":
        reason = f"The server says that the token lacks the scope {operation['scope']}."
        return Kind.JSON_ERROR, Cause.SCOPE, Confidence.CERTAIN, "scope-message", reason
    if not operation["read"]:
        reason = "The server read the body and refused it, so the route is open to this token."
        return Kind.JSON_ERROR, Cause.VALIDATION, Confidence.LIKELY, "validation-message", reason
    return Kind.JSON_SUCCESS, Cause.OK, Confidence.CERTAIN, "json-success", "A JSON answer with data."


def _finding(operation, token, text) -> ReportFinding:
    kind, cause, confidence, rule, reason = _fate(operation, token)
    attempts = _attempts(operation, kind, cause, text)
    outcome = attempts[-1].outcome
    return ReportFinding(
        operation=operation["id"],
        method=operation["method"],
        path=operation["path"],
        group=operation["group"],
        token=token,
        kind=kind,
        cause=cause,
        confidence=confidence,
        rule=rule,
        runner_up="app-shell" if cause is Cause.PLAN else "",
        reason=reason + text,
        settle="Ask the vendor's support whether the plan has it." if cause is Cause.PLAN else "",
        wall="wall-1" if kind is Kind.HTML_WALL else "",
        status=outcome.status if isinstance(outcome, Response) else None,
        elapsed_ms=attempts[-1].elapsed_ms,
        attempts=len(attempts),
        evidence=Evidence(request=_request(operation), attempts=attempts),
    )


def _request(operation) -> Request:
    query = "?limit=1" if operation["read"] else ""
    ids = {f"{operation['group']}Id": f"discovered from {operation['group']}.list"}
    return Request(
        method=operation["method"],
        path=operation["path"] + query,
        headers=(("accept", "application/json"), ("user-agent", "plan-probe/0.1.0")),
        ids=ids if "{" in operation["path"] else {},
        body="" if operation["read"] else '{"probe":"it\'s refused"}',
    )


def _attempts(operation, kind, cause, text) -> tuple[Attempt, ...]:
    millis = 40 + 7 * operation["place"]
    if kind is Kind.NO_RESPONSE:
        failure = Failure(reason=FailureReason.TIMEOUT, detail=f"no first byte within 30 s {text}")
        return tuple(
            Attempt(started_at=STARTED, elapsed_ms=30_004, outcome=failure, waited_ms=wait)
            for wait in (0, 1000, 2000)
        )
    return (Attempt(started_at=STARTED, elapsed_ms=millis, outcome=_response(operation, kind, cause, text)),)


def _response(operation, kind, cause, text) -> Response:
    type_ = {Kind.HTML_WALL: "text/html; charset=utf-8", Kind.OTHER: "text/plain"}.get(
        kind, "application/json"
    )
    headers = (("content-type", type_), ("x-request-id", f"req-{operation['id']}{text}"))
    status, body = 200, Body(form=Form.TEXT, size=17, excerpt=f"try again later {text}")
    if kind is Kind.JSON_SUCCESS:
        shape = (
            "{success: bool, data: [1 x {id: str(32), name: str(9), created_at: str(24)}], has_more: bool}"
        )
        body = Body(
            form=Form.JSON, size=412, json=JsonView(shape=shape + text, flag=True, data=True, items=1)
        )
    elif kind is Kind.JSON_ERROR:
        status = 403 if cause is Cause.SCOPE else 400
        message = "Forbidden: API token is missing scope" if status == 403 else "email is required"
        view = JsonView(shape="{success: bool, message: str(37)}", flag=False, messages=(message + text,))
        body = Body(form=Form.JSON, size=71, json=view)
    elif kind is Kind.HTML_WALL:
        page = PageView(
            title=f"Retool{text}", text=f"Loading… {text}", fingerprint="3f9a1c5e77d20b46", app_shell=True
        )
        body = Body(form=Form.HTML, size=2310, page=page, notes=(f"an odd header {text}",) if text else ())
    return Response(status=status, headers=headers, body=body)


def _verdict(operation):
    if operation["group"] in {"tasks", "access_requests"}:
        cause = Cause.NETWORK if operation["group"] == "tasks" else Cause.UNKNOWN
        return Verdict.UNKNOWN, cause, Confidence.WEAK, "No answer that says anything."
    kind, cause, confidence, _, reason = _fate(operation, "admin")
    if kind is Kind.HTML_WALL:
        return Verdict.BLOCKED, cause, confidence, reason
    return Verdict.ALLOWED, cause, confidence, reason


def _capability(operation, *, asked: bool) -> ReportCapability:
    verdict, cause, confidence, reason = _verdict(operation)
    if not asked:
        if operation["group"] == "scim":
            verdict, cause, reason = Verdict.UNKNOWN, Cause.UNKNOWN, "Not asked, and its siblings disagree."
        else:
            confidence = Confidence.WEAK
            reason = f"Not asked; inferred from {operation['group']}.list."
    return ReportCapability(
        operation=operation["id"],
        method=operation["method"],
        path=operation["path"],
        group=operation["group"],
        group_title=operation["title"],
        summary=operation["id"].replace(".", " ").replace("_", " "),
        hazard=operation["hazard"],
        scope=(operation["scope"],),
        documented_plan=operation["plan"],
        verdict=verdict,
        cause=cause,
        confidence=confidence,
        inferred=not asked,
        reason=reason,
        tokens=("admin",) if asked else (),
    )


def _walls(findings, text) -> tuple[Wall, ...]:
    met = tuple(sorted({finding.operation for finding in findings if finding.wall == "wall-1"}))
    return (
        Wall(
            id="wall-1",
            title=f"Retool{text}",
            excerpt=f"Loading… You need to enable JavaScript to run this app. {text}",
            fingerprint="3f9a1c5e77d20b46",
            statuses=(200,),
            operations=met,
            controls=("no_such_route", "root"),
        ),
    )


def _tokens(text) -> tuple[ReportToken, ...]:
    return (
        ReportToken(
            name="admin",
            declared_scopes=("users:read", "users:write", "groups:read", "apps:read"),
            status=TokenStatus.ACCEPTED,
            reason=f"It read what this plan has. {text}",
            scopes_shown=("user_attributes:read",),
            scopes_missing=(),
        ),
        ReportToken(
            name="apps-only",
            declared_scopes=("apps:read",),
            status=TokenStatus.ACCEPTED,
            reason="The server knows it and refused it for its scope.",
            scopes_missing=("apps:read",),
        ),
        ReportToken(
            name="read-only",
            declared_scopes=(),
            status=TokenStatus.UNKNOWN,
            reason="No scopes were declared.",
        ),
    )


def _plan() -> PlanEstimate:
    return PlanEstimate(
        estimate="business",
        confidence=Confidence.LIKELY,
        reason="User invites and custom components answered, which Business has; nothing above it did.",
        floor="business",
        ceiling="business",
        candidates=(
            PlanAgreement(
                plan="free", agree=80, disagree=("user_invites.list", "user_attributes.list"), silent=9
            ),
            PlanAgreement(
                plan="team", agree=80, disagree=("user_invites.list", "user_attributes.list"), silent=9
            ),
            PlanAgreement(plan="business", agree=94, disagree=("scim.list",), silent=9),
            PlanAgreement(plan="enterprise_base", agree=70, disagree=("source_control.list",), silent=9),
            PlanAgreement(
                plan="enterprise_premium", agree=20, disagree=("users.list", "groups.list"), silent=9
            ),
        ),
        contradictions=("scim.list",),
    )


def _claims() -> tuple[ClaimVerdict, ...]:
    article = {"source": "An article about the API", "url": "https://example.com/article"}
    return (
        ClaimVerdict(
            id="business-user-management",
            text="On Business, user management answers with an HTML page.",
            status=ClaimStatus.CONFIRMED,
            reason="users.list met the page of a route that cannot exist.",
            operations=("users.list", "users.get"),
            **article,
        ),
        ClaimVerdict(
            id="business-embed-only",
            text="On Business, the API can only embed apps.",
            status=ClaimStatus.CONTRADICTED,
            reason="User invites answered with data.",
            operations=("user_invites.list",),
            **article,
        ),
        ClaimVerdict(
            id="enterprise-scim",
            text="Enterprise has SCIM.",
            source="The vendor's documentation",
            url="javascript:alert(1)",
            status=ClaimStatus.UNTESTED,
            reason="This organization does not behave like Enterprise.",
            operations=(),
        ),
    )


def _guidance(capabilities) -> tuple[GuidanceItem, ...]:
    users = tuple(item.operation for item in capabilities if item.group == "users")
    return (
        GuidanceItem(
            id="embed",
            title="Let external users in through embedding",
            text="An external user needs no account: your server asks for a URL and shows it in a frame.",
            steps=(
                "Create a token with the scope App: Embed and keep it on your server.",
                "Ask for an embed URL with the user's external identifier and groups.",
                "Show the URL in a frame; it works once.",
            ),
            url="https://docs.example.com/embed",
            operations=users,
        ),
        GuidanceItem(
            id="invite",
            title="Invite users instead of creating them",
            text="This plan answers the user invites, which send an e-mail with a link.",
            steps=("Use POST /api/v2/user_invites.",),
            url="",
            operations=users,
        ),
    )


def _questions() -> tuple[QuestionVerdict, ...]:
    def question(id_, text, answer, reason, *operations):
        return QuestionVerdict(id=id_, text=text, answer=answer, reason=reason, operations=operations)

    return (
        question("create-users", "Can I create users?", Answer.NO, "The route is walled.", "users.create"),
        question("list-users", "Can I list users?", Answer.NO, "The route is walled.", "users.list"),
        question("invite", "Can I invite users?", Answer.YES, "The invites answered.", "user_invites.list"),
        question("scim", "Can I use SCIM?", Answer.CANNOT_TELL, "The answers disagree.", "scim.list"),
    )


def _controls(text) -> tuple[ReportControl, ...]:
    def control(role, path, token, kind, cause, reason):
        operation = {"id": "", "method": "GET", "path": path, "read": True, "group": "none", "place": 1}
        attempts = _attempts({**operation, "id": "control"}, kind, cause, text)
        outcome = attempts[-1].outcome
        return ReportControl(
            role=role,
            operation="",
            method="GET",
            path=path,
            token=token,
            kind=kind,
            cause=cause,
            confidence=Confidence.CERTAIN,
            rule="control",
            reason=reason + text,
            wall="wall-1" if kind is Kind.HTML_WALL else "",
            status=outcome.status if isinstance(outcome, Response) else None,
            elapsed_ms=attempts[-1].elapsed_ms,
            attempts=1,
            evidence=Evidence(request=Request(method="GET", path=path), attempts=attempts),
        )

    wall, success, error = Kind.HTML_WALL, Kind.JSON_SUCCESS, Kind.JSON_ERROR
    return (
        control(
            ControlRole.NO_SUCH_ROUTE,
            "/api/v2/zq81/x",
            "",
            wall,
            Cause.ROUTE,
            "What a missing route looks like.",
        ),
        control(ControlRole.ROOT, "/", "", wall, Cause.ROUTE, "The site's front page."),
        control(
            ControlRole.API_DOCUMENT,
            "/api/v2/spec",
            "admin",
            success,
            Cause.OK,
            "The document names 3.334.2.",
        ),
        control(
            ControlRole.ANONYMOUS, "/api/v2/user_invites", "", error, Cause.TOKEN, "Refused without a token."
        ),
        control(
            ControlRole.GARBAGE_TOKEN,
            "/api/v2/user_invites",
            "",
            error,
            Cause.TOKEN,
            "A false token is refused.",
        ),
        control(
            ControlRole.REAL_TOKEN,
            "/api/v2/user_invites",
            "admin",
            success,
            Cause.OK,
            "A real one is accepted.",
        ),
    )
