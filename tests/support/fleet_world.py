"""Fleets of real servers on loopback, and `probe fleet` over them as a user runs it."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from changing_world import TOKENS, organization

from probe.cli.main import main

SECRET = TOKENS["admin"].secret.reveal()
VARIABLE = "FLEET_ADMIN"
ONLY = ("--only", "users.*", "--only", "user_invites.*", "--only", "folders.*")
CONFIG = """
[limits]
requests_per_minute = "off"
connect_timeout = 1.2
first_byte_timeout = 0.3
body_timeout = 1.5
retries = 0
"""


@asynccontextmanager
async def organizations(**plans):
    """Run an organization for each name, on the plan that is said."""
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(organization(plan)) for name, plan in plans.items()}


def write_list(folder: Path, addresses: dict[str, str], more: str = "") -> Path:
    """Write a list of organizations by name and address, with a token each."""
    lines = [
        json.dumps({"name": name, "base_url": address, "tokens": {"admin": f"env:{VARIABLE}"}})
        for name, address in addresses.items()
    ]
    path = folder / "fleet.jsonl"
    path.write_text("\n".join(lines) + "\n" + more, encoding="utf-8")
    (folder / "probe.toml").write_text(CONFIG, encoding="utf-8")
    return path


def arguments(folder: Path, *more: str) -> list[str]:
    """Return the command line for the list in a folder."""
    return [
        *("fleet", str(folder / "fleet.jsonl"), "--config", str(folder / "probe.toml"), *ONLY),
        *("--output-dir", str(folder / "out"), "--history", f"sqlite:///{folder}/history.db"),
        *("--confirm", "1", "--confirm-after", "0", *more),
    ]


async def fleet(folder: Path, *more: str) -> int:
    """Run the command beside the servers of this loop; return its exit code."""
    return await asyncio.to_thread(main, arguments(folder, *more))


def read_json(folder: Path) -> dict:
    """Return what fleet.json says."""
    return json.loads((folder / "out" / "fleet.json").read_text(encoding="utf-8"))


def rows_in(folder: Path) -> dict[str, dict]:
    """Return the rows by name."""
    return {row["name"]: row for row in read_json(folder)["organizations"]}
