"""The folder connector: feeds of posts as JSON lines with their files beside them, and loose images.

One run, in this order:

1. list the ordinary files below the root; links and hidden files are passed over
2. read each feed from the byte offset it was read to, in whole lines
3. take each loose image that has been still for the settle time and no feed line has named, with what a
   sidecar (a file of JSON beside it) tells of it

The checkpoint holds one entry per feed present (identity -> offset, line, mark) and one short key per file
present that is done with, so it is bounded by the folder's own size.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import quote, unquote_to_bytes

from pydantic import Field

from connectors.base import (
    Attachment,
    AttachmentRefused,
    Batch,
    Checkpoint,
    ConfigurationInvalid,
    ConnectorError,
    Post,
    Rejected,
    SourceCheck,
    SourceUnavailable,
)
from connectors.feed import FeedItem, iter_lines, parse_line
from connectors.files import FoundFile, locate, open_regular, read_beside, walk
from connectors.folder_state import Pending, Progress, mark_of, position
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.sidecar import told_beside
from connectors.text import clean_text, shown_name

MEDIA_TYPES = {
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".m4v": "video/mp4",
    ".mkv": "video/webm",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Loose files with these endings are posts of their own; feeds may name files with any ending."""

_FEED_NAME = re.compile(r"\A.+\.jsonl(?:\.\d+)?", re.IGNORECASE)
_SCHEME = "folder:"


class FolderConfig(Settings):
    """Settings of one watched folder."""

    path: Path
    """The folder."""
    recursive: bool = True
    """Whether its subfolders are watched too."""
    settle_seconds: float = Field(default=2.0, ge=0, le=3600)
    """How long a file must have been still before it is taken."""
    max_file_bytes: int = Field(default=50 * 2**20, gt=0)
    """Loose images larger than this are rejected."""
    id_prefix: str = Field(default="", max_length=60)
    """Put before every feed line's id, to keep apart folders whose feeds number from 1."""


class FolderConnector:
    """Watches one folder. Implements Connector and ReadsAttachments."""

    platform = "folder"

    def __init__(self, config: FolderConfig, context: ConnectorContext) -> None:
        self._config = config
        self._now = context.now
        self._root = config.path.expanduser().resolve()
        self._require_folder()

    def fetch(self, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`; None reads everything that is there."""
        files = self._list()
        progress = Progress.load(checkpoint, files)
        for file in files:
            if _FEED_NAME.fullmatch(PurePosixPath(file.name).name):
                yield from self._feed_batches(file, progress)
        loose = [file for file in files if _suffix(file.name) in MEDIA_TYPES]
        loose.sort(key=lambda file: (file.status.st_mtime_ns, file.name))
        yield from self._image_batches(loose, progress)

    def check(self) -> SourceCheck:
        """List the folder once and say what is in it."""
        try:
            names = [PurePosixPath(file.name).name for file in self._list()]
        except ConnectorError as error:
            return SourceCheck(False, str(error))
        feeds = sum(1 for name in names if _FEED_NAME.fullmatch(name))
        images = sum(1 for name in names if _suffix(name) in MEDIA_TYPES)
        message = f"The folder is readable: {feeds} feed(s), {images} image(s)."
        return SourceCheck(True, message, {"feeds": str(feeds), "images": str(images)})

    def read_attachment(self, url: str, max_bytes: int) -> bytes:
        """The bytes of a file of this folder. Raises AttachmentRefused with one sentence."""
        if not url.startswith(_SCHEME):
            raise AttachmentRefused("The attachment is not a file of this folder.")
        name = os.fsdecode(unquote_to_bytes(url.removeprefix(_SCHEME)))
        return read_beside(self._root, self._root, name, max_bytes)

    def close(self) -> None:
        """Nothing is held open."""

    def _require_folder(self) -> None:
        if not self._root.exists():
            raise SourceUnavailable(f"The folder {self._config.path} is not there; create or mount it.")
        if not self._root.is_dir():
            raise ConfigurationInvalid(f"path: {self._config.path} is not a folder.")

    def _list(self) -> list[FoundFile]:
        self._require_folder()
        try:
            return list(walk(self._root, recursive=self._config.recursive))
        except OSError as error:
            raise SourceUnavailable(f"The folder cannot be listed ({error.strerror}).") from error

    def _is_settled(self, status: os.stat_result) -> bool:
        # The status time moves with every write, rename and link, and nobody can set it back.
        still_for = self._now().timestamp() - status.st_ctime
        return self._config.settle_seconds == 0 or still_for >= self._config.settle_seconds

    def _feed_batches(self, file: FoundFile, progress: Progress) -> Iterator[Batch]:
        try:
            with open_regular(file.path) as (stream, status):
                settled = self._is_settled(status)
                yield from self._read_lines(file, stream, settled, progress)
        except FileNotFoundError:
            return  # rotated or removed since the listing; its successor is found by the next run
        except OSError as error:
            raise SourceUnavailable(f"{shown_name(file.name)} cannot be read ({error.strerror}).") from error

    def _read_lines(
        self, file: FoundFile, stream: BinaryIO, settled: bool, progress: Progress
    ) -> Iterator[Batch]:
        pending = Pending()
        start, line = position(stream, progress.feeds.get(file.identity))
        end = start
        stream.seek(start)
        for raw in iter_lines(stream):
            if not raw.complete and not settled:
                break
            line, begin, end = line + 1, end, raw.end
            self._take_line(
                file, parse_line(raw.content, name=file.name, line=line, start=begin), pending, progress
            )
            if pending.full:
                progress.feeds[file.identity] = (end, line, mark_of(stream, end))
                yield pending.take(progress)
                start = end
        if end > start:
            progress.feeds[file.identity] = (end, line, mark_of(stream, end))
            yield pending.take(progress)

    def _take_line(
        self, file: FoundFile, item: FeedItem | Rejected | None, pending: Pending, progress: Progress
    ) -> None:
        if isinstance(item, FeedItem):
            pending.add(self._feed_post(file, item))
            self._claim(file.path.parent, item.files, progress)
        elif item is not None:
            pending.add(item)

    def _feed_post(self, file: FoundFile, item: FeedItem) -> Post:
        beside = PurePosixPath(file.name).parent
        return Post(
            platform=self.platform,
            external_id=self._config.id_prefix + item.external_id,
            url=item.url or f"{_url(file.name)}#line={item.line}",
            text=item.text,
            author=item.author,
            posted_at=item.posted_at,
            attachments=tuple(
                _attachment(str(beside / name), alt_text)
                for name, alt_text in zip(item.files, item.alt_texts, strict=True)
            ),
            context=self._place(file.name),
            card=item.card,
            tags=item.tags,
            thread=item.thread,
        )

    def _claim(self, base: Path, names: Iterable[str], progress: Progress) -> None:
        """Mark files that a feed line names as done, so that they are not loose images as well."""
        for name in names:
            try:
                path = locate(self._root, base, name)
                file = FoundFile(path, path.relative_to(self._root).as_posix(), path.stat())
            except (AttachmentRefused, OSError):
                continue  # the post keeps the attachment; reading it will say what is wrong
            progress.done[file.key] = None

    def _image_batches(self, files: Iterable[FoundFile], progress: Progress) -> Iterator[Batch]:
        pending = Pending()
        for file in files:
            if file.key in progress.done or not self._is_settled(file.status):
                continue
            item = self._image_post(file)
            if item is None:
                continue
            for each in told_beside(self._root, file, item):
                pending.add(each)
            progress.done[file.key] = None
            if pending.full:
                yield pending.take(progress)
        if pending.posts or pending.rejected:
            yield pending.take(progress)

    def _image_post(self, file: FoundFile) -> Post | Rejected | None:
        """The image as a post; None when it is gone or was changed meanwhile: the next run sees to it."""
        if file.status.st_size > self._config.max_file_bytes:
            limit = self._config.max_file_bytes
            return Rejected(f"file-{file.key}", f"{shown_name(file.name)} is larger than {limit} bytes.")
        try:
            digest = _unchanged_digest(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = f"{shown_name(file.name)} cannot be read ({error.strerror or error})."
            return Rejected(f"file-{file.key}", reason)
        if digest is None:
            return None
        attachments = (_attachment(file.name),)
        place = self._place(file.name)
        return Post(self.platform, digest, _url(file.name), "", attachments=attachments, context=place)

    def _place(self, name: str) -> str:
        return clean_text(str(PurePosixPath(self._root.name) / PurePosixPath(name).parent))


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _url(name: str) -> str:
    return _SCHEME + quote(os.fsencode(name))


def _attachment(name: str, alt_text: str = "") -> Attachment:
    return Attachment(_url(name), MEDIA_TYPES.get(_suffix(name)), alt_text or None)


def _unchanged_digest(file: FoundFile) -> str | None:
    """SHA-256 of the file's content in hex, or None when it is no longer the file that was listed."""
    with open_regular(file.path) as (stream, _):
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        status = os.fstat(stream.fileno())
    return digest if FoundFile(file.path, file.name, status).key == file.key else None


def _build(
    config: FolderConfig, credentials: Mapping[str, Any] | None, context: ConnectorContext
) -> FolderConnector:
    return FolderConnector(config, context)


KIND = ConnectorKind(
    name="folder",
    summary="Watches a folder for feeds of posts (JSON lines with files beside them) and for loose images.",
    config=FolderConfig,
    credentials=None,
    build=_build,
    local=True,
)
