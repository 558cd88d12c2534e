"""The Reddit connector against a loopback Reddit: paging, gaps, closed listings, limits and errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from connectors.base import (
    AuthenticationFailed,
    Batch,
    ConfigurationInvalid,
    Connector,
    ConnectorError,
    PayloadChanged,
    RateLimited,
    SourceClosed,
    SourceUnavailable,
)
from connectors.kind import ConnectorContext
from connectors.registry import build
from tests.connectors.reddit_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    EPOCH,
    Failure,
    RedditServer,
    comment,
    submission,
)

NEW = "r/nursing_uk/new"
SCOPE = 'Bearer realm="reddit", error="insufficient_scope"'

Connect = Callable[..., Connector]


@pytest.fixture
def connect(reddit: RedditServer, context: ConnectorContext) -> Iterator[Connect]:
    """Builds connectors to the loopback Reddit."""
    made: list[Connector] = []

    def make(now: datetime | None = None, **settings: Any) -> Connector:
        url = reddit.url
        values = {"subreddits": ["nursing_uk"], "reddit_url": url, "oauth_url": url} | settings
        here = replace(context, allow_hosts=frozenset({reddit.place}))
        here = replace(here, now=lambda: now) if now else here
        credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        made.append(build("reddit", values, credentials, here))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


def ids(batches: list[Batch]) -> list[str]:
    """External ids in the order they were given."""
    return [post.external_id for batch in batches for post in batch.posts]


def names(*numbers: int) -> list[str]:
    """Fullnames of submissions."""
    return [f"t3_z{number:05d}" for number in numbers]


def test_oldest_first_in_pages(reddit: RedditServer, connect: Connect) -> None:
    """A long listing is paged to its end and given oldest first, in batches of fifty."""
    reddit.add(NEW, *(submission(n) for n in range(230)))
    batches = list(connect(first_run_posts=1000).fetch(None))
    assert ids(batches) == names(*range(230))
    assert [len(batch.posts) for batch in batches] == [50, 50, 50, 50, 30]
    assert [asked.query["limit"] for asked in reddit.asked if asked.path == NEW] == ["100", "100", "100"]
    assert all(asked.query["raw_json"] == "1" for asked in reddit.asked if asked.path == NEW)


def test_the_first_run_is_bounded(reddit: RedditServer, connect: Connect) -> None:
    """The first run takes the newest posts only; the rest is no gap, and no later run returns to it."""
    reddit.add(NEW, *(submission(n) for n in range(40)))
    connector = connect(first_run_posts=10)
    (first,) = connector.fetch(None)
    assert (ids([first]), first.gap) == (names(*range(30, 40)), None)
    reddit.add(NEW, submission(40))
    (second,) = connector.fetch(first.checkpoint)
    assert (ids([second]), second.gap) == (names(40), None)


def test_no_page_more_than_needed(reddit: RedditServer, connect: Connect) -> None:
    """A run stops at the first page that holds a known post."""
    reddit.add(NEW, *(submission(n) for n in range(300)))
    connector = connect(first_run_posts=300)
    last = list(connector.fetch(None))[-1]
    reddit.add(NEW, *(submission(n) for n in range(300, 420)))
    reddit.asked.clear()
    assert ids(list(connector.fetch(last.checkpoint))) == names(*range(300, 420))
    assert len(reddit.asked) == 2


def test_a_removed_anchor_is_no_gap(reddit: RedditServer, connect: Connect) -> None:
    """When the newest known posts are gone from the listing, older known ones still close it."""
    reddit.add(NEW, *(submission(n) for n in range(100)))
    connector = connect()
    last = list(connector.fetch(None))[-1]
    del reddit.listings[NEW][:60]
    reddit.add(NEW, submission(100), submission(101))
    (batch,) = connector.fetch(last.checkpoint)
    assert (ids([batch]), batch.gap) == (names(100, 101), None)


def test_a_gap_is_said_once(reddit: RedditServer, connect: Connect) -> None:
    """When more was posted than Reddit shows, the first batch says so and the next run does not."""
    reddit.add(NEW, *(submission(n) for n in range(20)))
    connector = connect()
    last = list(connector.fetch(None))[-1]
    reddit.cap = 250
    reddit.add(NEW, *(submission(n) for n in range(20, 400)))
    batches = list(connector.fetch(last.checkpoint))
    assert ids(batches) == names(*range(150, 400))
    gaps = [batch.gap for batch in batches]
    assert gaps[1:] == [None] * 4
    assert gaps[0] is not None
    assert gaps[0].startswith("r/nursing_uk/new: none of the posts seen last")
    reddit.add(NEW, submission(400))
    assert [batch.gap for batch in connector.fetch(batches[-1].checkpoint)] == [None]


def test_our_own_limit_is_a_gap_too(reddit: RedditServer, connect: Connect) -> None:
    """A run that stops at its own limit before reaching what it knows says that posts may be missed."""
    reddit.add(NEW, submission(0))
    connector = connect(posts_per_run=100)
    last = list(connector.fetch(None))[-1]
    reddit.add(NEW, *(submission(n) for n in range(1, 150)))
    batches = list(connector.fetch(last.checkpoint))
    assert ids(batches) == names(*range(50, 150))
    assert batches[0].gap is not None


def test_an_empty_start_loses_nothing(reddit: RedditServer, connect: Connect) -> None:
    """A listing that was empty at first is read whole later, beyond the bound of a first run."""
    reddit.listings[NEW] = []
    connector = connect(first_run_posts=5)
    (started,) = connector.fetch(None)
    assert started.posts == ()
    reddit.add(NEW, *(submission(n) for n in range(30)))
    (batch,) = connector.fetch(started.checkpoint)
    assert (ids([batch]), batch.gap) == (names(*range(30)), None)


def test_a_post_approved_late(reddit: RedditServer, connect: Connect) -> None:
    """A post that appears among known ones, because moderators held it back, is not overlooked."""
    reddit.add(NEW, *(submission(n) for n in range(10)))
    connector = connect()
    last = list(connector.fetch(None))[-1]
    reddit.listings[NEW].insert(4, submission(77))
    assert ids(list(connector.fetch(last.checkpoint))) == names(77)


def test_an_unfinished_upload_waits(reddit: RedditServer, connect: Connect) -> None:
    """A new post whose pictures are in processing waits with all newer ones, and not for ever."""
    unfinished = submission(2, media_metadata={"aaa": {"status": "unprocessed", "id": "aaa"}})
    reddit.add(NEW, submission(1), unfinished, submission(3))
    soon, later = (datetime.fromtimestamp(EPOCH + seconds, tz=UTC) for seconds in (60, 600))
    (first,) = connect(now=soon).fetch(None)
    assert ids([first]) == names(1)
    assert ids(list(connect(now=later).fetch(first.checkpoint))) == names(2, 3)
    reddit.listings[NEW][1] = submission(2, url="https://i.redd.it/aaa.jpg")
    (ready,) = connect(now=soon).fetch(first.checkpoint)
    assert [len(post.attachments) for post in ready.posts] == [1, 0]


def test_comments_and_searches(reddit: RedditServer, connect: Connect) -> None:
    """Comments and searches are listings of their own; a post found twice is given once."""
    reddit.add(NEW, submission(1), submission(2))
    reddit.add("r/nursing_uk/comments", comment(5))
    reddit.add("r/all/search", submission(2), submission(9, "pics"))
    reddit.add("r/pics/search", submission(9, "pics"))
    searches = [{"query": '"clinic letter"'}, {"query": "nhs", "subreddit": "pics"}]
    batches = list(connect(include_comments=True, searches=searches).fetch(None))
    assert ids(batches) == [*names(1, 2), "t1_k00005", *names(9)]
    asked = {each.path.rstrip("/"): each.query for each in reddit.asked}
    assert asked["r/all/search"] == {
        "q": '"clinic letter"', "sort": "new", "t": "all", "type": "link", "limit": "100", "raw_json": "1",
    }  # fmt: skip
    assert asked["r/pics/search"]["restrict_sr"] == "1"


def test_a_malformed_post_does_not_stop_the_run(reddit: RedditServer, connect: Connect) -> None:
    """A post that lost a field is rejected by name; the others are given, and it is not tried for ever."""
    broken = submission(2)
    del broken["title"]
    reddit.add(NEW, submission(1), broken, submission(3))
    connector = connect()
    (batch,) = connector.fetch(None)
    assert ids([batch]) == names(1, 3)
    (rejected,) = batch.rejected
    assert rejected.external_id == "t3_z00002"
    assert rejected.reason == "Reddit's answer has changed: t3_z00002.title: is missing or is not text."
    assert list(connector.fetch(batch.checkpoint)) == []


def test_a_closed_subreddit_does_not_stop_the_others(reddit: RedditServer, connect: Connect) -> None:
    """A private, banned or unknown subreddit is told after the others were read."""
    reddit.add(NEW, submission(1))
    reddit.redirected.add("r/nosuch/new")
    connector = connect(subreddits=["banned", "nosuch", "nursing_uk"])
    batches = connector.fetch(None)
    assert ids([next(batches)]) == names(1)
    with pytest.raises(SourceClosed, match=r"r/banned/new: .*404.* r/nosuch/new: Reddit knows no such"):
        next(batches)
    assert connector.check().message.startswith("r/banned/new: ")


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure(403), SourceClosed),
        (Failure(401), AuthenticationFailed),
        (Failure(403, headers={"www-authenticate": SCOPE}), AuthenticationFailed),
        (Failure(401, headers={"www-authenticate": "Basic realm=x"}), AuthenticationFailed),
        (Failure(403, headers={"www-authenticate": "Basic realm=x"}), SourceClosed),
        (Failure(429, headers={"retry-after": "42"}), RateLimited),
        (Failure(429, headers={"retry-after": "Sun, 22 Nov 2026 12:00:00 GMT"}), RateLimited),
        (Failure(400), ConfigurationInvalid),
        (Failure(400, body=b'{"reason": "BAD", "explanation": "no", "fields": ["q"]}'), ConfigurationInvalid),
        (Failure(200, body=b"<html>"), PayloadChanged),
        (Failure(200, body=b'{"kind": "t5"}'), PayloadChanged),
        (Failure(418), ConfigurationInvalid),
    ],
)  # fmt: skip
def test_errors_of_the_port(
    reddit: RedditServer, connect: Connect, failure: Failure, error: type[ConnectorError]
) -> None:
    """Whatever goes wrong at Reddit or in its library comes out as an error of the port."""
    failure.left = 9
    reddit.failure = failure
    with pytest.raises(error):
        list(connect().fetch(None))


def test_a_short_trouble_is_got_over(reddit: RedditServer, connect: Connect) -> None:
    """One failing answer is repeated and leaves no trace."""
    reddit.add(NEW, submission(1))
    reddit.failure = Failure(503)
    assert ids(list(connect().fetch(None))) == names(1)


def test_lasting_trouble_is_unavailable(reddit: RedditServer, connect: Connect) -> None:
    """A server that keeps failing is a transient error."""
    reddit.failure = Failure(503, left=99)
    with pytest.raises(SourceUnavailable, match="503"):
        list(connect().fetch(None))


def test_rate_limit_says_how_long(reddit: RedditServer, connect: Connect) -> None:
    """A refusal for too many requests carries the time Reddit names."""
    reddit.failure = Failure(429, headers={"retry-after": "42"})
    with pytest.raises(RateLimited) as limited:
        list(connect().fetch(None))
    assert limited.value.retry_after == 42


def test_a_spent_budget_is_not_slept_out(reddit: RedditServer, connect: Connect) -> None:
    """When the headers say that nothing is left, the run ends with the time to wait instead of sleeping."""
    reddit.add(NEW, *(submission(n) for n in range(200)))
    reddit.remaining, reddit.reset = 1.0, "321.5"
    started, connector = time.monotonic(), connect(first_run_posts=200)
    with pytest.raises(RateLimited) as limited:
        list(connector.fetch(None))
    assert 300 < limited.value.retry_after <= 321.5
    reddit.asked.clear()
    with pytest.raises(RateLimited):
        list(connector.fetch(None))
    assert reddit.asked == []
    assert time.monotonic() - started < 10


def test_a_run_stopped_by_the_limit_goes_on_later(reddit: RedditServer, connect: Connect) -> None:
    """What was stored before the limit hit is not fetched again."""
    reddit.add(NEW, *(submission(n) for n in range(60)))
    connector = connect()
    (first,) = islice(connector.fetch(None), 1)
    assert ids([first]) == names(*range(50))
    assert ids(list(connector.fetch(first.checkpoint))) == names(*range(50, 60))


def test_a_foreign_checkpoint(connect: Connect) -> None:
    """A checkpoint of another shape is said to be one."""
    with pytest.raises(ConfigurationInvalid, match="reset the source"):
        list(connect().fetch({"seq": 5}))


def test_the_environment_decides_nothing(
    reddit: RedditServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings of PRAW in the environment do not replace those of the source."""
    for name in ("client_id", "client_secret", "username", "password", "oauth_url", "refresh_token"):
        monkeypatch.setenv(f"praw_{name}", "http://127.0.0.1:9")
    monkeypatch.setenv("praw_site", "nosuchsite")
    reddit.add(NEW, submission(1))
    assert ids(list(connect().fetch(None))) == names(1)
