"""A loopback t.me: a public channel's pages in the shape of recorded ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import PagedPlatform

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


def block(post: str, inside: str, moment: datetime | None = EPOCH, kind: str = "js-widget_message") -> str:
    """A message's block."""
    shown = f'<time datetime="{moment.isoformat()}" class="time">10:00</time>' if moment else ""
    author = '<a class="tgme_widget_message_owner_name">Ward</a>'
    date = f'<a class="tgme_widget_message_date" href="https://t.me/{post}">{shown}</a>'
    message = f'<div class="tgme_widget_message {kind}" data-post="{post}">{author}{inside}{date}</div>'
    return f'<div class="tgme_widget_message_wrap">{message}</div>'


def text(words: str) -> str:
    """A message's words."""
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{words}</div>'


def photo(url: str) -> str:
    """A photo of a message."""
    style = f"width:453px;background-image:url('{url}')"
    return f'<a class="tgme_widget_message_photo_wrap" style="{style}" href="https://t.me/x"></a>'


def page(blocks: str, *, older: bool = False) -> str:
    """A channel's page."""
    link = '<link rel="prev" href="/s/wardnews?before=1">' if older else ""
    header = '<div class="tgme_channel_info_header_title"><span>Ward news</span></div>'
    history = f'<section class="tgme_channel_history js-message_history">{blocks}</section>'
    return f"<!DOCTYPE html><html><head>{link}</head><body>{header}{history}</body></html>"


class TelegramServer(LoopbackServer):
    """One channel, /wardnews."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[int, str] = {}
        self.timeless: set[int] = set()
        self.page_limit = 20
        self.is_open = True
        self.has_history = True
        self.number = 0

    def post(self, words: str) -> int:
        """A new message."""
        self.number += 1
        self.messages[self.number] = words
        return self.number

    def answer(self, asked: Asked) -> Answer:
        """A page of the channel, or one message's own."""
        if asked.path == "s/wardnews" and self.is_open:
            return _html(self._page(int(asked.query.get("before", "1000000"))))
        if asked.path.startswith("s/"):
            return Answer(b"", 302, {"Location": "/wardnews"})
        number = int(asked.path.rpartition("/")[2])
        if number in self.messages:
            return _html(block(f"wardnews/{number}", text(self.messages[number])))
        return _html('<div class="tgme_widget_message_error">Post not found</div>')

    def _page(self, before: int) -> str:
        older = [number for number in self.messages if number < before]
        shown = older[-self.page_limit :]
        blocks = [self._block(number) for number in shown]
        whole = page("".join(blocks), older=len(older) > len(shown))
        return whole if self.has_history else whole.replace("tgme_channel_history", "other")

    def _block(self, number: int) -> str:
        moment = None if number in self.timeless else EPOCH + timedelta(minutes=number)
        return block(f"wardnews/{number}", text(escape(self.messages[number])), moment)


def _html(body: str) -> Answer:
    return Answer(body.encode(), 200, {"Content-Type": "text/html; charset=utf-8"})


class TelegramPlatform(PagedPlatform[TelegramServer]):
    """A channel."""

    largest_page = 20

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback site."""
        settings = {"channels": ["@wardnews"], "site": self._server.url, "first_run_posts": 400}
        return self.built("telegram", settings, None, skew)

    def publish(self, count: int) -> None:
        """Messages."""
        for _ in range(count):
            self._expected.add(f"wardnews/{self._server.post(UNICODE)}")

    def publish_malformed(self) -> str:
        """A message without its time."""
        self._server.timeless.add(self._server.post("broken"))
        return "time"

    def drift(self) -> str:
        """A page that is built in another way."""
        self._server.has_history = False
        return "tgme_channel_history"

    def close_by_policy(self) -> None:
        """The channel no longer shows itself on the web."""
        self._server.is_open = False

    def edit(self) -> str:
        """An edited message has other words."""
        self._server.messages[self._server.number] = "edited"
        return f"wardnews/{self._server.number}"

    def remove(self) -> str:
        """A deleted message is on no page."""
        return f"wardnews/{self._server.messages.popitem()[0]}"

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(450)
