"""What is learned of a template, what is refused, and what whoever registers is warned of."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from detectors.base import Box
from detectors.templates import (
    Template,
    TemplateSaid,
    TemplateUnsuitable,
    Thresholds,
    learn,
)
from tests.detectors.letters import NAME, Letter, clinic_letter
from tests.detectors.registering import Reader, learned

TRUST = "Castlebourne Hospitals NHS Trust"


@pytest.fixture(scope="module")
def template(letter: Letter) -> Template:
    """The clinic letter's template."""
    return learned(letter, organisation=TRUST).template


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sharpness": 3}, "'sharpness' is not a threshold"),
        ({"tiles": 0}, "tiles must be a whole number from 1 to 1000"),
        ({"pdq": 200}, "pdq must be a whole number from 0 to 64"),
        ({"inliers": True}, "inliers must be a whole number from 8"),
    ],
)
def test_thresholds_that_would_match_anything_are_refused(given: dict[str, int], said: str) -> None:
    """An unknown name, or a number that means nothing, is one sentence."""
    with pytest.raises(ValueError, match=said):
        Thresholds.from_json(given)


@pytest.mark.parametrize("box", [(900, 1300, 200, 100), (0, 0, 0, 0), (5000, 5000, 10, 10)])
def test_a_letterhead_outside_the_picture_is_refused(letter: Letter, box: tuple[int, int, int, int]) -> None:
    """A box that is not inside the picture confirms nothing, so it is no letterhead."""
    with pytest.raises(TemplateUnsuitable, match="not a box inside its picture"):
        learned(letter, letterhead=Box(*box))


def test_a_letterhead_without_its_name_is_warned_of(letter: Letter) -> None:
    """Where the name that would confirm was not read, no match can be confirmed, whatever was said."""
    wrong = learned(letter, organisation=TRUST, letterhead=Box(40, 210, 900, 100))
    assert "cannot become trust_confirmed" in wrong.warnings[0]
    assert not learned(letter, organisation=TRUST).warnings


def test_the_same_sample_twice_tells_no_writing_from_print(letter: Letter) -> None:
    """Samples between which nothing differs are learned with a warning."""
    again = learn([letter.pixels, letter.pixels], TemplateSaid("clinic", filled=True), Reader(letter))
    assert "Nothing differs between the samples of clinic" in again.warnings[0]


def test_writing_that_looks_alike_is_not_kept() -> None:
    """Of numbers that share most of their digits, no part stays in what is kept of filled samples."""
    samples = []
    for value in ("H1234567", "H7654321"):
        page = clinic_letter(name="", number="").picture
        ImageDraw.Draw(page).rectangle((500, 860, 900, 920), outline="black", width=2)
        ImageDraw.Draw(page).text((520, 872), value, fill="black", font_size=30)
        samples.append(np.asarray(page.convert("RGB")))
    said = TemplateSaid("clinic", filled=True)
    kept = learn(samples, said, Reader(clinic_letter())).template
    scale = kept.raster.shape[1] / 1000
    value = kept.raster[round(868 * scale) : round(914 * scale), round(515 * scale) : round(680 * scale)]
    assert value.min() > 230
    assert kept.raster[round(860 * scale), round(800 * scale)] < 150


def test_filled_samples_are_learned_without_what_people_wrote() -> None:
    """Of two filled samples, what differs is neither in the picture that is kept nor in the features."""
    samples = [clinic_letter(), clinic_letter(name="Tobias Wren", number="999 000 0018")]
    said = TemplateSaid("clinic", filled=True)
    made = learn([each.pixels for each in samples], said, Reader(samples[0])).template
    place = samples[0].places["Marguerite Oakenfold"]
    scale = made.raster.shape[1] / samples[0].pixels.shape[1]
    x, y, width, height = (round(value * scale) for value in place)
    assert made.raster[y : y + height, x + 40 : x + width - 40].std() < 12
    inside = (abs(made.features.points - (x + width / 2, y + height / 2)) < (width / 3, height / 3)).all(
        axis=1
    )
    assert not inside.any()


def test_samples_of_different_forms_are_refused(letter: Letter) -> None:
    """Two samples that do not lie over each other are no template."""
    other = Image.effect_noise((1000, 1414), 90).convert("RGB")
    with pytest.raises(TemplateUnsuitable, match="Sample 2 of the template x is not the same form"):
        learn([letter.pixels, np.asarray(other)], TemplateSaid("x"), Reader(letter))


def test_one_filled_sample_is_warned_of(letter: Letter) -> None:
    """A single filled page is taken, and its owner told what that means."""
    assert any("second sample" in warning for warning in learned(letter, filled=True).warnings)


def test_a_letterhead_without_a_name_is_warned_of(letter: Letter) -> None:
    """Where no word is the organisation's own, matches cannot be confirmed, and the owner is told."""
    made = learned(letter, letterhead=Box(600, 900, 200, 40))
    assert any("trust_confirmed" in warning for warning in made.warnings)


def test_the_letterhead_is_the_print_above_the_first_label(template: Template) -> None:
    """Without a box given, everything above "Patient" is the letterhead, and common words are no name."""
    box, words = template.facts.letterhead, template.facts.words
    assert box is not None
    assert 60 * template.facts.size[1] / 1414 < box.y + box.height < 230 * template.facts.size[1] / 1414
    assert {"castlebourne", "fernhill"} <= set(words)
    assert template.facts.names == ("castlebourne",)
    assert not {"hospitals", "trust", "road", "patient"} & set(words)


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (Image.new("RGB", (120, 170), "white"), "120 x 170"),
        (Image.new("RGB", (600, 800), "white"), "nearly blank"),
    ],
)
def test_what_would_match_anything_is_refused(picture: Image.Image, said: str, letter: Letter) -> None:
    """A thumbnail or a blank page cannot be registered."""
    with pytest.raises(TemplateUnsuitable, match=said):
        learn([np.asarray(picture)], TemplateSaid("x"), Reader(letter))


def test_a_page_of_little_print_is_refused(letter: Letter) -> None:
    """A logo alone is too little to tell a page by."""
    page = Image.new("RGB", (210, 297), "white")
    ImageDraw.Draw(page).ellipse((30, 40, 120, 160), fill="black")
    ImageDraw.Draw(page).rectangle((130, 200, 200, 290), fill="navy")
    with pytest.raises(TemplateUnsuitable, match="printed areas"):
        learn([np.asarray(page)], TemplateSaid("x"), Reader(letter))


def test_a_patient_named_in_a_filled_letterhead_is_no_word_of_it(letter: Letter) -> None:
    """A letterhead's words are shown to whoever may see templates; of filled paper only names are kept."""
    box = Box(0, 0, 1000, 330)  # down to the patient's name and number
    blank = learned(letter, organisation=TRUST, letterhead=box).template.facts
    filled = learned(letter, organisation=TRUST, letterhead=box, filled=True).template.facts
    patient = {word.casefold() for word in NAME.split()}
    assert patient & set(blank.words)
    assert not patient & set(filled.words)
    assert "castlebourne" in filled.words
