"""What went wrong where no answer came, as evidence.

Comes in: an error of the HTTP client. Goes out: a Failure, masked. The client's own texts name addresses and
repeat what a server sent; only what tells something is kept of them.
"""

from __future__ import annotations

import os
import ssl

import aiohttp

from probe.evidence import Failure, FailureReason
from probe.masking import Mask
from probe.reading.clean import kept
from probe.scan.trust import certificate_fault, in_words

_LONGEST_DETAIL = 300
# What OpenSSL says of plain HTTP, and of other talk, on a port.
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})


def failure_of(error: Exception, mask: Mask, *, through_proxy: bool) -> Failure:
    """Return the failure that an error is; through a proxy, only the proxy's own name is looked up here."""
    reason, certificate = _reason(error), certificate_fault(error)
    if through_proxy and reason is FailureReason.DNS:
        reason = FailureReason.PROXY
    detail = in_words(certificate) if certificate else kept(_words(error), mask, _LONGEST_DETAIL)
    status = error.status if isinstance(error, aiohttp.ClientHttpProxyError) else None
    return Failure(reason=reason, detail=detail, certificate=certificate, proxy_status=status)


def _words(error: Exception) -> str:
    match error:
        case aiohttp.ClientHttpProxyError():
            return f"it answered {error.status} {error.message}"
        case aiohttp.ClientResponseError() if error.message:
            return error.message.rstrip(" ^\n")  # a mark below the place, which one line cannot show
        case aiohttp.ClientConnectorError(os_error=ssl.SSLError() as fault):
            return _words_of_tls(fault)  # its number is none of the system's
        case aiohttp.ClientConnectorError() if error.os_error.errno:
            number, said = error.os_error.errno, error.os_error.strerror
            return os.strerror(number) if number > 0 else said or ""  # a resolver counts below zero
        case _:
            return _own_words(error)


def _own_words(error: Exception) -> str:
    """Return the system's words, or the error's, without the errors that those quote; empty for none."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition(": <")[0]


def _words_of_tls(fault: ssl.SSLError) -> str:
    reason = fault.reason or ""
    return "what answers there does not speak TLS" if reason in _NO_TLS else reason.replace("_", " ").lower()


def _reason(error: Exception) -> FailureReason:  # noqa: PLR0911 - a table of types, in the order that they nest
    match error:
        case TimeoutError():
            return FailureReason.TIMEOUT
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return FailureReason.PROXY
        case aiohttp.ClientConnectorDNSError():
            return FailureReason.DNS
        case aiohttp.ClientSSLError() | aiohttp.ClientConnectorCertificateError():
            return FailureReason.TLS
        case aiohttp.ServerDisconnectedError() | ConnectionResetError() | BrokenPipeError():
            return FailureReason.RESET
        case aiohttp.ClientConnectorError():
            return FailureReason.CONNECT
        case aiohttp.ClientOSError():
            return FailureReason.RESET
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            return FailureReason.PROTOCOL
        case OSError():
            return FailureReason.CONNECT
        case _:
            return FailureReason.PROTOCOL
