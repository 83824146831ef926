"""The environment's proxy: used where it is named, clear where it cannot be, and its password never shown."""

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from raw_server import http, raw_server

from probe.errors import ConfigError
from probe.proxy import proxy_for

ROOT = str(Path(__file__).parents[1])
PASSWORD = "pr0xy-Canary-77/x"
LOGIN = f"jo:{PASSWORD}"
ENCODED = "jo:pr0xy-Canary-77%2Fx"
BASIC = base64.b64encode(LOGIN.encode()).decode()
ORIGIN = "http://organization.invalid"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_none_is_used_where_none_is_named_or_none_is_wanted(monkeypatch):
    assert proxy_for(ORIGIN) is None
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    assert proxy_for(ORIGIN).address == "http://proxy.invalid:3128"
    assert proxy_for("https://organization.invalid") is None
    assert proxy_for("http://127.0.0.1:80") is None
    monkeypatch.setenv("all_proxy", "http://other.invalid:3128")
    assert proxy_for(ORIGIN).variable == "HTTP_PROXY"
    assert proxy_for("https://organization.invalid").variable == "ALL_PROXY"
    monkeypatch.setenv("no_proxy", "organization.invalid")
    assert proxy_for(ORIGIN) is None


def test_the_login_is_in_neither_the_address_nor_what_is_printed(monkeypatch):
    monkeypatch.setenv("http_proxy", f"{ENCODED}@proxy.invalid:3128")
    proxy = proxy_for(ORIGIN)
    assert proxy.address == "http://proxy.invalid:3128"
    assert proxy.headers == {"Proxy-Authorization": f"Basic {BASIC}"}
    assert PASSWORD not in repr(proxy)


@pytest.mark.parametrize(
    "text", ["socks5://u:hunter22@proxy.invalid", "http://u:hunter22@", "http://u:hunter22@p:x", "http://u:hunter22@[::1"]
)  # fmt: skip
def test_what_cannot_be_used_is_one_sentence_that_does_not_repeat_it(text, monkeypatch):
    monkeypatch.setenv("http_proxy", text)
    with pytest.raises(ConfigError) as caught:
        proxy_for(ORIGIN)
    assert "HTTP_PROXY" in caught.value.message
    assert "hunter22" not in caught.value.message + caught.value.hint


async def scan(tmp_path, origin, proxy, *options):
    variables = {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "SECRET": "a-made-up-secret"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "probe", "--debug", "scan", "--base-url", origin, "--allow-http",
        "--token", "admin=env:SECRET", "--output-dir", "out", *options,
        cwd=tmp_path,
        env={**variables, "PYTHONPATH": ROOT, "PROBE_HISTORY": os.environ["PROBE_HISTORY"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    texts = [out.decode(), err.decode(), *(path.read_text() for path in (tmp_path / "out").iterdir())]
    for text in texts:
        assert not [form for form in (PASSWORD, ENCODED.partition(":")[2], BASIC) if form in text]
    return process.returncode, texts, json.loads((tmp_path / "out" / "report.json").read_text())


def behave_as_proxy(status, *headers):
    async def behave(head, writer):
        login = re.search(rb"proxy-authorization: (.*)\r", head, re.IGNORECASE)
        echoed = login[1] if login else b"none"
        body = b"<html><title>Proxy</title><h1>Access denied by policy</h1>" + LOGIN.encode() + b" " + echoed
        writer.write(http(status, body, "Content-Type: text/html", "Via: 1.1 proxy (squid)", *headers))
        await writer.drain()

    return behave


@pytest.mark.parametrize("status", [200, 403, 407])
async def test_a_proxy_that_answers_for_the_server_is_not_measured_and_keeps_its_password(status, tmp_path):
    async with raw_server(behave_as_proxy(status, f"X-Request-Id: {LOGIN}")) as server:
        proxy = server.origin.replace("//", f"//{ENCODED}@")
        code, texts, report = await scan(tmp_path, ORIGIN, proxy)
    assert code == 3
    assert not report["measured"]
    assert report["plan"]["estimate"] == "undetermined"
    assert all(head.startswith(b"GET http://organization.invalid/") for head in server.requests)
    assert all(f"Basic {BASIC}".encode() in head for head in server.requests)
    assert server.origin in texts[1]  # the warning names the proxy that is used


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_refuses_the_tunnel_is_a_proxy_failure(status, tmp_path):
    async with raw_server(behave_as_proxy(status)) as server:
        proxy = server.origin.replace("//", f"//{ENCODED}@")
        code, _, report = await scan(tmp_path, "https://organization.invalid", proxy, "--only", "folders.*")
    assert code == 3
    assert "proxy" in report["measured_reason"]
    assert report["measured_cause"] == "proxy"
    assert ("USER:PASSWORD" in report["advice"]) is (status == 407)
    assert server.requests
    assert all(head.startswith(b"CONNECT ") for head in server.requests)
    assert all(b"a-made-up-secret" not in head for head in server.requests)
    assert all(f"Basic {BASIC}".encode() in head for head in server.requests)


async def test_a_proxy_that_is_not_there_is_a_proxy_failure(tmp_path):
    proxy = f"http://{ENCODED}@127.0.0.1:9"
    code, _, report = await scan(tmp_path, "https://organization.invalid", proxy, "--only", "folders.*")
    assert code == 3
    assert report["measured_cause"] == "proxy"
    assert "NO_PROXY" in report["advice"]


async def test_a_proxy_whose_name_is_not_known_is_a_proxy_failure(tmp_path):
    proxy = f"http://{ENCODED}@proxy.invalid:3128"
    _, _, report = await scan(tmp_path, "https://organization.invalid", proxy, "--only", "folders.*")
    assert report["measured_cause"] == "proxy"
    assert "NO_PROXY" in report["advice"]
