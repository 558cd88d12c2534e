"""Decoding: every kind of picture comes out upright and flat, everything hostile is refused in a sentence."""

from __future__ import annotations

import contextlib
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from detectors.base import Box, ImageUnreadable, Pixels, TextLayer, Word
from detectors.image import ImageLimits, Page, decode, media_type_of
from tests.detectors.letters import encoded

KINDS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")
MEDIA_TYPES = {kind: f"image/{kind.lower()}" for kind in KINDS} | {"HEIF": "image/heic"}


def _marked_page() -> Image.Image:
    """A white page of 60 x 40 pixels whose top left corner is black."""
    page = Image.new("RGB", (60, 40), "white")
    page.paste("black", (0, 0, 20, 10))
    return page


def _corner_is_black(frame: Pixels) -> bool:
    return frame[4, 8].max() < 80 and frame[30, 50].min() > 200


def _png_of_size(width: int, height: int) -> bytes:
    """A valid one-bit PNG header of any size, with hardly any data behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_decodes_to_rgb(kind: str) -> None:
    """Each supported kind of file decodes to the same upright RGB picture."""
    image = decode(encoded(_marked_page(), kind))
    [page] = image.pages
    assert (page.width, page.height, page.scale, image.format) == (60, 40, 1.0, kind)
    frame = page.pixels
    assert frame.shape == (40, 60, 3)
    assert frame.dtype == np.uint8
    assert _corner_is_black(frame)


@pytest.mark.parametrize("kind", KINDS)
def test_the_media_type_is_read_from_the_content(kind: str) -> None:
    """Magic bytes decide the media type."""
    assert media_type_of(encoded(_marked_page(), kind)) == MEDIA_TYPES[kind]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n%", "application/pdf"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "video/mp4"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"hello", None),
        (b"", None),
    ],
)
def test_other_content_is_named_or_unknown(data: bytes, expected: str | None) -> None:
    """Documents and videos are told from pictures; the rest is unknown."""
    assert media_type_of(data) == expected


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied_once(kind: str, orientation: int) -> None:
    """A picture stored turned or mirrored comes out as its EXIF orientation says it is seen."""
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    seen = _marked_page()
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(encoded(seen if stored is None else seen.transpose(stored), kind, exif=exif))
    assert (image.pages[0].width, image.pages[0].height) == (60, 40)
    assert _corner_is_black(image.frames[0])


def test_sixteen_bit_grey_is_shifted_not_clipped() -> None:
    """A 16-bit PNG keeps its contrast instead of turning white."""
    samples = np.full((20, 30), 40_000, np.uint16)
    samples[:, :10] = 1_000
    frame = decode(encoded(Image.fromarray(samples))).frames[0]
    assert (frame[0, 0, 0], frame[0, 20, 0]) == (1_000 >> 8, 40_000 >> 8)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_becomes_white(mode: str) -> None:
    """Black print on a transparent page is seen on white, not lost on black."""
    page = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    page.paste((0, 0, 0, 255), (0, 0, 20, 10))
    if mode == "LA":
        data = encoded(page.convert("LA"))
    elif mode == "PA":
        data = encoded(page.quantize(8), "PNG")
    else:
        data = encoded(page)
    frame = decode(data).frames[0]
    assert tuple(frame[4, 8]) == (0, 0, 0)
    assert tuple(frame[30, 50]) == (255, 255, 255)


def test_a_palette_colour_can_be_transparent() -> None:
    """A GIF's transparent colour is flattened on white too."""
    page = Image.new("P", (60, 40), 1)
    page.putpalette([0, 0, 0, 10, 10, 10])
    page.paste(0, (0, 0, 20, 10))
    frame = decode(encoded(page, "PNG", transparency=1)).frames[0]
    assert tuple(frame[30, 50]) == (255, 255, 255)
    assert tuple(frame[4, 8]) == (0, 0, 0)


def test_cmyk_jpeg_keeps_light_and_dark() -> None:
    """A CMYK JPEG, as printers make them, is not inverted."""
    frame = decode(encoded(_marked_page().convert("CMYK"), "JPEG")).frames[0]
    assert _corner_is_black(frame)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_leak_flashed_late_in_an_animation_is_kept(kind: str) -> None:
    """The one frame that differs is among the frames, though the first shows nothing."""
    frames = [Image.new("RGB", (200, 120), (220, 230, 250)) for _ in range(20)]
    for number, frame in enumerate(frames):
        frame.putpixel((number, 0), (0, 0, 0))  # an encoder would merge equal frames
    ImageDraw.Draw(frames[13]).rectangle((20, 20, 160, 100), fill="black")
    image = decode(encoded(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True))
    assert any(frame[60, 90].max() < 40 for frame in image.frames)
    assert len(image.frames) < len(frames)
    assert any("frames examined" in note for note in image.notes)


def test_frames_are_capped() -> None:
    """No more distinct frames are decoded than the limit allows."""
    frames = [Image.new("RGB", (50, 50), (12 * number, 0, 0)) for number in range(20)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert len(decode(data, ImageLimits(max_frames=3)).frames) == 3


def test_pages_of_a_tiff_are_frames() -> None:
    """A multi-page TIFF gives its first pages in order."""
    pages = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    image = decode(
        encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]), ImageLimits(max_frames=2)
    )
    assert [tuple(frame[0, 0]) for frame in image.frames] == [(255, 0, 0), (0, 255, 0)]


def test_a_large_jpeg_is_decoded_reduced() -> None:
    """A JPEG over the limit is decoded smaller, and its boxes translate to the original's pixels."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (800, 400), "white"), "JPEG", exif=exif)
    image = decode(data, ImageLimits(max_megapixels=0.1, max_reduced_megapixels=0.5))
    [page] = image.pages
    assert (page.width, page.height, page.scale) == (400, 800, 0.5)
    assert page.pixels.shape == (400, 200, 3)
    assert any("reduced from 800 x 400" in note for note in image.notes)
    assert page.original_box(Box(10, 20, 30, 40)) == Box(20, 40, 60, 80)
    layer = TextLayer("ocr", (Word("Dear", Box(10, 20, 30, 40), 0.9, 0),))
    assert page.original_text(layer).words[0].box == Box(20, 40, 60, 80)


def test_a_hundred_megapixels_are_decoded_in_little_memory(tmp_path: Path) -> None:
    """The largest JPEG accepted is decoded in a process of one gigabyte, at half its size."""
    path = tmp_path / "large.jpg"
    Image.new("L", (10_000, 9_990), 200).save(path)
    script = (
        "import resource, sys; from pathlib import Path; from detectors.image import decode;"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
        "page = decode(Path(sys.argv[1]).read_bytes()).pages[0];"
        "print(page.width, page.height, page.pixels.shape, page.scale)"
    )
    environment = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split("\n")[0] == "10000 9990 (4995, 5000, 3) 0.5"


def test_boxes_are_kept_when_nothing_was_reduced() -> None:
    """At full size a box is its own translation."""
    page = Page.of(np.zeros((10, 10, 3), np.uint8))
    assert page.original_box(Box(1, 2, 3, 4)) == Box(1, 2, 3, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_over_the_limit_is_refused(kind: str) -> None:
    """A picture with more pixels than allowed is refused, a JPEG only above what can be reduced."""
    data = encoded(Image.new("RGB", (800, 400), "white"), kind)
    with pytest.raises(ImageUnreadable, match="megapixels"):
        decode(data, ImageLimits(max_megapixels=0.1, max_reduced_megapixels=0.2))


def test_a_bomb_is_refused_before_it_is_allocated() -> None:
    """A PNG that declares 50,000 x 50,000 pixels costs no memory."""
    tracemalloc.start()
    with pytest.raises(ImageUnreadable, match="more than the 40 megapixels"):
        decode(_png_of_size(50_000, 50_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"patient list, see attached\n" * 9, "holds text"),
        (b"PK\x03\x04" + b"\0" * 40, "application/zip"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "truncated or damaged"),
        (b"\x00\x01\x02\xfe" * 50, "not in a known format"),
        (b"\xff\xd8\xff" * 50, "truncated or damaged"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    """The error says what the bytes are, in one sentence."""
    with pytest.raises(ImageUnreadable, match=sentence) as caught:
        decode(data)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_file_over_the_byte_limit_is_refused() -> None:
    """The size in bytes is checked before anything is decoded."""
    with pytest.raises(ImageUnreadable, match="over the limit"):
        decode(encoded(_marked_page(), "BMP"), ImageLimits(max_bytes=1000))


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_file_is_refused(kind: str) -> None:
    """Half a file is an error, not half a picture."""
    page = Image.effect_noise((200, 150), 80).convert("RGB")
    data = encoded(page, kind)
    with pytest.raises(ImageUnreadable, match="truncated or damaged"):
        decode(data[: len(data) // 2])


@given(
    kind=st.sampled_from(KINDS),
    damage=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=30),
)
def test_damaged_bytes_decode_or_are_refused(kind: str, damage: list[tuple[int, int]]) -> None:
    """Whatever bytes are changed, the outcome is a picture or ImageUnreadable, nothing else."""
    data = bytearray(_SOUND[kind])
    for at, value in damage:
        data[at % len(data)] = value
    try:
        image = decode(bytes(data), ImageLimits(max_megapixels=1))
    except ImageUnreadable:
        return
    assert all(frame.ndim == 3 and frame.shape[2] == 3 for frame in image.frames)


_SOUND = {kind: encoded(_marked_page(), kind) for kind in KINDS}


def test_decoding_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Damaged files, also those read by C libraries, leave stdout and stderr empty."""
    grain = np.random.default_rng(7).integers(0, 255, (90, 120, 3), np.uint8)
    for kind, options in (
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
        ("JPEG", {}),
    ):
        sound = encoded(grain, kind, **options)
        for stride in (41, 97, 211):
            damaged = bytearray(sound[:-50])
            for at in range(60, len(damaged), stride):
                damaged[at] ^= 0x5A
            with contextlib.suppress(ImageUnreadable):
                decode(bytes(damaged))
    assert capfd.readouterr() == ("", "")
