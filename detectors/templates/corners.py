"""The features of print that templates are told by: ORB, of few sizes, and half of each descriptor.

A registered page shows its print as large as pictures of the whole page do, or larger ones of a part: so its
features are taken at four sizes, close together on the page, and a picture's at six. The first 128 of ORB's
256 bits tell print apart nearly as well as all, for they are the ones that were chosen first.
"""

from __future__ import annotations

import numpy as np

from detectors.local_features import Features, Grey, extract

WIDTH = 16
"""Bytes of a descriptor."""
FAR = 32
"""Bits by which descriptors of one corner may differ."""
FEATURES = 1000
"""Of a page."""
_PAGE_SIZES, PICTURE_SIZES = 4, 6


def of_page(raster: Grey) -> Features:
    """The features that are kept of a page."""
    return halved(extract(raster, FEATURES, _PAGE_SIZES))


def of_picture(grey: Grey, count: int) -> Features:
    """The `count` strongest features of a picture that may show a page."""
    return halved(extract(grey, count, PICTURE_SIZES))


def halved(features: Features) -> Features:
    """The features with the first half of each descriptor."""
    return Features(features.points, np.ascontiguousarray(features.descriptors[:, :WIDTH]))
