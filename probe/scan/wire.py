"""The only module that speaks HTTP: sends one request to one origin, once, and brings what came of it.

Comes in: a method, a path, headers, a body. Goes out: the answer as it came, with its head already masked,
or a Failure; nothing raises for what a server does. Follows no redirect, keeps no cookie, sends nothing a
second time. Whether a request may go out is not asked here: only `client` comes here, past its lock.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from probe.evidence import Body, Failure, FailureReason, Form, Headers, Limits, Response
from probe.masking import Mask
from probe.proxy import proxy_for, route
from probe.reading.headers import keep_headers
from probe.scan.connector import CleanConnector
from probe.scan.failure import failure_of

_CHUNK = 64 * 1024
_UNREAD = Body(form=Form.EMPTY)


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it came: its head as evidence, and what is needed to read its body.

    `data` are the body's bytes up to the cap; `cut` says that there was more, `note` what went wrong.
    """

    head: Response
    headers: Headers = field(repr=False)
    data: bytes = field(repr=False)
    cut: bool
    note: str
    location: str = field(repr=False)


class Wire:
    """The connections to one origin, within the limits, past the environment's proxy."""

    def __init__(self, origin: str, limits: Limits, mask: Mask, tls: ssl.SSLContext | None = None) -> None:
        self._origin, self._limits, self._mask, self._tls = origin, limits, mask, tls
        self._proxy, self._in_clear = proxy_for(origin), origin.startswith("http:")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = CleanConnector(
            limit=self._limits.concurrency,
            ttl_dns_cache=300,
            ssl=self._tls or True,  # True is aiohttp's own context, which verifies too
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_timeout_s),
            skip_auto_headers=("Content-Type",),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, method: str, path: str, headers: dict[str, str], body: str) -> Raw | Failure:
        """Send one request, once; `path` goes out as it is, its query with it."""
        try:
            return await self._exchange(method, path, headers, body)
        except _BrokenOffError as error:
            return self._failure(error.cause)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return self._failure(error)
        except Exception as error:  # noqa: BLE001 - a bug of ours is a value too, and stops no other probe
            return internal_failure(error)

    async def _exchange(self, method: str, path: str, headers: dict[str, str], body: str) -> Raw:
        assert self._session is not None  # noqa: S101 - used inside `async with` only
        first_byte_s = self._limits.connect_timeout_s + self._limits.first_byte_timeout_s
        async with asyncio.timeout(first_byte_s):
            response = await self._session.request(
                method,
                URL(self._origin + path, encoded=True),
                data=body.encode() if body else None,
                allow_redirects=False,
                middlewares=(_send_once,),
                **route(self._proxy, headers, in_clear=self._in_clear),
            )
        async with response:
            data, cut, note = await self._read(response)
        pairs = tuple((name.lower(), value) for name, value in response.headers.items())
        head = Response(status=response.status, headers=keep_headers(pairs, self._mask), body=_UNREAD)
        return Raw(head, pairs, data, cut, note, response.headers.get("Location", ""))

    async def _read(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool, str]:
        """Read at most the cap; return the bytes, whether there was more, and what went wrong."""
        raw = bytearray()
        cap = self._limits.body_cap_bytes
        try:
            async with asyncio.timeout(self._limits.body_timeout_s):
                while len(raw) <= cap:
                    chunk = await response.content.read(_CHUNK)
                    if not chunk:
                        return bytes(raw), False, ""
                    raw += chunk
        except TimeoutError:
            response.close()
            return (
                bytes(raw[:cap]),
                True,
                f"the body did not end within {self._limits.body_timeout_s:g} seconds",
            )
        except (aiohttp.ClientError, OSError):
            return bytes(raw[:cap]), True, "the connection ended before the body did"
        response.close()
        return bytes(raw[:cap]), True, f"the body is longer than {cap} bytes; the rest was not read"

    def _failure(self, error: Exception) -> Failure:
        return failure_of(error, self._mask, through_proxy=self._proxy is not None)


class _BrokenOffError(Exception):
    """The connection broke while a request was under way."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending an idempotent request again by itself when the connection breaks.

    It would send a DELETE twice; and every send is an attempt, which the evidence must show.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _BrokenOffError(error) from error


def internal_failure(error: Exception) -> Failure:
    """Return a fault of our own as an outcome: by its kind alone, for its text may hold anything."""
    return Failure(reason=FailureReason.INTERNAL, detail=type(error).__name__)
