"""A loopback front that misbehaves on one path and hands everything else to a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

Hostile = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Front:
    """Where it listens, how many connections it got, and how often the hostile path was asked."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.connections = 0
        self.hostile_asks = 0


@asynccontextmanager
async def hostile_front(behind: str, path: str, hostile: Hostile | bytes) -> AsyncIterator[Front]:
    """Serve `path` by `hostile`, the rest by the server at `behind`; connections are kept alive.

    A hostile answer of bytes keeps its connection open for the next request, so it can poison it.
    """
    tasks: set[asyncio.Task[None]] = set()
    wanted = path.encode()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        front.connections += 1
        tasks.add(asyncio.create_task(serve(reader, writer)))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    if head.split()[1].split(b"?")[0] != wanted:
                        writer.write(await _asked(behind, head))
                    elif isinstance(hostile, bytes):
                        front.hostile_asks += 1
                        writer.write(hostile)
                    else:
                        front.hostile_asks += 1
                        await hostile(writer)
                        if writer.transport.is_closing():
                            return
                    await writer.drain()
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    front = Front(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    try:
        yield front
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


async def _asked(behind: str, head: bytes) -> bytes:
    """Return the real server's whole answer, made fit for a connection that stays open."""
    parts = urlsplit(behind)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(head[:-2] + b"Connection: close\r\n\r\n")
        await writer.drain()
        answer = await reader.read(-1)
    finally:
        writer.close()
    return answer.replace(b"Connection: close\r\n", b"", 1)
