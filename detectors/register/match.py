"""When a page shows somebody of a register.

A page matches by its **primary** field, a patient's number whose check digit holds, exactly as read or with
one look-alike digit exchanged where it was misread; or by at least N different **supporting** fields:
surname with date of birth and postcode with date of birth (the same date), hospital number, and a number
with two digits exchanged. What comes out names the register and its kind, and nothing of who was matched.

This runs where the keys are. Whoever decodes or reads pictures in another process does not hold them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from detectors.base import Explanation, Finding
from detectors.register.candidates import Candidate, candidates_of
from detectors.register.fields import Field, digest
from detectors.register.table import Table

NAME, VERSION, KIND = "register", "2", "register_match"
RegisterKind = Literal["patients", "staff", "canary"]

CANARY, EXACT, MISREAD, MISREAD_ALONE, SUPPORTED, SINGLE = 1.0, 0.99, 0.95, 0.7, 0.9, 0.6
"""Scores: a canary; a number as read; one with a digit exchanged, beside a supporting field or alone (a
stranger's may be taken for it); several supporting fields, or only one."""

_WHO = {"patients": "a patient", "staff": "a member of staff", "canary": "a canary record"}
_WORDS: dict[Field, str] = {
    "number": "patient's number",
    "surname_birth": "surname with date of birth",
    "postcode_birth": "postcode with date of birth",
    "hospital_number": "hospital number",
}


@dataclass(frozen=True, slots=True)
class Register:
    """One generation of a register that is in use. Without its table it cannot be asked.

    Two are equal when they say the same of themselves: the key is known by its id, the table by `stamp`.
    """

    name: str
    kind: RegisterKind
    organisation: str | None
    system: str | None
    generation: int
    key_id: str
    stamp: str
    key: bytes = field(repr=False, compare=False)
    table: Table | None = field(repr=False, compare=False)

    def told(self) -> list[Any]:
        """What an examination's signature holds of it: never the key."""
        described = [self.name, self.kind, self.organisation, self.system]
        return [*described, self.generation, self.key_id, self.stamp, self.table is not None]


def match_findings(
    findings: Sequence[Finding], registers: Sequence[Register], *, needed: int, text: str = ""
) -> list[Finding]:
    """A `register_match` for each statement of a page that is somebody's of a register.

    `text` is what all pages say, parted by form feeds.
    """
    usable = [register for register in registers if register.table is not None]
    if not usable:
        return []
    pages: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        pages[finding.page].append(finding)
    said = dict(enumerate(text.split("\f")))
    looked_for = (candidates_of(found, said.get(page, "")) for page, found in pages.items())
    return [match for candidates in looked_for for match in _match_page(candidates, usable, needed)]


def _match_page(
    candidates: Sequence[Candidate], registers: Sequence[Register], needed: int
) -> Iterator[Finding]:
    digests: dict[bytes, list[bytes]] = {}
    told: set[tuple[str, int, str]] = set()
    for register in registers:
        if register.key not in digests:
            digests[register.key] = [digest(register.key, each.message) for each in candidates]
        hits = _hits(register, candidates, digests[register.key])
        for match, place in (*_primary(register, hits), *_supporting(register, hits, needed)):
            key = (register.name, id(place), match.explanation.facts["rule"])
            if key not in told:  # the same person, by two generations of one register
                told.add(key)
                yield match


def _hits(register: Register, candidates: Sequence[Candidate], digests: Sequence[bytes]) -> list[Candidate]:
    assert register.table is not None
    return [
        candidate
        for candidate, digested in zip(candidates, digests, strict=True)
        if (candidate.finding.kind != "staff_name" or register.kind == "staff")
        and register.table.holds(candidate.field, digested)
    ]


_Placed = tuple[Finding, Finding]
"""A match, and the finding that it stands on."""


def _primary(register: Register, hits: Sequence[Candidate]) -> Iterator[_Placed]:
    supported = any(hit.field != "number" for hit in hits)
    for hit in hits:
        if hit.field == "number" and hit.doubt <= 1:
            score = EXACT if not hit.doubt else MISREAD if supported else MISREAD_ALONE
            yield _match(register, [hit], "primary", score), hit.finding


def _supporting(register: Register, hits: Sequence[Candidate], needed: int) -> Iterator[_Placed]:
    """A match for each date of birth, or for none, that enough different fields speak of."""
    dated: dict[str | None, list[Candidate]] = defaultdict(list)
    for hit in hits:
        if hit.field != "number" or hit.doubt > 1:
            dated[hit.birth].append(hit)
    undated = dated.pop(None, [])
    for group in dated.values() or [[]]:
        fields = list({hit.field: hit for hit in reversed([*group, *undated])}.values())
        if fields and len(fields) >= needed:
            yield (
                _match(register, fields, "supporting", SUPPORTED if len(fields) > 1 else SINGLE),
                fields[0].finding,
            )


def _match(register: Register, hits: Sequence[Candidate], rule: str, score: float) -> Finding:
    """What may be said: the register, never the row."""
    fields = sorted({hit.field for hit in hits}, key=list(_WORDS).index)
    misread = any(hit.doubt for hit in hits)
    place = hits[0].finding
    facts = {
        "register": register.name,
        "register_kind": register.kind,
        "organisation": register.organisation,
        "system": register.system,
        "generation": register.generation,
        "rule": rule,
        "fields": fields,
        "misread": misread,
        "origin": place.explanation.facts.get("origin"),
    }
    return Finding(
        kind=KIND,
        detector=NAME,
        version=VERSION,
        score=CANARY if register.kind == "canary" else score,
        masked=register.name,
        explanation=Explanation(_why(register, fields, misread=misread), facts),
        box=place.box,
        page=place.page,
        span=place.span,
    )


def _why(register: Register, fields: Sequence[Field], *, misread: bool) -> str:
    whose = f" of the system {register.system}" if register.system else ""
    owner = f" ({register.organisation})" if register.organisation else ""
    by = ", ".join(_WORDS[each] for each in fields)
    doubt = ", a look-alike character exchanged" if misread else ""
    return f"{_WHO[register.kind]}{whose} in the register {register.name}{owner}, by {by}{doubt}"
