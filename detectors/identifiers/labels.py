"""What stands beside a number: labels that name it a patient's, contexts that name it something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from detectors.base import Box
from detectors.normalise import Reading

Scheme = Literal["nhs", "chi", "hc"]
REACH = 40
"""Characters between a label and its number."""

_N = r"[nмv]\W?[hmn]\W?[s5$]"
_NO = r"(?:n[o0°ou]\w{0,2}\b|num\w*|nr\b|#|id\b|ident\w*)"
_LABELS: tuple[tuple[Scheme, re.Pattern[str]], ...] = (
    ("nhs", re.compile(rf"(?<![a-z]){_N}\s*+[-.:/]?\s*+(?:patient\s*+)?{_NO}|rhif\s*(?:y\s*)?g\s*i\s*g\b")),
    ("chi", re.compile(rf"(?<![a-z])c[hn][i1l!](?![a-z])(?:\s*+[-.:]?\s*+{_NO})?|community health index")),
    (
        "hc",
        re.compile(
            rf"(?<![a-z])h\s*(?:&|\+|8|and|/)\s*s?c(?![a-z])(?:\s*+[-.:]?\s*+{_NO})?|(?<![a-z])hcn(?![a-z])"
        ),
    ),
    ("hc", re.compile(rf"health\s*(?:and|&)\s*(?:social\s*)?care\s*(?:{_NO}|(?=\d))")),
)
_PATIENT = re.compile(r"(?<![a-z])(?:patients?|pt)\s?(?:no|number|id|ref|#)?[.:#\-\s]{0,3}$")
"""What stands directly before a number and says whose it is, without naming the scheme."""
_ADJACENT = re.compile(rf"(?<![a-z]){_N}(?:\s*+/\s*+chi)?\s*+[-:#=.]?\s*+$")
_CLIPPED = re.compile(r"(?:^|\n)\W{0,2}\w{0,2}u?mber\W{0,3}$")
"""The end of "NHS Number" where a picture's edge cuts the label."""
_AFTER = re.compile(rf"^[^\w\n]{{0,4}}(?:is |was )?(?:my |his |her |their |the |an )?{_N}\s*{_NO}")
_SPELLED: tuple[tuple[Scheme, str], ...] = (
    ("nhs", "nhs number"), ("nhs", "nhs no"), ("nhs", "rhif gig"),
    ("chi", "chi number"), ("chi", "chi no"), ("hc", "h&c number"), ("hc", "h&c no"),
)  # fmt: skip
_CLOSE_ENOUGH = 80.0

_OTHER = re.compile(
    r"(?<![a-z])(?:tel|telephone|phone|mob|mobile|call|ring|fax|text|sms|whats\s?app|ph|isbn|ean|upc|order|ord"
    r"|ref|reference|your ref|our ref|tracking|track|parcel|consignment|booking|ticket|pnr|invoice|inv"
    r"|receipt|account|acc|a/c|sort code|vat|utr|hmrc|tax|policy|claim|licence|mpan|mprn|meter"
    r"|customer|client|member"
    r"|membership|serial|imei|sku|item|txid|ts|transaction|auth|card|iban|bacs|payroll|microchip|chip"
    r"|company|charity|reg|seat|flight|gmc|nmc|hcpc|gphc|btc|eth)\b\s*(?:n[o0°]\w?|num\w*|id"
    r"|code|reference|#)?\W{0,3}\s*$"
)
_OTHER_NEAR = re.compile(
    r"(?<![a-z])(?:isbn|tracking|parcel|invoice|booking|order(?:ed)?|whats\s?app|ticket|utr|meter|barcode|txid)\b"
)
_COUNTRY = re.compile(r"(?:\+|(?<!\d)00)\s?\(?\d{1,3}\)?[ \-.]?(?:\(0\)[ \-.]?)?$")


@dataclass(frozen=True, slots=True)
class Context:
    """Beside one number: the scheme its label names, how it was found, and a contradicting use."""

    scheme: Scheme | None = None
    how: Literal["beside", "above", "page", "none"] = "none"
    other: str | None = None


@dataclass(frozen=True, slots=True)
class _Label:
    scheme: Scheme
    start: int
    end: int
    box: Box | None


def _page_labels(page: Reading) -> tuple[_Label, ...]:
    return page.once(_find_labels)


def _find_labels(page: Reading) -> tuple[_Label, ...]:
    return tuple(sorted(_labels_in(page), key=lambda label: label.start))


def _labels_in(page: Reading) -> Iterator[_Label]:
    for scheme, pattern in _LABELS:
        for match in pattern.finditer(page.lower):
            yield _Label(scheme, match.start(), match.end(), page.box(match.start(), match.end()))


def number_labels(page: Reading) -> list[tuple[int, int]]:
    """The spans of every patient-number label of the page."""
    return [(label.start, label.end) for label in _page_labels(page)]


def context_of(page: Reading, start: int, end: int) -> Context:
    """The label nearest to the number at `text[start:end]`, or the use that speaks against it."""
    before = page.lower[max(0, start - REACH) : start]
    label = _beside(page, start, end, before)
    other = other_use(page, start)
    if label and not (other and _COUNTRY.search(before)):
        return Context(label, "beside", None)
    if other:
        return Context(None, "none", other)
    above = _above(page, start, end)
    if above:
        return Context(above, "above")
    scheme = next((found.scheme for found in _page_labels(page)), None)
    return Context(scheme, "page" if scheme else "none")


def _beside(page: Reading, start: int, end: int, before: str) -> Scheme | None:
    row_start, _ = page.row_at(start)
    near = [
        label
        for label in _page_labels(page)
        if label.end <= start and (start - label.end <= REACH or (page.is_ocr and label.start >= row_start))
    ]
    if near and not _OTHER.search(page.lower[near[-1].end : start]):
        return near[-1].scheme
    clipped = page.is_ocr and _CLIPPED.search(page.lower[row_start:start])
    if (
        clipped
        or _ADJACENT.search(before)
        or _PATIENT.search(before)
        or _AFTER.match(page.lower[end : end + REACH])
    ):
        return "nhs"
    return _damaged_label(before) if page.is_ocr else None


def _damaged_label(before: str) -> Scheme | None:
    """A label that an engine misread: the last words before the number, compared loosely."""
    words = re.sub(r"[^\w&]+", " ", before.rsplit("\n", 1)[-1]).split()
    for size in (2, 3, 1):
        tail = " ".join(words[-size:])
        best = max(_SPELLED, key=lambda known: fuzz.ratio(tail, known[1]))
        if fuzz.ratio(tail, best[1]) >= _CLOSE_ENOUGH:
            return best[0]
    return None


def other_use(page: Reading, start: int) -> str | None:
    """The use that the words beside it give the number at `start`: a telephone, an order, a ticket."""
    before = page.lower[max(0, start - REACH) : start]
    if page.is_ocr:  # the end of the row above is another column's, or another person's
        before = before.rsplit("\n", 1)[-1]
    if _COUNTRY.search(before):
        return "telephone"
    direct = _OTHER.search(before)
    if direct:
        return direct[0].strip(" :.#\n")
    row_start, row_end = page.row_at(start)
    near = _OTHER_NEAR.search(page.lower, max(row_start, start - 60), min(row_end, start + 20))
    return near[0] if near else None


def _above(page: Reading, start: int, end: int) -> Scheme | None:
    """A column's heading or a box's caption: a label above the number that stands over it."""
    box = page.box(start, end)
    if box is None:
        return None
    over = [label for label in _page_labels(page) if label.box and stands_over(label.box, box)]
    return over[-1].scheme if over else None


def stands_over(label: Box, number: Box) -> bool:
    """Whether a label stands above a number, in its column."""
    shared = min(label.x + label.width, number.x + number.width) - max(label.x, number.x)
    return label.y + label.height <= number.y + number.height // 2 and shared >= 0.4 * min(
        label.width, number.width
    )
