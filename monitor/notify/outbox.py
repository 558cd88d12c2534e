"""Sending what the outbox holds. At least once: a crash between sending and noting it sends again."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from monitor.core import Core
from monitor.errors import ConfigurationError
from monitor.notify.message import Message, message_about
from monitor.storage.alert import Alert, AlertEvent
from monitor.storage.notification import Notification, claim_pending

SEND_LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=30)

log = structlog.get_logger()


class Channels:
    """The configured addresses. Raises ConfigurationError when one cannot be used."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        from apprise import Apprise  # noqa: PLC0415 - heavy, and only wanted where people are told

        self._apprise = Apprise()
        for number, url in enumerate(urls, start=1):
            if not self._apprise.add(url):  # an address holds credentials: it is counted, not quoted
                raise ConfigurationError(
                    f"Address {number} of the setting notify_urls is not one that Apprise knows."
                )

    def send(self, message: Message) -> bool:
        """Whether every address took the message."""
        return bool(self._apprise.notify(title=message.title, body=message.body))


def send_pending(core: Core, channels: Channels) -> int:
    """Send what is due; how many notifications went out."""
    sent = 0
    while (claimed := _claim(core)) is not None:
        notification, message = claimed
        good = channels.send(message)
        sent += good
        with core.database.transaction() as session:
            _note(core, session.get_one(Notification, notification.id), good=good)
    return sent


def _claim(core: Core) -> tuple[Notification, Message] | None:
    with core.database.transaction() as session:
        notification = claim_pending(session, core.now(), SEND_LEASE)
        if notification is None:
            return None
        return notification, _message(session, notification, core.settings.base_url)


def _message(session: Session, notification: Notification, base_url: str) -> Message:
    event = session.get_one(AlertEvent, notification.event_id)
    return message_about(session.get_one(Alert, event.alert_id), event.action, base_url)


def _note(core: Core, notification: Notification, *, good: bool) -> None:
    now = core.now()
    if good:
        notification.state, notification.sent_at, notification.error = "sent", now, None
        return
    notification.error = "At least one address did not take it."
    if notification.attempts >= MAX_ATTEMPTS:
        notification.state = "failed"
        log.error("notification_failed", notification=str(notification.id))
    else:
        notification.not_before = now + FIRST_WAIT * 2 ** (notification.attempts - 1)
