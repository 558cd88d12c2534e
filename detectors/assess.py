"""The judgement over all findings of one post: is a UK patient's record exposed, and how badly?

1. Findings become features from 0 to 1 (`detectors.features`).
2. The features are weighed in one table (`detectors.model`: one for posts with pictures, one for words
   alone; the author's words under a picture are judged by both), and a logistic function makes the score.
   A match with a register is not weighed: the score is at least the match's own.
3. The score decides the alert; people, claims and filters decide severity and leak class.
4. Every feature that counted is told to the reviewer, the weightiest first, with masked values only.

Severity of an alert:

- critical: a canary record, several patients in one post, or a patient together with a credential (an
  access code) or a National Insurance number;
- high: somebody of a register, a patient's number with its label, or a name with a date of birth on something
  that is a record;
- medium: any other exposed record;
- low: the author's own record (nobody else's in it).

"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from detectors.base import Finding, by_kind
from detectors.features import (
    CODES,
    PATIENT_NUMBERS,
    REGISTERED,
    canaries,
    care_numbers,
    count_people,
    features_of,
    has_picture,
    is_labelled,
    is_patient_number,
)
from detectors.model import Model, model, words_model

Severity = Literal["none", "low", "medium", "high", "critical"]
LeakClass = Literal[
    "patient_record", "staff_or_list", "own_record", "training_or_specimen", "news_or_public", "unknown"
]

_LIST = 3
"""From this many people a post is a list."""
_RECORD = 0.4
_MENTIONED = 0.15
"""A feature is told to the reviewer when it moved the logit by this much."""
_CLASSES: Mapping[str, LeakClass] = {
    "specimen": "training_or_specimen",
    "blank_form": "training_or_specimen",
    "published_example": "training_or_specimen",
    "poster": "news_or_public",
    "known_benign": "news_or_public",
    "recruitment": "news_or_public",
    "news": "news_or_public",
    "fundraising": "news_or_public",
}
_CREDENTIALS = ("access_code", "nino")
"""What lets a stranger act in a patient's name. A booking reference alone does not."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A feature that counted: `strength` 0-1, and `weight`, what it adds to the logit at a strength of 1."""

    name: str
    strength: float
    weight: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict on one post: `score` 0-1, and `reasons` for people, in order of weight, masked.

    `factors` are all features that moved the score, the weightiest first: the logit is the model's bias
    and the sum of strength x weight.
    """

    score: float
    severity: Severity
    leak_class: LeakClass
    doc_type: str | None
    reasons: tuple[str, ...]
    alert: bool
    factors: tuple[Factor, ...] = ()


def assess(findings: Sequence[Finding], *, threshold: float | None = None) -> Assessment:
    """Judge all findings of one post; alert when the score reaches `threshold` (the balanced one). Pure."""
    features, weighing = _weighed(findings)
    score = max(score_of(features, weighing), features["register"])
    alert = score >= (weighing.thresholds["balanced"] if threshold is None else threshold)
    leak_class = _leak_class(findings, features, alert)
    return Assessment(
        score=round(score, 4),
        severity=_severity(findings, features, leak_class) if alert else "none",
        leak_class=leak_class,
        doc_type=_document(findings),
        reasons=_reasons(findings, features, weighing),
        alert=alert,
        factors=_factors(features, weighing),
    )


def _weighed(findings: Sequence[Finding]) -> tuple[Mapping[str, float], Model]:
    """The features and the model of the higher score: of everything, or of the author's words alone.

    Somebody may tell a secret under a picture of a sunset.
    """
    features = features_of(findings)
    if not has_picture(findings):
        return features, words_model()
    typed = features_of([f for f in findings if f.explanation.facts.get("origin") == "post"])
    typed["register"] = features["register"]
    ways = ((features, model()), (typed, words_model()))
    return max(ways, key=lambda way: score_of(*way))


def score_of(features: Mapping[str, float], weighing: Model) -> float:
    """The model's probability, 0 to 1, that these features are a leak's."""
    logit = weighing.bias + sum(weight * features[name] for name, weight in weighing.weights.items())
    return 1 / (1 + math.exp(-logit))


def _factors(features: Mapping[str, float], weighing: Model) -> tuple[Factor, ...]:
    factors = [
        Factor(name, round(features[name], 3), weight)
        for name, weight in weighing.weights.items()
        if round(features[name], 3) and weight
    ]
    return tuple(sorted(factors, key=lambda factor: -abs(factor.strength * factor.weight)))


def _document(findings: Sequence[Finding]) -> str | None:
    documents = by_kind(findings, "document_type")
    best = max(documents, key=lambda finding: finding.score, default=None)
    return str(best.explanation.facts["type"]) if best else None


def _leak_class(findings: Sequence[Finding], features: Mapping[str, float], alert: bool) -> LeakClass:
    if not alert:
        filters = by_kind(findings, "filter")
        best = max(filters, key=lambda finding: finding.score, default=None)
        return _CLASSES.get(str(best.explanation.facts["filter"]), "unknown") if best else "unknown"
    if count_people(findings) >= _LIST:
        return "staff_or_list"
    if features["claim_own"] and not features["claim_third_party"]:
        return "own_record"
    return "patient_record"


def _severity(findings: Sequence[Finding], features: Mapping[str, float], leak_class: LeakClass) -> Severity:
    if canaries(findings):
        return "critical"
    if leak_class == "own_record":
        return "low"
    if count_people(findings) > 1 or _has_credential(findings):
        return "critical"
    named = features["number_labelled"] > 0 or (features["name"] > 0 and features["birth"] > 0)
    known = bool(by_kind(findings, "register_match"))
    return "high" if known or (named and features["care"] >= _RECORD) else "medium"


def _has_credential(findings: Sequence[Finding]) -> bool:
    return bool(by_kind(findings, *_CREDENTIALS))


def _reasons(findings: Sequence[Finding], features: Mapping[str, float], weighing: Model) -> tuple[str, ...]:
    """One sentence for each feature that counted; the sums (person, care, exposure) are not repeated."""
    weights = weighing.weights
    moved = {name: abs(weights[name] * features[name]) for name in weights if name in _SENTENCES}
    ordered = sorted(moved, key=lambda name: -moved[name])
    told = [_SENTENCES[name](findings) for name in ordered if moved[name] >= _MENTIONED]
    told = [*_registered(findings), *told]
    return tuple(dict.fromkeys(sentence for sentence in told if sentence))


def _registered(findings: Sequence[Finding]) -> list[str]:
    """What the registers say, canaries first: it stands before all that is weighed."""
    matches = sorted(by_kind(findings, "register_match"), key=lambda finding: -finding.score)
    return [match.explanation.why for match in matches]


def _number(findings: Sequence[Finding], *, labelled: bool) -> str:
    numbers = [f for f in findings if is_patient_number(f) and is_labelled(f) == labelled]
    return _shown(numbers)


def _shown(findings: Sequence[Finding]) -> str:
    """The strongest finding's explanation with its masked value."""
    best = max(findings, key=lambda finding: finding.score, default=None)
    return f"{best.explanation.why} ({best.masked})" if best else ""


def _listed(findings: Sequence[Finding], what: str) -> str:
    words = list(dict.fromkeys(f.masked for f in sorted(findings, key=lambda f: -f.score)))
    return f"{what}: {', '.join(words[:4])}" if words else ""


def _terms(findings: Sequence[Finding]) -> str:
    terms = by_kind(findings, "clinical_term")
    doses = sum(term.explanation.facts.get("group") == "dose" for term in terms)
    named = [term for term in terms if term.explanation.facts.get("group") != "dose"]
    told = [_listed(named, "clinical terms"), f"{doses} doses of medicines" if doses > 1 else ""]
    return "; ".join(sentence for sentence in told if sentence)


def _against(findings: Sequence[Finding]) -> str:
    filters = sorted(by_kind(findings, "filter"), key=lambda f: -f.score)[:2]
    return "speaks against a leak: " + "; ".join(f.explanation.why for f in filters) if filters else ""


def _people(findings: Sequence[Finding]) -> str:
    people = count_people(findings)
    return f"{people} patients in one post" if people > 1 else ""


def _claim(findings: Sequence[Finding], side: str) -> str:
    claims = [f for f in by_kind(findings, "claim") if f.explanation.facts.get("side") == side]
    return claims[0].explanation.why if claims else ""


_SENTENCES = {
    "people": _people,
    "number_labelled": lambda f: _number(f, labelled=True),
    "number_unlabelled": lambda f: _number(f, labelled=False),
    "number_misread": lambda f: _shown([n for n in by_kind(f, *PATIENT_NUMBERS) if n.valid is False]),
    "birth": lambda f: _shown(by_kind(f, "date_of_birth")),
    "age": lambda f: _shown(by_kind(f, "age")),
    "disclosure": lambda f: "a person is named and what ails them is told",
    "name": lambda f: _shown(by_kind(f, "person_name")),
    "name_weak": lambda f: _shown(by_kind(f, "person_name")),
    "home": lambda f: _shown(
        [p for p in by_kind(f, "address", "postcode") if p.explanation.facts.get("role") == "person"]
    ),
    "local_number": lambda f: _shown(by_kind(f, "hospital_number", "lab_number")),
    "care_number": lambda f: _shown(care_numbers(f)),
    "nino": lambda f: _shown(by_kind(f, "nino")),
    "registered": lambda f: _shown(by_kind(f, *REGISTERED)),
    "codes": lambda f: _listed(by_kind(f, *CODES), "clinical codes"),
    "document": lambda f: _shown_why(by_kind(f, "document_type")),
    "headings": lambda f: _listed(by_kind(f, "clinical_heading"), "record headings"),
    "filled": lambda f: _listed(
        [h for h in by_kind(f, "clinical_heading") if h.explanation.facts.get("filled")],
        "filled-in fields of a record",
    ),
    "terms": _terms,
    "template": lambda f: _shown_why(by_kind(f, "template")),
    "sender": lambda f: _shown_why(by_kind(f, "letterhead")),
    "marking": lambda f: _shown_why(by_kind(f, "marking")),
    "claim_third_party": lambda f: _claim(f, "third_party"),
    "claim_own": lambda f: _claim(f, "own"),
    "worded_telling": lambda f: _shown_why(by_kind(f, "wording")),
    "worded_plain": lambda f: _shown_why(by_kind(f, "wording")),
    "against": _against,
    "against_surely": _against,
}
"""How each feature is told to a reviewer."""


def _shown_why(findings: Sequence[Finding]) -> str:
    best = max(findings, key=lambda finding: finding.score, default=None)
    return best.explanation.why if best else ""
