"""Packs evidence into a BagIt 1.0 bag (RFC 8493) in one zip file that anyone can check.

    <reference>/bagit.txt, README.txt
    <reference>/data/alert.json, data/findings.json                    masked
    <reference>/data/items/<item>/original.<ext> (or redacted.<ext>), metadata.json
    <reference>/custody.jsonl                                           see monitor.hashchain
    <reference>/bag-info.txt, manifest-sha256.txt, manifest-sha512.txt, tagmanifest-sha512.txt

A bundle is "sealed" (originals, for lawyers, police and the patient's own organisation) or
"shareable" (redacted previews only or no pictures at all, for platforms and the regulator), never
both. The same contents give the same bytes: entries are ordered, stored without compression, and
dated with the bundle's own time.
"""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Literal

from monitor.errors import Conflict, InvalidInput
from monitor.evidence.bag import BAGIT_TXT, Bag, Digests, chunks_of, measure
from monitor.evidence.custody import CustodyEntry, handled, head, to_lines, verify_chain
from monitor.evidence.readme import ReadmeFacts, readme_text
from monitor.evidence.sharing import require_masked, require_shareable
from monitor.vault import EvidenceAltered
from monitor.writeonce import make_private_directory, new_file

BundleKind = Literal["sealed", "shareable"]
FORMAT = "1"
MAX_ITEMS = 5000
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9])){0,79}")
WINDOWS_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "image/avif": "avif",
    "application/pdf": "pdf",
    "application/json": "json",
    "text/plain": "txt",
    "text/html": "html",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "application/warc": "warc",
    "application/wacz": "wacz",
}


class BundleInvalid(InvalidInput):
    """The contents cannot become a bundle as they are."""


class BundleExists(Conflict):
    """A file of that name is there; bundles are never replaced."""


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One evidence item: its bytes, or a function that opens them, and how they were acquired.

    `name` becomes a folder's name; `sha256` is what was recorded when the item was sealed.
    """

    name: str
    data: bytes | Callable[[], BinaryIO] = field(repr=False)
    media_type: str
    sha256: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    redacted: bool = False

    @property
    def file_name(self) -> str:
        """The file's name inside its folder; its ending comes from the media type only."""
        stem = "redacted" if self.redacted else "original"
        return f"{stem}.{EXTENSIONS.get(self.media_type.split(';')[0].strip().lower(), 'bin')}"

    def open(self) -> BinaryIO:
        """A stream of the bytes."""
        return io.BytesIO(self.data) if isinstance(self.data, bytes) else self.data()


@dataclass(frozen=True, slots=True)
class BundleContents:
    """Everything that goes into one bundle. `alert` and `findings` are masked JSON-like documents."""

    reference: str
    kind: BundleKind
    created_at: datetime
    created_by: str
    organisation: str
    description: str
    items: Sequence[BundleItem]
    alert: Mapping[str, Any]
    findings: Sequence[Mapping[str, Any]]
    custody: Sequence[CustodyEntry] = ()


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle on disk. Send a digest of the file by another way than the file: it stands for the whole."""

    path: Path
    size: int
    sha256: str
    sha512: str


def write_bundle(contents: BundleContents, path: Path) -> WrittenBundle:
    """Write `contents` as a zipped bag to `path`: whole or not at all, never over another file.

    Raises BundleInvalid, BagTooLarge, BundleExists, EvidenceAltered (an item's bytes are not those of its
    recorded digest), ClearIdentifierFound.
    """
    check_contents(contents)
    make_private_directory(path.parent)
    try:
        if path.exists():
            raise FileExistsError
        with new_file(path) as file:
            _pack(contents, file)
            file.seek(0)
            whole = measure(chunks_of(file))
    except FileExistsError:
        raise BundleExists(f"{path} exists and is kept; choose another name.") from None
    return WrittenBundle(path, whole.size, whole.sha256, whole.sha512)


def check_contents(contents: BundleContents) -> None:
    """Refuse contents that would make a misleading, unsafe or unverifiable bundle."""
    _check_names(contents)
    _check_kind(contents)
    if (broken := verify_chain(contents.custody)) is not None:
        raise BundleInvalid(f"The custody log of {contents.reference} breaks at entry {broken}.")
    if contents.kind == "sealed" and not contents.custody:
        raise BundleInvalid(f"{contents.reference} has no custody log; a sealed bundle needs it.")
    recorded = handled(contents.custody)
    for item in contents.items:
        if contents.kind == "sealed" and item.sha256 not in recorded:
            raise BundleInvalid(
                f"The custody log does not mention item {item.name}; a sealed bundle needs it."
            )
    require_masked(contents.alert, "alert")
    require_masked(contents.findings, "findings")
    if contents.kind == "shareable":
        _check_shareable(contents)


def _check_names(contents: BundleContents) -> None:
    if len(contents.items) > MAX_ITEMS:
        raise BundleInvalid(f"A bundle holds at most {MAX_ITEMS:,} items; make one for each alert.")
    names = [contents.reference, *(item.name for item in contents.items)]
    for name in names:
        if not NAME.fullmatch(name) or WINDOWS_DEVICES.fullmatch(name):
            raise BundleInvalid(
                "A reference or item name may hold only letters, digits, '-', '_' and inner dots."
            )
    if len({item.name.lower() for item in contents.items}) != len(contents.items):
        raise BundleInvalid(f"Two items of {contents.reference} have the same name.")
    if contents.created_at.tzinfo is None or contents.created_at.astimezone(UTC).year < 1980:
        raise BundleInvalid("A bundle's time must be aware and not before 1980.")


def _check_kind(contents: BundleContents) -> None:
    wanted = contents.kind == "shareable"
    for item in contents.items:
        if item.redacted is not wanted:
            what = "redacted previews, never originals" if wanted else "originals, not redacted previews"
            raise BundleInvalid(
                f"A {contents.kind} bundle takes {what}; item {item.name} is of the other sort."
            )


def _check_shareable(contents: BundleContents) -> None:
    require_shareable(contents.alert, "alert")
    require_shareable(contents.findings, "findings")
    require_shareable(contents.description, "description")
    for item in contents.items:
        require_shareable(item.metadata, f"items.{item.name}")
    for entry in contents.custody:
        require_shareable(entry.note, f"custody[{entry.seq}].note")


def _pack(contents: BundleContents, file: BinaryIO) -> None:
    with Bag(file, contents.reference, contents.created_at) as bag:
        bag.add("bagit.txt", BAGIT_TXT)
        bag.add("README.txt", _readme(contents))
        bag.add("data/alert.json", _json(contents.alert))
        bag.add("data/findings.json", _json(list(contents.findings)))
        for item in sorted(contents.items, key=lambda each: each.name):
            _pack_item(item, bag)
        if contents.custody:
            bag.add("custody.jsonl", to_lines(contents.custody))
        bag.add("bag-info.txt", _bag_info(contents, bag.digests))
        bag.finish()


def _pack_item(item: BundleItem, bag: Bag) -> None:
    folder = f"data/items/{item.name}"
    with closing(item.open()) as stream:
        measured = bag.add_chunks(f"{folder}/{item.file_name}", chunks_of(stream))
    if measured.sha256 != item.sha256:
        raise EvidenceAltered(f"The bytes of item {item.name} are not those that were sealed.")
    description = {
        "item": item.name,
        "file": item.file_name,
        "media_type": item.media_type,
        "bytes": measured.size,
        "sha256": measured.sha256,
        "redacted": item.redacted,
        "facts": item.metadata,
    }
    bag.add(f"{folder}/metadata.json", _json(description))


def _bag_info(contents: BundleContents, digests: Mapping[str, Digests]) -> bytes:
    sizes = [each.size for path, each in digests.items() if path.startswith("data/")]
    total = sum(sizes)
    labels = {
        "Source-Organization": contents.organisation,
        "Contact-Name": contents.created_by,
        "External-Description": contents.description,
        "External-Identifier": contents.reference,
        "Bagging-Date": contents.created_at.astimezone(UTC).date().isoformat(),
        "Bag-Size": f"{total / 1e6:.1f} MB" if total >= 1e6 else f"{total / 1e3:.1f} KB",
        "Payload-Oxum": f"{total}.{len(sizes)}",
        "Bag-Software-Agent": f"leakwatch {version('leakwatch')}",
        "Leakwatch-Bundle-Format": FORMAT,
        "Leakwatch-Bundle-Kind": contents.kind,
        "Leakwatch-Created-At": contents.created_at.astimezone(UTC).isoformat(),
        "Leakwatch-Custody-Head": head(contents.custody),
    }
    flat = {label: " ".join(value.split()) for label, value in labels.items()}
    return "".join(f"{label}: {value}\n" for label, value in flat.items() if value).encode()


def _readme(contents: BundleContents) -> bytes:
    facts = ReadmeFacts(
        reference=contents.reference,
        kind=contents.kind,
        organisation=" ".join(contents.organisation.split()),
        created_by=" ".join(contents.created_by.split()),
        created_at=contents.created_at.astimezone(UTC),
        items=tuple((item.name, item.file_name, item.sha256) for item in contents.items),
        has_custody=bool(contents.custody),
    )
    return readme_text(facts).encode()


def _json(document: object) -> bytes:
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False, default=_plain)
    return (text + "\n").encode("utf-8", "backslashreplace")  # a lone surrogate becomes its JSON escape


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, uuid.UUID | Path):
        return str(value)
    raise TypeError(f"A bundle's JSON cannot hold a {type(value).__name__}.")
