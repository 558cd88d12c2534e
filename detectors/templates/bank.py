"""All registered templates together, as matching needs them: facts, features, the index, the pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detectors.base import DetectorError
from detectors.local_features import Features
from detectors.pairing import Points
from detectors.templates.arrays import Array, open_arrays, save_arrays
from detectors.templates.base import Template, TemplateFacts
from detectors.templates.corners import WIDTH
from detectors.templates.hashes import HashTable
from detectors.templates.index import FeatureIndex, build_index, votes
from detectors.templates.letterhead import distinctive_words
from detectors.templates.packing import pack_points, unpack_points
from detectors.templates.proposing import WEIGHED, Proposal, proposal

FORM = 2
_KEPT = 64
"""Templates whose picture stays decoded in a worker."""


@dataclass(frozen=True, slots=True)
class BankFile:
    """Where a bank lies, and the digest of what it was made of: equal digests match alike."""

    path: str
    digest: str


class TemplateBank:
    """Registered templates, indexed. Build it with `of`, or map a saved one with `open`."""

    def __init__(self, facts: Sequence[TemplateFacts], arrays: dict[str, Array]) -> None:
        self.facts = tuple(facts)
        self._arrays = arrays
        self._hashes = HashTable(self.facts)
        self._index = FeatureIndex(arrays["bits"], arrays["starts"], arrays["members"])
        self.template = lru_cache(maxsize=_KEPT)(self._template)

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def nbytes(self) -> int:
        """How large its file is, but for the facts."""
        return sum(array.nbytes for array in self._arrays.values())

    @property
    def hashes(self) -> HashTable:
        """The whole-page hashes of every template."""
        return self._hashes

    def candidates(self, features: Features, count: int) -> dict[int, Proposal]:
        """The `count` templates a picture's features speak most for, the likeliest first, by number."""
        if not len(features) or not len(self):
            return {}
        pairs = self._index.near(features.descriptors, self._arrays["descriptors"])
        whose = np.searchsorted(self._arrays["first"], pairs.stored, side="right") - 1
        cast = votes(pairs.asked, whose, len(self))
        voted = [int(n) for n in np.argsort(-cast, kind="stable")[:WEIGHED] if cast[n]]
        made = {n: proposal(features.points, pairs.chosen(whose == n), self._places) for n in voted}
        found = {n: each for n, each in made.items() if each}
        best = sorted(found, key=lambda n: -found[n].weight)[:count]
        return {n: found[n] for n in best}

    def _places(self, numbers: npt.NDArray[np.intp]) -> Points:
        return unpack_points(self._arrays["points"][numbers])

    def _template(self, number: int) -> Template:
        first, last = self._arrays["first"][number : number + 2]
        points = unpack_points(self._arrays["points"][first:last])
        features = Features(points, np.asarray(self._arrays["descriptors"][first:last]))
        start, end = self._arrays["picture_first"][number : number + 2]
        return Template(self.facts[number], features, self._arrays["pictures"][start:end].tobytes())

    @classmethod
    def of(cls, templates: Sequence[Template]) -> TemplateBank:
        """A bank in memory."""
        words = distinctive_words([template.facts for template in templates])
        facts = [replace(t.facts, words=own) for t, own in zip(templates, words, strict=True)]
        descriptors = _joined([t.features.descriptors for t in templates], (0, WIDTH), np.uint8)
        index = build_index(descriptors)
        counts = [len(t.features) for t in templates]
        arrays: dict[str, Array] = {
            "descriptors": descriptors,
            "points": _joined([pack_points(t.features) for t in templates], (0, 2), np.uint16),
            "first": _running(counts),
            "pictures": np.frombuffer(b"".join(t.picture for t in templates), np.uint8),
            "picture_first": _running([len(t.picture) for t in templates]),
            "bits": index.bits,
            "starts": index.starts,
            "members": index.members,
        }
        return cls(facts, arrays)

    def save(self, path: Path) -> None:
        """Write the bank to a file that `open` maps."""
        facts = {"form": FORM, "templates": [each.to_json() for each in self.facts]}
        save_arrays(path, self._arrays, facts)

    @classmethod
    def open(cls, path: Path) -> TemplateBank:
        """A saved bank, mapped. Raises ValueError, OSError."""
        arrays, facts = open_arrays(path)
        return cls([TemplateFacts.from_json(each) for each in facts["templates"]], arrays)


class BankUnreadable(DetectorError):
    """The file that holds the templates is gone or damaged; it is made anew for the next file."""


@lru_cache(maxsize=2)
def open_bank(file: BankFile | None) -> TemplateBank:
    """The bank in a file, mapped once in a process; an empty one for None. A damaged file is removed.

    Raises BankUnreadable.
    """
    if file is None:
        return TemplateBank.of(())
    try:
        return TemplateBank.open(Path(file.path))
    except (OSError, ValueError, KeyError) as error:
        Path(file.path).unlink(missing_ok=True)
        raise BankUnreadable("The file of the templates cannot be read; it is made anew.") from error


def bank_digest(parts: Sequence[bytes]) -> str:
    """The digest of a bank made of these packed templates (or of their digests), in this order."""
    whole = hashlib.sha256(b"%d" % FORM)
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:32]


def _joined(parts: Sequence[Array], empty: tuple[int, int], kind: type) -> Array:
    return np.concatenate(parts) if parts else np.empty(empty, kind)


def _running(counts: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.asarray(counts, np.int64)))).astype(np.int64)
