"""A loopback Lemmy of API version 3 or 4, in the shape of recorded answers and the published types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Connector
from tests.connectors.abilities import NO_SKEW, UNICODE
from tests.connectors.loopback import Answer, Asked, LoopbackServer
from tests.connectors.served import KeyedPlatform, PagedPlatform

TOKEN = "loopback-jwt"
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


class LemmyServer(LoopbackServer):
    """Posts and comments of one community."""

    def __init__(self, version: int = 3) -> None:
        super().__init__()
        self.version = version
        self.things: dict[str, list[dict[str, Any]]] = {"post": [], "comment": []}
        """Views, oldest first."""
        self.published = 0
        self.page_limit = 50
        self.lost: str | None = None
        self.reports: list[dict[str, Any]] = []

    def publish(self, kind: str, text: str, **fields: Any) -> dict[str, Any]:
        """A new post or comment."""
        self.published += 1
        number = self.published
        at = "published_at" if self.version == 4 else "published"
        actor = "ap_id" if self.version == 4 else "actor_id"
        thing: dict[str, Any] = {
            "id": number,
            "ap_id": f"{self.url}/{kind}/{number}",
            at: (EPOCH + timedelta(seconds=number)).isoformat().replace("+00:00", ".000000Z"),
            "removed": False,
            "deleted": False,
        }
        thing |= {"name": text} if kind == "post" else {"content": text}
        view = {
            kind: thing | fields,
            "creator": {"id": 5, "name": "ann", actor: f"{self.url}/u/ann"},
            "community": {"id": 2, "name": "nursing", actor: f"{self.url}/c/nursing"},
        }
        if kind == "comment":
            view["post"] = {"id": 1, "name": "The post", "ap_id": f"{self.url}/post/1"}
        self.things[kind].append(view)
        return view

    def answer(self, asked: Asked) -> Answer:
        """The API, and pages."""
        if not asked.path.startswith("api/"):
            kind, _, number = asked.path.partition("/")
            return Answer(b"", 200 if self._one(kind, number) else 404)
        prefix = f"api/v{self.version}/"
        if not asked.path.startswith(prefix):
            return Answer({"error": "not_found"}, 404)
        return self._api(asked.path.removeprefix(prefix), asked)

    def _api(self, path: str, asked: Asked) -> Answer:
        if path == "site":
            return Answer({"version": "1.0.0" if self.version == 4 else "0.19.9"})
        if not self._allowed(asked):
            return Answer({"error": "incorrect_login"}, 400)
        kind, _, rest = path.partition("/")
        if rest == "report":
            self.reports.append(asked.json)
            return Answer({f"{kind}_report_view": {f"{kind}_report": {"id": len(self.reports)}}})
        if rest == "list" or path == "search":
            return Answer(self._page("post" if path == "search" else kind, asked.query))
        if path == "resolve_object":
            found = [v for v in self.things["post"] if v["post"]["ap_id"] == asked.query["q"]]
            return Answer({"post": found[0]}) if found else Answer({"error": "couldnt_find_object"}, 400)
        view = self._one(kind, asked.query["id"])
        return Answer({f"{kind}_view": view}) if view else Answer({"error": f"couldnt_find_{kind}"}, 404)

    def _allowed(self, asked: Asked) -> bool:
        known = asked.headers.get("authorization") in {None, f"Bearer {TOKEN}"}
        return known and not self.has_expired()

    def _one(self, kind: str, number: str) -> dict[str, Any] | None:
        views = self.things.get(kind, [])
        return next((view for view in views if str(view[kind]["id"]) == number), None)

    def _page(self, kind: str, query: dict[str, str]) -> dict[str, Any]:
        newest_first = self.things[kind][::-1]
        limit = min(int(query["limit"]), self.page_limit)
        after = query.get("page_cursor")
        if after:
            start = next(i for i, view in enumerate(newest_first) if f"P{view[kind]['id']}" == after) + 1
        else:
            start = (int(query.get("page", "1")) - 1) * limit
        part = newest_first[start : start + limit]
        more = f"P{part[-1][kind]['id']}" if part and start + limit < len(newest_first) else None
        name = "items" if self.version == 4 else f"{kind}s"
        return {"next_page": more} | ({} if self.lost == name else {name: part})


class Lemmy4Server(LemmyServer):
    """Of API version 4."""

    def __init__(self) -> None:
        super().__init__(4)


class LemmyPlatform(KeyedPlatform[LemmyServer], PagedPlatform[LemmyServer]):
    """An instance of which a community's posts are read."""

    largest_page = 50

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector to the loopback instance."""
        settings = {"instance": self._server.url, "communities": ["nursing"], "first_run_posts": 500}
        credentials = {"tokens": {self._server.place: TOKEN if good else "wrong"}}
        return self.built("lemmy", settings, credentials, skew)

    def publish(self, count: int) -> None:
        """Posts."""
        for _ in range(count):
            self._expected.add(self._server.publish("post", UNICODE)["post"]["ap_id"])

    def publish_malformed(self) -> str:
        """A post without its name."""
        del self._server.publish("post", "broken")["post"]["name"]
        return "name"

    def limit(self, seconds: int) -> None:
        """A proxy before the instance says it; the instance itself names no time."""
        self._server.standing = Answer({"error": "rate_limit_error"}, 429, {"Retry-After": str(seconds)})

    def drift(self) -> str:
        """A page without its posts."""
        self._server.lost = "items" if self._server.version == 4 else "posts"
        return self._server.lost

    def close_by_policy(self) -> None:
        """The community was taken away."""
        self._server.standing = Answer({"error": "couldnt_find_community"}, 404)

    def edit(self) -> str:
        """An edit sets the time of the update."""
        post = self._server.things["post"][-1]["post"]
        name = "updated_at" if self._server.version == 4 else "updated"
        post |= {"body": "edited", name: "2026-11-20T10:00:00Z"}
        return str(post["ap_id"])

    def remove(self) -> str:
        """A purged post leaves nothing."""
        return str(self._server.things["post"].pop()["post"]["ap_id"])

    def overflow(self) -> None:
        """More than a run reads."""
        self.publish(1100)
