"""A loopback GitHub: gists by last change, single ones with their files, and its request limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform

TOKEN = "loopback-token"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


class GistsServer(LoopbackServer):
    """Public gists."""

    def __init__(self) -> None:
        super().__init__()
        self.gists: dict[str, dict[str, Any]] = {}
        self.clock = 0
        self.lost = False
        self.blocked: set[str] = set()

    def publish(self, content: str, **fields: Any) -> dict[str, Any]:
        """A new gist with one file."""
        identity = f"{len(self.gists) + 1:032x}"
        files = {"notes.txt": {"filename": "notes.txt", "type": "text/plain", "content": content}}
        made = {
            "id": identity,
            "html_url": f"https://gist.github.com/ann/{identity}",
            "description": "",
            "owner": {"login": "ann", "id": 5, "html_url": "https://github.com/ann"},
            "files": files,
        } | fields
        self.gists[identity] = made
        self.touch(made)
        return made

    def touch(self, gist: dict[str, Any]) -> None:
        """It was changed now."""
        self.clock += 1
        gist["updated_at"] = (EPOCH + timedelta(seconds=self.clock)).isoformat().replace("+00:00", "Z")

    def answer(self, asked: Asked) -> Answer:
        """A listing or a gist, for those with the right token or none."""
        token = asked.headers.get("authorization")
        if token not in {None, f"Bearer {TOKEN}"} or self.has_expired():
            return Answer({"message": "Bad credentials"}, 401)
        if asked.path in {"gists/public", "users/ann/gists"}:
            return self._page(asked)
        identity = asked.path.removeprefix("gists/")
        if identity in self.blocked:
            return Answer({"message": "Repository access blocked", "block": {"reason": "dmca"}}, 451)
        found = self.gists.get(identity)
        return Answer(found) if found else Answer({"message": "Not Found"}, 404)

    def _page(self, asked: Asked) -> Answer:
        query = asked.query
        newest_first = sorted(self.gists.values(), key=lambda gist: gist["updated_at"], reverse=True)
        size = int(query["per_page"])
        start = (int(query["page"]) - 1) * size
        part = [self._listed(gist) for gist in newest_first[start : start + size]]
        reset = str(int(datetime.now(UTC).timestamp()) + 3600)
        headers = {"X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": reset}
        headers["ETag"] = f'W/"{sha256(json.dumps([part, self.lost]).encode()).hexdigest()}"'
        if asked.headers.get("if-none-match") == headers["ETag"]:
            return Answer(b"", 304, headers)
        return Answer({"gists": part} if self.lost else part, 200, headers)

    def _listed(self, gist: dict[str, Any]) -> dict[str, Any]:
        """A listing has the files' names and not what is in them."""
        files = gist["files"].items()
        bare = {name: {k: v for k, v in file.items() if k != "content"} for name, file in files}
        return gist | {"files": bare}


class GistsPlatform(KeyedPlatform[GistsServer]):
    """The public gists."""

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback server."""
        settings = {"public": True, "first_run_posts": 500, "api_url": self._server.url}
        credentials = {"token": TOKEN if good else "wrong"}
        return self.built("gists", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Gists."""
        for _ in range(count):
            self._expected.add(self._server.publish(UNICODE)["id"])

    def publish_malformed(self) -> str:
        """A gist without its address."""
        del self._server.publish("broken")["html_url"]
        return "html_url"

    def limit(self, seconds: int) -> None:
        """As GitHub says it: a 403, with a moment in the headers."""
        reset = str(int(datetime.now(UTC).timestamp()) + seconds)
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        self._server.standing = Answer({"message": "API rate limit exceeded"}, 403, headers)

    def drift(self) -> str:
        """A listing that is an object."""
        self._server.lost = True
        return "gists"

    def close_by_policy(self) -> None:
        """Refused to us."""
        self._server.standing = Answer({"message": "Forbidden"}, 403)

    def edit(self) -> str:
        """Other words in the file."""
        gist = list(self._server.gists.values())[-1]
        gist["files"]["notes.txt"]["content"] = "edited"
        self._server.touch(gist)
        return str(gist["id"])

    def remove(self) -> str:
        """A deleted gist is nowhere; its number is not given again."""
        identity = list(self._server.gists)[-1]
        self._server.gists[identity + "x"] = self._server.gists.pop(identity)
        self._server.gists[identity + "x"]["updated_at"] = "2000-01-01T00:00:00Z"
        return identity

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(550)
