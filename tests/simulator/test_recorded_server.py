"""The recorded organization: what was recorded comes back, and nothing else claims anything."""

import json
import re

import aiohttp
import pytest
from recorded_server import RECORDINGS, TOKEN, recorded_reads, recorded_server, recordings


@pytest.fixture
async def recorded(catalog):
    documented = [(operation.method, operation.path) for operation in catalog.operations]
    async with recorded_server(documented) as server, aiohttp.ClientSession(server.base_url) as session:
        yield session


async def get(session, path, token=TOKEN, method="GET"):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with session.request(method, path, headers=headers) as answer:
        return answer.status, answer.headers["content-type"], await answer.text()


@pytest.mark.parametrize("path", recorded_reads())
async def test_a_recorded_read_comes_back_as_it_was(recorded, path):
    row = next(row for row in recordings() if (row["method"], row["path"]) == ("GET", path))
    status, kind, text = await get(recorded, f"{path}?limit=1")
    assert (status, kind, json.loads(text)) == (200, row["content_type"], row["body"])
    assert (await get(recorded, path, token=""))[0] == 401
    assert (await get(recorded, path, token="garbage"))[0] == 401


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v2/no-such-route", 200, "text/html; charset=utf-8"),
        ("/", 200, "text/html; charset=utf-8"),
        ("/api/v2/environments/00000000-0000-0000-0000-000000000000", 404, "application/json; charset=utf-8"),
        ("/api/v2/user_invites", 503, "application/json; charset=utf-8"),
        ("/api/v2/spec", 404, "application/json; charset=utf-8"),
    ],
)
async def test_what_was_not_recorded_claims_nothing(recorded, path, status, kind):
    assert (await get(recorded, path))[:2] == (status, kind)


async def test_an_item_of_a_recorded_list_can_be_read_by_its_id(recorded):
    listed = json.loads((await get(recorded, "/api/v2/users"))[2])["data"]
    status, _, text = await get(recorded, f"/api/v2/users/{listed[0]['id']}")
    assert (status, json.loads(text)["data"]) == (200, listed[0])


def test_the_recordings_name_nobody():
    text = RECORDINGS.read_text()
    mails = set(re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text))
    assert mails
    assert all(re.fullmatch(r"person\d+@example\.com", mail) for mail in mails)
    names = set(re.findall(r'"(?:first|last)_name": "([^"]*)"', text))
    assert names
    assert all(re.fullmatch(r"(First|Last)\d+", name) for name in names)
