"""People named in running text: "looked up Zofia Nowak on the system", "Bob Jones (14.07.45) was sectioned".

Somebody who writes about a patient uses no labels. Two or three capitalised words that are no common words
are taken for a name when what stands round them says so: access to a record or care given before it, care
received after it, or a date, an age, an address or a number of a person's beside it; weakly, when none of
them is a word of everyday language. Without capitals a given name and a family name of the lists are taken.
Names of celebrities and politicians are names too, so each of these is weighed like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from detectors.claims import find_claims
from detectors.identifiers.digits import digit_groups
from detectors.identifiers.nearness import Span, any_near
from detectors.identifiers.numbers import passes_modulus_11
from detectors.lexicons import load, words
from detectors.normalise import Reading

ACCESSED, BESIDE, NAMED = 0.75, 0.7, 0.45
"""Scores: what was done to or with the person; a detail beside the name; only a word such as "about"."""
_WORD = r"[A-ZÀ-Þ][A-Za-zà-ÿÀ-Þ'\-]{1,24}"
_RUN = re.compile(rf"(?<![\w'\-#@]){_WORD}(?:[ ]{_WORD}){{1,4}}(?![\w@])")
_REACH_BEFORE, _REACH_AFTER = 40, 90

_GIVEN_CARE = re.compile(
    r"(?i:\b(?:look(?:ed|ing)?(?: up| after)|pull(?:ed|ing)? up|brought up|nurs(?:ed|ing)|attended(?: to)?"
    r"|treat(?:ed|ing)|triag(?:ed|ing)|scann(?:ed|ing)|assess(?:ed|ing)|discharg(?:ed|ing)|admitt(?:ed|ing)"
    r"|section(?:ed|ing)|sedat(?:ed|ing)|intubat(?:ed|ing)|catheteris(?:ed|ing)|consultation with"
    r"|patients? (?:called|named)|(?:notes|records?|results|letter|file|bloods|scan) (?:of|for|on)"
    r"|delivered|bed \w{1,3}(?: is)?|patient|pt|initials)[\s:,\-]{1,3})$"
)
_NAMED_BEFORE = re.compile(
    r"(?i:\b(?:saw|seen|see|about|it was|it's|its|that's|thats|know|knows|called|named|name is|is|was|with"
    r"|had|for|from|on|of|by|who)[\s:,.\u2026\-]{1,4})$"
)
_RECEIVED_CARE = re.compile(
    r"(?i:\b(?:sectioned|detained under|in a ?& ?e|in resus|in itu|in icu|on the ward|rushed (?:in|to)"
    r"|(?:in|by) (?:an )?ambulance|being treated|treated for|diagnosed|overdos\w{1,3}|tested positive"
    r"|came in (?:for|with)|(?:is|was) in (?:for|with)|under the (?:crisis|mental)|in labour|miscarri\w{2,4}"
    r"|had (?:a|an|her|his) (?:abortion|termination|stroke|seizure|miscarriage|overdose|heart attack|biopsy)"
    r"|on the system|admitted (?:to|with|for|under|again|last)|(?:her|his|their) (?:notes|records?|results)"
    r"|(?:is|has) hiv|on the psych|waiting list|has been referred|under (?:onc|card|psych)ology)\b)"
)
_DOES = re.compile(r"[ ](?:is|was|has|had|got|gets|been|be|isn't|wasn't|hasn't|hadn't|being)\b|'s\b")
_DATE = r"\d{1,2}[ ./\-](?:\d{1,2}|[A-Za-z]{3,9})[ ./\-]\d{2,4}"
_DETAIL = re.compile(
    rf"^[ ]?[,;:(\[\-|]{{0,2}}[ ]?(?i:d\.?o\.?b\.?|born|aged?)?[ :]{{0,2}}"
    rf"(?:{_DATE}|\d{{1,3}}[ ]?(?=[,;)\]]|[mf]\b|yo\b|y/o|yrs?\b|year)"
    r"|(?i:(?:who )?lives (?:at|in|on)|from|at|of)?[ ]?\d{1,4}[a-z]?,?[ ][A-Z][a-z]+)"
)
PLACES = frozenset(
    {
        "airport", "albion", "avenue", "bank", "bridge", "centre", "city", "clinic", "close",
        "college", "county", "court", "crescent", "department", "drive", "fc", "gardens", "grove",
        "hill", "hospital", "house", "infirmary", "lane", "mews", "park", "place", "practice",
        "rangers", "road", "rovers", "school", "square", "station", "street", "surgery", "terrace",
        "town", "trust", "unit", "united", "university", "wanderers", "ward", "way"
    }
)  # fmt: skip
_NO_WORDS = (NAMED, "capitalised words of no everyday language, as names are")
_TYPED_SMALL = "a given name and a family name"
_OF_OTHERS = (NAMED, "a name in a post that says it is about somebody else")
_COMMON = frozenset(load("not_names")["words"])


def find_mentions(page: Reading) -> Iterator[tuple[int, int, float, str]]:
    """Yield (start, end, score, why) for each person named in running text."""
    of_others = any(claim.facts["side"] == "third_party" for claim in find_claims(page))
    for run in _RUN.finditer(page.text):
        start, end = _trimmed(page.text, *run.span())
        if start < end:
            told = (
                _told(page.text, start, end)
                or _beside_number(page, start, end)
                or (_OF_OTHERS if of_others else None)
                or (_NO_WORDS if _is_no_language(page.text[start:end]) else None)
            )
            if told:
                yield start, end, *told
    yield from _typed_small(page)


def _beside_number(page: Reading, start: int, end: int) -> tuple[float, str] | None:
    if any_near(page.once(_passing), start, end, _REACH_BEFORE):
        return BESIDE, "a name in the sentence of a number that passes its check"
    return None


def _passing(page: Reading) -> list[Span]:
    return sorted((g.start, g.end) for g in digit_groups(page) if passes_modulus_11(g.digits))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The run without common words at its ends; empty when too little, too much or a place is left."""
    run = [(m[0], start + m.start(), start + m.end()) for m in re.finditer(r"\S+", text[start:end])]
    while run and _is_common(run[0][0]):
        run.pop(0)
    while run and _is_common(run[-1][0]):
        run.pop()
    if not 2 <= len(run) <= 3 or any(word.lower() in PLACES for word, _, _ in run):
        return start, start
    if all(word.isupper() for word, _, _ in run) and len(run) == 2 and min(len(w) for w, _, _ in run) < 3:
        return start, start
    return run[0][1], run[-1][2]


def _is_no_language(name: str) -> bool:
    """Whether a run is no words of everyday language, so that it can hardly be anything but a name."""
    parts = name.lower().removesuffix("'s").split()
    return not any(part in words("ordinary_words") for part in parts) and all(len(part) > 2 for part in parts)


def _typed_small(page: Reading) -> Iterator[tuple[int, int, float, str]]:
    """Names without capitals: a given name before a family name."""
    pairs = pairwise(page.tokens)
    for (given, start, first_end), (family, second_start, end) in pairs:
        known = given in words("given_names") and family.removesuffix("'s") in words("family_names")
        if known and second_start == first_end + 1 and page.text[start].islower():
            yield start, end, NAMED, _TYPED_SMALL


def _is_common(word: str) -> bool:
    return word.lower().removesuffix("'s") in _COMMON or len(word) == 1


def _told(text: str, start: int, end: int) -> tuple[float, str] | None:
    before = re.split(r"[!?\n]|\.\s", text[max(0, start - _REACH_BEFORE) : start])[-1]
    after = re.split(r"[!?\n]|\.\s(?=[A-Z])", text[end : end + _REACH_AFTER])[0]
    if _GIVEN_CARE.search(before):
        return ACCESSED, "a name after what was done with a patient or a record"
    if _RECEIVED_CARE.search(after):
        return ACCESSED, "a name, and the care that person received"
    if _DETAIL.match(after):
        return BESIDE, "a name beside a date, an age or an address"
    if _NAMED_BEFORE.search(before) or _DOES.match(after):
        return NAMED, "a name in running text"
    return None
