"""Are copies of a letter found, and are other patients' letters on its template kept apart?

The copies are made here, of the corpus' letters, by kind of edit. Every letter is known; each copy runs
through hashes and features, and the likeness of what these propose decides, as in triage. No number is
used: this is what the pictures alone give, and the places where a known one names somebody (`named` in the
manifest, boxes). Beside it, plain 64-bit phash at distance 4, and PDQ at 31. A wrong merge counts wherever
it comes from: an edited copy beside any other known letter, too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from detectors.base import Box, Pixels
from detectors.fingerprints import PDQ_NEAR, Fingerprint, distance, fingerprint
from detectors.leak_votes import LeakVotes, descriptors, features_of, known_features
from detectors.likeness import likeness
from detectors.local_features import page_features, reduced
from monitor.benchmark.edits import EDITS, TARGETED, edited
from monitor.benchmark.statistics import Share
from monitor.errors import InvalidInput

PHASH_NEAR = 4
Tick = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the corpus, the template it is on, what is kept of it, and where it names somebody."""

    name: str
    template: str
    page: Image.Image
    hashes: Fingerprint
    features: bytes
    named: tuple[Box, ...] | None = None


@dataclass(slots=True)
class Result:
    """Counts by kind: of copies (by edit) or of other patients' letters."""

    kind: str
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def share(self, *what: str) -> Share:
        """The share that one of these is true of; no two of them are true of one case."""
        return Share(sum(self.counts[each] for each in what), self.total)


def read_letters(corpus: Path) -> list[Letter]:
    """The letters that the manifest gives a template and a patient. Raises InvalidInput."""
    manifest = corpus / "manifest.jsonl"
    if not manifest.is_file():
        raise InvalidInput(f"The corpus {corpus} has no manifest.jsonl.")
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines() if line.strip()]
    rows = [row for row in rows if row.get("file") and row.get("template") and "patient" in row]
    if not rows:
        raise InvalidInput(f"No row of {manifest} has a file, a template and a patient.")
    return [_letter(corpus, row) for row in rows]


def _letter(corpus: Path, row: dict[str, Any]) -> Letter:
    file = corpus / row["file"]
    page = Image.open(file if file.is_file() else corpus / "images" / row["file"]).convert("RGB")
    pixels = np.asarray(page)
    named = tuple(Box(*each) for each in row["named"]) if row.get("named") else None
    features = _features(pixels)
    return Letter(row["file"], row["template"], page, fingerprint(pixels), features, named)


def _features(pixels: Pixels) -> bytes:
    grey = reduced(pixels)
    return features_of(pixels, grey, page_features(grey))


def measure(letters: Sequence[Letter], every: int, tick: Tick) -> Iterator[Result]:
    """The copies by edit, of every Nth letter, then what matters: all targeted ones, and other patients'."""
    votes = LeakVotes([each.name for each in letters], [known_features(each.features) for each in letters])
    targeted = Result("all targeted edits")
    for edit in EDITS:
        result = Result(edit)
        for letter in letters[::every]:
            seen = _copy(letter, edit, letters, votes)
            result.total += 1
            result.counts.update(seen)
            if edit in TARGETED:
                targeted.total += 1
                targeted.counts.update(seen)
            tick()
        yield result
    yield targeted
    yield _other_patients(letters)


def _copy(letter: Letter, edit: str, letters: Sequence[Letter], votes: LeakVotes) -> set[str]:
    """What is true of one copy: proposed, merged or asked about, found by a plain hash, merged wrongly."""
    pixels = edited(letter.page, edit)
    hashes = fingerprint(pixels)
    proposed = set(votes.candidates(descriptors(_features(pixels))))
    proposed |= {each.name for each in letters if _pdq_in_any_turn(hashes, each.hashes) <= PDQ_NEAR}
    verdicts = {each.name: _verdict(pixels, each) for each in letters if each.name in proposed}
    seen = {_own(verdicts.get(letter.name)), *_plain(hashes, letter.hashes)}
    if letter.name in proposed:
        seen.add("proposed")
    if any(verdict == "same" for name, verdict in verdicts.items() if name != letter.name):
        seen.add("merged wrongly")
    return seen


def _own(verdict: str | None) -> str:
    return {"same": "merged", "possible": "asked"}.get(verdict or "", "missed")


def _plain(one: Fingerprint, other: Fingerprint) -> set[str]:
    found = set()
    if distance(one.phash, other.phash) <= PHASH_NEAR:
        found.add("phash")
    if distance(one.pdq[:64], other.pdq[:64]) <= PDQ_NEAR:
        found.add("pdq")
    return found


def _verdict(pixels: Pixels, letter: Letter) -> str | None:
    found = likeness(pixels, np.asarray(letter.page), letter.named)
    return found.verdict if found else None


def _pdq_in_any_turn(hashes: Fingerprint, known: Fingerprint) -> int:
    views = [hashes.pdq[at : at + 64] for at in range(0, len(hashes.pdq), 64)]
    return min(distance(view, known.pdq[:64]) for view in views)


def _other_patients(letters: Sequence[Letter]) -> Result:
    """Each pair of letters on one template, unedited: all of them are different patients'."""
    result = Result("other patients, same template")
    for one, other in combinations(letters, 2):
        if one.template != other.template:
            continue
        result.total += 1
        result.counts[_own(_verdict(np.asarray(one.page), other))] += 1
        result.counts.update(_plain(one.hashes, other.hashes))
    return result
