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
"""Height of a lower-case letter or digit, pixels, to scale text to before tesseract reads it."""


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
    """Whether the ink lies in columns rather than rows, as on a page turned by a quarter.

    Blurred by about a letter's height, letters run together into streaks while lines stay apart; the ink
    then changes fastest across the lines. Local, so a tilted page does not confuse it.
    """
    blur = 0.8 * (letter_height(grey) or 12.0)
    streaks = cv2.GaussianBlur(255 - grey, (0, 0), blur).astype(np.float32)
    across = np.abs(np.diff(streaks, axis=1)).mean() if streaks.shape[1] > 1 else 0.0
    down = np.abs(np.diff(streaks, axis=0)).mean() if streaks.shape[0] > 1 else 0.0
    return float(across) > 1.15 * float(down)
