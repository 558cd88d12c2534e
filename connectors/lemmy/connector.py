"""The Lemmy connector: listings sorted by new, read by overlap, in the API version that the instance has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.availability import GONE, PRESENT, UNKNOWN, attachment_probes, looked, web_probe
from connectors.base import (
    AuthenticationFailed,
    ConnectorError,
    Deletion,
    Post,
    PostRef,
    Probe,
    RateLimited,
    Receipt,
    Report,
    SourceCheck,
    SourceClosed,
)
from connectors.http import status_error
from connectors.instance import InstanceCredentials
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.lemmy.config import LemmyConfig, Query, listings
from connectors.lemmy.parse import PLATFORM, identity, is_gone, parse_view, version
from connectors.listed import ListedConnector
from connectors.listing import Entry, Listing, Page
from connectors.payload import Json
from connectors.query import Grammar
from connectors.retry import DEFAULT_RETRY_AFTER
from connectors.trust import require_trusted

_MISSING = frozenset({"couldnt_find_post", "couldnt_find_comment", "couldnt_find_object", "not_found"})
_SIGN_IN = frozenset({"not_logged_in", "incorrect_login", "instance_is_private"})


class LemmyConnector(ListedConnector):
    """Reads one instance. Implements all that can be asked of a post besides."""

    platform = PLATFORM
    name = "Lemmy"

    def __init__(self, config: LemmyConfig, token: str | None, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._token = token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._api = context.client(config.instance, headers=headers)
        self._version: int | None = None
        super().__init__(listings(config), self._api, first_run_posts=config.first_run_posts)

    def check(self) -> SourceCheck:
        """Ask each listing for one post, and tell which API answered."""
        found = super().check()
        return replace(found, details={"API": f"version {self._version}"}) if found.ok else found

    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of views. Version 3 counts the pages of comments and searches, all else gives cursors."""
        query: Query = listing.request
        cursors = self._api_version() == 4 or query.path == "post/list"
        place = {"page_cursor" if cursors else "page": after} if after else {}
        answer = self._get(query.path, {**query.params, "sort": self._sort(), "limit": str(limit), **place})
        views = self._views(answer, query)
        entries = tuple(Entry(f"{identity(view)} {version(view)}".strip(), view) for view in views)
        counted = str(int(after or 1) + 1) if views and len(views) >= limit and not cursors else None
        return Page(entries, (answer.get("next_page").text_or() or None) if cursors else counted)

    def post(self, listing: Listing, item: Any) -> Post | Deletion:
        """A view as a post; or that it is removed or deleted, where the instance still lists it."""
        view: Json = item
        gone = is_gone(view[listing.request.kind])
        return parse_view(view) if gone is None else Deletion(identity(view), gone)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The instance's API, the page at its own server, and each picture."""
        fetcher = self._context.fetcher()
        return (
            looked("API", lambda: self._api_probe(post)),
            web_probe(fetcher, "page", post.url),
            *attachment_probes(fetcher, post),
        )

    def submit_report(self, post: PostRef, report: Report) -> Receipt:
        """Report to the community's moderators, as the account of the token. Raises ConnectorError."""
        kind, thing = self._known(post.external_id)
        body = {f"{kind}_id": thing["id"].integer(), "reason": report.comment}
        answer = Json(self._api.post_json(f"/api/v{self._api_version()}/{kind}/report", body), "report")
        reference = str(answer[f"{kind}_report_view"][f"{kind}_report"]["id"].integer())
        return Receipt(reference, f"{self._config.host} took the report as number {reference}.")

    def resolve_permalink(self, url: str) -> str | None:
        """The id of the post or comment at an address, or None when the instance knows none there."""
        try:
            return self._known(url)[1]["ap_id"].text()
        except SourceClosed:
            return None

    def _api_probe(self, post: PostRef) -> Probe:
        try:
            thing = self._known(post.external_id)[1]
        except SourceClosed as error:
            if error.status is None:
                return Probe("API", UNKNOWN, str(error))
            return Probe("API", GONE, f"{self._config.host} has no such post.")
        reason = is_gone(thing)
        if reason:
            return Probe("API", GONE, f"It was {reason}.")
        return Probe("API", PRESENT, f"{self._config.host} still shows it.")

    def _known(self, url: str) -> tuple[str, Json]:
        """("post" or "comment", its fields). Raises ConnectorError, SourceClosed when it is not there."""
        parts = urlsplit(url)
        kind, _, number = parts.path.strip("/").partition("/")
        if parts.netloc.lower() == self._config.host and kind in {"post", "comment"} and number.isdecimal():
            return kind, self._get(kind, {"id": number})[f"{kind}_view"][kind]
        if self._token is None:
            raise AuthenticationFailed(
                f"{self._config.host} looks up other servers' posts only with a token."
            )
        found = self._get("resolve_object", {"q": url})
        for kind in ("comment", "post"):
            view = found.get(kind)
            if view:
                return kind, view[kind]
        raise SourceClosed(f"{self._config.host} knows no post at that address.")

    def _views(self, answer: Json, query: Query) -> list[Json]:
        if self._api_version() == 4:
            return list(answer["items"].items())
        return list(answer[f"{query.kind}s"].items())

    def _sort(self) -> str:
        return "new" if self._api_version() == 4 else "New"

    def _api_version(self) -> int:
        """4 where there is one, else 3."""
        if self._version is None:
            self._version = 4 if self._api.ask("/api/v4/site").is_success else 3
        return self._version

    def _get(self, path: str, params: Mapping[str, str]) -> Json:
        answer = self._api.ask(f"/api/v{self._api_version()}/{path}", params)
        if not answer.is_success:
            raise self._error(answer)
        return Json(self._api.parsed(answer))

    def _error(self, answer: httpx.Response) -> ConnectorError:
        try:
            name = Json(answer.json()).get("error").text_or()
        except (ValueError, RecursionError):
            name = ""
        host = self._config.host
        if name in {"rate_limit_error", "too_many_requests"}:
            return RateLimited(f"{host} asks us to slow down.", DEFAULT_RETRY_AFTER)
        if name in _MISSING:
            return SourceClosed(f"{host} does not show this ({name}).", answer.status_code)
        if name in _SIGN_IN:
            return AuthenticationFailed(f"{host} wants a token, or a new one ({name}).")
        if name == "couldnt_find_community":
            return SourceClosed(f"{host} has no such community.", answer.status_code)
        return status_error(host, answer.status_code, answer.headers)


def _build(
    config: LemmyConfig, credentials: InstanceCredentials | None, context: ConnectorContext
) -> LemmyConnector:
    require_trusted("instance", config.instance, context)
    token = credentials.of(config.host) if credentials else None
    return LemmyConnector(config, token, context)


KIND = ConnectorKind(
    name=PLATFORM,
    summary="Reads communities, searches and everything new of a Lemmy server.",
    config=LemmyConfig,
    credentials=InstanceCredentials,
    build=_build,
    grammar=Grammar("searches", "words", longest=200),
    requests=lambda config: len(listings(config)),
)
