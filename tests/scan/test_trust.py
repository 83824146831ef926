"""Certificates over real sockets: what is trusted, what is refused, and what the report says of it."""

import asyncio
import datetime as dt
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from raw_server import http, raw_server
from selectolax.lexbor import LexborHTMLParser

from probe.catalog.load import load_catalog
from probe.config import LimitsEntry, limits_from
from probe.errors import ConfigError
from probe.judge.model import Cause, Verdict
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.report.html import stream_html
from probe.report.markdown import render_markdown
from probe.report.terminal import render_terminal
from probe.scan.agenda import make_agenda
from probe.scan.request import ScanRequest
from probe.scan.trust import tls_context
from probe.secret import Secret, Token
from probe.settings import ScanOptions, prepare

CATALOG = load_catalog()
ROOT = str(Path(__file__).parents[2])
TOKEN = Token(name="admin", secret=Secret("retool_01h5pq8canary9x7z"))
OK = http(200, b'{"success":true,"data":[]}', "Content-Type: application/json")
LONG_AGO, SINCE_THEN = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2020, 2021))


@pytest.fixture(scope="module")
def authority():
    return trustme.CA(organization_name="Example authority")


@pytest.fixture(scope="module")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def server_context(authority, kind, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    match kind:
        case "self-signed":
            path = tmp_path / "own.pem"
            authority.private_key_pem.write_to_path(str(path))
            authority.cert_pem.write_to_path(str(path), append=True)
            context.load_cert_chain(path)
            return context
        case "expired":
            issued = authority.issue_cert(
                "localhost", not_before=LONG_AGO, not_after=LONG_AGO.replace(year=2021)
            )
        case "other name":
            issued = authority.issue_cert("other.example")
        case _:
            issued = authority.issue_cert("localhost")
    issued.configure_cert(context)
    return context


async def scanned(origin, ca_bundle=None):
    request = ScanRequest(
        origin=origin,
        catalog=CATALOG,
        tokens=(TOKEN,),
        agenda=make_agenda(CATALOG, ["admin"], ("folders.*",)),
        limits=limits_from(LimitsEntry(requests_per_minute="off", retries=1), 1),
        ca_bundle=ca_bundle,
    )
    return judge(await gather(request, Mask([TOKEN.secret]), asyncio.Event()), CATALOG)


def first_screens(report):
    """Return what a stranger sees first, in words, in the terminal, in Markdown and in a browser."""
    page = LexborHTMLParser("".join(stream_html(report))).css_first("main, body").text(separator=" ")
    shown = [render_terminal(report, colour=False, width=80), render_markdown(report), page]
    return [" ".join(text.replace("\\", "").split())[:2500] for text in shown]


@pytest.mark.parametrize(
    ("kind", "trusted", "said", "to_do"),
    [
        ("good", False, "authority that is not known here", "--ca-bundle FILE"),
        ("self-signed", False, "authority that is not known here", "--ca-bundle FILE"),
        ("expired", True, "has expired", "must be renewed"),
        ("other name", True, "not for this host name", "as the base URL"),
    ],
)
async def test_a_certificate_that_cannot_be_trusted_is_said_and_is_no_plan(
    kind, trusted, said, to_do, authority, bundle, tmp_path
):
    other = trustme.CA() if kind == "self-signed" else authority
    async with raw_server(OK, name="localhost", tls=server_context(other, kind, tmp_path)) as server:
        report = await scanned(server.origin, bundle if trusted else None)
    assert server.requests == []
    assert not report.measured
    assert report.measured_cause is Cause.NETWORK
    assert said in report.measured_reason
    for shown in first_screens(report):
        assert said in shown
        assert to_do in shown
    assert {capability.verdict for capability in report.capabilities} == {Verdict.UNKNOWN}
    assert report.plan.estimate == "undetermined"


async def test_a_private_authority_is_trusted_with_its_bundle(authority, bundle, tmp_path):
    async with raw_server(OK, name="localhost", tls=server_context(authority, "good", tmp_path)) as server:
        report = await scanned(server.origin, bundle)
    assert server.requests
    assert all(finding.status == 200 for finding in report.findings)


def test_a_bundle_comes_on_top_of_what_the_system_trusts(bundle, monkeypatch, tmp_path):
    system = tmp_path / "system.pem"
    trustme.CA().cert_pem.write_to_path(str(system))
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    context = tls_context(bundle)
    assert len(context.get_ca_certs()) == 2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_the_system_s_trust_store_is_used_by_default(authority, bundle, tmp_path):
    """A process of its own, for the store is read once."""
    async with raw_server(OK, name="localhost", tls=server_context(authority, "good", tmp_path)) as server:
        args = ["--base-url", server.origin, "--token", "admin=env:SECRET", "--only", "folders.*"]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "probe", "scan", *args, "--output-dir", str(tmp_path / "out")),
            env={
                "SECRET": "a-made-up-secret",
                "SSL_CERT_FILE": str(bundle),
                "PYTHONPATH": ROOT,
                "PROBE_HISTORY": os.environ["PROBE_HISTORY"],
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
    assert server.requests, printed.decode()
    assert b"certificate" not in printed


@pytest.mark.parametrize(
    "content", [None, b"", b"not a certificate", b"\xff\xfe\0", b"-----BEGIN CERTIFICATE-----\nAAAA\n"]
)
def test_a_bad_bundle_is_one_sentence_before_anything_is_sent(content, tmp_path):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        tls_context(path)
    assert "ca.pem" in caught.value.message
    assert caught.value.message.count(". ") == 0
    assert caught.value.hint
    args = ["--base-url", "https://127.0.0.1:9", "--token", "a=made-up-secret", "--ca-bundle", "ca.pem"]
    done = subprocess.run(
        [sys.executable, "-m", "probe", "scan", *args],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "ca.pem" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_bundle_of_the_file_is_looked_for_beside_the_file(bundle, tmp_path, monkeypatch):
    folder = tmp_path / "it"
    folder.mkdir()
    (folder / "ca.pem").write_bytes(bundle.read_bytes())
    (folder / "probe.toml").write_text(
        'base_url = "https://example.retool.com"\nca_bundle = "ca.pem"\n'
        '[tokens.admin]\nsecret = "a-made-up-one"\n'
    )
    monkeypatch.chdir(tmp_path)
    assert prepare(ScanOptions(config=folder / "probe.toml")).request.ca_bundle == folder / "ca.pem"
    (folder / "ca.pem").unlink()
    with pytest.raises(ConfigError):
        prepare(ScanOptions(config=folder / "probe.toml"))


def test_nothing_turns_verification_off():
    done = subprocess.run(
        [sys.executable, "-m", "probe", "scan", "--help"], capture_output=True, text=True, check=True
    )
    assert "--ca-bundle" in done.stdout
    for word in ("insecure", "no-verify", "skip-tls"):
        assert word not in done.stdout
