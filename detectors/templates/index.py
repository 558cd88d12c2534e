"""Which templates share features with a picture: a pooled index over every template's ORB descriptors.

Locality-sensitive hashing: each of `TABLES` tables files a descriptor under a few of its 256 bits. A
picture's descriptor is compared with what lies under the same bits in each table; neighbours within
`_NEAR` bits vote for their template, and a vote that several templates share is divided among them, so
that the print every form carries counts little. All arrays; they lie in a file that workers map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.local_features import Descriptors

TABLES = 16
_NEAR = 56
"""Bits by which neighbours may differ: photographs flip 20 to 50 of 256."""
_CROWDED = 8
"""A key this many times fuller than the mean says nothing (plain corners, table rules): it is passed over."""
_SAMPLE = 20_000

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class FeatureIndex:
    """The tables: `bits` (TABLES, k) chosen bits, `starts` (TABLES, 2^k + 1), `members` (TABLES, n)."""

    bits: npt.NDArray[np.int16]
    starts: Ints
    members: Ints

    def votes(
        self, query: Descriptors, stored: Descriptors, owners: Ints, count: int
    ) -> npt.NDArray[np.float64]:
        """A vote for each of `count` templates; `owners` tells whose each `stored` descriptor is."""
        pairs = np.concatenate([self._pairs(table, query) for table in range(len(self.bits))], axis=1)
        near = _distances(query[pairs[0]], stored[pairs[1]]) <= _NEAR
        asked, whose = pairs[0][near].astype(np.int64), owners[pairs[1][near]]
        ballots = np.unique(asked * count + whose)
        sharing = np.bincount(ballots // count, minlength=len(query))
        weights = 1 / sharing[ballots // count]
        return np.bincount(ballots % count, weights=weights, minlength=count).astype(np.float64)

    def _pairs(self, table: int, query: Descriptors) -> npt.NDArray[np.int64]:
        """(index in query, index in stored) of descriptors filed under the same key, shape (2, m)."""
        keys = _keys(query, self.bits[table])
        starts = self.starts[table]
        first, lengths = starts[keys], starts[keys + 1] - starts[keys]
        mean = self.members.shape[1] / (len(starts) - 1)
        lengths = np.where(lengths > _CROWDED * max(mean, 1.0), 0, lengths)
        ends = np.cumsum(lengths)
        asked = np.repeat(np.arange(len(query)), lengths)
        places = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        return np.stack((asked, self.members[table][np.repeat(first, lengths) + places]))


def build_index(stored: Descriptors) -> FeatureIndex:
    """The index over these descriptors, which `votes` must be given again."""
    width = int(np.clip(np.log2(max(len(stored), 1)) - 1, 8, 18))
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
    share = np.unpackbits(sample, axis=1).mean(axis=0) if len(stored) else np.full(256, 0.5)
    even = np.argsort(np.abs(share - 0.5), kind="stable")[:160]
    return np.stack([random.permutation(even)[:width] for _ in range(TABLES)]).astype(np.int16)


def _keys(descriptors: Descriptors, bits: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
    keys = np.zeros(len(descriptors), np.int64)
    for bit in bits.tolist():
        keys = keys << 1 | (descriptors[:, bit // 8] >> (7 - bit % 8) & 1)
    return keys


def _distances(first: Descriptors, second: Descriptors) -> npt.NDArray[np.int64]:
    words = np.bitwise_count(first.view(np.uint64) ^ second.view(np.uint64)).astype(np.int64)
    distances: npt.NDArray[np.int64] = words[:, 0] + words[:, 1] + words[:, 2] + words[:, 3]
    return distances
