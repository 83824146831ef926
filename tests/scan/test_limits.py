from email.utils import formatdate

import pytest

from probe.evidence import Body, Failure, FailureReason, Form, Limits, Response
from probe.scan.limits import wait_before_retry
from probe.scan.ratelimit import retry_after_s

LIMITS = Limits(
    concurrency=4,
    requests_per_minute=None,
    connect_timeout_s=1,
    first_byte_timeout_s=1,
    body_timeout_s=1,
    body_cap_bytes=1024,
    retries=2,
    retry_after_cap_s=60,
)
NOW = 1_700_000_000.0


def answer(status: int, retry_after: str = "") -> Response:
    headers = (("retry-after", retry_after),) if retry_after else ()
    return Response(status=status, headers=headers, body=Body(form=Form.EMPTY))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("٣", None),
        ("99999999999999999999", float("inf")),
        ("Fri, 99 Foo 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after_s(text, NOW) == seconds


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        (answer(200), False),
        (answer(401), False),
        (answer(404), False),
        (answer(500), False),
        (answer(429), True),
        (answer(503), True),
        (answer(502), True),
        (answer(504), True),
        (Failure(reason=FailureReason.CONNECT), True),
        (Failure(reason=FailureReason.RESET), True),
        (Failure(reason=FailureReason.TIMEOUT), True),
        (Failure(reason=FailureReason.DNS), False),
        (Failure(reason=FailureReason.TLS), False),
        (Failure(reason=FailureReason.INTERNAL), False),
    ],
)
def test_what_is_asked_again(outcome, again):
    assert (wait_before_retry(outcome, 0, LIMITS, NOW) is not None) is again
    assert wait_before_retry(outcome, LIMITS.retries, LIMITS, NOW) is None


def test_the_server_says_how_long_within_a_bound():
    assert wait_before_retry(answer(503, "17"), 0, LIMITS, NOW) == 17
    assert wait_before_retry(answer(503, "61"), 0, LIMITS, NOW) is None
    assert wait_before_retry(answer(429, "31536000"), 0, LIMITS, NOW) is None
