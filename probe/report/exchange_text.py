"""What was sent and what came back, in words: for people who read a finding or repeat it by hand.

Comes in: a finding or a control of the report. Goes out: lines of text, not yet escaped for a format.
The secret is never known here: a curl line names the variable that holds it.
"""

from __future__ import annotations

import re
import shlex

from probe.evidence import Attempt, Body, Failure, Form, JsonView, PageView, Request, Response
from probe.report.display import milliseconds, one_line
from probe.report.model import ReportControl, ReportFinding

# Headers by which a server's operator finds a request in their own log.
TRACE_HEADERS = (
    "x-request-id",
    "request-id",
    "x-correlation-id",
    "x-trace-id",
    "traceparent",
    "cf-ray",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-amz-cf-id",
    "x-azure-ref",
    "x-cloud-trace-context",
)
_LONGEST_SHAPE = 400
_LONGEST_TEXT = 240


def same_answer(finding: ReportFinding) -> object:
    """Return a key that is equal for findings which differ in nothing but token, time and trace."""
    outcome = finding.evidence.attempts[-1].outcome
    seen = outcome.body if isinstance(outcome, Response) else outcome
    return (
        finding.kind,
        finding.cause,
        finding.confidence,
        finding.rule,
        finding.runner_up,
        finding.reason,
        finding.settle,
        finding.status,
        finding.attempts,
        seen,
    )


def came_back(outcome: Response | Failure, *, on_wall: bool = False) -> tuple[tuple[str, str], ...]:
    """Return what came back as labelled texts; `on_wall` leaves out the page, which stands elsewhere."""
    if isinstance(outcome, Failure):
        return (("Failure", f"{outcome.reason}: {one_line(outcome.detail, _LONGEST_TEXT)}"),)
    lines = _body(outcome.body, outcome.header("content-type"))
    if outcome.body.page and not on_wall:
        lines += _page(outcome.body.page)
    return tuple((label, text) for label, text in lines if text)


def traces(finding: ReportFinding | ReportControl) -> tuple[str, ...]:
    """Return the request ids that the last answer carries, as `name: value`."""
    outcome = finding.evidence.attempts[-1].outcome
    if isinstance(outcome, Failure):
        return ()
    headers = dict(reversed(outcome.headers))  # so that the first one of a name stays
    return tuple(f"{name}: {one_line(headers[name], 80)}" for name in TRACE_HEADERS if headers.get(name))


def attempts_text(attempts: tuple[Attempt, ...]) -> tuple[str, ...]:
    """Return one line per attempt where there was more than one."""
    return tuple(map(_attempt, attempts)) if len(attempts) > 1 else ()


def curl_line(request: Request, base_url: str, token: str) -> str:
    """Return a command that repeats a request; the token stands in an environment variable."""
    parts = ["curl -sSig" if "{" in request.path else "curl -sSi"]
    if request.method != "GET":
        parts.append(f"-X {shlex.quote(request.method)}")
    parts.append("-H Accept:application/json")
    if token:
        parts.append(f'-H "Authorization: Bearer ${variable(token)}"')
    if request.body:
        parts.append(f"-H Content-Type:application/json --data-raw {shlex.quote(request.body)}")
    parts.append(shlex.quote(f"{base_url}{request.path}"))
    return " ".join(parts)


def variable(token: str) -> str:
    """Return the environment variable that stands for a token.

    >>> variable("read-only")
    'TOKEN_READ_ONLY'
    """
    return f"TOKEN_{re.sub('[^A-Z0-9]+', '_', token.upper()).strip('_')}"


def _attempt(attempt: Attempt) -> str:
    outcome = attempt.outcome
    what = f"status {outcome.status}" if isinstance(outcome, Response) else outcome.reason.value
    waited = f" after a wait of {milliseconds(attempt.waited_ms)}" if attempt.waited_ms else ""
    return f"{attempt.started_at}: {what} in {milliseconds(attempt.elapsed_ms)}{waited}"


def _body(body: Body, content_type: str) -> list[tuple[str, str]]:
    honest = _USUAL_TYPES.get(body.form, "") in content_type
    declared = "" if honest else f", sent as {one_line(content_type, 60) or 'nothing in particular'}"
    cut = ", cut there" if body.cut else ""
    lines = [("Body", f"{FORMS[body.form]}, {body.size} bytes{cut}{declared}")]
    if body.json:
        lines += _json(body.json)
    lines.append(("Text", one_line(body.excerpt, _LONGEST_TEXT)))
    lines += [("Note", one_line(note, _LONGEST_TEXT)) for note in body.notes]
    return lines


def _json(view: JsonView) -> list[tuple[str, str]]:
    return [
        *(("Message", one_line(message, _LONGEST_TEXT)) for message in view.messages),
        ("Code", one_line(", ".join(view.codes), _LONGEST_TEXT)),
        ("Shape", one_line(view.shape, _LONGEST_SHAPE)),
    ]


def _page(view: PageView) -> list[tuple[str, str]]:
    return [
        ("Page title", one_line(view.title, _LONGEST_TEXT)),
        ("Page text", one_line(view.text, _LONGEST_TEXT)),
    ]


FORMS: dict[Form, str] = {
    Form.JSON: "JSON",
    Form.JSON_STREAM: "JSON, one document per line",
    Form.HTML: "web page",
    Form.XML: "XML",
    Form.TEXT: "plain text",
    Form.BINARY: "binary",
    Form.EMPTY: "empty",
}

# What a body of this form is usually declared as; only another declaration is worth a word.
_USUAL_TYPES: dict[Form, str] = {
    Form.JSON: "application/json",
    Form.HTML: "text/html",
    Form.TEXT: "text/plain",
    Form.XML: "xml",
}
