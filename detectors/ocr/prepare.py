"""Preparing a picture for tesseract, which expects a flat, dark-on-light scan with text of a known height."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Pixels

Grey = npt.NDArray[np.uint8]
"""A grey raster, shape (height, width)."""

_LONGEST_SIDE = 3000
_WANTED_HEIGHT = 22.0
"""Height of a lower-case letter or digit, pixels, that tesseract reads best (measured: 18 to 26)."""


def flattened(pixels: Pixels) -> Grey:
    """Dark text on white: light print on dark is inverted, then uneven light is divided away."""
    grey: Grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    if _print_is_light(grey):
        grey = 255 - grey
    radius = max(15, min(grey.shape) // 40) | 1
    light = cv2.medianBlur(cv2.dilate(grey, np.ones((5, 5), np.uint8)), min(radius, 101))
    return cv2.divide(grey, np.maximum(light, 1), scale=255).astype(np.uint8)


def _print_is_light(grey: Grey) -> bool:
    """Whether strokes, the rarer side of the local contrast, are lighter than their ground.

    The picture's own brightness does not tell: a white page may lie on a dark table.
    """
    small = grey[:: max(1, grey.shape[0] // 1500), :: max(1, grey.shape[1] // 1500)].astype(np.float32)
    contrast = small - cv2.blur(small, (31, 31))
    return float(np.mean(contrast**3)) > 0


def letter_height(grey: Grey) -> float | None:
    """The median height of letter-like blobs, pixels; None where there are too few to say."""
    _, ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (
        stats[1:, cv2.CC_STAT_WIDTH],
        stats[1:, cv2.CC_STAT_HEIGHT],
        stats[1:, cv2.CC_STAT_AREA],
    )
    letters = (height >= 5) & (height <= 120) & (width <= 3 * height) & (width >= 0.2 * height)
    letters &= area >= 0.15 * width * height
    return float(np.median(height[letters])) if letters.sum() >= 20 else None


def reading_scale(grey: Grey) -> float:
    """The factor that brings letters to the height tesseract reads best."""
    height = letter_height(grey)
    wanted = 1.5 if height is None else _WANTED_HEIGHT / height
    return float(min(max(wanted, 0.5), 4.0, _LONGEST_SIDE / max(grey.shape)))


def lies_on_its_side(grey: Grey) -> bool:
    """Whether the ink lies in columns rather than rows, as on a page turned by a quarter."""
    small = cv2.resize(grey, (512, 512), interpolation=cv2.INTER_AREA).astype(np.float32)
    rows, columns = small.mean(axis=1), small.mean(axis=0)
    return float(np.abs(np.diff(columns)).mean()) > 1.4 * float(np.abs(np.diff(rows)).mean())
