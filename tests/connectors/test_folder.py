"""The folder connector on real folders: feeds, loose images, links, rotation and files on their way in."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import (
    AttachmentRefused,
    Batch,
    ConfigurationInvalid,
    LinkCard,
    Post,
    ReadsAttachments,
    SourceUnavailable,
)
from connectors.folder import FolderConfig, FolderConnector
from connectors.kind import ConnectorContext

MakeConnector = Callable[..., FolderConnector]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The watched folder, with room beside it."""
    folder = tmp_path / "watched"
    folder.mkdir()
    return folder


@pytest.fixture
def connect(root: Path, context: ConnectorContext) -> MakeConnector:
    """Builds connectors to the watched folder that take files at once unless told otherwise."""

    def make(after: float = 0.0, **settings: object) -> FolderConnector:
        config = FolderConfig.model_validate({"path": root, "settle_seconds": 0} | settings)
        late = replace(context, now=lambda: datetime.now(UTC) + timedelta(seconds=after))
        return FolderConnector(config, late)

    return make


def posts(batches: Iterable[Batch]) -> list[Post]:
    """The posts of all batches."""
    return [post for batch in batches for post in batch.posts]


def ids(batches: Iterable[Batch]) -> list[str]:
    """Their external ids."""
    return [post.external_id for post in posts(batches)]


def line(**fields: object) -> str:
    """A feed line."""
    return json.dumps(fields) + "\n"


class TestFeeds:
    def test_what_stands_beside_the_text(self, root: Path, connect: MakeConnector) -> None:
        """Alternative texts go with their attachments; card, tags and thread with the post."""
        fields = {"files": ["a.png", "b.png"], "alt": ["a letter"], "card": {"title": "A page"}}
        (root / "feed.jsonl").write_text(line(id="1", tags=["ward"], context=["what it answers"], **fields))
        (post,) = posts(connect().fetch(None))
        assert [attachment.alt_text for attachment in post.attachments] == ["a letter", None]
        assert post.card == LinkCard(title="A page")
        assert (post.tags, post.thread) == (("ward",), ("what it answers",))

    def test_a_post_with_its_files(self, root: Path, connect: MakeConnector) -> None:
        """A line becomes a post whose attachments are read from beside the feed, in order."""
        (root / "day" / "img").mkdir(parents=True)
        (root / "day" / "img" / "b \u00e9#?.png").write_bytes(b"second")
        (root / "day" / "a.bin").write_bytes(b"first")
        (root / "day" / "feed.jsonl").write_text(line(id=7, text="t", files=["a.bin", "img/b \u00e9#?.png"]))
        connector = connect()
        (post,) = posts(connector.fetch(None))
        assert (post.platform, post.external_id, post.context) == ("folder", "7", "watched/day")
        assert post.url == "folder:day/feed.jsonl#line=1"
        assert [a.media_type for a in post.attachments] == [None, "image/png"]
        read = [connector.read_attachment(a.url, 100) for a in post.attachments]
        assert read == [b"first", b"second"]
        assert isinstance(connector, ReadsAttachments)

    def test_a_bad_line_does_not_stop_the_run(self, root: Path, connect: MakeConnector) -> None:
        """A malformed line is rejected with file, number and place, and the lines after it are posts."""
        (root / "feed.jsonl").write_text(line(id="a") + "{oops\n" + line(id="b"))
        (batch,) = connect().fetch(None)
        assert [post.external_id for post in batch.posts] == ["a", "b"]
        assert batch.rejected[0].reason.startswith("feed.jsonl line 2, byte 12: it is not JSON")

    def test_line_numbers_survive_a_restart(self, root: Path, connect: MakeConnector) -> None:
        """A bad line found by a later run has its true number."""
        feed = root / "feed.jsonl"
        feed.write_text(line(id="a") + "\n" + line(id="b"))
        (first,) = connect().fetch(None)
        with feed.open("a") as stream:
            stream.write("nonsense\n")
        (second,) = connect().fetch(first.checkpoint)
        assert second.rejected[0].reason.startswith("feed.jsonl line 4, byte 25: ")

    def test_a_missing_file_leaves_the_post(self, root: Path, connect: MakeConnector) -> None:
        """A file that is not there leaves the post, and reading it is refused in one sentence."""
        (root / "feed.jsonl").write_text(line(id="a", files=["9990000018.png"]))
        connector = connect()
        (post,) = posts(connector.fetch(None))
        with pytest.raises(AttachmentRefused) as refused:
            connector.read_attachment(post.attachments[0].url, 100)
        message = "The file ***.png is missing from the folder; put it there and try again."
        assert str(refused.value) == message

    def test_a_line_still_being_written(self, root: Path, connect: MakeConnector) -> None:
        """A line without its newline waits, and is taken once the file has been still for long enough."""
        feed = root / "feed.jsonl"
        feed.write_text(line(id="a") + '{"id": "b", "te')
        (batch,) = connect(settle_seconds=60).fetch(None)
        assert [post.external_id for post in batch.posts] == ["a"]
        with feed.open("a") as stream:
            stream.write('xt": "whole"}')
        assert list(connect(settle_seconds=60).fetch(batch.checkpoint)) == []
        (late,) = posts(connect(settle_seconds=60, after=61).fetch(batch.checkpoint))
        assert (late.external_id, late.text) == ("b", "whole")

    def test_the_last_line_with_an_id_wins(self, root: Path, connect: MakeConnector) -> None:
        """Two lines of one id in one batch are one post, as the later line says."""
        (root / "feed.jsonl").write_text(line(id="a", text="old") + line(id="b") + line(id="a", text="new"))
        found = posts(connect().fetch(None))
        assert [(post.external_id, post.text) for post in found] == [("b", ""), ("a", "new")]

    def test_rotation_by_renaming(self, root: Path, connect: MakeConnector) -> None:
        """What was appended before a rotation is read from the renamed file, the new file from its start."""
        feed = root / "feed.jsonl"
        feed.write_text(line(id="a"))
        (first,) = connect().fetch(None)
        with feed.open("a") as stream:
            stream.write(line(id="b"))
        feed.rename(root / "feed.jsonl.1")
        feed.write_text(line(id="c"))
        assert sorted(ids(connect().fetch(first.checkpoint))) == ["b", "c"]

    def test_rotation_by_cutting(self, root: Path, connect: MakeConnector) -> None:
        """A feed that was emptied and begun again is read from its start, also when it is longer by then."""
        feed = root / "feed.jsonl"
        feed.write_text(line(id="a"))
        (first,) = connect().fetch(None)
        feed.write_text("")
        assert list(connect().fetch(first.checkpoint)) == []
        feed.write_text(line(id="b") + line(id="c"))
        assert ids(connect().fetch(first.checkpoint)) == ["b", "c"]

    def test_an_inode_used_again(self, root: Path, connect: MakeConnector) -> None:
        """A new feed is read from its start even where the file system gave it the old one's number."""
        feed = root / "feed.jsonl"
        feed.write_text(line(id="a"))
        (first,) = connect().fetch(None)
        (identity,) = first.checkpoint["feeds"]
        feed.unlink()
        feed.write_text(line(id="b") + line(id="c"))
        status = feed.stat()
        moved = {f"{status.st_dev}:{status.st_ino}": first.checkpoint["feeds"][identity]}
        checkpoint = {**first.checkpoint, "feeds": moved}
        assert ids(connect().fetch(checkpoint)) == ["b", "c"]

    def test_ids_of_two_folders_kept_apart(self, root: Path, connect: MakeConnector) -> None:
        """A prefix keeps the ids of a folder's feeds from meeting another's."""
        (root / "feed.jsonl").write_text(line(id=1))
        assert ids(connect(id_prefix="ward-3:").fetch(None)) == ["ward-3:1"]

    def test_named_files_are_no_posts_of_their_own(self, root: Path, connect: MakeConnector) -> None:
        """An image that a feed names is not also a loose image, in this run or a later one."""
        (root / "a.png").write_bytes(b"named")
        (root / "b.png").write_bytes(b"loose")
        (root / "feed.jsonl").write_text(line(id="post", files=["a.png", "../outside.png"]))
        batches = list(connect().fetch(None))
        assert ids(batches) == ["post", hashlib.sha256(b"loose").hexdigest()]
        assert list(connect().fetch(batches[-1].checkpoint)) == []

    def test_batches_are_bounded(self, root: Path, connect: MakeConnector) -> None:
        """A long feed comes in batches of fifty items, bad lines included."""
        lines = [line(id=n) if n % 2 else f"bad {n}\n" for n in range(120)]
        (root / "feed.jsonl").write_text("".join(lines))
        sizes = [(len(batch.posts), len(batch.rejected)) for batch in connect().fetch(None)]
        assert sizes == [(25, 25), (25, 25), (10, 10)]


class TestImages:
    def test_identity_is_the_content(self, root: Path, connect: MakeConnector) -> None:
        """Equal images are one post however often they lie there; a changed one is a new post."""
        (root / "a.PNG").write_bytes(b"same")
        (root / "b.jpeg").write_bytes(b"same")
        first = list(connect().fetch(None))
        assert ids(first) == [hashlib.sha256(b"same").hexdigest()]
        (root / "a.PNG").write_bytes(b"other")
        assert ids(connect().fetch(first[-1].checkpoint)) == [hashlib.sha256(b"other").hexdigest()]

    @pytest.mark.parametrize(
        ("ending", "media_type"),
        [("heic", "image/heic"), ("PDF", "application/pdf"), ("mp4", "video/mp4"), ("webm", "video/webm")],
    )
    def test_documents_and_videos_are_taken_too(
        self, root: Path, connect: MakeConnector, ending: str, media_type: str
    ) -> None:
        """A loose document or video is a post like a loose image; other endings are left alone."""
        (root / f"a.{ending}").write_bytes(b"content")
        (root / "a.exe").write_bytes(b"other")
        [batch] = connect().fetch(None)
        assert [attachment.media_type for attachment in batch.posts[0].attachments] == [media_type]
        assert len(batch.posts) == 1

    def test_a_sidecar_tells_of_its_image(self, root: Path, connect: MakeConnector, tmp_path: Path) -> None:
        """A file of JSON beside an image gives its words, author and address; its identity is its content."""
        told = {"text": "on the bus", "author": "someone", "url": "https://example.org/p/1"}
        (root / "a.jpg").write_bytes(b"a")
        (root / "a.jpg.json").write_text(json.dumps(told, indent=2))
        (root / "b.png").write_bytes(b"b")
        (root / "b.json").write_text("[]")
        (root / "c.png").write_bytes(b"c")
        (tmp_path / "secret.json").write_text(json.dumps(told))
        (root / "c.json").symlink_to(tmp_path / "secret.json")
        (batch,) = connect().fetch(None)
        found = {post.external_id: (post.text, post.url) for post in batch.posts}
        assert found == {
            hashlib.sha256(b"a").hexdigest(): ("on the bus", "https://example.org/p/1"),
            hashlib.sha256(b"b").hexdigest(): ("", "folder:b.png"),
            hashlib.sha256(b"c").hexdigest(): ("", "folder:c.png"),
        }
        reasons = [each.reason for each in batch.rejected]
        assert reasons == [
            "b.json: it is not a JSON object.",
            "The file c.json lies outside the folder, so it is not read.",
        ]

    def test_only_still_files_are_taken(self, root: Path, connect: MakeConnector) -> None:
        """A file that changed a moment ago is left to a later run, whatever modification time it claims."""
        picture = root / "a.png"
        picture.write_bytes(b"x")
        os.utime(picture, (1, 1))
        assert list(connect(settle_seconds=30, after=29).fetch(None)) == []
        assert len(ids(connect(settle_seconds=30, after=31).fetch(None))) == 1

    def test_moved_in_with_an_old_date(self, root: Path, tmp_path: Path, connect: MakeConnector) -> None:
        """A folder moved in whole, full of old files, is read."""
        (root / "now.png").write_bytes(b"now")
        batches = list(connect().fetch(None))
        (tmp_path / "old").mkdir()
        (tmp_path / "old" / "then.png").write_bytes(b"then")
        os.utime(tmp_path / "old" / "then.png", (1, 1))
        shutil.move(tmp_path / "old", root / "old")
        assert ids(connect().fetch(batches[-1].checkpoint)) == [hashlib.sha256(b"then").hexdigest()]

    def test_other_files_are_left_alone(self, root: Path, connect: MakeConnector) -> None:
        """Hidden files, notes and half-copied files are no posts; subfolders are optional."""
        for name in (".hidden.png", "notes.txt", "a.png.part", ".trash/b.png", "sub/c.png"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(name.encode())
        assert ids(connect().fetch(None)) == [hashlib.sha256(b"sub/c.png").hexdigest()]
        assert list(connect(recursive=False).fetch(None)) == []

    def test_too_large(self, root: Path, connect: MakeConnector) -> None:
        """An image above the limit is rejected once, by name and reason."""
        (root / "a.png").write_bytes(b"x" * 11)
        (batch,) = connect(max_file_bytes=10).fetch(None)
        assert [rejected.reason for rejected in batch.rejected] == ["a.png is larger than 10 bytes."]
        assert list(connect(max_file_bytes=10).fetch(batch.checkpoint)) == []

    def test_the_checkpoint_forgets_what_left(self, root: Path, connect: MakeConnector) -> None:
        """The checkpoint is bounded by the files that are there, not by those that ever were."""
        for n in range(60):
            (root / f"{n}.png").write_bytes(b"%d" % n)
        last = list(connect().fetch(None))[-1]
        assert len(last.checkpoint["done"]) == 60
        for n in range(59):
            (root / f"{n}.png").unlink()
        (root / "new.png").write_bytes(b"new")
        (batch,) = connect().fetch(last.checkpoint)
        assert len(batch.checkpoint["done"]) == 2


class TestConfinement:
    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        """A file beside the watched folder."""
        outside = tmp_path / "secret.png"
        outside.write_bytes(b"secret")
        return outside

    def test_links_out_are_never_followed(
        self, root: Path, tmp_path: Path, secret: Path, connect: MakeConnector
    ) -> None:
        """Linked images, feeds and folders outside the root give no posts and no bytes."""
        (root / "link.png").symlink_to(secret)
        (root / "folder").symlink_to(tmp_path)
        (tmp_path / "out.jsonl").write_text(line(id="stolen"))
        (root / "link.jsonl").symlink_to(tmp_path / "out.jsonl")
        (root / "feed.jsonl").write_text(line(id="a", files=["link.png", "folder/secret.png"]))
        connector = connect()
        (post,) = posts(connector.fetch(None))
        assert post.external_id == "a"
        for attachment in post.attachments:
            with pytest.raises(AttachmentRefused, match="outside the folder"):
                connector.read_attachment(attachment.url, 100)

    @pytest.mark.parametrize("reference", ["../secret.png", "sub/../../secret.png", "/etc/passwd"])
    def test_paths_out_are_refused(
        self, root: Path, secret: Path, connect: MakeConnector, reference: str
    ) -> None:
        """Names that climb out of the root, or are absolute, are refused."""
        (root / "feed.jsonl").write_text(line(id="a", files=[reference]))
        connector = connect()
        (post,) = posts(connector.fetch(None))
        with pytest.raises(AttachmentRefused, match="outside the folder"):
            connector.read_attachment(post.attachments[0].url, 100)

    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("folder:%00", "missing"),
            ("folder:" + "a" * 5000, "missing"),
            ("folder:sub", "not an ordinary file"),
            ("folder:pipe.png", "not an ordinary file"),
            ("https://example.org/a.png", "not a file of this folder"),
            ("file:///etc/passwd", "not a file of this folder"),
            ("folder:big.bin", "larger than 100 bytes"),
        ],
    )
    def test_what_is_no_file(self, root: Path, connect: MakeConnector, url: str, reason: str) -> None:
        """Pipes, folders, impossible names and foreign URLs are refused without being opened."""
        (root / "sub").mkdir()
        os.mkfifo(root / "pipe.png")
        (root / "big.bin").write_bytes(bytes(101))
        with pytest.raises(AttachmentRefused, match=reason):
            connect().read_attachment(url, 100)

    def test_a_pipe_is_no_post(self, root: Path, connect: MakeConnector) -> None:
        """A pipe named like an image or a feed neither blocks nor appears."""
        os.mkfifo(root / "a.png")
        os.mkfifo(root / "a.jsonl")
        assert list(connect().fetch(None)) == []

    def test_a_link_within_is_followed(self, root: Path, connect: MakeConnector) -> None:
        """A feed may name a link that stays inside the folder."""
        (root / "real.bin").write_bytes(b"inside")
        (root / "alias.png").symlink_to(root / "real.bin")
        (root / "feed.jsonl").write_text(line(id="a", files=["alias.png"]))
        connector = connect()
        (post,) = posts(connector.fetch(None))
        assert connector.read_attachment(post.attachments[0].url, 100) == b"inside"


def test_a_name_that_is_not_utf8(root: Path, connect: MakeConnector) -> None:
    """A file whose name is no valid text is still read, under an escaped URL."""
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.png")).write_bytes(b"odd")
    connector = connect()
    (post,) = posts(connector.fetch(None))
    assert post.url == "folder:%FF.png"
    assert connector.read_attachment(post.attachments[0].url, 100) == b"odd"


def test_a_folder_that_comes_and_goes(root: Path, connect: MakeConnector) -> None:
    """A folder unmounted between runs is unavailable, not empty: nothing is forgotten."""
    (root / "a.png").write_bytes(b"x")
    connector = connect()
    batches = list(connector.fetch(None))
    root.rename(root.with_name("elsewhere"))
    with pytest.raises(SourceUnavailable, match="create or mount it"):
        list(connector.fetch(batches[-1].checkpoint))
    root.with_name("elsewhere").rename(root)
    assert list(connector.fetch(batches[-1].checkpoint)) == []


@pytest.mark.parametrize("checkpoint", [{}, {"feeds": [], "done": []}, {"feeds": {"1:1": [1]}, "done": []}])
def test_a_foreign_checkpoint(connect: MakeConnector, checkpoint: dict[str, object]) -> None:
    """A checkpoint of another shape is said to be one, instead of being read as empty."""
    with pytest.raises(ConfigurationInvalid, match="reset the source"):
        list(connect().fetch(checkpoint))


def test_check_counts(root: Path, connect: MakeConnector) -> None:
    """A check says how many feeds and images it sees."""
    (root / "a.png").write_bytes(b"x")
    (root / "a.jsonl").write_text("")
    assert connect().check().message == "The folder is readable: 1 feed(s), 1 image(s)."
