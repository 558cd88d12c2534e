"""The linear model over phrases and what the text says, as `python -m benchmarks.wording` trained it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np

from detectors.normalise import Match, Reading
from detectors.wording.sentences import SIZE, Floats, point_of
from detectors.wording.tokens import GIVEN, NAME, NUMBER, PERSON, spoken, tokens_of

SCALE = 8.0
"""A wording whose share of the logit is this or more counts fully."""
POINT, MIDDLE = "<point>", "<middle>"
"""The rows of the file of phrases that hold the weights of a text's point, and the middle."""
_FEWEST_WORDS = 5
"""Of fewer, signs and marks left out, no tone can be told: a number with its label is a form, not talk."""
_SOMEBODY = {PERSON, GIVEN, NAME, NUMBER}
_TOLD = 3
_SPOKEN = re.compile(r"(?:^| )[^\W\d_]{2}")
"""A phrase with a word in it, not only signs."""
_LIKE = {"telling": "telling another's secret", "plain": "anything else"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The model: how rare each phrase is (inverse document frequency), its weight, a weight for each number
    of a text's point, and what the point of a text that speaks neither way adds.
    """

    rarities: dict[str, float]
    weights: dict[str, float]
    point: Floats
    middle: float


def phrases_in(tokens: Sequence[str]) -> Counter[str]:
    """How often each token, and each two in a row, stand in a text."""
    return Counter([*tokens, *(f"{first} {second}" for first, second in pairwise(tokens))])


def strengths(counts: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    """Each known phrase's strength: (1 + ln count) x rarity, all together of length 1.

    Salton and Buckley, Term-weighting approaches in automatic text retrieval (1988).
    """
    known = {p: (1 + math.log(n)) * rarity[p] for p, n in counts.items() if p in rarity}
    length = math.sqrt(sum(value * value for value in known.values())) or 1.0
    return {phrase: value / length for phrase, value in known.items()}


def names_somebody(tokens: Sequence[str]) -> bool:
    """Whether anybody is identified: without, nobody is exposed, however a text is worded."""
    return not _SOMEBODY.isdisjoint(tokens)


def said(tokens: Sequence[str]) -> Floats:
    """The point of a text (SIZE numbers); zeros, for nothing, where nobody is identified."""
    return point_of(spoken(tokens)) if names_somebody(tokens) else np.zeros(SIZE)


@cache
def wording() -> Wording:
    """The shipped model."""
    rarities, weights, rows = {}, {}, {}
    with files(__package__).joinpath("phrases.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            text, *numbers = line.rstrip("\n").split("\t")
            if text in (POINT, MIDDLE):
                rows[text] = np.array(numbers, np.float64)
            elif numbers:
                rarities[text], weights[text] = map(float, numbers)
    return Wording(rarities, weights, rows[POINT], float(rows[MIDDLE][0]))


def find_wording(page: Reading) -> Iterator[Match]:
    """Yield one `wording` for a post's own text: its score is .5 where nothing speaks either way."""
    tokens = tokens_of(page)
    if page.is_ocr or sum(token.isalpha() for token in tokens) < _FEWEST_WORDS:
        return
    model = wording()
    found = strengths(phrases_in(tokens), model.rarities)
    shares = {phrase: strength * model.weights[phrase] for phrase, strength in found.items()}
    whole = float(model.point @ said(tokens)) - model.middle
    logit = sum(shares.values()) + whole
    if not names_somebody(tokens):
        logit = min(logit, 0.0)
    side = "telling" if logit > 0 else "plain"
    why = f"worded like {_LIKE[side]}: {', '.join(_reasons(shares, logit, whole))}"
    score = 1 / (1 + math.exp(-logit))
    yield Match("wording", 0, len(page.text), score, side, why, facts={"logit": round(logit, 3)})


def _reasons(shares: Mapping[str, float], logit: float, whole: float) -> Iterator[str]:
    """What spoke loudest for the side that a logit is on."""
    worded = [phrase for phrase in shares if _SPOKEN.search(phrase)]
    for phrase in sorted(worded, key=lambda phrase: -shares[phrase] if logit > 0 else shares[phrase])[:_TOLD]:
        yield f'"{phrase}"'
    if whole * logit > 0 and abs(whole) > abs(logit) / 2:
        yield "what it says as a whole"
