"""The facts an assessment weighs, as numbers from 0 to 1, from the findings of one post.

Three families: evidence of a *person* (whose record it would be), evidence of *care* (that it is a
record), and reasons against. None knows a document by its name or layout.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from detectors.base import Finding, by_kind
from detectors.wording.model import SCALE

PATIENT_NUMBERS = ("nhs_number", "chi_number", "hc_number")
_LOCAL_NUMBERS = ("hospital_number", "lab_number")
REGISTERED = ("staff_registration", "ods_code")
CODES = ("snomed_code", "icd10_code", "opcs4_code")

_PERSON_TRUST = {
    "number_labelled": 0.95,
    "number_unlabelled": 0.6,
    "number_misread": 0.6,
    "birth": 0.8,
    "age": 0.2,
    "name": 0.7,
    "name_weak": 0.45,
    "home": 0.4,
    "local_number": 0.7,
    "people": 0.8,
    "care_number": 0.6,
    "nino": 0.3,
}
_CARE_TRUST = {
    "headings": 0.8,
    "filled": 0.5,
    "terms": 0.6,
    "document": 0.7,
    "sender": 0.35,
    "care_number": 0.5,
    "registered": 0.25,
    "codes": 0.3,
    "template": 0.6,
}
"""A prescription id or a booking reference is given by a health service to one patient: it is evidence of
both. A National Insurance number is on payslips too, so it says "somebody" and little more."""

_SURE_NAME = 0.7
_SURE_BIRTH = 0.8
_LIKELY = 0.3

_AGAINST_TRUST: Mapping[str, float] = {
    "specimen": 1.0,
    "published_example": 0.9,
    "blank_form": 0.9,
    "veterinary": 1.0,
    "non_uk": 0.9,
    "poster": 0.8,
    "recruitment": 0.9,
    "news": 0.9,
    "fundraising": 0.9,
    "commerce": 0.8,
    "ordinary_letter": 0.9,
    "other_numbers": 0.6,
    "talk_about_numbers": 0.9,
    "chance_passes": 0.6,
    "known_benign": 0.9,
}
"""How far each filter is trusted. They share one weight, so none is fitted to its few examples."""

_TEMPLATE_WORTH = {"hash_match": 0.5, "layout_match": 0.5, "trust_confirmed": 1.0}
"""A layout is shared between organisations; a letterhead that was read is not."""

_CAPTION_SHARE = 0.5
"""A filter that speaks only in a picture's caption counts half: captions joke."""


def features_of(findings: Sequence[Finding]) -> dict[str, float]:
    """Every feature of a post by name, each from 0 to 1."""
    found = _person(findings) | _care(findings)
    found["person"] = _either(found, _PERSON_TRUST)
    found["care"] = _either(found, _CARE_TRUST)
    found["exposure"] = found["person"] * found["care"]
    found["disclosure"] = _disclosure(findings)
    found["register"] = _best(by_kind(findings, "register_match"))
    return found | _claims(findings) | _against(findings) | _worded(findings)


def is_patient_number(finding: Finding) -> bool:
    """Whether this is a number that passes and could belong to a person (no example, no test data)."""
    facts = finding.explanation.facts
    return (
        finding.kind in PATIENT_NUMBERS
        and bool(finding.valid)
        and not (facts.get("published") or facts.get("unissued"))
    )


def canaries(findings: Sequence[Finding]) -> list[Finding]:
    """Matches with a canary register: records that stand in one system and nowhere else."""
    matches = by_kind(findings, "register_match")
    return [f for f in matches if f.explanation.facts.get("register_kind") == "canary"]


def care_numbers(findings: Sequence[Finding]) -> list[Finding]:
    """Prescription ids, booking references and their codes, without those that fail their check character."""
    return [f for f in by_kind(findings, "eps_id", "ubrn", "access_code") if f.valid is not False]


def is_labelled(finding: Finding) -> bool:
    """Whether a label beside or above names the number a patient's."""
    return finding.explanation.facts.get("label") in ("beside", "above")


def count_people(findings: Sequence[Finding]) -> int:
    """How many patients a post shows, by the best of its numbers, births, names and rows."""
    numbers = [f for f in findings if is_patient_number(f)]
    named = any(is_labelled(f) for f in numbers)
    counted = [f for f in numbers if is_labelled(f) or (named and f.score >= _LIKELY)]
    births = [f for f in by_kind(findings, "date_of_birth") if f.score >= _SURE_BIRTH]
    rows = max((int(f.explanation.facts["rows"]) for f in by_kind(findings, "patient_list")), default=0)
    anyone = bool(by_kind(findings, "person_name", *_LOCAL_NUMBERS))
    return max(_distinct(counted), _distinct(births), rows, int(anyone))


def _distinct(findings: Sequence[Finding]) -> int:
    """Different values, told apart without them: by mask and by their ordinal on the page."""
    return len({(f.masked, f.explanation.facts.get("ordinal")) for f in findings})


def _best(findings: Sequence[Finding]) -> float:
    return max((finding.score for finding in findings), default=0.0)


def _person(findings: Sequence[Finding]) -> dict[str, float]:
    numbers = [f for f in findings if is_patient_number(f)]
    misread = [f for f in by_kind(findings, *PATIENT_NUMBERS) if f.valid is False]
    names = by_kind(findings, "person_name")
    homes = [
        f for f in by_kind(findings, "address", "postcode") if f.explanation.facts.get("role") == "person"
    ]
    return {
        "number_labelled": _best([f for f in numbers if is_labelled(f)]),
        "number_unlabelled": min(1.0, 2 * _best([f for f in numbers if not is_labelled(f)])),
        "number_misread": float(bool(misread)),
        "birth": _best(by_kind(findings, "date_of_birth")),
        "age": _best(by_kind(findings, "age")),
        "name": _best([f for f in names if f.score >= _SURE_NAME]),
        "name_weak": _best([f for f in names if f.score < _SURE_NAME]),
        "home": _best(homes),
        "local_number": _best(by_kind(findings, *_LOCAL_NUMBERS)),
        "nino": _best(by_kind(findings, "nino")),
        "people": min(1.0, math.log2(max(count_people(findings), 1)) / 3),
    }


def _care(findings: Sequence[Finding]) -> dict[str, float]:
    letterheads = by_kind(findings, "letterhead")
    headings = by_kind(findings, "clinical_heading")
    return {
        "headings": _saturate(headings, 1.5),
        "terms": _saturate(by_kind(findings, "clinical_term"), 0.8),
        "filled": 1 - math.exp(-sum(bool(f.explanation.facts.get("filled")) for f in headings) / 4),
        "document": _best(by_kind(findings, "document_type")),
        "template": max((_TEMPLATE_WORTH[_level(f)] for f in by_kind(findings, "template")), default=0.0),
        "sender": _best(letterheads),
        "marking": _best(by_kind(findings, "marking")),
        "care_number": _best(care_numbers(findings)),
        "registered": _best(by_kind(findings, *REGISTERED)),
        "codes": _saturate(by_kind(findings, *CODES), 1.0),
    }


def _level(finding: Finding) -> str:
    return str(finding.explanation.facts.get("level", "hash_match"))


_TELLING = ("conditions", "condition", "lay", "drugs", "medicine", "procedures", "procedure", "dose")
"""Groups of clinical terms that tell something about somebody; measurements and anatomy alone do not."""


def _disclosure(findings: Sequence[Finding]) -> float:
    """How far the author's own words name a person and say what ails them, without any record in sight."""
    typed = [f for f in findings if f.explanation.facts.get("origin") == "post"]
    named = min(1.0, _best(by_kind(typed, "person_name")) / _SURE_NAME)
    terms = [t for t in by_kind(typed, "clinical_term") if t.explanation.facts.get("group") in _TELLING]
    return named * _saturate(terms, 0.3)


def _worded(findings: Sequence[Finding]) -> dict[str, float]:
    """How far the wording of the post speaks for telling another's secret, and how far for anything else."""
    logit = max((float(f.explanation.facts["logit"]) for f in by_kind(findings, "wording")), default=0.0)
    share = min(1.0, abs(logit) / SCALE)
    return {"worded_telling": share if logit > 0 else 0.0, "worded_plain": share if logit < 0 else 0.0}


def has_picture(findings: Sequence[Finding]) -> bool:
    """Whether anything was read or recognised in a picture of the post."""
    return any(f.kind == "template" or f.explanation.facts.get("origin") in ("ocr", "code") for f in findings)


def _saturate(findings: Sequence[Finding], scale: float) -> float:
    """Many weak findings add up towards 1; the same words twice count once."""
    scores = {f.masked: f.score for f in findings}
    return 1 - math.exp(-sum(scores.values()) / scale)


def _either(found: Mapping[str, float], trust: Mapping[str, float]) -> float:
    """The chance that at least one of these is right, each trusted this far."""
    doubt = 1.0
    for name, share in trust.items():
        doubt *= 1 - share * found[name]
    return 1 - doubt


def _claims(findings: Sequence[Finding]) -> dict[str, float]:
    sides = {f.explanation.facts.get("side") for f in by_kind(findings, "claim")}
    return {"claim_third_party": float("third_party" in sides), "claim_own": float("own" in sides)}


def _against(findings: Sequence[Finding]) -> dict[str, float]:
    pictured = any(f.explanation.facts.get("origin") == "ocr" for f in findings)
    strongest: dict[str, float] = defaultdict(float)
    for finding in by_kind(findings, "filter"):
        facts = finding.explanation.facts
        share = _CAPTION_SHARE if pictured and facts.get("origin") == "post" else 1.0
        name = str(facts.get("filter"))
        strongest[name] = max(strongest[name], share * finding.score)
    doubt = 1.0
    for name, score in strongest.items():
        doubt *= 1 - _AGAINST_TRUST[name] * score
    return {"against": 1 - doubt, "against_surely": (1 - doubt) ** 3}
