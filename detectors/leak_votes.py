"""Which known picture shares print with this one? Votes of ORB descriptors, without their places.

A crop, a screenshot or a photograph of a known page is far from it by every global hash, but many corners
of its print are the same. A descriptor is looked up under each of its 16 chunks of 16 bits; neighbours
within `NEAR` bits vote for their picture, and a vote that several pictures share is divided among them, so
that what every form carries counts little. Votes propose; pixels decide (`detectors.likeness`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detectors.base import Pixels
from detectors.local_features import Grey, PageFeatures, dark_on_light, extract, reduced
from detectors.multi_index import CHUNKS, MultiIndex, chunks_of
from detectors.pairing import Descriptors
from detectors.templates.copies import content_box

KEPT = 500
"""Descriptors kept of one look at a picture, the strongest: 16 kB."""
CUT_OUT = 0.85
"""What stands in a picture is looked at by itself where it covers less than this share."""
NEAR = 40
"""Bits by which descriptors of one corner may differ to count as one corner."""
MIN_VOTES = 4.0
CANDIDATES = 8
_CROWDED = 200
"""A chunk value with more members than this says nothing (plain corners, table rules)."""

Pairs = npt.NDArray[np.int64]


def features_of(pixels: Pixels, whole: Grey, found: PageFeatures) -> bytes:
    """A picture's strongest descriptors, and those of what stands in it where it is a screenshot of an app.

    In a screenshot a page is shown so small that hardly a corner of its print is the same: cut out of it and
    brought to the usual size, it has them again, and goes first. Of what is mostly dark, descriptors of the
    inverse are taken too. `whole` is the picture reduced, `found` the features of it as a page
    (`detectors.local_features`).
    """
    page = dark_on_light(whole)
    looks = [page, whole]
    if (cut := _cut_out(pixels, whole)) is not None:
        looks = [dark_on_light(cut), whole, page, cut]
    once = {id(grey): grey for grey in looks}.values()  # of what is light, the page is the picture
    described = [found.share(KEPT) if grey is page else extract(grey, KEPT) for grey in once]
    return b"".join(each.descriptors.tobytes() for each in described)


def _cut_out(pixels: Pixels, whole: Grey) -> Grey | None:
    """What stands on an app's ground, at the usual size."""
    box = content_box(pixels, whole)
    if box.width * box.height >= CUT_OUT * pixels[..., 0].size:
        return None
    cut = pixels[box.y : box.y + box.height, box.x : box.x + box.width]
    return reduced(np.ascontiguousarray(cut))


def descriptors(features: bytes) -> Descriptors:
    """The array that `features_of` wrote."""
    return np.frombuffer(features, np.uint8).reshape(-1, 32)


def known_features(features: bytes) -> Descriptors:
    """Those that a known picture is found by: two looks at most."""
    return descriptors(features)[: 2 * KEPT]


class LeakVotes:
    """The pooled descriptors of known pictures, each a row of `KEPT` or fewer."""

    def __init__(self, names: Sequence[str], features: Sequence[Descriptors]) -> None:
        self._names = list(names)
        self._owners = np.repeat(np.arange(len(features)), [len(each) for each in features])
        pooled = np.concatenate(features) if features else np.empty((0, 32), np.uint8)
        self._index = MultiIndex(pooled)

    @property
    def names(self) -> list[str]:
        """The pictures in the table."""
        return self._names

    def candidates(self, query: Descriptors) -> dict[str, float]:
        """The pictures with the most votes, `CANDIDATES` at most, and their votes."""
        asked, stored = self._pairs(query)
        words = query.view(np.uint64).take(asked, axis=0) ^ self._index.hashes.view(np.uint64).take(
            stored, axis=0
        )
        near = np.bitwise_count(words).sum(axis=1) <= NEAR
        count = len(self._names)
        ballots = np.unique(asked[near] * count + self._owners[stored[near]]) if count else asked
        sharing = np.bincount(ballots // max(count, 1), minlength=max(len(query), 1))
        weights = 1 / sharing[ballots // max(count, 1)] if len(ballots) else np.empty(0)
        votes = np.bincount(ballots % max(count, 1), weights=weights, minlength=count)
        best = np.argsort(-votes, kind="stable")[:CANDIDATES]
        return {self._names[at]: float(votes[at]) for at in best if votes[at] >= MIN_VOTES and count}

    def _pairs(self, query: Descriptors) -> tuple[Pairs, Pairs]:
        """(index in query, index in stored) of descriptors that share a chunk."""
        chunks = chunks_of(query).astype(np.int64)
        pairs = [self._index.under(place, chunks[:, place], _CROWDED) for place in range(CHUNKS)]
        return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
