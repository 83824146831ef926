"""A simulated organization to ask, over real HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from probe.catalog.load import load_catalog
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of


@pytest.fixture(scope="session")
def catalog():
    return load_catalog("retool")


class Asker:
    """Asks a running simulator as one of the demo tokens, or with any other text, or with none."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession, secrets: dict[str, str]) -> None:
        self.simulator = simulator
        self.secrets = secrets
        self._session = session

    async def __call__(self, method: str, path: str, who: str | None = "admin", body=None, raw=None):
        headers = {"accept": "application/json"}
        if who is not None:
            headers["authorization"] = f"Bearer {self.secrets.get(who, who)}"
        sent = {"data": raw} if raw is not None else {"json": body} if body is not None else {}
        async with self._session.request(
            method, path, headers=headers, allow_redirects=False, **sent
        ) as response:
            return Reply(response.status, dict(response.headers), await response.read())


class Reply:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.text = body.decode()

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def json(self):
        assert self.headers["content-type"] == "application/json; charset=utf-8"
        return json.loads(self.text)


@pytest.fixture
def simulated(catalog):
    """Return a context that runs a simulator with the demo tokens and gives an Asker."""

    @asynccontextmanager
    async def run(**options) -> AsyncIterator[Asker]:
        tokens = demo_tokens(catalog)
        chosen = SimulatorOptions(**{"tokens": grants_of(tokens), "plan": "enterprise", **options})
        async with (
            Simulator(chosen, catalog).running() as simulator,
            aiohttp.ClientSession(simulator.base_url) as session,
        ):
            yield Asker(simulator, session, {token.name: token.secret.reveal() for token in tokens})

    return run
