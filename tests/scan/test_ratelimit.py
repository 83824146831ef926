"""What answers say of a limit, in every spelling."""

import pytest

from probe.evidence import Body, Form, Response
from probe.scan.ratelimit import Told, told_by

NOW = 1_700_000_000.0


def told(*headers: tuple[str, str], longest: float = 60.0) -> Told:
    return told_by(Response(status=429, headers=headers, body=Body(form=Form.EMPTY)), NOW, longest)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), Told()),
        ((("retry-after", "7"),), Told(wait_s=7)),
        ((("retry-after", "0"),), Told()),
        ((("retry-after", "soon"),), Told()),
        ((("retry-after", "61"),), Told(wait_s=float("inf"))),
        ((("ratelimit-remaining", "3"), ("ratelimit-reset", "20")), Told(left=3, reset_s=20)),
        ((("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "20")), Told(wait_s=20, left=0, reset_s=20)),
        ((("x-rate-limit-remaining", "3"), ("x-rate-limit-reset", "2.5")), Told(left=3, reset_s=2.5)),
        ((("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "1700000030")), Told(left=3, reset_s=30)),
        ((("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "1700000030000")), Told(left=3, reset_s=30)),
        ((("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "1600000000")), Told(left=3, reset_s=0)),
        ((("ratelimit", "limit=10, remaining=4, reset=3"),), Told(left=4, reset_s=3)),
        ((("ratelimit", '"default";r=50;t=30'),), Told(left=50, reset_s=30)),
        ((("ratelimit", '"default"; r=5; t=0'),), Told(left=5, reset_s=0)),
        ((("ratelimit-remaining", "3"), ("ratelimit-reset", "3600")), Told()),
        ((("ratelimit-remaining", "-3"), ("ratelimit-reset", "nan")), Told()),
        ((("ratelimit-remaining", "1" * 40), ("ratelimit-reset", "1e3")), Told()),
        ((("ratelimit", "r=;t=" + "9" * 30),), Told()),
    ],
)
def test_headers_are_read(headers, expected):
    assert told(*headers) == expected
