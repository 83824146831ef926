"""The answer in words: what plan the organization looks like, how sure that is, and what to do if not.

Comes in: a Report. Goes out: a headline that the page and the terminal both show. A run that was not
measured gets no statement about the plan at all.
"""

from __future__ import annotations

from typing import NamedTuple

from probe.judge.model import Answer, Cause, Confidence, QuestionVerdict, Verdict
from probe.report.model import Report, ReportCapability
from probe.report.words import ANSWERS, CAUSES, CONFIDENCES


class Headline(NamedTuple):
    """The answer: a title, how sure in one word or empty, the bounds in a sentence, and why."""

    title: str
    confidence: str
    bounds: str
    reason: str


class Tally(NamedTuple):
    """How many operations have a verdict: seen by asking, and inferred from others."""

    verdict: Verdict
    seen: int
    inferred: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.seen + self.inferred


def headline(report: Report) -> Headline:
    """Return the answer of a run."""
    if not report.measured:
        return Headline("Not measured", "", _why_not(report.measured_cause), report.measured_reason)
    title = _plan_title(report, report.plan.estimate)
    so_far = "" if report.complete else " so far"
    if title is None:
        return Headline(f"Plan undetermined{so_far}", "", _bounds(report), report.plan.reason)
    confidence = CONFIDENCES[report.plan.confidence].label
    return Headline(f"Behaves like {title}{so_far}", confidence, _bounds(report), report.plan.reason)


def _why_not(cause: Cause) -> str:
    """Say in a sentence why a run was not measured."""
    match cause:
        case Cause.ROUTE | Cause.REDIRECT:
            return "The API was not found at this address."
        case Cause.TOKEN:
            return "Every token was refused."
        case Cause.NETWORK:
            return "No answer came back."
        case Cause.UNKNOWN | Cause.INTERNAL:
            return "What came back cannot be trusted."
        case _:
            return f"Something stood between us and the API: {CAUSES[cause].label}."


def question_words(question: QuestionVerdict) -> str:
    """Return the answer to a question as people say it; what was not asked is said to be so.

    >>> from probe.judge.model import Answer
    >>> question_words(QuestionVerdict(id="q", text="", answer=Answer.NO, reason="", operations=("a",)))
    'No'
    """
    label = ANSWERS[question.answer].label
    if not question.inferred or question.answer is Answer.CANNOT_TELL:
        return label
    if question.confidence is Confidence.WEAK:
        return "Perhaps, not tried" if question.answer is Answer.YES else "Perhaps not, not tried"
    return "Probably, not tried" if question.answer is Answer.YES else "Probably not, not tried"


def question_style(question: QuestionVerdict) -> Answer:
    """Return the answer whose mark fits: a weak hint looks like no answer, not like a yes or a no."""
    vague = question.inferred and question.confidence is Confidence.WEAK
    return Answer.CANNOT_TELL if vague else question.answer


def confidence_words(confidence: str) -> str:
    """Return a confidence as a phrase: `certain`, `likely`, or `weak evidence`."""
    return "weak evidence" if confidence == Confidence.WEAK else confidence


def tallies(capabilities: tuple[ReportCapability, ...]) -> tuple[Tally, ...]:
    """Count operations by verdict, what was seen apart from what was inferred."""
    counts = {(verdict, inferred): 0 for verdict in Verdict for inferred in (False, True)}
    for capability in capabilities:
        counts[capability.verdict, capability.inferred] += 1
    return tuple(Tally(verdict, counts[verdict, False], counts[verdict, True]) for verdict in Verdict)


def _plan_title(report: Report, plan: str | None) -> str | None:
    return report.plan_titles.get(plan) if plan else None


def _bounds(report: Report) -> str:
    """Say the floor and the ceiling in one sentence."""
    floor, ceiling = (_plan_title(report, plan) for plan in (report.plan.floor, report.plan.ceiling))
    highest = list(report.plan_titles.values())[-1:]
    match floor, ceiling:
        case None, None:
            return "The answers set neither a lowest nor a highest plan."
        case None, _:
            return f"At most {ceiling}: nothing above it answered. How far down is open."
        case _ if [floor] == highest:
            return f"{floor} is the highest plan, and something that only it has answered."
        case _, None:
            return f"At least {floor}. How far up is open."
        case _ if floor == ceiling:
            return f"At least {floor}; nothing above it answered."
        case _:
            return f"At least {floor}, at most {ceiling}."
