"""The preview a reviewer sees: a new raster in which only words known to be safe can be read.

Redaction by allow-list. What a detector failed to notice stays hidden, because everything is hidden unless
it was asked for:

1. Decode the untrusted picture; nothing of its file (metadata, thumbnails, profiles) is carried over.
2. Paint out the marked places, so that the blur below holds nothing of them.
3. Average the whole picture into cells larger than its text, keep few grey levels, and smooth.
4. Lay the kept words back, except where a marked or hidden place overlaps them.
5. Draw the marked places as black boxes with a coloured outline, and encode afresh as JPEG.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from detectors.base import Box, ImageUnreadable, Pixels
from detectors.image import DEFAULT_LIMITS, ImageLimits, Page, decode

_CELLS = 8
"""Cells along the longest side at most: even four letters that fill the picture get two cells each."""
_LEVELS = 16
"""Levels per colour in the averaged picture: too few to tell one string's mean darkness from another's."""
_MARGIN = 0.2
"""Marked boxes grow by this share of their height: engines cut boxes tightly."""
_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Marked:
    """A place to black out, in pixels of the upright original, and the colour of its outline."""

    box: Box
    colour: str = "#d4351c"


def render_preview(
    data: bytes,
    *,
    keep: Sequence[Box],
    marked: Sequence[Marked],
    hidden: Sequence[Box] = (),
    frame: int = 0,
    max_side: int = 1400,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> bytes:
    """A JPEG of at most `max_side` pixels in which only the `keep` boxes can be read.

    All boxes are in pixels of the upright original. `hidden` are words known not to be safe: a kept box
    that overlaps one shows nothing of it. Raises ImageUnreadable.
    """
    pages = decode(data, limits).pages
    if not 0 <= frame < len(pages):
        raise ImageUnreadable(f"The picture has {len(pages)} frames; there is no frame {frame}.")
    return page_preview(pages[frame], keep=keep, marked=marked, hidden=hidden, max_side=max_side)


def page_preview(
    page: Page,
    *,
    keep: Sequence[Box],
    marked: Sequence[Marked],
    hidden: Sequence[Box] = (),
    max_side: int = 1400,
) -> bytes:
    """`render_preview` of a page that is decoded already."""
    shrink = min(1.0, max_side / max(page.width, page.height))
    size = (max(1, round(page.width * shrink)), max(1, round(page.height * shrink)))
    sharp = cv2.resize(page.pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    black = [_grown(_scaled(mark.box, shrink)) for mark in marked]
    kept = [_scaled(box, shrink) for box in keep]
    preview = _unreadable(sharp, black, text=[*kept, *(_scaled(mark.box, shrink) for mark in marked)])
    shown = _mask(size, kept) & ~_mask(size, black) & ~_mask(size, [_scaled(box, shrink) for box in hidden])
    preview[shown] = sharp[shown]
    return _encoded(preview, black, [mark.colour for mark in marked])


def _scaled(box: Box, shrink: float) -> Box:
    left, top = int(box.x * shrink), int(box.y * shrink)
    right = int(np.ceil((box.x + box.width) * shrink))
    bottom = int(np.ceil((box.y + box.height) * shrink))
    return Box(left, top, right - left, bottom - top)


def _grown(box: Box) -> Box:
    margin = max(2, round(min(box.width, box.height) * _MARGIN))
    return Box(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin)


def _mask(size: tuple[int, int], boxes: Iterable[Box]) -> npt.NDArray[np.bool_]:
    width, height = size
    mask = np.zeros((height, width), np.bool_)
    for box in boxes:
        mask[max(box.y, 0) : max(box.y + box.height, 0), max(box.x, 0) : max(box.x + box.width, 0)] = True
    return mask


def _unreadable(sharp: Pixels, black: Sequence[Box], text: Sequence[Box]) -> Pixels:
    """The picture averaged into cells well above the size of its text, without the marked places."""
    height, width = sharp.shape[:2]
    bare = sharp.copy()
    bare[_mask((width, height), black)] = np.median(sharp.reshape(-1, 3), axis=0).astype(np.uint8)
    cell = _cell_size(max(height, width), [min(box.width, box.height) for box in text])
    cells = (max(1, round(width / cell)), max(1, round(height / cell)))
    coarse = cv2.resize(bare, cells, interpolation=cv2.INTER_AREA)
    step = 256 // _LEVELS
    coarse = (coarse // step * step + step // 2).astype(np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _cell_size(longest: int, heights: Sequence[int]) -> float:
    """At least an eighth of the picture, twice its usual text, and its largest text."""
    known = (2 * median(heights), 1.2 * max(heights)) if heights else ()
    return float(max(longest / _CELLS, *known)) if known else longest / _CELLS


def _encoded(preview: Pixels, black: Sequence[Box], colours: Sequence[str]) -> bytes:
    picture = Image.fromarray(preview)
    draw = ImageDraw.Draw(picture)
    line = max(2, max(picture.size) // 400)
    for box, colour in zip(black, colours, strict=True):
        draw.rectangle(
            (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1),
            fill="black",
            outline=colour,
            width=line,
        )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
