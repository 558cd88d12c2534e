"""What every connector of listings does alike, so that a platform's own file says only what is its own."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Protocol

from connectors.base import Batch, Checkpoint, ConnectorError, Deletion, Post, SourceCheck
from connectors.known import KNOWN_KEPT
from connectors.listing import Listing, ListingReader, Page


class Closable(Protocol):
    """What holds connections."""

    def close(self) -> None:
        """Release them."""
        ...


class Remaining(Protocol):
    """What knows how many requests are left, None when nobody has said."""

    @property
    def remaining(self) -> float | None:
        """Requests."""
        ...


class ListedConnector(ABC):
    """Base of a connector whose listings show the newest first. Implements Connector and ListedPlatform.

    A subclass gives `page` and `post`; `name` is the platform's name for people.
    """

    platform: str
    name: ClassVar[str]
    posts_per_run: int = 1000

    def __init__(
        self,
        listings: Sequence[Listing],
        client: Closable,
        *,
        first_run_posts: int,
        limits: Remaining | None = None,
    ) -> None:
        self._listings = tuple({listing.key.lower(): listing for listing in listings}.values())
        self._closable = client
        self._first_run_posts = first_run_posts
        self._budget = limits

    @abstractmethod
    def page(self, listing: Listing, after: Any, limit: int) -> Page:
        """A page of at most `limit` items, from the newest or after a page. Raises ConnectorError."""

    @abstractmethod
    def post(self, listing: Listing, item: Any) -> Post | Deletion:
        """An item as a post, or that it is gone. Raises PayloadChanged naming the field that is wrong."""

    def is_ready(self, item: Any) -> bool:
        """Whether the item is whole; most platforms list nothing before it is."""
        return True

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`; a listing's first run takes its newest only.

        A listing that is closed to us does not stop the others; SourceClosed is raised after them.
        """
        reader = ListingReader(
            self,
            checkpoint,
            self._listings,
            name=self.name,
            first_run_posts=self._first_run_posts,
            posts_per_run=self.posts_per_run,
            kept=max(KNOWN_KEPT, 2 * self.posts_per_run if self._has_unordered() else 0),
        )
        yield from reader.batches()

    def _has_unordered(self) -> bool:
        return not all(listing.is_ordered for listing in self._listings)

    def check(self) -> SourceCheck:
        """Ask each listing for one post."""
        for listing in self._listings:
            try:
                self.try_listing(listing)
            except ConnectorError as error:
                return SourceCheck(False, f"{listing.key}: {error}")
        left = self._budget.remaining if self._budget else None
        details = {} if left is None else {"requests left": f"{left:g}"}
        return SourceCheck(True, f"{self.name} answers for {len(self._listings)} listing(s).", details)

    def try_listing(self, listing: Listing) -> None:
        """Ask a listing for as little as shows that it answers. Raises ConnectorError."""
        self.page(listing, None, 1)

    def close(self) -> None:
        """Release connections."""
        self._closable.close()


class KnownByAddress:
    """A platform whose addresses hold its posts' ids. Implements ResolvesPermalink."""

    address: ClassVar[re.Pattern[str]]
    """Matches a post's address from its beginning; the group `id` is the post's id."""

    def resolve_permalink(self, url: str) -> str | None:
        """The id of the post at an address, or None when the address is none of the platform's."""
        found = self.address.match(url)
        return found["id"] if found else None
