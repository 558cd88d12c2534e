"""Registered templates on a labelled folder: recall by capture, false matches, cost, beside plain hashes.

The folder holds `templates.json` (a list of {"template": file, "registered_as"}), the pictures in
`templates/` and `images/`, and a `manifest.jsonl` of {"file", "template" or null, "capture", "class"}. A
positive counts when its own template is the one that is told.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import imagehash
import numpy as np
from PIL import Image

from detectors.base import Content, DetectorError, Pixels, TextReader
from detectors.image import decode
from detectors.local_features import Features
from detectors.pdq import pdq
from detectors.templates import Template, TemplateBank, TemplateSaid, learn, match
from monitor.benchmark.statistics import Share
from monitor.errors import InvalidInput

Half = Literal["first", "second", "all"]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "easy": ("clean", "jpeg720", "jpeg540", "rot", "rot90", "top", "photo_mild", "overlay"),
    "hard photo, dark": ("photo_hard", "dark"),
    "moire": ("moire",),
    "app screenshot": ("ui",),
    "small crop": ("crop_s",),
    "large crop": ("crop_l",),
    "close": ("photo_close",),
    "body": ("body",),
}
TARGETS = dict(zip(GROUPS, (0.97, 0.95, 0.92, 0.85, 0.65, 0.40, 0.65, 0.45), strict=True))
PHASH_RADIUS, PDQ_RADIUS = 10, 31
"""Bits of 64, as imagehash's documentation suggests, and of 256, as PDQ's authors publish."""
_SISTERS = "neghard"
_FLIPPED = 31
"""Of 256 bits, as photographs do."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One picture and its truth; `template` None: it shows none of the registered ones."""

    file: Path
    template: str | None
    capture: str
    kind: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one picture: the template and level, what plain hashes say, CPU milliseconds.

    `failed` says why nothing was: a capture of a template is missed then, and another picture not counted.
    """

    capture: Capture
    template: str | None = None
    level: str | None = None
    phash: str | None = None
    pdq: str | None = None
    milliseconds: float = 0.0
    failed: str | None = None

    @property
    def right(self) -> bool:
        """Whether the picture's own template was told."""
        return self.template is not None and self.template == self.capture.template


@dataclass(frozen=True)
class Corpus:
    """A folder's templates and pictures."""

    folder: Path
    templates: tuple[Mapping[str, Any], ...]
    captures: tuple[Capture, ...]

    @classmethod
    def read(cls, folder: Path, half: Half = "all") -> Corpus:
        """Read a folder; of one half of its templates, only their own captures. Raises InvalidInput."""
        try:
            listed = json.loads((folder / "templates.json").read_text("utf-8"))
            lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
            rows = [json.loads(line) for line in lines if line.strip()]
            chosen = _half(listed, half)
            names = {Path(each["template"]).stem for each in chosen}
            captures = [
                Capture(folder / "images" / r["file"], r["template"], r.get("capture") or "clean", r["class"])
                for r in rows
                if r.get("template", None) in {None, *names}
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"{folder} is not a folder of templates and captures ({type(error).__name__}):"
                " it needs templates.json, manifest.jsonl, templates/ and images/."
            ) from None
        return cls(folder, tuple(chosen), tuple(captures))

    def learn(self, reader: TextReader) -> list[Template]:
        """The folder's templates, learned."""
        return [
            learn(
                [_pixels(self.folder / "templates" / each["template"])],
                TemplateSaid(Path(each["template"]).stem, filled=each.get("registered_as") != "blank"),
                reader,
            ).template
            for each in self.templates
        ]


def _half(listed: Sequence[Mapping[str, Any]], half: Half) -> Sequence[Mapping[str, Any]]:
    middle = len(listed) // 2
    return {"first": listed[:middle], "second": listed[middle:], "all": listed}[half]


class PlainHashes:
    """What imagehash's phash and PDQ alone would tell, at their published radii."""

    def __init__(self, corpus: Corpus) -> None:
        pages = {
            Path(t["template"]).stem: corpus.folder / "templates" / t["template"] for t in corpus.templates
        }
        self._known = {name: _hashes(_pixels(path)) for name, path in pages.items()}

    def nearest(self, pixels: Pixels) -> tuple[str | None, str | None]:
        """The nearest template within the radius, by phash and by PDQ."""
        own = _hashes(pixels)
        found = []
        for which, radius in ((0, PHASH_RADIUS), (1, PDQ_RADIUS)):
            distance = {
                name: int(np.count_nonzero(own[which] != other[which])) for name, other in self._known.items()
            }
            best = min(distance, key=lambda name: distance[name])
            found.append(best if distance[best] <= radius else None)
        return found[0], found[1]


def _hashes(pixels: Pixels) -> tuple[Any, Any]:
    small = Image.fromarray(pixels)
    small.thumbnail((512, 512))
    return imagehash.phash(small).hash.ravel(), pdq(np.asarray(small))[0]


def crowd(templates: Sequence[Template], count: int) -> list[Template]:
    """The templates among others up to `count`, each with half of a real one's features, a little changed."""
    random = np.random.default_rng(1)
    made = list(templates)
    for number in range(count - len(templates)):
        model = templates[number % len(templates)]
        bits = np.unpackbits(model.features.descriptors, axis=1)
        own = random.permutation(len(bits)) < len(bits) // 2
        bits[own] = random.integers(0, 2, (int(own.sum()), bits.shape[1]), dtype=np.uint8)
        bits[~own] ^= random.integers(0, 256, (int((~own).sum()), bits.shape[1]), dtype=np.uint8) < _FLIPPED
        features = Features(model.features.points, np.packbits(bits, axis=1))
        phash, pdq = random.bytes(32).hex(), random.bytes(32).hex()
        facts = replace(model.facts, name=f"other-{number}", phash=phash, pdq=pdq)
        made.append(Template(facts, features, model.picture))
    return made


def measure(
    corpus: Corpus, reader: TextReader, *, count: int, every: int = 1, tick: Callable[[], None] = lambda: None
) -> TemplateReport:
    """Match every `every`th picture of a folder among `count` templates; one that cannot be is a failure."""
    bank = TemplateBank.of(crowd(corpus.learn(reader), count))
    plain = PlainHashes(corpus)
    chosen = corpus.captures[::every]
    if chosen:
        _tried(chosen[0], bank, plain, reader)  # whatever loads with the first picture is loaded now
    told = []
    for capture in chosen:
        told.append(_tried(capture, bank, plain, reader))
        tick()
    return TemplateReport(tuple(told), len(bank), bank.nbytes)


def _tried(capture: Capture, bank: TemplateBank, plain: PlainHashes, reader: TextReader) -> Told:
    try:
        return _tell(capture, bank, plain, reader)
    except (DetectorError, OSError) as error:
        return Told(capture, failed=f"{type(error).__name__}: {error}")


def _tell(capture: Capture, bank: TemplateBank, plain: PlainHashes, reader: TextReader) -> Told:
    pixels = _pixels(capture.file)
    content = Content(reader.read(pixels), pixels)
    started = time.process_time()
    found = [each for each in match(content, bank) if each.level is not None]
    spent = (time.process_time() - started) * 1000
    phash, pdq = plain.nearest(pixels)
    if not found:
        return Told(capture, None, None, phash, pdq, spent)
    return Told(capture, found[0].facts.name, found[0].level, phash, pdq, spent)


def _pixels(path: Path) -> Pixels:
    return decode(path.read_bytes()).pages[0].pixels


@dataclass(frozen=True)
class TemplateReport:
    """What was told of every picture, and the tables made of it."""

    told: tuple[Told, ...]
    templates: int
    nbytes: int
    """Of the file that workers map."""

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Told]]:
        found: dict[str, list[Told]] = defaultdict(list)
        for each in self.told:
            if each.failed and not each.capture.template:
                continue
            found["own" if each.capture.template else each.capture.kind].append(each)
        return found

    def recall(self) -> Iterator[list[str]]:
        """A row for each kind of capture: its own template told, confirmed, by phash, by PDQ, wanted."""
        own = self._by_kind["own"]
        for name, captures in GROUPS.items():
            rows = [each for each in own if each.capture.capture in captures]
            if rows:
                yield [name, *_shares(rows), f"{TARGETS[name]:.2f}"]
        yield ["all", *_shares(own), ""]

    def false_matches(self) -> Iterator[list[str]]:
        """A row for each kind of other picture: any match, trust_confirmed, by phash, by PDQ."""
        others = {kind: rows for kind, rows in self._by_kind.items() if kind != "own"}
        plain = [each for kind, rows in others.items() if kind != _SISTERS for each in rows]
        tables = [(kind, rows) for kind, rows in sorted(others.items())]
        for kind, rows in [*tables, ("all but other organisations' letters", plain)]:
            if rows:
                name = "other organisations' letters" if kind == _SISTERS else kind
                yield [
                    name,
                    _share(sum(each.level is not None for each in rows), len(rows)),
                    _share(sum(each.level == "trust_confirmed" for each in rows), len(rows)),
                    _share(sum(each.phash is not None for each in rows), len(rows)),
                    _share(sum(each.pdq is not None for each in rows), len(rows)),
                ]

    def cost(self) -> tuple[float, float]:
        """CPU milliseconds a picture, without reading it: median and 99th percentile."""
        spent = [each.milliseconds for each in self.told if not each.failed] or [0.0]
        return float(np.percentile(spent, 50)), float(np.percentile(spent, 99))

    def wrong(self) -> Iterator[str]:
        """Failures, positives whose own template was not told, and confirmed matches of others."""
        for each in self.told:
            if each.failed:
                yield f"failed: {each.capture.file.name} ({each.failed})"
            elif each.capture.template and not each.right:
                yield f"missed: {each.capture.file.name} ({each.template or 'nothing told'})"
            elif not each.capture.template and each.level == "trust_confirmed":
                yield f"falsely confirmed: {each.capture.file.name} ({each.template})"

    def summary(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "templates": self.templates,
            "recall": list(self.recall()),
            "false_matches": list(self.false_matches()),
            "milliseconds": self.cost(),
            "bytes": self.nbytes,
            "wrong": list(self.wrong()),
        }


def _shares(rows: Sequence[Told]) -> list[str]:
    sure = sum(each.right and each.level == "trust_confirmed" for each in rows)
    phash = sum(each.phash == each.capture.template for each in rows)
    pdq = sum(each.pdq == each.capture.template for each in rows)
    return [_share(hits, len(rows)) for hits in (sum(each.right for each in rows), sure, phash, pdq)]


def _share(hits: int, total: int) -> str:
    return str(Share(hits, total)).replace(" | ", ", ")
