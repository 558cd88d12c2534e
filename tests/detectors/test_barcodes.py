"""Barcodes on photographs: real codes, turned, small and blurred, and the identifiers they carry."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp
from zxingcpp import BarcodeFormat

from detectors.assess import assess
from detectors.barcodes import BarcodeDetector
from detectors.base import Box, Content, Detector, Finding, Pixels, TextLayer, by_kind
from detectors.examine import Examiner
from detectors.table import DETECTORS, TEXT_DETECTORS, ExaminerConfig
from tests.detectors.letters import Letter, encoded, landscape

CONFIG = ExaminerConfig(engine="rapidocr", accept_unissued=True)
WRISTBAND = "(8018)000000099900000180(7253)OAKENFOLD(7254)MARGUERITE(7250)19510314"
PRESCRIPTION = "000000-A99999-00001W"
FORMATS = {
    "Code 128": (BarcodeFormat.Code128, PRESCRIPTION),
    "Code 39": (BarcodeFormat.Code39, "K4471802"),
    "EAN-13": (BarcodeFormat.EAN13, "5012345678900"),
    "Data Matrix": (BarcodeFormat.DataMatrix, WRISTBAND),
    "QR Code": (BarcodeFormat.QRCode, "https://trust.example/a?b=1"),
    "PDF417": (BarcodeFormat.PDF417, "OAKENFOLD MARGUERITE"),
    "Aztec": (BarcodeFormat.Aztec, "TICKET 1234567"),
}


def _drawn(name: str, module: int = 6) -> Pixels:
    """A code of this format as it would be printed, one module `module` pixels wide."""
    kind, text = FORMATS[name]
    options = {"gs1": True} if text.startswith("(") else {}
    code = zxingcpp.create_barcode(text, kind, **options)
    grey = np.array(code.to_image(scale=module, add_quiet_zones=True))
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8)


def _photographed(code: Pixels, *, angle: float = 0.0, blur: float = 0.0) -> tuple[Pixels, Box]:
    """The code on a landscape, turned, blurred and grainy, and the box round where it lies."""
    scene = cv2.resize(landscape(), (1600, 1200))
    height, width = code.shape[:2]
    place = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    place[:, 2] += (800 - width / 2, 600 - height / 2)
    laid = cv2.warpAffine(code, place, (1600, 1200))
    paper = cv2.warpAffine(np.full_like(code, 255), place, (1600, 1200)) > 127
    photo = np.where(paper, laid * 0.8 + 25, scene)
    if blur:
        photo = cv2.GaussianBlur(photo, (0, 0), blur)
    photo += np.random.default_rng(5).normal(0, 3, photo.shape)
    edge = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float32)
    box = cv2.boundingRect(cv2.transform(edge, place)[0])
    return np.clip(photo, 0, 255).astype(np.uint8), Box(*box)


def _detector() -> BarcodeDetector:
    readers: list[Detector] = [maker(CONFIG) for maker in TEXT_DETECTORS.values()]
    return BarcodeDetector(readers)


def _found(pixels: Pixels, scale: float = 1.0) -> list[Finding]:
    return list(_detector().detect(Content(TextLayer("ocr"), pixels, page=3, scale=scale)))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_back(name: str) -> None:
    """A printed code is found with its format, its clear value, its page, and a mask that tells nothing."""
    [barcode] = by_kind(_found(_drawn(name)), "barcode")
    assert barcode.value == FORMATS[name][1]
    assert barcode.explanation.facts["format"] == name
    assert barcode.page == 3
    assert not any(character.isalnum() for character in barcode.masked)


@pytest.mark.parametrize("angle", [0, 20, 45, 90, 135, 180, 290])
@pytest.mark.parametrize("name", ["Code 128", "Data Matrix", "QR Code"])
def test_codes_are_read_at_any_angle(name: str, angle: int) -> None:
    """However the wrist or the page lies, the code is read and its box lies on it."""
    photo, place = _photographed(_drawn(name, 4), angle=angle)
    [barcode] = by_kind(_found(photo), "barcode")
    assert barcode.value == FORMATS[name][1]
    assert barcode.box is not None
    middle = (barcode.box.x + barcode.box.width / 2, barcode.box.y + barcode.box.height / 2)
    assert place.x < middle[0] < place.x + place.width
    assert place.y < middle[1] < place.y + place.height


@pytest.mark.parametrize(
    ("name", "module", "angle", "blur"),
    [("Code 128", 3, 8, 0.5), ("Code 128", 6, 25, 2.5), ("Data Matrix", 3, 8, 0.5), ("QR Code", 6, 10, 2.0)],
)
def test_small_and_blurred_codes_are_read(name: str, module: int, angle: float, blur: float) -> None:
    """Codes of three pixels a module, and blurred ones, are read from photographs."""
    photo, _ = _photographed(_drawn(name, module), angle=angle, blur=blur)
    assert [f.value for f in by_kind(_found(photo), "barcode")] == [FORMATS[name][1]]


def test_a_wristband_s_code_tells_the_patient() -> None:
    """A GS1 DataMatrix gives the number in its GSRN, the birth and the name, all in the code's box."""
    photo, _ = _photographed(_drawn("Data Matrix"), angle=15)
    found = _found(photo)
    [barcode] = by_kind(found, "barcode")
    [number] = by_kind(found, "nhs_number")
    assert (number.value, number.masked, number.box) == ("9990000018", "999 *** **18", barcode.box)
    [birth] = by_kind(found, "date_of_birth")
    assert birth.value == "14/03/1951"
    assert "OAKENFOLD" in {str(f.value) for f in by_kind(found, "person_name")}
    assert all(f.span is None and f.page == 3 for f in found)


def test_a_prescription_s_code_is_its_id() -> None:
    """The Code 128 of a prescription token gives the prescription's id."""
    assert [f.valid for f in by_kind(_found(_drawn("Code 128")), "eps_id")] == [True]


def test_boxes_are_the_original_s() -> None:
    """On a picture that was decoded at half its size, boxes are twice as large."""
    [whole] = by_kind(_found(_drawn("QR Code")), "barcode")
    [half] = by_kind(_found(_drawn("QR Code"), scale=0.5), "barcode")
    assert whole.box is not None
    assert half.box == Box(*(2 * value for value in whole.box))


def test_a_code_seen_twice_is_told_once_and_two_codes_twice() -> None:
    """The two ways of reading do not count one code twice; two equal labels are two."""
    code = _drawn("QR Code")
    sheet = np.full((2 * code.shape[0] + 200, code.shape[1] + 100, 3), 255, np.uint8)
    sheet[20 : 20 + code.shape[0], 50:-50] = code
    sheet[-20 - code.shape[0] : -20, 50:-50] = code
    assert len(by_kind(_found(_drawn("Code 128")), "barcode")) == 1
    assert len(by_kind(_found(sheet), "barcode")) == 2


@pytest.mark.parametrize("name", ["EAN-13", "QR Code", "Aztec", "PDF417"])
def test_a_barcode_alone_is_no_patient(name: str) -> None:
    """Tins, tickets and links do not alert."""
    assert not assess(_found(_drawn(name))).alert


def test_a_parcel_s_number_that_passes_by_chance_does_not_alert() -> None:
    """Ten digits with a right check digit, with nothing else, are a parcel's as likely as a patient's."""
    code = zxingcpp.create_barcode("9990000018", BarcodeFormat.Code128)
    grey = np.array(code.to_image(scale=5, add_quiet_zones=True))
    found = _found(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8))
    assert by_kind(found, "nhs_number")
    assert not assess(found).alert


def test_pictures_without_codes_have_none(letter: Letter) -> None:
    """Print, hills, noise and a picture of one pixel hold no barcode."""
    noise = np.random.default_rng(2).integers(0, 255, (400, 500, 3)).astype(np.uint8)
    for pixels in (letter.pixels, landscape(), noise, np.zeros((1, 1, 3), np.uint8)):
        assert not _found(pixels)


def test_an_examined_photograph_has_its_barcodes() -> None:
    """The examiner's own table reads them, and their places can be marked in a preview."""
    photo, _ = _photographed(_drawn("Data Matrix"))
    found = Examiner(CONFIG).examine_image(encoded(photo)).findings
    assert "barcode" in DETECTORS
    assert {"barcode", "gsrn", "nhs_number"} <= {f.kind for f in found if f.value and f.box}


def test_a_text_has_no_barcodes() -> None:
    """Content without pixels gives nothing."""
    assert not list(_detector().detect(Content(TextLayer("post", plain="5012345678900"))))
