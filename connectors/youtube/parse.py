"""YouTube's answers as posts: pure functions over the Data API's JSON and over channels' feeds.

Documentation: the Data API's resources playlistItem, searchResult and commentThread.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Attachment, Author, Post
from connectors.html import html_text
from connectors.pages import Validators, WebPage
from connectors.payload import Json
from connectors.rss.parse import parse_feed

PLATFORM = "youtube"
SITE = "https://www.youtube.com"
_LARGEST_FIRST = ("maxres", "standard", "high", "medium", "default")


def video_id(item: Json) -> str:
    """The video of a playlist's item or a search result. Raises PayloadChanged."""
    if item.get("kind").text_or() == "youtube#searchResult":
        return item["id"]["videoId"].text()
    return item["snippet"]["resourceId"]["videoId"].text()


def parse_video(item: Json, context: str) -> Post:
    """A video: title and description, and its still. Raises PayloadChanged."""
    snippet, identity = item["snippet"], video_id(item)
    description = snippet.get("description").text_or()
    published = item.get("contentDetails").get("videoPublishedAt") or snippet["publishedAt"]
    return Post(
        platform=PLATFORM,
        external_id=identity,
        url=f"{SITE}/watch?v={identity}",
        text="\n\n".join(part for part in (html_text(snippet["title"].text()), description) if part),
        author=_channel(snippet),
        posted_at=published.moment(),
        attachments=tuple(_still(snippet)),
        context=context,
    )


def comment_version(item: Json) -> str:
    """What changes when a comment is edited."""
    return item["snippet"]["topLevelComment"]["snippet"].get("updatedAt").text_or()


def parse_comment(item: Json, context: str) -> Post:
    """The first comment of a thread. Raises PayloadChanged."""
    comment = item["snippet"]["topLevelComment"]
    snippet, identity = comment["snippet"], comment["id"].text()
    video = snippet.get("videoId").text_or() or item["snippet"].get("videoId").text_or()
    author = snippet.get("authorDisplayName").text_or()
    page = f"{SITE}/watch?v={video}&lc={identity}" if video else f"{SITE}/?lc={identity}"
    account = snippet.get("authorChannelId").get("value").text_or() or author
    url = snippet.get("authorChannelUrl").text_or() or None
    return Post(
        platform=PLATFORM,
        external_id=f"comment:{identity}",
        url=page,
        text=snippet["textOriginal"].text() if snippet.get("textOriginal") else _display(snippet),
        author=Author(account, author, url) if account else None,
        posted_at=snippet["publishedAt"].moment(),
        context=context,
    )


def parse_channel_feed(document: bytes, context: str) -> tuple[Post, ...]:
    """The newest videos of a channel's feed, newest first. Raises PayloadChanged."""
    page = WebPage(document, SITE, "application/atom+xml", Validators())
    return tuple(_from_feed(post, context) for post in reversed(parse_feed(page, SITE)))


def _from_feed(entry: Post, context: str) -> Post:
    """An entry under the id that the Data API gives the same video."""
    identity = entry.external_id.rpartition(":")[2]
    return Post(
        platform=PLATFORM,
        external_id=identity,
        url=f"{SITE}/watch?v={identity}",
        text=entry.text,
        author=entry.author,
        posted_at=entry.posted_at,
        attachments=entry.attachments,
        context=context,
    )


def _display(snippet: Json) -> str:
    return html_text(snippet["textDisplay"].text())


def _channel(snippet: Json) -> Author | None:
    """Who uploaded it: a playlist's items name that apart from the playlist's owner."""
    account = (snippet.get("videoOwnerChannelId") or snippet.get("channelId")).text_or()
    title = (snippet.get("videoOwnerChannelTitle") or snippet.get("channelTitle")).text_or()
    return Author(account, title or account, f"{SITE}/channel/{account}") if account else None


def _still(snippet: Json) -> Iterator[Attachment]:
    stills = (snippet.get("thumbnails").get(size).get("url").text_or() for size in _LARGEST_FIRST)
    url = next((still for still in stills if still), None)
    if url:
        yield Attachment(url, "image/jpeg")
