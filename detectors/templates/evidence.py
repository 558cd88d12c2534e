"""What speaks for one template when a picture is laid over it, and which level of evidence that earns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from detectors.local_features import Alignment, Grey, Matrix, warp
from detectors.templates.base import Level, Template, TemplateFacts
from detectors.templates.hashes import HashHit
from detectors.templates.letterhead import LetterheadEvidence, letterhead_evidence
from detectors.templates.tiles import TileEvidence, added_ink, compare_tiles, covered_tiles

_LEAST_SHARE = 0.12
"""Of the tiles in the picture; fewer agree where another form has a part in common with this one."""
_SURE_SHARE = 0.25
"""With a smaller share, another template may be what is really shown, or this one lie elsewhere."""
_CONFIRMING_SHARE = 0.25
"""Of the letterhead's tiles, beside its words."""
_NO_TILES = TileEvidence((), ())

PlacedWord = tuple[str, float, float]
"""A word, and its middle (x, y) on the first look's copy."""


@dataclass(frozen=True, slots=True)
class TemplateMatch:
    """How a picture compares with one template. `level` None: not near enough.

    Places are in the template's raster; `matrix` lays the picture's working copy (of `shape`) over it.
    `added` is the share of the template's blank tiles that hold print on the picture. `letterhead` and
    `added` are known from `layout_match` up.
    """

    facts: TemplateFacts
    level: Level | None
    hashes: tuple[HashHit, ...] = ()
    inliers: int = 0
    tiles: TileEvidence = _NO_TILES
    matrix: Matrix | None = None
    shape: tuple[int, int] = (0, 0)
    letterhead: LetterheadEvidence | None = None
    added: float = 0.0
    second_look: bool = False

    @property
    def is_layout(self) -> bool:
        """Whether its print stands where it should."""
        return self.level in ("layout_match", "trust_confirmed")

    @property
    def is_sure(self) -> bool:
        """Whether so much of a layout agrees that another template would hardly agree better."""
        return self.is_layout and self.tiles.share >= _SURE_SHARE

    @property
    def weight(self) -> float:
        """How much features and print speak for it, to compare it with other templates."""
        return len(self.tiles.agreeing) * self.inliers * self.tiles.share

    @property
    def rank(self) -> tuple[int, float, int]:
        """For sorting: the surest first, then the one that both features and print speak most for."""
        level = (
            0 if self.level is None else 1 + (self.level != "hash_match") + (self.level == "trust_confirmed")
        )
        nearest = min((hit.distance for hit in self.hashes), default=256)
        return level, self.weight, -nearest


def by_hash(facts: TemplateFacts, hits: Sequence[HashHit]) -> TemplateMatch:
    """What hashes alone say of a template."""
    limits = {"pdq": facts.thresholds.pdq, "phash": facts.thresholds.phash}
    near = any(hit.distance <= limits[hit.algorithm] for hit in hits)
    return TemplateMatch(facts, "hash_match" if near else None, tuple(hits))


def by_print(
    template: Template, grey: Grey, laid: Alignment, words: Sequence[PlacedWord], onto: Matrix
) -> TemplateMatch:
    """What a copy of the picture says that is laid over the template.

    `onto` takes places on the first look's copy, where the words stand, to this one.
    """
    raster, facts = template.raster, template.facts
    over = warp(grey, laid.matrix, raster.shape)
    covered = covered_tiles(laid.matrix, grey.shape, raster.shape)
    tiles = compare_tiles(raster, template.grid, over, covered)
    matrix: Matrix = laid.matrix @ onto
    found = TemplateMatch(facts, None, (), laid.inliers, tiles, matrix)
    if not _stands(found):
        return found
    letterhead = letterhead_evidence(facts, found.tiles, words, matrix)
    level: Level = "trust_confirmed" if _confirms(facts, letterhead) else "layout_match"
    added = added_ink(template.grid, over, covered)
    return replace(found, level=level, letterhead=letterhead, added=added)


def _stands(found: TemplateMatch) -> bool:
    least, agreeing = found.facts.thresholds, len(found.tiles.agreeing)
    enough = found.inliers >= least.inliers and agreeing >= least.tiles
    return enough and found.tiles.share >= _LEAST_SHARE


def _confirms(facts: TemplateFacts, seen: LetterheadEvidence | None) -> bool:
    if seen is None or not facts.words or seen.agreeing < _CONFIRMING_SHARE * seen.seen:
        return False
    if facts.names:  # the form's title may stand there too, and sisters print it as well
        return bool(set(seen.words) & set(facts.names))
    return len(seen.words) >= facts.thresholds.words


def with_shared_letterhead(found: Sequence[TemplateMatch]) -> list[TemplateMatch]:
    """The matches, the surest first; a letterhead that one confirms counts for a likelier form too.

    The parts of a form move when it is filled in, so that it may lie well by its body alone while another
    form of the same organisation lies by the letterhead.
    """
    confirmed = [each for each in found if each.level == "trust_confirmed"]
    ranked = [_confirmed_by(each, confirmed) for each in found]
    return sorted(ranked, key=lambda each: each.rank, reverse=True)


def _confirmed_by(layout: TemplateMatch, confirmed: Sequence[TemplateMatch]) -> TemplateMatch:
    names = set(layout.facts.names)
    for each in confirmed if layout.level == "layout_match" else ():
        assert each.letterhead is not None
        if layout.weight > each.weight and names & set(each.letterhead.words):
            return replace(layout, level="trust_confirmed", letterhead=each.letterhead)
    return layout


def quad_of(found: TemplateMatch) -> tuple[tuple[float, float], ...]:
    """The picture's corners in the template's pixels; empty without an alignment."""
    if found.matrix is None:
        return ()
    height, width = found.shape
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float64)
    laid = cv2.perspectiveTransform(corners, found.matrix).reshape(-1, 2)
    return tuple((float(x), float(y)) for x, y in laid)
