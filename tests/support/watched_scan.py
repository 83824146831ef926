"""A real `probe scan` in a process of its own, against a simulator that counts and may strike.

`strike` is called with the process after the answer to request number `at` was made.
"""

import asyncio
import os
import sys
from dataclasses import dataclass

from aiohttp import web

from probe.catalog.load import load_catalog
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
TOKENS = demo_tokens(CATALOG)[:1]
CONCURRENCY = 4


@dataclass
class Ended:
    code: int
    answered: int
    out: str
    err: str


async def watched_scan(folder, *args, at=0, strike=None, code="", latency_ms=3, plan="business"):
    """Scan from `folder`; `code` runs in the process before the command does."""
    started = asyncio.get_running_loop().create_future()
    answered = [0]

    @web.middleware
    async def counts(request, handler):
        response = await handler(request)
        answered[0] += 1
        if strike is not None and answered[0] == at:
            strike(await started)
        return response

    options = SimulatorOptions(plan=plan, tokens=grants_of(TOKENS), latency_ms=latency_ms)
    app = Simulator(options, CATALOG).application()
    app.middlewares.append(counts)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"{code}\nfrom probe.entry import run\nrun()", "scan"),
            *("--base-url", base_url, "--token=admin=env:ADMIN_SECRET", "--output-dir", "out"),
            *("--requests-per-minute=off", f"--concurrency={CONCURRENCY}", *args),
            cwd=folder,
            env={**os.environ, "ADMIN_SECRET": TOKENS[0].secret.reveal()},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.set_result(process)
        out, err = await process.communicate()
        return Ended(process.returncode or 0, answered[0], out.decode(), err.decode())
    finally:
        await runner.cleanup()
