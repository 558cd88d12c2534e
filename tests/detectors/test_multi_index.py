"""The index over 256-bit hashes: exactly what comparing with every hash would find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.multi_index import MAX_RADIUS, Hashes, MultiIndex, as_hashes, distances


def _flipped(hashed: Hashes, bits: list[int]) -> Hashes:
    ones = np.unpackbits(hashed)
    ones[bits] ^= 1
    return np.packbits(ones)


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 400),
    radius=st.integers(0, MAX_RADIUS),
    edits=st.lists(st.lists(st.integers(0, 255), max_size=40, unique=True), max_size=12),
)
def test_search_finds_what_brute_force_finds(
    seed: int, count: int, radius: int, edits: list[list[int]]
) -> None:
    """Whatever is stored, and however the near hashes differ: the same positions and distances."""
    random = np.random.default_rng(seed)
    query = random.integers(0, 256, 32, np.uint8)
    planted = [_flipped(query, bits) for bits in edits]
    stored = np.concatenate([random.integers(0, 256, (count, 32), np.uint8), *(p[None] for p in planted)])
    random.shuffle(stored)
    found, gaps = MultiIndex(stored).search(query, radius)
    apart = distances(stored, query)
    assert found.tolist() == np.flatnonzero(apart <= radius).tolist()
    assert gaps.tolist() == apart[found].tolist()


def test_the_hardest_differences_are_found() -> None:
    """One or two bits flipped in every chunk, 31 in all, with no chunk left as it was."""
    query = np.arange(32, dtype=np.uint8)
    bits = [16 * chunk + place for chunk in range(16) for place in ((0, 15) if chunk else (7,))]
    found, gaps = MultiIndex(_flipped(query, bits)[None]).search(query)
    assert (found.tolist(), gaps.tolist()) == ([0], [31])


def test_equal_hashes_are_all_found() -> None:
    """A picture that is stored many times is found as often."""
    found, _ = MultiIndex(np.zeros((50, 32), np.uint8)).search(np.zeros(32, np.uint8))
    assert found.tolist() == list(range(50))


def test_a_radius_that_would_not_be_exact_is_refused() -> None:
    """Beyond 31 bits the index would miss some, so it says no."""
    with pytest.raises(ValueError, match="0 to 31"):
        MultiIndex(np.zeros((1, 32), np.uint8)).search(np.zeros(32, np.uint8), 32)


def test_only_hashes_of_256_bits_are_taken() -> None:
    """Hexadecimal of another length is an error, not a shorter hash."""
    assert as_hashes(["ff" * 32, "00" * 32]).tolist() == [[255] * 32, [0] * 32]
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        as_hashes(["ff" * 32, "00" * 31])
