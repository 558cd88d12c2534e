"""A post's words, part by part: what its author wrote, what a link's card says, what the post answers.

1. The author's own words (text, alternative texts, the card of a link) are read as one text, so that a label
   in one part meets its value in the next; each finding says in which part it stands.
2. Hashtags are taken apart into words; they claim things and give reasons against, and nothing else.
3. The posts that this one answers are context: their words may say that care is talked about, or that
   something was leaked. Whom they name is no matter of this post; each is examined by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from typing import Literal

from detectors.base import Explanation, Finding
from detectors.lexicons import load

Part = Literal["text", "alt", "card", "hashtag", "context"]

VERSION = "1"
"""Part of an examination's signature: raise it when parts are read or weighed in another way."""
TAG_DETECTORS = frozenset({"claim", "filter"})
CONTEXT_DETECTORS = frozenset({"claim", "filter", "clinical_heading", "clinical_term", "letterhead"})
"""The detectors whose findings name nobody."""
MOST_TAGS, MOST_CONTEXT = 40, 8
LONGEST_CONTEXT = 5_000
"""Characters of one answered post that are looked at."""
CONTEXT_SHARE = 0.5
"""What stands in another post counts half."""

_HASHTAG = re.compile(r"#([^\W_]\w{1,99})")
_TAG_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+")
_PERSONAL_FILTERS = frozenset({"blank_form", "published_example", "chance_passes"})
"""Filters that speak of numbers and fields, which are that other post's own."""


@dataclass(frozen=True, slots=True)
class PostText:
    """What stands in a post beside its files. `card` is a link card's title and description; `tags` are
    those the platform gives apart from the text; `thread` are the posts it answers, the nearest first."""

    text: str = field(default="", repr=False)
    alt_texts: tuple[str, ...] = field(default=(), repr=False)
    card: tuple[str, ...] = field(default=(), repr=False)
    tags: tuple[str, ...] = field(default=(), repr=False)
    thread: tuple[str, ...] = field(default=(), repr=False)

    @property
    def own(self) -> tuple[tuple[Part, str], ...]:
        """The parts that are the author's own words, the text first, empty ones left out."""
        alts: list[tuple[Part, str]] = [("alt", text) for text in self.alt_texts if text]
        cards: list[tuple[Part, str]] = [("card", text) for text in self.card if text]
        first: list[tuple[Part, str]] = [("text", self.text)] if self.text else []
        return (*first, *alts, *cards)

    @property
    def whole(self) -> str:
        """The author's own words as one text."""
        return "\n".join(text for _, text in self.own)

    @property
    def tag_words(self) -> str:
        """The hashtags as words, parted so that no phrase reaches from one into the next."""
        tags = dict.fromkeys([*_HASHTAG.findall(self.whole), *(tag.lstrip("#") for tag in self.tags)])
        return " # ".join(_words_of(tag) for tag in list(tags)[:MOST_TAGS])


def _words_of(tag: str) -> str:
    """The words of a hashtag: a known phrase, or what its capitals part."""
    return _run_together().get(tag.lower()) or " ".join(_TAG_WORD.findall(tag)) or tag


@cache
def _run_together() -> dict[str, str]:
    """Phrases of claims and filters by their letters alone, as hashtags write them."""
    claims, filters = load("claims"), load("filters")
    phrases = [*claims["third_party"], *claims["own"]]
    phrases += [phrase for lists in filters.values() for weight in lists.values() for phrase in weight]
    return {"".join(filter(str.isalnum, phrase)): phrase for phrase in phrases if " " in phrase}


def in_parts(findings: Iterable[Finding], words: PostText) -> Iterator[Finding]:
    """Findings of `words.whole`, each told in which part it stands; only the text's keep their span."""
    parts = words.own
    starts = list(accumulate((len(text) + 1 for _, text in parts), initial=0))[:-1]
    for finding in findings:
        start, end = finding.span or (0, 0)
        part = parts[bisect_right(starts, start) - 1][0] if parts else "text"
        own = part == "text" and finding.span is not None
        span = (start, min(end, len(words.text))) if own else None  # it may reach into the next part
        yield _told(replace(finding, span=span), part)


def as_tags(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of `tag_words`."""
    return (_told(replace(finding, span=None), "hashtag") for finding in findings)


def as_context(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What findings of an answered post say of this one: less, and nothing about a person."""
    for finding in findings:
        if _supports(finding):
            share = round(CONTEXT_SHARE * finding.score, 3)
            yield _told(replace(finding, span=None, score=share, value=None), "context")


def _supports(finding: Finding) -> bool:
    """Whether it holds for an answer too. Another author's "my results" and filled-in fields do not."""
    facts = finding.explanation.facts
    if finding.kind == "claim":
        return facts.get("side") == "third_party"
    if finding.kind == "filter":
        return facts.get("filter") not in _PERSONAL_FILTERS
    return finding.kind in CONTEXT_DETECTORS and not facts.get("filled")


def _told(finding: Finding, part: Part) -> Finding:
    explanation = Explanation(finding.explanation.why, {**finding.explanation.facts, "part": part})
    return replace(finding, explanation=explanation)
