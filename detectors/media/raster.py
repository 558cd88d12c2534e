"""Pictures, through Pillow.

1. Open with an explicit format; the declared size is checked before anything is allocated.
2. Choose frames: pages of a TIFF, distinct pictures of an animation (the first one may hide the leak).
3. Make each frame 8-bit RGB: 16-bit samples are shifted, transparency is flattened on white.
4. Turn it upright once, as its EXIF orientation says.
5. Read what the file says of itself; a thumbnail that shows another picture becomes a page of its own.
"""

from __future__ import annotations

import io
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps

from detectors.base import FileFact, ImageUnreadable, Pixels
from detectors.media.base import DecodedImage, ImageLimits, Page
from detectors.metadata import THUMBNAIL, differing_thumbnail, facts_of

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}
"""Pillow's name of each media type that is a picture."""

_FRAMES_LOOKED_AT = 120
_LOOK_BUDGET_MEGAPIXELS = 400
DISTINCT = 12.0
"""Two frames differ when some cell of a 24 x 24 grid differs by this much (grey levels, 0-255)."""

_pillow = threading.Lock()


def decode_picture(data: bytes, media_type: str, limits: ImageLimits) -> DecodedImage:
    """The picture in `data`. Raises ImageUnreadable with one sentence; writes nothing anywhere."""
    reducible = media_type == "image/jpeg"
    ceiling = (
        max(limits.max_megapixels, limits.max_reduced_megapixels) if reducible else limits.max_megapixels
    )
    if media_type == "image/heic":
        _know_heif()
    with _guarded(ceiling), _libtiff_silenced() if media_type == "image/tiff" else nullcontext():
        try:
            with Image.open(io.BytesIO(data), formats=[FORMATS[media_type]]) as image:
                return _decode_open(image, limits)
        except Image.DecompressionBombError as error:
            raise ImageUnreadable(
                f"The picture declares more than the {ceiling:g} megapixels accepted for its format."
            ) from error
        except ImageUnreadable:
            raise
        except Exception as error:  # a decoder fed hostile bytes may raise anything at all
            raise ImageUnreadable(
                f"The {FORMATS[media_type]} picture is truncated or damaged and cannot be decoded."
            ) from error


@cache
def _know_heif() -> None:
    import pillow_heif  # noqa: PLC0415 - only for those who meet one

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


@contextmanager
def _guarded(ceiling_megapixels: float) -> Iterator[None]:
    """Pillow refuses pictures over the ceiling before allocating, and stays silent.

    Both the limit and the warning filters belong to the process, hence the lock. Pillow raises at twice
    its MAX_IMAGE_PIXELS and merely warns below that.
    """
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = int(ceiling_megapixels * 1_000_000 / 2)
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


@contextmanager
def _libtiff_silenced() -> Iterator[None]:
    """Standard error closed while a TIFF is read: libtiff prints there itself, past Python."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _decode_open(image: ImageFile.ImageFile, limits: ImageLimits) -> DecodedImage:
    notes: list[str] = []
    full = image.size
    facts = facts_of(image)
    if full[0] * full[1] > limits.max_megapixels * 1_000_000:
        _reduce(image, limits)
        notes.append(
            f"decoded at {image.size[0]} x {image.size[1]}, reduced from {full[0]} x {full[1]} pixels"
        )
    scale = image.size[0] / full[0]
    pages = list(_pages(image, limits, notes))
    if scale != 1.0:
        pages = [_unreduced(page, full, scale) for page in pages]
    thumbnail = differing_thumbnail(image, pages[0].pixels)
    if thumbnail is not None:
        pages.append(Page.of(thumbnail, "thumbnail"))
        facts += (FileFact(THUMBNAIL, f"{thumbnail.shape[1]} x {thumbnail.shape[0]} pixels"),)
    name = "JPEG" if image.format == "MPO" else str(image.format)
    return DecodedImage(tuple(pages), name, tuple(dict.fromkeys(notes)), facts)


def _pages(image: ImageFile.ImageFile, limits: ImageLimits, notes: list[str]) -> Iterator[Page]:
    room = limits.max_total_megapixels * 1_000_000
    chosen, total = _choose_frames(image, limits)
    decoded = 0
    for index in chosen:
        image.seek(index)
        room -= image.size[0] * image.size[1]
        if decoded and room < 0:
            break
        yield Page.of(_frame(image, notes), "page" if image.format == "TIFF" else "picture")
        decoded += 1
    if decoded < total:
        notes.append(f"{decoded} of {total} frames examined")


def _unreduced(page: Page, full: tuple[int, int], scale: float) -> Page:
    same_way = (page.width >= page.height) == (full[0] >= full[1])
    width, height = full if same_way else (full[1], full[0])
    return Page(page.pixels, width, height, scale, page.text, page.kind)


def _reduce(image: ImageFile.ImageFile, limits: ImageLimits) -> None:
    """Tell the JPEG decoder to skip detail (by 2, 4 or 8) until the picture is within the limit."""
    width, height = image.size
    divisor = 2
    while width * height / divisor**2 > limits.max_megapixels * 1_000_000 and divisor < 8:
        divisor *= 2
    image.draft("RGB", (width // divisor, height // divisor))
    if image.size[0] * image.size[1] > limits.max_megapixels * 1_000_000:
        raise ImageUnreadable(f"The picture is {width} x {height} pixels, too many to decode even reduced.")


def _choose_frames(image: ImageFile.ImageFile, limits: ImageLimits) -> tuple[Sequence[int], int]:
    """The frames to decode, and how many there are: first pages, or an animation's most different."""
    # The further pictures of an MPO (a JPEG with extras) are previews and depth maps of the first.
    total = 1 if image.format in ("JPEG", "MPO") else int(getattr(image, "n_frames", 1))
    if total == 1:
        return [0], total
    if image.format in ("TIFF", "HEIF"):  # each a picture of its own, of its own size
        return range(min(total, limits.max_frames)), total
    return _distinct_frames(image, total, limits), total


def _distinct_frames(image: ImageFile.ImageFile, total: int, limits: ImageLimits) -> Sequence[int]:
    """Farthest-first choice over small copies: the first frame, then whatever differs most from those."""
    affordable = int(_LOOK_BUDGET_MEGAPIXELS * 1_000_000 / (image.size[0] * image.size[1]))
    looked = min(total, _FRAMES_LOOKED_AT, max(affordable, limits.max_frames))
    copies = np.stack([_miniature(image, index) for index in range(looked)])
    distance = np.abs(copies - copies[0]).max(axis=1)
    chosen = [0]
    while len(chosen) < limits.max_frames and distance.max() >= DISTINCT:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.abs(copies - copies[chosen[-1]]).max(axis=1))
    return sorted(chosen)


def _miniature(image: ImageFile.ImageFile, index: int) -> npt.NDArray[np.float32]:
    image.seek(index)
    small = _flatten(image).convert("L").resize((24, 24), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32).ravel()


def _frame(image: ImageFile.ImageFile, notes: list[str]) -> Pixels:
    image.load()
    upright = _upright(image, notes)
    return np.asarray(_flatten(upright), dtype=np.uint8)


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:  # noqa: BLE001 - damaged metadata fails in many ways; the pixels are sound
        notes.append(f"orientation metadata is damaged ({type(error).__name__}) and was not applied")
        return image


def _flatten(image: Image.Image) -> Image.Image:
    """8-bit RGB; transparent areas become white, as a viewer shows them."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_eight_bits(np.asarray(image))).convert("RGB")
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", rgba.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image.convert("RGB")


def _to_eight_bits(samples: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Deep grey samples: 16-bit ones are shifted, 8-bit values kept, anything else stretched to fit."""
    values = np.nan_to_num(samples.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if samples.dtype == np.uint16 or (low >= 0 and 255 < high <= 65535):
        return (values / 256).astype(np.uint8)
    if low >= 0 and 1 < high <= 255:
        return values.astype(np.uint8)
    return ((values - low) / max(high - low, 1e-9) * 255).astype(np.uint8)
