"""Template matching by hash: what it recognises, what it must leave alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, ImageOps

from detectors.base import Content, Finding, ImageUnreadable, Pixels, TextLayer
from detectors.image import decode
from detectors.templates import (
    TemplateDetector,
    TemplateSignal,
    TemplateUnsuitable,
    Thresholds,
    match_report,
    signal_of,
)
from detectors.views import document_views, find_page
from tests.detectors.letters import Letter, clinic_letter, encoded, landscape, photographed


@pytest.fixture(scope="module")
def signal(letter: Letter) -> TemplateSignal:
    """The clinic letter, registered."""
    return signal_of(encoded(letter.picture), name="clinic", organisation="Castlebourne Hospitals NHS Trust")


@pytest.fixture(scope="module")
def filled() -> Letter:
    """Another patient's letter on the same template."""
    return clinic_letter(name="Tobias Wren", number="999 000 0018")


def _found(signal: TemplateSignal, pixels: Pixels) -> list[Finding]:
    return list(TemplateDetector([signal]).detect(Content(TextLayer("ocr"), np.ascontiguousarray(pixels))))


def test_a_match_explains_itself(signal: TemplateSignal, filled: Letter) -> None:
    """A finding names the template and carries the distance, the threshold and the evidence level."""
    (finding,) = _found(signal, filled.pixels)
    assert (finding.kind, finding.masked, finding.value) == ("template", "clinic", None)
    assert "Castlebourne" in finding.explanation.why
    facts = finding.explanation.facts
    assert facts["level"] == "hash_match"
    assert facts["distance"] <= facts["threshold"]
    assert facts["turn"] == 0


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_copy_is_recognised(signal: TemplateSignal, filled: Letter, turn: int) -> None:
    """A page lying on its side or upside down matches, and the finding says how far to turn it."""
    (finding,) = _found(signal, np.rot90(filled.pixels, turn))
    assert finding.explanation.facts["turn"] == 4 - turn


def test_a_dark_mode_copy_is_recognised(signal: TemplateSignal, filled: Letter) -> None:
    """Inverted colours do not matter."""
    assert _found(signal, 255 - filled.pixels)


def test_a_recompressed_copy_is_recognised(signal: TemplateSignal, filled: Letter) -> None:
    """A small, badly compressed copy matches."""
    small = filled.picture.resize((360, 509))
    assert _found(signal, decode(encoded(small, "JPEG", quality=35)).frames[0])


def test_a_letterboxed_copy_is_recognised(signal: TemplateSignal, filled: Letter) -> None:
    """Flat bars round the page, as story screens add, are trimmed away."""
    boxed = ImageOps.expand(filled.picture, border=(180, 420), fill=(20, 20, 24))
    (finding,) = _found(signal, np.asarray(boxed))
    assert finding.explanation.facts["view"] in ("trimmed", "page")


def test_a_photographed_page_is_recognised(signal: TemplateSignal, filled: Letter) -> None:
    """A page lying slightly turned on a dark table is found, straightened and matched."""
    (finding,) = _found(signal, photographed(filled))
    assert finding.explanation.facts["view"] == "page"


@pytest.mark.parametrize("seed", range(4))
def test_photographs_do_not_match(signal: TemplateSignal, seed: int) -> None:
    """Pictures without a document match no template."""
    assert not _found(signal, landscape((700, 990), seed=seed))


@pytest.mark.parametrize("level", [30, 255])
def test_blank_pages_do_not_match(signal: TemplateSignal, level: int) -> None:
    """A blank page says nothing, so it matches nothing."""
    assert not _found(signal, np.full((990, 700, 3), level, np.uint8))


def test_only_the_nearest_template_is_found(signal: TemplateSignal, filled: Letter) -> None:
    """Of two alike templates, the one the page was made from is reported alone."""
    sister = clinic_letter(trust="Kirkholme Community NHS Trust", colour="#330072")
    signals = [signal_of(encoded(sister.picture), name="sister"), signal]
    findings = list(TemplateDetector(signals).detect(Content(TextLayer("ocr"), filled.pixels)))
    assert [finding.masked for finding in findings] == ["clinic"]


def test_text_alone_yields_nothing(signal: TemplateSignal) -> None:
    """A post without a picture cannot match."""
    assert not list(TemplateDetector([signal]).detect(Content(TextLayer("post", plain="Dear Sir"))))


def test_no_templates_yield_nothing(letter: Letter) -> None:
    """A detector without templates finds nothing."""
    assert not list(TemplateDetector([]).detect(Content(TextLayer("ocr"), letter.pixels)))


def test_thresholds_are_obeyed(signal: TemplateSignal, filled: Letter) -> None:
    """A stricter threshold turns a match down."""
    strict = TemplateDetector([signal], Thresholds(page=-1, header=-1))
    assert not list(strict.detect(Content(TextLayer("ocr"), filled.pixels)))


def test_the_report_gives_every_template_its_distance(signal: TemplateSignal, filled: Letter) -> None:
    """Each template of the picture's shape appears once, nearest first, matched or not."""
    noise = Image.effect_noise((1000, 1414), 90)
    other = signal_of(encoded(noise), name="noise")
    report = match_report(filled.pixels, [other, signal])
    assert [(match.signal.name, match.matched) for match in report] == [("clinic", True), ("noise", False)]
    assert report[1].distance > report[1].threshold


def test_a_signal_survives_storage(signal: TemplateSignal) -> None:
    """to_json is plain JSON and from_json gives the same signal back."""
    assert TemplateSignal.from_json(json.loads(json.dumps(signal.to_json()))) == signal


@pytest.mark.parametrize("change", [{"page": "zz"}, {"header": "abcd"}, {"aspect": "wide"}, {"aspect": 0}])
def test_a_damaged_signal_is_refused(signal: TemplateSignal, change: dict[str, object]) -> None:
    """A stored signal with a wrong value is an error that says what to do."""
    with pytest.raises(ValueError, match="register it again"):
        TemplateSignal.from_json({**signal.to_json(), **change})


def test_an_incomplete_signal_is_refused() -> None:
    """A stored signal without its hashes is an error."""
    with pytest.raises(ValueError, match="incomplete"):
        TemplateSignal.from_json({"name": "clinic"})


def test_a_blank_page_cannot_be_registered() -> None:
    """A template without print would match every blank page."""
    with pytest.raises(TemplateUnsuitable, match="nearly blank"):
        signal_of(encoded(Image.new("RGB", (600, 800), "white")), name="blank")


def test_a_small_picture_cannot_be_registered(letter: Letter) -> None:
    """A thumbnail is too small to make a template of."""
    with pytest.raises(TemplateUnsuitable, match="120 x 170"):
        signal_of(encoded(letter.picture.resize((120, 170))), name="thumbnail")


def test_what_is_no_picture_cannot_be_registered() -> None:
    """Registering a text file fails like decoding it."""
    with pytest.raises(ImageUnreadable, match="holds text"):
        signal_of(b"a letter, but typed", name="text")


def test_the_whole_picture_is_always_a_view(letter: Letter) -> None:
    """Whatever else is found, the picture itself is compared too."""
    assert next(iter(document_views(letter.pixels)))[0] == "whole"


def test_no_page_is_found_where_there_is_none() -> None:
    """A picture of one brightness has no page on it."""
    assert find_page(np.full((300, 300, 3), 90, np.uint8)) is None
