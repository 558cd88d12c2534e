"""The detector: the registered template that a page shows, and known benign material it is a copy of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from detectors.base import Content, Explanation, Finding
from detectors.templates.bank import BankFile, TemplateBank, open_bank
from detectors.templates.evidence import TemplateMatch, quad_of
from detectors.templates.matching import match
from detectors.templates.wording import words_are_print

SCORES = {"hash_match": 0.5, "layout_match": 0.6, "trust_confirmed": 0.95}
"""A finding's score by its level."""
_BENIGN_ADDED, _BENIGN_AGREEING = 0.04, 0.95
"""With more of a benign page's blank tiles holding print, or fewer of its printed ones agreeing, somebody
filled the form in, or wrote something else on it."""
_SAME, _SAME_TILES, _RIM = 0.995, 2, 0.08
"""With so few disagreeing tiles, on a picture that shows no more than the page and a rim of this share, it is
a copy of what stands there: another patient's name, birth and number would change more."""
_TOLD_TILES = 40


class TemplateDetector:
    """Finds the surest registered template; one at most, for a page is a copy of one.

    A page that is a copy of benign material, with nothing written on it, is a `filter` instead.
    """

    name = "template"
    version = "13"

    def __init__(self, bank: TemplateBank | BankFile | None) -> None:
        """Take a bank, or a bank's file, which is mapped with the first picture."""
        self._given = bank

    @cached_property
    def _bank(self) -> TemplateBank:
        return self._given if isinstance(self._given, TemplateBank) else open_bank(self._given)

    def detect(self, content: Content) -> Iterator[Finding]:
        """At most one finding; none for content without pixels."""
        found = [each for each in match(content, self._bank) if each.level is not None]
        surest = [each for each in found if each.rank[0] == found[0].rank[0]]
        for each in surest:
            if each.facts.kind == "benign" and _is_copy(each):
                yield self._filter(each, content)
                return
        documents = (each for each in surest if each.facts.kind == "document")
        yield from (self._finding(each, content) for each in islice(documents, 1))

    def _finding(self, found: TemplateMatch, content: Content) -> Finding:
        assert found.level is not None
        return Finding(
            kind="template",
            detector=self.name,
            version=self.version,
            score=SCORES[found.level],
            masked=found.facts.name,
            explanation=Explanation(why(found), facts_of(found)),
            page=content.page,
        )

    def _filter(self, found: TemplateMatch, content: Content) -> Finding:
        said = f"a copy of {found.facts.name}, which is registered as public material"
        facts = {**facts_of(found), "filter": "known_benign", "origin": "ocr"}
        facts["copy"] = _is_all(found) and self._says_no_more(found, content)
        return Finding(
            kind="filter",
            detector=self.name,
            version=self.version,
            score=SCORES["trust_confirmed"],
            masked=found.facts.name,
            explanation=Explanation(said, facts),
            page=content.page,
        )

    def _says_no_more(self, found: TemplateMatch, content: Content) -> bool:
        number = [facts.name for facts in self._bank.facts].index(found.facts.name)
        assert found.matrix is not None
        return words_are_print(content, self._bank.template(number).raster, found.matrix)


def _is_copy(found: TemplateMatch) -> bool:
    """Whether a page shows benign material with nothing else written on it."""
    tiles = found.tiles
    agrees = len(tiles.agreeing) >= _BENIGN_AGREEING * len(tiles.seen)
    return found.level != "hash_match" and agrees and found.added <= _BENIGN_ADDED


def _is_all(found: TemplateMatch) -> bool:
    """Whether the picture is a copy of the page and of what is written there, and shows nothing else."""
    seen, agreeing = len(found.tiles.seen), len(found.tiles.agreeing)
    same = seen - agreeing <= min(_SAME_TILES, (1 - _SAME) * seen)
    (width, height), rim = found.facts.size, _RIM
    inside = (
        -rim * width <= x <= (1 + rim) * width and -rim * height <= y <= (1 + rim) * height
        for x, y in quad_of(found)
    )
    return same and all(inside)


def why(found: TemplateMatch) -> str:
    """The sentence a reviewer reads."""
    facts = found.facts
    owner = f" of {facts.organisation}" if facts.organisation else ""
    name = f"the registered template {facts.name}{owner}"
    if found.level == "trust_confirmed":
        assert found.letterhead is not None
        return (
            f"Is laid out like {name}, and its letterhead was read ({', '.join(found.letterhead.words[:4])})."
        )
    if found.level == "layout_match":
        return (
            f"Is laid out like {name} ({found.inliers} features, {len(found.tiles.agreeing)} of"
            f" {len(found.tiles.seen)} printed places agree); the letterhead was not confirmed."
        )
    distances = ", ".join(f"{hit.algorithm} {hit.distance}" for hit in found.hashes)
    return f"The whole picture looks like {name} (of 256 bits differ: {distances})."


def facts_of(found: TemplateMatch) -> dict[str, Any]:
    """A match as plain values: distances, agreeing places (in the template's pixels), words read."""
    facts: dict[str, Any] = {
        "level": found.level,
        "organisation": found.facts.organisation,
        "hashes": {hit.algorithm: hit.distance for hit in found.hashes},
        "inliers": found.inliers,
        "tiles": len(found.tiles.agreeing),
        "tiles_seen": len(found.tiles.seen),
        "places": [list(box) for box in found.tiles.agreeing[:_TOLD_TILES]],
        "added": round(found.added, 3),
        "second_look": found.second_look,
    }
    if found.letterhead is not None:
        seen = found.letterhead
        facts["letterhead"] = {"words": list(seen.words), "tiles": seen.agreeing, "tiles_seen": seen.seen}
    return facts
