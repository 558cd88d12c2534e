"""What a file says of itself, without places, serials and names; thumbnails that outlived a crop."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from detectors.base import Content, Finding, TextLayer, by_kind
from detectors.image import DecodedImage, decode
from detectors.metadata import MetadataDetector, shows_same
from tests.detectors.letters import Letter, encoded, landscape

SERIAL = "C39XK1234567"


def _findings(image: DecodedImage) -> list[Finding]:
    return list(MetadataDetector().detect(Content(TextLayer("ocr"), facts=image.facts)))


def _shown(image: DecodedImage) -> dict[str, str]:
    return {str(f.explanation.facts["fact"]): f.masked for f in _findings(image)}


def _camera() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Apple", "iPhone 15"
    exif[ExifTags.Base.Software] = "Snapseed 2.0"
    exif[ExifTags.Base.Artist] = "Marguerite Oakenfold"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:11:02 10:11:12"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = SERIAL
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (52.0, 11.0, 42.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (0.0, 8.0, 1.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_camera_time_and_software_are_told(kind: str) -> None:
    """What the camera wrote is told, whatever the format."""
    shown = _shown(decode(encoded(landscape((80, 60)), kind, exif=_camera())))
    assert shown["camera"] == "camera: Apple iPhone 15"
    assert shown["taken_at"] == "taken_at: 2026:11:02 10:11:12"
    assert shown["software"] == "software: Snapseed 2.0"


def test_places_serials_and_owners_are_only_said_to_be_there() -> None:
    """Coordinates, a serial number and a name are in the clear value, never in what is shown."""
    image = decode(encoded(landscape((80, 60)), "JPEG", exif=_camera()))
    shown = _shown(image)
    assert (shown["gps"], shown["serial_number"], shown["owner"]) == (
        "gps: present",
        "serial_number: present",
        "owner: present",
    )
    values = {str(f.explanation.facts["fact"]): f.value for f in _findings(image)}
    assert values["serial_number"] == SERIAL
    assert "52.0" in str(values["gps"])
    assert SERIAL not in repr(image.facts)
    assert "52.0" not in repr(image.facts)


def test_xmp_tells_software_and_place() -> None:
    """An XMP packet is read where there is no EXIF."""
    xmp = b'<x xmp:CreatorTool="Adobe Photoshop 25" exif:GPSLatitude="52,11.7N"/>'
    shown = _shown(decode(encoded(landscape((80, 60)), "JPEG", xmp=xmp)))
    assert shown == {"software": "software: Adobe Photoshop 25", "gps": "gps: present"}


def test_a_file_that_says_nothing_has_no_facts() -> None:
    """Plain pictures have no findings of this kind."""
    assert not _findings(decode(encoded(landscape((80, 60)), "PNG")))


def test_damaged_metadata_does_not_stop_decoding() -> None:
    """Sound pixels behind broken EXIF are examined all the same."""
    image = decode(encoded(landscape((80, 60)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 40))
    assert len(image.pages) == 1


def _with_thumbnail(picture: Image.Image, thumbnail: Image.Image, orientation: int = 1) -> bytes:
    """A JPEG whose EXIF carries this thumbnail."""
    inner = io.BytesIO()
    thumbnail.save(inner, "JPEG", quality=85)
    small = inner.getvalue()
    tiff = _ifds(orientation, len(small)) + small
    return encoded(picture, "JPEG", exif=b"Exif\0\0" + tiff)


def _ifds(orientation: int, size: int) -> bytes:
    """A TIFF header, IFD0 with the orientation, IFD1 that points behind itself."""
    import struct

    def entry(tag: int, kind: int, value: int) -> bytes:
        return struct.pack("<HHI", tag, kind, 1) + (
            struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
        )

    first = 8 + 2 + 12 + 4
    behind = first + 2 + 3 * 12 + 4
    zero = struct.pack("<H", 1) + entry(0x0112, 3, orientation) + struct.pack("<I", first)
    one = entry(0x0103, 3, 6) + entry(0x0201, 4, behind) + entry(0x0202, 4, size)
    return b"II*\0\x08\0\0\0" + zero + struct.pack("<H", 3) + one + struct.pack("<I", 0)


def test_a_thumbnail_that_outlived_a_crop_is_a_page_of_its_own(letter: Letter) -> None:
    """A cropped letter whose thumbnail still shows the whole page is told, and the thumbnail is examined."""
    whole = letter.picture
    cropped = whole.crop((0, 700, 1000, 1100))
    image = decode(_with_thumbnail(cropped, whole.resize((500, 707))))
    assert [page.kind for page in image.pages] == ["picture", "thumbnail"]
    assert (image.pages[1].width, image.pages[1].height) == (500, 707)
    [found] = by_kind(_findings(image), "embedded_thumbnail")
    assert found.masked == "500 x 707 pixels"


@pytest.mark.parametrize("bars", [0, 12])
def test_a_camera_s_own_thumbnail_is_no_news(letter: Letter, bars: int) -> None:
    """A thumbnail of the same picture, padded to the camera's shape or not, is left alone."""
    small = letter.picture.resize((120, 170))
    padded = Image.new("RGB", (120 + 2 * bars, 170), "black")
    padded.paste(small, (bars, 0))
    assert len(decode(_with_thumbnail(letter.picture, padded)).pages) == 1


def test_a_thumbnail_is_turned_like_its_picture(letter: Letter) -> None:
    """Both are stored lying and seen upright, so they are compared upright."""
    lying = letter.picture.transpose(Image.Transpose.ROTATE_90)
    assert len(decode(_with_thumbnail(lying, lying.resize((170, 120)), orientation=6)).pages) == 1
    other = Image.fromarray(landscape((170, 120)))
    image = decode(_with_thumbnail(lying, other, orientation=6))
    assert image.pages[1].pixels.shape == (170, 120, 3)


def test_flat_pictures_are_alike_when_their_greys_are() -> None:
    """Correlation means nothing without texture; the level decides."""

    def flat(level: int, **size: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
        return np.full((60, 80, 3), level, np.uint8)

    assert shows_same(flat(200), flat(202))
    assert not shows_same(flat(200), flat(90))
