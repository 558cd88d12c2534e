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

from detectors.fingerprints import MIN_INK, ink
from detectors.local_features import Grey
from detectors.pdq import MIN_QUALITY, pdq_hex
from detectors.templates.base import TemplateFacts

_VIEW_SIDE = 512
_HASHED_SIDE = 128
_FLAT = 12
"""Grey levels within which a row or a column is one colour."""
Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class PageHash:
    """256-bit hashes of one view in one turn; `pdq` is empty where its quality is too low.

    Of a view in its own proportions; `detectors.fingerprints` hashes squares, so never compare the two.
    """

    phash: str
    pdq: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class HashHit:
    """The nearest view by one hash: `distance` of 256 bits after `turn` quarter turns."""

    algorithm: str
    distance: int
    turn: int


def page_hash(grey: Grey) -> PageHash | None:
    """The hashes of a reduced page; None where there is too little ink for them to mean anything."""
    view = _small(grey, _VIEW_SIDE)
    return _turned(view, 0) if _inked(view) else None


def _turned(view: Grey, turn: int) -> PageHash:
    small = np.ascontiguousarray(np.rot90(_small(view, _HASHED_SIDE), turn))
    hashed, quality = pdq_hex(small)
    shown = hashed if quality >= MIN_QUALITY else ""
    return PageHash(str(imagehash.phash(Image.fromarray(small), hash_size=16)), shown, turn)


def pdq_quality(grey: Grey) -> int:
    """How much PDQ sees on a page, 0-100."""
    return pdq_hex(_small(grey, _VIEW_SIDE))[1]


def query_hashes(grey: Grey) -> list[PageHash]:
    """The hashes of a reduced picture as it is and without its flat borders, each in four turns."""
    return [_turned(view, turn) for view in _views(grey) if _inked(view) for turn in range(4)]


def _inked(view: Grey) -> bool:
    return ink(Image.fromarray(view)) >= MIN_INK


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


def _views(grey: Grey) -> Iterator[Grey]:
    whole = _small(grey, _VIEW_SIDE)
    yield whole
    trimmed = _trimmed(whole)
    if trimmed.shape != whole.shape:
        yield trimmed


def _trimmed(view: Grey) -> Grey:
    """Without the rows and columns at its edges that hold one flat colour (letterboxing, app bars)."""
    rows = np.flatnonzero(np.ptp(view, axis=1) > _FLAT)
    columns = np.flatnonzero(np.ptp(view, axis=0) > _FLAT)
    if not len(rows) or not len(columns):
        return view
    return view[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _small(grey: Grey, side: int) -> Grey:
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
