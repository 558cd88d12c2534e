"""Dates of birth and ages.

A date is a date of birth when a label or an age beside it says so. Formats as seen on UK records
(day first, never month first): 14-Jul-1945, 14/07/1945, 14.07.45, 14 July 1945, 14071945.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.digits import digit_groups
from detectors.identifiers.masking import mask_all, mask_date
from detectors.identifiers.names import names_of
from detectors.identifiers.numbers import passes_modulus_11
from detectors.normalise import Match, Reading

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august"
    r"|september|october|november|december|ion|chwef|maw|ebr|mai|meh|gorff|awst|medi|hyd|tach|rhag)"
)
_DAY = r"[0-3oil]?[\doil]"
DATE = rf"(?:{_DAY}\s?[-/.\s]\s?[0-1oil]?[\doil]\s?[-/.\s]\s?(?:[12][09o][\doil]{{2}}|\d{{2}})" + (
    rf"|{_DAY}(?:st|nd|rd|th)?[-/.\s,]*{_MONTH}[-/.\s,]*(?:(?:19|20)[\doil]{{2}}|\d{{2}})"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:19|20)\d\d-[01]\d-[0-3]\d)"
)
_LABEL = (
    r"(?:\bd\W{0,2}[o0]\W{0,2}[b8]\b\W{0,3}|date\s*[o0][fr]\s*b[il1]rth\W{0,4}|birth\s*date\W{0,3}"
    r"|\bborn\b(?: on)?\W{0,3}"
    r"|dyddiad\s*geni\W{0,4}|\bdate\s*ofbirth\W{0,3}|\bb\W?date\W{0,3}|\bbirth\b[ :.]{0,3})"
)
_LABELLED = re.compile(rf"{_LABEL}(?:\(?(?:dd|day)[^\d\n]{{0,14}})?(?P<date>{DATE})(?!\d)")
_LABEL_ONLY = re.compile(_LABEL)
_ANY_DATE = re.compile(rf"(?<![\d/.\-]){DATE}(?![\d/])")
_AGE_BESIDE = re.compile(
    r"\W{0,3}(?:\(?\s?(?:age\W{0,2})?\d{1,3}\s?(?:y|yrs?|years?)\b|[(,]\s?\d{1,3}\s?[mf]?\s?\))"
)
_AGE = re.compile(
    r"\b(?:age[d]?\s?:?\s?(?P<a>\d{1,3})\s?(?:y\w*)?\b|(?P<b>\d{1,3})[\s-]?(?:year|yr)s?[\s-]old"
    r"|(?P<c>\d{1,3})\s?y(?:rs?|o|/o)?\b(?!\w)|(?P<d>[1-9]\d)\s?(?:[mf]|male|female)\b)"
)
_OVERLAY = re.compile(
    r"(?<!\d)(?P<date>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))[ ,/]{1,2}[mf]\b"
)
"""DICOM writes dates as YYYYMMDD (PS3.5, value representation DA); overlays show them so."""
_PLACEHOLDERS = re.compile(r"0?1\W0?1\W1900|1900\W01\W01")
_SEX_BESIDE = re.compile(r"[ ,/|\-]{1,3}(?:[MF]|Male|Female|MALE|FEMALE)\b")
_BARE_AGE = re.compile(r",?[ ](\d{1,3})(?=[\s,.;)]|$)")
_CLOSE = 3
_NEAR = 12
"""Characters between a date and the number it stands beside."""


def find_births(page: Reading) -> Iterator[Match]:
    """Yield dates of birth (`date_of_birth`) and ages (`age`)."""
    yield from page.once(_births_and_ages)


def _births_and_ages(page: Reading) -> list[Match]:
    return [*_date_matches(page), *_ages(page)]


def _date_matches(page: Reading) -> Iterator[Match]:
    taken: set[int] = set()
    for start, end, score, why in _births(page):
        if start not in taken and not _PLACEHOLDERS.fullmatch(page.text, start, end):
            taken.add(start)
            clear = page.text[start:end]
            yield Match("date_of_birth", start, end, score, mask_date(year_of(clear)), why, clear)


def _births(page: Reading) -> Iterator[tuple[int, int, float, str]]:
    for match in _LABELLED.finditer(page.lower):
        yield *match.span("date"), 0.95, "date of birth with its label"
    for match in _OVERLAY.finditer(page.lower):
        yield *match.span("date"), 0.8, "date of birth and sex as an imaging system prints them"
    for match in _ANY_DATE.finditer(page.lower):
        if _AGE_BESIDE.match(page.lower, match.end()) or _fits_age(page, match):
            yield *match.span(), 0.8, "date with an age beside it"
        elif _SEX_BESIDE.match(page.text, match.end()):
            yield *match.span(), 0.75, "date with a sex beside it"
        elif _beside_number(page, *match.span()):
            yield *match.span(), 0.6, "date beside a patient's number"
        elif _after_name(page, match.start()):
            yield *match.span(), 0.5, "date directly after a person's name"
        elif _under_label(page, *match.span()):
            yield *match.span(), 0.85, "date under a date-of-birth label"


def _fits_age(page: Reading, date: re.Match[str]) -> bool:
    """Whether a bare number after the date is the age that somebody born then has in these years."""
    year, after = year_of(date[0]), _BARE_AGE.match(page.lower, date.end())
    return year is not None and after is not None and 2015 <= year + int(after[1]) <= 2045


def _beside_number(page: Reading, start: int, end: int) -> bool:
    """Whether a number that passes stands within a few words, as in a pasted row or a shared login."""
    return any(
        passes_modulus_11(group.digits)
        and (0 <= start - group.end <= _NEAR or 0 <= group.start - end <= _NEAR)
        for group in digit_groups(page)
    )


def _after_name(page: Reading, start: int) -> bool:
    """Whether a name ends right before this place, as on labels and lists."""
    return any(m.kind == "person_name" and 0 < start - m.end <= _CLOSE for m in names_of(page))


def _under_label(page: Reading, start: int, end: int) -> bool:
    headings = [label for label in page.once(_column_headings) if label[1] <= start]
    box = page.box(start, end) if headings else None
    if box is None:
        return False
    for label in headings:
        over = page.box(*label)
        if over and abs(over.x - box.x) < max(over.width, box.width) and over.y < box.y:
            return True
    return False


def _column_headings(page: Reading) -> list[tuple[int, int]]:
    """Labels that have no date beside them already."""
    return [span for span in birth_labels(page) if not _LABELLED.match(page.lower, span[0])]


def year_of(date: str) -> int | None:
    """The four-digit year a date carries, None when it has two digits."""
    found = re.search(r"(?:19|20)\d\d", date)
    return int(found[0]) if found else None


def dates_of(page: Reading) -> list[tuple[int, int]]:
    """The span of every date of a page, whatever it means."""
    return page.once(_dates)


def _dates(page: Reading) -> list[tuple[int, int]]:
    return [match.span() for match in _ANY_DATE.finditer(page.lower)]


def birth_labels(page: Reading) -> list[tuple[int, int]]:
    """The span of every date-of-birth label of a page."""
    return [match.span() for match in _LABEL_ONLY.finditer(page.lower)]


def _ages(page: Reading) -> Iterator[Match]:
    for match in _AGE.finditer(page.lower):
        years = next(int(group) for group in match.groups() if group)
        if years <= 115:
            yield Match("age", *match.span(), 0.5, mask_all(match[0]), "a person's age")
