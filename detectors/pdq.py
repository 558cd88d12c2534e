"""PDQ: the 256-bit perceptual hash of Meta's ThreatExchange, in numpy.

Written after "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook, 2019) and
its reference code, because the published package has to be compiled where it is installed. It gives the
reference's bits, but where a coefficient lies on the median single and double precision may part.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MIN_QUALITY = 50
"""Below this (of 100) PDQ's authors call a hash meaningless: nearly blank pages are near each other."""
SIDE, KEPT = 64, 16
"""The picture is brought to 64 x 64 values, of whose cosine transform 16 x 16 are kept."""
_LUMA = np.array([0.299, 0.587, 0.114])
_DCT = np.sqrt(2 / SIDE) * np.cos(
    np.pi / 2 / SIDE * np.outer(np.arange(1, KEPT + 1), 2 * np.arange(SIDE) + 1)
)
_QUALITY_DIVISOR = 90

Bits = npt.NDArray[np.uint8]
"""256 zeros and ones, the most significant first."""


def pdq(pixels: npt.NDArray[np.uint8]) -> tuple[Bits, int]:
    """The hash and the quality (0 to 100) of an RGB picture or of a grey one.

    Quality is how much changes across the picture; below 50 a hash says little (a white page, a blue sky).
    """
    luma = pixels @ _LUMA if pixels.ndim == 3 else pixels.astype(np.float64)
    for _ in range(2):
        luma = _box(_box(luma, 1), 0)
    rows, columns = (((np.arange(SIDE) + 0.5) * length / SIDE).astype(int) for length in luma.shape)
    small = luma[np.ix_(rows, columns)]
    kept = _DCT @ small @ _DCT.T
    median = np.partition(kept.ravel(), KEPT * KEPT // 2 - 1)[KEPT * KEPT // 2 - 1]
    return (kept > median).astype(np.uint8).ravel()[::-1], _quality(small)


def pdq_hex(pixels: npt.NDArray[np.uint8]) -> tuple[str, int]:
    """The hash as the 64 hexadecimal digits that are stored everywhere, and the quality."""
    bits, quality = pdq(pixels)
    return np.packbits(bits).tobytes().hex(), quality


def _box(values: npt.NDArray[np.float64], axis: int) -> npt.NDArray[np.float64]:
    """The running mean along an axis, over what there is of the window at the edges."""
    length = values.shape[axis]
    window = (length + 2 * SIDE - 1) // (2 * SIDE)
    half = (window + 2) // 2
    at = np.arange(length)
    first, last = np.maximum(at - (window - half), 0), np.minimum(at + half - 1, length - 1)
    sums = np.concatenate([np.zeros_like(values.take([0], axis)), values.cumsum(axis)], axis)
    counts = (last - first + 1).reshape((-1, 1) if axis == 0 else (1, -1))
    mean: npt.NDArray[np.float64] = (sums.take(last + 1, axis) - sums.take(first, axis)) / counts
    return mean


def _quality(small: npt.NDArray[np.float64]) -> int:
    steps = (np.trunc(np.abs(np.diff(small, axis=axis)) * 100 / 255).sum() for axis in (0, 1))
    return min(int(sum(steps)) // _QUALITY_DIVISOR, 100)
