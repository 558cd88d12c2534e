"""Templates: how they are learned, and what is recognised as one of them."""

from __future__ import annotations

import json
import struct

import cv2
import numpy as np
import pytest
from PIL import ImageDraw, ImageOps

from detectors.base import Box, Content, Finding, Pixels, TextLayer, Word
from detectors.local_features import extract, page_features, reduced
from detectors.templates import (
    Template,
    TemplateBank,
    TemplateDetector,
    Thresholds,
    match,
    pack,
    unpack,
)
from detectors.templates.overlay import coarse, draw_overlay
from detectors.templates.packing import pack_points
from detectors.templates.sketch import inliers_of, sketch_of
from tests.detectors.letters import Letter, clinic_letter, landscape, photographed
from tests.detectors.registering import learned, words_of

TRUST = "Castlebourne Hospitals NHS Trust"
SISTER = "Kirkholme Community NHS Trust"


@pytest.fixture(scope="module")
def template(letter: Letter) -> Template:
    """The clinic letter's template."""
    return learned(letter, organisation=TRUST).template


@pytest.fixture(scope="module")
def bank(template: Template) -> TemplateBank:
    """A bank of that one template."""
    return TemplateBank.of([template])


@pytest.fixture(scope="module")
def filled() -> Letter:
    """Another patient's letter on the same template."""
    return clinic_letter(name="Tobias Wren", number="999 000 0018")


def found(bank: TemplateBank, pixels: Pixels, words: list[Word] | None = None) -> list[Finding]:
    """What the detector makes of a picture, with its words if they were read."""
    content = Content(TextLayer("ocr", tuple(words or ())), np.ascontiguousarray(pixels))
    return list(TemplateDetector(bank).detect(content))


def test_a_letter_that_was_read_is_confirmed(bank: TemplateBank, filled: Letter) -> None:
    """Layout and the words of its letterhead in their place make the surest level, and it is explained."""
    (finding,) = found(bank, filled.pixels, words_of(filled))
    facts = finding.explanation.facts
    assert (finding.kind, finding.masked, finding.value) == ("template", "clinic", None)
    assert facts["level"] == "trust_confirmed"
    assert "castlebourne" in facts["letterhead"]["words"]
    assert "castlebourne" in finding.explanation.why
    assert facts["tiles"] >= 12
    assert facts["inliers"] >= 25
    assert all(len(place) == 4 for place in facts["places"])


def test_without_words_a_layout_is_all_that_is_said(bank: TemplateBank, filled: Letter) -> None:
    """A page that nobody could read matches by its layout only."""
    (finding,) = found(bank, filled.pixels)
    assert finding.explanation.facts["level"] == "layout_match"


def test_another_organisations_letter_is_never_confirmed(bank: TemplateBank) -> None:
    """The same form with another name in its letterhead is at most a match of layout."""
    sister = clinic_letter(trust=SISTER, colour="#330072")
    for finding in found(bank, sister.pixels, words_of(sister)):
        assert finding.explanation.facts["level"] != "trust_confirmed"


def test_words_in_another_place_do_not_confirm(bank: TemplateBank, filled: Letter) -> None:
    """An organisation's name in the letter's body is no letterhead."""
    moved = [Word(w.text, w.box._replace(y=w.box.y + 800), w.confidence, w.line) for w in words_of(filled)]
    (finding,) = found(bank, filled.pixels, moved)
    assert finding.explanation.facts["level"] == "layout_match"


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_copy_is_recognised(bank: TemplateBank, filled: Letter, turn: int) -> None:
    """A page lying on its side or upside down matches."""
    assert found(bank, np.rot90(filled.pixels, turn))


def test_a_dark_mode_copy_is_recognised(bank: TemplateBank, filled: Letter) -> None:
    """Inverted colours do not matter."""
    assert found(bank, 255 - filled.pixels)


def test_a_dim_photograph_is_recognised(bank: TemplateBank, filled: Letter) -> None:
    """A white page in a dark room is as dark as a dark screen, and the other way round."""
    assert found(bank, (filled.pixels * 0.3).astype(np.uint8))


@pytest.mark.parametrize("part", [(0.0, 0.5), (0.08, 0.8)])
def test_a_crop_is_recognised(bank: TemplateBank, filled: Letter, part: tuple[float, float]) -> None:
    """A part of the page matches, which no hash of the whole can."""
    height = filled.pixels.shape[0]
    assert found(bank, filled.pixels[int(part[0] * height) : int(part[1] * height)])


def test_a_letterboxed_copy_is_recognised(bank: TemplateBank, filled: Letter) -> None:
    """Flat bars round the page, as story screens add, do not matter."""
    boxed = ImageOps.expand(filled.picture, border=(180, 420), fill=(20, 20, 24))
    assert found(bank, np.asarray(boxed))


def test_a_photographed_page_is_recognised(bank: TemplateBank, filled: Letter) -> None:
    """A page lying slightly turned on a dark table is laid straight."""
    assert found(bank, photographed(filled, tilt=9))


@pytest.mark.parametrize("words", [True, False])
def test_a_small_page_in_an_app_gets_a_second_look(bank: TemplateBank, filled: Letter, words: bool) -> None:
    """What stands on an app's ground is looked at closer, whether or not its small print was read."""
    small = cv2.resize(filled.pixels, (340, 480), interpolation=cv2.INTER_AREA).astype(np.uint8)
    screen = np.full((2400, 1240, 3), 245, np.uint8)
    screen[600:1080, 300:640] = small
    text = TextLayer("ocr", tuple(words_of(filled)) if words else ())
    assert [each.second_look for each in match(Content(text, screen), bank) if each.level] == [True]


@pytest.mark.parametrize("seed", range(2))
def test_photographs_do_not_match(bank: TemplateBank, seed: int) -> None:
    """Pictures without a document match no template."""
    assert not found(bank, landscape((700, 990), seed=seed))


@pytest.mark.parametrize("level", [30, 255])
def test_blank_pages_do_not_match(bank: TemplateBank, level: int) -> None:
    """A blank page says nothing, so it matches nothing."""
    assert not found(bank, np.full((990, 700, 3), level, np.uint8))


def test_only_the_surest_template_is_found(template: Template, filled: Letter) -> None:
    """Of two alike templates, the one whose letterhead was read is reported alone."""
    sister = learned(clinic_letter(trust=SISTER, colour="#330072"), "sister", SISTER).template
    findings = found(TemplateBank.of([sister, template]), filled.pixels, words_of(filled))
    assert [finding.masked for finding in findings] == ["clinic"]


def test_nothing_to_compare_yields_nothing(bank: TemplateBank, letter: Letter) -> None:
    """A post without a picture, and a detector without templates, find nothing."""
    assert not list(TemplateDetector(bank).detect(Content(TextLayer("post", plain="Dear Sir"))))
    assert not found(TemplateBank.of([]), letter.pixels)
    assert not list(TemplateDetector(None).detect(Content(TextLayer("ocr"), letter.pixels)))


def test_a_template_kept_in_the_older_form_is_recognised(template: Template, filled: Letter) -> None:
    """What was stored with wider descriptors is read, and its features are taken from its print again."""
    wide = extract(template.raster, 300)
    header = json.dumps({"facts": template.facts.to_json(), "features": len(wide)}).encode()
    _, picture = cv2.imencode(".webp", template.raster)
    parts = (wide.descriptors.tobytes(), pack_points(wide).tobytes(), picture.tobytes())
    older = unpack(b"LWT1" + struct.pack("<I", len(header)) + header + b"".join(parts))
    assert older.facts == template.facts
    assert len(pack(older)) < 40_000
    (finding,) = found(TemplateBank.of([older]), filled.pixels, words_of(filled))
    assert finding.explanation.facts["level"] == "trust_confirmed"


def test_a_sketch_in_the_older_form_is_compared(template: Template, filled: Letter) -> None:
    """Of a sketch with wider descriptors, the first half of each counts."""
    grey = reduced(filled.pixels)
    wide = extract(grey, 600)
    head = struct.pack("<4sHHH", b"LWS1", *grey.shape, len(wide))
    older = head + wide.descriptors.tobytes() + pack_points(wide).tobytes()
    assert inliers_of(older, template) > 100
    assert inliers_of(sketch_of(grey, page_features(grey)), template) > 100


def test_thresholds_are_a_templates_own(letter: Letter, filled: Letter) -> None:
    """A stricter threshold turns a match down."""
    strict = learned(letter, thresholds=Thresholds(pdq=0, phash=0, tiles=10_000)).template
    assert not found(TemplateBank.of([strict]), filled.pixels)


def poster() -> Letter:
    """A public poster with a form's blank lines."""
    drawn = clinic_letter(name="", number="", trust="Flu Season Is Here", colour="#b00020")
    return Letter(drawn.picture, {text: box for text, box in drawn.places.items() if text})


def test_benign_material_speaks_against_a_leak() -> None:
    """A copy of registered public material is a filter, and no template finding."""
    page = poster()
    bank = TemplateBank.of([learned(page, "flu-poster", kind="benign").template])
    (finding,) = found(bank, page.pixels)
    assert (finding.kind, finding.explanation.facts["filter"]) == ("filter", "known_benign")


def test_a_benign_form_that_was_filled_in_is_no_longer_benign() -> None:
    """Writing where the registered blank form has none takes the reason against away."""
    page = poster()
    bank = TemplateBank.of([learned(page, "form", kind="benign").template])
    written = page.picture.copy()
    for row in range(20):
        ImageDraw.Draw(written).text((80, 860 + 26 * row), "he was seen with chest pain " * 2, fill="black")
    assert not found(bank, np.asarray(written))


def test_other_writing_in_the_places_of_a_benign_page_s_is_not_benign() -> None:
    """A specimen's copy is public; the same form with other words where the specimen's stand is not."""
    drawn = [clinic_letter(name=name, number=number) for name, number in SPECIMENS]
    for letter, (name, _) in zip(drawn, SPECIMENS, strict=True):
        for row in range(12):
            ImageDraw.Draw(letter.picture).text(
                (80, 860 + 40 * row), f"{name} " * 5, fill="black", font_size=28
            )
    bank = TemplateBank.of([learned(drawn[0], "specimen", kind="benign").template])
    assert [f.kind for f in found(bank, drawn[0].pixels)] == ["filter"]
    assert not found(bank, drawn[1].pixels)


SPECIMENS = (("Anne Example", "999 012 3454"), ("Tobias Wren", "999 000 0018"))


def test_faint_writing_that_was_read_is_no_copy_of_a_public_page() -> None:
    """Pencil too faint to count as ink takes a form out of the public if it can be read."""
    page = poster()
    bank = TemplateBank.of([learned(page, "form", kind="benign").template])
    written = page.picture.copy()
    ImageDraw.Draw(written).text((520, 220), "Tobias Wren", fill="#d8d8d8", font_size=26)
    pencil = [*words_of(page), Word("Tobias", Box(520, 222, 84, 26), 0.9, 90)]
    (plain,), (read,) = found(bank, page.pixels, words_of(page)), found(bank, np.asarray(written), pencil)
    assert (plain.explanation.facts["copy"], read.explanation.facts["copy"]) == (True, False)


def test_a_filled_in_form_that_is_registered_both_ways_is_a_template_finding(filled: Letter) -> None:
    """The blank form is public; with somebody's data on it, it is told whose form it is."""
    blank = poster()
    both = [learned(blank, "public", kind="benign").template, learned(blank, "form").template]
    written = blank.picture.copy()
    for row in range(20):
        ImageDraw.Draw(written).text((80, 860 + 26 * row), "he was seen with chest pain " * 2, fill="black")
    assert [f.kind for f in found(TemplateBank.of(both), blank.pixels)] == ["filter"]
    assert [(f.kind, f.masked) for f in found(TemplateBank.of(both), np.asarray(written))] == [
        ("template", "form")
    ]


def test_the_overlay_shows_the_template_and_nothing_of_the_picture(
    bank: TemplateBank, filled: Letter
) -> None:
    """The picture's own writing is not on the overlay: two patients' letters give almost the same one."""
    overlays = []
    for number in ("999 000 0018", "999 012 3454"):
        page = clinic_letter(name="Tobias Wren", number=number)
        found = match(Content(TextLayer("ocr"), page.pixels), bank)[0]
        png = np.frombuffer(draw_overlay(found, bank), np.uint8)
        overlays.append(cv2.cvtColor(cv2.imdecode(png, cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY))
    height, width = bank.template(0).raster.shape
    inner = [each[40 : 40 + height, 40 : 40 + width] for each in overlays]
    assert inner[0].shape == (height, width)
    assert np.corrcoef(inner[0].ravel(), coarse(bank.template(0).raster).ravel())[0, 1] > 0.7


def test_a_shown_template_cannot_be_read(filled: Letter) -> None:
    """Of a page that was registered with somebody's name on it, no stroke of the name is on what is shown."""
    kept = learned(filled, filled=True).template
    x, y, width, height = filled.places["Tobias Wren"]
    scale = kept.facts.size[0] / filled.pixels.shape[1]
    rows, columns = (
        slice(round(at * scale), round((at + size) * scale)) for at, size in ((y, height), (x, width))
    )
    areas = (each[rows, columns].astype(int) for each in (kept.raster, coarse(kept.raster)))
    sharp, shown = (np.abs(np.diff(area, axis=1)).max() for area in areas)
    assert shown < 15
    assert sharp > 60
