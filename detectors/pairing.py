"""Which features of two pictures are of the same place: those alone of their kind, or those that lie near.

All on arrays: places (x, y) of shape (n, 2), and descriptors of whole 64-bit words, shape (n, bytes).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Descriptors = npt.NDArray[np.uint8]
"""ORB descriptors: 256 bits each, shape (n, 32), or the first half of them."""
Points = npt.NDArray[np.float32]
"""Places (x, y), shape (n, 2)."""
Numbers = npt.NDArray[np.intp]
Bits = npt.NDArray[np.uint16]

RATIO = 0.85
"""A match counts when the second best is this much worse (Lowe's ratio test)."""
_ROWS = 256
"""Descriptors that are compared with all others at once: the table of distances stays small."""


def alone(first: Descriptors, second: Descriptors, far: int) -> tuple[Numbers, Numbers]:
    """Pairs (number in first, number in second) within `far` bits that pass the ratio test, each of `second`
    used once."""
    parts = [_two_likest(first[n : n + _ROWS], second) for n in range(0, len(first), _ROWS)]
    likest, near, second_near = (np.concatenate(each) for each in zip(*parts, strict=True))
    passing = np.flatnonzero((near <= far) & (near < RATIO * second_near))
    nearest_first = passing[np.argsort(near[passing], kind="stable")]
    used, chosen = np.unique(likest[nearest_first], return_index=True)
    return nearest_first[chosen], used


def _two_likest(some: Descriptors, second: Descriptors) -> tuple[Numbers, Bits, Bits]:
    """Of each descriptor the likest of `second`, by how many bits it differs, and by how many the next."""
    left, right = some.view(np.uint64), second.view(np.uint64)
    bits = np.zeros((len(some), len(second)), np.uint16)
    for word in range(left.shape[1]):
        bits += np.bitwise_count(left[:, word, None] ^ right[None, :, word])
    rows, likest = np.arange(len(some)), bits.argmin(axis=1)
    near = bits[rows, likest]
    bits[rows, likest] = np.iinfo(np.uint16).max
    return likest, near, bits.min(axis=1)


def nearby(
    laid: npt.NDArray[np.floating[Any]],
    first: Descriptors,
    places: Points,
    second: Descriptors,
    *,
    within: float,
    far: int,
) -> tuple[Numbers, Numbers]:
    """Pairs of features whose places, the first ones' `laid` on the second picture, are nearly the same.

    Of all that lie `within` so many pixels on both axes and differ in `far` bits at most, the likest, each
    used once. Rows of a table and repeated words, which are alone of no kind, find their like so.
    """
    order = np.argsort(places[:, 0])
    first_at, end_at = (np.searchsorted(places[order, 0], laid[:, 0] + off) for off in (-within, within))
    asked, at = spread(first_at, end_at - first_at)
    stored = order[at]
    level = np.abs(laid[asked, 1] - places[stored, 1]) < within
    asked, stored = asked[level], stored[level]
    bits = differing(first, second, asked, stored)
    near = np.flatnonzero(bits <= far)
    chosen = each_once(asked[near], stored[near], bits[near])
    return asked[near][chosen], stored[near][chosen]


def spread(first: Numbers, lengths: Numbers) -> tuple[Numbers, Numbers]:
    """Of runs (each from `first`, so long): to which run each place belongs, and the places, shapes (m,)."""
    runs = np.repeat(np.arange(len(lengths)), lengths)
    ends = np.cumsum(lengths)
    return runs, np.arange(len(runs)) + np.repeat(first - ends + lengths, lengths)


def differing(first: Descriptors, second: Descriptors, asked: Numbers, stored: Numbers) -> Numbers:
    """How many bits differ between pairs of descriptors, shape (m,)."""
    left, right = first.view(np.uint64), second.view(np.uint64)
    gaps = [np.bitwise_count(left[asked, n] ^ right[stored, n]) for n in range(left.shape[1])]
    return np.asarray(np.sum(gaps, axis=0, dtype=np.intp))


def each_once(asked: Numbers, stored: Numbers, bits: Numbers) -> Numbers:
    """Which of the pairs remain when of each feature, on both sides, only the likest pair does."""
    chosen = np.arange(len(bits))
    for side in (asked, stored):
        order = np.lexsort((bits[chosen], side[chosen]))
        _, first = np.unique(side[chosen][order], return_index=True)
        chosen = chosen[order[first]]
    return chosen
