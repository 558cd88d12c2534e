"""What is written on a form: asked for by the page piece by piece, and nothing at all on a blank one."""

from __future__ import annotations

from random import Random

from benchmarks.synth import drawing
from benchmarks.synth.people import draw_clinician, draw_person
from benchmarks.templates.second.words import WORDS

HANDS = (
    "Dancing Script",
    "Kaushan Script",
    "Comic Neue",
    "DkgHandwriting",
    "Breip",
    "Rufscript",
    "Kristi",
    "Steve",
)
_SIZES = {"Kristi": 1.5, "Dancing Script": 1.15, "DkgHandwriting": 1.1, "Steve": 1.15}
INKS = ("#1b2f77", "#15181f", "#22408f", "#0d3b66", "#2b2b33")


class Filling:
    """The answers of one sheet, the same for the same seed in the same order of questions."""

    def __init__(self, seed: str | None) -> None:
        self._rng, self.blank = Random(seed or ""), seed is None
        rng = self._rng
        self.who = None if self.blank else draw_person(rng)
        self.woman = None if self.blank else draw_person(rng, (18, 43), "Female")
        self.doctor, self.nurse, self.gp = ("" if self.blank else draw_clinician(rng) for _ in range(3))
        self.hand, self.ink = rng.choice(HANDS), rng.choice(INKS)
        self.size = _SIZES.get(self.hand, 1.0)

    def num(self, low: int, high: int, unit: str = "") -> str:
        """A whole number with its unit."""
        drawn = self._rng.randint(low, high)
        return "" if self.blank else f"{drawn}{unit}"

    def dec(self, low: float, high: float, places: int = 1) -> str:
        """A decimal number."""
        drawn = self._rng.uniform(low, high)
        return "" if self.blank else f"{drawn:.{places}f}"

    def one(self, kind: str) -> str:
        """One entry of a list of `WORDS`, or of words parted by bars."""
        drawn = self._rng.choice(WORDS.get(kind) or kind.split("|"))
        return "" if self.blank else drawn

    def some(self, kind: str, low: int, high: int) -> list[str]:
        """So many different entries of a list of `WORDS`."""
        count = self._rng.randint(low, high)
        return [] if self.blank else self._rng.sample(WORDS[kind], min(count, len(WORDS[kind])))

    def prose(self, kind: str, low: int, high: int) -> str:
        """So many sentences of a list of `WORDS`."""
        return " ".join(self.some(kind, low, high))

    def tick(self, often: float = 0.3) -> bool:
        """Whether a box is ticked."""
        return self._rng.random() < often and not self.blank

    def day(self, form: str = "{0:02d}/{1:02d}/2026") -> str:
        """A day of 2026."""
        drawn = self._rng.randint(1, 28), self._rng.randint(1, 11)
        return "" if self.blank else form.format(*drawn)

    def time(self) -> str:
        """A time of day."""
        drawn = self._rng.randint(0, 23), self._rng.randint(0, 59)
        return "" if self.blank else "{:02d}:{:02d}".format(*drawn)

    def sign(self) -> str:
        """The path of a signature in a 150 x 50 box."""
        drawn = drawing.scribble(self._rng)
        return "" if self.blank else drawn

    def between(self, low: float, high: float) -> float:
        """Where a pen lands, on a blank sheet too: ask `blank` before drawing it."""
        return self._rng.uniform(low, high)
