"""A second look with SIFT, where ORB found no layout and the text says that the page is medical.

SIFT recognises small, cropped and close-up print that ORB does not, at many times the cost. A template's
SIFT features are computed from its picture when first wanted, and stay with the worker.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

from detectors.local_features import Alignment, Features, Grey, align_pairs
from detectors.templates.base import Template

_QUERY, _TEMPLATE = 1500, 1200
_AREA = 500_000
"""SIFT doubles its picture itself, so half the area shows it the same print."""
_RATIO = 0.85
_KEPT = 64


@lru_cache(maxsize=_KEPT)
def template_features(template: Template) -> Features:
    """A template's SIFT features, in its raster's pixels."""
    return sift_features(template.raster, _TEMPLATE)


def sift_features(grey: Grey, count: int = _QUERY) -> Features:
    """RootSIFT features (Arandjelovic and Zisserman 2012), in the pixels of `grey`."""
    scale = min(1.0, math.sqrt(_AREA / grey.size))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    keypoints, descriptors = cv2.SIFT.create(count).detectAndCompute(small, None)
    if not keypoints:
        return Features(np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
    root = np.sqrt(descriptors / (descriptors.sum(axis=1, keepdims=True) + 1e-6)).astype(np.float32)
    return Features(np.array([each.pt for each in keypoints], np.float32) / np.float32(scale), root)


def lay(query: Features, template: Template, shape: tuple[int, int]) -> Alignment | None:
    """Where a picture's working copy of `shape` lies on the template; None when nowhere sane."""
    stored = template_features(template)
    if len(query) < 2 or len(stored) < 2:
        return None
    # 2 - 2 cos is the squared distance of unit vectors: one product instead of a million distances
    gaps = np.maximum(2 - 2 * query.descriptors @ stored.descriptors.T, 0)
    best = gaps.argmin(axis=1)
    rows = np.arange(len(gaps))
    nearest = gaps[rows, best]
    gaps[rows, best] = np.inf
    good = np.flatnonzero(nearest < _RATIO**2 * gaps.min(axis=1))
    return align_pairs(query.points[good], stored.points[best[good]], shape)
