"""What a file says of itself (EXIF, XMP): camera, time, place, software, a thumbnail that outlived a crop.

For finding out how a record got out, never evidence that it is one. Places, serial numbers and names of
owners are shown as "present" only; their clear values travel as any other clear value does.
Tags: Exif 3.0 (CIPA DC-008), XMP basic and exif namespaces (ISO 16684-1).
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps

from detectors.base import Content, Explanation, FileFact, Finding, Pixels

THUMBNAIL = "embedded_thumbnail"
_PRESENT = "present"
_LONGEST = 80
_XMP_READ = 256 * 1024
_SHOWN: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("camera", (ExifTags.Base.Make, ExifTags.Base.Model)),
    ("software", (ExifTags.Base.Software,)),
)
_DATES = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized, ExifTags.Base.DateTime)
_SECRET: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("serial_number", (ExifTags.Base.BodySerialNumber, ExifTags.Base.LensSerialNumber)),
    ("owner", (ExifTags.Base.CameraOwnerName, ExifTags.Base.Artist)),
)
_XMP_TOOL = re.compile(rb"xmp:CreatorTool(?:=\"|>)([^\"<]{1,200})")
_XMP_GPS = re.compile(rb"exif:GPSLatitude(?:=\"|>)([^\"<]{1,40})")
_SIDE = 24
_ALIKE = 0.9
_LEVEL = 6.0
"""A thumbnail is of its picture when their 24 x 24 copies correlate, or (both flat) have the same greys."""
_THUMBNAIL_MOST = 4_000_000
_EXIF_HEADER = b"Exif\0\0"

WHY = {
    "camera": "the camera that took it",
    "software": "the program that wrote it",
    "taken_at": "when it was taken or made",
    "gps": "where it was taken",
    "serial_number": "the serial number of the camera or lens",
    "owner": "the name of an owner or author",
    "title": "a document's title",
    THUMBNAIL: "an embedded thumbnail shows another picture than the file: it was cropped or changed",
}
"""What each fact tells, in words that follow "The file names"."""


def fact(name: str, value: object, *, secret: bool = False) -> FileFact | None:
    """A fact of a file, None for an empty value. A secret one is shown as "present" only."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())[:_LONGEST]
    if not text:
        return None
    return FileFact(name, _PRESENT if secret else text, text)


def facts_of(image: Image.Image) -> tuple[FileFact, ...]:
    """What a picture's EXIF and XMP say; nothing where they are damaged."""
    found: list[FileFact | None] = []
    with contextlib.suppress(Exception):  # damaged metadata fails in many ways; the pixels are sound
        found.extend(_exif_facts(image.getexif()))
    found.extend(_xmp_facts(image.info))
    return tuple({known.name: known for known in reversed(found) if known}.values())[::-1]


def _exif_facts(exif: Image.Exif) -> Iterator[FileFact | None]:
    tags = {**exif.get_ifd(ExifTags.IFD.Exif), **dict(exif)}
    for name, keys in _SHOWN:
        yield fact(name, " ".join(str(tags[key]) for key in keys if key in tags))
    yield fact("taken_at", next((tags[key] for key in _DATES if key in tags), ""))
    yield fact("gps", _place(exif.get_ifd(ExifTags.IFD.GPSInfo)), secret=True)
    for name, keys in _SECRET:
        yield fact(name, " ".join(str(tags[key]) for key in keys if key in tags), secret=True)


def _place(tags: Mapping[int, Any]) -> str:
    """Latitude and longitude as the tags have them: degrees, minutes, seconds, hemisphere."""
    keys = (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude)
    references = (ExifTags.GPS.GPSLatitudeRef, ExifTags.GPS.GPSLongitudeRef)
    if not all(key in tags for key in keys):
        return ""
    return ", ".join(
        f"{tags[key]} {tags.get(reference, '')}" for key, reference in zip(keys, references, strict=True)
    )


def _xmp_facts(info: Mapping[str | tuple[int, int], Any]) -> Iterator[FileFact | None]:
    stored = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    xmp = (stored.encode() if isinstance(stored, str) else bytes(stored))[:_XMP_READ]
    for name, pattern, secret in (("software", _XMP_TOOL, False), ("gps", _XMP_GPS, True)):
        match = pattern.search(xmp)
        if match:
            yield fact(name, match[1].decode("utf-8", "replace"), secret=secret)


def differing_thumbnail(image: Image.Image, upright: Pixels) -> Pixels | None:
    """The EXIF thumbnail of `image`, upright, where it shows something else than `upright` does."""
    try:
        thumbnail = _thumbnail(image)
    except Exception:  # noqa: BLE001 - as above: a damaged thumbnail is no thumbnail
        return None
    if thumbnail is None or shows_same(thumbnail, upright):
        return None
    return thumbnail


def _thumbnail(image: Image.Image) -> Pixels | None:
    exif = image.getexif()
    place = exif.get_ifd(ExifTags.IFD.IFD1)
    start, size = (place.get(key) for key in (ExifTags.Base.JpegIFOffset, ExifTags.Base.JpegIFByteCount))
    stored = image.info.get("exif", b"")
    if not start or not size or not stored:
        return None
    data = stored.removeprefix(_EXIF_HEADER)[start : start + size]
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as thumbnail:
        if thumbnail.width * thumbnail.height > _THUMBNAIL_MOST:
            return None
        turned = Image.Exif()
        turned[ExifTags.Base.Orientation] = exif.get(ExifTags.Base.Orientation, 1)
        picture = thumbnail.convert("RGB")
        picture.info["exif"] = turned.tobytes()
        return np.asarray(ImageOps.exif_transpose(picture), dtype=np.uint8)


def shows_same(thumbnail: Pixels, picture: Pixels) -> bool:
    """Whether a thumbnail is of this whole picture; bars that pad it to another shape do not count."""
    height, width = thumbnail.shape[:2]
    aspect = picture.shape[1] / picture.shape[0]
    inner = (min(width, max(1, round(height * aspect))), min(height, max(1, round(width / aspect))))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    one = _greys(thumbnail[top : top + inner[1], left : left + inner[0]])
    other = _greys(picture)
    if float(np.abs(one - other).mean()) <= _LEVEL:
        return True
    spread = float(one.std() * other.std())
    return spread > 0 and float(((one - one.mean()) * (other - other.mean())).mean()) / spread >= _ALIKE


def _greys(pixels: Pixels) -> npt.NDArray[np.float32]:
    small = cv2.resize(np.ascontiguousarray(pixels), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)


class MetadataDetector:
    """Tells what the file says of itself: kinds `metadata` and `embedded_thumbnail`, of no weight."""

    name = "metadata"
    version = "1"

    def detect(self, content: Content) -> Iterator[Finding]:
        """Yield one finding for each fact of the file."""
        for known in content.facts:
            embedded = known.name == THUMBNAIL
            why = WHY[known.name] if embedded else f"The file names {WHY[known.name]}."
            shown = known.shown if embedded else f"{known.name}: {known.shown}"
            yield Finding(
                kind=THUMBNAIL if embedded else "metadata",
                detector=self.name,
                version=self.version,
                score=1.0,
                masked=shown,
                explanation=Explanation(why, {"fact": known.name}),
                value=known.value,
                page=content.page,
            )
