"""Examining: one image or one post's text through every detector.

The steps of `Examiner.examine_image`:

1. Decode within limits, upright (`detectors.image`).
2. Read the words of each page with the OCR engine, unless the page has text of its own.
3. Run every detector of `detectors.table` over each page. Where people may have been missed, read it closely
   and run those that read text again.
4. Fingerprint the first page (`detectors.fingerprints`).
5. Collect the words that a preview may show.
6. Look the identifiers of each page up in the registers (`recognise`), where their keys are.

A detector that fails does not stop the others; its name and the kind of failure are noted.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from detectors import leak_votes
from detectors.base import Box, Content, Detector, Finding, TextLayer, TextReader
from detectors.closer import worth_a_closer_look
from detectors.fingerprints import Fingerprint, fingerprint
from detectors.image import DecodedImage, decode
from detectors.local_features import page_features, reduced
from detectors.normalise import post_text
from detectors.ocr import reader_for
from detectors.passages import (
    CONTEXT_DETECTORS,
    LONGEST_CONTEXT,
    MOST_CONTEXT,
    TAG_DETECTORS,
    PostText,
    as_context,
    as_tags,
    in_parts,
)
from detectors.register import match as register
from detectors.safe_words import safe_boxes
from detectors.table import TEXT_DETECTORS, ExaminerConfig, detectors_for
from detectors.templates.sketch import sketch_of

_SKETCHED_WORDS = 8
"""A first page with fewer words shows no document, and no template will ever be found on it."""


@dataclass(frozen=True)
class Examination:
    """What was seen in one image, or in one post's text.

    Boxes are in pixels of the upright original. `pages` are the widths and heights of its pages (a
    picture has one). `safe_boxes` are words a preview may show, `hidden_boxes` all others, as (page, box);
    they may overlap on a slant. `features` are the first page's strongest ORB descriptors, 32 bytes each,
    without their places. `text` is the clear text, pages parted by form feeds: for sealing only.
    `sketch` is what tells later whether the first page showed a template (`detectors.templates.sketch`).
    """

    findings: tuple[Finding, ...]
    fingerprint: Fingerprint | None = None
    features: bytes = field(default=b"", repr=False)
    pages: tuple[tuple[int, int], ...] = ()
    safe_boxes: tuple[tuple[int, Box], ...] = ()
    hidden_boxes: tuple[tuple[int, Box], ...] = ()
    text: str = field(default="", repr=False)
    engine: str | None = None
    notes: tuple[str, ...] = ()
    sketch: bytes = field(default=b"", repr=False)

    @property
    def width(self) -> int:
        """The first page's width; 0 for text."""
        return self.pages[0][0] if self.pages else 0

    @property
    def height(self) -> int:
        """The first page's height; 0 for text."""
        return self.pages[0][1] if self.pages else 0

    @property
    def frames(self) -> int:
        """How many pages were examined; 0 for text."""
        return len(self.pages)


def recognise(examined: Examination, config: ExaminerConfig) -> Examination:
    """An examination with what the registers know of its identifiers.

    A register that cannot be asked is noted, and stops nothing.
    """
    if not config.registers:
        return examined
    notes = [f"The register {r.name} could not be asked." for r in config.registers if r.table is None]
    try:
        found = register.match_findings(
            examined.findings, config.registers, needed=config.register_fields, text=examined.text
        )
    except Exception as error:  # noqa: BLE001 - as for detectors: the rest of the examination stands
        found, notes = [], [*notes, f"The detector {register.NAME} failed: {type(error).__name__}."]
    return replace(examined, findings=(*examined.findings, *found), notes=(*examined.notes, *notes))


class Examiner:
    """Runs the set of detectors. The OCR engine's models load with the first image."""

    def __init__(
        self,
        config: ExaminerConfig | None = None,
        detectors: Sequence[Detector] | None = None,
        reader: TextReader | None = None,
    ) -> None:
        """Take the table's detectors and the configured engine, or these in their place."""
        self.config = config or ExaminerConfig()
        self._detectors = detectors_for(self.config) if detectors is None else list(detectors)
        self._given_reader = reader

    @property
    def signature(self) -> str:
        """Equal signatures mean equal findings for the same content."""
        return self.config.signature

    @cached_property
    def _reader(self) -> TextReader:
        return self._given_reader or reader_for(self.config.engine)

    def warm_up(self) -> None:
        """Load the OCR engine's models now. Raises EngineUnavailable."""
        _ = self._reader

    def examine_image(self, data: bytes) -> Examination:
        """Examine one picture file. Raises ImageUnreadable and EngineUnavailable."""
        image = decode(data, self.config.limits)
        findings: list[Finding] = []
        notes = list(image.notes)
        safe: list[tuple[int, Box]] = []
        hidden: list[tuple[int, Box]] = []
        texts = []
        for number in range(len(image.pages)):
            text, found = self._examine_page(image, number, notes)
            findings.extend(found)
            shown = list(safe_boxes(text, found))
            safe.extend((number, box) for box in shown)
            hidden.extend((number, word.box) for word in text.words if word.box not in shown)
            texts.append(text.text)
        first = image.pages[0].pixels
        grey = reduced(first)
        described = page_features(grey)
        examined = Examination(
            findings=tuple(findings),
            fingerprint=fingerprint(first),
            features=leak_votes.features_of(first, grey, described),
            sketch=sketch_of(grey, described) if len(texts[0].split()) >= _SKETCHED_WORDS else b"",
            pages=tuple((page.width, page.height) for page in image.pages),
            safe_boxes=tuple(safe),
            hidden_boxes=tuple(hidden),
            text="\f".join(texts),
            engine=self._reader.name if any(page.text is None for page in image.pages) else None,
            notes=tuple(notes),
        )
        return recognise(examined, self.config)

    def examine_text(self, text: str | PostText) -> Examination:
        """Examine what somebody wrote, a text alone or a post's parts; no engine is needed."""
        words = PostText(text) if isinstance(text, str) else text
        notes: list[str] = []
        findings = list(in_parts(self._detect_in(words.whole, notes), words))
        if tags := words.tag_words:
            findings.extend(as_tags(self._detect_in(tags, notes, TAG_DETECTORS)))
        for answered in words.thread[:MOST_CONTEXT]:
            found = self._detect_in(answered[:LONGEST_CONTEXT], notes, CONTEXT_DETECTORS)
            findings.extend(as_context(found))
        examined = Examination(findings=tuple(findings), text=words.whole, notes=tuple(dict.fromkeys(notes)))
        return recognise(examined, self.config)

    def _detect_in(self, text: str, notes: list[str], only: Container[str] | None = None) -> list[Finding]:
        """What the detectors, or those named in `only`, say of a text that somebody typed."""
        detectors = self._detectors if only is None else [d for d in self._detectors if d.name in only]
        return self._detect(Content(post_text(text)), notes, detectors)

    def _examine_page(
        self, image: DecodedImage, number: int, notes: list[str]
    ) -> tuple[TextLayer, list[Finding]]:
        """A page's text and what is seen on it; read twice where people may have been missed."""
        page = image.pages[number]
        first = TextLayer("ocr") if page.text else self._reader.read(page.pixels)
        text = page.text or page.original_text(first)
        content = Content(text, page.pixels, number, page.scale, image.facts if number == 0 else ())
        found = self._detect(content, notes, self._detectors)
        if public := [each for each in found if each.explanation.facts.get("copy")]:
            return text, public  # whatever a public page says is public
        if page.text or not worth_a_closer_look(found):
            return text, found
        text = page.original_text(self._reader.read_closely(page.pixels, first))
        of_text = [d for d in self._detectors if d.name in TEXT_DETECTORS]
        again = self._detect(replace(content, text=text), notes, of_text)
        return text, [*again, *(f for f in found if not _read_again(f))]

    def _detect(self, content: Content, notes: list[str], detectors: Sequence[Detector]) -> list[Finding]:
        findings: list[Finding] = []
        for detector in detectors:
            try:
                findings.extend(list(detector.detect(content)))
            except Exception as error:  # noqa: BLE001 - one failing detector must not blind the others
                notes.append(f"The detector {detector.name} failed: {type(error).__name__}.")
        return findings


def _read_again(finding: Finding) -> bool:
    """Whether a finding is of the words of a first reading, which a closer one replaces."""
    return finding.detector in TEXT_DETECTORS and finding.explanation.facts.get("origin") == "ocr"
