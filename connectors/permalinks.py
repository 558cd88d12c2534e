"""Which post a public address means, told from the address alone: pure, no network, no source needed.

What a person copies from a browser is not what a connector stores: it has another host, an app's parameters,
a fragment. A report by a person must meet the post that was crawled all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from connectors.address import parse_target
from connectors.gists.connector import GistsConnector
from connectors.meta.instagram import InstagramConnector
from connectors.text import bounded_id, clean_text
from connectors.tiktok.connector import TiktokConnector
from connectors.tumblr.connector import TumblrConnector
from connectors.web.parse import PLATFORM as WEB
from connectors.x.connector import XConnector
from connectors.youtube.connector import YoutubeConnector

_KNOWN_BY_ADDRESS = (
    GistsConnector,
    InstagramConnector,
    TiktokConnector,
    TumblrConnector,
    XConnector,
    YoutubeConnector,
)
_REDDIT = r"https?://(?:\w+\.)?reddit\.com/"
_KNOWN: tuple[tuple[str, re.Pattern[str], str], ...] = (
    *((kind.platform, kind.address, "{id}") for kind in _KNOWN_BY_ADDRESS),
    (
        "reddit",
        re.compile(_REDDIT + r"(?:(?:r|user|u)/[^/?#]+/)?comments/\w+/[^/?#]*/(?P<id>\w+)"),
        "t1_{id}",
    ),
    ("reddit", re.compile(_REDDIT + r"(?:(?:r|user|u)/[^/?#]+/)?comments/(?P<id>\w+)"), "t3_{id}"),
    ("reddit", re.compile(rf"(?:{_REDDIT}gallery|https?://redd\.it)/(?P<id>\w+)"), "t3_{id}"),
    (
        "bluesky",
        re.compile(r"https?://bsky\.app/profile/(?P<did>did:[\w:.%-]+)/post/(?P<id>\w+)"),
        "at://{did}/app.bsky.feed.post/{id}",
    ),
    (
        "telegram",
        re.compile(r"https?://(?:t|telegram)\.me/(?:s/)?(?P<channel>[A-Za-z]\w{3,31})/(?P<id>\d+)"),
        "{channel}/{id}",
    ),
)
"""Platform, what its addresses begin with, and how its posts are called from the groups."""
_FEDERATED = re.compile(
    r"\A(?:/@[^/]+/[^/]+|/users/[^/]+/statuses/[^/]+|/(?:notice|objects|post|comment)/[\w-]+)"
)
_TRACKING = frozenset(
    ("dclid", "fbclid", "gclid", "igsh", "igshid", "mibextid", "ref_src", "ref_url", "share_id")
)
"""Parameters that say who shared an address, not what it is of; besides those that begin with utm_."""
_SCHEME = re.compile(r"\A[a-z][a-z0-9+.-]*+:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Permalink:
    """A public address that somebody gave, and the post that it means."""

    url: str
    """Tidied: with a scheme, without fragment and what only tracks whoever shared it."""
    platform: str
    external_id: str
    sure: bool
    """Whether the platform's own form of address told it; else it is a page of the web."""
    federated: bool
    """Whether it looks like a post of a server of the fediverse, which only such a server can tell."""


def read_permalink(given: str, allow_hosts: frozenset[str] = frozenset()) -> Permalink:
    """What an address means, as a person typed or pasted it.

    Raises AttachmentRefused, without repeating it, when it is no address that would be fetched.
    """
    text = clean_text(given).strip()
    url = _tidied(text if _SCHEME.match(text) else f"https://{text}", allow_hosts)
    for platform, pattern, form in _KNOWN:
        if found := pattern.match(url):
            return Permalink(url, platform, bounded_id(form.format(**found.groupdict())), True, False)
    federated = bool(_FEDERATED.fullmatch(urlsplit(url).path.rstrip("/")))
    return Permalink(url, WEB, bounded_id(url), False, federated)


def _tidied(url: str, allow_hosts: frozenset[str]) -> str:
    target = parse_target(url, allow_hosts)
    parts = urlsplit(target.url)
    query = "&".join(part for part in parts.query.split("&") if not _is_tracking(part))
    return urlunsplit((parts.scheme, target.host_header, parts.path, query, ""))


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in _TRACKING or name.startswith("utm_")
