"""What Bluesky can be asked about one post: whether it is still there, to moderate it, which it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, partial

from connectors.availability import GONE, PRESENT, UNKNOWN, looked, status_probe
from connectors.base import (
    ConfigurationInvalid,
    PostRef,
    Probe,
    Receipt,
    Report,
    SourceClosed,
)
from connectors.bluesky.blobs import Repositories, blob_name
from connectors.bluesky.client import GONE_ERRORS, BlueskyClient, error_name
from connectors.bluesky.config import BlueskyConfig
from connectors.bluesky.parse import COLLECTION, post_uri
from connectors.fetch import Fetched
from connectors.kind import ConnectorContext
from connectors.payload import Json

LONGEST_REASON = 2000
DEFAULT_CATEGORY = "com.atproto.moderation.defs#reasonViolation"
_PERMALINK = re.compile(r"https?://bsky\.app/profile/([^/?#]+)/post/([^/?#]+)")
_URI = re.compile(rf"at://(did:[^/]+)/{re.escape(COLLECTION)}/([^/]+)")


class BlueskyAsking:
    """Implements ReadsAttachments, ChecksAvailability, SubmitsReports and ResolvesPermalink."""

    def __init__(self, config: BlueskyConfig, client: BlueskyClient, context: ConnectorContext) -> None:
        self._config = config
        self._client = client
        self._context = context

    def read_attachment(self, url: str, max_bytes: int) -> bytes:
        """A blob's bytes, as uploaded. Raises AttachmentRefused or SourceUnavailable."""
        fetcher = self._context.fetcher(max_bytes)
        return Repositories(fetcher, self._config.plc_url, self._config.cdn_url).read(url)

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The AppView, the author's record, moderation labels, and each blob on its server and the CDN."""
        found = _URI.fullmatch(post.external_id)
        if found is None:
            return (Probe("post", UNKNOWN, "Its id is no at:// address of a post."),)
        did, rkey = found.groups()
        return (
            looked("AppView", lambda: self._appview_probe(post.external_id)),
            looked("record", lambda: self._record_probe(did, rkey)),
            looked("labels", lambda: self._label_probe(post.external_id)),
            *self._blob_probes(post),
        )

    def submit_report(self, post: PostRef, report: Report) -> Receipt:
        """Report a post to Bluesky's moderation service as the signed-in account. Raises ConnectorError."""
        if len(report.comment) > LONGEST_REASON:
            raise ConfigurationInvalid(f"A report's comment may have {LONGEST_REASON} characters here.")
        view = self._view(post.external_id)
        if view is None:
            raise SourceClosed("Bluesky does not show the post, so it cannot be reported.")
        subject = {
            "$type": "com.atproto.repo.strongRef",
            "uri": post.external_id,
            "cid": view["cid"].text(),
        }
        answer = self._client.report(subject, report.category or DEFAULT_CATEGORY, report.comment)
        reference = str(answer["id"].integer())
        return Receipt(reference, f"Bluesky's moderation service took the report as number {reference}.")

    def resolve_permalink(self, url: str) -> str | None:
        """The at:// address behind a page of bsky.app. Raises ConnectorError."""
        found = _PERMALINK.match(url)
        if found is None:
            return url if _URI.fullmatch(url) else None
        actor, rkey = found.groups()
        if not actor.startswith("did:"):
            try:
                answer = self._client.get("com.atproto.identity.resolveHandle", {"handle": actor})
            except (SourceClosed, ConfigurationInvalid):
                return None
            actor = answer["did"].text()
        return post_uri(actor, rkey)

    def _view(self, uri: str) -> Json | None:
        return next(self._client.get("app.bsky.feed.getPosts", {"uris": uri})["posts"].items(), None)

    def _appview_probe(self, uri: str) -> Probe:
        if self._view(uri) is None:
            return Probe("AppView", GONE, "The AppView shows no such post.")
        return Probe("AppView", PRESENT, "The AppView shows the post.")

    def _record_probe(self, did: str, rkey: str) -> Probe:
        params = {"repo": did, "collection": COLLECTION, "rkey": rkey}
        answer = self._repositories.ask(did, "com.atproto.repo.getRecord", params)
        return _xrpc_probe("record", answer)

    def _label_probe(self, uri: str) -> Probe:
        labels = self._client.labels(uri).get("labels").items_or_none()
        values = {label.get("val").text_or() for label in labels if not label.get("neg")}
        if "!takedown" in values:
            return Probe("labels", GONE, "The moderation service has taken it down.")
        return Probe("labels", UNKNOWN, "The moderation service has not labelled it as taken down.")

    def _blob_probes(self, post: PostRef) -> Iterator[Probe]:
        for number, url in enumerate(post.attachments, start=1):
            blob, copy = f"blob {number}", f"CDN {number}"
            yield looked(blob, partial(self._blob_probe, blob, url))
            yield looked(copy, partial(self._cdn_probe, copy, url))

    def _blob_probe(self, subject: str, url: str) -> Probe:
        did, cid = blob_name(url)
        answer = self._repositories.ask(did, "com.atproto.sync.getBlob", {"did": did, "cid": cid})
        return _xrpc_probe(subject, answer)

    def _cdn_probe(self, subject: str, url: str) -> Probe:
        did, cid = blob_name(url)
        return status_probe(subject, self._repositories.probe(self._repositories.cdn_url(did, cid)).status)

    @cached_property
    def _repositories(self) -> Repositories:
        return Repositories(self._context.fetcher(), self._config.plc_url, self._config.cdn_url)


def _xrpc_probe(subject: str, answer: Fetched) -> Probe:
    """What an account's own server says: its refusals for what is gone have status 400 and a name."""
    import httpx  # noqa: PLC0415

    name = error_name(httpx.Response(answer.status, content=answer.data))
    if answer.status == 400 and name in GONE_ERRORS:
        return Probe(subject, GONE, f"Its author's server answered {name}.")
    if answer.status == 400 and b"Blob not found" in answer.data:
        return Probe(subject, GONE, "Its author's server has no such blob.")
    return status_probe(subject, answer.status)
