"""NHS, CHI and H&C numbers in text: candidates, check digit, range, and what stands beside them.

A check digit alone never makes a patient: one random ten-digit number in eleven passes. A number scores
high when a label names it, low when nothing does, and is not reported at all in the context of a
telephone, an ISBN, an order or a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from detectors.identifiers.digits import DigitGroup, digit_groups
from detectors.identifiers.labels import Context, context_of
from detectors.identifiers.masking import mask_number
from detectors.identifiers.names import names_of
from detectors.identifiers.nearness import Span, any_near
from detectors.identifiers.numbers import PUBLISHED, PUBLISHED_CHI, is_chi, passes_modulus_11, use_of
from detectors.normalise import Match, Reading

LABELLED, ABOVE, ON_PAGE, NAMED, SPACED, COMPACT, NOBODYS = 0.97, 0.92, 0.7, 0.5, 0.35, 0.2, 0.05
DISGUISED = 0.7
MISREAD = 0.4
"""Scores: a label beside or above, on the page only; a name beside it; neither (3-3-4 or not); nobody's;
and a labelled group that fails its check digit (misread, or partly hidden)."""

_KINDS = {"nhs": "nhs_number", "chi": "chi_number", "hc": "hc_number"}
_NAMES = {"nhs_number": "NHS number", "chi_number": "CHI number", "hc_number": "H&C number"}
_SCORE_BY_PLACE = {"beside": LABELLED, "above": ABOVE, "page": ON_PAGE}
_REPAIR_COST = 0.05
_CLOSE, _CLOSE_IN_POSTS = 4, 25
"""Characters between a name and the number beside it."""


@dataclass(frozen=True)
class PatientNumbers:
    """Finds patient numbers in a reading.

    `accept_unissued` treats numbers of the never-issued 9xx ranges like issued ones; otherwise they are
    test data and belong to no patient. `chi_modulus_10` allows the newer CHI check digit.
    """

    accept_unissued: bool = False
    chi_modulus_10: bool = True

    def __call__(self, page: Reading) -> Iterator[Match]:
        """Yield a match for each number that could be a patient's."""
        for group in digit_groups(page):
            match = self.statement(group, context_of(page, group.start, group.end))
            if match:
                yield _placed(page, group, match)

    def statement(self, group: DigitGroup, context: Context) -> Match | None:
        """What is to be said of ten digits beside this context; None when they are no patient's."""
        if context.other:
            return None
        kind = self.kind_of(group.digits, context)
        return self._match(group, context, kind) if kind else _misread(group, context)

    def kind_of(self, number: str, context: Context) -> str | None:
        """The finding kind of a ten-digit number, decided by its range and its label; None if it is none."""
        use = use_of(number)
        if use == "chi":
            allowed = is_chi(number, modulus_10=self.chi_modulus_10 and context.scheme == "chi")
            return "chi_number" if allowed else None
        if not passes_modulus_11(number):
            return None
        if use == "unissued":
            return _KINDS["hc" if context.scheme == "hc" else "nhs"]
        return _KINDS.get(use)

    def _match(self, group: DigitGroup, context: Context, kind: str) -> Match:
        score, why = _weigh(group, context, _NAMES[kind])
        facts: dict[str, object] = {"label": context.how, "layout": "-".join(map(str, group.layout))}
        examples = PUBLISHED if self.accept_unissued else PUBLISHED | PUBLISHED_CHI
        if group.digits in examples:
            score, why = NOBODYS, f"{_NAMES[kind]} printed as an example in public documents"
            facts["published"] = True
        elif use_of(group.digits) == "unissued" and not self.accept_unissued:
            score, why = NOBODYS, f"{_NAMES[kind]} of a range that is never issued: test data"
            facts["unissued"] = True
        return Match(
            kind, group.start, group.end, score, mask_number(group.digits), why, group.digits, True, facts
        )


def _placed(page: Reading, group: DigitGroup, match: Match) -> Match:
    """The match, once it is known that the number was disguised or whose it is."""
    if match.score < DISGUISED and _is_disguised(page, group):
        return _raised(match, DISGUISED, "written so that no search finds it")
    if match.score < NAMED and _beside_name(page, group):
        return _raised(match, NAMED, "beside a person's name")
    return match


def _is_disguised(page: Reading, group: DigitGroup) -> bool:
    """Whether somebody typed the digits full-width, circled, as keycaps or with invisible signs between."""
    if page.is_ocr:
        return False
    typed = page.layer.text[page.offsets[group.start] : page.offsets[group.end - 1] + 1]
    return not typed.replace("\u00a0", " ").replace("\u2013", "-").isascii()


def _beside_name(page: Reading, group: DigitGroup) -> bool:
    """Whether a person's name ends right before the number or starts right after it."""
    close = _CLOSE if page.is_ocr else _CLOSE_IN_POSTS
    return any_near(page.once(_name_spans), group.start, group.end, close)


def _name_spans(page: Reading) -> list[Span]:
    return sorted((name.start, name.end) for name in names_of(page) if name.kind == "person_name")


def _raised(match: Match, score: float, why: str) -> Match:
    """The match with more weight; an example or a test number stays nobody's."""
    if not match.valid or match.facts.get("published") or match.facts.get("unissued"):
        return match
    return replace(match, score=score, why=f"{_NAMES[match.kind]} {why}")


def _weigh(group: DigitGroup, context: Context, name: str) -> tuple[float, str]:
    if context.how in _SCORE_BY_PLACE:
        place = {
            "beside": "with its label",
            "above": "under its label",
            "page": "label elsewhere on the page",
        }
        return _SCORE_BY_PLACE[context.how] - _REPAIR_COST * group.repairs, f"{name} {place[context.how]}"
    spaced = group.layout == (3, 3, 4)
    score = (SPACED if spaced else COMPACT) - _REPAIR_COST * group.repairs
    return max(score, NOBODYS), f"{name} by its check digit alone, no label near"


def _misread(group: DigitGroup, context: Context) -> Match | None:
    """A labelled group that fails: a patient's number misread, so shown but never given as a number."""
    if context.how not in ("beside", "above") or context.scheme is None:
        return None
    if group.digits in PUBLISHED or len(set(group.digits)) == 1:
        return None
    kind = _KINDS[context.scheme]
    why = f"labelled {_NAMES[kind]} that fails its check digit: misread, mistyped or partly hidden"
    facts = {"label": context.how}
    return Match(
        kind, group.start, group.end, MISREAD, mask_number(group.digits), why, group.digits, False, facts
    )


def pass_rate(page: Reading) -> tuple[int, int]:
    """How many ten-digit groups of a page have no label beside them, and how many of those pass."""
    bare = [g for g in digit_groups(page) if context_of(page, g.start, g.end).how not in ("beside", "above")]
    return len(bare), sum(passes_modulus_11(group.digits) for group in bare)
