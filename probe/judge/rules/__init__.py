"""The diagnosis rules, small and named, in the order of precedence: the first that answers wins.

Comes in: a Case (one answer and its context). Goes out: a Diagnosis. Strong headers come first, then
the marks of what stands in front of the API, then the API's own words, and the comparison with the
controls last. Pure.
"""

from __future__ import annotations

from probe.judge.rules.answers import ANSWER_RULES
from probe.judge.rules.base import Case, Rule
from probe.judge.rules.front import FRONT_RULES
from probe.judge.rules.pages import PAGE_RULES_AFTER_CONTROLS, PAGE_RULES_BEFORE_CONTROLS
from probe.judge.rules.passing import GATEWAY_RULES, MAINTENANCE_RULES, RATE_RULES
from probe.judge.rules.refusals import REFUSAL_RULES
from probe.judge.rules.samejson import SAME_JSON, SAME_JSON_RULES
from probe.judge.rules.success import LAST_WORD_RULES, SUCCESS_RULES
from probe.judge.rules.transport import REDIRECT_RULES, TRANSPORT_RULES
from probe.judge.rules.unmounted import UNMOUNTED_RULES

RULES: tuple[Rule, ...] = (
    *TRANSPORT_RULES,
    *SUCCESS_RULES,
    *FRONT_RULES[:2],
    *REDIRECT_RULES,
    *FRONT_RULES[2:],
    *REFUSAL_RULES[:2],
    *RATE_RULES,
    *MAINTENANCE_RULES,
    *SAME_JSON_RULES,
    *REFUSAL_RULES[2:],
    *GATEWAY_RULES,
    *ANSWER_RULES,
    *PAGE_RULES_BEFORE_CONTROLS,
    *UNMOUNTED_RULES,
    *PAGE_RULES_AFTER_CONTROLS,
    *LAST_WORD_RULES,
)

__all__ = ["RULES", "SAME_JSON", "Case", "Rule"]
