"""`probe notify`: tries the channels of `[notify]`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probe.notify.model import Message


@click.group()
def command() -> None:
    """Try the messages that `[notify]` of probe.toml configures.

    Example: `probe notify test`
    """


@command.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("probe.toml"),
    show_default=True,
    help="The file.",
)
def test(config: Path) -> int:
    """Send a test message to each channel, and say which took it.

    Example: `probe notify test --config probe.toml`
    """
    import asyncio

    from probe.channels import channels_from
    from probe.config import read_config
    from probe.errors import ConfigError, ExitCode
    from probe.notify.delivery import send_patiently

    read = read_config(config)
    channels = channels_from(read, config.parent)
    if not channels:
        raise ConfigError(
            "[notify] names no channel.", "Add urls or [notify.webhook]; see the documentation."
        )
    message = _test_message(read.base_url or "")
    failed = False
    for channel in channels:
        trouble = asyncio.run(send_patiently(channel, message, asyncio.sleep))
        failed = failed or bool(trouble)
        click.echo(f"{channel.name}: {trouble or 'taken'}")
    return ExitCode.INTERNAL if failed else ExitCode.DONE


def _test_message(base_url: str) -> Message:
    from probe.notify.model import Event, Message
    from probe.scan.clock import utc_now

    now = utc_now()
    return Message(
        key=f"test-{now}",
        events=(Event.TEST,),
        title="plan-probe: a test message",
        body="If you read this, messages about lost capabilities will arrive here.",
        base_url=base_url,
        started_at=now,
    )
