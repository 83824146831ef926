"""Asks for one embed address, on request, and says what came back. The address itself is dropped at once.

Comes in: a Consented call, an origin, limits, a mask. Goes out: an EmbedOutcome, which holds a word on
the address and never the address. Prints nothing, writes no file, and sends one request at most.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from probe.catalog.model import Catalog
from probe.evidence import Exchange, Failure, FailureReason, Limits, Response
from probe.judge.context import Context
from probe.judge.diagnose import diagnose
from probe.judge.model import Cause, Finding
from probe.masking import Mask
from probe.scan.client import Client
from probe.scan.consented import Consented
from probe.scan.trust import tls_context


class EmbedOutcome(Struct, frozen=True, kw_only=True):
    """Whether an address came back, and otherwise why not.

    `status` is None where no answer came. `messages` are the server's own words, masked. `advice`
    is what the catalog says of that status.
    """

    made: bool
    status: int | None
    cause: Cause
    rule: str
    reason: str
    messages: tuple[str, ...]
    advice: str
    settle: str


async def make_embed(
    consented: Consented,
    origin: str,
    limits: Limits,
    mask: Mask,
    catalog: Catalog,
    ca_bundle: Path | None = None,
) -> EmbedOutcome:
    """Send the call once and say what came back."""
    tls = tls_context(ca_bundle) if ca_bundle else None
    async with Client(origin, limits, mask, tls=tls) as client:
        answer = await client.ask_consented(consented)
    exchange = Exchange(
        operation=consented.operation.id,
        token=consented.call.token.name if consented.call.token else "",
        request=answer.request,
        attempts=answer.attempts,
    )
    made = _has_address(answer.document, consented.embed.address) and _succeeded(exchange)
    finding = diagnose(exchange, Context(controls=(), exchanges=(exchange,), catalog=catalog))
    return _outcome(finding, consented, made=made)


def request_text(consented: Consented, origin: str) -> str:
    """Return the request as it would go out, without the secret."""
    name = consented.call.token.name if consented.call.token else ""
    body = json.dumps(json.loads(consented.call.body), indent=2, ensure_ascii=False)
    lines = (
        f"{consented.call.method} {origin}{consented.call.path}",
        f"Authorization: Bearer [token {name}]",
        "Content-Type: application/json",
        "Accept: application/json",
        "",
        body,
    )
    return "\n".join(lines)


def _has_address(document: Any, field: str) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether the answer holds a web address; nothing of it is kept."""
    address = document.get(field) if isinstance(document, dict) else None
    if address is None and isinstance(document, dict) and isinstance(document.get("data"), dict):
        address = document["data"].get(field)
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _succeeded(exchange: Exchange) -> bool:
    outcome = exchange.outcome
    return isinstance(outcome, Response) and 200 <= outcome.status < 300  # noqa: PLR2004 - the 2xx range


def _outcome(finding: Finding, consented: Consented, *, made: bool) -> EmbedOutcome:
    said, outcome = finding.diagnosis, finding.exchange.outcome
    status = outcome.status if isinstance(outcome, Response) else None
    reason = said.reason
    if _succeeded(finding.exchange) and not made:
        reason = f"the answer holds no web address under {consented.embed.address}; {reason}"
    return EmbedOutcome(
        made=made,
        status=status,
        cause=Cause.OK if made else said.cause,
        rule=said.rule,
        reason=reason,
        messages=() if made else _messages(outcome),
        advice="" if made else consented.embed.answers.get(str(status), _silence(outcome)),
        settle="" if made else said.settle,
    )


def _silence(outcome: Response | Failure) -> str:
    """Say that a request without an answer may have arrived, unless it surely did not."""
    never = {FailureReason.LOCKED, FailureReason.DNS, FailureReason.CONNECT, FailureReason.TLS}
    if isinstance(outcome, Response) or outcome.reason in never:
        return ""
    return "The request may have arrived and taken effect all the same; it was not sent again."


def _messages(outcome: Response | Failure) -> tuple[str, ...]:
    if isinstance(outcome, Failure):
        return (outcome.detail,) if outcome.detail else ()
    body = outcome.body
    if body.json is not None:
        return body.json.messages
    return (body.page.title,) if body.page is not None and body.page.title else ()
