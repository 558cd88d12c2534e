"""What earns a level: print in its place, a letterhead, and a part that other forms have too earns none."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from detectors.base import Box, Content, Pixels, TextLayer
from detectors.local_features import Matrix, cover
from detectors.templates import TemplateBank, TemplateMatch, TemplateSaid, learn, match
from detectors.templates.evidence import with_shared_letterhead
from detectors.templates.letterhead import LetterheadEvidence, letterhead_evidence
from detectors.templates.tiles import TILE, TileEvidence, covered_tiles
from tests.detectors.letters import Letter
from tests.detectors.registering import Reader


def seen(count: int) -> tuple[Box, ...]:
    """So many tiles."""
    return tuple(Box(TILE * number, 0, TILE, TILE) for number in range(count))


@pytest.fixture(scope="module")
def known(letter: Letter) -> TemplateMatch:
    """A sure match of the clinic letter, as its bank finds it."""
    template = learn([letter.pixels], TemplateSaid("clinic"), Reader(letter)).template
    return match(Content(TextLayer("ocr"), letter.pixels), TemplateBank.of([template]))[0]


def a_match(known: TemplateMatch, name: str, inliers: int, tiles: int, *, confirmed: bool) -> TemplateMatch:
    """A match of a form of the house of Castlebourne."""
    return replace(
        known,
        facts=replace(known.facts, name=name, words=("castlebourne",), names=("castlebourne",)),
        level="trust_confirmed" if confirmed else "layout_match",
        inliers=inliers,
        tiles=TileEvidence(seen(300), seen(tiles)),
        letterhead=LetterheadEvidence(("castlebourne",) if confirmed else (), 9, 10),
    )


def test_a_letterhead_confirms_the_likelier_form_of_its_house(known: TemplateMatch) -> None:
    """A form whose body agrees far better is what is shown, though another lies by the letterhead."""
    letter = a_match(known, "letter", 60, 40, confirmed=True)
    report = a_match(known, "report", 200, 120, confirmed=False)
    first = with_shared_letterhead([letter, report])[0]
    assert (first.facts.name, first.level) == ("report", "trust_confirmed")


def test_a_letterhead_confirms_no_other_house(known: TemplateMatch) -> None:
    """However well a sister's form agrees, the letterhead that was read is not its own."""
    letter = a_match(known, "letter", 60, 40, confirmed=True)
    report = a_match(known, "report", 200, 120, confirmed=False)
    sister = replace(report, facts=replace(report.facts, words=("kirkholme",), names=("kirkholme",)))
    first, second = with_shared_letterhead([sister, letter])
    assert (first.facts.name, second.level) == ("letter", "layout_match")


@pytest.mark.parametrize(
    ("own", "read", "same"),
    [("harrow", "Harrow", True), ("harrow", "Barrow", False), ("castlebourne", "Castleboume", True)],
)
def test_a_short_name_is_read_as_it_is(known: TemplateMatch, own: str, read: str, same: bool) -> None:
    """Engines misread a letter of a long word; two short ones that differ in a letter may be two towns."""
    facts = replace(known.facts, words=(own,), letterhead=Box(0, 0, 400, 100))
    seen_there = letterhead_evidence(facts, TileEvidence((), ()), [(read, 50.0, 50.0)], np.eye(3))
    assert seen_there is not None
    assert bool(seen_there.words) == same


def dense(letter: Letter, seed: int) -> Pixels:
    """The letter's head, and below it a page full of print of its own."""
    page, rng = letter.pixels.copy(), np.random.default_rng(seed)
    page[190:] = 255
    for row in range(200, page.shape[0] - 30, 17 + 9 * seed):
        for x in range(20 + 7 * seed, 960, 23 + 8 * seed):
            page[row : row + 14, x : x + int(rng.integers(8, 28)) : int(rng.integers(2, 5))] = 0
    return page


def test_a_part_in_common_is_no_layout(letter: Letter) -> None:
    """A page that has a form's head, and below it other print than the form, is not that form."""
    form = dense(letter, 1)
    bank = TemplateBank.of([learn([form], TemplateSaid("form"), Reader(letter)).template])
    same, other = (match(Content(TextLayer("ocr"), dense(letter, seed)), bank)[0] for seed in (1, 3))
    assert same.level == "layout_match"
    assert other.level != "layout_match"
    assert len(other.tiles.agreeing) >= other.facts.thresholds.tiles


def seen_from(turn: float, scale: float, lean: float) -> Matrix:
    """A camera's view of a page of 900 x 600 pixels."""
    matrix = np.vstack((cv2.getRotationMatrix2D((450, 300), turn, scale), (lean, -lean / 2, 1)))
    return matrix.astype(np.float64)


@pytest.mark.parametrize("turn", [0.0, 17.0, 200.0])
@pytest.mark.parametrize("scale", [0.6, 2.5])
@pytest.mark.parametrize("lean", [0.0, 3e-4, -4e-4])
def test_tiles_are_covered_where_all_their_pixels_are(turn: float, scale: float, lean: float) -> None:
    """By the corners of tiles, what warping the whole picture tells by its pixels."""
    matrix, raster = seen_from(turn, scale, lean), (1000, 1300)
    pixels = cover((600, 900), matrix, raster)
    rows, columns = raster[0] // TILE, raster[1] // TILE
    cells = pixels[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    wanted = cells.all(axis=(1, 3))
    found = covered_tiles(matrix, (600, 900), raster)
    assert wanted.any()
    assert (found != wanted).mean() < 0.01
