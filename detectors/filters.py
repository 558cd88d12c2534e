"""Reasons that something is NOT a leak: named pure functions from a reading to a `Reason` or None.

A filter never removes anything: it is weighed in the assessment, and shown to the reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from detectors.identifiers.dates import birth_labels, find_births
from detectors.identifiers.digits import digit_groups
from detectors.identifiers.gsrn import find_ihis
from detectors.identifiers.labels import number_labels
from detectors.identifiers.names import names_of
from detectors.identifiers.nhs_number import pass_rate
from detectors.identifiers.numbers import PUBLISHED
from detectors.lexicons import load
from detectors.normalise import Match, Reading, known_phrases

_FOREIGN_NUMBER = 0.6
_STRONG, _STRONG_WORD, _WEAK = 0.45, 0.3, 0.12


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not a leak: a sentence, how sure (0-1), and where it shows."""

    why: str
    score: float
    start: int
    end: int


Filter = Callable[[Reading], Reason | None]


@cache
def _weights(name: str) -> dict[str, float]:
    lists = load("filters")[name]
    strong = {text: _STRONG if " " in text else _STRONG_WORD for text in lists["strong"]}
    return dict.fromkeys(lists["weak"], _WEAK) | strong


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(text for name in load("filters") for text in _weights(name))


def _phrases_in(page: Reading) -> list[tuple[str, int, int]]:
    return list(known_phrases(page, _vocabulary()))


def _by_words(name: str, what: str, page: Reading, unless: re.Pattern[str] | None = None) -> Reason | None:
    found: dict[str, tuple[int, int]] = {}
    for text, start, end in page.once(_phrases_in):
        if text not in _weights(name):
            continue
        if unless is None or not unless.search(
            page.lower, max(0, start - 20), min(len(page.lower), end + 20)
        ):
            found.setdefault(text, (start, end))
    if not found:
        return None
    doubt = 1.0
    for text in found:
        doubt *= 1 - _weights(name)[text]
    shown = sorted(found, key=lambda text: -_weights(name)[text])[:3]
    return Reason(f"{what}: " + ", ".join(f'"{text}"' for text in shown), 1 - doubt, *found[shown[0]])


_LABORATORY_SENSE = re.compile(
    r"(?:specimen|sample)\s*(?:type|no|id|number|date|taken|collected|container|received|ref|:)"
    r"|(?:urine|blood|stool|swab|tissue|biopsy)\s+(?:specimen|sample)"
)
_LABORATORY_POT = re.compile(
    r"\b(?:site|taken|collected|date/time|swab|urine|sputum|biopsy|container|formalin"
    r"|lab(?:oratory)? (?:no|use))\b"
)
_STAMPED = 0.8
_STAMP = re.compile(
    r"(?m)^[^\w\n]*(?:S\s?P\s?E\s?C\s?I\s?M\s?E\s?N|EXAMPLE|TRAINING|DEMO|DUMMY|VOID)[^\w\n]*$"
)


_MADE_UP = re.compile(
    r"(?i)\b(?:sample|example|specimen|mock|dummy|model)[ ](?:[a-z\-]{2,14}[ ]){0,2}"
    r"(?:letter|report|form|summary|record|prescription|patient|case|chart|notes|referral)s?\b"
    r"|\bfictit[a-z]{0,5}\b|\binvented\b"
    r"|\b(?:patient|name)\W{1,3}(?:test|dummy|example|specimen|sample)\b"
    r"|\((?:dummy|test|fake|not real|fictional|made[ \-]up|training)\)"
)
_NOBODY = frozenset(
    {
        "specimen",
        "example",
        "test",
        "testpatient",
        "dummy",
        "sample",
        "training",
        "demo",
        "fictional",
        "zztest",
    }
    | {"xxtest", "testing", "anybody", "anyone", "nobody", "bloggs", "doe", "anon", "anonymous"}
)
"""Family names of people who do not exist."""


def _stamp(page: Reading) -> tuple[int, int] | None:
    """Where a page is stamped a specimen, calls itself a sample, or has a patient named Specimen."""
    stamp = _STAMP.search(page.text) or _MADE_UP.search(page.text)
    if stamp is not None and not ("specimen" in stamp[0].lower() and _LABORATORY_POT.search(page.lower)):
        shown = stamp[0] if stamp.re is _STAMP else stamp[0].split()[0]  # what follows may be a name
        return stamp.start(), stamp.start() + len(shown)
    nobody = [
        (name.end - len((name.value or "").split()[-1]), name.end)
        for name in names_of(page)
        if name.kind == "person_name" and _NOBODY.intersection((name.value or "").lower().split()[-1:])
    ]
    return nobody[0] if nobody else None


def specimen(page: Reading) -> Reason | None:
    """A specimen, an example, a training or test patient; a laboratory's specimen is none."""
    stamp = _stamp(page)
    words = _by_words("specimen", "a specimen, an example or training data", page, _LABORATORY_SENSE)
    if stamp is None:
        return words
    score = 1 - (1 - _STAMPED) * (1 - (words.score if words else 0))
    return Reason(f'says of itself "{page.text[slice(*stamp)].strip()}"', score, *stamp)


def poster(page: Reading) -> Reason | None:
    """A poster, a leaflet or a health campaign."""
    return _by_words("poster", "public information", page)


def recruitment(page: Reading) -> Reason | None:
    """A job advert."""
    return _by_words("recruitment", "a job advert", page)


def news(page: Reading) -> Reason | None:
    """A news article or another published text."""
    return _by_words("news", "a published article", page)


def fundraising(page: Reading) -> Reason | None:
    """An appeal for money."""
    return _by_words("fundraising", "an appeal for money", page)


_CATEGORY = re.compile(r"\bcat(?:egory)?[ .:]{0,2}[1-5]\b")
"""How urgent an ambulance call, an operation or a birth is."""


def veterinary(page: Reading) -> Reason | None:
    """An animal's record."""
    return _by_words("vet", "an animal's record", page, unless=_CATEGORY)


_MONTH_FIRST = re.compile(r"(?<![\d/])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/(?:19|20)\d\d(?![\d/])")


def non_uk(page: Reading) -> Reason | None:
    """A record of another country's health service, by its words or its patients' numbers."""
    words = _by_words("non_uk", "another country's record", page)
    number, date = next(iter(find_ihis(page)), None), _MONTH_FIRST.search(page.text)
    if number is None and date is None:
        return words
    score = 1 - (1 - _FOREIGN_NUMBER) * (1 - (words.score if words else 0))
    if number is not None:
        return Reason(number.why, score, number.start, number.end)
    assert date is not None
    return Reason("a date with the month first, as in the United States", score, *date.span())


def commerce(page: Reading) -> Reason | None:
    """An invoice, receipt, parcel, ticket, booking or book."""
    return _by_words("commerce", "an invoice, order, parcel or ticket", page)


_PATIENT_PASSPORT = re.compile(r"\b(?:hospital|health|care|communication) passport\b")
"""What people with a learning disability bring to a ward."""


def ordinary_letter(page: Reading) -> Reason | None:
    """A letter of a bank, council, school, energy supplier, gym or salon."""
    told = "a letter that has nothing to do with care"
    return _by_words("ordinary_letter", told, page, unless=_PATIENT_PASSPORT)


def other_numbers(page: Reading) -> Reason | None:
    """Sport, code, crypto, tax: places where long digit groups are common."""
    return _by_words("other_numbers", "numbers of another kind", page)


def talk_about_numbers(page: Reading) -> Reason | None:
    """Talk about NHS numbers in general, or about their check digit."""
    return _by_words("talk_about_numbers", "talk about NHS numbers", page)


def published_example(page: Reading) -> Reason | None:
    """An example number of the standards, which is nobody's."""
    for group in digit_groups(page):
        if group.digits in PUBLISHED:
            return Reason("an example number printed in public documents", 0.9, group.start, group.end)
    return None


_LEAST_GROUPS = 6
_CHANCE = 1 / 11


def chance_passes(page: Reading) -> Reason | None:
    """Many unlabelled groups of ten digits, of which about one in eleven passes, as chance would have it."""
    groups, passes = pass_rate(page)
    if groups < _LEAST_GROUPS or passes > max(1, 2.5 * _CHANCE * groups):
        return None
    why = f"{passes} of {groups} unlabelled ten-digit groups pass the check digit, as random ones would"
    return Reason(why, 0.7, 0, len(page.text))


_FIELD = re.compile(
    r"(?:(?:full |patient )?name|surname|forenames?|first names?"
    r"|address|postcode|nhs n\w{1,5}|hospital n\w{1,5}|telephone|date"
    r"|date of birth|d\.?o\.?b\.?|gp|ward|consultant|signature"
    r"|signed|allergies|print name|sex|gender)[ \t]*[:.]?"
    r"[ \t]*(?:_{2,}|\.{3,}|(?:\[\s?\]|\u2610|\u25a1)|$|(?=\s{2,}))",
    re.MULTILINE,
)
_TO_FILL_IN = re.compile(
    r"tick all that apply|please tick|tick (?:as|where|if)|affix (?:patient )?label|block capitals"
    r"|complete in full|please complete|office use only|order (?:code|from)|print room|blank form"
    r"|form (?:no\W|number|ref)|delete as"
)
_LEAST_FIELDS = 3
_EMPTY = 0.6
"""Nothing was read in the fields: they may be empty, or filled in by a hand that no engine reads."""


def blank_form(page: Reading) -> Reason | None:
    """A form whose fields for a person are printed and empty."""
    fields = [match.span() for match in _FIELD.finditer(page.lower)]
    labels = len(number_labels(page)) + len(birth_labels(page))
    values = len(list(find_births(page))) + sum(m.kind == "person_name" for m in names_of(page))
    values += len(digit_groups(page))
    asked = _TO_FILL_IN.search(page.lower)
    if values == 0 and asked and (labels or fields):
        return Reason(f'asks to be filled in ("{asked[0]}"), and no field is', _EMPTY, *asked.span())
    if len(fields) < _LEAST_FIELDS or values > 1 or not labels:
        return None
    return Reason(f"{len(fields)} fields of a form stand empty", 0.8 if values == 0 else 0.5, *fields[0])


FILTERS: dict[str, Filter] = {
    "specimen": specimen,
    "blank_form": blank_form,
    "poster": poster,
    "recruitment": recruitment,
    "news": news,
    "fundraising": fundraising,
    "veterinary": veterinary,
    "non_uk": non_uk,
    "published_example": published_example,
    "commerce": commerce,
    "ordinary_letter": ordinary_letter,
    "other_numbers": other_numbers,
    "talk_about_numbers": talk_about_numbers,
    "chance_passes": chance_passes,
}
"""Every filter by its name, in the order a reviewer sees them."""


def find_reasons(page: Reading) -> Iterator[Match]:
    """Yield a `filter` match for each filter that speaks, named in its facts."""
    for name, function in FILTERS.items():
        reason = function(page)
        if reason:
            yield Match(
                "filter", reason.start, reason.end, reason.score, name, reason.why, facts={"filter": name}
            )
