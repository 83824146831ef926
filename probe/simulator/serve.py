"""A simulator that runs until it is told to stop.

Comes in: a simulator, an address, and what to do once it listens. Goes out: nothing; it returns when
the process is interrupted or terminated.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from collections.abc import Callable

from probe.errors import UsageError
from probe.simulator.app import Simulator


def serve(simulator: Simulator, host: str, port: int, announce: Callable[[Simulator], None]) -> None:
    """Serve until SIGINT or SIGTERM; call `announce` once it listens.

    Raises UsageError where the address cannot be taken.
    """
    try:
        asyncio.run(_serve(simulator, host, port, announce))
    except OSError as error:
        # asyncio puts the address into the words; the number alone says why.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else "the host's name is not known"
        other = error.errno == errno.EADDRINUSE
        raise UsageError(
            f"Cannot listen on {host} port {port}: {why}.",
            "Choose another port, or 0 for a free one." if other else "Choose another --host or --port.",
        ) from None


async def _serve(simulator: Simulator, host: str, port: int, announce: Callable[[Simulator], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # no such handlers on Windows
            loop.add_signal_handler(number, stop.set)
    async with simulator.running(host, port):
        announce(simulator)
        await stop.wait()
