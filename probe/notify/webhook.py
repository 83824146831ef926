"""The generic webhook: a JSON body, signed, by HTTP POST.

Comes in: an address, a secret, a message. Goes out: one request. Headers:

    Plan-Probe-Timestamp  seconds since 1970, when it was sent
    Plan-Probe-Event      the message's key, the same for a repeat
    Plan-Probe-Signature  v1=HEX, the HMAC-SHA256 of "TIMESTAMP.BODY" with the shared secret

A receiver refuses a timestamp that is more than a few minutes old and a key that it has seen.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Callable

import msgspec

from probe import __version__
from probe.errors import ConfigError, short_reason
from probe.notify.delivery import DeliveryError
from probe.notify.model import Message
from probe.secret import Secret

_TIMEOUT_S = 20


def signature(secret: Secret, timestamp: str, body: bytes) -> str:
    """Return the signature of a body that is sent at `timestamp`."""
    signed = hmac.new(secret.reveal().encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"


def _why(error: Exception) -> str:
    """Return why nothing came back, in words that never hold the address."""
    import aiohttp

    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the host's name is not known"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate is not trusted, or it does not speak TLS"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))) if number > 0:
            return os.strerror(number)
        case aiohttp.InvalidURL():
            return "the address is no URL"
        case aiohttp.ClientError() if not isinstance(error, OSError):
            return "it broke off, or does not speak HTTP"
        case _:
            return short_reason(error)


class Webhook:
    """A channel that posts signed JSON."""

    name = "[notify.webhook]"

    def __init__(self, url: Secret, secret: Secret, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock

    async def send(self, message: Message) -> None:
        """Post a message. Raises DeliveryError, without the address."""
        import aiohttp

        from probe.proxy import proxy_for, route

        url = self._url.reveal()
        body = msgspec.json.encode({"version": 1, **msgspec.to_builtins(message)})
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"plan-probe/{__version__}",
            "Plan-Probe-Timestamp": timestamp,
            "Plan-Probe-Event": message.key,
            "Plan-Probe-Signature": signature(self._secret, timestamp, body),
        }
        limit = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            way = route(proxy_for(url), headers, in_clear=url.startswith("http:"))
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(url, data=body, allow_redirects=False, **way) as answer,
            ):
                status = answer.status
        except ConfigError as error:
            raise DeliveryError(error.message) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise DeliveryError(f"no answer came: {_why(error)}") from None
        if not 200 <= status < 300:  # noqa: PLR2004 - the 2xx range
            raise DeliveryError(f"it answered {status}")
