"""Medical words known by how they end, so that a lexicon need not hold each of them."""

from __future__ import annotations

from functools import cache

from detectors.lexicons import load, words

KINDS = ("condition", "procedure", "medicine")
_SHORTEST = 7


@cache
def _endings() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((kind, tuple(load("morphology")[kind])) for kind in KINDS)


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(load("morphology")["ordinary"])


def medical_kind(word: str) -> str | None:
    """Which of KINDS a lower-case word is by its ending; None for any other word."""
    if len(word) < _SHORTEST or word in _ordinary() or word in words("ordinary_words"):
        return None
    return next((kind for kind, endings in _endings() if word.endswith(endings)), None)
