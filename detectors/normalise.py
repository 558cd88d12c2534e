"""Text made comparable: one `Reading` of a text layer that every text detector works on.

Compatibility forms are folded (full-width, circled and mathematical digits, no-break spaces), typographic
quotes and dashes become plain, and invisible characters are dropped, while each character remembers where
it stood in the layer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from detectors.base import Box, Content, Explanation, Finding, TextLayer

_INVISIBLE = frozenset({"Cf", "Me"})
_TOKEN = re.compile(r"[^\s:;,()\[\]\"|.!?•*<>=]+(?:\.[^\s:;,()\[\]\"|.!?•*<>=]+)*")
_VARIATION_SELECTORS = frozenset("\ufe0e\ufe0f")


_TYPOGRAPHIC = {"\u2018": "'", "\u2019": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-"}


def _fold_character(character: str) -> str:
    if character in _TYPOGRAPHIC:
        return _TYPOGRAPHIC[character]
    if character in _VARIATION_SELECTORS or unicodedata.category(character) in _INVISIBLE:
        return ""
    return unicodedata.normalize("NFKC", character)


def fold(text: str) -> tuple[str, tuple[int, ...]]:
    """The folded text and, for each of its characters and its end, the place in `text`."""
    if text.isascii():
        return text, tuple(range(len(text) + 1))
    pieces, offsets = [], []
    for at, character in enumerate(text):
        folded = character if character.isascii() else _fold_character(character)
        pieces.append(folded)
        offsets.extend([at] * len(folded))
    return "".join(pieces), (*offsets, len(text))


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Reading:
    """A layer's folded text with its rows and places. Spans are offsets into `text`.

    Two readings are never equal: what was worked out about one is kept with it (`once`).
    """

    layer: TextLayer = field(repr=False)
    text: str = field(repr=False)
    offsets: tuple[int, ...] = field(repr=False)
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    def once(self, make: Callable[[Reading], T]) -> T:
        """What `make` says of this reading, worked out the first time only."""
        if make not in self._known:
            self._known[make] = make(self)
        answer: T = self._known[make]
        return answer

    @property
    def is_ocr(self) -> bool:
        """Whether an engine read this text from a picture."""
        return self.layer.origin == "ocr"

    @cached_property
    def lower(self) -> str:
        """`text` in lower case, with the same offsets."""
        return _lower(self.text)

    @cached_property
    def rows(self) -> tuple[tuple[int, int], ...]:
        """The span of each line, in order."""
        return tuple((m.start(), m.end()) for m in re.finditer(r"[^\n]+", self.text))

    @cached_property
    def tokens(self) -> tuple[tuple[str, int, int], ...]:
        """Words in lower case without the punctuation round them, each with its span."""
        return tuple((m[0], m.start(), m.end()) for m in _TOKEN.finditer(self.lower))

    @cached_property
    def _squashed(self) -> tuple[str, tuple[int, ...]]:
        kept = [(c, at) for at, c in enumerate(self.lower) if c.isalnum()]
        return "".join(c for c, _ in kept), tuple(at for _, at in kept)

    @property
    def squashed(self) -> str:
        """Letters and digits only: an engine may drop the spaces of a heading."""
        return self._squashed[0]

    def unsquash(self, start: int, end: int) -> tuple[int, int]:
        """The span in `text` of a span in `squashed`."""
        places = self._squashed[1]
        return places[start], places[end - 1] + 1

    def row_at(self, at: int) -> tuple[int, int]:
        """The span of the line that holds this place."""
        start = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        return start, len(self.text) if end < 0 else end

    def box(self, start: int, end: int) -> Box | None:
        """Where `text[start:end]` stands in the picture; None for post text."""
        span = self.span(start, end)
        return self.layer.box_of(*span) if self.layer.words and span else None

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """The span in the layer's own text of `text[start:end]`; None for an empty one."""
        return (self.offsets[start], self.offsets[end - 1] + 1) if start < end else None


@lru_cache(maxsize=8)
def read_layer(layer: TextLayer) -> Reading:
    """The reading of a layer, made once for all detectors that look at it."""
    text, offsets = fold(layer.text)
    return Reading(layer=layer, text=text, offsets=offsets)


def post_text(text: str) -> TextLayer:
    """A layer of text exactly as somebody typed it."""
    return TextLayer(origin="post", plain=text)


_LONGEST_PHRASE = 8


def known_phrases(page: Reading, known: Container[str]) -> Iterator[tuple[str, int, int]]:
    """Phrases of a page that are in `known` (lower case, single spaces), longest first at each place."""
    tokens = page.tokens
    at = 0
    while at < len(tokens):
        for size in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
            text = " ".join(token for token, _, _ in tokens[at : at + size])
            if text in known:
                yield text, tokens[at][1], tokens[at + size - 1][2]
                break
        else:
            size = 1
        at += size


@dataclass(frozen=True, slots=True)
class Match:
    """What a text detector saw at `text[start:end]` of a reading."""

    kind: str
    start: int
    end: int
    score: float
    masked: str
    why: str
    value: str | None = field(default=None, repr=False)
    valid: bool | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class TextDetector:
    """A detector made of a name, a version and a pure function from a reading to matches."""

    name: str
    version: str
    find: Callable[[Reading], Iterable[Match]]

    def detect(self, content: Content) -> Iterator[Finding]:
        """Yield the matches of this page as findings."""
        page = read_layer(content.text)
        distinct: dict[tuple[str, str], int] = {}
        for match in self.find(page):
            yield self._finding(page, match, content.page, distinct)

    def _finding(
        self, page: Reading, match: Match, number: int, distinct: dict[tuple[str, str], int]
    ) -> Finding:
        facts = {"origin": page.layer.origin, **match.facts}
        if match.value is not None:  # tells different values of one mask apart where values are not kept
            facts["ordinal"] = distinct.setdefault((match.kind, match.value), len(distinct))
        return Finding(
            kind=match.kind,
            detector=self.name,
            version=self.version,
            score=round(match.score, 3),
            masked=match.masked,
            explanation=Explanation(match.why, facts),
            value=match.value,
            valid=match.valid,
            box=page.box(match.start, match.end),
            page=number,
            span=page.span(match.start, match.end),
        )
