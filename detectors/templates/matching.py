"""Matching: which registered templates does a picture show, and how sure is that?

1. Hashes of the whole picture propose templates, and accept clean copies early.
2. Its ORB features propose; the best `CANDIDATES` are laid over the picture (ratio test, USAC_MAGSAC).
3. Tiles say whether the print stands where it should. A mostly dark picture is tried both ways round.
4. If none does surely and the page's text is medical, a closer copy (`detectors.templates.copies`) is tried.
5. The letterhead's tiles and the words read in its place may confirm whose paper it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import cv2
import numpy as np

from detectors.base import Content, TextLayer
from detectors.clinical import find_headings, find_terms
from detectors.letterhead import letterheads_of
from detectors.local_features import (
    Alignment,
    Features,
    Grey,
    Matrix,
    reduced,
    reduction,
    warp,
)
from detectors.normalise import read_layer
from detectors.templates.bank import TemplateBank
from detectors.templates.base import Level, TemplateFacts
from detectors.templates.copies import Copy, closer, whole
from detectors.templates.corners import of_picture
from detectors.templates.hashes import HashHit, query_hashes
from detectors.templates.laying import lay
from detectors.templates.letterhead import LetterheadEvidence, letterhead_evidence
from detectors.templates.proposing import Proposal
from detectors.templates.tiles import TileEvidence, added_ink, compare_tiles

QUERY_FEATURES, CLOSER_FEATURES = 1500, 2500
CANDIDATES, CLOSER_CANDIDATES = 3, 2
_SURE_TILES = 0.25
"""With a smaller share of the tiles in the picture, a sister template may be what is really shown."""
_CONFIRMING_TILES = 0.25
"""The share of the letterhead's tiles that must agree, beside its words, for `trust_confirmed`."""
_MEDICAL = 2
"""So many headings, terms or senders' names make a text medical enough for the second look."""

_RIVAL = 0.6
"""With a smaller share of the best candidate's weight, a template is no rival to a sure match."""
_WORTHY = 0.2
"""Templates with a smaller share of the best one's inliers are not looked at further."""
_HINTED = 3
"""So many templates that hashes propose are laid over the picture beside those that features propose."""

_NO_TILES = TileEvidence((), ())


@dataclass(frozen=True, slots=True)
class TemplateMatch:
    """How a picture compares with one template. `level` None: not near enough.

    Places are in the template's raster; `matrix` lays the picture's working copy (of `shape`) over it.
    `added` is the share of the template's blank tiles that hold print on the picture.
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
    def rank(self) -> tuple[int, int, int]:
        """For sorting: the surest first, then the one that both features and print speak most for."""
        level = (
            0 if self.level is None else 1 + (self.level != "hash_match") + (self.level == "trust_confirmed")
        )
        nearest = min((hit.distance for hit in self.hashes), default=256)
        return level, len(self.tiles.agreeing) * self.inliers, -nearest


def match(content: Content, bank: TemplateBank) -> list[TemplateMatch]:
    """The templates that something speaks for, the surest first."""
    if content.pixels is None or not len(bank):
        return []
    grey = reduced(content.pixels)
    looking = _Looking(content, grey, bank)
    looking.look(whole(grey), QUERY_FEATURES, CANDIDATES)
    if not looking.sure and _is_medical(content.text):
        looking.look(closer(content.pixels, grey), CLOSER_FEATURES, CLOSER_CANDIDATES, second=True)
    return sorted(looking.found.values(), key=lambda each: each.rank, reverse=True)


class _Looking:
    """One picture, and what was found of each template by its number in the bank."""

    def __init__(self, content: Content, grey: Grey, bank: TemplateBank) -> None:
        assert content.pixels is not None
        self._bank, self._shape = bank, grey.shape
        self._words = list(_middles(content.text, content.scale * reduction(content.pixels)))
        hits = bank.hashes.nearest(query_hashes(grey))
        self.found = {number: _by_hash(bank.facts[number], tuple(each)) for number, each in hits.items()}

    @property
    def settled(self) -> bool:
        """Whether some template's layout matches."""
        return any(each.level in ("layout_match", "trust_confirmed") for each in self.found.values())

    @property
    def sure(self) -> bool:
        """Whether so much of a layout matches that another template would not match better."""
        matches = [each for each in self.found.values() if each.level in ("layout_match", "trust_confirmed")]
        return any(len(each.tiles.agreeing) >= _SURE_TILES * len(each.tiles.seen) for each in matches)

    def look(self, copies: Sequence[Copy], features: int, candidates: int, *, second: bool = False) -> None:
        """Lay the templates that hashes and so many features propose over copies, until one matches."""
        for copy in copies:
            self._lay(copy, of_picture(copy.grey, features), candidates, second)
            if self.settled:
                break

    def _lay(self, copy: Copy, features: Features, candidates: int, second: bool) -> None:
        """The likeliest first; one whose features say far less cannot be righter than a sure match."""
        hinted = dict.fromkeys(self._hinted(), Proposal(0, None))
        proposed = hinted | self._bank.candidates(features, candidates)
        best, most = max((each.weight for each in proposed.values()), default=0), 0
        for number in sorted(proposed, key=lambda n: proposed[n].weight, reverse=True):
            if self.sure and proposed[number].weight < _RIVAL * best:
                break
            page = self._bank.template(number).features
            laid = lay(features, page, copy.grey.shape, proposed[number].roughly)
            if laid is not None and laid.inliers >= max(_WORTHY * most, self._inliers(number)):
                most = max(most, laid.inliers)
                self._keep(number, replace(self._verified(number, copy, laid), second_look=second))

    def _inliers(self, number: int) -> int:
        """How many features a look before this one found to agree."""
        return self.found[number].inliers if number in self.found else 0

    def _hinted(self) -> list[int]:
        """The templates that hashes propose."""
        return sorted(self.found, key=lambda number: self.found[number].rank, reverse=True)[:_HINTED]

    def _keep(self, number: int, shown: TemplateMatch) -> None:
        """Add what an alignment shows to what is known of a template, if it shows more."""
        known = self.found.get(number)
        shown = replace(shown, hashes=known.hashes if known else ())
        shown = replace(shown, level=_level(shown) or (known.level if known else None))
        if known is None or shown.rank > known.rank:
            self.found[number] = shown

    def _verified(self, number: int, copy: Copy, laid: Alignment) -> TemplateMatch:
        template = self._bank.template(number)
        over, cover = warp(copy.grey, laid.matrix, template.raster.shape)
        tiles = compare_tiles(template.raster, template.grid, over, cover)
        matrix: Matrix = laid.matrix @ copy.matrix
        return TemplateMatch(
            facts=template.facts,
            level=None,
            inliers=laid.inliers,
            tiles=tiles,
            matrix=matrix,
            shape=self._shape,
            letterhead=letterhead_evidence(template.facts, tiles, self._words, matrix),
            added=added_ink(template.grid, over, cover),
        )


def _middles(text: TextLayer, scale: float) -> Iterator[tuple[str, float, float]]:
    for word in text.words:
        box = word.box
        yield word.text, (box.x + box.width / 2) * scale, (box.y + box.height / 2) * scale


def _by_hash(facts: TemplateFacts, hits: tuple[HashHit, ...]) -> TemplateMatch:
    limits = {"pdq": facts.thresholds.pdq, "phash": facts.thresholds.phash}
    near = any(hit.distance <= limits[hit.algorithm] for hit in hits)
    return TemplateMatch(facts, "hash_match" if near else None, hits)


def _level(match: TemplateMatch) -> Level | None:
    """The level that an alignment with these inliers, tiles and letterhead earns."""
    least = match.facts.thresholds
    if match.inliers < least.inliers or len(match.tiles.agreeing) < least.tiles:
        return None
    return "trust_confirmed" if _confirmed(match) else "layout_match"


def _confirmed(match: TemplateMatch) -> bool:
    seen = match.letterhead
    if seen is None or not match.facts.words:
        return False
    if seen.agreeing < _CONFIRMING_TILES * seen.seen:
        return False
    if match.facts.names:  # the form's title may stand there too, and sisters print it as well
        return bool(set(seen.words) & set(match.facts.names))
    return len(seen.words) >= match.facts.thresholds.words


def _is_medical(text: TextLayer) -> bool:
    """Whether the page's words speak of care at all."""
    page = read_layer(text)
    found = (True for _ in chain(letterheads_of(page), find_headings(page), find_terms(page)))
    return sum(islice(found, _MEDICAL)) == _MEDICAL


def quad_of(found: TemplateMatch) -> tuple[tuple[float, float], ...]:
    """The picture's corners in the template's pixels; empty without an alignment."""
    if found.matrix is None:
        return ()
    height, width = found.shape
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float64)
    laid = cv2.perspectiveTransform(corners, found.matrix).reshape(-1, 2)
    return tuple((float(x), float(y)) for x, y in laid)
