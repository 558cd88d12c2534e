"""The words of office documents: OOXML (ECMA-376: Word, Excel, PowerPoint) and OpenDocument (ISO/IEC 26300).

Text that a program would not show counts too: tracked deletions, comments, notes and hidden sheets are how
records slip out unseen. Only elements' local names are looked at, so both families share one walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from detectors.base import FileFact
from detectors.media.archive import Archive
from detectors.media.typeset import Line
from detectors.metadata import fact

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_CHARACTERS = 400_000
_MOST_EVENTS = 3_000_000
_PARTS = (
    re.compile(r"word/header\d*\.xml"),
    re.compile(r"word/document\.xml"),
    re.compile(r"word/(?:footer\d*|footnotes|endnotes|comments)\.xml"),
    re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide|comments/comment)\d+\.xml"),
    re.compile(r"(?:styles|content)\.xml"),
)
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_PICTURE = re.compile(r"(?:word|xl|ppt)/media/[^/]+|Pictures/[^/]+|media/[^/]+", re.IGNORECASE)
_TEXTS = frozenset({"t", "delText"})
_PARAGRAPHS = frozenset({"p", "h"})
_ROWS = frozenset({"tr", "table-row"})
_CELLS = frozenset({"tc", "table-cell"})
_NOT_SHOWN_TWICE = frozenset({"Fallback"})
"""Word gives a text box twice, for new and for old readers."""
_DATE_IDS = frozenset({*range(14, 23), 45, 46, 47})
"""Excel's own number formats that are dates or times (ECMA-376 part 1, 18.8.30)."""
_DATE_CODE = re.compile(r"[dy]|mm")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone


def pictures_of(archive: Archive) -> list[str]:
    """The names of the embedded pictures."""
    return sorted(name for name in archive.names if _PICTURE.fullmatch(name))


def lines_of(archive: Archive) -> Iterator[Line]:
    """The paragraphs and rows of a document, in the order of its parts."""
    for pattern in _PARTS:
        for name in sorted(filter(pattern.fullmatch, archive.names), key=_numbered):
            yield from _lines_in(archive, name)
    sheets = sorted(filter(_SHEET.fullmatch, archive.names), key=_numbered)
    if sheets:
        yield from _sheet_names(archive)
        shared, formats = _shared_strings(archive), _formats(archive)
        for name in sheets:
            for row in _elements(archive, name, frozenset({"row"})):
                yield tuple(_cell(cell, shared, formats) for cell in row if _local(cell) == "c")


def _numbered(name: str) -> tuple[str, int]:
    digits = re.search(r"(?<!\d)(\d*)\.xml$", name)
    number = digits[1] if digits else ""
    return name.removesuffix(f"{number}.xml"), int(number or 0)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _events(archive: Archive, name: str) -> Iterator[tuple[str, Element]]:
    from defusedxml.ElementTree import iterparse  # noqa: PLC0415 - only for those who meet a document

    with archive.stream(name) as stream:
        walk = iterparse(stream, events=("start", "end"), forbid_dtd=True)
        for count, (event, element) in enumerate(walk):
            if count > _MOST_EVENTS:
                return
            yield event, element


def _elements(archive: Archive, name: str, wanted: frozenset[str]) -> Iterator[Element]:
    """The outermost elements of these names, each forgotten once it was looked at."""
    if name not in archive.names:
        return
    depth = 0
    for event, element in _events(archive, name):
        if _local(element) not in wanted:
            continue
        depth += 1 if event == "start" else -1
        if event == "end" and depth == 0:
            yield element
            element.clear()


def _lines_in(archive: Archive, name: str) -> Iterator[Line]:
    mixed = "/" not in name  # OpenDocument's text stands between its elements
    for block in _elements(archive, name, _PARAGRAPHS | _ROWS):
        if _local(block) in _ROWS:
            yield tuple(_text(cell, mixed=mixed) for cell in block.iter() if _local(cell) in _CELLS)
        else:
            yield from ((line,) for line in _text(block, mixed=mixed).split("\n"))


def _text(element: Element, *, mixed: bool) -> str:
    """An element's text; between nested paragraphs stands a space."""
    return "".join(_pieces(element, mixed=mixed))


def _pieces(element: Element, *, mixed: bool) -> Iterator[str]:
    """Without recursion: a hostile document may nest as deep as it likes."""
    stack: list[tuple[Element, Iterator[Element]]] = []
    yield from _opening(element, mixed=mixed)
    stack.append((element, iter(element)))
    while stack:
        current, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if stack and _local(current) in _PARAGRAPHS:
                yield " "
            if stack and mixed and current.tail:
                yield current.tail
        elif _local(child) not in _NOT_SHOWN_TWICE:
            yield from _opening(child, mixed=mixed)
            stack.append((child, iter(child)))


def _opening(element: Element, *, mixed: bool) -> Iterator[str]:
    name = _local(element)
    if name in {"tab", "s"}:
        yield " "
    elif name in {"br", "cr", "line-break"}:
        yield "\n"
    elif element.text and (mixed or name in _TEXTS):
        yield element.text


def _sheet_names(archive: Archive) -> Iterator[Line]:
    for sheet in _elements(archive, "xl/workbook.xml", frozenset({"sheet"})):
        yield (sheet.get("name", ""),)


def _shared_strings(archive: Archive) -> list[str]:
    items = _elements(archive, "xl/sharedStrings.xml", frozenset({"si"}))
    return [_text(item, mixed=False) for item in items]


def _formats(archive: Archive) -> list[str]:
    """What each cell style does to a number: "date", a row of zeros that it is padded to, or nothing."""
    codes: dict[str, str] = {}
    styles: list[str] = []
    for block in _elements(archive, "xl/styles.xml", frozenset({"numFmts", "cellXfs"})):
        for each in block:
            identifier = each.get("numFmtId", "")
            if _local(block) == "numFmts":
                codes[identifier] = each.get("formatCode", "")
            else:
                styles.append(_format(identifier, codes.get(identifier, "")))
    return styles


def _format(identifier: str, code: str) -> str:
    plain = re.sub(r'"[^"]*+"?|\[[^\]]*+\]?|\\.', "", code).lower()
    if identifier in map(str, _DATE_IDS) or _DATE_CODE.search(plain):
        return "date"
    zeros = plain.replace(" ", "").replace("-", "")
    return zeros if zeros and not zeros.strip("0") else ""


def _cell(cell: Element, shared: list[str], formats: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell, mixed=False)
    value = next((child.text or "" for child in cell if _local(child) == "v"), "")
    if kind == "s":
        return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
    style = cell.get("s", "")
    shown = formats[int(style)] if style.isdecimal() and int(style) < len(formats) else ""
    return _number(value, shown) if kind == "n" else value


def _number(value: str, shown: str) -> str:
    """A number as a reader sees it: dates as dates, whole numbers without an exponent, padding kept."""
    try:
        number = float(value)
        if shown == "date" and 0 < number < 2_958_466:  # 31 December 9999
            moment = _EPOCH + timedelta(days=number)
            return moment.strftime("%d/%m/%Y" if number == int(number) else "%d/%m/%Y %H:%M")
        if number == int(number) and abs(number) < 1e15:
            return str(int(number)).zfill(len(shown))
    except (ValueError, OverflowError):
        pass
    return value


_CORE = {"creator": "owner", "lastModifiedBy": "owner", "initial-creator": "owner", "title": "title"}
_SHOWN = {
    "created": "taken_at",
    "creation-date": "taken_at",
    "Application": "software",
    "generator": "software",
}
_PROPERTIES = ("docProps/core.xml", "docProps/app.xml", "meta.xml")


def facts_of(archive: Archive) -> Iterator[FileFact]:
    """What the document says of itself: program, time, author and title."""
    known: dict[str, FileFact] = {}
    names = frozenset({*_CORE, *_SHOWN})
    for name in _PROPERTIES:
        for element in _elements(archive, name, names):
            local = _local(element)
            kind = _CORE.get(local) or _SHOWN[local]
            said = fact(kind, element.text or "", secret=local in _CORE)
            if said:
                known.setdefault(kind, said)
    yield from known.values()
