"""Connections that are used again only while nothing came on them that nobody asked for.

Comes in: the options of aiohttp's connector. Goes out: a connector. A server that sends a second answer
early, on a connection at rest, would otherwise answer our next question, which may be another token's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class CleanConnector(aiohttp.TCPConnector):
    """Takes a connection from the pool only if nothing waits to be read on it.

    aiohttp looks whether a connection is still open, not whether an answer lies in it. The method is
    not of its public interface: a test with a server that answers early sees whether it still works.
    """

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        connection = await super()._get(key, traces)
        while connection is not None and (connection.protocol is None or connection.protocol.should_close):
            connection.close()
            connection = await super()._get(key, traces)
        return connection
