"""The connector port: what every platform's code gives, and the errors it may raise.

ConnectorError
├── ConfigurationInvalid     the source's own settings cannot work; a person must mend them
├── AuthenticationFailed     credentials missing, refused or expired
├── SourceClosed             the platform or owner does not show this to us (private, banned, policy)
├── PayloadChanged           an answer no longer has the documented shape; names the field's path
└── SourceUnavailable        transient: network, 5xx, time-out; try later
    └── RateLimited          transient, with the time to wait
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from connectors.text import LONGEST_ADDRESS, LONGEST_TEXT, bounded_id, web_address

MOST_PARTS = 1000
"""Attachments, tags and posts of a thread that are kept of one post."""

_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}:")
NEVER_FILES = ("about:", "blob:", "data:", "file:", "ftp:", "javascript:", "mailto:")
"""No connector names its attachments so; any other scheme but the web's may be one's own."""

Checkpoint = Mapping[str, Any]
"""What is persisted to resume a source: JSON values only, opaque to everyone but its connector."""


def _can_be_had(url: str) -> bool:
    """Whether a file's name is an address of the web, or a connector's own."""
    if url.lower().startswith(("http:", "https:")):
        return web_address(url) is not None
    return _OWN_SCHEME.match(url) is not None and not url.startswith(NEVER_FILES)


def _set(made: object, **fields: object) -> None:
    """Replace fields while a frozen value is made: what strangers write is bounded here, once for all."""
    for name, value in fields.items():
        object.__setattr__(made, name, value)


@dataclass(frozen=True, slots=True)
class Author:
    """The account that posted. `external_id` is the platform's stable id, else the handle.

    Ids are as long as can be stored; an address that is none of the web's is left out. So below.
    """

    external_id: str
    handle: str
    url: str | None = None

    def __post_init__(self) -> None:
        _set(self, external_id=bounded_id(self.external_id), handle=bounded_id(self.handle))
        _set(self, url=web_address(self.url))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file a post refers to. `url` names it for whoever acquires it; `alt_text` is the author's own."""

    url: str
    media_type: str | None = None
    alt_text: str | None = None

    def __post_init__(self) -> None:
        _set(self, alt_text=self.alt_text and self.alt_text[:LONGEST_TEXT])


@dataclass(frozen=True, slots=True)
class LinkCard:
    """The preview that a platform shows of a page the post links to."""

    url: str | None = None
    title: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        _set(self, url=web_address(self.url))
        _set(self, title=self.title[:LONGEST_TEXT], description=self.description[:LONGEST_TEXT])


@dataclass(frozen=True, slots=True)
class Post:
    """One published item, normalised. Identity is `(platform, external_id)`; times are aware UTC.

    Raises PayloadChanged for one without an id, or with an address that is too long.
    """

    platform: str
    external_id: str
    url: str
    text: str
    author: Author | None = None
    posted_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    context: str | None = None
    """Where on the platform it stood, for people: "r/nhs", "#ward", a folder's name."""
    card: LinkCard | None = None
    tags: tuple[str, ...] = ()
    """Hashtags and flairs that the platform gives apart from the text; those in the text are found there."""
    thread: tuple[str, ...] = ()
    """The texts of the posts it answers, the nearest first and the thread's first post last. Context only:
    whom they name is not attributed to this post."""
    reported: tuple[str, ...] = ()
    """Addresses that whoever sent it points at: each is looked at as a person's report."""

    def __post_init__(self) -> None:
        if not self.external_id:
            raise PayloadChanged("id", "is empty")
        if len(self.url) > LONGEST_ADDRESS:
            raise PayloadChanged("url", "is too long")
        _set(self, external_id=bounded_id(self.external_id), text=self.text[:LONGEST_TEXT])
        _set(self, context=self.context and bounded_id(self.context))
        files = tuple(file for file in self.attachments[:MOST_PARTS] if _can_be_had(file.url))
        _set(self, attachments=files, tags=self.tags[:MOST_PARTS])
        _set(self, thread=tuple(text[:LONGEST_TEXT] for text in self.thread[:MOST_PARTS]))


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that was seen but could not be read as a post; kept as failed, with its reason."""

    external_id: str
    reason: str
    url: str = ""

    def __post_init__(self) -> None:
        _set(self, external_id=bounded_id(self.external_id) or "unnamed")


@dataclass(frozen=True, slots=True)
class Deletion:
    """Word from the platform that a post is no longer shown."""

    external_id: str
    reason: str
    """For people: "deleted by its author", "taken down by the platform"."""

    def __post_init__(self) -> None:
        _set(self, external_id=bounded_id(self.external_id))


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts and the checkpoint that is true once they are stored. Both go into one transaction."""

    posts: tuple[Post, ...]
    checkpoint: Checkpoint
    rejected: tuple[Rejected, ...] = ()
    gap: str | None = None
    """Why posts between the last run and this batch may have been missed, or None."""
    deletions: tuple[Deletion, ...] = ()
    """Posts that are gone, known here or not; only platforms that tell of deletions give any."""


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What `source test` found: whether the source answers, and one sentence for a person."""

    ok: bool
    message: str
    details: Mapping[str, str] = field(default_factory=dict)


class Connector(Protocol):
    """Reads one platform for one source. A built connector is ready, or its construction raised."""

    platform: str

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield batches newer than `checkpoint` (None: from the start the connector documents).

        Each batch carries the checkpoint after it. The end of the iterator means up to date; the
        caller may stop after any batch. A crash may fetch twice and must never skip. Raises
        ConnectorError.
        """
        ...

    def check(self) -> SourceCheck:
        """Try the source once without moving anything. Raises nothing: trouble is in the answer."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...


class Availability(StrEnum):
    """Whether something is still shown. UNKNOWN is every answer that proves neither."""

    PRESENT = "present"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post as it was stored: enough to ask about it again."""

    external_id: str
    url: str
    attachments: tuple[str, ...] = ()
    """The URLs of its attachments."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One independent look at one thing: a post's object in an API, its page, one of its pictures."""

    subject: str
    """What was looked at, for people: "API", "page", "attachment 1"."""
    availability: Availability
    reason: str
    """One sentence: what was answered."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is told to a platform's moderators. `comment` is sent as it is: no identifiers in it."""

    comment: str
    category: str | None = None
    """One of the platform's own categories, or None for the one its connector finds fitting."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform gave back for a report."""

    reference: str | None
    """The platform's own number of the report."""
    message: str


@runtime_checkable
class Streams(Protocol):
    """For a connector that can stay and hear of posts as they appear."""

    def stream(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """As `fetch`, then stay and yield what happens.

        What was posted while nobody listened comes first, so `fetch` and `stream` can take turns on one
        checkpoint. In silence a batch without posts comes every few seconds, so that the caller can stop:
        it closes the iterator. An iterator that ends was hung up on; call again. Raises ConnectorError.
        """
        ...


@runtime_checkable
class ChecksAvailability(Protocol):
    """For a platform that can be asked whether a post is still there."""

    def check_availability(self, post: PostRef) -> tuple[Probe, ...]:
        """Independent probes of one post, each with its own verdict. Raises nothing.

        Refusals, rate limits, log-in pages and outages are UNKNOWN: only an answer that the platform
        gives for a post that is gone is GONE.
        """
        ...


@runtime_checkable
class ChecksManyPosts(Protocol):
    """For a platform that tells of many posts in one answer, which costs like telling of one."""

    def check_many(self, posts: Sequence[PostRef]) -> list[tuple[Probe, ...]]:
        """As `check_availability`, for each of the posts in their order. Raises nothing."""
        ...


@runtime_checkable
class SubmitsReports(Protocol):
    """For a platform whose API takes reports for its moderators."""

    def submit_report(self, post: PostRef, report: Report) -> Receipt:
        """Report a post, once: a lost answer is not repeated. Raises ConnectorError."""
        ...


@runtime_checkable
class ResolvesPermalink(Protocol):
    """For a platform whose public addresses lead to post ids."""

    def resolve_permalink(self, url: str) -> str | None:
        """The `external_id` of the post at `url`, or None when no post of this platform is there.

        Raises ConnectorError.
        """
        ...


@runtime_checkable
class ReadsAttachments(Protocol):
    """For a connector whose attachments are not plain public URLs: it reads the bytes itself."""

    def read_attachment(self, url: str, max_bytes: int) -> bytes:
        """The bytes named by an `Attachment.url` of this connector.

        Raises AttachmentRefused (never to be had) or SourceUnavailable (try later).
        """
        ...


class ConnectorError(Exception):
    """Base of everything a connector raises; the message is one sentence for a person."""


class ConfigurationInvalid(ConnectorError):
    """The source's settings cannot work as they are."""


class AuthenticationFailed(ConnectorError):
    """Credentials are missing, refused or expired."""


class SourceClosed(ConnectorError):
    """What is asked for is not shown to us: private, banned, removed or closed by policy."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status that said so, if one did."""


class PayloadChanged(ConnectorError):
    """A platform's answer no longer has the documented shape."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class SourceUnavailable(ConnectorError):
    """A transient failure; the same call may work later."""


class RateLimited(SourceUnavailable):
    """The platform asked us to wait."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""


class AttachmentRefused(ConnectorError):
    """An attachment that will not be acquired: too large, gone, not public, or not a file."""
