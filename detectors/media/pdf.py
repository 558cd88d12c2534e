"""PDF documents, through PDFium: pages as pictures, with the text a page holds where it can be trusted.

1. Open; an encrypted or damaged document is refused.
2. Weigh each page before it is drawn: its objects and the pixels of its pictures are capped.
3. Take the page's own words, unless it is a scan, a form or nearly without text: an engine reads those.
   Words under a black bar are still words: a document that was only painted over gives itself away.
4. Draw the page with its longer side at 2,000 pixels, whatever size it claims.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from detectors.base import Box, FileFact, ImageUnreadable, TextLayer, Word
from detectors.media.base import DecodedImage, ImageLimits, Page
from detectors.metadata import fact
from detectors.ocr.rows import Piece, in_rows

if TYPE_CHECKING:
    import pypdfium2  # type: ignore[import-untyped]

_LONGEST_SIDE = 2000
_MOST_ZOOM = 300 / 72
_MOST_OBJECTS = 50_000
_MOST_CHARACTERS = 20_000
LEAST_WORDS = 20
_SCAN_SHARE = 0.2
"""A page whose pictures cover this much of it may say in them what its text does not."""
_DEPTH = 3
_PASSWORD = 4
"""PDFium's error code FPDF_ERR_PASSWORD."""

_pdfium = threading.Lock()
"""PDFium works on one document at a time."""


def decode_pdf(data: bytes, limits: ImageLimits, *, least_words: int = LEAST_WORDS) -> DecodedImage:
    """The pages of a PDF document; those of fewer words than `least_words` are left to an engine.

    Raises ImageUnreadable with one sentence.
    """
    import pypdfium2  # noqa: PLC0415 - loads a large library

    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(data)
            try:
                return _decode_open(document, limits, least_words)
            finally:
                document.close()
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == _PASSWORD:
                raise ImageUnreadable("The PDF document is encrypted; it needs a password to open.") from None
            raise ImageUnreadable("The PDF document is truncated or damaged and cannot be opened.") from error


def _decode_open(document: pypdfium2.PdfDocument, limits: ImageLimits, least_words: int) -> DecodedImage:
    if len(document) == 0:
        raise ImageUnreadable("The PDF document has no pages.")
    is_form = bool(document.get_formtype())
    if is_form:
        document.init_forms()
    notes: list[str] = []
    pages = list(_pages(document, limits, notes, None if is_form else least_words))
    if not pages:
        raise ImageUnreadable("No page of the PDF document can be drawn within the limits.")
    if len(pages) < len(document):
        notes.append(f"{len(pages)} of {len(document)} pages examined")
    return DecodedImage(tuple(pages), "PDF", tuple(notes), tuple(_facts(document)))


def _facts(document: pypdfium2.PdfDocument) -> Iterator[FileFact]:
    said = document.get_metadata_dict()
    facts = (
        fact("software", said.get("Creator") or said.get("Producer") or ""),
        fact("taken_at", said.get("CreationDate", "")),
        fact("owner", said.get("Author", ""), secret=True),
        fact("title", said.get("Title", ""), secret=True),
    )
    return (known for known in facts if known)


def _pages(
    document: pypdfium2.PdfDocument, limits: ImageLimits, notes: list[str], least_words: int | None
) -> Iterator[Page]:
    """The first pages; of those that an engine must read, no more than a picture may have frames."""
    to_read = 0
    for number in range(min(len(document), limits.max_pages)):
        page = document[number]
        reason = _too_costly(page, limits)
        if reason:
            notes.append(f"page {number + 1} was not drawn: {reason}")
            continue
        own_text = least_words is not None and _has_telling_text(page, least_words)
        to_read += not own_text
        if own_text or to_read <= limits.max_frames:
            yield _drawn(page, own_text=own_text)


def _pictures(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfImage]:
    import pypdfium2  # noqa: PLC0415 - loaded by now

    for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH):
        if isinstance(thing, pypdfium2.PdfImage):
            yield thing


def _too_costly(page: pypdfium2.PdfPage, limits: ImageLimits) -> str | None:
    import pypdfium2  # noqa: PLC0415 - loaded by now

    if pypdfium2.raw.FPDFPage_CountObjects(page) > _MOST_OBJECTS:
        return f"it holds more than {_MOST_OBJECTS} objects"
    pixels = 0
    for picture in _pictures(page):
        width, height = picture.get_px_size()
        pixels += width * height
    if pixels > limits.max_total_megapixels * 1_000_000:
        return f"its pictures have more than {limits.max_total_megapixels:g} megapixels"
    return None


def _has_telling_text(page: pypdfium2.PdfPage, least_words: int) -> bool:
    """Whether the page's own text says all that is to be read on it."""
    text = page.get_textpage()
    if len(text.get_text_range(0, min(text.count_chars(), _MOST_CHARACTERS)).split()) < least_words:
        return False
    width, height = page.get_size()
    covered = 0.0
    for picture in _pictures(page):
        left, bottom, right, top = picture.get_bounds()
        covered += abs((right - left) * (top - bottom))
    return covered < _SCAN_SHARE * float(width * height)


def _drawn(page: pypdfium2.PdfPage, *, own_text: bool) -> Page:
    scale = min(_LONGEST_SIDE / max(*page.get_size(), 1.0), _MOST_ZOOM)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    pixels = np.array(bitmap.to_numpy()[..., :3], np.uint8)
    return Page.of(pixels, "page", _text_of(page, bitmap) if own_text else None)


def _text_of(page: pypdfium2.PdfPage, bitmap: pypdfium2.PdfBitmap) -> TextLayer:
    """The page's words where they stand in the bitmap, put into rows as an engine's are."""
    return in_rows([_piece(word) for word in _words(page, bitmap)])


def _piece(word: Word) -> Piece:
    x, y, width, height = word.box
    return Piece((x, y + height / 2), (x + width, y + height / 2), float(max(height, 1)), (word,))


def _words(page: pypdfium2.PdfPage, bitmap: pypdfium2.PdfBitmap) -> Iterator[Word]:
    text = page.get_textpage()
    place = bitmap.get_posconv(page)
    letters: list[str] = []
    around: Box | None = None
    count = min(text.count_chars(), _MOST_CHARACTERS)
    for at, character in enumerate(text.get_text_range(0, count)[:count]):
        if character.isspace():
            if around:
                yield Word("".join(letters), around, 1.0, 0)
            letters, around = [], None
            continue
        left, bottom, right, top = text.get_charbox(at, loose=True)
        (x0, y0), (x1, y1) = place.to_bitmap(left, top), place.to_bitmap(right, bottom)
        box = Box(min(x0, x1), min(y0, y1), max(abs(x1 - x0), 1), max(abs(y1 - y0), 1))
        letters.append(character)
        around = around.union(box) if around else box
    if around:
        yield Word("".join(letters), around, 1.0, 0)
