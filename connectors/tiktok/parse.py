"""Videos of TikTok's Research API: pure functions over its JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from connectors.base import Attachment, Author, Post
from connectors.payload import Json

PLATFORM = "tiktok"
SITE = "https://www.tiktok.com"
ADDRESS = re.compile(r"https?://(?:www\.|m\.)?tiktok\.com/@[\w.]+/(?:video|photo)/(?P<id>\d+)")
_SECONDS_SHIFT = 32


def parse_video(video: Json, still: str | None, context: str) -> Post:
    """A video with its still, which another service of TikTok's tells. Raises PayloadChanged."""
    name = video["username"].text()
    identity = str(video["id"].integer())
    tags = [tag.text_or() for tag in video.get("hashtag_names").items_or_none()]
    words = (video.get("video_description").text_or(), video.get("voice_to_text").text_or())
    return Post(
        platform=PLATFORM,
        external_id=identity,
        url=f"{SITE}/@{name}/video/{identity}",
        text="\n\n".join(part for part in words if part),
        author=Author(name, name, f"{SITE}/@{name}"),
        posted_at=video["create_time"].unix_time(),
        attachments=(Attachment(still),) if still else (),
        context=context,
        tags=tuple(tag for tag in tags if tag),
    )


def created_on(identity: str) -> datetime | None:
    """When a video was made, from its id: the upper half is seconds since 1970. None for no moment."""
    try:
        return datetime.fromtimestamp(int(identity) >> _SECONDS_SHIFT, UTC)
    except (ValueError, OverflowError, OSError):
        return None
