"""Local features (ORB): finding one page inside another picture of it, and laying the two over each other.

Global hashes fail on crops, borders, captions, screenshots and photographs; corners of the print survive
them. Pictures are brought to 0.9 megapixels first, so that print has about the same size on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from detectors.base import Pixels
from detectors.pairing import Descriptors, Points, alone, nearby

Grey = npt.NDArray[np.uint8]
"""A grey raster, shape (height, width)."""
Matrix = npt.NDArray[np.float64]
"""A homography, shape (3, 3)."""

AREA = 900_000
"""Pixels of the copy that features are taken from."""
SIZES = 8
PAGE_FEATURES = 692
"""Features of a page that are found once: of these, about 600 are of the first six sizes."""
MOSTLY_DARK = 100.0
"""A mean grey level below this says light print on dark: such a picture is inverted first."""
MAX_DISTANCE = 64
"""Bits by which descriptors of one place may differ."""
NEARBY = 12.0
"""Pixels from its place within which a feature's like is looked for, once pages roughly lie on each other."""
REPROJECTION = 4.0
"""Pixels by which an inlier may miss its place."""
MIN_INLIERS = 15
_SCALES = (0.15, 6.5)
"""How much smaller or larger one picture may show the other's print."""
_MAX_STRETCH = 3.0
_MIN_SINE = 0.25
"""Of each corner's angle: a page is not seen as a sliver."""
_ITERATIONS = 5000
_AS_GOOD = 0.9


@dataclass(frozen=True, slots=True)
class Features:
    """ORB features in the pixels of the picture's working copy, strongest first."""

    points: Points
    descriptors: Descriptors

    def __len__(self) -> int:
        return len(self.descriptors)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where one picture lies in another: `matrix` maps its pixels, `inliers` matches agree with it."""

    matrix: Matrix
    inliers: int


def reduction(pixels: Pixels, area: int = AREA) -> float:
    """By what a picture's sides are multiplied to bring it to at most so many pixels."""
    return min(1.0, math.sqrt(area / (pixels.shape[0] * pixels.shape[1])))


def reduced(pixels: Pixels, area: int = AREA) -> Grey:
    """The picture in grey, at most `area` pixels."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = reduction(pixels, area)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return grey.astype(np.uint8, copy=False)


def working_copy(pixels: Pixels) -> Grey:
    """The picture reduced, and inverted where it is mostly dark: dark print on a light ground."""
    return dark_on_light(reduced(pixels))


def dark_on_light(grey: Grey) -> Grey:
    """A reduced picture, inverted where it is mostly dark."""
    return (255 - grey).astype(np.uint8) if float(grey.mean()) < MOSTLY_DARK else grey


def extract(grey: Grey, count: int, sizes: int = SIZES) -> Features:
    """The `count` strongest ORB features of a working copy; fewer where there is little print.

    They are looked for in the copy at so many `sizes`, each a sixth smaller than the last.
    """
    keypoints, descriptors = _orb(count, sizes).detectAndCompute(grey, None)
    return _strongest(keypoints, np.asarray(descriptors), count)


@dataclass(frozen=True, slots=True)
class PageFeatures:
    """A page's features at `SIZES` sizes, strongest first, and the number of the size each was found at.

    ORB shares a budget out among sizes: what is found at the first of them is what a smaller budget for those
    alone would find.
    """

    features: Features
    sizes: npt.NDArray[np.intp]

    def of_first(self, sizes: int) -> Features:
        """Those of the first sizes."""
        return self._some(np.flatnonzero(self.sizes < sizes))

    def share(self, count: int) -> Features:
        """So many, the strongest of each size in proportion: the strongest of all are of few sizes."""
        place = np.empty(len(self.sizes))
        for size in np.unique(self.sizes):
            mine = np.flatnonzero(self.sizes == size)
            place[mine] = (np.arange(len(mine)) + 0.5) / len(mine)
        return self._some(np.argsort(place, kind="stable")[:count])

    def _some(self, which: npt.NDArray[np.intp]) -> Features:
        return Features(self.features.points[which], self.features.descriptors[which])


def page_features(grey: Grey) -> PageFeatures:
    """A page's features from its reduced picture, found once for its sketch and for reposts."""
    keypoints, descriptors = _orb(PAGE_FEATURES, SIZES).detectAndCompute(dark_on_light(grey), None)
    found = _strongest(keypoints, np.asarray(descriptors), len(keypoints))
    order = np.argsort([-each.response for each in keypoints], kind="stable")
    return PageFeatures(found, np.array([each.octave for each in keypoints], np.intp)[order])


def _strongest(keypoints: Sequence[cv2.KeyPoint], descriptors: npt.NDArray[Any], count: int) -> Features:
    if not keypoints:
        return Features(np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8))
    order = np.argsort([-each.response for each in keypoints], kind="stable")[:count]
    points = np.array([keypoints[n].pt for n in order], np.float32)
    return Features(points, descriptors[order].astype(np.uint8))


def align(first: Features, second: Features, shape: tuple[int, int]) -> Alignment | None:
    """The homography of `first`, from a copy of `shape` (height, width), into `second`; None unless sane."""
    if len(first) < MIN_INLIERS or len(second) < MIN_INLIERS:
        return None
    asked, stored = alone(first.descriptors, second.descriptors, MAX_DISTANCE)
    return align_pairs(first.points[asked], second.points[stored], shape)


def refine(first: Features, second: Features, rough: Alignment, shape: tuple[int, int]) -> Alignment | None:
    """The alignment again, by all features that lie near their places; None unless sane.

    Without those that are alone of no kind a page can lie well in one corner and beside its place in another.
    """
    laid = cv2.perspectiveTransform(first.points[None], rough.matrix)[0]
    asked, stored = nearby(
        laid, first.descriptors, second.points, second.descriptors, within=NEARBY, far=MAX_DISTANCE
    )
    pairs = first.points[asked], second.points[stored]
    closer = align_pairs(*pairs, shape)
    return closer and (_turned(*pairs, closer.inliers) or closer)


def _turned(first: Points, second: Points, inliers: int) -> Alignment | None:
    """The first places only moved, turned and resized, if that explains nearly as many as a homography does.

    It holds beyond the print, where a homography drifts off: nothing on a blank margin says where it is.
    """
    matrix, mask = cv2.estimateAffinePartial2D(
        first, second, method=cv2.RANSAC, ransacReprojThreshold=REPROJECTION
    )
    if matrix is None or mask.sum() < _AS_GOOD * inliers:
        return None
    return Alignment(np.vstack((matrix, (0, 0, 1))).astype(np.float64), int(mask.sum()))


def align_pairs(first: Points, second: Points, shape: tuple[int, int]) -> Alignment | None:
    """The homography that lays the `first` places, on a copy of `shape`, on the `second`, pair by pair."""
    if len(first) < MIN_INLIERS:
        return None
    cv2.setRNGSeed(1)  # the same pictures always align alike
    matrix, mask = cv2.findHomography(
        first, second, cv2.USAC_MAGSAC, REPROJECTION, maxIters=_ITERATIONS, confidence=0.999
    )
    if matrix is None or int(mask.sum()) < MIN_INLIERS:
        return None
    found: Matrix = matrix.astype(np.float64)
    return Alignment(found, int(mask.sum())) if sane(found, shape) else None


def warp(grey: Grey, matrix: Matrix, shape: tuple[int, int]) -> Grey:
    """`grey` laid where `matrix` puts it in a raster of `shape`."""
    laid = cv2.warpPerspective(grey, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
    return laid.astype(np.uint8, copy=False)


def cover(of: tuple[int, int], matrix: Matrix, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which pixels of a raster of `shape` a picture `of` some shape covers when `matrix` lays it there."""
    ones = np.ones(of, np.uint8)
    return cv2.warpPerspective(ones, matrix, (shape[1], shape[0]), flags=cv2.INTER_NEAREST).astype(bool)


def sane(matrix: Matrix, shape: tuple[int, int]) -> bool:
    """Whether a homography shows a page of `shape` as a camera could: convex, not mirrored, not a sliver."""
    height, width = shape
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float64)
    quad = cv2.perspectiveTransform(corners, matrix).reshape(4, 2)
    if not np.isfinite(quad).all():
        return False
    sides = np.roll(quad, -1, axis=0) - quad
    following = np.roll(sides, -1, axis=0)
    spans = np.linalg.norm(sides, axis=1)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    if not (turns > _MIN_SINE * spans * np.roll(spans, -1)).all():
        return False
    lengths = spans / (width, height, width, height)
    return bool(
        lengths.min() > _SCALES[0]
        and lengths.max() < _SCALES[1]
        and lengths.max() / lengths.min() < _MAX_STRETCH
    )


def _orb(count: int, sizes: int) -> cv2.ORB:
    return cv2.ORB.create(nfeatures=count, scaleFactor=1.2, nlevels=sizes, fastThreshold=10)
