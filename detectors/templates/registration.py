"""Registering: a template from a blank page, or from filled samples of one form.

1. Refuse what would match anything: a picture too small, a page without quality or print.
2. Lay further samples over the first; what does not stand alike on all of them was written by people, and
   is painted out of the picture and left out of the features.
3. Find the letterhead, and read its words: those that are the organisation's own confirm a match.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from detectors.base import Box, Pixels, TextReader, Word
from detectors.local_features import Features, Grey, reduced, warp, working_copy
from detectors.pdq import MIN_QUALITY
from detectors.templates.base import (
    Template,
    TemplateFacts,
    TemplateSaid,
    TemplateUnsuitable,
    picture_of,
)
from detectors.templates.corners import FEATURES, of_page, of_picture
from detectors.templates.hashes import page_hash, pdq_quality
from detectors.templates.laying import lay
from detectors.templates.letterhead import find_letterhead, find_lozenges
from detectors.templates.own_words import names_in, words_in
from detectors.templates.tiles import TILE, tile_grid
from detectors.templates.writing import written_tiles

MIN_SIDE = 200
MIN_TILES = 30
_STRIP = 0.4
"""The share of a page, from its top, that is read for the letterhead."""
_PAPER_PERCENTILE = 90


@dataclass(frozen=True, slots=True)
class Learned:
    """A template fit to be registered, and what its owner should know about it."""

    template: Template
    warnings: tuple[str, ...]


def learn(samples: Sequence[Pixels], said: TemplateSaid, reader: TextReader) -> Learned:
    """A template from upright pictures of one page. Raises TemplateUnsuitable, EngineUnavailable."""
    first = samples[0]
    _check(first, said)
    raster = working_copy(first)
    features = of_page(raster)
    scale = raster.shape[1] / first.shape[1]
    warnings = []
    if len(samples) > 1:
        written = _written(raster, features, samples[1:], said.name)
        if not written.any():
            warnings.append(
                f"Nothing differs between the samples of {said.name}: what is written on them counts as"
                " print; give samples of different patients, or a blank page."
            )
        raster, features = _without(raster, features, written)
    elif said.filled:
        warnings.append(
            f"{said.name} is one filled sample: what is written on it counts as print;"
            " give a second sample, or a blank page."
        )
    tiles = len(tile_grid(raster).printed)
    if tiles < MIN_TILES:
        raise TemplateUnsuitable(
            f"The template {said.name} has {tiles} printed areas that stay the same; it needs {MIN_TILES}:"
            " register a page with more print, or a larger picture of it."
        )
    letterhead, read, names = _letterhead(first, said, reader)
    words = tuple(dict.fromkeys((*names, *read)))
    if not (set(read) & set(names) if names else read):
        warnings.append(
            f"No word of an organisation's own was read in the letterhead of {said.name}:"
            " its matches cannot become trust_confirmed; give its letterhead box."
        )
    facts = _facts(first, said, raster)
    facts = replace(
        facts, letterhead=_scaled(letterhead, scale) if letterhead else None, words=words, names=names
    )
    return Learned(Template(facts, features, picture_of(raster)), tuple(warnings))


def _check(pixels: Pixels, said: TemplateSaid) -> None:
    (height, width), name, box = pixels.shape[:2], said.name, said.letterhead
    if min(width, height) < MIN_SIDE:
        raise TemplateUnsuitable(
            f"The template {name} is {width} x {height} pixels; it needs {MIN_SIDE} or more on each side."
        )
    grey = reduced(pixels)
    if page_hash(grey) is None or pdq_quality(grey) < MIN_QUALITY:
        raise TemplateUnsuitable(
            f"The template {name} is nearly blank and would match blank pages: register a fuller one."
        )
    if box and (
        min(box.width, box.height) < 1 or box.x + box.width > width + 2 or box.y + box.height > height + 2
    ):
        raise TemplateUnsuitable(
            f"The letterhead of the template {name} is not a box inside its picture; give x, y, width and"
            " height in the picture's pixels, or leave it to be found."
        )


def _facts(first: Pixels, said: TemplateSaid, raster: Grey) -> TemplateFacts:
    """Everything but the letterhead."""
    hashed = page_hash(reduced(first))
    assert hashed is not None
    scale = raster.shape[1] / first.shape[1]
    return TemplateFacts(
        name=said.name,
        organisation=said.organisation,
        kind=said.kind,
        filled=said.filled,
        size=(raster.shape[1], raster.shape[0]),
        letterhead=None,
        lozenges=tuple(_scaled(box, scale) for box in find_lozenges(first)),
        words=(),
        names=(),
        phash=hashed.phash,
        pdq=hashed.pdq,
        thresholds=said.thresholds,
    )


def _letterhead(
    pixels: Pixels, said: TemplateSaid, reader: TextReader
) -> tuple[Box | None, tuple[str, ...], tuple[str, ...]]:
    """The letterhead's box, the words of its own that were read in it, and the words of its names."""
    strip = np.ascontiguousarray(pixels[: _strip_height(pixels, said)])
    words = [word for word in reader.read(strip).words if word.text.strip()]
    area = said.letterhead or find_letterhead(words, pixels.shape[0])
    if area is None:
        return None, (), ()
    readable = _readable(words)
    names = names_in(readable, area, said.organisation)
    read = words_in(readable, area, said.organisation)
    if said.filled:  # beside its name an organisation's paper may say a patient's, and words are shown
        read = tuple(word for word in read if word in names)
    return area, read, names


def _strip_height(pixels: Pixels, said: TemplateSaid) -> int:
    end = said.letterhead.y + said.letterhead.height if said.letterhead else 0
    height = int(pixels.shape[0])
    return min(height, max(round(_STRIP * height), end + TILE))


def _readable(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if word.confidence >= 0.5]


def _written(raster: Grey, features: Features, others: Sequence[Pixels], name: str) -> npt.NDArray[np.bool_]:
    """Which tiles (rows, columns) do not stand alike on every sample."""
    rows, columns = raster.shape[0] // TILE, raster.shape[1] // TILE
    written = np.zeros((rows, columns), bool)
    for number, other in enumerate(others, start=2):
        copy = working_copy(other)
        found = lay(of_picture(copy, FEATURES), features, copy.shape)
        if found is None:
            raise TemplateUnsuitable(
                f"Sample {number} of the template {name} is not the same form as the first."
            )
        written |= written_tiles(raster, warp(copy, found.matrix, raster.shape))
    return written


def _without(raster: Grey, features: Features, written: npt.NDArray[np.bool_]) -> tuple[Grey, Features]:
    """The picture with written tiles painted as paper, and the features outside them."""
    cover = np.zeros(raster.shape, bool)
    whole = np.kron(written, np.ones((TILE, TILE), bool))
    cover[: whole.shape[0], : whole.shape[1]] = whole
    paper = np.uint8(np.percentile(raster, _PAPER_PERCENTILE))
    places = features.points.astype(int)
    kept = ~cover[places[:, 1], places[:, 0]]
    return np.where(cover, paper, raster), Features(features.points[kept], features.descriptors[kept])


def _scaled(box: Box, scale: float) -> Box:
    return Box(*(round(value * scale) for value in box))
