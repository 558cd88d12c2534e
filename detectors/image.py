"""Safe decoding: untrusted bytes in, upright RGB frames out.

The steps of `decode`, in order:

1. Refuse by size in bytes and by content (the file's name never counts).
2. Open with an explicit list of formats; the declared size is checked before anything is allocated.
3. Choose frames: pages of a TIFF, distinct pictures of an animation (the first one may hide the leak).
4. Make each frame 8-bit RGB: 16-bit samples are shifted, transparency is flattened on white.
5. Turn it upright once, as its EXIF orientation says.
"""

from __future__ import annotations

import io
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps

from detectors.base import Box, ImageUnreadable, Pixels, TextLayer

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/avif": "AVIF",
}
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"BM", "image/bmp"),
)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_FRAMES_LOOKED_AT = 120
_LOOK_BUDGET_MEGAPIXELS = 400
_DISTINCT = 12.0
"""Two frames differ when some cell of a 24 x 24 grid differs by this much (grey levels, 0-255)."""

_pillow = threading.Lock()


@dataclass(frozen=True)
class ImageLimits:
    """What a picture may cost.

    Above `max_megapixels` only a JPEG is decoded, at a reduced size, up to `max_reduced_megapixels`.
    """

    max_megapixels: float = 40
    max_frames: int = 8
    max_bytes: int = 64 * 1024 * 1024
    max_reduced_megapixels: float = 100


DEFAULT_LIMITS = ImageLimits()


@dataclass(frozen=True)
class DecodedImage:
    """Frames as upright RGB, and how they relate to the original.

    `width` and `height` are the upright original's, in pixels; `scale` is decoded size / original size
    (1.0 unless the picture was decoded reduced). `format` is Pillow's name, such as "JPEG".
    """

    frames: tuple[Pixels, ...]
    width: int
    height: int
    scale: float
    format: str
    notes: tuple[str, ...] = ()

    def original_box(self, box: Box) -> Box:
        """A box of a decoded frame, in pixels of the upright original."""
        if self.scale == 1.0:
            return box
        left, top = round(box.x / self.scale), round(box.y / self.scale)
        right = round((box.x + box.width) / self.scale)
        bottom = round((box.y + box.height) / self.scale)
        return Box(left, top, min(right, self.width) - left, min(bottom, self.height) - top)

    def original_text(self, layer: TextLayer) -> TextLayer:
        """A text layer read from a decoded frame, its boxes in pixels of the upright original."""
        if self.scale == 1.0:
            return layer
        return replace(
            layer, words=tuple(replace(word, box=self.original_box(word.box)) for word in layer.words)
        )

    def decoded_box(self, box: Box) -> Box:
        """A box in pixels of the upright original, in pixels of a decoded frame."""
        return Box(*(round(value * self.scale) for value in box))


def media_type_of(data: bytes) -> str | None:
    """The media type that the content shows ("image/jpeg", "application/pdf", ...), None if unknown."""
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return _iso_media_type(data)
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def _iso_media_type(data: bytes) -> str | None:
    length = int.from_bytes(data[:4], "big")
    brands = data[8 : min(length, 64)]
    if b"avif" in brands or b"avis" in brands:
        return "image/avif"
    if any(brand in brands for brand in _HEIC_BRANDS):
        return "image/heic"
    return "video/mp4"


def decode(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> DecodedImage:
    """The picture in `data`. Raises ImageUnreadable with one sentence; writes nothing anywhere."""
    media_type = _accepted_type(data, limits)
    reducible = media_type == "image/jpeg"
    ceiling = (
        max(limits.max_megapixels, limits.max_reduced_megapixels) if reducible else limits.max_megapixels
    )
    with _guarded(ceiling), _libtiff_silenced() if media_type == "image/tiff" else nullcontext():
        try:
            with Image.open(io.BytesIO(data), formats=[_FORMATS[media_type]]) as image:
                return _decode_open(image, limits)
        except Image.DecompressionBombError as error:
            raise ImageUnreadable(
                f"The picture declares more than the {ceiling:g} megapixels accepted for its format."
            ) from error
        except ImageUnreadable:
            raise
        except Exception as error:  # a decoder fed hostile bytes may raise anything at all
            raise ImageUnreadable(
                f"The {_FORMATS[media_type]} picture is truncated or damaged and cannot be decoded."
            ) from error


def _accepted_type(data: bytes, limits: ImageLimits) -> str:
    """The picture's media type, or ImageUnreadable saying what the bytes are instead."""
    if not data:
        raise ImageUnreadable("The file is empty (0 bytes).")
    if len(data) > limits.max_bytes:
        raise ImageUnreadable(
            f"The file is {len(data) / 1e6:.0f} MB, over the limit of {limits.max_bytes / 1e6:.0f} MB."
        )
    media_type = media_type_of(data)
    if media_type in _FORMATS:
        return media_type
    if media_type is not None:
        raise ImageUnreadable(f"The file is {media_type}, which is not a picture format that is read here.")
    if _looks_like_text(data):
        raise ImageUnreadable("The file holds text, not a picture.")
    raise ImageUnreadable(
        "The file is not a picture in a known format (JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF)."
    )


def _looks_like_text(data: bytes) -> bool:
    head = data[:4096]
    return b"\0" not in head and sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head) > 0.9 * len(head)


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
    if full[0] * full[1] > limits.max_megapixels * 1_000_000:
        _reduce(image, limits)
        notes.append(
            f"decoded at {image.size[0]} x {image.size[1]}, reduced from {full[0]} x {full[1]} pixels"
        )
    scale = image.size[0] / full[0]
    chosen = _choose_frames(image, limits, notes)
    frames = tuple(_frame(image, index, notes) for index in chosen)
    height, width = frames[0].shape[:2]
    if scale != 1.0:
        width, height = full if (width >= height) == (full[0] >= full[1]) else (full[1], full[0])
    return DecodedImage(
        frames=frames,
        width=width,
        height=height,
        scale=scale,
        format="JPEG" if image.format == "MPO" else str(image.format),
        notes=tuple(dict.fromkeys(notes)),
    )


def _reduce(image: ImageFile.ImageFile, limits: ImageLimits) -> None:
    """Tell the JPEG decoder to skip detail (by 2, 4 or 8) until the picture is within the limit."""
    width, height = image.size
    divisor = 2
    while width * height / divisor**2 > limits.max_megapixels * 1_000_000 and divisor < 8:
        divisor *= 2
    image.draft("RGB", (width // divisor, height // divisor))
    if image.size[0] * image.size[1] > limits.max_megapixels * 1_000_000:
        raise ImageUnreadable(f"The picture is {width} x {height} pixels, too many to decode even reduced.")


def _choose_frames(image: ImageFile.ImageFile, limits: ImageLimits, notes: list[str]) -> Sequence[int]:
    """Indices of the frames to decode: a TIFF's first pages, an animation's most different pictures."""
    # The further pictures of an MPO (a JPEG with extras) are previews and depth maps of the first.
    total = 1 if image.format in ("JPEG", "MPO") else int(getattr(image, "n_frames", 1))
    if total == 1:
        return [0]
    if image.format == "TIFF":
        chosen: Sequence[int] = range(min(total, limits.max_frames))
    else:
        chosen = _distinct_frames(image, total, limits)
    if len(chosen) < total:
        notes.append(f"{len(chosen)} of {total} frames examined")
    return chosen


def _distinct_frames(image: ImageFile.ImageFile, total: int, limits: ImageLimits) -> Sequence[int]:
    """Farthest-first choice over small copies: the first frame, then whatever differs most from those."""
    affordable = int(_LOOK_BUDGET_MEGAPIXELS * 1_000_000 / (image.size[0] * image.size[1]))
    looked = min(total, _FRAMES_LOOKED_AT, max(affordable, limits.max_frames))
    copies = np.stack([_miniature(image, index) for index in range(looked)])
    distance = np.abs(copies - copies[0]).max(axis=1)
    chosen = [0]
    while len(chosen) < limits.max_frames and distance.max() >= _DISTINCT:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.abs(copies - copies[chosen[-1]]).max(axis=1))
    return sorted(chosen)


def _miniature(image: ImageFile.ImageFile, index: int) -> npt.NDArray[np.float32]:
    image.seek(index)
    small = _flatten(image).convert("L").resize((24, 24), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32).ravel()


def _frame(image: ImageFile.ImageFile, index: int, notes: list[str]) -> Pixels:
    image.seek(index)
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
