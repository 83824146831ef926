"""The questions that people come with, answered yes, no or cannot tell.

Comes in: the catalog's questions and the capabilities. Goes out: a QuestionVerdict for each, with the
operations that decided. Pure. "No" needs something blocked; what is inferred says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probe.catalog.model import Catalog, Hazard, Question
from probe.judge.lookup import matching, most, named, verb
from probe.judge.model import Answer, Capability, Cause, Confidence, QuestionVerdict, Verdict

# Which cause names a mixed set of blocked operations: the one that a reader can do least about first.
_CAUSES = (Cause.PLAN, Cause.ROUTE, Cause.VERSION, Cause.SCOPE)


def answer_questions(catalog: Catalog, capabilities: Mapping[str, Capability]) -> tuple[QuestionVerdict, ...]:
    """Return an answer to each question, in the catalog's order."""
    return tuple(_answer(question, catalog, capabilities) for question in catalog.questions)


def unanswered(catalog: Catalog, reason: str) -> tuple[QuestionVerdict, ...]:
    """Return "cannot tell" for each question, for a run that measured nothing."""
    return tuple(_verdict(question, Answer.CANNOT_TELL, reason, ()) for question in catalog.questions)


def _answer(question: Question, catalog: Catalog, capabilities: Mapping[str, Capability]) -> QuestionVerdict:
    matched = [capabilities[name] for name in matching(catalog, question.operations)]
    deciding = _deciding(matched)
    passed = [item for item in deciding if item.verdict is Verdict.ALLOWED]
    stopped = [item for item in deciding if item.verdict is Verdict.BLOCKED]
    unclear = [item for item in deciding if item.verdict is Verdict.UNKNOWN]
    if passed:
        return _verdict(question, Answer.YES, _yes(passed, stopped), passed)
    if stopped and len(stopped) >= len(unclear):
        return _verdict(question, Answer.NO, _no(stopped), stopped)
    reason = (
        f"{unclear[0].operation}: {unclear[0].reason}" if unclear else "nothing in the catalog answers it"
    )
    return _verdict(question, Answer.CANNOT_TELL, reason, unclear)


def _deciding(matched: Sequence[Capability]) -> list[Capability]:
    """Return the writes, if any: to manage groups is more than to list them.

    Where the writes are only weakly inferred, what was asked decides with them.
    """
    writes = [item for item in matched if item.hazard is not Hazard.READ]
    vague = all(item.confidence is Confidence.WEAK and item.verdict is not Verdict.UNKNOWN for item in writes)
    return list(matched) if vague else writes


def _yes(passed: Sequence[Capability], stopped: Sequence[Capability]) -> str:
    observed = [item.operation for item in passed if not item.inferred]
    if observed:
        reason = f"{named(observed)} answered"
    else:
        how = "weakly inferred" if all(item.confidence is Confidence.WEAK for item in passed) else "inferred"
        reason = f"{how}: {passed[0].operation}: {passed[0].reason}"
    rest = f"; but {verb([item.operation for item in stopped], 'is', 'are')} blocked" if stopped else ""
    return reason + rest


def _no(stopped: Sequence[Capability]) -> str:
    first = min(stopped, key=lambda item: (item.inferred, _place(item.cause)))
    inferred = "inferred: " if first.inferred else ""
    return f"{inferred}{first.operation}: {first.reason}"


def _place(cause: Cause) -> int:
    return _CAUSES.index(cause) if cause in _CAUSES else len(_CAUSES)


def _verdict(
    question: Question, answer: Answer, reason: str, deciding: Sequence[Capability]
) -> QuestionVerdict:
    return QuestionVerdict(
        id=question.id,
        text=question.text,
        answer=answer,
        reason=reason,
        operations=tuple(item.operation for item in deciding),
        inferred=bool(deciding) and all(item.inferred for item in deciding),
        confidence=most(item.confidence for item in deciding) if deciding else Confidence.WEAK,
    )
