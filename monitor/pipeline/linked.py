"""Looking behind links: a page in place of a file gives way to the pictures it shows of itself, one hop deep.

The page itself is not kept. Each picture becomes an attachment of the same revision and says which page named
it. What is found so costs the post nothing when it cannot be had.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.base import AttachmentRefused, ConnectorError
from connectors.fetch import Fetched, GuardedFetcher
from connectors.linked import LinkedFile, LinkedPage, read_linked, read_oembed
from connectors.web.parse import decoded_html
from detectors.passages import PostText
from monitor.core import Core
from monitor.pipeline.step import deadline
from monitor.storage import work
from monitor.storage.post import Attachment, PostRevision
from monitor.texts import open_text, seal_text


@dataclass(frozen=True, slots=True)
class Behind:
    """What a page gave."""

    page: LinkedPage
    url: str
    files: tuple[LinkedFile, ...]


def look_behind(fetcher: GuardedFetcher, attachment: Attachment, fetched: Fetched) -> Behind:
    """Read a page that came where a file was expected.

    Raises AttachmentRefused for a page with nothing to see, and beyond the first hop.
    """
    if attachment.origin == "linked":
        raise AttachmentRefused("It is a page, and links are looked behind one hop deep.")
    html = decoded_html(fetched.data, fetched.content_type or "")
    page = read_linked(html, fetched.final_url, whole=attachment.origin == "page")
    files = page.files or _by_oembed(fetcher, page.oembed)
    words = (page.title or page.description) if attachment.origin == "page" else ""
    if not files and not words:
        raise AttachmentRefused("It is a page, not a file, and shows strangers no picture of itself.")
    return Behind(page, fetched.final_url, files)


def put_behind(core: Core, claim: work.Claim, attachment: Attachment, behind: Behind) -> None:
    """Put a page's pictures in its place."""
    with core.database.transaction() as session:
        work.renew(session, claim, deadline(core))
        row = session.get_one(Attachment, attachment.id)
        known = set(session.scalars(select(Attachment.url).where(Attachment.revision_id == row.revision_id)))
        new = [file for file in behind.files if file.url not in known]
        row.state, row.error = "skipped", f"It is a page; {len(new)} of its pictures were taken in its place."
        _add(session, row, behind, new)
        if row.origin == "page":
            _tell(core, session.get_one(PostRevision, row.revision_id), behind.page)


def _by_oembed(fetcher: GuardedFetcher, address: str | None) -> tuple[LinkedFile, ...]:
    if address is None:
        return ()
    try:
        return read_oembed(fetcher.fetch(address).data, address)
    except ConnectorError:
        return ()  # the page was had; what it says of itself elsewhere is a bonus


def _add(session: Session, row: Attachment, behind: Behind, files: list[LinkedFile]) -> None:
    last = select(func.max(Attachment.position)).where(Attachment.revision_id == row.revision_id)
    first = (session.scalar(last) or 0) + 1
    session.add_all(
        Attachment(
            revision_id=row.revision_id,
            position=position,
            url=file.url,
            origin="linked",
            acquisition={"found_on": behind.url, "found_as": file.found_as},
        )
        for position, file in enumerate(files, start=first)
    )


def _tell(core: Core, revision: PostRevision, page: LinkedPage) -> None:
    """Give a reported post the words that its page shows of it."""
    words = tuple(part for part in (page.title, page.description) if part)
    if not words:
        return
    text = open_text(core.vault, revision)
    seal_text(core.vault, revision, PostText(text.text, text.alt_texts, words, text.tags, text.thread))
    told = "\n".join((revision.content_digest, *words))
    revision.content_digest = core.vault.keyed_digest("post", told)
