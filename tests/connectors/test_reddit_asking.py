"""What Reddit can be asked about posts, against a loopback Reddit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.base import (
    AuthenticationFailed,
    Availability,
    ChecksManyPosts,
    ConfigurationInvalid,
    Connector,
    PostRef,
    RateLimited,
    Report,
    ResolvesPermalink,
    SourceClosed,
    SourceUnavailable,
    SubmitsReports,
)
from connectors.kind import ConnectorContext
from connectors.reddit.connector import RedditConnector
from connectors.registry import build
from tests.connectors.reddit_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    Failure,
    RedditServer,
    comment,
    submission,
)

NEW = "r/nursing_uk/new"
ACCOUNT = {"username": "watcher", "password": "loopback-password"}
WORDS = Report("A patient's letter can be read in the picture")


def connected(reddit: RedditServer, context: ConnectorContext, **account: str) -> RedditConnector:
    """A connector to the loopback Reddit."""
    settings = {"subreddits": ["nursing_uk"], "reddit_url": reddit.url, "oauth_url": reddit.url}
    here = replace(context, allow_hosts=frozenset({reddit.place}))
    credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **account}
    made = build("reddit", settings, credentials, here)
    assert isinstance(made, RedditConnector)
    return made


@pytest.fixture
def connector(reddit: RedditServer, context: ConnectorContext) -> Iterator[RedditConnector]:
    """One that acts as an account."""
    made = connected(reddit, context, **ACCOUNT)
    yield made
    made.close()


def ref(reddit: RedditServer, thing: dict[str, str]) -> PostRef:
    """The thing as it was stored."""
    return PostRef(thing["name"], reddit.url + thing["permalink"])


def verdicts(connector: RedditConnector, post: PostRef) -> dict[str, str]:
    """Each probe's verdict by its subject."""
    return {probe.subject: probe.availability.value for probe in connector.check_availability(post)}


def test_its_abilities(connector: Connector) -> None:
    """It can be asked about many posts at once, take reports and resolve addresses."""
    assert isinstance(connector, ChecksManyPosts)
    assert isinstance(connector, SubmitsReports)
    assert isinstance(connector, ResolvesPermalink)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, "present"),
        ({"removed_by_category": "moderator"}, "gone"),
        ({"selftext": "[deleted]", "author": "[deleted]"}, "gone"),
        ({"selftext": "[removed]"}, "gone"),
    ],
)
def test_the_api_tells(
    reddit: RedditServer, connector: RedditConnector, fields: dict[str, str], verdict: str
) -> None:
    """A removed post is listed as removed; that its page still answers proves nothing."""
    thing = submission(1, **fields)
    reddit.add(NEW, thing)
    assert verdicts(connector, ref(reddit, thing)) == {"API": verdict, "page": "unknown"}


def test_what_is_not_listed(reddit: RedditServer, connector: RedditConnector) -> None:
    """Left out by the API is gone when its address is unknown too, and unknown in a closed subreddit."""
    purged, private = submission(1), submission(2)
    reddit.closed[private["permalink"].strip("/")] = 403
    assert verdicts(connector, ref(reddit, purged)) == {"API": "gone", "page": "gone"}
    assert verdicts(connector, ref(reddit, private)) == {"API": "unknown", "page": "unknown"}


def test_a_picture_outlives_its_post(reddit: RedditServer, connector: RedditConnector) -> None:
    """The picture has a verdict of its own."""
    thing = submission(1, removed_by_category="deleted")
    reddit.add(NEW, thing)
    picture = f"{reddit.url}{submission(2)['permalink']}"
    reddit.add(NEW, submission(2))
    post = replace(ref(reddit, thing), attachments=(picture,))
    assert verdicts(connector, post) == {"API": "gone", "page": "unknown", "attachment 1": "present"}


def test_many_posts_cost_one_request_a_hundred(reddit: RedditServer, connector: RedditConnector) -> None:
    """A hundred and fifty posts and comments take two requests to the API, answered in their order."""
    things = [submission(n) if n % 2 else comment(n) for n in range(150)]
    reddit.add(NEW, *things)
    things[7]["removed_by_category"] = "moderator"
    found = connector.check_many([ref(reddit, thing) for thing in things])
    gone = [place for place, probes in enumerate(found) if probes[0].availability is Availability.GONE]
    assert gone == [7]
    assert len([asked for asked in reddit.asked if asked.path == "api/info/"]) == 2


def test_trouble_is_unknown(reddit: RedditServer, connector: RedditConnector) -> None:
    """An outage of the API proves nothing about any post."""
    thing = submission(1)
    reddit.add(NEW, thing)
    reddit.failure = Failure(503, left=99)
    assert set(verdicts(connector, ref(reddit, thing)).values()) == {"unknown"}


def test_a_report(reddit: RedditServer, connector: RedditConnector) -> None:
    """A report is sent as the account, with its words and category, and has no number."""
    receipt = connector.submit_report(ref(reddit, submission(1)), replace(WORDS, category="privacy"))
    assert receipt.reference is None
    (sent,) = reddit.reports
    assert sent["id"] == "t3_z00001"
    assert (sent["reason"], sent["site_reason"]) == (WORDS.comment, "privacy")


@pytest.mark.parametrize(
    ("complaint", "error"),
    [("RATELIMIT", RateLimited), ("USER_REQUIRED", AuthenticationFailed), ("BANNED", SourceClosed)],
)
def test_a_report_that_is_not_taken(
    reddit: RedditServer, connector: RedditConnector, complaint: str, error: type[Exception]
) -> None:
    """A refusal stands in an answer of status 200, and is raised for what it is."""
    reddit.complaints = [[complaint, "a sentence", "id"]]
    with pytest.raises(error):
        connector.submit_report(ref(reddit, submission(1)), WORDS)


def test_a_report_is_sent_once(reddit: RedditServer, connector: RedditConnector) -> None:
    """When the answer to a report is lost, it is not sent again, and the error says that it may have come."""
    reddit.failure = Failure(502, left=99)
    with pytest.raises(SourceUnavailable, match="may have taken"):
        connector.submit_report(ref(reddit, submission(1)), WORDS)
    assert [asked.path.strip("/") for asked in reddit.asked].count("api/report") == 1


def test_reports_that_cannot_be(reddit: RedditServer, context: ConnectorContext) -> None:
    """Without an account, or with too many words, nothing is sent."""
    nobody = connected(reddit, context)
    with pytest.raises(AuthenticationFailed, match="account"):
        nobody.submit_report(ref(reddit, submission(1)), WORDS)
    nobody.close()
    somebody = connected(reddit, context, **ACCOUNT)
    with pytest.raises(ConfigurationInvalid, match="100 characters"):
        somebody.submit_report(ref(reddit, submission(1)), Report("x" * 101))
    somebody.close()
    assert reddit.reports == []


@pytest.mark.parametrize(
    ("url", "fullname"),
    [
        ("https://www.reddit.com/r/nhs/comments/1abc2d/a_title/", "t3_1abc2d"),
        ("https://old.reddit.com/r/nhs/comments/1abc2d", "t3_1abc2d"),
        ("https://www.reddit.com/r/nhs/comments/1abc2d/a_title/kx9/?context=3", "t1_kx9"),
        ("https://www.reddit.com/r/nhs/comments/1abc2d/comment/kx9/", "t1_kx9"),
        ("https://www.reddit.com/user/ann/comments/1abc2d/a_title/", "t3_1abc2d"),
        ("https://www.reddit.com/gallery/1abc2d", "t3_1abc2d"),
        ("https://redd.it/1abc2d", "t3_1abc2d"),
        ("https://www.reddit.com/r/nhs/", None),
        ("https://i.redd.it/1abc2d.jpg", None),
        ("https://reddit.com.example.org/r/nhs/comments/1abc2d/", None),
        ("https://notreddit.com/comments/1abc2d/", None),
        ("https://[::1/comments/1abc2d/", None),
    ],
)
def test_addresses(connector: RedditConnector, url: str, fullname: str | None) -> None:
    """Any of Reddit's addresses of a post leads to its fullname; others' to nothing."""
    assert connector.resolve_permalink(url) == fullname


def test_a_shared_link_is_followed(reddit: RedditServer, connector: RedditConnector) -> None:
    """The short link that Reddit's app shares leads to the post that it redirects to."""
    thing = submission(1)
    reddit.add(NEW, thing)
    reddit.shared["r/nursing_uk/s/Ab1Cd2"] = thing["permalink"]
    assert connector.resolve_permalink(f"{reddit.url}/r/nursing_uk/s/Ab1Cd2") == "t3_z00001"
    assert connector.resolve_permalink(f"{reddit.url}/r/nursing_uk/s/nowhere") is None
