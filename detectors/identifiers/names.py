"""Names of people, found by label and layout; lists of names serve running text only (`mentions`).

A patient's name is `person_name`; the name of a doctor, nurse or signatory is `staff_name`, which is
personal data too but says nothing about a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.columns import find_columns
from detectors.identifiers.masking import mask_name
from detectors.identifiers.mentions import find_mentions
from detectors.lexicons import load
from detectors.normalise import Match, Reading

_WORD = r"(?<![A-Za-zÀ-ÿ'\-])[A-ZÀ-Þ](?:[A-Za-zÀ-ÿ'\-]|0(?=[A-Za-z])){1,29}"
_CAPITALS = r"(?<![A-Za-zÀ-ÿ'\-])[A-ZÀ-Þ](?:[A-ZÀ-Þ'\-]|0(?=[A-Z])){1,25}"
"""A zero between letters is an O that an engine misread."""
_MIXED = r"[A-ZÀ-Þ][a-zà-ÿ][A-Za-zà-ÿ'\-]{0,29}"
_GIVEN = rf"(?:{_WORD}|[A-Z]\b\.?)"
_FULL = rf"{_GIVEN}(?:[ ]{_GIVEN}){{0,2}}"
_TITLE = r"(?:Mrs|Mr|Ms|Miss|Mx|Master|Sir|Lady|Dame|Baby|Rev|Mstr)"
_TITLED = rf"{_TITLE}\.?[ ](?:{_GIVEN}[ ]){{0,3}}{_WORD}"
_STAFF_TITLE = r"(?:Dr|Prof|Professor|Doctor|Sister|Sr|Nurse|PN|SN|RGN|Matron|Consultant|Midwife)"

_LABELS = (
    r"patient(?:'?s)?[ ]?(?:full[ ]?)?name|patient details|patient|full[ ]?name|name of patient"
    r"|name of individual|surname|sur[ ]?name|family[ ]?name|last[ ]?name|forenames?(?:\(s\))?"
    r"|first[ ]?names?|given[ ]?names?|preferred[ ]?name|title, forename, surname ?& ?address|name"
    r"|employee(?:'s)? name|child(?:'s)?(?: name)?|client(?: name)?|enw(?:'r claf| llawn| cyntaf)?|cyfenw"
    r"|claf|service user"
    r"|my name is|please call me|i like to be called"
    r"|resident|pt(?: name)?|mother|baby(?: of)?|next of kin|nok|re|ref|regarding|appt for|appointment for"
)
_AFTER_LABEL = re.compile(
    rf"(?<![A-Za-z])(?P<label>(?i:{_LABELS}))[ ]?(?:[:;.\-=|][ ]?|[ ]{{1,3}}|\n)"
    rf"(?:{_TITLE}\.?[ ])?(?P<name>{_FULL})"
)
_LOOSE_LABELS = frozenset(
    {"re", "ref", "pt", "name", "patient", "client", "mother", "child", "resident", "regarding"}
    | {"claf", "baby"}
)
"""Labels that are ordinary words too: these need a colon, or a title before the name."""

_DATE = (
    r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:(?:19|20)\d\d|\d\d\b)|(?:19|20)\d\d-\d\d-\d\d"
    r"|\d{1,2}[ \-][a-z]{3,9}[ \-](?:19|20)\d\d)"
)
_IDENTIFIER = rf"(?i:\(?d\.?o\.?b|date of birth|born\b|aged?\b|nhs\b|chi\b|h&c\b|\d{{2}}[MF]\b|{_DATE})"
ABOVE_BIRTH = "a name above a date of birth and a sex, as on films, traces and labels"
_BED = r"(?i:\b(?:bed|bay|room|rm|side room|s/r|cubicle)[ ]?\w{1,3}[ ,:\-]{1,3})"

_LAYOUTS: tuple[tuple[str, float, str], ...] = (
    (rf"\b[DO]ear[ ]?(?P<name>{_TITLED})", 0.8, "a letter addressed to this person"),
    (
        rf"(?P<name>{_WORD}(?:[ ]{_WORD})?,[ ]?{_WORD}(?:[ ]{_WORD})?)[ ]?\({_TITLE}\)",
        0.9,
        "Family, Given (Title) as on records",
    ),
    (
        rf"(?<![A-Za-z])(?P<name>{_CAPITALS}(?:[ ]{_CAPITALS})?[,.^][ ]?{_MIXED})",
        0.7,
        "FAMILY, Given as on records",
    ),
)
_MORE_LAYOUTS: tuple[tuple[str, float, str], ...] = (
    (
        rf"(?P<name>{_WORD}(?:(?:[ ]|,[ ]?){_WORD}){{1,2}})[ ]?[,;:|(\-]?[ ]?{_IDENTIFIER}",
        0.75,
        "a name before a date of birth, age or number",
    ),
    (
        rf"(?<![A-Za-z])(?P<name>(?:[A-Z]\.[ ]?){{1,2}}{_WORD})[ ]?[,(]?[ ]?\d{{1,3}}[ ]?(?:[MFmfy]|yrs?)\b",
        0.7,
        "initials and surname with age and sex",
    ),
    (
        rf"(?P<name>{_MIXED}[ ][A-Z])\.?[ ]?[,(]?[ ]?\d{{1,3}}[ ]?(?:[MFmf]|yrs?)\b",
        0.6,
        "a given name and an initial with age and sex",
    ),
    (rf"{_BED}(?P<name>{_TITLE}\.?[ ]{_WORD})", 0.8, "a name beside a bed"),
    (
        rf"(?P<name>(?:{_TITLE}\.?[ ])?{_WORD}[ ]{_WORD})(?:[ ]of|,|[ ]?-)?[ ]"
        r"(?=\d{1,4}[A-Za-z]?,?[ ][A-Z][a-z]+[ ][A-Z])",
        0.75,
        "a name before a street address",
    ),
    (
        rf"(?P<name>{_WORD}(?:(?:[ ]|,[ ]?){_WORD}){{1,2}})[ ]?[/|,;:\t\-][ ]?(?=(?:\d[ .\-]?){{9}}\d(?!\d))",
        0.6,
        "a name before a ten-digit number",
    ),
    (rf"(?<![A-Za-z])(?P<name>{_CAPITALS}\^{_CAPITALS})", 0.85, "FAMILY^GIVEN as imaging systems print it"),
    (
        rf"(?<!\d)(?:\d[ .\-]?){{9}}\d[ ]?[\-|:,;\t][ ]?(?P<name>{_WORD}(?:[ ]{_WORD})?)\b",
        0.5,
        "a name after a ten-digit number",
    ),
    (
        rf"(?m)^\W{{0,3}}(?P<name>{_CAPITALS}[ ]{_MIXED})(?=[ ]?(?:$|[,;]|[ ]\(?[A-Z]?\d|[ ][MF]\b))",
        0.5,
        "a family name in capitals before a given name",
    ),
    (
        rf"(?m)^(?P<name>{_CAPITALS},?[ ]{_CAPITALS}(?:[ ]{_CAPITALS})?)\b[^\n]*"
        rf"\n(?:[A-Z]?\d{{5,10}}[^\n]*\n)?{_DATE}[ ]{{1,3}}[MF]\b",
        0.75,
        ABOVE_BIRTH,
    ),
    (rf"(?m)^(?P<name>{_CAPITALS},?\n{_MIXED})$", 0.5, "a family name in capitals above a given name"),
    (
        rf"(?m)^\W{{0,2}}(?P<name>{_TITLED})[ ]?[,.]?$",
        0.7,
        "a row that is a title and a name, as in an address or a salutation",
    ),
)
_BEFORE_LABELS = [(re.compile(pattern), score, why) for pattern, score, why in _LAYOUTS]
_AFTER_LABELS = [(re.compile(pattern), score, why) for pattern, score, why in _MORE_LAYOUTS]
_ANY_TITLED = re.compile(rf"\b{_TITLED}")
_STAFF = re.compile(
    rf"\b(?P<name>{_STAFF_TITLE}\.?[ ](?:{_GIVEN}[ ]){{0,2}}{_WORD}(?:[ ]{_WORD})?)"
    rf"|(?i:signed|reported by|authorised by|dictated by|typed by|issuer'?s name)[ ]?:?[ ]?(?P<by>{_FULL})"
)

NOT_A_NAME = frozenset(load("not_names")["words"])


def find_names(page: Reading) -> Iterator[Match]:
    """Yield patients' names (`person_name`) and staff names (`staff_name`), the surest layout first."""
    yield from names_of(page)


def names_of(page: Reading) -> tuple[Match, ...]:
    """The names of a page, none overlapping."""
    return page.once(_names_of)


def _names_of(page: Reading) -> tuple[Match, ...]:
    found: list[Match] = []
    taken: list[tuple[int, int]] = []
    for kind, start, end, score, why in (*_staff(page), *_patients(page)):
        if all(end <= first or last <= start for first, last in taken):
            taken.append((start, end))
            name = page.text[start:end]
            found.append(Match(kind, start, end, score, mask_name(name), why, name))
    return tuple(found)


_Seen = tuple[str, int, int, float, str]


def _staff(page: Reading) -> Iterator[_Seen]:
    for match in _STAFF.finditer(page.text):
        group = "name" if match["name"] else "by"
        yield "staff_name", *match.span(group), 0.6, "a clinician's title or a signature"


def _patients(page: Reading) -> Iterator[_Seen]:
    yield from _laid_out(page, _BEFORE_LABELS)
    for match in _AFTER_LABEL.finditer(page.text):
        yield from _labelled(page, match)
    yield from _laid_out(page, _AFTER_LABELS)
    if page.layer.origin == "post":
        for start, end, score, why in find_mentions(page):
            yield "person_name", start, end, score, why
    if page.is_ocr:
        for start, end, score, why in find_columns(page):
            yield "person_name", start, end, score, why
    for match in _ANY_TITLED.finditer(page.text):
        yield "person_name", *match.span(), 0.45, "a name with a title"


def _laid_out(page: Reading, layouts: list[tuple[re.Pattern[str], float, str]]) -> Iterator[_Seen]:
    for pattern, score, why in layouts:
        for match in pattern.finditer(page.text):
            if not _is_common(match["name"]):
                yield "person_name", *match.span("name"), score, why


def _labelled(page: Reading, match: re.Match[str]) -> Iterator[_Seen]:
    label = match["label"].lower()
    gap = match.string[match.end("label") : match.start("name")]
    parted = any(mark in gap for mark in ":;=|") or re.search(_TITLE, gap) is not None
    parted = parted or _stand_apart(page, match.span("label"), match.span("name"))
    words = match["name"].split()
    while words and _common(words[-1]):
        words.pop()
    if (label in _LOOSE_LABELS and not parted) or not words or _common(words[0]) or len(words[-1]) < 2:
        return
    end = match.start("name") + len(" ".join(words))
    score = 0.4 if len(words) == 1 and label in _LOOSE_LABELS else 0.85
    yield "person_name", match.start("name"), end, score, f'a name after the label "{label}"'


def _stand_apart(page: Reading, label: tuple[int, int], name: tuple[int, int]) -> bool:
    """Whether a picture's label and value stand in columns of their own."""
    left, right = page.box(*label), page.box(*name)
    return left is not None and right is not None and right.x - (left.x + left.width) > left.height


def _common(word: str) -> bool:
    return word.strip(".,:").lower() in NOT_A_NAME


def _is_common(name: str) -> bool:
    return any(_common(word) for word in re.findall(r"[^\W\d_]{2,}", name))
