"""Posts of X's API version 2: pure functions over its JSON (its objects Tweet, User and Media)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.base import Attachment, Author, Post
from connectors.payload import Json

PLATFORM = "x"
SITE = "https://x.com"
NOT_FOUND = "resource-not-found"
"""How the type of the error ends that X gives for a post that is not there."""


@dataclass(frozen=True, slots=True)
class Item:
    """A post with what its page included beside it."""

    post: Json
    users: Mapping[str, Json]
    media: Mapping[str, Json]


def parse_items(answer: Json) -> tuple[Item, ...]:
    """The posts of a page, newest first. Raises PayloadChanged."""
    includes = answer.get("includes")
    users = {user["id"].text(): user for user in includes.get("users").items_or_none()}
    media = {each["media_key"].text(): each for each in includes.get("media").items_or_none()}
    return tuple(Item(post, users, media) for post in answer.get("data").items_or_none())


def parse_lookup(answer: Json) -> tuple[frozenset[str], frozenset[str]]:
    """Which of the posts that were asked for by their ids are shown, and which X says it cannot find.

    Any other error, of a protected account or a withheld post, says nothing; nor does one about what a post
    refers to, whose `resource_type` is another. Raises PayloadChanged.
    """
    shown = frozenset(post["id"].text() for post in answer.get("data").items_or_none())
    gone = frozenset(
        error.get("value").text_or(error.get("resource_id").text_or())
        for error in answer.get("errors").items_or_none()
        if error.get("type").text_or().endswith(NOT_FOUND) and error.get("resource_type").text_or() == "tweet"
    )
    return shown, gone - shown


def parse_item(item: Item, context: str) -> Post:
    """A post. An edited one has a new id and keeps the first of its history as its identity."""
    post = item.post
    identity = str(post["id"].integer())
    history = [each.text_or() for each in post.get("edit_history_tweet_ids").items_or_none()]
    author = _author(post["author_id"].text(), item.users)
    return Post(
        platform=PLATFORM,
        external_id=_first([identity, *history]),
        url=f"{SITE}/{author.handle}/status/{identity}",
        text=post.get("note_tweet").get("text").text_or() or post["text"].text(),
        author=author,
        posted_at=post["created_at"].moment(),
        attachments=tuple(_attachments(item)),
        context=context,
    )


def _first(identities: list[str]) -> str:
    """The oldest of a post's ids."""
    numbers = filter(str.isdecimal, identities)
    return min(numbers, key=lambda number: (len(number), number), default=identities[0])


def _author(identity: str, users: Mapping[str, Json]) -> Author:
    """X leads to the post whatever name stands in its address, so one that is not known may be "i"."""
    known = users.get(identity)
    handle = known["username"].text() if known else "i"
    return Author(identity, handle, f"{SITE}/{handle}" if known else None)


def _attachments(item: Item) -> Iterator[Attachment]:
    for key in item.post.get("attachments").get("media_keys").items_or_none():
        media = item.media.get(key.text_or())
        if media:
            yield from _medium(media)


def _medium(media: Json) -> Iterator[Attachment]:
    """A photo at its original size; of a video its best file, else its still."""
    alt_text = media.get("alt_text").text_or() or None
    url = media.get("url").text_or()
    if url:
        yield Attachment(f"{url}?name=orig", alt_text=alt_text)
        return
    files = [each for each in media.get("variants").items_or_none() if each.get("bit_rate").value is not None]
    best = max(files, key=lambda file: file["bit_rate"].integer(), default=None)
    still = media.get("preview_image_url").text_or()
    if best is not None:
        yield Attachment(best["url"].text(), best.get("content_type").text_or() or None, alt_text)
    elif still:
        yield Attachment(still, alt_text=alt_text)
