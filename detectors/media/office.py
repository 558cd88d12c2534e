"""Office documents: DOCX, XLSX, PPTX, ODT, ODS, ODP, RTF, and the old DOC, XLS and PPT.

1. Weigh the container (`detectors.media.archive`); a bomb or an encrypted document is refused.
2. Where LibreOffice is installed: convert to PDF, and take its pages (`detectors.media.libreoffice`).
3. Words that those pages do not show (comments, deletions, what narrow cells cut off) become further pages.
4. Else, or where that fails: all its words set as pages of our own, then its embedded pictures. The old
   formats cannot be read this way.

Either way nothing in the document is run, and nothing that it points to is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from itertools import groupby

from detectors.base import FileFact, ImageUnreadable
from detectors.media import libreoffice, markup, rtf
from detectors.media.archive import opened
from detectors.media.base import DecodedImage, ImageLimits, Page
from detectors.media.kinds import DOCX, ODP, ODS, ODT, OLD_OFFICE, PPTX, RTF, XLSX, media_type_of
from detectors.media.pdf import decode_pdf
from detectors.media.raster import FORMATS, decode_picture
from detectors.media.typeset import Line, typeset

VERSION = "2"
"""Goes up when other pages are made of the same document: results are kept by it."""

ENDINGS = {
    DOCX: ".docx",
    XLSX: ".xlsx",
    PPTX: ".pptx",
    ODT: ".odt",
    ODS: ".ods",
    ODP: ".odp",
    RTF: ".rtf",
}

_LEAST_SIDE = 64
"""Embedded pictures smaller than this are bullets and rules."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_KINDS = {
    "Workbook".encode("utf-16-le"): ("XLS", XLSX),
    "PowerPoint Document".encode("utf-16-le"): ("PPT", PPTX),
}
"""Names of streams in the old containers (MS-XLS, MS-PPT); anything else is taken for a DOC."""


def decode_office(data: bytes, media_type: str, limits: ImageLimits) -> DecodedImage:
    """The pages of an office document. Raises ImageUnreadable with one sentence."""
    if media_type == OLD_OFFICE:
        name, media_type = _old_kind(data)
        data = _renewed(data, name, media_type, limits)
    else:
        name = ENDINGS[media_type][1:].upper()
    content = _content(data, media_type)
    notes: list[str] = []
    if limits.use_libreoffice and libreoffice.program() is not None:
        try:
            return _drawn(data, ENDINGS[media_type], name, content, limits)
        except (libreoffice.ConversionFailed, ImageUnreadable) as error:
            notes.append(f"not drawn as its program would: {error}")
    return _set(content, name, limits, notes)


def _old_kind(data: bytes) -> tuple[str, str]:
    """The name of an old document's format, and what it becomes. Raises ImageUnreadable when it is locked."""
    if _ENCRYPTED in data:
        raise ImageUnreadable("The office document is encrypted; it needs a password to open.")
    return next((kind for name, kind in _OLD_KINDS.items() if name in data), ("DOC", DOCX))


def _renewed(data: bytes, name: str, media_type: str, limits: ImageLimits) -> bytes:
    """An old document in its program's new format: its words can be had as well as its pages."""
    if not limits.use_libreoffice or libreoffice.program() is None:
        raise ImageUnreadable(
            f"The file is an old {name} document; only an installed LibreOffice reads those."
        )
    try:
        return libreoffice.convert(data, f".{name.lower()}", ENDINGS[media_type])
    except libreoffice.ConversionFailed as error:
        raise ImageUnreadable(f"The old {name} document cannot be read. {error}") from error


@dataclass(frozen=True)
class _Content:
    """What a document holds: its words, its pictures' bytes, and what it says of itself."""

    lines: tuple[Line, ...]
    pictures: tuple[bytes, ...]
    facts: tuple[FileFact, ...] = ()


def _content(data: bytes, media_type: str) -> _Content:
    """What can be read without LibreOffice. Raises ImageUnreadable."""
    if media_type == RTF:
        written = rtf.read_rtf(data)
        return _Content(tuple(rtf.lines_of(written.text)), tuple(written.pictures))
    with opened(data) as archive:
        lines = tuple(_bounded(markup.lines_of(archive)))
        found = (archive.read(name, _MOST_PICTURE) for name in markup.pictures_of(archive)[:_MOST_PICTURES])
        return _Content(lines, tuple(filter(None, found)), tuple(markup.facts_of(archive)))


_MOST_PICTURE = 16 * 2**20
_MOST_PICTURES = 64


def _bounded(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines up to as many characters as fill the pages that are looked at, many times over."""
    left = markup.MOST_CHARACTERS
    for line in lines:
        yield line
        left -= sum(map(len, line))
        if left < 0:
            return


def _drawn(data: bytes, ending: str, name: str, content: _Content, limits: ImageLimits) -> DecodedImage:
    document = decode_pdf(libreoffice.convert(data, ending, ".pdf"), limits, least_words=1)
    pages, notes = list(document.pages), list(document.notes)
    room = limits.max_pages - len(pages)
    unseen = list(_unseen(content, pages)) if room > 0 else []
    if unseen:
        added, total = typeset(unseen, room)
        pages += added
        notes.append(_ADDED if total == 1 else f"{len(added)} of {total} {_ADDED_PAGES}")
    return DecodedImage(tuple(pages), name, tuple(notes), content.facts or document.facts)


_ADDED = "the last page is set from text that the document's pages do not show"
_ADDED_PAGES = "pages of text that the document's own pages do not show are set after those"


def _unseen(content: _Content, pages: Iterable[Page]) -> Iterator[Line]:
    """The paragraphs and whole tables of which something that counts stands on no page.

    A table's rows stay together, because a number is known by its column's heading.
    """
    seen = {word for page in pages if page.text for word in page.text.text.split()}
    for tabular, group in groupby(content.lines, lambda line: len(line) > 1):
        lines = list(group)
        gone = [line for line in lines if _is_gone(line, seen)]
        yield from lines if tabular and gone else gone


def _is_gone(line: Line, seen: Set[str]) -> bool:
    """Whether a number is missing, a word of a table's cell (too narrow for it), or most of a paragraph."""
    words = " ".join(line).split()
    missing = [word for word in words if word not in seen]
    if len(line) > 1 or any(character.isdigit() for word in missing for character in word):
        return bool(missing)
    return 2 * len(missing) > len(words)


def _set(content: _Content, name: str, limits: ImageLimits, notes: list[str]) -> DecodedImage:
    pages, total = typeset(content.lines, limits.max_pages)
    if len(pages) < total:
        notes.append(f"{len(pages)} of {total} pages of text examined")
    if any(page.text and page.text.words for page in pages):
        pages = [*pages, *_pictures(content.pictures, limits, notes)]
    else:
        pages = list(_pictures(content.pictures, limits, notes))
    if not pages:
        raise ImageUnreadable("The office document holds neither text nor pictures.")
    return DecodedImage(tuple(pages), name, tuple(notes), content.facts)


def _pictures(found: Iterable[bytes], limits: ImageLimits, notes: list[str]) -> Iterator[Page]:
    """The first embedded pictures that are large enough to show something."""
    room, taken = limits.max_total_megapixels * 1_000_000, 0
    for data in dict.fromkeys(found):
        kind = media_type_of(data)
        if kind not in FORMATS:
            notes.append("an embedded picture is of a kind that is not read")
            continue
        try:
            page = decode_picture(data, kind, limits).pages[0]
        except ImageUnreadable:
            notes.append("an embedded picture is damaged")
            continue
        room -= page.pixels.shape[0] * page.pixels.shape[1]
        if min(page.width, page.height) >= _LEAST_SIDE and room >= 0:
            taken += 1
            yield replace(page, kind="picture")
        if taken >= limits.max_frames:
            notes.append(f"the first {taken} embedded pictures examined")
            return
