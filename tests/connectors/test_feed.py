"""Feeds of JSON lines: what a line may be, and what is said of one that is not."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Author, LinkCard, Rejected
from connectors.feed import MAX_LINE_BYTES, FeedItem, iter_lines, parse_line, read_feed

UNREADABLE = "it is not JSON that can be read (nested too deeply, or a number too long)"


def parse(**fields: object) -> FeedItem | Rejected | None:
    """The line that holds these fields."""
    return parse_line(json.dumps(fields).encode(), name="feed.jsonl", line=4)


def test_a_full_line() -> None:
    """Every field that is documented arrives."""
    assert parse(
        id="17",
        text="look",
        files=["a/1.png", "2.png", "a/1.png"],
        url="https://example.org/17",
        author={"id": "u1", "handle": "sam", "url": "https://example.org/u/sam"},
        posted_at="2026-11-22T13:00:00+01:00",
        anything={"else": 1},
    ) == FeedItem(
        external_id="17",
        line=4,
        text="look",
        files=("a/1.png", "2.png"),
        alt_texts=("", ""),
        url="https://example.org/17",
        author=Author("u1", "sam", "https://example.org/u/sam"),
        posted_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    )


def test_what_stands_beside_the_text() -> None:
    """Alternative texts go with their files, a file named twice once; card, tags and thread arrive."""
    item = parse(
        files=["1.png", "2.png", "1.png"],
        alt=["a \x00 letter", None, "again"],
        card={"title": "A page", "url": "https://example.org/"},
        tags=["ward"],
        context=["nearest", "first"],
    )
    assert isinstance(item, FeedItem)
    assert dict(zip(item.files, item.alt_texts, strict=True)) == {
        "1.png": "a \ufffd letter\nagain",
        "2.png": "",
    }
    assert item.card == LinkCard("https://example.org/", "A page", "")
    assert (item.tags, item.thread) == (("ward",), ("nearest", "first"))


def test_what_may_be_missing() -> None:
    """Text, files and id may be missing; the id is then the line's own digest."""
    item = parse()
    assert isinstance(item, FeedItem)
    assert (item.text, item.files, item.author, item.posted_at) == ("", (), None, None)
    assert item.external_id.startswith("line-")
    assert item == parse()
    assert item != parse(text="x")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_790_000_000, datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        ("2026-09-21T14:13:20", datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        ("2026-09-21T14:13:20Z", datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
    ],
)
def test_moments(value: object, moment: datetime) -> None:
    """Unix seconds, and ISO 8601 with or without a zone, become aware UTC."""
    item = parse(posted_at=value)
    assert isinstance(item, FeedItem)
    assert item.posted_at == moment
    assert item.posted_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "it is not JSON (Expecting property name enclosed in double quotes at column 2)"),
        (b'{"id": 1} x', "it is not JSON (Extra data at column 11)"),
        (b"[1]", "it is not a JSON object"),
        (b"\xff{}", "it is not UTF-8 at byte 1"),
        (b'{"id": true}', '"id" is neither text nor a whole number'),
        (b'{"id": 1.5}', '"id" is neither text nor a whole number'),
        (b'{"text": 5}', '"text" is not text'),
        (b'{"files": "a.png"}', '"files" is not a list of paths'),
        (b'{"files": [""]}', '"files" is not a list of paths'),
        (b'{"files": 0}', '"files" is not a list of paths'),
        (b'{"alt": "a cat"}', '"alt" is not a list of texts'),
        (b'{"alt": ["a cat"]}', '"alt" has more entries than "files"'),
        (b'{"card": "a page"}', '"card" is not an object'),
        (b'{"card": {"title": 5}}', '"title", "description" or "url" of "card" is not text'),
        (b'{"tags": "ward"}', '"tags" is not a list of texts'),
        (b'{"context": [null]}', '"context" is not a list of texts'),
        (b'{"author": {}}', '"author" has neither "id" nor "handle"'),
        (b'{"author": 5}', '"author" is neither text nor an object'),
        (b'{"posted_at": "yesterday"}', '"posted_at" is not a moment'),
        (b'{"posted_at": 1e300}', '"posted_at" is not a moment'),
        (b'{"posted_at": true}', '"posted_at" is neither text nor a number'),
        (b"[" * 100_000, UNREADABLE),
        (b'{"id": ' + b"9" * 5000 + b"}", UNREADABLE),
        (b'"' + b"a" * MAX_LINE_BYTES + b'"', f"it is longer than {MAX_LINE_BYTES} bytes"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line(line: bytes, reason: str) -> None:
    """A bad line is rejected with the feed's name, its number and what is wrong, and none of its content."""
    rejected = parse_line(line, name="feed.jsonl", line=3)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == f"feed.jsonl line 3: {reason}."


def test_text_that_no_database_holds() -> None:
    """NUL and lone surrogates, which JSON can spell, become replacement characters."""
    item = parse_line(b'{"id": "a\\u0000", "text": "\\ud800 \\u0000 \\ud83c\\udfe5"}', name="f", line=2)
    assert isinstance(item, FeedItem)
    assert item.external_id == "a\ufffd"
    assert item.text == "\ufffd \ufffd \U0001f3e5"


def test_a_whole_feed(tmp_path: Path) -> None:
    """Blank lines count but are no posts; a byte order mark, Windows ends and a missing end are accepted."""
    feed = tmp_path / "posts 9990000018.jsonl"
    feed.write_bytes(b'\xef\xbb\xbf{"id": 1}\r\n\n   \n{bad\n{"id": 2}')
    first, bad, last = read_feed(feed)
    assert (first.external_id, last.external_id) == ("1", "2")
    assert isinstance(last, FeedItem)
    assert last.line == 5
    assert isinstance(bad, Rejected)
    assert bad.reason.startswith("posts ***.jsonl line 4: it is not JSON")


def test_an_endless_line_is_passed_over(tmp_path: Path) -> None:
    """A line of many megabytes is one rejected line, and the next one is read."""
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"x" * (3 * MAX_LINE_BYTES) + b'\n{"id": 2}\n')
    rejected, item = read_feed(feed)
    assert isinstance(rejected, Rejected)
    assert item == FeedItem("2", 2)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_line(line: bytes) -> None:
    """Whatever a line holds, it is a post, blank or rejected."""
    assert isinstance(parse_line(line, name="feed", line=2), FeedItem | Rejected | None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("id", "text", "files", "url", "author", "posted_at"), json_values)
    )
)
def test_any_values_in_the_fields(fields: dict[str, object]) -> None:
    """Whatever the fields hold, what is accepted can be stored as UTF-8."""
    item = parse(**fields)
    assert isinstance(item, FeedItem | Rejected)
    if isinstance(item, FeedItem):
        json.dumps([item.external_id, item.text, item.files, item.url], ensure_ascii=False).encode()


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=8), st.booleans())
def test_lines_tile_the_file(lines: list[bytes], ended: bool) -> None:
    """Offsets of consecutive lines meet exactly, and only the last one may be incomplete."""
    content = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    found = list(iter_lines(io.BytesIO(content)))
    assert b"".join(raw.content + (b"\n" if raw.complete else b"") for raw in found) == content
    assert (found[-1].end if found else 0) == len(content)
    assert all(raw.complete for raw in found[:-1])
