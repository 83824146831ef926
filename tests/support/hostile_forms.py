"""Texts that try to break out of each form of the report, and a report that holds one everywhere."""

from __future__ import annotations

import msgspec
from hostile_texts import groups
from synthetic_changes import with_changes
from synthetic_report import FEW, HOSTILE, synthetic_report

from probe.report.model import Report

MARKDOWN = (
    "\n# forged heading\n",
    "\n\nforged\n===\n",
    "\n- item\n1. item\n> quote\n---\n",
    "123. item",
    "1) item",
    "```\n\n# out of the block\n\n```sh\nrm x\n```",
    "~~~\n# x\n~~~",
    "`` ` ``` a`b `",
    "[link](https://evil.example) <https://evil.example> ![image](https://evil.example/p.png)",
    "[ref]\n\n[ref]: https://evil.example",
    "https://evil.example www.evil.example user1@example.com mailto:user1@example.com",
    "| cell | cell |\n|---|---|\n| a | b |",
    "a\\|b \\\\| c \\",
    "@everyone @org/team #12 GH-12 org/repo#12",
    "&#64;everyone &lt;b&gt; &#35;12 &amp;#64;x",
    "<script>alert(1)</script><details open><!-- --> <img src=x onerror=alert(1)>",
    "*a* **b** __c__ _d_ ~~e~~ $x^2$ $$y$$ [^1] :smile:",
)
FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\n=1+1",
    '";=1+1;"',
    '",=1+1,"',
    "a;=1+1",
    "a\t=1+1",
    "a|=1+1",
    "\uff1d1+1",
    "\u200b=1+1",
    "'=1+1",
)
OTHER = (
    HOSTILE,
    "]]></system-out><failure/>&bogus; &#0; \ufffe\uffff \x00\x0b\x1b[2J \ud800",
    "\u202egnp.exe\u2066\u200f \u2028\u2029 \x9b31m \x1b]52;c;eA==\x07",
)
ALL = (*MARKDOWN, *FORMULAS, *OTHER, *groups(600))


def hostile_report(text: str) -> Report:
    """Return a report with `text` wherever a server, or the author of a catalog, chooses the words."""
    replace = msgspec.structs.replace
    report = with_changes(synthetic_report(hostile=text, names=FEW), text)
    names = {item.operation: f"{item.operation}{text}" for item in report.capabilities}
    return replace(
        report,
        measured_reason=text,
        target=replace(report.target, vendor_title=text, catalog_version=text, server_version=text),
        plan=replace(report.plan, reason=text),
        plan_titles={plan: f"{title}{text}" for plan, title in report.plan_titles.items()},
        tokens=tuple(replace(item, reason=text) for item in report.tokens),
        capabilities=tuple(
            replace(
                item,
                operation=names[item.operation],
                path=item.path + text,
                group_title=text,
                summary=text,
                reason=text,
            )
            for item in report.capabilities
        ),
        findings=tuple(
            replace(item, operation=names[item.operation], path=item.path + text, rule=text, settle=text)
            for item in report.findings
        ),
        skipped=tuple(replace(item, operation=names[item.operation], reason=text) for item in report.skipped),
        questions=tuple(replace(item, text=text, reason=text) for item in report.questions),
        guidance=tuple(replace(item, title=text, text=text, steps=(text,)) for item in report.guidance),
    )
