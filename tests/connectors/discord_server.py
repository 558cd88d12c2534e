"""A loopback Discord: one channel of one server, as a bot sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform, PagedPlatform

TOKEN = "loopback-bot-token"
CHANNEL, GUILD = "1300000000000000001", "1300000000000000000"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


class DiscordServer(LoopbackServer):
    """Messages by their ids, ascending."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[int, dict[str, Any]] = {}
        self.page_limit = 50
        self.number = 0
        self.lost = False
        self.is_open = True

    def publish(self, content: str, **fields: Any) -> dict[str, Any]:
        """A new message."""
        self.number += 1
        identity = 1_310_000_000_000_000_000 + self.number
        made = {
            "id": str(identity),
            "type": 0,
            "content": content,
            "author": {"id": "5", "username": "ann"},
            "timestamp": (EPOCH + timedelta(seconds=self.number)).isoformat(),
            "attachments": [],
            "embeds": [],
        } | fields
        self.messages[identity] = made
        return made

    def answer(self, asked: Asked) -> Answer:
        """The channel, its messages or one of them, for the bot."""
        if asked.headers.get("authorization") != f"Bot {TOKEN}" or self.has_expired():
            return Answer({"message": "401: Unauthorized", "code": 0}, 401)
        if not self.is_open:
            return Answer({"message": "Missing Access", "code": 50001}, 403)
        if not asked.path.startswith(f"channels/{CHANNEL}"):
            return Answer({"message": "Unknown Channel", "code": 10003}, 404)
        *_, part = asked.path.split("/")
        if part == CHANNEL:
            return Answer({"id": CHANNEL, "guild_id": GUILD, "name": "ward"})
        if part == "messages":
            return Answer({"messages": []} if self.lost else self._page(asked.query))
        found = self.messages.get(int(part))
        return Answer(found) if found else Answer({"message": "Unknown Message", "code": 10008}, 404)

    def _page(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Newest first; with `after`, the oldest that follow."""
        limit = min(int(query["limit"]), self.page_limit)
        ids = sorted(self.messages)
        if "after" in query:
            shown = [identity for identity in ids if identity > int(query["after"])][:limit]
        else:
            shown = ids[-limit:]
        return [self.messages[identity] for identity in shown[::-1]]


class DiscordPlatform(KeyedPlatform[DiscordServer], PagedPlatform[DiscordServer]):
    """A channel."""

    largest_page = 50

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server, that begins with the first message."""
        settings = {"channels": [CHANNEL], "first_run_posts": 0, "api_url": self._server.url}
        credentials = {"token": TOKEN if good else "wrong"}
        return self.built("discord", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Messages."""
        for _ in range(count):
            self._expected.add(f"{CHANNEL}/{self._server.publish(UNICODE)['id']}")

    def publish_malformed(self) -> str:
        """A message without its time."""
        del self._server.publish("broken")["timestamp"]
        return "timestamp"

    def limit(self, seconds: int) -> None:
        """As Discord says it."""
        body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
        self._server.standing = Answer(body, 429, {"Retry-After": str(seconds)})

    def drift(self) -> str:
        """Messages that are no list."""
        self._server.lost = True
        return "messages"

    def expire_after(self, answers: int) -> None:
        """The token is refused."""
        self._server.valid_answers = answers + 1

    def renew(self) -> None:
        """Accepted again."""
        self._server.valid_answers = None

    def close_by_policy(self) -> None:
        """The bot lost its access."""
        self._server.is_open = False

    def remove(self) -> str:
        """A deleted message is nowhere."""
        return f"{CHANNEL}/{self._server.messages.popitem()[0]}"
