"""What Reddit can be asked about posts: whether they are still there, to moderate one, which one it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from urllib.parse import urlsplit

from connectors.availability import GONE, PRESENT, UNKNOWN, attachment_probes, looked, page_probe
from connectors.base import (
    AttachmentRefused,
    AuthenticationFailed,
    ConfigurationInvalid,
    ConnectorError,
    PostRef,
    Probe,
    RateLimited,
    Receipt,
    Report,
    SourceClosed,
)
from connectors.fetch import GuardedFetcher
from connectors.kind import ConnectorContext
from connectors.payload import Json
from connectors.reddit.client import RedditClient
from connectors.reddit.images import Fields, as_text, is_removed
from connectors.reddit.parse import COMMENT, SUBMISSION, fullname, parse_page
from connectors.retry import DEFAULT_RETRY_AFTER

MOST_AT_ONCE = 100
"""Things that one request for information may name."""
LONGEST_REASON = 100
_PATH = re.compile(
    r"/(?:(?:r|u|user)/[\w-]+/)?(?:comments|gallery)/(?P<post>\w+)(?:/[^/]*(?:/(?P<comment>\w+))?)?/?$"
)
_SHARED = re.compile(r"/(?:r|u|user)/[\w-]+/s/\w+/?$")
_HOST = re.compile(r"(?:(?:www|old|new|np|m|sh|i)\.)?reddit\.com$|redd\.it$")


class RedditAsking:
    """Implements ChecksAvailability, ChecksManyPosts, SubmitsReports and ResolvesPermalink."""

    def __init__(self, client: RedditClient, site: str, context: ConnectorContext) -> None:
        self._client = client
        self._site = site
        self._fetcher: GuardedFetcher = context.fetcher()

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The API, the post's page, and each picture, which can outlive it."""
        return self.check_many([post])[0]

    def check_many(self, posts: Sequence[PostRef]) -> list[tuple[Probe, ...]]:
        """As `check_availability` for each post, a hundred of them in one request to the API."""
        parts = [posts[start : start + MOST_AT_ONCE] for start in range(0, len(posts), MOST_AT_ONCE)]
        api = chain.from_iterable(map(self._api_probes, parts))
        return [(found, *self._web_probes(post)) for post, found in zip(posts, api, strict=True)]

    def submit_report(self, post: PostRef, report: Report) -> Receipt:
        """Report a thing to the moderators of its subreddit as the account. Raises ConnectorError."""
        if not self._client.is_account:
            raise AuthenticationFailed("Reporting on Reddit takes an account: set its name and password.")
        if len(report.comment) > LONGEST_REASON:
            raise ConfigurationInvalid(f"A report's comment may have {LONGEST_REASON} characters here.")
        data = {"id": post.external_id, "reason": report.comment, "api_type": "json"}
        data |= {"site_reason": report.category} if report.category else {}
        answer = Json(self._client.report(data), "report")
        _require_taken(answer)
        return Receipt(None, "Reddit took the report; it gives it no number.")

    def resolve_permalink(self, url: str) -> str | None:
        """The fullname of the submission or comment at an address; a shared link is followed.

        Raises ConnectorError.
        """
        path = self._path(url)
        if path is not None and _SHARED.match(path):
            try:
                path = self._path(self._fetcher.probe(url).final_url)
            except AttachmentRefused:
                return None
        found = _PATH.match(path or "")
        if found is None:
            return None
        return f"{COMMENT}_{found['comment']}" if found["comment"] else f"{SUBMISSION}_{found['post']}"

    def _path(self, url: str) -> str | None:
        """The path of an address of Reddit's, its short form made long; None for another's."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        host = (parts.hostname or "").lower()
        if not _HOST.match(host) and parts.netloc != urlsplit(self._site).netloc:
            return None
        return f"/comments{parts.path}" if host == "redd.it" else parts.path

    def _api_probes(self, posts: Sequence[PostRef]) -> Iterator[Probe]:
        try:
            ids = ",".join(post.external_id for post in posts)
            answer = self._client.get("api/info/", {"id": ids, "limit": MOST_AT_ONCE})
            things = [item for kind in (SUBMISSION, COMMENT) for item in parse_page(answer, kind).items]
        except ConnectorError as error:
            yield from (Probe("API", UNKNOWN, str(error)) for _ in posts)
            return
        known = {fullname(thing): thing for thing in things}
        for post in posts:
            thing = known.get(post.external_id)
            yield looked("API", partial(self._unlisted, post)) if thing is None else _told(thing)

    def _unlisted(self, post: PostRef) -> Probe:
        """Reddit leaves out what is gone, and what stands in a subreddit that is closed to us."""
        try:
            self._client.get(urlsplit(post.url).path.lstrip("/"), {"limit": 1})
        except SourceClosed as error:
            if error.status == 404:
                return Probe("API", GONE, "Reddit lists no such thing, and its address is unknown to it.")
            return Probe("API", UNKNOWN, f"Reddit does not list it. {error}")
        return Probe("API", UNKNOWN, "Reddit does not list it, and answers for its address.")

    def _web_probes(self, post: PostRef) -> Iterator[Probe]:
        yield page_probe(self._fetcher, "page", post.url)
        yield from attachment_probes(self._fetcher, post)


def _told(thing: Fields) -> Probe:
    if not is_removed(thing):
        return Probe("API", PRESENT, "Reddit shows it.")
    by = as_text(thing.get("removed_by_category")).replace("_", " ")
    return Probe("API", GONE, f"Reddit shows it as removed{f' ({by})' if by else ''}.")


def _require_taken(answer: Json) -> None:
    """Raise for a report that was answered with an error: its name, a sentence, the field."""
    for error in answer["json"]["errors"].items():
        name, *_ = [part.text_or() for part in error.items()] or ["no name"]
        if name == "RATELIMIT":
            raise RateLimited("Reddit asks us to slow down.", DEFAULT_RETRY_AFTER)
        if name in {"USER_REQUIRED", "WRONG_PASSWORD"}:
            raise AuthenticationFailed("Reddit takes reports from a signed-in account only.")
        raise SourceClosed(f"Reddit did not take the report ({name}).")
