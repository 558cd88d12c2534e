"""Scanning without a database: images, folders and feeds in, one result per item out.

The result's JSON form is a public contract (docs/scan.md, `FORM`): fields are added, never changed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from connectors.base import AttachmentRefused, ConnectorError, Rejected
from connectors.feed import FeedItem, read_feed
from connectors.files import read_beside
from connectors.folder import MEDIA_TYPES
from detectors.assess import Assessment, assess
from detectors.base import DetectorError, Finding
from detectors.identifiers import IDENTIFIERS
from detectors.passages import PostText
from detectors.table import ExaminerConfig
from monitor.errors import InvalidInput, LeakwatchError
from monitor.pipeline.pool import ExaminePool
from monitor.settings import Settings

FORM = 1
"""Version of the result's form."""

FEED_ENDING = ".jsonl"
LIKELY = 0.3
"""Score from which a number counts as an identifier where nothing else speaks for a leak."""


@dataclass(frozen=True, slots=True)
class ScanItem:
    """One thing to examine: a loose file, or a post of a feed."""

    feed: Path | None
    path: Path
    post: FeedItem | Rejected | None = None

    @property
    def name(self) -> str:
        """What the result calls it: the post's id, or the file's path."""
        return self.post.external_id if self.post else str(self.path)


@dataclass(frozen=True, slots=True)
class Located:
    """A finding, and the file it was made in (None: the post's text)."""

    finding: Finding
    file: str | None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What was found in one item."""

    item: ScanItem
    assessment: Assessment
    findings: tuple[Located, ...]
    seconds: float
    error: str | None

    def document(self, *, reveal: bool = False) -> dict[str, Any]:
        """The public JSON form; clear values only when `reveal` is asked for."""
        judged = self.assessment
        key = "id" if self.item.post else "file"
        return {
            key: self.item.name,
            "alert": judged.alert,
            "score": round(judged.score, 4),
            "severity": judged.severity,
            "leak_class": judged.leak_class,
            "doc_type": judged.doc_type,
            "reasons": list(judged.reasons),
            "findings": [_finding(located) for located in self.findings],
            "identifiers": _identifiers(self.findings, alert=judged.alert, reveal=reveal),
            "templates": _templates(self.findings),
            "seconds": round(self.seconds, 3),
            "error": self.error,
            "factors": [asdict(factor) for factor in judged.factors],
        }


def collect_items(paths: Sequence[Path]) -> list[ScanItem]:
    """Everything the paths name, in their order; folders by name. Raises InvalidInput."""
    items: list[ScanItem] = []
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"{path} does not exist; give images, folders or {FEED_ENDING} feeds.")
        try:
            items += (
                [i for file in _files_in(path) for i in _items_of(file)] if path.is_dir() else _items_of(path)
            )
        except OSError as error:
            raise InvalidInput(f"{error.filename or path} cannot be read: {error.strerror}.") from None
    return items


class Scanner:
    """Examines items in worker processes, several at a time, results in the items' order."""

    def __init__(self, pool: ExaminePool, config: ExaminerConfig, settings: Settings) -> None:
        self._pool = pool
        self._config = config
        self._threshold = settings.threshold
        self._max_bytes = settings.max_attachment_mb << 20
        self._workers = settings.worker_count

    def scan(self, items: Iterable[ScanItem]) -> Iterator[ScanResult]:
        """One result per item; an item that fails has its reason and stops nothing."""
        with ThreadPoolExecutor(self._workers) as threads:
            yield from threads.map(self.scan_item, items)

    def scan_item(self, item: ScanItem) -> ScanResult:
        """Examine one item."""
        started = time.monotonic()
        found: list[Located] = []
        errors: list[str] = []
        if isinstance(item.post, Rejected):
            errors.append(item.post.reason)
        elif item.post is None:
            self._examine_file(item.path, str(item.path), found, errors)
        else:
            self._examine_post(item.path, item.post, found, errors)
        assessment = assess([located.finding for located in found], threshold=self._threshold)
        return ScanResult(
            item, assessment, tuple(found), time.monotonic() - started, errors[0] if errors else None
        )

    def _examine_post(self, feed: Path, post: FeedItem, found: list[Located], errors: list[str]) -> None:
        root = feed.parent.resolve()
        for file in post.files:
            try:
                data = read_beside(root, root, file, self._max_bytes)
            except (AttachmentRefused, ConnectorError) as error:
                errors.append(str(error))
            else:
                self._examine_bytes(data, file, found, errors)
        words = _words(post)
        if words != PostText():
            try:
                examined = self._pool.examine_text(words, self._config)
            except LeakwatchError as error:
                errors.append(str(error))
            else:
                found += [Located(finding, None) for finding in examined.findings]

    def _examine_file(self, path: Path, name: str, found: list[Located], errors: list[str]) -> None:
        try:
            if path.stat().st_size > self._max_bytes:
                errors.append(f"{name} is larger than {self._max_bytes >> 20} MiB (max_attachment_mb).")
                return
            data = path.read_bytes()
        except OSError as error:
            errors.append(f"{name} cannot be read: {error.strerror}.")
            return
        self._examine_bytes(data, name, found, errors)

    def _examine_bytes(self, data: bytes, name: str, found: list[Located], errors: list[str]) -> None:
        try:
            examined = self._pool.examine_image(data, self._config)
        except (DetectorError, LeakwatchError) as error:
            errors.append(f"{name}: {error}")
        else:
            found += [Located(finding, name) for finding in examined.findings]


def _words(post: FeedItem) -> PostText:
    card = (post.card.title, post.card.description) if post.card else ()
    return PostText(post.text, post.alt_texts, card, post.tags, post.thread)


def _files_in(folder: Path) -> list[Path]:
    """A folder's feeds, and its images that no feed is there to name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    feeds = [path for path in files if path.suffix.lower() == FEED_ENDING]
    named = {(feed.parent / file).resolve() for feed in feeds for file in _named_by(feed)}
    images = [p for p in files if p.suffix.lower() in MEDIA_TYPES and p.resolve() not in named]
    return feeds + images


def _named_by(feed: Path) -> Iterator[str]:
    for post in read_feed(feed):
        if isinstance(post, FeedItem):
            yield from post.files


def _items_of(path: Path) -> list[ScanItem]:
    if path.suffix.lower() != FEED_ENDING:
        return [ScanItem(None, path)]
    return [ScanItem(path, path, post) for post in read_feed(path)]


def _finding(located: Located) -> dict[str, Any]:
    finding = located.finding
    return {
        "kind": finding.kind,
        "detector": finding.detector,
        "score": round(finding.score, 4),
        "masked": finding.masked,
        "why": finding.explanation.why,
        "box": list(finding.box) if finding.box else None,
        "page": finding.page,
        "file": located.file,
        "part": finding.explanation.facts.get("part"),
    }


def _identifiers(findings: Iterable[Located], *, alert: bool, reveal: bool) -> list[dict[str, Any]]:
    """Each identifier once. In a post that does not alert, only those that their context makes likely."""
    unique: dict[tuple[str, str | None], dict[str, Any]] = {}
    for finding in (located.finding for located in findings):
        if finding.kind in IDENTIFIERS and (alert or finding.score >= LIKELY):
            entry = {"kind": finding.kind, "masked": finding.masked, "valid": finding.valid}
            if reveal:
                entry["value"] = finding.value
            unique.setdefault((finding.kind, finding.value), entry)
    return list(unique.values())


def _templates(findings: Iterable[Located]) -> list[dict[str, Any]]:
    return [
        {"name": located.finding.masked, "level": located.finding.explanation.facts.get("level")}
        for located in findings
        if located.finding.kind == "template"
    ]
