"""Which features of two pictures are of the same place: those alone of their kind, or those that lie near.

All on arrays: places (x, y) of shape (n, 2), and descriptors of whole 64-bit words, shape (n, bytes).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Descriptors = npt.NDArray[np.uint8]
"""ORB descriptors: 256 bits each, shape (n, 32), or the first half of them."""
Points = npt.NDArray[np.float32]
"""Places (x, y), shape (n, 2)."""
Numbers = npt.NDArray[np.intp]

RATIO = 0.85
"""A match counts when the second best is this much worse (Lowe's ratio test)."""


def alone(first: Descriptors, second: Descriptors, far: int) -> tuple[Numbers, Numbers]:
    """Pairs (number in first, number in second) within `far` bits that pass the ratio test, each of `second`
    used once."""
    gaps, places = cv2.batchDistance(first, second, cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2)
    near, second_near = gaps[:, 0], gaps[:, 1]
    passing = np.flatnonzero((near <= far) & (near < RATIO * second_near))
    nearest_first = passing[np.argsort(near[passing], kind="stable")]
    used, chosen = np.unique(places[nearest_first, 0], return_index=True)
    return nearest_first[chosen], used.astype(np.intp)


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
