"""Which response headers are kept as evidence, and how.

Comes in: all headers of a response. Goes out: those that help to tell who answered, masked and
bounded. Cookies stay by name only; everything that is not listed here is dropped.
"""

from __future__ import annotations

import re
from functools import lru_cache

from probe.evidence import Headers
from probe.masking import MASKED, Mask, mask_personal
from probe.reading.clean import cut, impersonal, one_line, without_long_ids
from probe.reading.credentials import without_credentials

MOST_HEADERS = 40
LONGEST_VALUE = 300

_KEPT = frozenset(
    [
        "content-type",
        "content-encoding",
        "content-length",
        "server",
        "via",
        "location",
        "retry-after",
        "www-authenticate",
        "proxy-authenticate",
        "proxy-status",
        "proxy-agent",
        "date",
        "age",
        "allow",
        "x-powered-by",
        "content-security-policy",
        "cf-ray",
        "cf-mitigated",
        "cf-cache-status",
        "x-amzn-waf-action",
        "x-amzn-errortype",
        "x-amz-error-code",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-amz-apigw-id",
        "x-cache",
        "x-cache-lookup",
        "x-squid-error",
        "x-sucuri-id",
        "x-sucuri-block",
        "x-sucuri-cache",
        "x-iinfo",
        "x-cdn",
        "x-datadome",
        "x-dd-b",
        "x-px",
        "x-px-block",
        "x-kpsdk-ct",
        "x-azure-ref",
        "x-fd-healthproberesult",
        "x-akamai-request-bc",
        "akamai-grn",
        "x-served-by",
        "x-varnish",
        "x-vercel-id",
        "x-vercel-error",
        "x-vercel-mitigated",
        "x-nf-request-id",
        "fly-request-id",
        "x-kong-response-latency",
        "x-kong-proxy-latency",
        "x-envoy-upstream-service-time",
        "x-envoy-decorator-operation",
        "x-bluecoat-via",
        "x-zscaler",
        "x-webmarshal",
        "x-content-type-options",
        "x-runtime",
        "x-aspnet-version",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-rate-limit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
        "ratelimit",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "ratelimit-policy",
        "x-oauth-scopes",
        "x-accepted-oauth-scopes",
        "x-accepted-github-permissions",
        "deprecation",
        "sunset",
        "cf-access-domain",
        "x-goog-iap-generated-response",
        "x-ms-middleware-request-id",
        "x-ms-request-id",
        "x-hw",
        "x-waf",
        "x-waf-event-info",
        "x-deny-reason",
        "x-block-reason",
        "x-ngrok-error-code",
        "ngrok-error-code",
        "x-render-routing",
        "x-maintenance",
        "x-maintenance-mode",
        "x-error-code",
        "x-error-message",
        "x-error-detail",
        "x-is-error",
        "access-control-allow-origin",
        "upgrade",
        "strict-transport-security",
        "link-template",
        "warning",
    ]
)
_REQUEST_ID = re.compile(r"x-?(?:[a-z0-9]+-){0,2}(?:request|correlation|trace|req)-?id")
# Headers that speak to people, and may name one.
_FREE_TEXT = frozenset({"x-error-message", "x-error-detail", "x-deny-reason", "x-block-reason", "warning"})
_COOKIE_NAME = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,80})\s*=")
_QUERY_VALUE = re.compile(r"(?<=[?&#;])([^=&#;\s]{1,60})=([^&#;\s]*)")
_LOCATION_VALUE = re.compile(r"(?<=[?&#;])([^=&#;\s]{1,60})=([^&#;]*)")
_USER = re.compile(r"(?<=//)[^/@\s]*@")
_LONG_SEGMENT = re.compile(r"(?:(?<=[^/]/)|(?<=^/))[^/?#\s]{41,}")


def keep_headers(raw_headers: Headers, mask: Mask) -> Headers:
    """Return the headers worth keeping, with lower-case names, masked, in their order.

    The values of a location's query are masked whatever they are; of a cookie only the name stays.
    """
    found = []
    for name, value in raw_headers:
        lowered = name.lower().strip()
        if lowered == "set-cookie":
            found += _cookie_name(value, mask)
        elif lowered in _KEPT:
            found.append((lowered, _kept_value(lowered, value, mask)))
        elif _REQUEST_ID.fullmatch(lowered):  # the server's own name for it: it may hold anything
            found.append((without_long_ids(mask.text(lowered)), _kept_value(lowered, value, mask)))
        if len(found) >= MOST_HEADERS:
            break
    return tuple(found)


def mask_location(location: str, mask: Mask) -> str:
    """Return a redirect's target without the values of its query and without over-long segments.

    >>> mask_location("/login?next=%2Fusers", Mask())
    '/login?next=[masked]'
    """
    return _impersonal_location(mask.text(one_line(location[:4096])))


# The caches hold masked texts alone: neither a secret nor a run's mask outlives its run in them.
@lru_cache(maxsize=512)  # the scripts of a page, and the page that all is moved to
def _impersonal_location(text: str) -> str:
    text = _LOCATION_VALUE.sub(rf"\1={MASKED}", _USER.sub(f"{MASKED}@", text))
    text = without_long_ids(without_credentials(_LONG_SEGMENT.sub(MASKED, text)))
    return cut(mask_personal(text), LONGEST_VALUE)


def _kept_value(name: str, value: str, mask: Mask) -> str:
    text = mask.text(one_line(value[:4096]))
    return _impersonal_location(text) if name == "location" else _impersonal_value(name, text)


@lru_cache(maxsize=512)  # an API says the same with each answer
def _impersonal_value(name: str, text: str) -> str:
    if name in _FREE_TEXT:
        text = impersonal(text)
    elif not _REQUEST_ID.fullmatch(name):  # an id of a request is what a support team asks for
        text = without_credentials(text)
    if name == "content-security-policy":
        text = _QUERY_VALUE.sub(rf"\1={MASKED}", text)
    return cut(mask_personal(text), LONGEST_VALUE)


def _cookie_name(value: str, mask: Mask) -> list[tuple[str, str]]:
    match = _COOKIE_NAME.match(value)
    if match is None:
        return []
    name = without_long_ids(mask_personal(mask.text(match[1])))
    return [("set-cookie", f"{name}={MASKED}")]
