"""Names of people, found by label and layout; no list of names is needed.

A patient's name is `person_name`; the name of a doctor, nurse or signatory is `staff_name`, which is
personal data too but says nothing about a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.masking import mask_name
from detectors.normalise import Match, Reading

_WORD = r"[A-ZÀ-Þ][A-Za-zÀ-ÿ'’\-]{1,}"
_GIVEN = rf"(?:{_WORD}|[A-Z]\b\.?)"
_FULL = rf"{_GIVEN}(?:[ ]{_GIVEN}){{0,2}}"
_TITLE = r"(?:Mrs|Mr|Ms|Miss|Mx|Master|Sir|Lady|Dame|Baby|Rev|Mstr)"
_STAFF_TITLE = r"(?:Dr|Prof|Professor|Doctor|Sister|Sr|Nurse|PN|SN|RGN|Matron|Consultant|Midwife)"

_LABELS = (
    r"patient(?:'?s)?[ ]?(?:full[ ]?)?name|patient details|patient|full[ ]?name|name of patient|surname|sur[ ]?name"
    r"|family[ ]?name|last[ ]?name|forenames?(?:\(s\))?|first[ ]?names?|given[ ]?names?|preferred[ ]?name"
    r"|title, forename, surname ?& ?address|name|employee(?:'s)? name|child(?:'s)? name|client(?: name)?|enw(?:'r claf)?|claf"
    r"|service user|resident|pt(?: name)?|mother|baby(?: of)?|next of kin|nok|re|regarding|appt for|appointment for"
)
_AFTER_LABEL = re.compile(
    rf"(?<![A-Za-z])(?P<label>(?i:{_LABELS}))[ ]?(?:[:;.\-=|][ ]?|[ ]{{1,3}}|\n)(?:{_TITLE}\.?[ ])?(?P<name>{_FULL})"
)
_LOOSE_LABELS = frozenset(
    {"re", "pt", "name", "patient", "client", "mother", "resident", "regarding", "claf", "baby"}
)
"""Labels that are ordinary words too: these need a colon, or a title before the name."""

_TITLED = re.compile(rf"\b{_TITLE}\.?[ ](?:(?:{_WORD}|[A-Z]\.?)[ ]){{0,3}}{_WORD}")
_DEAR = re.compile(rf"\b[DO]ear[ ]?(?P<name>{_TITLE}\.?[ ](?:(?:{_WORD}|[A-Z]\.?)[ ]){{0,3}}{_WORD})")
_FAMILY_GIVEN = re.compile(
    r"(?<![A-Za-z])(?P<name>[A-ZÀ-Þ][A-ZÀ-Þ'’\-]{1,25}(?:[ ][A-ZÀ-Þ'’\-]{2,25})?[,.^][ ]?[A-ZÀ-Þ][a-zà-ÿ'’\-]+)"
    rf"(?P<title>[ ]?\(?{_TITLE}\)?)?"
)
_BEFORE_IDENTIFIER = re.compile(
    rf"(?P<name>{_WORD}(?:[ ]{_WORD}){{1,2}})[ ]?[,;:|(\-–]?[ ]?(?i:\(?d\.?o\.?b|date of birth|born\b|aged?\b|nhs\b|chi\b|h&c\b|\d{{2}}[MF]\b"
    r"|\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)\d\d|\d{1,2}[ \-][a-z]{3,9}[ \-](?:19|20)\d\d)"
)
_INITIALS = re.compile(
    rf"(?<![A-Za-z])(?P<name>(?:[A-Z]\.[ ]?){{1,2}}{_WORD})[ ]?[,(]?[ ]?\d{{1,3}}[ ]?(?:[MFmfy]|yrs?)\b"
)
_ALONE = re.compile(rf"(?m)^\W{{0,2}}(?P<name>{_TITLE}\.?[ ](?:(?:{_WORD}|[A-Z]\.?)[ ]){{0,3}}{_WORD})[ ]?[,.]?$")
_STACKED = re.compile(r"(?m)^(?P<name>[A-ZÀ-Þ][A-ZÀ-Þ'’\-]{2,20},?\n[A-ZÀ-Þ][a-zà-ÿ'’\-]{2,20})$")
_STAFF = re.compile(
    rf"\b(?P<name>{_STAFF_TITLE}\.?[ ](?:(?:{_WORD}|[A-Z]\.?)[ ]){{0,2}}{_WORD}(?:[ ]{_WORD})?)"
    rf"|(?i:signed|reported by|authorised by|dictated by|typed by|issuer'?s name)[ ]?:?[ ]?(?P<by>{_FULL})"
)

NOT_A_NAME = frozenset(
    """a about address admission age all allergies allergy and appointment appointments april august bed blood call
    care centre chart check child clinic clinical community consultant contact date december department details
    diagnosis discharge district dob doctor doctors dr emergency england february form found foundation fri friday
    from general gp group have health hello help home hospital hospitals how id identity if important in information
    infirmary info is january july june known leaflet list look manager march may medical medication medicine
    monday my name national nhs no not notes november now number of october on or our outcome patient patients
    pharmacy please practice prescription project record records ref reference referral registered reminder report
    request result results review royal safety saturday search see select september service services sex status
    street summary sunday surgery team test thank thanks the this thursday time to today treatment trust tuesday
    unit university up urgent use view ward we wednesday welcome what when where who why with you your species breed
    gender address title forename surname phone mobile email postcode attached enclosed invoice order item items
    total price amount job role band post visit visits type plan history examination weight height hosp mrn""".split()
)


def find_names(page: Reading) -> Iterator[Match]:
    """Yield patients' names (`person_name`) and staff names (`staff_name`), longest evidence first."""
    taken: list[tuple[int, int]] = []
    for kind, start, end, score, why in (*_staff(page), *_patients(page)):
        if all(end <= first or last <= start for first, last in taken):
            taken.append((start, end))
            name = page.text[start:end]
            yield Match(kind, start, end, score, mask_name(name), why, name)


def _staff(page: Reading) -> Iterator[tuple[str, int, int, float, str]]:
    for match in _STAFF.finditer(page.text):
        group = "name" if match["name"] else "by"
        yield "staff_name", *match.span(group), 0.6, "a clinician's title or a signature"


def _patients(page: Reading) -> Iterator[tuple[str, int, int, float, str]]:
    for match in _DEAR.finditer(page.text):
        yield "person_name", *match.span("name"), 0.8, "a letter addressed to this person"
    for match in _FAMILY_GIVEN.finditer(page.text):
        if not _is_common(match["name"]):
            score = 0.9 if match["title"] else 0.7
            yield "person_name", *match.span("name"), score, "FAMILY, Given as on records"
    for match in _AFTER_LABEL.finditer(page.text):
        yield from _labelled(match)
    for pattern, score, why in (
        (_BEFORE_IDENTIFIER, 0.75, "a name before a date of birth, age or number"),
        (_INITIALS, 0.7, "initials and surname with age and sex"),
        (_ALONE, 0.7, "a row that is a title and a name, as in an address or a salutation"),
        (_STACKED, 0.5, "a family name in capitals above a given name"),
    ):
        for match in pattern.finditer(page.text):
            if not _is_common(match["name"]):
                yield "person_name", *match.span("name"), score, why
    for match in _TITLED.finditer(page.text):
        yield "person_name", *match.span(), 0.45, "a name with a title"


def _labelled(match: re.Match[str]) -> Iterator[tuple[str, int, int, float, str]]:
    label, gap = match["label"].lower(), match[0][len(match["label"]) :].split(match["name"])[0]
    parted = any(mark in gap for mark in ":;=|") or _has_title(gap)
    if label in _LOOSE_LABELS and not parted:
        return
    words = match["name"].split()
    while words and words[-1].strip(".,:").lower() in NOT_A_NAME:
        words.pop()
    if not words or words[0].strip(".,:").lower() in NOT_A_NAME or (len(words) == 1 and len(words[0]) < 3):
        return
    end = match.start("name") + len(" ".join(words))
    if len(words) == 1 and label in _LOOSE_LABELS:
        yield "person_name", match.start("name"), end, 0.4, f'one word after the label "{label}"'
    else:
        yield "person_name", match.start("name"), end, 0.85, f'a name after the label "{label}"'


def _has_title(gap: str) -> bool:
    return re.search(_TITLE, gap) is not None


def _is_common(name: str) -> bool:
    return any(word.lower() in NOT_A_NAME for word in re.findall(r"[^\W\d_]+", name))
