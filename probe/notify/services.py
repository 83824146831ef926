"""Channels by Apprise: Slack, Teams, e-mail and many more. The extra `notify` brings it.

Comes in: an Apprise URL, which is a secret, and how the configuration refers to it. Goes out: messages.
Apprise's own log is kept silent, as it can name the address.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings

from probe.errors import ConfigError, short_reason
from probe.notify.delivery import DeliveryError
from probe.notify.model import Event, Message
from probe.secret import Secret


class Service:
    """A channel that hands messages to Apprise. Raises ConfigError for a URL that Apprise does not know."""

    def __init__(self, url: Secret, name: str) -> None:
        if importlib.util.find_spec("apprise") is None:
            raise ConfigError(
                "[notify] urls needs Apprise, which is not installed.",
                "Run `pip install 'plan-probe[notify]'`, or use [notify.webhook], which works without.",
            )
        _silence()
        self.name = name
        with warnings.catch_warnings():  # its plugins, all loaded here, use what Python will drop
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise

            self._target = apprise.Apprise(asset=apprise.AppriseAsset(secure_logging=True))
            known = self._target.add(url.reveal())
        if not known:
            raise ConfigError(
                f"[notify] {name} holds no address that Apprise knows.",
                "Write one as in Apprise's documentation, such as slack://... or mailto://...",
            )

    async def send(self, message: Message) -> None:
        """Deliver a message. Raises DeliveryError, without the address."""
        import apprise

        bad = {Event.LOST, Event.NOT_MEASURED} & set(message.events)
        try:
            taken = await self._target.async_notify(
                title=message.title,
                body=message.body,
                body_format=apprise.NotifyFormat.TEXT,
                notify_type=apprise.NotifyType.WARNING if bad else apprise.NotifyType.INFO,
            )
        except Exception as error:  # noqa: BLE001 - a plugin of a hundred; what it raises may name the address
            raise DeliveryError(f"what speaks to the service failed: {short_reason(error)}") from None
        if not taken:
            raise DeliveryError("the service did not take it")


def _silence() -> None:
    logger = logging.getLogger("apprise")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
