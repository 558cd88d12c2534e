"""A post's row in the manifest: the fields of the reading and alerting benchmarks, and a few more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.corpus.base import NUMBER_KINDS, Layout
from benchmarks.corpus.captures import difficulty
from benchmarks.corpus.legible import Reading
from benchmarks.synth.documents import Exposure
from benchmarks.synth.numbers import passes, ten_digit_numbers
from benchmarks.synth.people import Person
from benchmarks.synth.scenes import Mark

_WORDS = {"zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
          "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip
_WORD = re.compile(r"\b(" + "|".join(_WORDS) + r")\b", re.IGNORECASE)
_DOUBLE = re.compile(r"\b(double|triple)\s+(\d)", re.IGNORECASE)


def digits(text: str) -> str:
    """All digits of a text in their order: figures of any script or shape, and figures spelt out."""
    plain = _WORD.sub(lambda m: _WORDS[m[1].lower()], unicodedata.normalize("NFKC", text))
    plain = _DOUBLE.sub(lambda m: m[2] * (2 if m[1].lower() == "double" else 3), plain)
    return "".join(str(unicodedata.digit(c)) for c in plain if unicodedata.digit(c, None) is not None)


def shows(text: str, number: str) -> bool:
    """Whether a careful reader finds the number in a text, however it is spelt."""
    return number in digits(text)


def row(
    identifier: str,
    layout: Layout,
    text: str,
    readable: str,
    exposure: Exposure | None,
    *,
    printed: Sequence[Mark] = (),
    read: Sequence[Reading] = (),
    marks: Sequence[Mark] = (),
    picture: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The row. `printed` are the page's marks, `read` its numbers in the picture, `marks` all marks there."""
    people = exposure.people if exposure and layout.label == "leak" else ()
    legible, hidden, scheme = _numbers(people, text, printed, read)
    decoys = sorted(ten_digit_numbers(readable) - {p.nhs_number for p in people})
    heights = [r.height for r in read if r.legible]
    return {
        "id": identifier, "file": None, "post_text": text, "label": layout.label, "category": layout.category,
        "leak_class": layout.leak_class, "nhs_numbers": legible, "nhs_numbers_illegible": hidden,
        "legible": bool(legible) if people else None, "id_scheme": scheme,
        "names": [p.name for p in people], "dob": [p.born.isoformat() for p in people],
        "doc_type": exposure.doc_type if exposure else layout.category,
        "organisation": exposure.organisation if exposure else None, "decoy_numbers": decoys,
        "decoys_passing_mod11": [n for n in decoys if passes(n)], "capture": "text",
        "digit_height_px": round(min(heights), 1) if heights else None,
        "difficulty": difficulty(picture["capture"]) if picture else "easy" if legible else "medium",
        "number_boxes": [_box(r) for r in read] if people else [],
        "personal_data_boxes": [{"kind": m.kind, "quad": m.quad} for m in marks] if people else [],
        "layout": layout.name, "split": layout.split,
        **(picture or {}),
    }  # fmt: skip


def _box(reading: Reading) -> dict[str, Any]:
    return {"n": digits(reading.mark.text), "quad": reading.mark.quad, "legible": reading.legible}


def _numbers(
    people: Sequence[Person], text: str, printed: Sequence[Mark], read: Sequence[Reading]
) -> tuple[list[str], list[str], str | None]:
    legible, hidden, scheme = [], [], None
    for person in people:
        number = person.nhs_number
        kinds = [m.kind for m in printed if m.kind in NUMBER_KINDS and shows(m.text, number)]
        seen = any(r.legible for r in read if shows(r.mark.text, number))
        if seen or shows(text, number):
            legible.append(number)
        elif kinds:
            hidden.append(number)
        if kinds or shows(text, number):
            scheme = NUMBER_KINDS[kinds[0]] if kinds else _scheme(text)
    return legible, hidden, scheme


def _scheme(text: str) -> str:
    if re.search(r"\bCHI\b", text):
        return "chi"
    return "hc" if re.search(r"\bH\s*(&|and)\s*C\b|\bHCN\b", text, re.IGNORECASE) else "nhs"
