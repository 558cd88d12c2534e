"""What is compared: leakwatch, and what a programmer would put together in an afternoon.

A system is built in a process of its own and answers each case with a `Verdict`.

- `leakwatch`: the examiner and the assessment, as `leakwatch scan` runs them;
- `pytesseract`: pytesseract with its default options on the picture as it is, a regular expression for ten
  digits, modulus 11;
- `presidio`: the OCR of presidio-image-redactor and the NHS recogniser of presidio-analyzer (the extra
  `compare`), an alert from its own default score.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from detectors.base import Finding
from detectors.features import PATIENT_NUMBERS
from monitor.benchmark.corpus import Case
from monitor.errors import InvalidInput
from monitor.settings import Settings

_TEN_DIGITS = re.compile(r"(?<!\d)(\d{3})[ \-]?(\d{3})[ \-]?(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a system says of a case: does it alert, how sure is it (0-1), which patient numbers are there?"""

    alert: bool
    score: float
    numbers: frozenset[str] = frozenset()
    error: str | None = None


System = Callable[[Case], Verdict]


def leakwatch(settings: Settings) -> System:
    """Leakwatch with these settings, its models loaded."""
    from detectors.assess import assess  # noqa: PLC0415 - part of the start that is measured
    from detectors.base import DetectorError  # noqa: PLC0415
    from detectors.examine import Examiner  # noqa: PLC0415
    from monitor.scan import LIKELY  # noqa: PLC0415
    from monitor.templates import base_config  # noqa: PLC0415

    examiner = Examiner(base_config(settings))
    examiner.warm_up()

    def judge(case: Case) -> Verdict:
        findings: list[Finding] = []
        error = None
        if case.file:
            try:
                findings += examiner.examine_image(case.file.read_bytes()).findings
            except DetectorError as failed:
                error = str(failed)
        findings += examiner.examine_text(case.text).findings
        judged = assess(findings, threshold=settings.threshold)
        numbers = {
            finding.value
            for finding in findings
            if finding.kind in PATIENT_NUMBERS
            and finding.value
            and finding.valid
            and (judged.alert or finding.score >= LIKELY)
        }
        return Verdict(judged.alert, judged.score, frozenset(numbers), error)

    return judge


def pytesseract(_: Settings) -> System:
    """Ten digits that pass modulus 11 in what pytesseract reads by default."""
    from pytesseract import image_to_string  # noqa: PLC0415

    return _by_text(lambda data: image_to_string(_opened(data)), _passing)


def presidio(_: Settings) -> System:
    """The UK_NHS recogniser on what presidio's image analyser reads. Raises InvalidInput if not installed."""
    try:
        from presidio_analyzer.predefined_recognizers import NhsRecognizer  # noqa: PLC0415
        from presidio_image_redactor import TesseractOCR  # noqa: PLC0415
    except ImportError as error:
        raise InvalidInput(
            "presidio is not installed: pip install 'leakwatch[compare]', or leave it out."
        ) from error
    engine, recogniser = TesseractOCR(), NhsRecognizer()

    def read(data: bytes) -> str:
        return str(TesseractOCR.get_text_from_ocr_dict(engine.perform_ocr(_opened(data))))

    def numbers(text: str) -> Iterable[str]:
        for result in recogniser.analyze(text, ["UK_NHS"], None):
            yield re.sub(r"\D", "", text[result.start : result.end])

    return _by_text(read, numbers)


def _by_text(read: Callable[[bytes], str], numbers: Callable[[str], Iterable[str]]) -> System:
    def judge(case: Case) -> Verdict:
        seen = read(case.file.read_bytes()) if case.file else ""
        found = frozenset(numbers(f"{seen}\n{case.text}"))
        return Verdict(bool(found), float(bool(found)), found)

    return judge


def _opened(data: bytes) -> object:
    from PIL import Image  # noqa: PLC0415

    return Image.open(io.BytesIO(data)).convert("RGB")


def _passing(text: str) -> Iterable[str]:
    from stdnum.gb import nhs  # noqa: PLC0415

    for match in _TEN_DIGITS.finditer(text):
        if nhs.is_valid("".join(match.groups())):
            yield "".join(match.groups())


SYSTEMS: dict[str, Callable[[Settings], System]] = {
    "leakwatch": leakwatch,
    "pytesseract": pytesseract,
    "presidio": presidio,
}
