"""What a post's author says about what they post: found, leaked, somebody else's, or their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from detectors.lexicons import load
from detectors.normalise import Match, Reading, known_phrases

_SCORE = 0.5
_WHYS = {
    "third_party": 'the author says it is somebody else\'s ("{}")',
    "own": 'the author says it is their own ("{}")',
}


@cache
def _sides() -> dict[str, str]:
    return {phrase: side for side in _WHYS for phrase in load("claims")[side]}


def find_claims(page: Reading) -> Iterator[Match]:
    """Yield `claim` findings, side "third_party" or "own"; only post text makes claims."""
    if page.is_ocr:
        return
    for text, start, end in known_phrases(page, _sides()):
        side = _sides()[text]
        yield Match("claim", start, end, _SCORE, text, _WHYS[side].format(text), facts={"side": side})
