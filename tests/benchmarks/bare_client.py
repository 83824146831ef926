"""The bare client of the benchmark: the same requests over aiohttp, the bodies read and dropped.

Run as `python bare_client.py BASE_URL CONCURRENCY`, with a JSON list of [path, Authorization] on stdin.
"""

import asyncio
import json
import sys

import aiohttp


async def ask_all(base_url: str, requests: list[tuple[str, str]], concurrency: int) -> None:
    left = iter(requests)
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def worker() -> None:
            for path, authorization in left:
                headers = {"Accept": "application/json"}
                if authorization:
                    headers["Authorization"] = authorization
                async with session.get(base_url + path, headers=headers, allow_redirects=False) as response:
                    await response.read()

        await asyncio.gather(*(worker() for _ in range(concurrency)))


if __name__ == "__main__":
    try:
        import uvloop

        run = uvloop.run
    except ImportError:
        run = asyncio.run
    run(ask_all(sys.argv[1], json.load(sys.stdin), int(sys.argv[2])))
