"""A loopback server that counts every request that arrives, on each connection, also a second one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class CountingServer:
    """Where it listens, what arrived (method and path), and how many connections were made."""

    def __init__(self) -> None:
        self.origin = ""
        self.arrived: list[str] = []
        self.connections = 0


@asynccontextmanager
async def counting_server(
    answers: Sequence[bytes], *, keep: bool = False, reset: bool = False
) -> AsyncIterator[CountingServer]:
    """Answer the requests in turn, the last answer for ever; an empty answer is none and ends the connection.

    With `keep`, a connection serves the next request too; with `reset`, it ends by a reset.
    """
    server, tasks = CountingServer(), set[asyncio.Task[None]]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            await talk(reader, writer)
        finally:
            writer.transport.abort()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                server.arrived.append(b" ".join(head.split(b" ", 2)[:2]).decode())
                answer = answers[min(len(server.arrived), len(answers)) - 1]
                writer.write(answer.replace(b"ORIGIN", server.origin.encode()))
                await writer.drain()
                if not (keep and answer):
                    break
        if reset:
            writer.transport.abort()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(handle(reader, writer)))

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.origin = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close
