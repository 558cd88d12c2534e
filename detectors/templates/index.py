"""Which templates share features with a picture: a pooled index over every template's ORB descriptors.

Locality-sensitive hashing: each of `TABLES` tables files a descriptor under a few of its bits. A picture's
descriptor is compared with what lies under the same bits in each table, and under those with one bit turned:
two tables asked so find more than six asked once, in a third of the space. Neighbours within `_NEAR` bits
vote for their template, and a vote that several templates share is divided among them, so that the print
every form carries counts little. All arrays; they lie in a file that workers map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.pairing import Descriptors, differing, spread
from detectors.templates.corners import WIDTH

TABLES = 2
_NEAR = 28
"""Bits by which neighbours may differ: photographs flip 10 to 25 of 128."""
_HALF_NEAR = 17
"""The same of their first 64, which are looked at first."""
_WIDEST = 21
_CROWDED, _CROWDED_SHARE = 8, 3e-5
"""A key of more descriptors than these, or than this share of all, says nothing (plain corners, table rules):
it is passed over. Print that hundreds of templates have in common is looked at."""
_SAMPLE = 20_000

Ints = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Features of a picture (`asked`) and stored ones near them, by number, and their distances in bits."""

    asked: Numbers
    stored: Numbers
    distances: Numbers

    def chosen(self, which: npt.NDArray[Any]) -> Pairs:
        """Some of them: a mask, or their numbers."""
        return Pairs(self.asked[which], self.stored[which], self.distances[which])


@dataclass(frozen=True, slots=True)
class FeatureIndex:
    """The tables: `bits` (TABLES, k) chosen bits, `starts` (TABLES, 2^k + 1), `members` (TABLES, n)."""

    bits: npt.NDArray[np.int16]
    starts: Ints
    members: Ints

    def near(self, query: Descriptors, stored: Descriptors) -> Pairs:
        """Pairs of a picture's descriptors and `stored` ones; some are missed, and some come twice."""
        pairs = np.concatenate([self._pairs(table, query) for table in range(len(self.bits))], axis=1)
        half = _half(query).take(pairs[0]) ^ _half(stored).take(pairs[1])
        likely = pairs[:, np.bitwise_count(half) <= _HALF_NEAR]
        distances = differing(query, stored, likely[0], likely[1])
        return Pairs(likely[0], likely[1], distances).chosen(distances <= _NEAR)

    def _pairs(self, table: int, query: Descriptors) -> Numbers:
        """(index in query, index in stored) of descriptors filed under nearly the same key, shape (2, m)."""
        bits = self.bits[table]
        turned = np.concatenate(([0], 1 << np.arange(len(bits))))
        keys = (_keys(query, bits)[:, None] ^ turned).ravel()
        starts = self.starts[table]
        first, lengths = starts[keys], starts[keys + 1] - starts[keys]
        crowded = max(_CROWDED, _CROWDED_SHARE * self.members.shape[1])
        lengths = np.where(lengths > crowded, 0, lengths)
        runs, places = spread(first, lengths)
        return np.stack((runs // len(turned), self.members[table][places]))


def votes(asked: Numbers, whose: Numbers, count: int) -> npt.NDArray[np.float64]:
    """A vote for each of `count` templates, from features `asked` that are near one of a template's."""
    ballots = np.unique(asked * count + whose)
    sharing = np.bincount(ballots // count)
    weights = 1 / sharing[ballots // count]
    return np.bincount(ballots % count, weights=weights, minlength=count).astype(np.float64)


def build_index(stored: Descriptors) -> FeatureIndex:
    """The index over these descriptors, which `votes` must be given again."""
    width = int(np.clip(np.log2(max(len(stored), 1)) - 1, 8, _WIDEST))
    bits = _choose_bits(stored, width)
    starts = np.zeros((TABLES, 2**width + 1), np.int32)
    members = np.zeros((TABLES, len(stored)), np.int32)
    for table in range(TABLES):
        keys = _keys(stored, bits[table])
        members[table] = np.argsort(keys, kind="stable")
        starts[table, 1:] = np.cumsum(np.bincount(keys, minlength=2**width))
    return FeatureIndex(bits, starts, members)


def _choose_bits(stored: Descriptors, width: int) -> npt.NDArray[np.int16]:
    """Bits that are set in about half of the descriptors, drawn at random, without repeats within a table."""
    random = np.random.default_rng(1)
    sample = stored[random.integers(0, len(stored), _SAMPLE)] if len(stored) else stored
    share = np.unpackbits(sample, axis=1).mean(axis=0) if len(stored) else np.full(8 * WIDTH, 0.5)
    even = np.argsort(np.abs(share - 0.5), kind="stable")[:80]
    return np.stack([random.permutation(even)[:width] for _ in range(TABLES)]).astype(np.int16)


def _half(descriptors: Descriptors) -> npt.NDArray[np.uint64]:
    return descriptors.view(np.uint64)[:, 0]


def _keys(descriptors: Descriptors, bits: npt.NDArray[np.int16]) -> Numbers:
    keys = np.zeros(len(descriptors), np.int64)
    for bit in bits.tolist():
        keys = keys << 1 | (descriptors[:, bit // 8] >> (7 - bit % 8) & 1)
    return keys
