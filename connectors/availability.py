"""Looking whether something is still shown: what a status proves, and probes that never raise.

200                      present
404, 410                 gone
451                      gone: withheld for legal reasons (RFC 7725)
everything else          unknown: refusals, limits, outages, redirects to a log-in page
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.base import AttachmentRefused, Availability, ConnectorError, PostRef, Probe
from connectors.fetch import GuardedFetcher

PRESENT, GONE, UNKNOWN = Availability.PRESENT, Availability.GONE, Availability.UNKNOWN
_BY_STATUS = {200: PRESENT, 404: GONE, 410: GONE, 451: GONE}


def status_probe(subject: str, status: int) -> Probe:
    """What an HTTP status proves about `subject`."""
    return Probe(subject, _BY_STATUS.get(status, UNKNOWN), f"It answered with status {status}.")


def looked(subject: str, look: Callable[[], Probe]) -> Probe:
    """What `look` found; trouble on the way is unknown."""
    try:
        return look()
    except ConnectorError as error:
        return Probe(subject, UNKNOWN, str(error))


def web_probe(fetcher: GuardedFetcher, subject: str, url: str) -> Probe:
    """What a public address answers, looked at through the guarded fetcher.

    A redirect is followed, and an answer from another address than the one asked is unknown.
    """

    def look() -> Probe:
        fetched = fetcher.probe(url)
        if fetched.hops and fetched.status == 200:
            return Probe(subject, UNKNOWN, "It redirects elsewhere, perhaps to a page to log in.")
        return status_probe(subject, fetched.status)

    return looked(subject, look)


def page_probe(fetcher: GuardedFetcher, subject: str, url: str) -> Probe:
    """As `web_probe`, for platforms that show a page or a log-in for everything: only "gone" counts."""
    found = web_probe(fetcher, subject, url)
    if found.availability is not PRESENT:
        return found
    return Probe(subject, UNKNOWN, "Its page answers, which it does for what was removed too.")


def attachment_probes(fetcher: GuardedFetcher, post: PostRef) -> Iterator[Probe]:
    """A probe for each attachment that has a public address."""
    for number, url in enumerate(post.attachments, start=1):
        if url.lower().startswith(("http://", "https://")):
            yield _file_probe(fetcher, f"attachment {number}", url)


def _file_probe(fetcher: GuardedFetcher, subject: str, url: str) -> Probe:
    """A file may move: a redirect that ends in a file is still the file."""

    def look() -> Probe:
        try:
            return status_probe(subject, fetcher.probe(url).status)
        except AttachmentRefused as error:
            return Probe(subject, UNKNOWN, str(error))

    return looked(subject, look)
