"""Prints how the corpus of captured responses is judged: `python tests/judge/corpus.py ../shared/corpus`.

The exit code is 0 if every kind is right, at least 97 % of the causes are, and no answer of something
in front of the API is taken for a plan or a route.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from probe.explain import explain

IN_FRONT = frozenset({"edge", "gateway", "proxy", "login", "maintenance", "rate_limit", "server"})
FORBIDDEN = frozenset({"plan", "route"})
WANTED = 0.97


def judged(corpus: Path):
    """Yield each case with its explanation."""
    for folder in sorted(path for path in corpus.iterdir() if path.is_dir()):
        case = json.loads((folder / "case.json").read_text())
        raw = (folder / "response.http").read_bytes()
        request = case["request"]
        yield folder.name, case, explain(raw, method=request["method"], path=request["path"])


def main(corpus: Path) -> int:
    """Print the confusion matrix and what is wrong; return the exit code."""
    matrix: Counter[tuple[str, str]] = Counter()
    total, wrong_kinds, wrong_causes, alternatives, never = 0, [], [], [], []
    for name, case, found in judged(corpus):
        total += 1
        matrix[case["cause"], str(found.cause)] += 1
        if found.kind != case["kind"]:
            (alternatives if found.kind in case.get("alt_kinds", []) else wrong_kinds).append(
                f"{name}: kind {case['kind']}, judged {found.kind}"
            )
        if found.cause != case["cause"]:
            line = f"{name}: cause {case['cause']}, judged {found.cause} by {found.rule}"
            (alternatives if found.cause in case.get("alt_causes", []) else wrong_causes).append(line)
        if case["cause"] in IN_FRONT and found.cause in FORBIDDEN:
            never.append(f"{name}: {case['cause']} taken for {found.cause}")
    show(matrix)
    right = total - len(wrong_causes)
    print(f"\n{total} responses")
    print(f"kinds right: {total - len(wrong_kinds)} ({1 - len(wrong_kinds) / total:.1%})")
    print(f"causes right: {right} ({right / total:.1%})")
    for title, lines in (
        ("by an alternative label", alternatives),
        ("wrong kind", wrong_kinds),
        ("wrong cause", wrong_causes),
        ("never allowed", never),
    ):
        print(f"{title}: {len(lines)}", *lines, sep="\n  ")
    return int(bool(wrong_kinds or never or right < WANTED * total))


def show(matrix: Counter[tuple[str, str]]) -> None:
    """Print true causes down, judged ones across."""
    rows = sorted({true for true, _ in matrix})
    columns = sorted({judged_as for _, judged_as in matrix})
    print(f"{'':17}" + " ".join(f"{name[:7]:>7}" for name in columns))
    for row in rows:
        cells = " ".join(f"{matrix[row, name] or '.':>7}" for name in columns)
        print(f"{row:17}{cells}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/corpus")))
