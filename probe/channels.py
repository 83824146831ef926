"""From `[notify]` of probe.toml to channels: references become secrets here, and nowhere else.

Comes in: a ConfigFile and its folder. Goes out: channels and rules. Mistakes are ConfigErrors that name
the reference, never what it holds.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from probe.config import ConfigFile
from probe.errors import ConfigError
from probe.notify.delivery import Channel
from probe.notify.model import Event, Rules
from probe.notify.services import Service
from probe.notify.webhook import Webhook
from probe.report.host import host_folder, time_folder
from probe.report.model import Report
from probe.secret import Secret
from probe.tokens import resolve, token_from_option

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)*")
_KINDS = ("env:", "file:", "cmd:")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SHORTEST_SECRET = 16
_MOST_IN_A_ROW = 1000


def channels_from(config: ConfigFile, folder: Path) -> tuple[Channel, ...]:
    """Return the configured channels. Raises ConfigError."""
    entry = config.notify
    channels: list[Channel] = []
    for place, reference in enumerate(entry.urls, 1):
        what = f"[notify] urls, number {place}"
        channels.append(Service(_secret(reference, what, folder), f"number {place} of [notify] urls"))
    if entry.webhook is not None:
        url = entry.webhook.url
        address = _secret(url, "[notify.webhook] url", folder) if url.startswith(_KINDS) else Secret(url)
        _check_address(address)
        secret = _secret(entry.webhook.secret, "[notify.webhook] secret", folder)
        if len(secret.reveal()) < _SHORTEST_SECRET:
            raise ConfigError(
                f"[notify.webhook] secret is shorter than {_SHORTEST_SECRET} characters.",
                "Make a longer one; for example: openssl rand -hex 32",
            )
        channels.append(Webhook(address, secret))
    return tuple(channels)


def rules_from(config: ConfigFile) -> Rules:
    """Return what to tell. Raises ConfigError."""
    entry = config.notify
    if not 1 <= entry.not_measured_after <= _MOST_IN_A_ROW:
        raise ConfigError(
            f"[notify] not_measured_after must be between 1 and {_MOST_IN_A_ROW}.", "For example: 3"
        )
    try:
        entry.report_url.format(host="", time="")
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ConfigError(
            "[notify] report_url has a place other than {host} and {time}.",
            'For example: report_url = "https://reports.example.com/{host}/{time}/report.html"',
        ) from None
    on = frozenset(Event(word) for word in entry.on)
    return Rules(on=on, not_measured_after=entry.not_measured_after, report_url=entry.report_url)


def report_place(rules: Rules, report: Report, path: Path) -> str:
    """Return the link that the template makes, or else the report's path on this machine.

    `{host}` and `{time}` are the names that `reports/HOST/TIME` has, so that a folder of reports that is
    put on a web server whole can be linked to.
    """
    if not rules.report_url:
        return str(path.absolute())
    host = host_folder(report.target.base_url)
    started = time_folder(datetime.fromisoformat(report.started_at))
    time = path.parent.name if _TIME.fullmatch(path.parent.name) else started
    return rules.report_url.format(host=quote(host), time=time)


def _secret(reference: str, what: str, folder: Path) -> Secret:
    if not reference.startswith(_KINDS):
        raise ConfigError(
            f"{what} stands in the configuration in clear text.",
            "It is a secret: write env:VARIABLE, file:PATH or cmd:COMMAND.",
        )
    try:
        return resolve(token_from_option(f"notify={reference}", {}), folder).secret
    except ConfigError as error:
        raise ConfigError(error.message.replace('Token "notify"', what), error.hint) from None


def _check_address(address: Secret) -> None:
    try:
        parts = urlsplit(address.reveal())
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise ConfigError(
            "[notify.webhook] url is no https address.",
            "http is taken for this machine's own addresses only.",
        )
