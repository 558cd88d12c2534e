"""Perceptual fingerprints (imagehash, PDQ): nearness of pictures that were recompressed, resized, brightened.

A fingerprint proposes, it never decides: letters on one template look alike to every global hash, so two
patients' letters may be near, and a photograph of a letter is far from its scan. Pages with hardly any
ink are near each other for no reason; `Fingerprint.ink` says how much a fingerprint can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import imagehash
import numpy as np
from PIL import Image

from detectors.base import Pixels
from detectors.pdq import MIN_QUALITY, pdq_hex

THUMBNAIL_SIDE = 512
"""Longest side of the copy that is hashed. Both sides of a comparison must use the same size."""
MIN_INK = 0.02
"""Below this share of textured cells a page is blank, and its fingerprint says nothing."""
PDQ_SIDE = 128
"""The square that PDQ hashes are taken from: turning it costs nothing, and both sides use the same size."""
PDQ_NEAR = 31
"""The published distance (of 256 bits) within which two PDQ hashes are of one picture."""
_CELL = 8
_TEXTURE = 6.0


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes as hexadecimal: 64-bit DCT and gradient hashes, a 256-bit DCT hash, and PDQ.

    `ink` is the share (0-1) of small cells that hold any texture. `pdq` is eight 256-bit hashes, one after
    the other: of the picture, and of it turned and mirrored in the seven other ways; `quality` is PDQ's own.
    """

    phash: str
    dhash: str
    phash256: str
    ink: float
    pdq: str
    quality: int

    @property
    def usable(self) -> bool:
        """False for a blank page: it would be near every other blank page."""
        return self.ink >= MIN_INK and self.quality >= MIN_QUALITY


def fingerprint(pixels: Pixels) -> Fingerprint:
    """The fingerprint of an upright RGB picture."""
    small = thumbnail(pixels)
    pdq, quality = pdq_hashes(pixels)
    return Fingerprint(
        phash=str(imagehash.phash(small)),
        dhash=str(imagehash.dhash(small)),
        phash256=str(imagehash.phash(small, hash_size=16)),
        ink=ink(small),
        pdq=pdq,
        quality=quality,
    )


def pdq_hashes(pixels: Pixels) -> tuple[str, int]:
    """The eight PDQ hashes of a picture, as `Fingerprint.pdq` has them, and the quality of the first.

    The library's own dihedral hashes derive the turned ones from one transform, and are wrong for pages that
    are mostly white; turning a thumbnail and hashing it again is right and takes 3 ms for all eight.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    square = cv2.resize(grey, (PDQ_SIDE, PDQ_SIDE), interpolation=cv2.INTER_AREA).astype(np.uint8)
    turned = [np.rot90(square, turn) for turn in range(4)]
    hashes = [pdq_hex(view) for each in turned for view in (each, np.fliplr(each))]
    return "".join(text for text, _ in hashes), hashes[0][1]


def thumbnail(pixels: Pixels) -> Image.Image:
    """The grey copy that hashes are taken from: at most 512 pixels on its longest side."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)
    return picture.convert("L")


def ink(small: Image.Image) -> float:
    """The share of 8 x 8 cells whose grey levels vary: paper has none, print has."""
    grey = np.asarray(small, dtype=np.float32)
    rows, columns = max(grey.shape[0] // _CELL, 1), max(grey.shape[1] // _CELL, 1)
    cells = grey[: rows * _CELL, : columns * _CELL]
    cells = cells.reshape(rows, cells.shape[0] // rows, columns, cells.shape[1] // columns)
    return float((cells.std(axis=(1, 3)) > _TEXTURE).mean())


def distance(first: str, second: str) -> int:
    """Differing bits of two hashes of one kind; an inverted picture counts as the picture itself.

    Inverting a picture flips every bit of a DCT hash, so the distance is min(d, n - d) of n bits.
    Raises ValueError if the hashes are of different lengths.
    """
    if len(first) != len(second):
        raise ValueError(f"hashes of {4 * len(first)} and {4 * len(second)} bits cannot be compared")
    bits = 4 * len(first)
    differing = (int(first, 16) ^ int(second, 16)).bit_count()
    return min(differing, bits - differing)
