"""Whole-page hashes: an early sign of clean copies, and a hint which template to lay over the picture.

Hashes miss photographs and crops, so they never decide that there is no match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from detectors.base import Pixels
from detectors.fingerprints import MIN_INK, ink, thumbnail
from detectors.pdq import pdq
from detectors.templates.base import TemplateFacts
from detectors.views import trim

PDQ_MIN_QUALITY = 50
"""Below this PDQ's authors call a hash meaningless: nearly blank pages are near each other."""
_VIEW_SIDE = 512
_HASHED_SIDE = 128
Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class PageHash:
    """256-bit hashes of one view in one turn; `pdq` is empty where its quality is too low."""

    phash: str
    pdq: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class HashHit:
    """The nearest view by one hash: `distance` of 256 bits after `turn` quarter turns."""

    algorithm: str
    distance: int
    turn: int


def page_hash(pixels: Pixels) -> PageHash | None:
    """The hashes of a page; None where there is too little ink for them to mean anything."""
    return _turned(pixels, 0) if ink(thumbnail(pixels)) >= MIN_INK else None


def _turned(pixels: Pixels, turn: int) -> PageHash:
    small = np.ascontiguousarray(np.rot90(_reduced(pixels, _HASHED_SIDE), turn))
    grey = Image.fromarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    bits, quality = pdq(small)
    shown = np.packbits(bits).tobytes().hex() if quality >= PDQ_MIN_QUALITY else ""
    return PageHash(str(imagehash.phash(grey, hash_size=16)), shown, turn)


def pdq_quality(pixels: Pixels) -> int:
    """How much PDQ sees on a page, 0-100."""
    return pdq(_reduced(pixels, _VIEW_SIDE))[1]


def query_hashes(pixels: Pixels) -> list[PageHash]:
    """The hashes of a picture as it is and without its flat borders, each in four turns."""
    inked = [view for view in _views(pixels) if ink(thumbnail(view)) >= MIN_INK]
    return [_turned(view, turn) for view in inked for turn in range(4)]


class HashTable:
    """The hashes of many templates, compared at once."""

    def __init__(self, facts: Sequence[TemplateFacts]) -> None:
        self._phash = _bits([each.phash for each in facts])
        self._pdq = _bits([each.pdq or "0" * 64 for each in facts])
        self._has_pdq = np.array([bool(each.pdq) for each in facts], bool)

    def nearest(self, hashes: Sequence[PageHash]) -> dict[int, list[HashHit]]:
        """For each template near any of the hashes, its nearest hit by each algorithm."""
        hits: dict[tuple[int, str], HashHit] = {}
        for each in hashes:
            for algorithm, distances in self._distances(each):
                for index in np.flatnonzero(distances <= _HINT).tolist():
                    hit = HashHit(algorithm, int(distances[index]), each.turn)
                    known = hits.get((index, algorithm))
                    if known is None or hit.distance < known.distance:
                        hits[index, algorithm] = hit
        found: dict[int, list[HashHit]] = {}
        for (index, _), hit in hits.items():
            found.setdefault(index, []).append(hit)
        return found

    def _distances(self, each: PageHash) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        yield "phash", _hamming(self._phash, each.phash)
        if each.pdq:
            distances = _hamming(self._pdq, each.pdq)
            distances[~self._has_pdq] = 256
            yield "pdq", distances


_HINT = 64
"""Nearer than this by either hash, a template is laid over the picture whatever its features say."""


def _hamming(table: Bits, one: str) -> npt.NDArray[np.int64]:
    """Differing bits of 256; an inverted picture flips every bit of a DCT hash and counts as itself."""
    distances = np.bitwise_count(table ^ _bits([one])).sum(axis=1).astype(np.int64)
    folded: npt.NDArray[np.int64] = np.minimum(distances, 256 - distances)
    return folded


def _bits(hashes: Sequence[str]) -> Bits:
    raw = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint64)
    return raw.reshape(-1, 4)


def _views(pixels: Pixels) -> Iterator[Pixels]:
    whole = _reduced(pixels, _VIEW_SIDE)
    yield whole
    trimmed = trim(whole)
    if trimmed.shape != whole.shape:
        yield trimmed


def _reduced(pixels: Pixels, side: int) -> Pixels:
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
