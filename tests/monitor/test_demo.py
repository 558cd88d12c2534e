"""The sample feed: it agrees with what is expected of it, and holds nothing of a real person."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from monitor.core import Core
from monitor.demo.sample import (
    EXPECTED,
    FEED,
    SOURCE,
    USER,
    differences,
    expected_alerts,
    finished_posts,
    learn_templates,
    prepare,
)
from monitor.pipeline.collect import run_due
from monitor.storage.access import User
from monitor.storage.post import Post
from monitor.storage.source import Source, source_named
from monitor.storage.template import Template


def lines() -> list[dict[str, object]]:
    """The feed's posts."""
    return [json.loads(line) for line in (FEED / "posts.jsonl").read_text("utf-8").splitlines()]


def test_preparing_twice_prepares_once(core: Core) -> None:
    """The sample source, its templates and its user are made once, however often the demo starts."""
    for _ in range(2):
        learned = learn_templates(core)
        with core.database.transaction() as session:
            prepare(core, session, learned)
    with core.database.read() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) for table in (Source, User, Template)
        ]
        assert counts == [1, 1, 1]
        assert source_named(session, SOURCE).connector == "folder"
        assert session.scalars(select(User)).one().name == USER


def test_feed_and_expectations_speak_of_the_same_posts() -> None:
    """Each post of the feed has an expectation and its files; both kinds of verdict are there."""
    feed = lines()
    assert [post["id"] for post in feed] == list(expected_alerts())
    assert {True, False} == set(expected_alerts().values())
    named = {name for post in feed for name in post.get("files", ())}  # type: ignore[attr-defined]
    assert named == {path.relative_to(FEED).as_posix() for path in FEED.glob("*/*") if path.is_file()}


def test_every_number_is_one_that_nobody_has() -> None:
    """The patients' numbers of the sample are from the range that is never issued."""
    expected = json.loads(EXPECTED.read_text("utf-8"))
    numbers = [number for said in expected.values() for number in said["nhs_numbers"]]
    assert numbers
    assert all(len(number) == 10 and number.startswith("9") for number in numbers)


def test_the_source_collects_the_whole_feed(core: Core) -> None:
    """Reading the sample source stores each post, and until they are examined every alert is missing."""
    with core.database.transaction() as session:
        prepare(core, session, ())
    (report,) = run_due(core)
    assert (report.posts_new, report.posts_rejected) == (len(expected_alerts()), 0)
    with core.database.read() as session:
        assert set(session.scalars(select(Post.external_id))) == set(expected_alerts())
    assert finished_posts(core) == 0
    assert differences(core) == (sorted(name for name, alert in expected_alerts().items() if alert), [])
