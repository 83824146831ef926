"""Sentences and statuses that look like the plan and are not: none may be called so."""

import json

import pytest

from probe.catalog.load import load_catalog
from probe.explain import explain
from probe.judge.model import Cause

CATALOG = load_catalog()

TRAPS = [
    (400, {"message": "module is required"}),
    (400, {"message": "Missing subscription in request body"}),
    (400, {"message": "Please upgrade to the latest version of the client"}),
    (401, {"message": "Invalid API key. Find yours on example.com/pricing"}),
    (401, {"message": "API access denied: unknown key"}),
    (403, {"message": "API access denied. Token is missing required permission."}),
    (403, {"message": "API access has been disabled by your organization administrator"}),
    (403, {"message": "You reached the maximum for this hour. Upgrade your plan for more."}),
    (404, {"message": "No such subscription"}),
    (404, {"code": "license_not_found"}),
    (404, {"error": {"code": "SubscriptionNotFound", "message": "The subscription could not be found."}}),
    (422, {"message": "Plan is not included in the list"}),
    (422, {"error": {"code": "plan_invalid", "message": "No such price"}}),
    (400, {"code": "subscription_missing", "message": "Give a subscription id"}),
    (422, {"message": "Membership is invalid", "code": "invalid_membership"}),
    (426, {"message": "Please upgrade to websocket"}),
    (429, {"message": "Rate limit of your plan exceeded. Upgrade to Enterprise."}),
    (429, {"message": "API access is limited on your plan"}),
    (500, {"message": "Something failed. Please contact our sales team or support."}),
    (502, {"message": "premium feature upstream unavailable"}),
    (503, {"message": "API access is temporarily unavailable"}),
    (503, {"message": "We're upgrading your workspace"}),
    (503, {"message": "This feature is not available right now"}),
]


@pytest.mark.parametrize(("status", "body"), TRAPS, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("catalog", [None, CATALOG], ids=["general", "vendor"])
def test_a_trap_is_not_called_a_plan(status, body, catalog):
    raw = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}"
    found = explain(raw.encode(), method="GET", path="/api/v2/users", catalog=catalog)
    assert found.cause is not Cause.PLAN, found.reason


@pytest.mark.parametrize(
    "message",
    [
        "Missing required body parameter: version_bump",
        "Missing required parameter: version",
        "Invalid version field: must be a number",
        "version must be one of: major, minor, patch",
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_field_called_version_is_not_the_servers(status, message):
    body = json.dumps({"success": False, "message": message})
    raw = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\r\n{body}"
    found = explain(raw.encode(), method="POST", path="/api/v2/users", catalog=CATALOG)
    assert found.cause is Cause.VALIDATION, found.reason


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, {"message": "Payment required"}),
        (403, {"message": "This endpoint is not available on your current plan"}),
        (403, {"code": "feature_not_available", "message": "Feature not available"}),
        (400, {"message": "Your account must be on a paid plan to use this endpoint"}),
        (501, {"message": "This API is not included in your current license plan"}),
        (403, {"success": False, "message": "API access is not available on your plan"}),
    ],
)
def test_a_whole_statement_is(status, body):
    raw = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}"
    assert explain(raw.encode(), method="GET", path="/api/v2/users", catalog=CATALOG).cause is Cause.PLAN
