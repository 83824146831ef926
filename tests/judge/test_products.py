"""What many products answer in the API's place, in the words that they are known for.

Each line of products.jsonl is written for this test after a product's public behaviour: a status, the
headers that matter, a body, and the cause; `also` names causes that are defensible too. Captured pages
are in the corpus; these are here for breadth.
"""

import json
from pathlib import Path

import pytest

from probe.explain import explain

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "products.jsonl").read_text("utf-8").splitlines()
]
IN_FRONT = {"edge", "gateway", "proxy", "login", "maintenance", "rate_limit", "server"}


def raw(case):
    lines = [f"HTTP/1.1 {case['status']} X", *case["headers"], "", case["body"]]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['cause']}-{case['status']}-{case['body'][:50]}"
)
def test_a_product_is_known_by_what_it_answers(case):
    found = explain(raw(case), method="GET", path="/api/v2/users")
    assert str(found.cause) in {case["cause"], *case["also"]}, f"{found.rule}: {found.reason}"


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["cause"] in IN_FRONT], ids=lambda case: case["body"][:60]
)
def test_what_stands_in_front_is_never_a_plan(case):
    found = explain(raw(case), method="GET", path="/api/v2/users")
    assert str(found.cause) not in {"plan", "route"} - set(case["also"])
