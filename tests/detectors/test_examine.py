"""Examining whole images and posts: the table, signatures, safe words, failures."""

from __future__ import annotations

import io
import pickle
import time
from collections.abc import Iterator

import pytest
from PIL import Image

from detectors.assess import assess
from detectors.base import (
    Box,
    Content,
    DetectorError,
    Finding,
    ImageUnreadable,
    Pixels,
    TextLayer,
    Word,
    by_kind,
)
from detectors.examine import Examination, Examiner
from detectors.image import ImageLimits
from detectors.leak_votes import KEPT
from detectors.local_features import extract, page_features, reduced
from detectors.normalise import TextDetector, read_layer
from detectors.table import DETECTORS, ExaminerConfig, detector_table, detectors_for
from detectors.templates import TemplateBank, TemplateDetector, TemplateSaid, learn
from detectors.templates.corners import PICTURE_SIZES, halved
from tests.detectors.letters import BORN, NAME, NUMBER, Letter, clinic_letter
from tests.detectors.registering import Reader
from tests.monitor.pictures import encode

PAPER = encode(Image.new("RGB", (1000, 400), "white"))
CONFIG = ExaminerConfig(engine="rapidocr", accept_unissued=True)


def beside(letter: Letter) -> Letter:
    """A picture of the letter and of something else."""
    page = Image.new("RGB", (1600, 1414), "white")
    page.paste(letter.picture, (0, 0))
    return Letter(page, letter.places)


@pytest.fixture(scope="module")
def examined(letter: Letter) -> Examination:
    """A clinic letter as an examiner sees it."""
    data = io.BytesIO()
    letter.picture.save(data, "PNG")
    return Examiner(CONFIG).examine_image(data.getvalue())


def test_a_letter_s_patient_is_found_with_places(letter: Letter, examined: Examination) -> None:
    """The number, birth and name are found where they stand, masked, and the post would alert."""
    [number] = by_kind(examined.findings, "nhs_number")
    assert number.value == NUMBER.replace(" ", "")
    assert number.masked == "999 *** **54"
    place = letter.places[NUMBER]
    assert number.box is not None
    assert abs(number.box.x - place.x) < 20
    assert abs(number.box.y - place.y) < 20
    assert BORN in {f.value for f in by_kind(examined.findings, "date_of_birth")}
    assert NAME in {f.value for f in by_kind(examined.findings, "person_name")}
    assert assess(examined.findings).alert


def test_an_examination_describes_its_picture(examined: Examination) -> None:
    """Size, frames, engine and fingerprint are told."""
    assert (examined.width, examined.height, examined.frames) == (1000, 1414, 1)
    assert examined.engine == "rapidocr"
    assert examined.fingerprint is not None
    assert NAME in examined.text


@pytest.mark.parametrize("dark", [False, True])
def test_a_page_is_described_once_for_its_features_and_its_sketch(letter: Letter, dark: bool) -> None:
    """Dark print on light, whatever the page is; features of a dark page as it is follow."""
    pixels = 255 - letter.pixels if dark else letter.pixels
    seen = Examiner(CONFIG, [], TwoLooks("word " * 8, "")).examine_image(encode(Image.fromarray(pixels)))
    found = page_features(reduced(pixels))
    assert found.share(KEPT).descriptors.tobytes() in seen.features
    assert (extract(reduced(pixels), KEPT).descriptors.tobytes() in seen.features) == dark
    assert halved(found.of_first(PICTURE_SIZES)).descriptors.tobytes() in seen.sketch


class TwoLooks:
    """A reader whose first look at a ward list misses what its closer look sees."""

    name = "two looks"

    def __init__(self, first: str, closer: str) -> None:
        self.first, self.closer, self.looks = first, closer, [0, 0]

    def read(self, pixels: Pixels) -> TextLayer:
        """The first look."""
        self.looks[0] += 1
        return words(self.first)

    def read_closely(self, pixels: Pixels, first: TextLayer | None = None) -> TextLayer:
        """The closer look."""
        self.looks[1] += 1
        assert first == words(self.first)
        return words(self.closer)


def words(text: str) -> TextLayer:
    """A layer of these words, a row a line."""
    rows = enumerate(text.split("\n"))
    return TextLayer(
        "ocr",
        tuple(
            Word(word, Box(10 + 90 * at, 10 + 30 * row, 80, 20), 0.9, row)
            for row, line in rows
            for at, word in enumerate(line.split())
        ),
    )


ROW = "Bed 1 SMITH, Ann 14/07/1945 NHS No 999 000 0018 pneumonia, iv antibiotics"
OTHER_ROW = "Bed 2 JONES, Bob 01/05/1961 NHS No 999 012 3454 COPD, nebulisers"


@pytest.mark.parametrize(
    ("first", "closer", "numbers"),
    [
        (f"Ward handover\n{ROW}\nBed 2 JONES, Bob 01/05/1961", f"Ward handover\n{ROW}\n{OTHER_ROW}", 2),
        (f"Ward handover\n{ROW.replace('0018', '0019')}", f"Ward handover\n{ROW}", 1),
    ],
)
def test_alerts_that_may_hide_somebody_are_read_closely(first: str, closer: str, numbers: int) -> None:
    """A list, and a number that was misread, get a second look, and its words count."""
    reader = TwoLooks(first, closer)
    examined = Examiner(CONFIG, reader=reader).examine_image(PAPER)
    assert reader.looks == [1, 1]
    assert len([f for f in by_kind(examined.findings, "nhs_number") if f.valid]) == numbers
    assert examined.text == closer


def test_a_second_reading_forgets_nothing_of_the_picture(letter: Letter) -> None:
    """What a page's print showed, such as known benign material, counts beside words that were read anew."""
    ward = f"Ward handover\n{ROW.replace('0018', '0019')}\n{ROW}\n{OTHER_ROW}"
    reader = TwoLooks(ward, ward)
    said = TemplateSaid("poster", kind="benign")
    bank = TemplateBank.of([learn([letter.pixels], said, TwoLooks("", "")).template])
    examiner = Examiner(CONFIG, [*detectors_for(CONFIG), TemplateDetector(bank)], reader)
    examined = examiner.examine_image(encode(beside(letter).picture))
    assert reader.looks == [1, 1]
    assert [f.masked for f in by_kind(examined.findings, "filter")] == ["poster"]


@pytest.mark.parametrize(
    ("shown", "kinds"),
    [
        (clinic_letter(), {"filter"}),
        (clinic_letter(name="Tobias Wren", number="999 000 0018"), {"nhs_number", "person_name"}),
        (beside(clinic_letter()), {"filter", "nhs_number", "person_name"}),
    ],
    ids=["the page", "another patient's", "with more beside it"],
)
def test_what_stands_on_a_public_page_is_public(letter: Letter, shown: Letter, kinds: set[str]) -> None:
    """A copy of registered public material, names and numbers and all, is that and nothing else."""
    said = TemplateSaid("leaflet", kind="benign")
    bank = TemplateBank.of([learn([letter.pixels], said, Reader(letter)).template])
    examiner = Examiner(CONFIG, [*detectors_for(CONFIG), TemplateDetector(bank)], Reader(shown))
    examined = examiner.examine_image(encode(shown.picture)).findings
    found = {f.kind for f in examined if f.kind != "filter" or f.masked == "leaflet"}
    assert found & {"filter", "nhs_number", "person_name"} == kinds


@pytest.mark.parametrize("text", ["Menu of the day\nSoup 4.50", f"Discharge summary\n{ROW[6:]}"])
def test_everything_else_is_read_once(text: str) -> None:
    """What does not alert, and a record of one person whose number was read, cost one look."""
    reader = TwoLooks(text, "never seen")
    assert Examiner(CONFIG, reader=reader).examine_image(PAPER).text == text
    assert reader.looks == [1, 0]


def test_safe_words_show_nothing_personal(letter: Letter, examined: Examination) -> None:
    """Headings and labels may be shown; no safe box touches the number, the name or the birth."""
    boxes = [box for page, box in examined.safe_boxes if page == 0]
    assert boxes
    for text in (NUMBER, NAME, BORN, "K4471802"):
        place = letter.places[text]
        for box in boxes:
            apart = (
                box.x >= place.x + place.width
                or place.x >= box.x + box.width
                or box.y >= place.y + place.height
                or place.y >= box.y + box.height
            )
            assert apart


def test_every_word_is_either_safe_or_hidden(letter: Letter, examined: Examination) -> None:
    """A word that may not be shown is told to the preview, so that a slanted neighbour hides it."""
    safe, hidden = set(examined.safe_boxes), set(examined.hidden_boxes)
    assert not safe & hidden
    number = letter.places[NUMBER]
    covering = [
        box for _, box in hidden if box.y < number.y + number.height and number.y < box.y + box.height
    ]
    assert covering


def test_clear_text_stays_out_of_the_repr(examined: Examination) -> None:
    """Neither the text nor a value shows when an examination is printed."""
    shown = repr(examined)
    assert NAME not in shown
    assert NUMBER not in shown
    assert NUMBER.replace(" ", "") not in shown


def test_bytes_that_are_no_picture_are_refused() -> None:
    """The error is the port's own."""
    with pytest.raises(ImageUnreadable):
        Examiner(CONFIG).examine_image(b"not a picture")


def test_text_is_examined_without_an_engine() -> None:
    """A post's text has findings and no picture."""
    examined = Examiner(CONFIG).examine_text("NHS number 999 000 0018 of Ann Smith")
    assert by_kind(examined.findings, "nhs_number")
    assert (examined.fingerprint, examined.frames, examined.engine) == (None, 0, None)


def test_every_detector_bears_its_table_s_name() -> None:
    """The table's key is the name in the findings, and no two share one."""
    assert [d.name for d in detectors_for(CONFIG)] == list(DETECTORS)


def test_two_detectors_of_one_name_are_refused() -> None:
    """The table says so at once."""
    entry = ("twice", DETECTORS["claim"])
    with pytest.raises(DetectorError, match="twice"):
        detector_table(entry, entry)


def test_signatures_follow_the_configuration() -> None:
    """Equal configurations sign alike; any option changes the signature; both travel between processes."""
    same = ExaminerConfig(engine="rapidocr", accept_unissued=True)
    assert Examiner(same).signature == CONFIG.signature
    others = [
        ExaminerConfig(engine="rapidocr"),
        ExaminerConfig(engine="rapidocr", accept_unissued=True, limits=ImageLimits(max_megapixels=5)),
    ]
    assert CONFIG.signature not in {other.signature for other in others}
    sent = pickle.loads(pickle.dumps(CONFIG))
    assert (sent, hash(sent), sent.signature) == (CONFIG, hash(CONFIG), CONFIG.signature)


class _Failing:
    """A detector that quotes what it read when it fails."""

    name = "failing"
    version = "1"

    def detect(self, content: Content) -> Iterator[Finding]:
        yield from ()
        raise ValueError(content.text.text)


def test_a_failing_detector_stops_no_other_and_quotes_nothing() -> None:
    """The note names the detector and the kind of failure, never the message."""
    working = DETECTORS["patient_number"](CONFIG)
    examined = Examiner(CONFIG, [_Failing(), working]).examine_text("NHS number 999 000 0018")
    assert by_kind(examined.findings, "nhs_number")
    assert examined.notes == ("The detector failing failed: ValueError.",)


def test_findings_fit_a_json_column() -> None:
    """Facts are plain values, so that they can be stored."""
    import json

    text = "Dear Mrs Abernathy, discharge summary, NHS No 999 000 0018, DOB 1/2/1950, 4 Mill Lane CB1 2AB"
    for finding in Examiner(CONFIG).examine_text(text).findings:
        json.dumps(dict(finding.explanation.facts))
        assert isinstance(finding, Finding)


def test_text_detectors_are_made_of_functions() -> None:
    """All but the picture's detectors share one class."""
    made = detectors_for(CONFIG)
    assert sum(isinstance(d, TextDetector) for d in made) == len(made) - 4


@pytest.mark.parametrize(
    "text",
    [
        "A" * 20_000,
        "Aa " * 7_000,
        "\n" * 20_000,
        "9 " * 9_000,
        "Dear Mr " * 2_500,
        "Aaaaaaaaaa" * 1_000 + " Hospital",
        "NI No: AB 12 34 56 " * 1_200,
        "000000-A99999-" * 1_500,
        "UBRN access code: 0001 2345 " * 800,
        "a." * 10_000,
        "a@b." * 5_000,
        "07700 900" * 2_000,
        "1" * 18_000,
        "+44 (0) " * 2_500,
        "tel 7700900019 " * 1_300,
        "SNOMED 22298006 ICD I21. OPCS W37. " * 600,
        "Surgery (A23856) " * 1_200,
        "GMC no no " * 2_000,
        "Lab No 1," * 2_000,
        "8018 " * 4_000,
    ],
    ids=[
        *("letters", "words", "newlines", "digits", "salutations", "one long name", "insurance numbers"),
        *("prescriptions", "bookings", "dots", "mail", "telephones", "one long number", "prefixes"),
        "telephones in a row",
        *("codes", "organisations", "registrations", "laboratory numbers", "GS1 numbers"),
    ],
)
def test_hostile_text_costs_little(text: str) -> None:
    """No pattern takes quadratic time over text made to hurt it."""
    examiner = Examiner(CONFIG)
    examiner.examine_text("the first text pays for compiling the lexicons")
    assert min(_cpu_seconds(examiner, text) for _ in range(2)) < 3


def _cpu_seconds(examiner: Examiner, text: str) -> float:
    read_layer.cache_clear()
    started = time.process_time()
    examiner.examine_text(text)
    return time.process_time() - started
