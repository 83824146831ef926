"""A loopback server that answers with bytes as given, or misbehaves as told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Behaviour = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    """Where it listens, and the heads of the requests that it got."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests: list[bytes] = []


@asynccontextmanager
async def raw_server(
    behave: Behaviour | bytes, *, host: str = "127.0.0.1", name: str = "", tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    """Serve each connection one request: by a function, or with the same bytes always.

    `name` is the host that the origin names, where it is not the address itself.
    """
    connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.create_task(handle(reader, writer)))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                server.requests.append(head)
                if isinstance(behave, bytes):
                    writer.write(behave)
                    await writer.drain()
                else:
                    await behave(head, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(accept, host, 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    shown = name or (f"[{host}]" if ":" in host else host)
    server = RawServer(f"{'https' if tls else 'http'}://{shown}:{port}")
    try:
        yield server
    finally:
        listening.close()
        for task in connections:  # a behaviour that still sleeps ends with the server
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Return a whole response with a right Content-Length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
