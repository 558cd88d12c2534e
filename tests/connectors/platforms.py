"""One platform for each connector, for the contract test: known posts, more on demand, and trouble."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import Connector
from connectors.registry import build
from tests.connectors.abilities import (
    NO_SKEW,
    UNICODE,
    Closing,
    Drifting,
    Editable,
    Expiring,
    Limited,
    Malformed,
    Overflowing,
    Paged,
    Platform,
    Removing,
    context_for,
)
from tests.connectors.bluesky_server import BlueskyServer, ListedPlatform, bluesky_network_platform
from tests.connectors.boards_server import BoardPlatform, BoardServer
from tests.connectors.discord_server import DiscordPlatform, DiscordServer
from tests.connectors.firehose_server import bluesky_firehose_platform
from tests.connectors.gists_server import GistsPlatform, GistsServer
from tests.connectors.lemmy_server import Lemmy4Server, LemmyPlatform, LemmyServer
from tests.connectors.mailbox_server import mailbox_platform
from tests.connectors.mastodon_server import MastodonPlatform, MastodonServer
from tests.connectors.meta_server import FacebookPlatform, InstagramPlatform, MetaServer
from tests.connectors.pastes_server import PastePlatform, PasteServer
from tests.connectors.reddit_server import RedditPlatform, RedditServer
from tests.connectors.rss_server import FeedPlatform, FeedServer
from tests.connectors.served import served
from tests.connectors.telegram_account import telegram_account_platform
from tests.connectors.telegram_server import TelegramPlatform, TelegramServer
from tests.connectors.tiktok_server import TiktokPlatform, TiktokServer
from tests.connectors.tumblr_server import TumblrPlatform, TumblrServer
from tests.connectors.web_server import Site, SitePlatform
from tests.connectors.x_server import XPlatform, XServer
from tests.connectors.youtube_server import YoutubePlatform, YoutubeServer


class FolderPlatform:
    """A folder with a feed in a subfolder, files beside it, and loose images."""

    needs_credentials = False

    def __init__(self, root: Path) -> None:
        self._root = root / "watched \u00e9"
        (self._root / "feeds").mkdir(parents=True)
        self._count = 0
        self._expected: set[str] = set()

    @property
    def expected(self) -> set[str]:
        """Ids of feed lines, digests of loose images."""
        return self._expected

    def connect(self, *, good: bool = True, skew: timedelta = NO_SKEW) -> Connector:
        """A connector that takes files at once."""
        settings = {"path": str(self._root), "settle_seconds": 0}
        return build("folder", settings, None, context_for(skew=skew))

    def publish(self, count: int) -> None:
        """Two feed lines, then an image, and so on."""
        for _ in range(count):
            self._count += 1
            if self._count % 3:
                self._write_line()
            else:
                self._write_image()

    def vanish(self) -> None:
        """The folder is no longer mounted."""
        shutil.rmtree(self._root)

    def _write_line(self) -> None:
        name, external_id = f"file {self._count}.png", f"post-{self._count}"
        (self._root / "feeds" / name).write_bytes(b"beside" + self._count.to_bytes(4, "big"))
        line = {"id": external_id, "text": f"{UNICODE} {self._count}", "files": [name]}
        with (self._root / "feeds" / "feed.jsonl").open("a", encoding="utf-8") as feed:
            feed.write(json.dumps(line) + "\n")
        self._expected.add(external_id)

    def edit(self) -> str:
        """A later line with a known id is a new wording."""
        with (self._root / "feeds" / "feed.jsonl").open("a", encoding="utf-8") as feed:
            feed.write(json.dumps({"id": "post-1", "text": "edited"}) + "\n")
        return "post-1"

    def publish_malformed(self) -> str:
        """A line whose text is a number."""
        with (self._root / "feeds" / "feed.jsonl").open("a", encoding="utf-8") as feed:
            feed.write(json.dumps({"id": "bad", "text": 5}) + "\n")
        return "text"

    def _write_image(self) -> None:
        content = b"loose" + self._count.to_bytes(4, "big")
        (self._root / f"{UNICODE} {self._count}.jpg").write_bytes(content)
        self._expected.add(hashlib.sha256(content).hexdigest())


@contextmanager
def folder_platform(scratch: Path) -> Iterator[Platform]:
    """A watched folder."""
    yield FolderPlatform(scratch)


PLATFORMS = {
    "bluesky": served(BlueskyServer, ListedPlatform),
    "bluesky firehose": bluesky_firehose_platform,
    "bluesky network": bluesky_network_platform,
    "boards": served(BoardServer, BoardPlatform),
    "discord": served(DiscordServer, DiscordPlatform),
    "facebook": served(MetaServer, FacebookPlatform),
    "folder": folder_platform,
    "gists": served(GistsServer, GistsPlatform),
    "instagram": served(MetaServer, InstagramPlatform),
    "lemmy": served(LemmyServer, LemmyPlatform),
    "lemmy 1.0": served(Lemmy4Server, LemmyPlatform),
    "mailbox": mailbox_platform,
    "mastodon": served(MastodonServer, MastodonPlatform),
    "pastes": served(PasteServer, PastePlatform),
    "reddit": served(RedditServer, RedditPlatform),
    "rss": served(FeedServer, FeedPlatform),
    "telegram": served(TelegramServer, TelegramPlatform),
    "telegram account": telegram_account_platform,
    "tiktok": served(TiktokServer, TiktokPlatform),
    "tumblr": served(TumblrServer, TumblrPlatform),
    "web": served(Site, SitePlatform),
    "x": served(XServer, XPlatform),
    "youtube": served(YoutubeServer, YoutubePlatform),
}
"""By connector name, and what is read of it where that differs; none may be without one."""

NEEDS: dict[str, pytest.MarkDecorator] = {"mailbox": pytest.mark.needs_dovecot}
"""What a platform needs of the machine."""

NOT_TRIED: dict[str, frozenset[type]] = {
    "bluesky": frozenset({Editable}),
    "bluesky firehose": frozenset({Paged, Expiring}),
    "bluesky network": frozenset({Paged, Expiring}),
    "boards": frozenset({Paged, Expiring, Editable}),
    "lemmy": frozenset(),
    "lemmy 1.0": frozenset(),
    "discord": frozenset({Editable, Overflowing}),
    "gists": frozenset({Paged}),
    "tumblr": frozenset({Editable}),
    "facebook": frozenset({Editable}),
    "instagram": frozenset({Editable}),
    "tiktok": frozenset({Editable}),
    "folder": frozenset({Paged, Limited, Drifting, Expiring, Closing, Removing, Overflowing}),
    "mailbox": frozenset({Paged, Limited, Drifting, Expiring, Editable, Overflowing}),
    "mastodon": frozenset({Overflowing}),
    "pastes": frozenset({Paged, Malformed, Expiring, Editable}),
    "reddit": frozenset({Editable}),
    "rss": frozenset({Paged, Malformed, Expiring}),
    "telegram": frozenset({Expiring}),
    "telegram account": frozenset({Paged, Drifting, Overflowing}),
    "x": frozenset(),
    "youtube": frozenset({Editable}),
    "web": frozenset({Paged, Drifting, Malformed, Expiring, Editable, Overflowing}),
}
"""The abilities that a platform does not have, so that none is left out by oversight."""
