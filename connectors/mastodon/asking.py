"""What an instance can be asked about one post: whether it is still there, to moderate it, which it is."""

from __future__ import annotations

from functools import cached_property

from connectors.availability import PRESENT, UNKNOWN, attachment_probes, looked, status_probe, web_probe
from connectors.base import ConfigurationInvalid, PostRef, Probe, Receipt, Report, SourceClosed
from connectors.fetch import GuardedFetcher
from connectors.kind import ConnectorContext
from connectors.mastodon.client import MastodonClient, last_part
from connectors.payload import Json

LONGEST_COMMENT = 1000


class MastodonAsking:
    """Implements ChecksAvailability, SubmitsReports and ResolvesPermalink."""

    def __init__(self, client: MastodonClient, context: ConnectorContext) -> None:
        self._client = client
        self._asking_context = context

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """The instance's API, the post's page, and each picture, apart: pictures outlive posts."""
        return (
            looked("API", lambda: self._api_probe(post)),
            web_probe(self._fetcher, "page", post.url),
            *attachment_probes(self._fetcher, post),
        )

    def submit_report(self, post: PostRef, report: Report) -> Receipt:
        """Report a post to the instance's moderators and, when it is from elsewhere, to its own server's.

        A server without this part of the API raises SourceClosed. `category` may be ignored there.
        """
        if len(report.comment) > LONGEST_COMMENT:
            raise ConfigurationInvalid(f"A report's comment may have {LONGEST_COMMENT} characters here.")
        status = self._known(post)
        body = {
            "account_id": status["account"]["id"].text(),
            "status_ids": [status["id"].text()],
            "comment": report.comment,
            "category": report.category or "other",
            "forward": True,
        }
        answer = Json(self._client.api.post_json("/api/v1/reports", body), "report")
        reference = answer["id"].text()
        return Receipt(reference, f"{self._client.host} took the report as number {reference}.")

    def resolve_permalink(self, url: str) -> str | None:
        """The uri of the post at `url`, or None when the instance knows none there."""
        try:
            found = self._client.find(url)
        except SourceClosed:
            return None
        return found["uri"].text() if found else None

    def _api_probe(self, post: PostRef) -> Probe:
        if self._client.is_own(post.url):
            path = f"/api/v1/statuses/{last_part(post.url)}"
            return status_probe("API", self._client.api.ask(path).status_code)
        if self._client.find(post.external_id) is None:
            return Probe("API", UNKNOWN, f"{self._client.host} does not find it, which proves nothing.")
        return Probe("API", PRESENT, f"{self._client.host} still shows it.")

    def _known(self, post: PostRef) -> Json:
        found = self._client.find(post.url if self._client.is_own(post.url) else post.external_id)
        if found is None:
            raise SourceClosed(f"{self._client.host} does not know the post.")
        return found

    @cached_property
    def _fetcher(self) -> GuardedFetcher:
        """Addresses of posts and pictures come from strangers, so they are looked at through it."""
        return self._asking_context.fetcher()
