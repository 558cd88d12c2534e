"""Learning drawn letters as templates, with a reader that knows what stands on them."""

from __future__ import annotations

from detectors.base import Box, Pixels, TextLayer, Word
from detectors.templates import (
    Learned,
    TemplateSaid,
    learn,
)
from tests.detectors.letters import Letter


class Reader:
    """Reads a drawn letter from what is known to stand on it."""

    name = "known"

    def __init__(self, letter: Letter) -> None:
        self._letter = letter

    def read(self, pixels: Pixels) -> TextLayer:
        """The words of that part of the letter."""
        return TextLayer("ocr", tuple(w for w in words_of(self._letter) if w.box.y < pixels.shape[0]))


def words_of(letter: Letter) -> list[Word]:
    """Each word where it stands, its line's box shared out evenly."""
    words = []
    for line, (text, box) in enumerate(letter.places.items()):
        step, x = box.width / len(text), 0
        for part in text.split(" "):
            place = Box(round(box.x + x * step), box.y, round(len(part) * step), box.height)
            words.append(Word(part, place, 0.95, line))
            x += len(part) + 1
    return words


def learned(letter: Letter, name: str = "clinic", organisation: str | None = None, **said: object) -> Learned:
    """The letter, learned as a template."""
    return learn([letter.pixels], TemplateSaid(name, organisation, **said), Reader(letter))  # type: ignore[arg-type]
